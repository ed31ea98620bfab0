"""Switches: a pill with a round knob at one of its ends, as phones draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handeye.agent.models.ocr.boxes import overlap
from handeye.agent.models.ocr.shapes import Region
from handeye.tools.geometry import Box

_WIDE = (1.4, 2.6)
"""Width of the pill by its height: 52 x 32 dp (Material 3), 36 x 20 (Material 2), 51 x 31 (iOS)."""
_HIGHEST = 3.2
"""Height of the pill in lines of text: it is 32 dp where small text is 14 high."""
_KNOB = (0.3, 1.5)
"""Height of the knob by that of the pill."""


@dataclass(frozen=True)
class Switch:
    """A switch and its state."""

    box: Box
    on: bool


def find_switches(regions: Sequence[Region], unit: int) -> list[Switch]:
    """The switches among the areas of even colour on a screen whose usual line is `unit` pixels high."""
    found: list[Switch] = []
    for pill in regions:
        box = pill.box
        fits = 0.45 * unit <= box.height <= _HIGHEST * unit and _WIDE[0] <= box.width / box.height <= _WIDE[1]
        if not fits or not 0.75 < pill.filled < 0.99:
            continue
        if any(overlap(box, other.box) for other in found):
            continue
        for knob in regions:
            if knob is pill or not _is_knob(knob, box):
                continue
            away = (knob.box.center.x - box.center.x) / box.width
            if abs(away) > 0.1:
                found.append(Switch(box, away > 0))
                break
    return found


def _is_knob(region: Region, pill: Box) -> bool:
    box = region.box
    round_ = 0.8 <= box.width / box.height <= 1.25 and region.filled < 0.92
    fits = _KNOB[0] * pill.height <= box.height <= _KNOB[1] * pill.height
    level = abs(box.center.y - pill.center.y) <= 0.15 * pill.height
    within = pill.left - 0.3 * pill.height <= box.left and box.right <= pill.right + 0.3 * pill.height
    return round_ and fits and level and within
