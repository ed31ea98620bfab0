"""How the pixels of a screen become a page: its size in density-independent pixels, and how many pixels one of them has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from handeye.tools.geometry import Size

BASE_DENSITY = 160
"""Dots per inch at which a density-independent pixel is one pixel (Android's `mdpi`)."""
SHORTEST_SIDE = 240
"""Density-independent pixels that the shorter side has at least: below, no app could draw itself."""
SEARCH = 12
"""How far from the wished width another is looked for that gives whole pixels."""


@dataclass(frozen=True)
class Layout:
    """A page of `width` x `height` CSS pixels that Chromium draws as exactly `size` pixels."""

    size: Size
    width: int
    height: int
    scale: float
    """Pixels for each CSS pixel."""

    def css(self, x: float, y: float) -> tuple[float, float]:
        """The middle of a pixel, in CSS pixels."""
        return (x + 0.5) / self.scale, (y + 0.5) / self.scale


@cache
def layout(size: Size, density: int) -> Layout:
    """The page for a screen. Chromium rounds CSS pixels times the scale, so a scale close to the density's is looked for at which
    both sides round to what they must."""
    scale = min(density / BASE_DENSITY, min(size) / SHORTEST_SIDE)
    wish = round(size.width / scale)
    found = [
        Layout(size, width, height, fit)
        for width in range(max(1, wish - SEARCH), wish + SEARCH + 1)
        for height in range(round(size.height * width / size.width) - 1, round(size.height * width / size.width) + 2)
        if height > 0 and (fit := _scale(size, width, height)) is not None
    ]
    return min(
        found, key=lambda one: (abs(one.width - wish) + (0 if size.width * one.height == size.height * one.width else 3), one.height)
    )


def _scale(size: Size, width: int, height: int) -> float | None:
    exact = size.width / width
    if exact == size.height / height:
        return exact
    low = max((size.width - 0.4) / width, (size.height - 0.4) / height)
    high = min((size.width + 0.4) / width, (size.height + 0.4) / height)
    return (low + high) / 2 if low < high else None
