"""The forms of clauses that are about desktops: keys and chords, menus, windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from handeye.agent.models.ocr.instructions import Click, Instruction, Press, Target
from handeye.agent.models.ocr.phrases import read_target, unquote
from handeye.tools.errors import InvalidAction
from handeye.tools.keys import KEY_NAMES, MODIFIERS, canonical_key

_Found: TypeAlias = re.Match[str]
_Quotes: TypeAlias = Sequence[str]

_BUTTON_NAMES = {"menu", "pause", *MODIFIERS}
"""Keys whose names are buttons' names more often, and those that do nothing by themselves."""
_ALSO_KEYS = {
    *("return", "esc", "del", "ins", "spacebar", "space_bar", "pageup", "pagedown", "pgup", "pgdn", "bksp"),
    *(f"{side}{gap}arrow" for side in ("up", "down", "left", "right") for gap in ("_", "")),
    *(f"arrow{gap}{side}" for side in ("up", "down", "left", "right") for gap in ("_", "")),
}
"""Other spellings that name a key and nothing else; "next" and "print", which name keys too, are words on buttons."""
_TIMES = {"once": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_MOST_TIMES = 50
_CLOSE_WINDOW = ("alt", "f4")
"""What window managers on Linux and Windows close the window in front with."""
_THEN = re.compile(r"\s*(?:,\s*(?:and then|then|and)?|\b(?:and then|then|and)\b)\s*", re.IGNORECASE)
_AGAIN = re.compile(r"\s+(?:(\d+) times|(once|twice)|(two|three|four|five|six|seven|eight|nine|ten) times)$", re.IGNORECASE)


def _presses(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    """One key or chord after the other; nothing where one of them is no key's name."""
    done: list[Instruction] = []
    for part in _THEN.split(found["keys"]):
        pressed = _pressed(unquote(part, quotes))
        if not pressed:
            return ()
        done += pressed
    return done


def _pressed(text: str) -> list[Press]:
    times = 1
    if again := _AGAIN.search(text):
        times = min(int(again[1]) if again[1] else _TIMES[(again[2] or again[3]).lower()], _MOST_TIMES)
        text = text[: again.start()]
    text = re.sub(r"^the\s+", "", text.strip(), flags=re.IGNORECASE)
    named = re.fullmatch(r"(?P<keys>.+?)(?:[ -]keys?(?: combination)?)", text, re.IGNORECASE)
    chord = read_chord(named["keys"] if named else text, sure=named is not None)
    return [Press(chord)] * times if chord else []


def read_chord(text: str, sure: bool = False) -> tuple[str, ...]:
    """The keys that `text` names (`ctrl+s`, `Page Down`, `F2`); empty if it names none, or is a button's name unless `sure`."""
    text = re.sub(r"\s*\+\s*", "+", text.strip())
    if len(text) > 1 and text.endswith("++"):
        text = text[:-1] + "plus"
    names = re.split(r"\+(?=.)", text) if len(text) > 1 else [text]
    if len(names) == 1 and "-" in text and len(text) > 1:
        names = re.split(r"-(?=.)", text)
    try:
        keys = tuple(canonical_key(name) for name in names if name)
    except InvalidAction:
        return ()
    if len(keys) > 1:
        return keys if set(keys) & set(MODIFIERS) else ()
    name = re.sub(r"[ -]", "_", text.lower())
    known = len(text) == 1 or name in _ALSO_KEYS or (name in KEY_NAMES and name not in _BUTTON_NAMES)
    return keys if sure or known else ()


def _with_keys(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    """`save the file with ctrl+s`: a chord, as a single key's name may be what it is done with otherwise."""
    chord = read_chord(unquote(found["keys"], quotes))
    return [Press(chord)] if len(chord) > 1 else ()


def _path(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    """`File > Save As...`."""
    parts = [unquote(part, quotes) for part in re.split(r"\s*(?:>|→|»)\s*", found["path"])]
    return [_named_menu(parts[0]), *(Click(Target(part, part)) for part in parts[1:])] if all(parts) else ()


def _from_menu(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    what = unquote(found["what"], quotes)
    return [*_menu(found, quotes), Click(Target(what, what))]


def _menu(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    return [_named_menu(unquote(found["menu"], quotes))]


def _named_menu(name: str) -> Click:
    return Click(Target(name, f"{name} menu", "menu"))


def _named_like_a_noun(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    """`click File`: on a desktop that is the menu of the name, not any file."""
    verb = found["verb"].lower()
    button: Literal["left", "right", "middle"] = "right" if "right" in verb else "middle" if "middle" in verb else "left"
    target = read_target(found["what"], quotes)
    if target.text or not target.kind or target.ordinal or target.color or target.shape or " " in target.phrase:
        return ()
    named = replace(target, text=target.phrase, kind="")
    return [Click(named, button, 2 if "double" in verb else 1)]


def _close(found: _Found, quotes: _Quotes) -> Sequence[Instruction]:
    """A window that is named is brought to the front by its title first."""
    name = unquote(found["name"] or "", quotes)
    return [*([Click(Target(name, name))] if name else []), Press(_CLOSE_WINDOW)]


_VERB = r"(?:click|open|choose|select|pick|use|go to|press|hit)"
_MENU = r"(?P<menu>(?!context|pop-?up)[^⟦,]+?|⟦\d+⟧)"
DESKTOP_RULES: tuple[tuple[str, Callable[[_Found, _Quotes], Sequence[Instruction]]], ...] = (
    (r"(?:press|hit|push|use)(?: on)? (?:the )?(?:keys? )?(?P<keys>.+?)(?: (?:in order )?to (?!⟦).+)?", _presses),
    (r".+ (?:with|using|by pressing|by using) (?:the )?(?:keys? )?(?P<keys>[\w⟦⟧+ -]+?)(?: keys?)?", _with_keys),
    (rf"{_VERB}(?: on)? (?:the )?(?:menu )?(?P<path>[^>→»]+(?:\s*[>→»]\s*[^>→»]+)+)", _path),
    (
        rf"(?:click|choose|select|pick)(?: on)? (?:the )?(?P<what>.+?) (?:from|in|of|under) (?:the )?{_MENU} menu",
        _from_menu,
    ),
    (r"(?:in|from|under) (?:the )?(?P<menu>.+?) menu", _menu),
    (rf"(?:open|click|show)(?: on)? (?:the )?{_MENU} menu", _menu),
    (r"(?P<verb>(?:double|right|middle)[- ]?click|click)(?: on)? (?P<what>.+)", _named_like_a_noun),
    (r"close (?:the |this )?(?:(?P<name>.+?) )?(?:window|program|application|dialog(?: box)?)", _close),
    (r"close (?:the |this )?(?:current )?tab", lambda found, quotes: [Press(("ctrl", "w"))]),
    (r"save (?:the |your |this |all )?(?:file|document|changes|text|spreadsheet|sheet|note)", lambda found, quotes: [Press(("ctrl", "s"))]),
)
"""Every form with its rule, before the forms of all screens."""
