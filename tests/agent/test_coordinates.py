from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.coordinates import CoordinateSpace, Relative, ResizedPixels, ScreenPixels, SmartResizedPixels, smart_resize
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size
from tests.strategies import points, sizes

WIDE, SMALL, README, QWEN3 = (28, 3_136, 12_845_056), (28, 3_136, 1_003_520), (28, 200_704, 1_003_520), (32, 65_536, 16_777_216)

# Input, (factor, min_pixels, max_pixels), output, visual tokens; worked out with qwen-vl-utils and transformers.
VECTORS = [
    ((960, 540), WIDE, (952, 532), 646),
    ((1280, 720), WIDE, (1288, 728), 1196),
    ((1440, 900), WIDE, (1428, 896), 1632),
    ((1080, 2400), WIDE, (1092, 2408), 3354),
    ((720, 1280), WIDE, (728, 1288), 1196),
    ((1920, 1080), WIDE, (1932, 1092), 2691),
    ((2560, 1440), WIDE, (2548, 1428), 4641),
    ((3456, 2234), WIDE, (3444, 2240), 9840),
    ((3840, 1080), WIDE, (3836, 1092), 5343),
    ((3840, 2160), WIDE, (3836, 2156), 10549),
    ((5120, 2880), WIDE, (4760, 2688), 16320),
    ((6016, 3384), WIDE, (4760, 2688), 16320),
    ((42, 70), WIDE, (56, 56), 4),
    ((30, 30), WIDE, (56, 56), 4),
    ((10, 10), WIDE, (56, 56), 4),
    ((1920, 1080), SMALL, (1316, 728), 1222),
    ((1080, 2400), README, (672, 1484), 1272),
    ((100, 100), README, (448, 448), 256),
    ((960, 540), QWEN3, (960, 544), 510),
    ((1080, 2400), QWEN3, (1088, 2400), 2550),
    ((1440, 3120), QWEN3, (1440, 3136), 4410),
    ((1920, 1080), QWEN3, (1920, 1088), 2040),
    ((2560, 1440), QWEN3, (2560, 1440), 3600),
    ((3840, 2160), QWEN3, (3840, 2176), 8160),
    ((5120, 2880), QWEN3, (5120, 2880), 14400),
    ((6016, 3384), QWEN3, (5440, 3072), 16320),
]  # fmt: skip

SPACES: list[CoordinateSpace] = [
    SmartResizedPixels(),
    SmartResizedPixels(28, 200_704, 1_003_520),
    SmartResizedPixels(32, 65_536, 16_777_216),
    SmartResizedPixels(28, 3_136, 50_000, small_sides="transformers"),
    ResizedPixels(Size(1092, 2408)),
    ResizedPixels(Size(3, 2)),
    ScreenPixels(),
    Relative(1000),
    Relative(999),
    Relative(1),
    Relative(1000, SmartResizedPixels(32, 65_536, 16_777_216)),
]
spaces = st.sampled_from(SPACES)


@pytest.mark.parametrize(("size", "limits", "expected", "tokens"), VECTORS)
@pytest.mark.parametrize("small_sides", ["qwen-vl-utils", "transformers"])
def test_smart_resize_gives_the_published_sizes(
    size: tuple[int, int], limits: tuple[int, int, int], expected: tuple[int, int], tokens: int, small_sides: str
) -> None:
    resized = smart_resize(Size(*size), *limits, small_sides=small_sides)  # type: ignore[arg-type]
    assert resized == expected
    assert resized.area // limits[0] ** 2 == tokens
    assert smart_resize(resized, *limits) == resized


def test_the_two_published_versions_differ_for_sides_below_half_a_factor() -> None:
    # One factor high at once, or nothing high, so that the area seems too small and the other branch is taken.
    assert smart_resize(Size(2500, 13)) == (2492, 28)
    assert smart_resize(Size(2500, 13), small_sides="transformers") == (784, 28)


@pytest.mark.parametrize("size", [Size(1, 201), Size(201, 1), Size(0, 5), Size(10, -1)])
def test_impossible_pictures_are_refused(size: Size) -> None:
    with pytest.raises(ValueError, match="picture of"):
        smart_resize(size)
    with pytest.raises(InvalidAction):
        SmartResizedPixels().picture_size(size)


@pytest.mark.parametrize("arguments", [(0, 3136, 10_000), (28, 5000, 4000), (28, 1, 700), (28, 0, 10_000)])
def test_limits_that_no_picture_can_meet_are_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no picture"):
        SmartResizedPixels(*arguments)


@pytest.mark.parametrize("extent", [0, -1, math.inf, math.nan])
def test_relative_coordinates_need_an_extent(extent: float) -> None:
    with pytest.raises(ValueError, match="coordinates from"):
        Relative(extent)


