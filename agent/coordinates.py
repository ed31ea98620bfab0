"""The coordinate spaces in which models point at a screen. Nothing else in handeye knows any space but screen pixels.

A space answers three questions: which size must the picture have that the model sees (`picture_size`), which pixel of the screen
do the model's numbers mean (`to_screen`), and which numbers mean a pixel (`from_screen`). `to_screen(*from_screen(p))` is `p` for
every pixel of every size: `from_screen` gives integers where integers do that, else the shortest decimals that do.

| space | type | models that use it |
|---|---|---|
| pixels of the smart-resized picture | `SmartResizedPixels` | Qwen2.5-VL, UI-TARS-1.5, GUI-Owl-1, Holo1.5, OpenCUA, Fara |
| pixels of a picture of a stated size | `ResizedPixels` | any of these, with an explicit size |
| 0..1000 | `Relative(1000)` | Qwen2-VL, Qwen3-VL computer use, UI-TARS-1.0, OS-Atlas, AutoGLM |
| 0..999 | `Relative(999)` | UGround-V1, Qwen3-VL phone use |
| 0..1 | `Relative(1)` | ShowUI, Aguvis |
| pixels of the screenshot itself | `ScreenPixels` | OpenAI's and Anthropic's computer tools |
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

Number: TypeAlias = int | float
SmallSides: TypeAlias = Literal["qwen-vl-utils", "transformers"]

MAX_ASPECT = 200
"""Longer side / shorter side beyond which Qwen's processors refuse a picture (QwenLM/Qwen2.5-VL:qwen-vl-utils, vision_process.py)."""


def smart_resize(
    size: Size, factor: int = 28, min_pixels: int = 3_136, max_pixels: int = 12_845_056, small_sides: SmallSides = "qwen-vl-utils"
) -> Size:
    """The size to which the processors of the Qwen-VL family bring a picture: sides divisible by `factor`, area between the limits.

    The defaults are those of the Qwen2-VL and Qwen2.5-VL checkpoints (QwenLM/Qwen2.5-VL:qwen-vl-utils, vision_process.py); Qwen3-VL
    has factor 32 and 65,536..16,777,216. Two versions are published, which differ for sides below half a factor only: qwen-vl-utils
    rounds such a side up to one factor before it looks at the area, transformers rounds it down to nothing and so always ends in the
    enlarging branch (transformers 4.57.3, image_processing_qwen2_vl.py). Rounding is Python's, half to even. One departure: where
    qwen-vl-utils would shrink a side to 0, it stays one factor.

    Raises `ValueError` for a side below 1 or sides more than 200 to 1.
    """
    width, height = size
    if min(size) < 1:
        raise ValueError(f"a picture of {width}x{height} has no pixels")
    if max(size) / min(size) > MAX_ASPECT:
        raise ValueError(f"a picture of {width}x{height} is too long and narrow: the sides may be {MAX_ASPECT} to 1 at most")
    least = factor if small_sides == "qwen-vl-utils" else 0
    wide, high = (max(least, round(side / factor) * factor) for side in size)
    if wide * high > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        wide, high = (max(factor, math.floor(side / shrink / factor) * factor) for side in size)
    elif wide * high < min_pixels:
        enlarge = math.sqrt(min_pixels / (width * height))
        wide, high = (math.ceil(side * enlarge / factor) * factor for side in size)
    return Size(wide, high)


@runtime_checkable
class CoordinateSpace(Protocol):
    """How one family of models writes points."""

    def picture_size(self, size: Size) -> Size:
        """The size of the picture to show of a screen of `size`. Raises `InvalidAction` for a screen that cannot be shown."""

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """The pixel of a screen of `size` that the model means, and whether it had to be clamped because it lay outside.

        Raises `ParseError` for numbers that are not finite.
        """

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """The numbers that mean pixel `point` of a screen of `size`; the inverse of `to_screen`."""


