"""Find something on a picture by its name."""

from __future__ import annotations

from dataclasses import dataclass

from handeye.agent.models.ocr.finding import fields_named, find
from handeye.agent.models.ocr.grammar import read_phrase
from handeye.agent.models.ocr.reading import Reader
from handeye.agent.models.ocr.screen import understand
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box


@dataclass(frozen=True)
class Found:
    """A place that fits a name."""

    box: Box
    score: float
    """1 for a perfect fit, less the looser it is."""
    kind: str
    """button, field, link, checkbox, text and so on."""
    text: str
    """What stands there, or beside it."""


def locate(picture: Pixels, what: str, *, reader: Reader | None = None) -> list[Found]:
    """Places on `picture` (uint8 RGB, shape (height, width, 3)) that `what` ("the Save button", "2nd check box") may mean, the best first.

    Raises `SetupError` where rapidocr is not installed.
    """
    screen = understand(picture, (reader or Reader()).read(picture), "")
    target = read_phrase(what)
    found = find(screen, target)
    if target.text and target.kind in {"", "field", "area"}:
        found += [c for c in fields_named(screen, target.text) if c.box not in [f.box for f in found]]
    found.sort(key=lambda candidate: -candidate.score)
    return [Found(c.box, round(min(1.0, c.score), 3), c.element.kind, c.element.text) for c in found]
