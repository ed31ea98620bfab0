"""OSWorld's metrics on pictures, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.benchmarks.osworld.metrics.pictures import similarity
from tests.benchmarks.osworld_cases import Case, Given, check, picture, right, uncovered, wrong

Change = Callable[[Any], Any]
Maker = Callable[[Path], Given]


def same(image: Any) -> Any:
    return image


def two(mine: Change = same, wanted: Change = same, ending: str = "png") -> Maker:
    return lambda folder: (picture(folder / f"mine.{ending}", mine), picture(folder / f"wanted.{ending}", wanted))


def ruled(mine: Change, rules: dict[str, Any]) -> Maker:
    return lambda folder: (picture(folder / "mine.png", mine), rules)


def one(mine: Change) -> Maker:
    return lambda folder: (picture(folder / "mine.png", mine),)


def inverted(image: Any) -> Any:
    return image.point(lambda value: 255 - value)


def brightness(factor: float) -> Change:
    return lambda image: image.point(lambda value: int(value * factor))


def contrast(factor: float) -> Change:
    return lambda image: image.point(lambda value: max(0, min(255, int(128 + (value - 128) * factor))))


def saturation(factor: float) -> Change:
    from PIL import ImageEnhance

    return lambda image: ImageEnhance.Color(image).enhance(factor)


def blurred(image: Any) -> Any:
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur(2))


def mirrored(image: Any) -> Any:
    from PIL import ImageOps

    return ImageOps.mirror(image)


def bordered(image: Any) -> Any:
    """The picture with transparency around it."""
    from PIL import Image

    canvas = Image.new("RGBA", (image.width + 20, image.height + 10), (0, 0, 0, 0))
    canvas.paste(image, (7, 3))
    return canvas


def palette(image: Any) -> Any:
    return image.convert("P", palette=1, colors=256)


def resized(width: int, height: int) -> Change:
    return lambda image: image.resize((width, height))


def drawn(*boxes: tuple[tuple[int, int, int, int], tuple[int, int, int]], ground: tuple[int, int, int] = (255, 255, 255)) -> Change:
    """Boxes in colours on a ground of 100 by 100."""

    def change(_: Any) -> Any:
        from PIL import Image, ImageDraw

        made = Image.new("RGB", (100, 100), ground)
        for place, color in boxes:
            ImageDraw.Draw(made).rectangle(place, color)
        return made

    return change


def pair(metric: str, good: Maker, bad: Maker, note: str = "", **options: Any) -> list[Case]:
    return [right(metric, good, note, **options), wrong(metric, bad, note, **options)]


WHITE_SQUARE = drawn(((30, 30, 60, 60), (255, 255, 255)), ground=(0, 0, 0))
GREEN = drawn(((0, 0, 99, 99), (10, 200, 30)))
YELLOW = (255, 255, 0)
CASES: list[Case] = [
    *pair("compare_images", two(), two(inverted)),
    *pair("compare_images", two(), two(inverted), "base", reference_base_result=0.5),
    *pair("compare_image_list", two(), two(brightness(0.98))),
    *pair(
        "compare_image_list",
        lambda f: ([picture(f / "a.png"), picture(f / "b.png")], [picture(f / "c.png"), picture(f / "d.png")]),
        lambda f: ([picture(f / "a.png"), picture(f / "b.png", inverted)], [picture(f / "c.png"), picture(f / "d.png")]),
        "list",
    ),
    *pair("check_structure_sim", two(brightness(0.99)), two(mirrored)),
    wrong("check_structure_sim", two(resized(32, 24)), "size"),
    *pair("check_structure_sim_with_threshold", two(resized(128, 96)), two(inverted), ssim_threshold=0.8),
    *pair("check_structure_sim_resized", two(bordered), two(inverted)),
    *pair("check_file_exists_and_structure_sim", two(), lambda f: (None, picture(f / "wanted.png"))),
    wrong("check_file_exists_and_structure_sim", two(inverted), "other"),
    *pair("check_brightness_decrease_and_structure_sim", two(brightness(0.7)), two(brightness(1.2))),
    wrong("check_brightness_decrease_and_structure_sim", two(drawn(ground=(0, 0, 0))), "black"),
    *pair("check_saturation_increase_and_structure_sim", two(saturation(1.3)), two(saturation(0.7))),
    *pair("check_contrast_increase_and_structure_sim", two(contrast(1.3)), two(contrast(0.7))),
    *pair("increase_saturation", two(saturation(0.5)), two(saturation(1.5))),
    *pair("decrease_brightness", two(same, brightness(0.7)), two(brightness(0.7))),
    *pair("check_sharper", two(same, blurred), two(blurred)),
    *pair("check_palette_and_structure_sim", two(palette), two()),
    wrong("check_palette_and_structure_sim", two(lambda image: palette(inverted(image))), "other"),
    *pair("check_image_size", ruled(resized(30, 20), {"width": 30, "height": 20}), ruled(resized(30, 21), {"width": 30, "height": 20})),
    *pair("check_image_size", ruled(resized(30, 21), {"height": 21}), ruled(resized(30, 20), {"height": 21}), "height"),
    *pair(
        "check_image_size",
        ruled(bordered, {"width": 64, "height": 48, "ignore_transparent": True}),
        ruled(bordered, {"width": 64, "height": 48}),
        "transparent",
    ),
    *pair("check_image_file_size", ruled(same, {"max_size": 100_000}), ruled(same, {"max_size": 100})),
    *pair("check_image_mirror", two(mirrored), two()),
    *pair("check_green_background", two(GREEN, WHITE_SQUARE), two(drawn(), WHITE_SQUARE)),
    *pair("check_textbox_on_leftside", one(drawn(((2, 40, 40, 50), (0, 0, 0)))), one(drawn(((10, 40, 40, 50), (0, 0, 0))))),
    wrong("check_textbox_on_leftside", one(drawn()), "nothing"),
    *pair(
        "check_triangle_position",
        one(drawn(((40, 40, 60, 60), YELLOW), ((0, 0, 2, 2), (0, 0, 0)))),
        one(drawn(((5, 5, 25, 25), YELLOW), ((0, 0, 2, 2), (0, 0, 0)))),
    ),
    wrong("check_triangle_position", one(drawn()), "nothing"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "pictures")


def test_similarity_is_that_of_its_definition_window_by_window() -> None:
    random = np.random.default_rng(5)
    left, right_ = random.uniform(0, 255, (9, 8)), random.uniform(0, 255, (9, 8))
    found = []
    for row in range(3):
        for column in range(2):
            a, b = (one[row : row + 7, column : column + 7].ravel() for one in (left, right_))
            (vaa, vab), (_, vbb) = np.cov(a, b)
            ma, mb, c1, c2 = a.mean(), b.mean(), (0.01 * 255) ** 2, (0.03 * 255) ** 2
            found.append((2 * ma * mb + c1) * (2 * vab + c2) / ((ma**2 + mb**2 + c1) * (vaa + vbb + c2)))
    assert similarity(left, right_) == pytest.approx(np.mean(found))
