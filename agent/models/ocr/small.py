"""Controls on a screen of small text: check boxes, radio buttons and list arrows, whose lines are a pixel wide.

A resize blurs such lines into the paper, so that no even area is left of the control; here it is found by its ink instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from handeye.agent.models.ocr.boxes import area, inside, overlap, same
from handeye.agent.models.ocr.reading import Line, Word
from handeye.agent.models.ocr.shapes import Color, Region, saturation
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

CONTROL_UNIT = 20
"""Line height to measure controls by on such a screen: the browser's own have it whatever the size of the text around them."""

_WINDOW = 31
"""Side in pixels of the neighbourhood whose median is the paper; more than twice a control's."""
_INK = 24
"""Difference to the paper from which a pixel is ink, of 255."""
_MARK = (9, 24)
"""Sides of check boxes and radio buttons, in pixels; the browser's own have 13."""
_FRAME = (16, 180)
"""Heights of fields, buttons and text areas."""
_APART = 2
"""Free pixels around a control, which letters of a word do not have."""
_ACCENT = 0.3


@dataclass(frozen=True)
class Drawn:
    """A small control."""

    kind: Literal["checkbox", "radio", "arrow", "frame"]
    box: Box
    color: Color
    checked: bool = False


def small_controls(pixels: Pixels) -> list[Drawn]:
    """Check boxes, radio buttons, arrows down and the frames of fields and buttons on `pixels`, uint8 RGB."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    ink = (cv2.absdiff(grey, cv2.medianBlur(grey, _WINDOW)) > _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found: list[Drawn] = []
    for label, (x, y, w, h, _area) in enumerate(stats.tolist()):
        box = Box(x, y, x + w, y + h)
        if label and w > _MARK[1] and _FRAME[0] <= h <= _FRAME[1] and _framed(labels[y : y + h, x : x + w] == label):
            inner = box.grown(-2)
            found.append(Drawn("frame", inner, _color(pixels[inner.top : inner.bottom, inner.left : inner.right].reshape(-1, 3))))
            continue
        if label == 0 or not (6 <= w <= _MARK[1] and 3 <= h <= _MARK[1]) or not _alone(labels, box):
            continue
        own = labels[y : y + h, x : x + w] == label
        if one := _mark(pixels, own, box) or _arrow(pixels, own, box):
            found.append(one)
    marks = [one for one in found if one.kind != "frame"]
    return [one for one in found if not any(other is not one and inside(one.box, other.box) for other in marks)]


def _framed(own: NDArray[np.bool_]) -> bool:
    """Whether a line runs along all four sides, round corners allowed."""
    along = (own[:2].any(axis=0).mean(), own[-2:].any(axis=0).mean())
    across = (own[:, :2].any(axis=1).mean(), own[:, -2:].any(axis=1).mean())
    return bool(min(along) > 0.8 and min(across) > 0.5)


def _alone(labels: NDArray[Any], box: Box) -> bool:
    """Whether no other ink comes near from outside."""
    top, left = max(0, box.top - _APART), max(0, box.left - _APART)
    around = labels[top : box.bottom + _APART, left : box.right + _APART].copy()
    around[box.top - top : box.bottom - top, box.left - left : box.right - left] = 0
    return not bool(around.any())


def _mark(pixels: Pixels, own: NDArray[np.bool_], box: Box) -> Drawn | None:
    import cv2

    if not (_MARK[0] <= min(box.width, box.height) and abs(box.width - box.height) <= 2):
        return None
    padded = np.pad(own.astype(np.uint8), 1)
    outlines, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(padded)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    enclosed, inked = int(whole.sum()), int(own.sum())
    filled, hollow = enclosed / area(box), 1 - inked / enclosed
    part = pixels[box.top : box.bottom, box.left : box.right]
    color = _color(part[own])
    accent = saturation(color) > _ACCENT
    quarter_x, quarter_y = box.width // 4 + 1, box.height // 4 + 1
    middle = own[quarter_y:-quarter_y, quarter_x:-quarter_x]
    core = _color(part[box.height // 2 - 1 : box.height // 2 + 2, box.width // 2 - 1 : box.width // 2 + 2].reshape(-1, 3))
    empty = hollow > 0.3 and not middle.any()
    if filled > 0.9:
        ticked = accent and 0.03 < hollow < 0.5 and bool(middle.any())
        return Drawn("checkbox", box, color if ticked else core, ticked) if empty or ticked else None
    if filled > 0.7 and _even(whole[1:-1, 1:-1]):
        dotted = accent and hollow > 0.1 and saturation(core) > _ACCENT
        if dotted or (empty and saturation(core) < _ACCENT):
            return Drawn("radio", box, core if dotted else color, dotted)
    return None


def _even(shape: NDArray[np.uint8]) -> bool:
    """Whether a filled shape is the same from all four sides, as a circle is and hardly a letter."""
    turned = (shape[::-1], shape[:, ::-1]) + ((shape.T,) if shape.shape[0] == shape.shape[1] else ())
    return all(float((shape != other).mean()) < 0.1 for other in turned)


def _arrow(pixels: Pixels, own: NDArray[np.bool_], box: Box) -> Drawn | None:
    """A triangle or an angle that points down."""
    if not (0.4 <= box.height / box.width <= 1.1 and box.width <= 18):
        return None
    columns = [np.flatnonzero(row) for row in own]
    widths = np.array([int(c[-1] - c[0]) + 1 for c in columns])
    middles = np.array([(c[-1] + c[0]) / 2 for c in columns])
    narrowing = widths[: len(widths) // 2].max() >= 0.75 * box.width and widths[-1] <= 0.5 * box.width and (np.diff(widths[1:]) <= 0).all()
    upright = float(np.abs(middles - (box.width - 1) / 2).max()) <= 1.5
    return Drawn("arrow", box, _color(pixels[box.top : box.bottom, box.left : box.right][own])) if narrowing and upright else None


def _color(part: NDArray[Any]) -> Color:
    value = np.median(part, axis=0)
    return (int(value[0]), int(value[1]), int(value[2]))


def framed_regions(small: Sequence[Drawn], regions: Sequence[Region]) -> list[Region]:
    """What the frames enclose, where it is not among `regions` as a whole: text may reach from edge to edge and part it."""
    frames = [one for one in small if one.kind == "frame"]
    whole = [region.box for region in regions if region.filled > 0.88]
    missing = [one for one in frames if not any(same(one.box, box) for box in whole)]
    return [Region(one.box, one.color, area(one.box), 1.0, 0.5, 4) for one in missing]


def cut_lines(lines: Sequence[Line], regions: Sequence[Region], marks: Sequence[Drawn]) -> list[Line]:
    """The lines as a person would part them: a field's text from its label, without the marks that the line's box covers."""
    frames = [r.box for r in regions if r.filled > 0.88 and 14 <= r.box.height <= 3 * CONTROL_UNIT and r.box.width > 1.2 * CONTROL_UNIT]
    return [part for line in lines for part in _parts(line, frames, [mark.box for mark in marks if mark.kind != "frame"])]


def _parts(line: Line, frames: Sequence[Box], marks: Sequence[Box]) -> Iterator[Line]:
    runs: list[tuple[Box | None, list[Word]]] = []
    for word in line.words:
        around = (f for f in frames if overlap(f, word.box) > 0.5 * area(word.box) and f.contains(word.box.center))
        frame = min(around, key=area, default=None)
        if runs and runs[-1][0] == frame:
            runs[-1][1].append(word)
        else:
            runs.append((frame, [word]))
    covers = any(overlap(mark, line.box) > 0.5 * area(mark) for mark in marks)
    if len(runs) < 2 and not covers:
        yield line
        return
    for _, run in runs:
        box = Box(run[0].box.left, line.box.top, run[-1].box.right, line.box.bottom)
        yield Line(" ".join(word.text for word in run), box, tuple(run), line.score)
