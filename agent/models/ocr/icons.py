"""Common icons, told apart by their silhouettes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handeye.tools.geometry import Box

Mask: TypeAlias = NDArray[np.uint8]

_SIDE = 32
_NAMES = {
    "star": ("star", "important", "favorite", "favourite", "bookmark"),
    "trash": ("trash", "trash can", "bin", "delete", "remove", "garbage"),
    "heart": ("heart", "like", "love"),
    "reply": ("reply", "answer", "back", "undo"),
    "forward": ("forward", "redo"),
    "repost": ("repost", "retweet", "refresh", "reload"),
    "share": ("share",),
    "search": ("search", "magnifier", "magnifying glass", "find"),
    "close": ("close", "x", "dismiss", "cancel"),
    "plus": ("plus", "add", "new", "expand", "+"),
    "minus": ("minus", "collapse", "-"),
    "menu": ("menu", "hamburger"),
    "more": ("more", "dots", "options", "ellipsis", "..."),
    "right": ("next", "right", "play", "start", "resume", ">"),
    "left": ("previous", "left", "<"),
    "up": ("up",),
    "down": ("down",),
    "send": ("send", "paper plane"),
    "pause": ("pause",),
}
"""What people call each icon."""


@dataclass(frozen=True)
class Icon:
    """A small drawing, with what it may be."""

    box: Box
    likeness: dict[str, float]
    """0 to 1 for every icon known."""

    @property
    def name(self) -> str:
        """The likeliest; empty if it is like none."""
        name = max(self.likeness, key=lambda n: self.likeness[n])
        return name if self.likeness[name] > 0.6 else ""

    def fits(self, wanted: str) -> float:
        """How well this is the icon `wanted`, compared with the others that it might be."""
        if wanted not in self.likeness:
            return 0.0
        other = max(value for name, value in self.likeness.items() if name != wanted)
        return max(0.0, self.likeness[wanted] + 0.5 * min(0.0, self.likeness[wanted] - other))


def icon_called(name: str) -> str:
    """The icon that `name` means; empty if it is none that is known."""
    name = name.strip().lower()
    return next((icon for icon, names in _NAMES.items() if name in names), "")


def find_icons(ink: Mask, text: Sequence[Box], unit: int, largest: float = 2.2) -> list[Icon]:
    """Drawings of `largest` lines' height at most among the `ink` (1 where there is no even ground, shape (height, width)), outside the
    boxes of `text`."""
    import cv2

    drawn = ink.copy()
    for box in text:
        drawn[max(0, box.top) : box.bottom, max(0, box.left) : box.right] = 0
    near = cv2.dilate(drawn, np.ones((3, 3), np.uint8), iterations=max(1, unit // 24))
    stats = cv2.connectedComponentsWithStats(near, connectivity=8)[2][1:]
    found = []
    for x, y, w, h, _ in stats.tolist():
        if 0.3 * unit <= max(w, h) <= largest * unit and min(w, h) >= 0.1 * unit:
            mask = drawn[y : y + h, x : x + w]
            rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
            if len(rows) and len(columns):
                box = Box(x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1)
                found.append(Icon(box, _likeness(drawn[box.top : box.bottom, box.left : box.right])))
    return [*found, *_columns_of_dots(found, unit)]


def icon_in(ink: Mask, box: Box) -> Icon | None:
    """What is drawn in `box`, as one icon; None if nothing is."""
    part = ink[max(0, box.top) : box.bottom, max(0, box.left) : box.right]
    return Icon(box, _likeness(_trimmed(part))) if part.any() else None


def _columns_of_dots(icons: Sequence[Icon], unit: int) -> list[Icon]:
    """Three equal dots one under the other, which phones draw for "more"."""
    dots = [icon.box for icon in icons if max(icon.box.width, icon.box.height) < 0.6 * unit and abs(icon.box.width - icon.box.height) <= 2]
    found = []
    for first in dots:
        below = sorted((b for b in dots if abs(b.center.x - first.center.x) <= 1 and b.top > first.bottom), key=lambda b: b.top)[:2]
        if len(below) < 2:
            continue
        gaps = below[0].top - first.bottom, below[1].top - below[0].bottom
        if max(gaps) <= 1.5 * first.height and abs(gaps[0] - gaps[1]) <= 2:
            box = Box(min(first.left, below[1].left), first.top, max(first.right, below[1].right), below[1].bottom)
            found.append(Icon(box, dict.fromkeys(_NAMES, 0.0) | {"more": 1.0}))
    return found


def _likeness(mask: Mask) -> dict[str, float]:
    import cv2

    shape = _normal(mask)
    soft = cv2.GaussianBlur(shape, (5, 5), 0).astype(np.float32)
    return {name: float(_agreement(soft, template)) for name, template in _templates().items()}


def _agreement(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(np.minimum(a, b).sum() / max(1e-6, np.maximum(a, b).sum()))


def _normal(mask: Mask) -> NDArray[np.float32]:
    import cv2

    height, width = mask.shape
    side = max(height, width)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = mask
    return cv2.resize(square.astype(np.float32), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)


@functools.cache
def _templates() -> dict[str, NDArray[np.float32]]:
    import cv2

    drawn = {name: np.zeros((200, 200), np.uint8) for name in _NAMES}
    points = [(100 + r * np.sin(a), 105 - r * np.cos(a)) for i in range(10) for r, a in [((100, 42)[i % 2], i * np.pi / 5)]]
    _fill(drawn["star"], points)
    _fill(drawn["trash"], [(40, 50), (160, 50), (150, 198), (50, 198)])
    cv2.rectangle(drawn["trash"], (25, 18), (175, 42), 1, -1)
    cv2.rectangle(drawn["trash"], (75, 2), (125, 18), 1, -1)
    for x in (58, 142):
        cv2.circle(drawn["heart"], (x, 60), 50, 1, -1)
    _fill(drawn["heart"], [(14, 85), (186, 85), (100, 190)])
    _fill(drawn["reply"], [(5, 85), (80, 20), (80, 60), (150, 75), (190, 120), (195, 180), (160, 135), (130, 115), (80, 110), (80, 150)])
    drawn["forward"] = np.ascontiguousarray(drawn["reply"][:, ::-1])
    for flip in (False, True):
        half = np.zeros((200, 200), np.uint8)
        _fill(half, [(45, 40), (90, 95), (0, 95)])
        cv2.rectangle(half, (32, 90), (58, 160), 1, -1)
        cv2.rectangle(half, (32, 134), (120, 160), 1, -1)
        drawn["repost"] |= half[::-1, ::-1] if flip else half
    cv2.line(drawn["share"], (45, 100), (155, 40), 1, 18)
    cv2.line(drawn["share"], (45, 100), (155, 160), 1, 18)
    for center in ((45, 100), (155, 38), (155, 162)):
        cv2.circle(drawn["share"], center, 34, 1, -1)
    cv2.circle(drawn["search"], (78, 78), 72, 1, -1)
    cv2.line(drawn["search"], (120, 120), (185, 185), 1, 34)
    cv2.line(drawn["close"], (20, 20), (180, 180), 1, 40)
    cv2.line(drawn["close"], (180, 20), (20, 180), 1, 40)
    cv2.rectangle(drawn["plus"], (0, 80), (199, 120), 1, -1)
    cv2.rectangle(drawn["plus"], (80, 0), (120, 199), 1, -1)
    cv2.rectangle(drawn["minus"], (0, 80), (199, 120), 1, -1)
    for y in (30, 100, 170):
        cv2.rectangle(drawn["menu"], (5, y - 16), (195, y + 16), 1, -1)
    for x in (30, 125):
        cv2.rectangle(drawn["pause"], (x, 10), (x + 45, 190), 1, -1)
    for x in (25, 100, 175):
        cv2.circle(drawn["more"], (x, 100), 25, 1, -1)
    _fill(drawn["right"], [(35, 5), (165, 100), (35, 195)])
    drawn["left"] = np.ascontiguousarray(drawn["right"][:, ::-1])
    drawn["down"] = np.ascontiguousarray(drawn["right"].T)
    drawn["up"] = np.ascontiguousarray(drawn["down"][::-1])
    _fill(drawn["send"], [(5, 20), (195, 100), (5, 180), (5, 115), (120, 100), (5, 85)])
    return {name: cv2.GaussianBlur(_normal(_trimmed(mask)), (5, 5), 0).astype(np.float32) for name, mask in drawn.items()}


def _fill(mask: Mask, points: Sequence[Any]) -> None:
    import cv2

    cv2.fillPoly(mask, [np.array(points, np.int32)], 1)


def _trimmed(mask: Mask) -> Mask:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
