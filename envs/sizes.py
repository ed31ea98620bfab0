"""Sizes as people write them."""

from __future__ import annotations

from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size


def read_size(text: str) -> Size:
    """`1280x800` as a `Size`. Raises `SetupError` for anything else or a side outside of 1 to 16384 pixels."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < int(width) <= 16384 and 0 < int(height) <= 16384):
        raise SetupError(f"a size is WIDTHxHEIGHT in pixels, as in 1280x800, not {text!r}.")
    return Size(int(width), int(height))
