"""Areas of even colour on a screen, their outline and their colour: what fields, boxes, buttons and drawn shapes are made of."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

Color = tuple[int, int, int]

_FLAT = 5
"""Neighbouring pixels that differ by no more than this in any channel belong together: a screen's surfaces are even or soft gradients."""
_MOST_REGIONS = 400
"""The largest ones are enough; a photograph has thousands."""

_COLORS: dict[str, Color] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "gray": (128, 128, 128), "red": (255, 0, 0), "green": (0, 128, 0), "lime": (0, 255, 0),
    "blue": (0, 0, 255), "yellow": (255, 255, 0), "cyan": (0, 255, 255), "aqua": (0, 255, 255), "magenta": (255, 0, 255),
    "fuchsia": (255, 0, 255), "orange": (255, 165, 0), "pink": (255, 192, 203), "purple": (128, 0, 128), "violet": (238, 130, 238),
    "brown": (139, 69, 19), "navy": (0, 0, 128), "olive": (128, 128, 0), "teal": (0, 128, 128), "maroon": (128, 0, 0),
    "silver": (192, 192, 192), "gold": (255, 215, 0), "indigo": (75, 0, 130), "turquoise": (64, 224, 208), "grey": (128, 128, 128),
}  # fmt: skip
"""Names of CSS (CSS Color Module Level 4, section 6.1), as (red, green, blue)."""


@dataclass(frozen=True)
class Region:
    """One connected area of even colour."""

    box: Box
    color: Color
    area: int
    """Pixels of its own, without holes."""
    filled: float
    """Share of the box that its outline encloses, holes included."""
    roundness: float
    """4 pi area / perimeter squared of the outline: 1 for a circle, 0.785 for a square."""
    corners: int
    """Corners of the outline after straightening."""

    @property
    def rectangular(self) -> bool:
        """Whether it fills its box, rounded corners allowed."""
        return self.filled > 0.9

    @property
    def round(self) -> bool:
        """Whether its outline is a circle."""
        w, h = self.box.width, self.box.height
        return 0.85 <= w / h <= 1.18 and 0.7 < self.filled < 0.88 and self.roundness > 0.82 and self.corners > 5

    @property
    def hollow(self) -> float:
        """Share of what the outline encloses that is of another colour."""
        inside = self.filled * self.box.width * self.box.height
        return max(0.0, 1 - self.area / inside) if inside else 0.0

    @property
    def shape(self) -> str:
        """circle, triangle, square, rectangle or another; from the outline alone."""
        if self.round:
            return "circle"
        if 0.4 < self.filled < 0.62 and self.corners == 3:
            return "triangle"
        if self.filled > 0.94:
            return "square" if 0.9 <= self.box.width / self.box.height <= 1.11 else "rectangle"
        return "polygon"


def find_regions(pixels: Pixels, least: int, ground: int) -> tuple[list[Region], NDArray[np.uint8]]:
    """Even areas of `pixels` (uint8 RGB), and what is drawn on them.

    The areas are at least `least` pixels wide and high, the largest first, the one around everything left out. The drawing is 1 wherever
    there is no area that is wider or higher than `ground` pixels; shape (height, width).
    """
    import cv2

    height, width = pixels.shape[:2]
    flat = np.ones((height, width), np.uint8)
    flat[:, :-1] &= alike(pixels[:, 1:], pixels[:, :-1], _FLAT)
    flat[:-1] &= alike(pixels[1:], pixels[:-1], _FLAT)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
    order = np.argsort(-stats[:, 4])
    regions = []
    for label in order:
        x, y, w, h, area = (int(value) for value in stats[label])
        if label == 0 or w < least or h < least or area < least * least / 4 or (w > 0.98 * width and h > 0.98 * height):
            continue
        regions.append(_region(pixels, labels[y : y + h, x : x + w] == label, Box(x, y, x + w, y + h), area))
        if len(regions) == _MOST_REGIONS:
            break
    large = (np.maximum(stats[:, 2], stats[:, 3]) > ground) & (np.arange(len(stats)) > 0)
    return regions, (~large[labels]).astype(np.uint8)


def alike(a: Pixels, b: Pixels, most: int) -> NDArray[np.uint8]:
    """255 where no channel of two pictures differs by more than `most`, else 0; shape (height, width).

    One pass over the pixels: to take the maximum of three channels with numpy costs 30 times as much (25 ms at 1280 x 800).
    """
    import cv2

    return np.asarray(cv2.inRange(cv2.absdiff(a, b), (0, 0, 0), (most, most, most)), dtype=np.uint8)


def _region(pixels: Pixels, mask: Any, box: Box, area: int) -> Region:
    import cv2

    outlines, _ = cv2.findContours(np.pad(mask.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    perimeter = max(1.0, cv2.arcLength(outline, True))
    enclosed = cv2.contourArea(outline) + perimeter / 2
    corners = len(cv2.approxPolyDP(outline, 0.03 * perimeter, True))
    part = pixels[box.top : box.bottom, box.left : box.right][mask]
    color = tuple(int(value) for value in np.median(part[:: max(1, len(part) // 500)], axis=0))
    return Region(
        box,
        (color[0], color[1], color[2]),
        area,
        min(1.0, enclosed / (box.width * box.height)),
        min(1.0, 4 * np.pi * enclosed / perimeter**2),
        corners,
    )


def saturation(color: Color) -> float:
    """How colourful, 0 for greys to 1."""
    return (max(color) - min(color)) / 255


def color_distance(name: str, color: Color) -> float:
    """How far `color` is from what `name` says: 0 the same, about 1 the opposite; 9 for a name that is none."""
    if name not in _COLORS:
        return 9.0
    return math.dist(_COLORS[name], color) / math.dist(_COLORS["black"], _COLORS["white"])


def is_color(name: str) -> bool:
    """Whether `name` is the name of a colour that is known here."""
    return name in _COLORS


def is_shade(name: str, color: Color) -> bool:
    """Whether `color` is a light or dark shade of the hue that `name` says."""
    if name not in _COLORS or saturation(color) < 0.08:
        return False
    hue, wanted = (colorsys.rgb_to_hsv(*(value / 255 for value in c))[0] for c in (color, _COLORS[name]))
    return min(abs(hue - wanted), 1 - abs(hue - wanted)) < 1 / 9


def text_color(pixels: Pixels, box: Box) -> Color:
    """Colour of the ink inside `box`: what differs most from the paper around it."""
    part = pixels[box.top : box.bottom, box.left : box.right].reshape(-1, 3).astype(int)
    if not len(part):
        return (0, 0, 0)
    paper = np.median(part, axis=0)
    distance = np.abs(part - paper).sum(axis=1)
    ink = part[distance >= np.quantile(distance, 0.93)]
    color = np.median(ink, axis=0)
    return (int(color[0]), int(color[1]), int(color[2]))


def color_code(name: str) -> str:
    """Six hexadecimal digits of the colour `name`; empty for a name that is none."""
    return "".join(f"{value:02X}" for value in _COLORS[name]) if name in _COLORS else ""
