"""A stop for the person whose screen is worked on: the pointer thrown into a corner.

pyautogui's own fail-safe stays raised for as long as the pointer is in the corner, and cannot tell who put it there: one click of a
model at (0, 0) blocks everything from then on. This one is raised once, only for a pointer that the driver did not put there itself,
and takes the pointer's place for granted afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from handeye.tools.errors import StoppedByPerson
from handeye.tools.geometry import Point

REACH = 2
"""Pixels (points on a Mac) from the corner that count as in it: some systems let the pointer stop short of it."""


class CornerStop:
    """Tells by the pointer's place whether the person wants it to end. One for each driver; places are the system's own."""

    def __init__(self, corners: Sequence[Point] = (Point(0, 0),)) -> None:
        self._corners = tuple(corners)
        self._put: Point | None = None

    def moved(self, place: Point) -> None:
        """The driver is about to put the pointer at `place`."""
        self._put = place

    def check(self, pointer: Point) -> None:
        """Raises `StoppedByPerson` when the pointer is in a corner though the driver last put it elsewhere.

        Only once: the next time is when the driver has put it elsewhere again. A driver that has not moved it yet is not stopped.
        """
        if self._put is not None and self._in_corner(pointer) and not self._in_corner(self._put):
            self._put = None
            raise StoppedByPerson("Stopped by the person, who moved the pointer into the corner of the screen.")

    def _in_corner(self, place: Point) -> bool:
        return any(abs(place.x - corner.x) <= REACH and abs(place.y - corner.y) <= REACH for corner in self._corners)
