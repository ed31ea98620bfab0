"""Moves of the instructions about text: enter, tell."""

from __future__ import annotations

import re

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.finding import Candidate, fields_named, find
from handeye.agent.models.ocr.instructions import Enter, Source, Target, Tell, Value
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.pointing_moves import paragraphs
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.agent.models.ocr.words import likeness


def enter_move(instruction: Enter, screen: Screen, memo: Memo) -> Move | Done:
    """Click the field, empty it if something stands in it, type; the same for every field if all are meant."""
    value = next((entry.removeprefix("value:") for entry in memo if entry.startswith("value:")), None)
    if value is None:
        value = read_value(instruction.value, screen)
    turn = [entry for entry in memo if entry in {"focused", "cleared", "typed"}]
    fields = screen.of("field")
    rounds = turn.count("typed")
    if not turn or turn[-1] == "typed":
        field = fields[min(rounds, len(fields) - 1)] if instruction.every and fields else the_field(instruction.field, screen)
        return Move(f"click {_name(field, instruction.field)}.", calls.click(field.box.center), "focused")
    if turn[-1] == "focused" and _filled(instruction, screen, rounds):
        return Move("select what stands in the field, to replace it.", calls.press(["ctrl", "a"]), "cleared")
    last = not instruction.every or rounds + 1 >= len(fields)
    return Move(f"type {value!r}.", calls.type_text(value), "typed", last=last)


def _filled(instruction: Enter, screen: Screen, rounds: int) -> bool:
    """Whether text stands in the field that is none of its label."""
    try:
        fields = screen.of("field")
        field = fields[min(rounds, len(fields) - 1)] if instruction.every and fields else the_field(instruction.field, screen)
    except NotFound:
        return False
    return bool(field.text)


def _name(field: Element, target: Target) -> str:
    return f"the field {target}" if target.text or target.ordinal else "the field"


def the_field(target: Target, screen: Screen) -> Element:
    """The field that is meant: by its label, by its number, or the only one. Raises `NotFound`."""
    fields = screen.of("field") or screen.of("area")
    if target.text:
        named = sorted(fields_named(screen, target.text), key=lambda c: -c.score)
        if named:
            return named[0].element
        if target.text.lower() == "search" and fields:
            return fields[0]
        if len(fields) == 1:
            return fields[0]
        raise NotFound(f"a field {target}")
    if target.ordinal:
        found: list[Candidate] = find(screen, Target(kind=target.kind or "field", ordinal=target.ordinal))
        if found:
            return found[0].element
        raise NotFound(f"a field {target}")
    empty = [field for field in fields if not field.text]
    if not fields:
        raise NotFound("a field to type into")
    return (empty or fields)[0]


def read_value(value: Value, screen: Screen) -> str:
    """The text that a value stands for. Raises `NotFound` if it has to be read and is not there."""
    if isinstance(value, str):
        return value
    if value.kind == "row":
        return beside(value.label, screen)
    if value.kind == "word":
        words = [word.text for block in paragraphs(screen)[:1] for line in block for word in line.words]
        index = value.ordinal - 1 if value.ordinal > 0 else value.ordinal
        if -len(words) <= index < len(words):
            return words[index].strip(".,;:!?")
        raise NotFound(f"word {value.ordinal}")
    return _shown(value, screen)


def beside(label: str, screen: Screen) -> str:
    """What stands right of `label` on its line, or in the cell at its right. Raises `NotFound`."""
    for line in screen.lines:
        if found := re.match(rf"\s*{re.escape(label)}\s*[:=]\s*(.+)", line.text, re.IGNORECASE):
            return found[1].strip()
    best = max(screen.lines, key=lambda line: likeness(label, line.text), default=None)
    if best and likeness(label, best.text) > 0.7:
        row = [
            o
            for o in screen.lines
            if o is not best and abs(o.box.center.y - best.box.center.y) < best.box.height / 2 and o.box.left >= best.box.right
        ]
        if row:
            return min(row, key=lambda line: line.box.left).text
    raise NotFound(f"a value beside {label!r}")


def _shown(value: Source, screen: Screen) -> str:
    """A text as it stands: in the text area that is meant, or the only loose text."""
    areas = [e for e in screen.of("area", "field") if e.text]
    index = value.place.ordinal - 1 if value.place.ordinal > 0 else value.place.ordinal
    if value.place.kind == "area" and areas and -len(areas) <= index < len(areas):
        return areas[index].text
    blocks = paragraphs(screen)
    if not blocks:
        raise NotFound("a text to read")
    return " ".join(line.text for line in blocks[0])


def tell_move(instruction: Tell, screen: Screen, memo: Memo) -> Move | Done:
    """Answer with what was read."""
    text = read_value(instruction.source, screen)
    return Move(f"it reads {text!r}.", calls.answer(text), last=True)
