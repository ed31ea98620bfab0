"""Metrics on pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from handeye.benchmarks.osworld.documents import image

Rules = dict[str, Any]
Pixels = npt.NDArray[np.float64]
_WINDOW = 7
"""Side of the windows of SSIM (scikit-image's default)."""


def similarity(left: Pixels, right: Pixels) -> float:
    """Mean structural similarity of two pictures of one size, values 0 to 255, (height, width) or (height, width, channels).

    Wang et al., Image quality assessment: from error visibility to structural similarity, 2004; uniform windows as in scikit-image.
    """
    if left.ndim == 3:
        return float(np.mean([similarity(left[..., c], right[..., c]) for c in range(left.shape[2])]))
    window = min(_WINDOW, *left.shape)
    window -= 1 - window % 2
    count = window * window
    scale = count / (count - 1) if count > 1 else 1.0
    mean_l, mean_r = _means(left, window), _means(right, window)
    var_l = scale * (_means(left * left, window) - mean_l**2)
    var_r = scale * (_means(right * right, window) - mean_r**2)
    both = scale * (_means(left * right, window) - mean_l * mean_r)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(np.mean((2 * mean_l * mean_r + c1) * (2 * both + c2) / ((mean_l**2 + mean_r**2 + c1) * (var_l + var_r + c2))))


def _means(values: Pixels, window: int) -> Pixels:
    """The mean of every window that lies inside of the picture, by running sums."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    found: Pixels = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    return found / (window * window)


def _array(picture: Any, mode: str = "RGB") -> Pixels:
    return np.asarray(picture.convert(mode), dtype=np.float64)


def _alike(left: Any, right: Any, threshold: float = 0.9, mode: str = "RGB") -> bool:
    """Whether two pictures of one size have a similarity of `threshold`."""
    return left.size == right.size and min(left.size) >= _WINDOW and similarity(_array(left, mode), _array(right, mode)) >= threshold


def compare_images(result: str | None, expected: str | None, reference_base_result: float | None = None) -> float:
    """How similar two pictures are in grey, at the smaller one's size; what is below `reference_base_result` counts nothing."""
    if not result or not expected:
        return 0.0
    left, right = image(result).convert("L"), image(expected).convert("L")
    size = min(left.size, right.size)
    found = similarity(_array(left.resize(size), "L"), _array(right.resize(size), "L"))
    if reference_base_result is None:
        return max(0.0, found)
    # OSWorld's margin: a picture that nobody touched must not score.
    return (found - reference_base_result) / (1 - reference_base_result) if found >= reference_base_result + 0.01 else 0.0


def compare_image_list(result: str | list[str] | None, expected: str | list[str] | None) -> float:
    """Every picture is the expected one, pixel by pixel."""
    mine, wanted = ([one] if not isinstance(one, list) else one for one in (result, expected))
    for left, right in zip(mine, wanted, strict=False):
        if not left or not right:
            return 0.0
        target = image(right)
        found = image(left).convert(target.mode)
        found = found if found.size == target.size else found.resize(target.size)
        if found.tobytes() != target.tobytes():
            return 0.0
    return 1.0


def check_structure_sim(result: str | None, expected: str | None) -> float:
    """Two pictures of one size are similar."""
    return float(bool(result) and bool(expected) and _alike(image(str(result)), image(str(expected))))


def check_structure_sim_with_threshold(result: str | None, expected: str | None, ssim_threshold: float = 0.85) -> float:
    """Two pictures are similar, the first brought to the second's size."""
    if not result or not expected:
        return 0.0
    target = image(expected)
    return float(_alike(image(result).convert("RGB").resize(target.size), target, ssim_threshold))


def check_structure_sim_resized(result: str | None, expected: str | None) -> float:
    """Two pictures are similar, what is not transparent of the first brought to the second's size."""
    if not result or not expected:
        return 0.0
    found, target = image(result), image(expected)
    if found.mode in ("RGBA", "LA") or "transparency" in found.info:
        found = found.convert("RGBA")
        seen = found.getchannel("A").getbbox()
        found = found.crop(seen) if seen else found
    return float(_alike(found.convert("RGB").resize(target.size), target))


def check_file_exists_and_structure_sim(result: str | None, expected: str | None) -> float:
    """The picture is there, and similar."""
    return check_structure_sim(result, expected)


def check_brightness_decrease_and_structure_sim(result: str | None, expected: str | None, threshold: float = 0.03) -> float:
    """The picture is darker than the other, the same otherwise: at equal brightness their mean squared difference is below `threshold`."""
    if not result or not expected:
        return 0.0
    left, right = image(result), image(expected)
    right = right if right.size == left.size else right.resize(left.size)
    if _array(left, "L").mean() >= _array(right, "L").mean():
        return 0.0
    both = [np.clip(_array(one) * (128 / max(_array(one, "L").mean(), 1e-6)), 0, 255) / 255 for one in (left, right)]
    return float(np.mean((both[0] - both[1]) ** 2) < threshold)


def check_saturation_increase_and_structure_sim(result: str | None, expected: str | None) -> float:
    """The picture has more colour than the other, and the same hues and values."""
    if not result or not expected:
        return 0.0
    left, right = image(result).convert("RGB").convert("HSV"), image(expected).convert("RGB").convert("HSV")
    if np.mean(np.asarray(left)[..., 1]) <= np.mean(np.asarray(right)[..., 1]):
        return 0.0
    return float(all(_alike(left.getchannel(band), right.getchannel(band), 0.9, "L") for band in "HV"))


def check_contrast_increase_and_structure_sim(result: str | None, expected: str | None) -> float:
    """The picture has more contrast than the other, and the same structure."""
    if not result or not expected:
        return 0.0
    left, right = image(result), image(expected)
    return float(_array(left).std() > _array(right).std() and _alike(left, right, 0.65))


def increase_saturation(before: str, after: str) -> float:
    """The second picture has more colour than the first."""
    left, right = (np.asarray(image(path).convert("RGB").convert("HSV"))[..., 1].mean() for path in (before, after))
    return float(left < right)


def decrease_brightness(before: str, after: str) -> float:
    """The second picture is darker than the first."""
    return float(_array(image(before), "L").mean() > _array(image(after), "L").mean())


def check_sharper(result: str, expected: str) -> float:
    """The first picture is sharper than the second: its Laplacian varies more."""
    left, right = (_laplacian(_array(image(path), "L")).var() for path in (result, expected))
    return float(left > right)


def _laplacian(grey: Pixels) -> Pixels:
    middle = grey[1:-1, 1:-1]
    return grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle


def check_palette_and_structure_sim(result: str | None, expected: str | None) -> float:
    """The picture has a palette, and is similar."""
    if not result or not expected:
        return 0.0
    found = image(result)
    return float(found.mode == "P" and _alike(found, image(expected)))


def check_image_size(result: str | None, rules: Rules) -> float:
    """The picture has the given width and height (each only if given); `ignore_transparent`: without what is transparent around it."""
    if not result:
        return 0.0
    found = image(result)
    width, height = found.size
    if rules.get("ignore_transparent") and (found.mode in ("RGBA", "LA") or "transparency" in found.info):
        seen = found.convert("RGBA").getchannel("A").getbbox() or (0, 0, 0, 0)
        width, height = seen[2] - seen[0], seen[3] - seen[1]
    return float(rules.get("width") in (None, width) and rules.get("height") in (None, height))


def check_image_file_size(result: str | None, rules: Rules) -> float:
    """The file has less than `max_size` bytes."""
    return float(bool(result) and Path(str(result)).stat().st_size < rules["max_size"])


def check_image_mirror(result: str | None, expected: str | None) -> float:
    """The picture is the other one mirrored, left to right."""
    if not result or not expected:
        return 0.0
    from PIL import ImageOps

    return float(_alike(ImageOps.mirror(image(result)), image(expected), 0.99))


def check_green_background(result: str | None, expected: str | None) -> float:
    """Where the other picture is not black, this one is greener than red and blue."""
    if not result or not expected:
        return 0.0
    found, mask = _array(image(result)), _array(image(expected)).any(axis=2)
    if found.shape[:2] != mask.shape:
        return 0.0
    return float(np.all((found[..., 1] > found[..., 0])[mask] & (found[..., 1] > found[..., 2])[mask]))


def check_textbox_on_leftside(result: str | None) -> float:
    """Something dark is within the left twentieth of the picture."""
    if not result:
        return 0.0
    dark = np.flatnonzero((_array(image(result), "L") < 128).any(axis=0))
    return float(dark.size > 0 and dark[0] < image(result).width * 0.05)


def check_triangle_position(result: str | None) -> float:
    """What has the second commonest colour lies in the middle of the picture, to a twentieth."""
    if not result:
        return 0.0
    pixels = _array(image(result), "RGBA")
    colors, counts = np.unique(pixels.reshape(-1, 4), axis=0, return_counts=True)
    if len(colors) < 2:
        return 0.0
    # OSWorld's metric takes the second in rising order: with two colours that is the background, whose centre moves the same way.
    chosen = colors[np.argsort(counts)][1]
    center = np.argwhere(np.all(pixels == chosen, axis=2)).mean(axis=0)
    sides = np.array(pixels.shape[:2])
    return float(np.all(np.abs(center - sides / 2) < 0.05 * sides))
