"""Whether what an action aims at still looks as it did when the model decided."""

from __future__ import annotations

import numpy as np

from handeye.envs.actions import Action, points_of
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box, Point, Size

TARGET_RADIUS = 24
"""Pixels around the target of a later action of one reply that must still look as they did when the model decided."""


def target_stands(action: Action, seen: Pixels, now: Pixels) -> bool:
    """Whether the screen still looks as the model saw it around every point of `action`."""
    if seen.shape != now.shape:
        return not points_of(action)
    size = Size(now.shape[1], now.shape[0])
    return all(_alike(seen, now, point, size) for point in points_of(action))


def _alike(seen: Pixels, now: Pixels, point: Point, size: Size) -> bool:
    box = Box.around(point, TARGET_RADIUS).clipped(size)
    area = np.s_[box.top : box.bottom, box.left : box.right]
    return bool(np.array_equal(seen[area], now[area]))
