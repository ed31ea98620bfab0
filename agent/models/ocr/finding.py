"""Which element of a screen a target means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handeye.agent.models.ocr.boxes import area, inside
from handeye.agent.models.ocr.icons import icon_called
from handeye.agent.models.ocr.instructions import Target
from handeye.agent.models.ocr.screen import Element, Kind, Screen
from handeye.agent.models.ocr.shapes import color_distance
from handeye.agent.models.ocr.words import folded, likeness, underlined
from handeye.tools.geometry import Box

_KINDS: dict[str, tuple[Kind, ...]] = {
    "button": ("button",),
    "link": ("link",),
    "tab": ("button", "text"),
    "checkbox": ("checkbox",),
    "radio": ("radio",),
    "option": ("radio", "checkbox", "button"),
    "field": ("field", "area"),
    "area": ("area", "field"),
    "dropdown": ("dropdown",),
    "icon": ("icon", "shape", "button"),
    "shape": ("shape", "radio", "checkbox"),
    "value": ("text",),
    "menu": ("button", "text"),
    "item": ("link", "button", "text", "checkbox", "radio"),
    "text": ("text",),
    "letter": ("text",),
    "digit": ("text",),
}
_USABLE: tuple[Kind, ...] = ("button", "link", "checkbox", "radio", "dropdown")
_LEAST = 0.45
_PART = 0.9
"""Words inside a longer line count this much of a line of their own."""
_COVERED = 0.5
"""A label of which only the beginning or the end is seen."""
_UNDERLINED = 0.7
"""A name whose underlined letter was read as another."""
_SAME_COLOR = 0.3
_ICON = 0.35
"""Icons that fit less are taken for others."""


@dataclass(frozen=True)
class Candidate:
    """An element that a target may mean, best read as: `box` is where to click."""

    element: Element
    box: Box
    score: float


def find(screen: Screen, target: Target) -> list[Candidate]:
    """What `target` may mean on `screen`, the best first; empty if nothing comes near."""
    if target.extreme:
        return [*_extreme(screen, target)]
    if target.kind == "value":
        return [*_value_of(screen, target)]
    if target.text or (target.phrase and not (target.kind or target.color or target.shape)):
        found = [*_by_text(screen, target)] or [*_by_underlined_text(screen, target)]
    else:
        found = [*_by_kind(screen, target)]
    found = _distinct(found) if not target.extreme else found
    if target.near and found:
        found = _nearest(screen, target.near, found)
    if target.ordinal and target.text and found:
        peers = sorted((c for c in found if c.score > found[0].score - 0.1), key=lambda c: (c.box.top, c.box.left))
        index = target.ordinal - 1 if target.ordinal > 0 else target.ordinal
        found = [peers[index]] if -len(peers) <= index < len(peers) else []
    return found


def _by_text(screen: Screen, target: Target) -> Iterator[Candidate]:
    wanted = [(text, weight) for text, weight in ((target.text, 1.0), (target.phrase, 1.0 if target.kind else 0.98)) if text]
    kinds = _KINDS.get(target.kind, ())
    for element in screen.elements:
        if element.kind in {"field", "area"}:
            continue
        score = max((_said(text, element) * weight for text, weight in wanted), default=0)
        if score >= _LEAST:
            yield Candidate(element, element.box, score * _fit(element, kinds))
    for span in spans(screen, max(len(text.split()) for text, _ in wanted)):
        score = max(likeness(text, span.text) * weight for text, weight in wanted) * _PART
        if score >= _LEAST:
            yield Candidate(span, span.box, score * _fit(span, kinds))
    if target.kind in {"field", "area", "dropdown"}:
        yield from fields_named(screen, target.text or target.phrase, kinds)
    if target.kind in {"icon", "button", ""} and (icon := icon_called(target.text)):
        for element in screen.elements:
            if element.icon and (fit := element.icon.fits(icon)) > _ICON:
                yield Candidate(element, element.box, _LEAST + fit / 2 - (0.2 if element.icon.name != icon else 0))


def _by_underlined_text(screen: Screen, target: Target) -> Iterator[Candidate]:
    """What a desktop's menu or button says with a line under the letter that stands for it, where nothing says just the same."""
    wanted = target.text or target.phrase
    if not screen.desktop:
        return
    buttons = [element for element in screen.elements if element.kind in ("button", "text")]
    for element in (*buttons, *spans(screen, len(wanted.split()))):
        if underlined(wanted, element.text):
            yield Candidate(element, element.box, _UNDERLINED * _fit(element, _KINDS.get(target.kind, ())))


