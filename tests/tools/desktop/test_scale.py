"""Pixels of a picture and the places of a system, at any scale."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.desktop.scale import Scale
from handeye.tools.geometry import Box, Point, Size

sides = st.integers(1, 6000)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    left, top = draw(st.integers(-8000, 8000)), draw(st.integers(-8000, 8000))
    return Scale(Box(left, top, left + draw(sides), top + draw(sides)), Size(draw(sides), draw(sides)))


@st.composite
def finer(draw: st.DrawFn) -> Scale:
    """A picture with as many pixels as the system has places, or more."""
    scale = draw(scales())
    width, height = draw(st.integers(scale.part.width, 12000)), draw(st.integers(scale.part.height, 12000))
    return Scale(scale.part, Size(width, height))


def pixel_of(scale: Scale, data: st.DataObject) -> Point:
    return Point(data.draw(st.integers(0, scale.picture.width - 1)), data.draw(st.integers(0, scale.picture.height - 1)))


@given(scales(), st.data())
def test_every_pixel_has_a_place_on_the_screen_and_every_place_a_pixel(scale: Scale, data: st.DataObject) -> None:
    assert scale.part.contains(scale.to_system(pixel_of(scale, data)))
    anywhere = Point(data.draw(st.integers(-20000, 20000)), data.draw(st.integers(-20000, 20000)))
    assert scale.to_pixel(anywhere).inside(scale.picture)


@given(scales(), st.data())
def test_what_lies_further_right_or_down_stays_so(scale: Scale, data: st.DataObject) -> None:
    one, other = pixel_of(scale, data), pixel_of(scale, data)
    first, second = scale.to_system(one), scale.to_system(other)
    assert (one.x <= other.x) <= (first.x <= second.x)
    assert (one.y <= other.y) <= (first.y <= second.y)


@given(finer(), st.data())
def test_a_place_is_found_again_from_its_pixel(scale: Scale, data: st.DataObject) -> None:
    x = data.draw(st.integers(scale.part.left, scale.part.right - 1))
    y = data.draw(st.integers(scale.part.top, scale.part.bottom - 1))
    assert scale.to_system(scale.to_pixel(Point(x, y))) == Point(x, y)


@given(finer(), st.data())
def test_a_pixel_comes_back_within_one_place(scale: Scale, data: st.DataObject) -> None:
    pixel = pixel_of(scale, data)
    back = scale.to_pixel(scale.to_system(pixel))
    assert abs(back.x - pixel.x) <= scale.picture.width / scale.part.width
    assert abs(back.y - pixel.y) <= scale.picture.height / scale.part.height


@given(sides, sides, st.data())
def test_without_a_scale_nothing_changes_but_the_origin(width: int, height: int, data: st.DataObject) -> None:
    scale = Scale(Box(100, -50, 100 + width, height - 50), Size(width, height))
    pixel = pixel_of(scale, data)
    assert scale.to_system(pixel) == pixel.moved(100, -50)
    assert scale.to_pixel(scale.to_system(pixel)) == pixel


def test_a_retina_display() -> None:
    retina = Scale(Box(0, 0, 1440, 900), Size(2880, 1800))
    assert [retina.to_system(Point(x, x)) for x in (0, 1, 2, 3)] == [Point(0, 0), Point(0, 0), Point(1, 1), Point(1, 1)]
    assert retina.to_pixel(Point(1439, 899)) == Point(2879, 1799)
