"""Any encoded or opened picture as RGB pixels, upright."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM", "ICO", "TGA")
"""What is opened. Pillow knows more, but runs Ghostscript for one of them (EPS), and its version may lack some of these."""
MOST_PIXELS = 178_956_970
"""Beyond this Pillow takes a picture for a decompression bomb (Pillow: Image.MAX_IMAGE_PIXELS, twice)."""
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    AssertionError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's readers raise on damaged bytes."""
_FIX = "give a PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file that other programs can open"


def decoded(data: bytes, name: str) -> tuple[Pixels, tuple[str, ...]]:
    """Pixels of an encoded picture called `name`, and what is to be said about them. Raises `SetupError` when it cannot be read."""
    try:
        with warnings.catch_warnings():
            # The limit is checked below.
            warnings.simplefilter("ignore")
            Image.init()
            with Image.open(io.BytesIO(data), formats=[format for format in FORMATS if format in Image.OPEN]) as image:
                return _upright(image, name), _notes(image, name)
    except UnidentifiedImageError:
        raise SetupError(f"{name} is not a picture that can be read.", fix=_FIX) from None
    except BROKEN as error:
        raise SetupError(f"{name} is not a picture that can be read ({error}).", fix=_FIX) from error


def opened(image: Image.Image, name: str) -> Pixels:
    """Pixels of a picture that Pillow has open, which stays as it is. Raises `SetupError` when it cannot be read."""
    try:
        return _upright(image, name)
    except BROKEN as error:
        raise SetupError(f"{name} cannot be read ({error}).", fix=_FIX) from error


def from_array(array: np.ndarray[Any, Any]) -> Pixels:
    """Pixels of an array (height, width) or (height, width, 1, 3 or 4), uint8. Raises `SetupError` for any other."""
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or array.size == 0:
        raise SetupError(
            f"an array of shape {array.shape} and type {array.dtype} is not a picture.",
            fix="give (height, width, 3) of type uint8, RGB",
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    return _plain(Image.fromarray(np.ascontiguousarray(array)))


def _upright(image: Image.Image, name: str) -> Pixels:
    size = Size(*image.size)
    if size.area > MOST_PIXELS:
        raise SetupError(f"{name} has {size} pixels, more than the {MOST_PIXELS:,} that are read.", fix="shrink or crop it")
    if size.area == 0:
        raise SetupError(f"{name} has no pixels.", fix=_FIX)
    return _plain(in_8_bits(ImageOps.exif_transpose(image), name))


def _notes(image: Image.Image, name: str) -> tuple[str, ...]:
    frames = getattr(image, "n_frames", 1)
    # The further pictures of a JPEG are previews and depth maps.
    if frames == 1 or image.format in ("MPO", "JPEG"):
        return ()
    return (f"{name} has {frames} {'pages' if image.format == 'TIFF' else 'frames'}; the first is shown",)


def in_8_bits(image: Image.Image, name: str) -> Image.Image:
    """16-bit grey scaled down, for Pillow's own conversion clips it to white; any other mode as it is.

    Raises `SetupError`, naming the picture `name`, for pixels whose white is not known.
    """
    if image.mode == "F":
        raise SetupError(f"{name} has fractions as pixels, whose white is not known.", fix="save it with 8 or 16 bits")
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65_535:
        raise SetupError(f"{name} has 32-bit pixels, whose white is not known.", fix="save it with 8 or 16 bits")
    return Image.fromarray(((values * 255 + 32_767) // 65_535).astype(np.uint8))


def _plain(image: Image.Image) -> Pixels:
    """As RGB, on white where it lets through (like to_rgb of qwen-vl-utils)."""
    if image.has_transparency_data:
        shape = image.convert("RGBA")
        white = Image.new("RGBA", shape.size, "white")
        image = Image.alpha_composite(white, shape)
    pixels = np.array(image.convert("RGB"))
    pixels.setflags(write=False)
    return pixels
