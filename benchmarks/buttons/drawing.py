"""A screen drawn in memory with Pillow, with the variety that different renderers would bring."""

from __future__ import annotations

import functools
import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handeye.benchmarks.buttons.screens import VIEWPORT, Screen
from handeye.tools.device import Pixels

_FONTS = ("LiberationSans-Regular.ttf", "LiberationSans-Regular.ttf", "DejaVuSans.ttf", "Arial.ttf")
"""The first two places are one font: what Chromium shows for this page on most Linux machines."""
_NOISE = 3


def draw(screen: Screen, random_: random.Random) -> Pixels:
    """The picture of `screen`: (224, 336, 3) uint8. `random_` decides the font, the place of the label to a pixel, and a little noise."""
    image = Image.new("RGB", VIEWPORT, screen.background)
    drawing = ImageDraw.Draw(image)
    font = _font(random_.choice(_available()), screen.font_size)
    for button in screen.buttons:
        box = button.box
        drawing.rounded_rectangle((box.left, box.top, box.right - 1, box.bottom - 1), screen.radius, fill=button.rgb)
        middle = ((box.left + box.right) / 2 + random_.uniform(-1, 1), (box.top + box.bottom) / 2 + random_.uniform(-1, 1))
        drawing.text(middle, button.label, fill=button.ink, font=font, anchor="mm")
    pixels = np.asarray(image)
    if random_.random() < 0.5:
        noise = np.random.default_rng(random_.getrandbits(32)).integers(-_NOISE, _NOISE + 1, pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    return pixels


@functools.cache
def _available() -> tuple[str, ...]:
    """The fonts of `_FONTS` that this machine has; an empty name stands for Pillow's own."""
    return tuple(name for name in _FONTS if _loads(name)) or ("",)


def _loads(name: str) -> bool:
    try:
        ImageFont.truetype(name)
    except OSError:
        return False
    return True


@functools.cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(Path(name).name, size) if name else ImageFont.load_default(size)
