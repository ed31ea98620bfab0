"""Points, sizes and boxes in whole pixels, the origin at the top left, x to the right and y down."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """Width and height in pixels. (Arrays are the other way round: height first.)"""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def area(self) -> int:
        """Pixels in all."""
        return self.width * self.height


class Point(NamedTuple):
    """A pixel: x to the right, y down, (0, 0) is the top left one."""

    x: int
    y: int

    def inside(self, size: Size) -> bool:
        """Whether a picture of `size` has this pixel."""
        return 0 <= self.x < size.width and 0 <= self.y < size.height

    def clamped(self, size: Size) -> Point:
        """The nearest pixel that a picture of `size` has."""
        return Point(min(max(self.x, 0), size.width - 1), min(max(self.y, 0), size.height - 1))

    def moved(self, dx: int, dy: int) -> Point:
        """The pixel `dx` to the right and `dy` down."""
        return Point(self.x + dx, self.y + dy)

    def distance(self, other: Point) -> float:
        """Euclidean distance in pixels."""
        return float(((self.x - other.x) ** 2 + (self.y - other.y) ** 2) ** 0.5)


class Box(NamedTuple):
    """A rectangle by its corners: `left`/`top` belong to it, `right`/`bottom` are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across; negative if the corners are the wrong way round."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down; negative if the corners are the wrong way round."""
        return self.bottom - self.top

    @property
    def center(self) -> Point:
        """The pixel in the middle, rounded down."""
        return Point((self.left + self.right) // 2, (self.top + self.bottom) // 2)

    def contains(self, point: Point) -> bool:
        """Whether `point` is one of this rectangle's pixels."""
        return self.left <= point.x < self.right and self.top <= point.y < self.bottom

    def clipped(self, size: Size) -> Box:
        """The part of this rectangle that a picture of `size` shows; empty (0 wide or high) if none."""
        left, top = min(max(self.left, 0), size.width), min(max(self.top, 0), size.height)
        return Box(left, top, max(left, min(self.right, size.width)), max(top, min(self.bottom, size.height)))

    def grown(self, by: int) -> Box:
        """The rectangle with `by` pixels more on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    @classmethod
    def around(cls, point: Point, radius: int) -> Box:
        """The square with `point` in the middle that reaches `radius` pixels to every side."""
        return cls(point.x - radius, point.y - radius, point.x + radius + 1, point.y + radius + 1)
