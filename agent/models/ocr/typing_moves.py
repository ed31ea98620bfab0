"""Moves of the instructions about text: enter, copy, paste, complete, tell."""

from __future__ import annotations

import re

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.dates import calendar_move, typed_into_mask
from handeye.agent.models.ocr.finding import Candidate, fields_named, find
from handeye.agent.models.ocr.instructions import Complete, Copy, Enter, Paste, Source, Target, Tell, Value
from handeye.agent.models.ocr.judging import count, solve
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.phone_fields import field_on_phone
from handeye.agent.models.ocr.pointing_moves import paragraphs
from handeye.agent.models.ocr.screen import Element, Screen, keyboard_open
from handeye.agent.models.ocr.words import likeness
from handeye.tools.geometry import Box, Point


def enter_move(instruction: Enter, screen: Screen, memo: Memo) -> Move | Done:
    """Click the field, empty it if something stands in it, type; the same for every field if all are meant."""
    turns = [entry for entry in memo if entry.split(":")[0] in {"focused", "cleared", "typed"}]
    fields = sorted(screen.of("field"), key=lambda e: (e.box.top, e.box.left))
    rounds = turns.count("typed")
    if instruction.every and isinstance(instruction.value, Source):
        fields, rounds = [field for field in fields if not field.text], 0
    if not turns or turns[-1] == "typed":
        unnamed = not instruction.field.text and not instruction.field.ordinal
        if unnamed and (screen.desktop or (screen.phone and keyboard_open(screen))):
            return Move(f"type {(value := read_value(instruction.value, screen))!r}.", calls.type_text(value), "typed", last=True)
        field = _field(instruction, fields, rounds, screen)
        value = _value(instruction, field, screen)
        masked = typed_into_mask(field.text, value)
        point = (
            Point(field.box.left + min(field.box.width // 4, screen.unit // 2 + field.box.height // 4), field.box.center.y)
            if masked
            else field.box.center
        )
        hint = not field.text or bool(masked) or likeness(field.text, instruction.field.text) > 0.7 or _placeholder(field)
        if screen.desktop and field.kind == "field":
            # What stands in the field of a dialog is selected when the dialog opens, and white on blue is not read as a field's text.
            hint = False
        return Move(f"click {_name(instruction.field)}.", calls.click(point), f"focused:{'' if hint else 'filled'}:{masked or value}")
    state, filled, value = turns[-1].split(":", 2)
    if state == "focused" and (move := calendar_move(value, screen)):
        return move
    if filled and state == "focused":
        return Move("select what stands in the field, to replace it.", calls.press(["ctrl", "a"]), f"cleared::{value}")
    last = not instruction.every or rounds + 1 >= len(fields)
    return Move(f"type {value!r}.", calls.type_text(value), "typed", last=last)


def _placeholder(field: Element) -> bool:
    """Whether the text in a field is grey, as a hint is that goes away by itself."""
    return False if field.ink is None else min(field.ink) > 90


def _value(instruction: Enter, field: Element, screen: Screen) -> str:
    if isinstance(instruction.value, Source) and instruction.value.kind == "row" and not instruction.value.label:
        label = label_of(field, screen)
        return beside(label, screen)
    return read_value(instruction.value, screen)


def label_of(field: Element, screen: Screen) -> str:
    """The text left of a field, or above it. Raises `NotFound`."""
    left = [
        line
        for line in screen.lines
        if line.box.right <= field.box.left + 4 and abs(line.box.center.y - field.box.center.y) < screen.unit * 0.7
    ]
    if left:
        return max(left, key=lambda line: line.box.right).text.rstrip(": ")
    above = [
        line
        for line in screen.lines
        if 0 <= field.box.top - line.box.bottom + screen.unit / 3 < 2 * screen.unit and line.box.left < field.box.right
    ]
    if not above:
        raise NotFound("the label of a field")
    return max(above, key=lambda line: line.box.bottom).text.rstrip(": ")


def _field(instruction: Enter, fields: list[Element], rounds: int, screen: Screen) -> Element:
    if instruction.every and fields:
        return fields[min(rounds, len(fields) - 1)]
    return the_field(instruction.field, screen)


def _name(target: Target) -> str:
    return f"the field {target}" if target.text or target.ordinal else "the field"


def the_field(target: Target, screen: Screen) -> Element:
    """The field that is meant: by its label, by its number, or the only one. Raises `NotFound`."""
    if screen.phone and (field := field_on_phone(target, screen)):
        return field
    fields = screen.of("field") or screen.of("area") or screen.of("dropdown")
    if target.kind == "area":
        fields = screen.of("area") or fields
    if target.ordinal and (whole := _whole_name(target, screen)):
        return whole
    if target.text:
        named = sorted(fields_named(screen, target.text), key=lambda c: -c.score)
        if named:
            return named[0].element
        if bare := _space_after(target.text, screen):
            return bare
        if fields and (target.text.lower() == "search" or len(fields) == 1):
            return fields[0]
        raise NotFound(f"a field {target}")
    if target.ordinal:
        found: list[Candidate] = find(screen, Target(kind=target.kind or "field", ordinal=target.ordinal))
        if found:
            return found[0].element
        raise NotFound(f"a field {target}")
    if target.kind == "button" and not fields:
        fields = [e for e in screen.of("button") if re.fullmatch(r"#?[0-9A-Fa-f]{6}", e.text)]
    empty = [field for field in fields if not field.text]
    if not fields and target.kind == "area" and screen.lines:
        top = max(line.box.bottom for line in screen.lines)
        if screen.height - top > 3 * screen.unit:
            return Element("area", Box(screen.unit, top + screen.unit, screen.width - screen.unit, top + 2 * screen.unit))
    if not fields:
        raise NotFound("a field to type into")
    return (empty or fields)[0]


def _whole_name(target: Target, screen: Screen) -> Element | None:
    """The field whose name holds the ordinal itself: "First name"."""
    name = re.sub(r"\s+(?:text |input )*(?:field|box|input|area)$", "", target.phrase, flags=re.IGNORECASE)
    named = sorted((c for c in fields_named(screen, name) if c.score > 0.8), key=lambda c: -c.score)
    return named[0].element if named else None


def _space_after(label: str, screen: Screen) -> Element | None:
    """The room behind a label with a colon, where the field has no frame."""
    for line in screen.lines:
        if line.text.endswith(":") and likeness(label, line.text.rstrip(": ")) > 0.7:
            others = [o.box.left for o in screen.lines if o is not line and abs(o.box.center.y - line.box.center.y) < screen.unit / 2]
            right = min([left for left in others if left > line.box.right] or [screen.width])
            if right - line.box.right > 2 * screen.unit:
                return Element("field", Box(line.box.right + screen.unit // 2, line.box.top, right, line.box.bottom))
    return None


def read_value(value: Value, screen: Screen) -> str:
    """The text that a value stands for. Raises `NotFound` if it has to be read and is not there."""
    if isinstance(value, str):
        return value
    if value.kind == "sum":
        return solve(screen)
    if value.kind == "count":
        return str(count(Target(value.label, value.label), screen))
    if value.kind == "row":
        return beside(value.label, screen)
    if value.kind == "word":
        return _word(value, screen)
    return _shown(value, screen)


def _word(value: Source, screen: Screen) -> str:
    areas = [e.text for e in screen.of("area", "field") if e.text]
    text = areas[0] if areas and value.place.kind == "area" else " ".join(line.text for block in paragraphs(screen)[:1] for line in block)
    words = text.split()
    index = value.ordinal - 1 if value.ordinal > 0 else value.ordinal
    if not -len(words) <= index < len(words):
        raise NotFound(f"word {value.ordinal}")
    return words[index].strip(".,;:!?")


def beside(label: str, screen: Screen) -> str:
    """What stands right of `label` on its line, or in the cell at its right. Raises `NotFound`."""
    for line in screen.lines:
        if found := re.match(rf"\s*{re.escape(label)}\s*[:=]\s*(.+)", line.text, re.IGNORECASE):
            return found[1].strip()
    for best in sorted(screen.lines, key=lambda line: -likeness(label, line.text.rstrip(": "))):
        if likeness(label, best.text.rstrip(": ")) < 0.7:
            break
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


def copy_move(instruction: Copy, screen: Screen, memo: Memo) -> Move | Done:
    """Click the text, select all of it, copy."""
    if not memo:
        areas = [e for e in screen.of("area", "field") if e.text]
        index = max(0, instruction.place.ordinal - 1)
        if index >= len(areas):
            raise NotFound(str(instruction.place))
        return Move(f"click {instruction.place}.", calls.click(areas[index].box.center), "focused")
    if len(memo) == 1:
        return Move("select all of it.", calls.press(["ctrl", "a"]), "selected")
    return Move("copy it.", calls.press(["ctrl", "c"]), last=True)


def paste_move(instruction: Paste, screen: Screen, memo: Memo) -> Move | Done:
    """Click the field and paste."""
    if not memo:
        return Move(f"click {instruction.field}.", calls.click(the_field(instruction.field, screen).box.center), "focused")
    return Move("paste.", calls.press(["ctrl", "v"]), last=True)


def complete_move(instruction: Complete, screen: Screen, memo: Memo) -> Move | Done:
    """Type the beginning and click the suggestion that begins and ends as it should."""
    if "focused" not in memo:
        return Move("click the field.", calls.click(the_field(Target(kind="field"), screen).box.center), "focused")
    if "typed" not in memo:
        return Move(f"type {instruction.start!r}.", calls.type_text(instruction.start), "typed")
    if "chosen" not in memo:
        start, end = instruction.start.casefold(), instruction.end.casefold()
        fields = [field.box for field in screen.of("field")]
        for line in screen.lines:
            text = line.text.casefold()
            if text.startswith(start) and text.endswith(end) and not any(box.contains(line.box.center) for box in fields):
                return Move(f"take {line.text!r}.", calls.click(line.box.center), "chosen")
        raise NotFound(f"a suggestion that begins with {instruction.start!r}")
    return Done()
