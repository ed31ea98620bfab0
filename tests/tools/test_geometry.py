from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.geometry import Box, Point, Size
from tests.strategies import sizes

anywhere = st.builds(Point, st.integers(-9_000, 9_000), st.integers(-9_000, 9_000))
boxes = st.builds(lambda a, b: Box(min(a.x, b.x), min(a.y, b.y), max(a.x, b.x) + 1, max(a.y, b.y) + 1), anywhere, anywhere)


@given(anywhere, sizes)
def test_a_clamped_point_is_the_nearest_pixel(point: Point, size: Size) -> None:
    nearest = point.clamped(size)
    assert nearest.inside(size)
    assert (nearest == point) == point.inside(size)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        other = nearest.moved(dx, dy)
        assert not other.inside(size) or other.distance(point) >= nearest.distance(point)


@given(boxes)
def test_the_centre_belongs_to_the_box(box: Box) -> None:
    assert box.contains(box.center)
    assert abs((box.center.x - box.left) - (box.right - 1 - box.center.x)) <= 1


@given(boxes, sizes, anywhere)
def test_clipping_keeps_the_pixels_on_the_screen(box: Box, size: Size, point: Point) -> None:
    clipped = box.clipped(size)
    assert clipped.contains(point) == (box.contains(point) and point.inside(size))
    assert clipped.width >= 0
    assert clipped.height >= 0
    assert 0 <= clipped.left <= clipped.right <= size.width
    assert 0 <= clipped.top <= clipped.bottom <= size.height


@given(anywhere, st.integers(0, 50))
def test_around_and_grown_agree(point: Point, radius: int) -> None:
    box = Box.around(point, radius)
    assert box.center == point
    assert box == Box.around(point, 0).grown(radius)
    assert box.width == box.height == 2 * radius + 1
    assert box.contains(point.moved(radius, -radius))
    assert not box.contains(point.moved(radius + 1, 0))


def test_a_size_is_width_by_height() -> None:
    assert str(Size(1280, 800)) == "1280x800"
    assert Size(3, 4).area == 12
    assert Point(0, 0).distance(Point(3, 4)) == 5