@dataclass(frozen=True)
class SmartResizedPixels:
    """Pixels of the picture after `smart_resize`."""

    factor: int = 28
    min_pixels: int = 3_136
    max_pixels: int = 12_845_056
    small_sides: SmallSides = "qwen-vl-utils"

    def __post_init__(self) -> None:
        if self.factor < 1 or not 1 <= self.min_pixels <= self.max_pixels or self.max_pixels < self.factor**2:
            raise ValueError(f"no picture has sides divisible by {self.factor} and {self.min_pixels} to {self.max_pixels} pixels")

    def picture_size(self, size: Size) -> Size:
        """`smart_resize` until it changes nothing more, so that a processor that resizes again leaves the picture alone."""
        shown = size
        try:
            for _ in range(8):
                before, shown = shown, smart_resize(shown, self.factor, self.min_pixels, self.max_pixels, self.small_sides)
                if before == shown:
                    return shown
        except ValueError as error:
            raise InvalidAction(str(error)) from error
        raise InvalidAction(
            f"no size between {self.min_pixels} and {self.max_pixels} pixels suits a picture of {size}: set them further apart"
        )

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return _to_screen(x, y, size, self.picture_size(size))

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return _from_screen(point, size, self.picture_size(size))


@dataclass(frozen=True)
class ResizedPixels:
    """Pixels of a picture of exactly `resized`, whatever the size of the screen."""

    resized: Size

    def __post_init__(self) -> None:
        if min(self.resized) < 1:
            raise ValueError(f"a picture of {self.resized[0]}x{self.resized[1]} has no pixels")

    def picture_size(self, size: Size) -> Size:
        """`resized`."""
        return Size(*self.resized)

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return _to_screen(x, y, size, self.resized)

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return _from_screen(point, size, self.resized)


@dataclass(frozen=True)
class ScreenPixels:
    """Pixels of the screenshot itself, which is sent as it is."""

    def picture_size(self, size: Size) -> Size:
        """`size`."""
        return size

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return _to_screen(x, y, size, size)

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return _from_screen(point, size, size)


@dataclass(frozen=True)
class Relative:
    """Numbers from 0 to `extent` (1000, 999 or 1) across and down, whatever the picture; `resize` brings that to the model's taste."""

    extent: Number
    resize: SmartResizedPixels | ResizedPixels | ScreenPixels = ScreenPixels()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.extent) and self.extent > 0):
            raise ValueError(f"coordinates from 0 to {self.extent} are none")

    def picture_size(self, size: Size) -> Size:
        """The size that `resize` gives."""
        return self.resize.picture_size(size)

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return _to_screen(x, y, size, (self.extent, self.extent))

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return _from_screen(point, size, (self.extent, self.extent))


def unrounded(x: float, y: float, size: Size, extent: tuple[Number, Number]) -> tuple[float, float]:
    """Where on a screen of `size` numbers from 0 to `extent` point, neither rounded to a pixel nor brought inside.

    For scoring only: published scorers compare fractions of pixels with the edges of boxes.
    """
    return x * size.width / extent[0], y * size.height / extent[1]


def _to_screen(x: float, y: float, size: Size, extent: tuple[Number, Number]) -> tuple[Point, bool]:
    try:
        x, y = float(x), float(y)
    except OverflowError:
        x = math.inf
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ParseError("a coordinate is not a finite number")
    outside = not (0 <= x <= extent[0] and 0 <= y <= extent[1])
    return Point(_pixel(x, extent[0], size.width), _pixel(y, extent[1], size.height)), outside


def _pixel(number: float, extent: Number, side: int) -> int:
    # Clamped before it is scaled, so that no product overflows.
    number = min(max(number, 0.0), float(extent))
    return min(math.floor(number * side / extent + 0.5), side - 1)


def _from_screen(point: Point, size: Size, extent: tuple[Number, Number]) -> tuple[Number, Number]:
    if not point.inside(size):
        raise InvalidAction(f"({point.x}, {point.y}) is not a pixel of a screen of {size}")
    return _number(point.x, extent[0], size.width), _number(point.y, extent[1], size.height)


def _number(pixel: int, extent: Number, side: int) -> Number:
    exact = pixel * extent / side
    for digits in range(17):
        number = round(exact, digits) if digits else round(exact)
        if 0 <= number <= extent and _pixel(number, extent, side) == pixel:
            return number
    return exact
