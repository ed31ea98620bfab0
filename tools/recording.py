"""`RecordingDevice`: a pointer device in memory that writes down what it is told and shows the pictures that it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from handeye.tools.device import Button, Direction, Pixels
from handeye.tools.errors import DeviceLost, InvalidAction
from handeye.tools.geometry import Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key


@dataclass(frozen=True)
class Call:
    """One verb as it was called: its name and its arguments."""

    verb: str
    arguments: tuple[Any, ...]


class RecordingDevice:
    """A `PointerDevice` without hardware.

    `frames`: pictures (height, width, 3) uint8 RGB of one size; each verb of input shows the next, the last one stays. In place
    of frames, `draw` gives the picture when asked, from the calls so far.
    """

    def __init__(self, frames: Sequence[Pixels] = (), draw: Callable[[Sequence[Call]], Pixels] | None = None) -> None:
        if (draw is None) == (not frames):
            raise InvalidAction("give either frames or draw")
        if any(frame.shape != frames[0].shape for frame in frames):
            raise InvalidAction("all frames must have one size")
        self.calls: list[Call] = []
        self._frames = tuple(frames)
        self._draw = draw
        self._pointer = Point(0, 0)
        self._closed = False
        self._size = Size(0, 0)
        height, width = self.screenshot().shape[:2]
        self._size = Size(width, height)

    @property
    def size(self) -> Size:
        """Size of the pictures, in pixels."""
        return self._size

    @property
    def pointer(self) -> Point:
        """Where the pointer is."""
        return self._pointer

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def screenshot(self) -> Pixels:
        """The picture after the calls so far. Each one is the caller's own copy."""
        self._refuse_closed()
        if self._draw is not None:
            return np.array(self._draw(tuple(self.calls)), dtype=np.uint8)
        return np.array(self._frames[min(len(self.calls), len(self._frames) - 1)], dtype=np.uint8)

    def move(self, point: Point) -> None:
        """Move the pointer."""
        self._record("move", (point,), (point,))

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Record a click."""
        held = tuple(canonical_key(name) for name in modifiers)
        if wrong := [name for name in held if name not in MODIFIERS]:
            raise InvalidAction(f"{wrong[0]!r} is not a modifier key")
        self._record("click", (point, button, count, held, hold_s), (point,))

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Record a drag."""
        if len(path) < 2:
            raise InvalidAction("a drag needs two points at least")
        self._record("drag", (tuple(path), button, duration_s), tuple(path))

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Record a turn of the wheel."""
        self._record("scroll", (point, direction, amount), (point,))

    def type_text(self, text: str) -> None:
        """Record typed text."""
        self._record("type_text", (text,), ())

    def press_keys(self, keys: Sequence[str]) -> None:
        """Record a key or a chord."""
        self._record("press_keys", (tuple(canonical_key(key) for key in keys),), ())

    def close(self) -> None:
        """After this every other call raises `DeviceLost`."""
        self._closed = True

    def _record(self, verb: str, arguments: tuple[Any, ...], points: tuple[Point, ...]) -> None:
        self._refuse_closed()
        for point in points:
            if not point.inside(self._size):
                raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {self._size}")
        self.calls.append(Call(verb, arguments))
        if points:
            self._pointer = points[-1]

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DeviceLost("The device is closed.")
