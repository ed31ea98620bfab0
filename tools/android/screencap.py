"""What `screencap` writes, as a picture. Nothing but bytes in and pixels out; what is no whole picture raises `BadFrame`.

Formats: frameworks/base/cmds/screencap/screencap.cpp of AOSP (a raw frame is width, height, pixel format and, since Android 9, colour
space as little-endian 32-bit numbers, then the pixels without padding) and PixelFormat.h.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from handeye.tools.android.decoding import decode_png, rgb_of_rgba
from handeye.tools.device import Pixels

Data: TypeAlias = bytes | bytearray | memoryview
RGBA_8888, RGBX_8888, RGB_565 = 1, 2, 4
"""Pixel formats (PixelFormat.h) that are read here."""
LONGEST_SIDE = 16_384
"""Pixels; far more than any phone's. What claims more is no header."""
WARNINGS = 65_536
"""Bytes before the picture that may be text: linkers, drivers and phones with several displays write there."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


class BadFrame(Exception):
    """The bytes are no whole picture; the message says why. Inside this package only."""


def read_raw(data: Data) -> Pixels:
    """The picture of a raw frame, whatever text stands before it."""
    start = 0
    while True:
        header = _header(data, start)
        if header is not None:
            break
        line_end = bytes(data[:WARNINGS]).find(b"\n", start)
        if line_end < 0:
            raise BadFrame(_what_instead(data, "raw frame"))
        start = line_end + 1
    width, height, kind, begin = header
    if kind == RGB_565:
        words = np.frombuffer(data, "<u2", width * height, begin)
        return _rgb_of_565(words).reshape(height, width, 3)
    return rgb_of_rgba(memoryview(data)[begin:], width, height)


def read_png(data: Data) -> Pixels:
    """The picture of a PNG, whatever text stands before or behind it. Every chunk's checksum is checked."""
    start = bytes(data[:WARNINGS]).find(SIGNATURE)
    if start < 0:
        raise BadFrame(_what_instead(data, "PNG"))
    end, width, height = _checked_chunks(data, start)
    picture = decode_png(bytes(memoryview(data)[start:end]))
    if picture is None or picture.shape != (height, width, 3):
        raise BadFrame(f"the PNG of {width}x{height} pixels cannot be decoded")
    return picture


def read_gzipped(data: Data) -> Pixels:
    """The picture of a raw frame that went through gzip; text before the stream is skipped. The checksum at its end is checked."""
    start = bytes(data[:WARNINGS]).find(b"\x1f\x8b\x08")
    if start < 0:
        raise BadFrame(_what_instead(data, "gzip stream"))
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        raw = unpack.decompress(memoryview(data)[start:], LONGEST_SIDE * LONGEST_SIDE)
    except zlib.error as error:
        raise BadFrame(f"the gzip stream is damaged: {error}") from error
    if not unpack.eof:
        raise BadFrame("the gzip stream is cut off")
    return read_raw(raw)


READERS: dict[str, Callable[[Data], Pixels]] = {"raw": read_raw, "png": read_png, "gzip": read_gzipped}
"""By the name of the form."""


def _header(data: Data, start: int) -> tuple[int, int, int, int] | None:
    """Width, height, format and where the pixels begin, if a raw frame that fills the rest begins at `start`."""
    if len(data) - start < 12:
        return None
    width, height, kind = struct.unpack_from("<3I", data, start)
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        return None
    depth = {RGBA_8888: 4, RGBX_8888: 4, RGB_565: 2}.get(kind)
    if depth is None:
        if kind < 64 and any(len(data) - start == size + width * height * deep for size in (12, 16) for deep in (1, 2, 3, 4, 8)):
            raise BadFrame(f"the raw frame has pixel format {kind}, which is not one of 1, 2 and 4")
        return None
    length = len(data) - start - width * height * depth
    return (width, height, kind, start + length) if length in (12, 16) else None


def _rgb_of_565(words: Pixels) -> Pixels:
    # Widened as Skia does it: the upper bits are repeated below.
    red, green, blue = (words >> 11) & 31, (words >> 5) & 63, words & 31
    wide = np.stack([(red << 3) | (red >> 2), (green << 2) | (green >> 4), (blue << 3) | (blue >> 2)], axis=-1)
    return wide.astype(np.uint8)


def _checked_chunks(data: Data, start: int) -> tuple[int, int, int]:
    """Where the PNG ends, its width and height. Raises `BadFrame` when a chunk is missing, cut off or damaged."""
    view, at = memoryview(data), start + len(SIGNATURE)
    width = height = 0
    while True:
        if len(data) - at < 12:
            raise BadFrame(f"the PNG is cut off after {len(data) - start} bytes: it lacks its end")
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise BadFrame(f"the PNG is cut off after {len(data) - start} bytes: it lacks {end - len(data)} of its part {name!r}")
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise BadFrame(f"the PNG's part {name!r} is damaged")
        if (name == b"IHDR") != (width == 0):
            raise BadFrame("the PNG does not begin with its header")
        if name == b"IHDR":
            if length != 13:
                raise BadFrame("the PNG's header is damaged")
            width, height = struct.unpack_from(">II", data, at + 8)
            if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
                raise BadFrame(f"a PNG of {width}x{height} pixels is no screen")
        if name == b"IEND":
            return end, width, height
        at = end


def _what_instead(data: Data, wanted: str) -> str:
    if not data:
        return "screencap wrote nothing"
    try:
        text = bytes(data[:300]).decode("utf-8").strip()
    except UnicodeDecodeError:
        text = ""
    if text and all(letter.isprintable() or letter.isspace() for letter in text):
        return f"screencap wrote no {wanted} but {text.splitlines()[0][:200]!r}"
    return f"the {len(data)} bytes that screencap wrote hold no whole {wanted}"
