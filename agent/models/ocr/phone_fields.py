"""Text fields as phones draw them, and the keyboard on the screen."""

from __future__ import annotations

import re

from handeye.agent.models.ocr.boxes import area
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.instructions import Target
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.agent.models.ocr.words import likeness
from handeye.tools.geometry import Box

_NOUN = re.compile(r"\s*\b(?:text |input |entry )*(?:field|box|input|area)$", re.IGNORECASE)


def field_on_phone(target: Target, screen: Screen) -> Element | None:
    """The field with the name of `target`, which stands in it (as a hint, or small above what was entered), or over it; else None.

    `text` of the element is what was entered. Where no frame is seen, the name itself is the place to touch.
    """
    names = [name for name in dict.fromkeys((_NOUN.sub("", target.phrase), target.text)) if name]
    for name in names:
        lines = [line for line in screen.lines if _says(name, line.text)]
        for line in sorted(lines, key=lambda line: -likeness(name, line.text.rstrip(" *:"))):
            frame = _frame(line.box, screen)
            inside = [other for other in screen.lines if frame.contains(other.box.center) and other is not line]
            return Element("field", frame, " ".join(other.text for other in inside), frame)
        found = [c for c in find(screen, Target(name, name)) if c.score > 0.8]
        if found:
            return Element("field", found[0].box)
    return None


def _says(name: str, text: str) -> bool:
    return likeness(name, text.rstrip(" *:")) > 0.8


def _frame(line: Box, screen: Screen) -> Box:
    """The frame around a line, no higher than a field is; the line itself where there is none."""
    frames = [
        element.box
        for element in screen.of("field", "area", "button", "dropdown")
        if element.box.contains(line.center) and element.box.height < 5 * screen.unit and element.box.width > 3 * screen.unit
    ]
    return min(frames, key=area, default=line)
