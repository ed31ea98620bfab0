"""What a finger does where a model names no point: scrolling in a direction, said as a swipe."""

from __future__ import annotations

from handeye.envs.actions import Action, Scroll, Swipe
from handeye.tools.device import Direction
from handeye.tools.geometry import Point, Size

OPPOSITE: dict[Direction, Direction] = {"up": "down", "down": "up", "left": "right", "right": "left"}
_STEP: dict[Direction, tuple[int, int]] = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_SHARE = 0.4
"""Of the screen's side, travelled by the finger."""


def finger(size: Size, direction: Direction, start: Point | None = None) -> Swipe:
    """A swipe towards `direction` (the finger's, not the content's) from `start`, or across the middle of a screen of `size`."""
    across, down = _STEP[direction]
    far = (round(size.width * _SHARE) * across, round(size.height * _SHARE) * down)
    if start is None:
        start = Point(size.width // 2 - far[0] // 2, size.height // 2 - far[1] // 2)
    start = start.clamped(size)
    return Swipe(start=start, end=Point(start.x + far[0], start.y + far[1]).clamped(size))


def by_touch(action: Action, size: Size, types: frozenset[str]) -> Action:
    """`action`, or the swipe that brings the same content into view where the environment can swipe and cannot scroll."""
    if isinstance(action, Scroll) and "scroll" not in types and "swipe" in types:
        return finger(size, OPPOSITE[action.direction], action.point)
    return action
