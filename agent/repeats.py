"""Repeats without effect: the same action on the same screen, again and again."""

from __future__ import annotations

from collections import deque

import numpy as np

from handeye.envs.actions import Action
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

CARET = (4, 80)
"""A change at most this wide and high, in pixels, is a blinking caret and not an effect."""


def changed_box(before: Pixels, after: Pixels) -> Box | None:
    """The smallest rectangle that holds every pixel in which two pictures differ, or None if they are alike.

    Pictures of different sizes differ everywhere.
    """
    if before.shape != after.shape:
        return Box(0, 0, after.shape[1], after.shape[0])
    if np.array_equal(before, after):
        return None
    red, green, blue = np.moveaxis(before != after, 2, 0)
    differs = red | green | blue
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def same_screen(before: Pixels, after: Pixels) -> bool:
    """Whether two pictures show the same, a blinking caret left out."""
    box = changed_box(before, after)
    return box is None or (before.shape == after.shape and box.width <= CARET[0] and box.height <= CARET[1])


class RepeatGuard:
    """Counts how often each action was taken on the same screen, so that cycles of several steps count too."""

    def __init__(self, stop_at: int = 4, memory: int = 32) -> None:
        """Stop at the `stop_at`-th time; advice begins two times earlier (a `wait` has three times that patience).

        The last `memory` pairs of action and screen are remembered.
        """
        self._stop_at = stop_at
        self._seen: deque[tuple[Action, Pixels, int]] = deque(maxlen=memory)

    def note(self, action: Action, screen: Pixels) -> int:
        """Count `action` on `screen` and say how many times it has now been taken there."""
        for position, (known, picture, count) in enumerate(self._seen):
            if known == action and same_screen(picture, screen):
                del self._seen[position]
                self._seen.append((action, picture, count + 1))
                return count + 1
        self._seen.append((action, screen, 1))
        return 1

    def advice(self, action: Action, count: int) -> str:
        """What to tell the model after the `count`-th time; empty when there is nothing to say."""
        if count < max(2, self._stop_at - 2) * self._patience(action):
            return ""
        return (
            f"You have taken the same action {count} times on the same screen and it changed nothing that lasted. "
            "Do something else: another target, another way, or end the task as failed if there is none."
        )

    def exhausted(self, action: Action, count: int) -> bool:
        """Whether it is time to stop instead of taking the action for the `count`-th time."""
        return count >= self._stop_at * self._patience(action)

    @staticmethod
    def _patience(action: Action) -> int:
        return 3 if action.type == "wait" else 1
