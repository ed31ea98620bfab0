"""PNG and RGBA to RGB arrays, by the fastest library that is there: OpenCV (it comes with the extra `ocr`), else Pillow.

A PNG of a settings screen of 1080x2400: OpenCV 5.0 14 ms, Pillow 13.0 26 ms, and inflating alone 16 ms in Python's zlib (one
core of the machine that benchmarks/README.md names).
"""

from __future__ import annotations

import importlib
import io
from functools import cache
from typing import Any

import numpy as np

from handeye.tools.device import Pixels


def decode_png(png: bytes) -> Pixels | None:
    """The picture as uint8 RGB (height, width, 3), transparency left out; None when it cannot be decoded."""
    opencv = _opencv()
    if opencv is not None:
        decoded = opencv.imdecode(np.frombuffer(png, np.uint8), opencv.IMREAD_COLOR_RGB)
        return None if decoded is None else np.asarray(decoded, np.uint8)
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # Pillow says SyntaxError of a broken PNG
        return None


def rgb_of_rgba(data: memoryview, width: int, height: int) -> Pixels:
    """The pixels without their fourth byte; `data` holds `width * height` times four bytes."""
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, 4)
    picture = np.empty((height, width, 3), np.uint8)
    for channel in range(3):  # five times as fast as copying the three together: the inner loop is over a row, not over three bytes
        picture[..., channel] = pixels[..., channel]
    return picture


@cache
def _opencv() -> Any:
    try:
        module = importlib.import_module("cv2")
    except ImportError:  # a broken one counts as none
        return None
    return module if hasattr(module, "IMREAD_COLOR_RGB") else None
