"""What one instruction asks for next, and where to look when its target is not in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.calls import Call
from handeye.agent.models.ocr.instructions import AnswerDialog, Click, Instruction, Toggle
from handeye.agent.models.ocr.screen import Element, Screen, keyboard_open
from handeye.tools.geometry import Point

Memo: TypeAlias = tuple[str, ...]

UNOPENED = "unopened"
"""In a memo: there is no app of the name that was tried."""
_MOST_SCROLLS = 3
_MOST_SWIPES = 10
"""A phone's lists are long, and its screen shows little of them."""
_PATIENCE_S = 1.0
"""A program on a desktop may show a window, or what is in it, long after it was asked to."""
_MOST_LOOKS = 12
"""Tabs, sections or pages to open in search of a target before giving up."""


class NotFound(Exception):
    """A target is not on the screen; the message names it."""


@dataclass(frozen=True)
class Move:
    """One call of an instruction."""

    thought: str
    call: Call
    memo: str = ""
    """What to remember of it while the instruction goes on."""
    last: bool = False
    """Whether the instruction is done with it."""


@dataclass(frozen=True)
class Done:
    """Nothing is left to do for the instruction."""


def look_elsewhere(instruction: Instruction, screen: Screen, memo: Memo, missing: NotFound) -> Move | None:
    """Where else the missing target may be: behind what the goal says, or further down. None when there is nothing more to try."""
    if isinstance(instruction, AnswerDialog) or (isinstance(instruction, Toggle) and "touched" in memo):
        return None
    if screen.phone and isinstance(instruction, Click) and (move := _on_phone(instruction, memo)):
        return move
    way = instruction.way if isinstance(instruction, Click) else ""
    looked = {entry.removeprefix("looked:") for entry in memo if entry.startswith("looked:")}
    if way and len(looked) < _MOST_LOOKS:
        place = next((e for e in _covers(screen, way) if _key(e) not in looked), None)
        if place:
            return Move(
                f"{missing} is not in sight; I look behind {place.text or 'this'!r}.",
                calls.click(place.box.center),
                f"looked:{_key(place)}",
            )
    if screen.desktop and "awaited" not in memo:
        return Move(f"{missing} is not in sight yet; I wait for it.", {"action": "wait", "time": _PATIENCE_S}, "awaited")
    scrolls = sum(entry == "scrolled" for entry in memo)
    stuck = screen.still and bool(memo) and memo[-1] == "scrolled"
    if scrolls < (_MOST_SWIPES if screen.phone else _MOST_SCROLLS) and not stuck:
        middle, far = Point(screen.width // 2, screen.height * 2 // 3), screen.height // 2
        if screen.phone and keyboard_open(screen):
            middle, far = Point(screen.width // 2, screen.height // 2), screen.height // 3
        return Move(f"{missing} is not in sight; I scroll down.", calls.scroll(middle, -far), "scrolled")
    return None


def _on_phone(instruction: Click, memo: Memo) -> Move | None:
    """What is not in sight on a phone may be one of its own buttons, or the name of an app."""
    name = instruction.target.text or instruction.target.phrase
    if name.lower() in calls.SYSTEM_BUTTONS:
        return Move(f"press the {name.lower()} button.", calls.button(name.lower()), last=True)
    if instruction.opens and not instruction.target.kind and UNOPENED not in memo:
        return Move(f"{name!r} is not in sight; I open the app of that name.", calls.open_app(name), "open", last=True)
    return None


def _key(element: Element) -> str:
    return element.text or f"{element.box.left // 16},{element.box.top // 16}"


def _covers(screen: Screen, way: str) -> list[Element]:
    """Elements that may hide something: tabs, section heads, folded nodes of a tree, the next page."""
    buttons = screen.of("button")
    if way == "tabs":
        return [
            b for b in buttons if any(o is not b and abs(o.box.center.y - b.box.center.y) < screen.unit / 2 for o in buttons)
        ] or buttons
    if way == "sections":
        return [b for b in buttons if b.box.width > 0.6 * screen.width]
    if way == "tree":
        return sorted(
            (e for e in screen.of("icon", "shape", "checkbox") if e.box.width < 1.2 * screen.unit), key=lambda e: (e.box.top, e.box.left)
        )
    if way == "pages":
        return [
            e
            for e in screen.of("link", "button", "text")
            if e.text.strip().lower() in {">", "»", "›", "next", "more", "next page", "older"}
        ]
    return buttons