@given(size=sizes, limits=st.sampled_from([WIDE, SMALL, README, QWEN3]))
def test_smart_resize_keeps_to_factor_and_limits(size: Size, limits: tuple[int, int, int]) -> None:
    factor, least, most = limits
    shown = SmartResizedPixels(*limits).picture_size(size)
    assert shown.width % factor == shown.height % factor == 0
    assert least <= shown.area <= most
    assert smart_resize(shown, *limits) == shown


@given(space=spaces, data=st.data(), size=sizes)
@settings(max_examples=500)
def test_a_pixel_comes_back_exactly(space: CoordinateSpace, data: st.DataObject, size: Size) -> None:
    point = data.draw(points(size))
    numbers = space.from_screen(point, size)
    assert space.to_screen(*numbers, size) == (point, False)
    assert json.loads(json.dumps(numbers)) == list(numbers)


@given(data=st.data(), size=sizes)
def test_whole_numbers_are_said_where_they_suffice(data: st.DataObject, size: Size) -> None:
    point = data.draw(points(size))
    space = SmartResizedPixels()
    shown = space.picture_size(size)
    x, y = space.from_screen(point, size)
    assert isinstance(x, int) or shown.width < size.width
    assert isinstance(y, int) or shown.height < size.height
    assert all(len(str(number)) <= len("12345.67") for number in (x, y))


@given(space=spaces, size=sizes, x=st.floats(-1e300, 1e300), y=st.integers(-(10**400), 10**400))
def test_what_the_model_says_lands_on_the_screen_or_is_refused(space: CoordinateSpace, size: Size, x: float, y: int) -> None:
    try:
        point, clamped = space.to_screen(x, y, size)
    except ParseError:
        assert abs(y) > 1e300
    else:
        assert point.inside(size)
        assert clamped or (x >= 0 and y >= 0)


@given(size=sizes, x=st.floats(0, 1), y=st.floats(0, 1))
def test_scaling_is_exact_to_rounding(size: Size, x: float, y: float) -> None:
    for space, extent in ((Relative(1000), (1000, 1000)), (SmartResizedPixels(), SmartResizedPixels().picture_size(size))):
        point, clamped = space.to_screen(x * extent[0], y * extent[1], size)
        assert not clamped
        assert abs(point.x - min(x * size.width, size.width - 1)) <= 0.5 + 1e-6
        assert abs(point.y - min(y * size.height, size.height - 1)) <= 0.5 + 1e-6


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400])
def test_numbers_that_are_not_finite_are_refused(space: CoordinateSpace, number: float) -> None:
    for x, y in ((number, 1), (1, number)):
        with pytest.raises(ParseError):
            space.to_screen(x, y, Size(640, 480))


@pytest.mark.parametrize("space", SPACES)
def test_a_point_outside_of_the_screen_cannot_be_said(space: CoordinateSpace) -> None:
    with pytest.raises(InvalidAction):
        space.from_screen(Point(640, 0), Size(640, 480))


@pytest.mark.parametrize(
    ("space", "size", "said", "pixel"),
    [
        # The two answers that QwenLM/Qwen2.5-VL:cookbooks/mobile_agent.ipynb shows.
        (SmartResizedPixels(), Size(1080, 2400), (935, 406), (925, 405)),
        (SmartResizedPixels(), Size(720, 1280), (639, 1095), (632, 1088)),
        # microsoft/fara: the model's point in 1428x896, executed at (1083.03, 37.17) in 1440x900.
        (SmartResizedPixels(), Size(1440, 900), (1074, 37), (1083, 37)),
        (Relative(1000), Size(2560, 1440), (500, 1000), (1280, 1439)),
        (Relative(999), Size(1440, 3120), (447, 81), (644, 253)),
        (Relative(1), Size(1000, 500), (0.49, 0.42), (490, 210)),
        (ScreenPixels(), Size(1280, 800), (13, 799), (13, 799)),
        (ResizedPixels(Size(2492, 1400)), Size(3840, 2160), (337, 156), (519, 241)),
    ],
)
def test_known_answers(space: CoordinateSpace, size: Size, said: tuple[float, float], pixel: tuple[int, int]) -> None:
    assert space.to_screen(*said, size) == (pixel, False)


def test_what_lies_outside_is_clamped_and_said_so() -> None:
    space, size = SmartResizedPixels(), Size(1280, 720)
    assert space.to_screen(1288, 728, size) == (Point(1279, 719), False)
    assert space.to_screen(1288.5, 10, size) == (Point(1279, 10), True)
    assert space.to_screen(-1, 99_999, size) == (Point(0, 719), True)


def test_the_official_screens_are_resized_as_documented(data_folder: Path) -> None:
    for item in json.loads((data_folder / "qwen_demo/expected.json").read_text())["items"]:
        space, size = SmartResizedPixels(), Size(*item["original_size"])
        assert list(space.picture_size(size)) == item["resized_size"]
        point, _ = space.to_screen(*item["model_answer"]["arguments"]["coordinate"], size)
        left, top, right, bottom = item["target_box_by_eye"]
        assert left <= point.x < right
        assert top <= point.y < bottom
