"""Small text that the detector passed over: on a large, nearly empty picture it misses words that it finds in a cutting."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from handeye.agent.models.ocr.boxes import area, overlap
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

_WINDOW = 31
"""Side in pixels of the neighbourhood whose median is the paper."""
_INK = 60
"""Difference to the paper from which a pixel is a letter's, of 255."""
_LETTER = (30, 22)
"""Largest width and height of a letter of small text, in pixels."""
_JOIN = 9
"""Letters closer than this are of one piece of text."""
_LEAST = (16, 7)
"""Least width and height of a piece of text."""
_MOST = 8
"""More pieces than this are no text that was missed but a picture."""


def unread_boxes(pixels: Pixels, lines: Iterable[Box]) -> list[Box]:
    """Boxes of what looks like small words and lies outside of `lines`; empty where there are too many. `pixels` is uint8 RGB."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    ink = (cv2.absdiff(grey, cv2.medianBlur(grey, _WINDOW)) > _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letter = (stats[:, 2] <= _LETTER[0]) & (stats[:, 3] <= _LETTER[1])
    letter[0] = False
    joined = cv2.dilate(letter[labels].astype(np.uint8), np.ones((1, _JOIN), np.uint8))
    known = list(lines)
    found: list[Box] = []
    for x, y, w, h, _area in cv2.connectedComponentsWithStats(joined, connectivity=8)[2][1:].tolist():
        box = Box(x, y, x + w, y + h)
        wide = w - _JOIN + 1
        if wide < _LEAST[0] or h < _LEAST[1] or wide < 1.5 * h:
            continue
        if sum(overlap(box, line) for line in known) < 0.3 * area(box):
            found.append(box)
    return found if len(found) <= _MOST else []
