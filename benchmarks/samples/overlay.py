"""What is drawn over a picture of a sample: target and prediction, as shapes of an SVG that stays sharp at any size.

Coordinates are pixels of the stored picture until here; a `View` is a part of that picture, and its shapes count from the part's corner.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from handeye.tools.geometry import Size

Whose: TypeAlias = Literal["target", "said"]
Corners: TypeAlias = tuple[tuple[float, float], ...]
_FAR = 1e6
"""Pixels; numbers beyond it are no place on any screen, and SVG's own arithmetic would fail on them."""
_MARGIN = 120
"""Pixels around a target in a close view, both sides together."""
_FLATTEST = 0.62
"""Height of a close view for its width, at least: beside the whole screen a strip would show little of what is around."""


@dataclass(frozen=True)
class Window:
    """A part of the stored picture, in its whole pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Area:
    """A box or polygon, its corners in pixels from the window's corner."""

    whose: Whose
    corners: Corners

    @property
    def points(self) -> str:
        """As SVG's `points` takes them."""
        return " ".join(f"{x:.2f},{y:.2f}" for x, y in self.corners)


@dataclass(frozen=True)
class Spot:
    """A point, in hundredths of the window's width and height."""

    whose: Whose
    x: float
    y: float


@dataclass(frozen=True)
class Shapes:
    """Everything that is drawn over one window."""

    areas: tuple[Area, ...]
    spots: tuple[Spot, ...]


def shapes(target: Mapping[str, Any], said: Mapping[str, Any], window: Window) -> Shapes:
    """What `target` and `said` (see `Question.target` and `Judgement.said`) draw over `window`; what is no number is left out."""
    areas, spots = list[Area](), list[Spot]()
    both: tuple[tuple[Whose, Mapping[str, Any]], ...] = (("target", target), ("said", said))
    for whose, places in both:
        for corners in areas_of(places):
            areas.append(Area(whose, tuple((x - window.left, y - window.top) for x, y in corners)))
        point = pair(places.get("point"))
        if point is not None:
            x, y = point[0] - window.left, point[1] - window.top
            if 0 <= x <= window.width and 0 <= y <= window.height:
                spots.append(Spot(whose, round(100 * x / window.width, 4), round(100 * y / window.height, 4)))
    return Shapes(tuple(areas), tuple(spots))


def areas_of(places: Mapping[str, Any]) -> list[Corners]:
    """Corners of every box and polygon in `places`."""
    found = list[Corners]()
    several = places.get("boxes")
    for box in (places.get("box"), *(several if isinstance(several, list | tuple) else ())):
        numbers = _numbers(box, 4)
        if numbers is not None:
            left, top, right, bottom = numbers
            found.append(((left, top), (right, top), (right, bottom), (left, bottom)))
    vertices = places.get("polygon")
    if isinstance(vertices, list | tuple):
        corners = [corner for corner in map(pair, vertices) if corner is not None]
        if len(corners) > 2:
            found.append(tuple(corners))
    return found


def pair(value: Any) -> tuple[float, float] | None:
    """`value` as x and y, or None for anything else."""
    numbers = _numbers(value, 2)
    return None if numbers is None else (numbers[0], numbers[1])


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    if not all(isinstance(number, int | float) and math.isfinite(number) and abs(number) <= _FAR for number in value):
        return None
    return tuple(float(number) for number in value)


def bounds(places: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of all that `places` draws; None if that is nothing."""
    corners = [corner for area in areas_of(places) for corner in area]
    point = pair(places.get("point"))
    if point is not None and not corners:
        corners.append(point)
    if not corners:
        return None
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def around(target: Mapping[str, Any], said: Mapping[str, Any], size: Size, least: tuple[int, int]) -> Window | None:
    """The part of the picture to look at closely: the target with what is around it, at least `least`, with the prediction
    if that is near, and neither flat nor narrow.

    None where there is no target, or the part would be most of the picture.
    """
    place = bounds(target)
    if place is None:
        return None
    left, top, right, bottom = place
    width, height = max(1.5 * (right - left) + _MARGIN, least[0]), max(1.5 * (bottom - top) + _MARGIN, least[1])
    near = pair(said.get("point"))
    if near is not None and abs(near[0] - (left + right) / 2) < width and abs(near[1] - (top + bottom) / 2) < height:
        left, right = min(left, near[0]), max(right, near[0])
        top, bottom = min(top, near[1]), max(bottom, near[1])
        width, height = max(width, 1.3 * (right - left)), max(height, 1.3 * (bottom - top))
    width, height = max(width, height), max(height, _FLATTEST * width)
    if width > 0.7 * size.width and height > 0.7 * size.height:
        return None
    wide, high = min(math.ceil(width), size.width), min(math.ceil(height), size.height)
    x = min(max(round((left + right) / 2 - wide / 2), 0), size.width - wide)
    y = min(max(round((top + bottom) / 2 - high / 2), 0), size.height - high)
    return Window(x, y, wide, high)


def distance(target: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """How far the predicted point lies from the nearest target box, in words; empty where one of them is missing."""
    point = pair(said.get("point"))
    areas = areas_of(target)
    if point is None or not areas:
        return ""
    gaps = []
    for corners in areas:
        across, down = zip(*corners, strict=True)
        right, below = _beyond(point[0], min(across), max(across)), _beyond(point[1], min(down), max(down))
        gaps.append((math.hypot(right, below), right, below))
    gap, right, below = min(gaps)
    if gap == 0:
        return "inside the target's bounds"
    ways = [f"{abs(right):.0f} px {'right of' if right > 0 else 'left of'}"] if abs(right) >= 0.5 else []
    ways += [f"{abs(below):.0f} px {'below' if below > 0 else 'above'}"] if abs(below) >= 0.5 else []
    return f"{' and '.join(ways) or 'less than a pixel beside'} the target"


def _beyond(value: float, low: float, high: float) -> float:
    return value - high if value > high else min(value - low, 0.0)
