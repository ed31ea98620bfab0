"""PNG and RGBA to RGB arrays, by the fastest library that is there: PyAV (in the extra `local`), OpenCV (in `ocr`), else Pillow.

A PNG of a settings screen of 1080x2400, decoded alone on one core of the machine that benchmarks/README.md names: PyAV 18.1 11 ms,
OpenCV 5.0 14 ms, Pillow 13.0 26 ms; Python's zlib needs 16 ms only to inflate it.
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
    picture = _by_pyav(png)
    if picture is None:
        picture = _by_opencv(png)
    return _by_pillow(png) if picture is None else picture


def rgb_of_rgba(data: bytes | bytearray | memoryview, width: int, height: int) -> Pixels:
    """The pixels without their fourth byte; `data` holds `width * height` times four bytes."""
    return _opaque(np.frombuffer(data, np.uint8).reshape(height, width, 4))


def _opaque(pixels: Pixels) -> Pixels:
    picture = np.empty((*pixels.shape[:2], 3), np.uint8)
    for channel in range(3):  # five times as fast as copying the three together: the inner loop is over a row, not over three bytes
        picture[..., channel] = pixels[..., channel]
    return picture


def _by_pyav(png: bytes) -> Pixels | None:
    av = _imported("av")
    if av is None:
        return None
    try:
        codec = av.CodecContext.create("png", "r")
        codec.thread_count = 1  # a picture is decoded in the thread that asks; others would only be started for nothing
        frames = codec.decode(av.Packet(png)) or codec.decode(None)
    except av.FFmpegError:
        return None
    if len(frames) != 1 or frames[0].format.name not in ("rgb24", "rgba"):
        return None  # FFmpeg's conversions from other forms are not exact
    pixels: Pixels = frames[0].to_ndarray()
    return pixels if frames[0].format.name == "rgb24" else _opaque(pixels)


def _by_opencv(png: bytes) -> Pixels | None:
    opencv = _imported("cv2")
    if opencv is None or not hasattr(opencv, "IMREAD_COLOR_RGB"):
        return None
    picture = opencv.imdecode(np.frombuffer(png, np.uint8), opencv.IMREAD_COLOR_RGB)
    return None if picture is None else np.asarray(picture, np.uint8)


def _by_pillow(png: bytes) -> Pixels | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png)) as image:
            return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # Pillow says SyntaxError of a broken PNG
        return None


@cache
def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):  # one that is there and cannot be loaded counts as none
        return None
