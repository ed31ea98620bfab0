"""Boxes and polygons, read by the convention that a copy of a benchmark states, and checked against it.

No convention is ever guessed. ScreenSpot's boxes exist as [x, y, width, height], as two corners in pixels and as two corners in
0..1; read by the wrong one, published outputs may even score higher (reading corners as width and height turns 383 of 400 into 385).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from handeye.benchmarks.grounding.loaders.reading import Unreadable
from handeye.benchmarks.grounding.sample import BoxTarget, PolygonTarget
from handeye.tools.geometry import Size

Convention: TypeAlias = Literal["xywh in pixels", "xyxy in pixels", "xyxy in 0..1"]
Corners: TypeAlias = tuple[float, float, float, float]

ENOUGH_ROWS = 10
"""From so many rows on, a file of [x, y, w, h] in which every row could be two corners is refused. Of ScreenSpot's 1272 rows 66 could."""
SLACK = 1.01
"""Pixels by which a known exception may differ when it went through 0..1."""


def read_box(numbers: Sequence[float], convention: Convention, size: Size | None, known: Sequence[Corners] = ()) -> BoxTarget:
    """The box that `numbers` mean.

    `size` is the image's, None where it is not known: then it cannot be seen that a box leaves its image. `known` are boxes, as
    corners in pixels, that leave theirs in the published data too. Raises `Unreadable` for what contradicts the convention.
    """
    if len(numbers) != 4:
        raise Unreadable(f"bbox has {len(numbers)} numbers, not 4")
    given, (first, second, third, fourth) = f"bbox {list(numbers)}", numbers
    if convention == "xywh in pixels":
        if third <= 0 or fourth <= 0:
            raise Unreadable(f"{given} has no width or height as [x, y, w, h]{_other(numbers, convention, size)}")
        corners = (first, second, first + third, second + fourth)
    elif convention == "xyxy in pixels":
        corners = (first, second, third, fourth)
    else:
        if size is None:
            raise Unreadable(f"{given} is in 0..1 and the image is not there, so its pixels are not known")
        if max(numbers) > 1.01:
            raise Unreadable(f"{given} is not in 0..1: the file is in another convention, pixels")
        corners = (first * size.width, second * size.height, third * size.width, fourth * size.height)
    left, top, right, bottom = corners
    if right <= left or bottom <= top:
        raise Unreadable(
            f"{given} cannot be {convention}: the second corner is not right of and below the first{_other(numbers, convention, size)}"
        )
    if not any(all(abs(a - b) <= SLACK for a, b in zip(corners, box, strict=True)) for box in known):
        if min(left, top) < 0:
            raise Unreadable(f"{given} has a negative corner")
        # What went through 0..1 comes back a rounding beside the edge.
        if size is not None and (right > size.width + 1e-6 * size.width or bottom > size.height + 1e-6 * size.height):
            raise Unreadable(f"{given} leaves its image of {size} as {convention}{_other(numbers, convention, size)}")
    return BoxTarget(*(float(number) for number in corners))


def _other(numbers: Sequence[float], convention: Convention, size: Size | None) -> str:
    first, second, third, fourth = numbers
    width, height = size or (float("inf"), float("inf"))
    if convention != "xyxy in pixels" and 0 <= first < third <= width and 0 <= second < fourth <= height:
        return "; as xyxy in pixels it would fit: the file is in the wrong convention"
    if convention == "xyxy in pixels" and min(third, fourth) > 0 and first + third <= width and second + fourth <= height:
        return "; as xywh in pixels it would fit: the file is in the wrong convention"
    return ""


def why_not_xywh(boxes: Sequence[Sequence[float]]) -> str:
    """Why a whole file without image sizes cannot be [x, y, w, h], in words; empty if it can.

    A width is rarely beyond its own x and a height beyond its own y; where all are, these are corners.
    """
    if len(boxes) >= ENOUGH_ROWS and all(box[2] > box[0] and box[3] > box[1] for box in boxes):
        return f"is in the wrong convention: all of its {len(boxes)} boxes could be two corners (xyxy), which [x, y, w, h] never are"
    return ""


def read_polygon(numbers: Sequence[float], size: Size) -> PolygonTarget:
    """A polygon from x, y, x, y, ... in pixels. Raises `Unreadable` for fewer than three corners, or one outside of the image."""
    if len(numbers) % 2 or len(numbers) < 6:
        raise Unreadable(f"a polygon of {len(numbers)} numbers has no corners")
    vertices = tuple((float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    for x, y in vertices:
        if not (0 <= x <= size.width and 0 <= y <= size.height):
            raise Unreadable(f"the corner ({x:g}, {y:g}) of its polygon lies outside of the image of {size}")
    return PolygonTarget(vertices)


def mended_polygon(numbers: Sequence[float], size: Size) -> PolygonTarget:
    """A polygon whose second corner was damaged by a step meant for boxes, which added the first corner to it.

    So are all 40 of Tongyi-MAI/MAI-UI:evaluation/grounding/data/OS_G_data. Raises `Unreadable` for one that was not damaged so:
    mended, its second corner would lie further from the others than they do from one another.
    """
    if len(numbers) < 6:
        raise Unreadable(f"a polygon of {len(numbers)} numbers has no corners")
    polygon = read_polygon((*numbers[:2], numbers[2] - numbers[0], numbers[3] - numbers[1], *numbers[4:]), size)
    second, others = polygon.vertices[1], polygon.vertices[:1] + polygon.vertices[2:]
    for axis in (0, 1):
        low, high = min(corner[axis] for corner in others), max(corner[axis] for corner in others)
        if not 2 * low - high <= second[axis] <= 2 * high - low:
            raise Unreadable("the polygon is not damaged as this copy's polygons are: the file is in another convention")
    return polygon