def _value_of(screen: Screen, target: Target) -> Iterator[Candidate]:
    """What stands right of a label, once the words it must be near are in sight."""
    if target.near and anchor(screen, target.near) is None:
        return
    for line in screen.lines:
        first = line.words[0]
        if likeness(target.text, first.text) > 0.8 and len(line.words) > 1:
            box = Box(line.words[1].box.left, line.box.top, line.box.right, line.box.bottom)
            yield Candidate(Element("text", box, " ".join(word.text for word in line.words[1:])), box, 0.9)
        elif likeness(target.text, line.text) > 0.8:
            row = [o for o in screen.lines if o.box.left >= line.box.right and abs(o.box.center.y - line.box.center.y) < screen.unit // 2]
            for other in sorted(row, key=lambda o: o.box.left)[:1]:
                yield Candidate(Element("text", other.box, other.text), other.box, 0.9)


def _extreme(screen: Screen, target: Target) -> Iterator[Candidate]:
    """The thing with the smallest or largest number beside it or on it; for `size`, the smallest or largest thing itself."""
    sign = 1 if target.extreme == "least" else -1
    if target.measure == "size":
        tiles = [e for e in screen.of("button") if len(e.text) < 2]
        things = [*tiles, *screen.of("shape", "area", "checkbox", "radio", "field")]
        things = [e for e in things if not target.color or color_distance(target.color, e.color) < _SAME_COLOR]
        for thing in sorted(things, key=lambda e: sign * area(e.box)):
            yield Candidate(thing, thing.box, 0.9)
        return
    measured = [(value, line.box) for line in screen.lines if (value := measured_in(line.text, target.measure)) is not None]
    if not measured:
        return
    _, place = min(measured, key=lambda pair: sign * pair[0])
    buttons = [e for e in screen.of("button", "link") if e.box.width < 0.9 * screen.width or inside(place, e.box)]
    below = [e for e in buttons if e.box.bottom > place.top]
    for thing in sorted(below, key=lambda e: abs(e.box.center.y - place.center.y))[:1]:
        yield Candidate(thing, thing.box, 0.9)


def measured_in(text: str, measure: str) -> float | None:
    """The number that `text` gives for `measure` (price, duration, or the word before it); None if it gives none."""
    if measure == "price":
        found = re.search(r"[$€£]\s?(\d[\d,]*(?:\.\d+)?)", text)
        return float(found[1].replace(",", "")) if found else None
    if measure == "duration":
        found = re.search(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)", text)
        hours = re.search(r"(\d+)\s*h", text)
        return 60 * int(hours[1]) + (int(found[2]) if found else 0) if hours else float(found[2]) if found else None
    found = re.search(r"-?\d+(?:\.\d+)?", text)
    return float(found[0]) if found else None


def _said(text: str, element: Element) -> float:
    score = likeness(text, element.text)
    if score or element.kind != "button":
        return score
    short, long = folded(element.text), folded(text)
    covered = len(short) >= 2 and len(short) >= 0.5 * len(long) and (long.startswith(short) or long.endswith(short))
    return _COVERED if covered else 0.0


def _fit(element: Element, kinds: tuple[Kind, ...]) -> float:
    if not kinds:
        return 1.0 if element.kind in _USABLE else 0.96
    return 1.0 if element.kind in kinds else 0.85


def spans(screen: Screen, words: int) -> Iterator[Element]:
    """Every run of up to `words` + 1 words of a line, as a piece of text."""
    for line in screen.lines:
        for start in range(len(line.words)):
            for end in range(start + max(1, words - 1), min(len(line.words), start + words + 1) + 1):
                run = line.words[start:end]
                if len(run) < len(line.words):
                    yield Element(
                        "text", Box(run[0].box.left, line.box.top, run[-1].box.right, line.box.bottom), " ".join(w.text for w in run)
                    )


def _by_kind(screen: Screen, target: Target) -> Iterator[Candidate]:
    kinds = _KINDS.get(target.kind, ("button", "link"))
    things = screen.of(*kinds) if target.kind != "option" else screen.of("radio", "checkbox")
    if target.kind == "item":
        things = screen.of("link") or screen.of("button") or screen.of("shape", "radio", "checkbox")
    if target.kind in {"field", "area"}:
        first = [thing for thing in things if thing.kind == kinds[0]]
        things = first or things
    if target.kind in {"letter", "digit"}:
        things = [thing for thing in things if len(thing.text) == 1 and thing.text.isdigit() == (target.kind == "digit")]
    if target.color:
        things = [thing for thing in things if color_distance(target.color, thing.color) < _SAME_COLOR]
        things.sort(key=lambda thing: color_distance(target.color, thing.color))
    if target.shape:
        things = [t for t in things if t.shape == target.shape or (target.shape == "rectangle" and t.shape == "square")]
    if target.ordinal:
        index = target.ordinal - 1 if target.ordinal > 0 else target.ordinal
        things = [things[index]] if -len(things) <= index < len(things) else []
    for rank, thing in enumerate(things):
        yield Candidate(thing, thing.box, 0.9 / (1 + 0.01 * rank))


def fields_named(screen: Screen, name: str, kinds: tuple[Kind, ...] = ("field", "area")) -> Iterator[Candidate]:
    """Fields that `name` is written in, left of, above, or (when nothing is above) below."""
    fields = [element for element in screen.elements if element.kind in kinds]
    labels = [(likeness(name, line.text), line.box) for line in screen.lines]
    labels += [(likeness(name, span.text) * _PART, span.box) for span in spans(screen, len(name.split()))]
    for field in fields:
        if field.text and (score := likeness(name, field.text)) >= _LEAST:
            yield Candidate(field, field.box, score)
    for score, label in labels:
        if score < _LEAST:
            continue
        costs = [(cost, field) for field in fields if (cost := label_cost(label, field.box, screen.unit)) is not None]
        if costs:
            field = min(costs, key=lambda pair: pair[0])[1]
            yield Candidate(field, field.box, score)


def label_cost(label: Box, field: Box, unit: int) -> float | None:
    """How far a label is from a field, in pixels of reading distance; None where it cannot be its label."""
    rows = min(label.bottom, field.bottom) - max(label.top, field.top)
    columns = min(label.right, field.right) - max(label.left, field.left)
    if rows > 0.4 * min(label.height, field.height) and label.right <= field.left + unit / 2:
        return float(max(0, field.left - label.right)) * 0.5
    if columns > 0 and 0 <= field.top - label.bottom + unit / 2 <= 3.5 * unit:
        return float(max(0, field.top - label.bottom))
    if columns > 0 and 0 <= label.top - field.bottom + unit / 2 <= 1.5 * unit:
        return float(max(0, label.top - field.bottom)) + unit / 4
    return None


def _nearest(screen: Screen, near: str, found: list[Candidate]) -> list[Candidate]:
    """Order `found` by the distance to the words `near`; things below them in the same block come before things above."""
    place = anchor(screen, near)
    if place is None:
        return []

    def distance(candidate: Candidate) -> float:
        down = candidate.box.center.y - place.center.y
        return abs(down) * (1 if down > -screen.unit else 6) + 0.1 * abs(candidate.box.center.x - place.center.x)

    good = [candidate for candidate in found if candidate.score > found[0].score - 0.15]
    return sorted(good, key=distance)


def anchor(screen: Screen, text: str) -> Box | None:
    """Where the words `text` stand, if they do."""
    best = max((c for c in _by_text(screen, Target(text))), key=lambda c: c.score, default=None)
    return best.box if best else None


def anchors(screen: Screen, text: str) -> list[Box]:
    """Every place where the words `text` stand, from top to bottom."""
    found = _distinct([c for c in _by_text(screen, Target(text)) if c.score > 0.75])
    return sorted((c.box for c in found), key=lambda box: box.top)


def _distinct(found: list[Candidate]) -> list[Candidate]:
    """Leave out plain text that stands in a better candidate."""
    kept: list[Candidate] = []
    for candidate in sorted(found, key=lambda c: (-c.score, c.element.kind == "text")):
        middle = candidate.box.center
        if not any(other.box.contains(middle) or candidate.box.contains(other.box.center) for other in kept):
            kept.append(candidate)
    return kept
