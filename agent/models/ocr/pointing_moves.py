"""Moves of the instructions that point: click, pick, expand, scroll, drag, mark."""

from __future__ import annotations

import re
from dataclasses import replace

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.finding import Candidate, anchors, find
from handeye.agent.models.ocr.instructions import Click, Each, Expand, Mark, Pick, Scroll, Target
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.reading import Line
from handeye.agent.models.ocr.screen import Screen
from handeye.agent.models.ocr.shapes import is_shade
from handeye.agent.models.ocr.words import likeness
from handeye.tools.geometry import Box, Point

_END_SCROLLS = 3
"""Long scrolls that are taken to reach the end of any text."""


def best(screen: Screen, target: Target) -> Candidate:
    """The best candidate for `target`. Raises `NotFound`."""
    found = find(screen, target)
    if not found:
        raise NotFound(str(target))
    return found[0]


def click_move(instruction: Click, screen: Screen, memo: Memo) -> Move | Done:
    """Click the target once."""
    candidate = best(screen, instruction.target)
    if instruction.hold:
        return Move(f"press and hold {instruction.target}.", calls.long_press(candidate.box.center), last=True)
    verb = {2: "double-click ", 3: "triple-click "}.get(
        instruction.count, f"{instruction.button}-click " if instruction.button != "left" else "click "
    )
    return Move(f"{verb}{instruction.target}.", calls.click(candidate.box.center, instruction.button, instruction.count), last=True)


def pick_move(instruction: Pick, screen: Screen, memo: Memo) -> Move | Done:
    """Tick one name after the other; open the list first if they are in one."""
    done = [entry for entry in memo if entry.startswith("picked:")]
    left = [name for name in instruction.names if f"picked:{name}" not in done]
    if not left:
        return Done()
    name = left[0]
    meant = _as_written(name, screen)
    in_list = instruction.where is not None or not find(screen, meant)
    if in_list and screen.of("dropdown"):
        return _from_list(instruction, name, screen, memo, last=len(left) == 1)
    candidate = best(screen, meant)
    if candidate.element.kind in {"checkbox", "radio"} and candidate.element.checked == instruction.on:
        return pick_move(instruction, screen, (*memo, f"picked:{name}"))
    verb = "select" if instruction.on else "clear"
    return Move(f"{verb} {name}.", calls.click(candidate.box.center), f"picked:{name}", last=len(left) == 1)


def _as_written(name: Target, screen: Screen) -> Target:
    """`name`, or where it is a noun alone ("Letter") and something to tick says just that, what says so."""
    if name.text or name.ordinal or name.color or name.shape or name.extreme or not name.phrase:
        return name
    written = Target(name.phrase, name.phrase)
    found = (c for c in find(screen, written) if c.element.kind in {"checkbox", "radio"} and c.score > 0.9)
    return written if any(found) else name


def _from_list(instruction: Pick, name: Target, screen: Screen, memo: Memo, last: bool) -> Move | Done:
    """Open a drop-down list, then click the option or, where the list does not show in the picture, type its name."""
    lists = screen.of("dropdown")
    where = instruction.where
    named = find(screen, where) if where else []
    field = next((c.element for c in named if c.element.kind == "dropdown"), named[0].element if named else lists[0])
    option = name.text or name.phrase
    if "typed" in memo:
        return Move("take the entry with Enter.", calls.press(["Enter"]), f"picked:{name}", last=last)
    if "opened" not in memo:
        if likeness(option, field.text) > 0.9:
            return Done()
        return Move("open the list.", calls.click(field.box.center), "opened")
    shown = [
        c
        for c in find(screen, name)
        if c.element.kind in {"text", "button", "link"} and c.score > 0.8 and not field.box.contains(c.box.center)
    ]
    if shown:
        # What shows through behind the list may lie around an entry.
        entries = [line.box for line in screen.lines if shown[0].box.contains(line.box.center) and likeness(option, line.text) > 0.8]
        box = entries[0] if entries and shown[0].box.height > 3 * screen.unit else shown[0].box
        return Move(f"choose {name}.", calls.click(box.center), f"picked:{name}", last=last)
    return Move(f"the list does not show {name}; type it to jump there.", calls.type_text(option), "typed")


def each_move(instruction: Each, screen: Screen, memo: Memo) -> Move | Done:
    """Click everything that is meant, in the order asked for."""
    places = _places(instruction, screen)
    done = [Point(*(int(value) for value in entry.split(","))) for entry in memo if entry != "scrolled"]
    left = [box for box in places if not any(box.contains(point) for point in done)]
    if instruction.most and len(done) >= instruction.most:
        return Done()
    if not left:
        if done and (screen.still or memo[-1] == "scrolled"):
            return Done()
        raise NotFound(str(instruction.target))
    point = left[0].center
    last = len(left) == 1 and not instruction.target.near
    return Move(f"click {instruction.target}, {len(done) + 1}.", calls.click(point), f"{point.x},{point.y}", last=last)


