"""Brings a screenshot to the size that a dialect shows."""

from __future__ import annotations

import numpy as np
from PIL import Image

from handeye.agent.messages import Picture
from handeye.tools.device import Pixels
from handeye.tools.geometry import Size


def picture_of(screenshot: Pixels, size: Size) -> Picture:
    """`screenshot` at exactly `size`; bicubic like Qwen's own processors, smoothed where it shrinks. Unchanged if it has the size."""
    if (screenshot.shape[1], screenshot.shape[0]) == size:
        return Picture(screenshot)
    pixels = np.asarray(Image.fromarray(screenshot).resize(size, Image.Resampling.BICUBIC))
    pixels.setflags(write=False)
    return Picture(pixels)
