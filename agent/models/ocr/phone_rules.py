"""The forms of clauses that are about phones: apps, switches, the device's own buttons, fingers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from handeye.agent.models.ocr.instructions import Button, Click, Instruction, OpenApp, Scroll, Toggle
from handeye.agent.models.ocr.phrases import read_target, unquote

_Found: TypeAlias = re.Match[str]
_Quotes: TypeAlias = Sequence[str]

_BUTTONS: dict[str, Literal["back", "home", "recents", "power", "volume_up", "volume_down"]] = {
    "back": "back",
    "home": "home",
    "recents": "recents",
    "recent apps": "recents",
    "overview": "recents",
    "power": "power",
    "volume up": "volume_up",
    "volume down": "volume_down",
}
_FINGER: dict[str, Literal["up", "down", "left", "right"]] = {"up": "down", "down": "up", "left": "right", "right": "left"}
"""Where a finger goes, and on which side the content lies that this brings into view."""
_CONTROL = r"(?: (?:switch|toggle|option|setting))?"


def _open(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    name = unquote(found["name"], quotes)
    return [OpenApp(name)] if name else ()


def _toggle(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    on = {"on": True, "enable": True, "off": False, "disable": False}.get(found["state"].lower())
    target = read_target(found["what"], quotes)
    return [Toggle(replace(target, kind="", text=target.text or target.phrase), on)]


def _button(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    name = re.sub(r"\s+", " ", found["button"].lower())
    return [Button(_BUTTONS[name])]


def _swipe(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    what = found["what"]
    return [Scroll(_FINGER[found["way"].lower()], read_target(what, quotes) if what else None)]


def _hold(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    return [Click(read_target(found["what"], quotes), hold=True)]


PHONE_RULES: tuple[tuple[str, Callable[[_Found, _Quotes], Sequence[Instruction]]], ...] = (
    (r"(?:open|launch|start|switch to)(?: up)? (?:the )?(?P<name>[^,]+?) app(?:lication)?", _open),
    (r"launch (?:the )?(?P<name>.+)", _open),
    (rf"(?:turn|switch) (?P<state>on|off) (?:the )?(?P<what>.+?){_CONTROL}", _toggle),
    (rf"(?:turn|switch) (?:the )?(?P<what>.+?){_CONTROL} (?P<state>on|off)", _toggle),
    (rf"(?P<state>enable|disable|toggle) (?:the )?(?P<what>.+?){_CONTROL}", _toggle),
    (r"go (?P<button>back)(?: to (?!.*home).*)?", _button),
    (r"(?:go|return)(?: back)?(?: to)?(?: the)? (?P<button>home)(?: ?screen)?", _button),
    (rf"(?:press|hit|use) (?:the )?(?:phone's |system |android )?(?P<button>{'|'.join(_BUTTONS)})(?: button)?", _button),
    (r"(?:open|show) (?:the )?(?P<button>recents|recent apps|overview)(?: screen| view)?", _button),
    (r"swipe (?:the screen )?(?P<way>up|down|left|right)(?:wards?)?(?:(?: to| until(?: you see)?)? (?P<what>.+))?", _swipe),
    (r"(?:long[- ]?(?:press|click|tap)|press and hold|tap and hold|click and hold)(?: on| down(?: on)?)? (?P<what>.+)", _hold),
)
"""Every form with its rule, before the forms of all screens."""