def _places(instruction: Each, screen: Screen) -> list[Box]:
    target = instruction.target
    if instruction.order:
        words = [word for line in screen.lines for word in line.words]
        numbers = [(float(word.text), word.box) for word in words if re.fullmatch(r"-?\d+(?:\.\d+)?", word.text)]
        return [box for _, box in sorted(numbers, reverse=instruction.order == "descending")]
    if instruction.shades:
        return [e.box for e in screen.of("shape", "checkbox", "radio", "button") if is_shade(target.color, e.color)]
    if target.near:
        rows = anchors(screen, target.near)
        found = find(screen, replace(target, near=""))
        found = [c for c in found if c.score > found[0].score - 0.15]
        nearest = [
            min((c for c in found if c.box.bottom > row.top), key=lambda c: abs(c.box.center.y - row.center.y), default=None)
            for row in rows
        ]
        return [c.box for c in nearest if c is not None]
    return [candidate.box for candidate in find(screen, target) if candidate.score > 0.7]


def expand_move(instruction: Expand, screen: Screen, memo: Memo) -> Move | Done:
    """Click the head of the section that is meant, or of the first; for a menu, the thing that opens it."""
    if instruction.target.text and (found := find(screen, instruction.target)):
        return Move(f"expand {instruction.target}.", calls.click(found[0].box.center), last=True)
    wide = [button for button in screen.of("button") if button.box.width > 0.6 * screen.width]
    signs = [e for e in screen.elements if e.text in {"+", "＋", "十", "▸", "▶", ">", "≡", "☰"} or e.shape in {"plus", "menu"}]
    round_ones = [e for e in screen.of("shape", "radio") if e.shape == "circle"]
    for element in (*wide[:1], *signs[:1], *round_ones[:1]):
        return Move(f"expand {element.text or 'it'!r}.", calls.click(element.box.center), last=True)
    raise NotFound(str(instruction.target))


def scroll_move(instruction: Scroll, screen: Screen, memo: Memo) -> Move | Done:
    """Scroll a step, to an end, or until the target shows."""
    point = Point(screen.width // 2, screen.height // 2)
    if instruction.target and instruction.to_end and (found := find(screen, instruction.target)):
        point = found[0].box.center
    elif instruction.target and not instruction.to_end:
        if find(screen, instruction.target):
            return Done()
        raise NotFound(str(instruction.target))
    last = not instruction.to_end or len(memo) + 1 >= _END_SCROLLS
    said = f"scroll {instruction.direction}{' to the end' if instruction.to_end else ''}."
    return Move(said, _scrolled(instruction, point, screen), "scrolled on", last=last)


def _scrolled(instruction: Scroll, point: Point, screen: Screen) -> calls.Call:
    """The call that scrolls; a finger's way stays on the screen."""
    sideways = instruction.direction in {"left", "right"}
    side = screen.width if sideways else screen.height
    far = side * 3 if instruction.to_end and not screen.phone else side // 2
    sign = 1 if instruction.direction in {"up", "right"} else -1
    if sideways:
        start = Point(screen.width // 2 + sign * far // 2, point.y) if screen.phone else point
        return calls.scroll_sideways(start, sign * far)
    start = Point(point.x, screen.height // 2 - sign * far // 2) if screen.phone else point
    return calls.scroll(start, sign * far)


def mark_move(instruction: Mark, screen: Screen, memo: Memo) -> Move | Done:
    """Drag from before the first to behind the last word of a text or paragraph."""
    block = paragraph(screen, instruction.text)
    start = Point(block[0].left + 1, block[0].center.y)
    return Move(
        "select the text by dragging over it.", calls.drag(start, Point(block[-1].right + screen.unit // 4, block[-1].center.y)), last=True
    )


def paragraph(screen: Screen, target: Target) -> list[Box]:
    """The lines of the text that `target` means: its own words, or the paragraph of that number. Raises `NotFound`."""
    if target.text and (found := find(screen, target)) and found[0].score > 0.7:
        return [found[0].box]
    blocks = paragraphs(screen)
    index = target.ordinal - 1 if target.ordinal > 0 else target.ordinal
    if not -len(blocks) <= index < len(blocks):
        raise NotFound(str(target))
    return [line.box for line in blocks[index]]


def paragraphs(screen: Screen) -> list[list[Line]]:
    """Lines that stand close together, leaving out those on buttons and in fields."""
    used = [e.box for e in screen.of("button", "dropdown")]
    blocks: list[list[Line]] = []
    for line in screen.lines:
        if any(box.contains(line.box.center) for box in used):
            continue
        last = blocks[-1][-1].box if blocks else None
        if last and abs(last.left - line.box.left) < 2 * screen.unit and line.box.top - last.bottom < 0.45 * screen.unit:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks
