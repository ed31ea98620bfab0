"""What keys and typed text may do, by what has the focus."""

from __future__ import annotations

import re

from handeye.agent.safety.elements import is_field, is_multiline, is_terminal, pressed, role_of, submitted, typed_into
from handeye.agent.safety.lexicon import lexicon
from handeye.agent.safety.programs import of_kind
from handeye.agent.safety.shell import shell_classes
from handeye.agent.safety.words import negated, says
from handeye.envs.actions import PressButton, PressKeys, TypeText
from handeye.tools.keys import MODIFIERS
from handeye.tools.target import Target

ENTER = ("enter",)
_MENUS = frozenset("menu menuitem menubar checkmenuitem radiomenuitem popupmenu".split())
_MOVES = frozenset("tab escape up down left right home end page_up page_down caps_lock num_lock scroll_lock print_screen pause menu "
                   "f1 f3 f5 f6 f7 f11 f12".split())  # fmt: skip
"""Keys that move, look or dismiss."""
_TERMINAL_ENTER = frozenset("jmo")
"""With ctrl: line feed, carriage return, and readline's operate-and-get-next."""
PLACEHOLDER = re.compile(r"(?:\[\[secret:[^\[\]]+\]\])+")
"""What stands for a secret in typed text; where it may be typed is bound to it."""


def strokes(keys: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Every key of a chord that acts, each with the modifiers that are down when it goes down: keys are pressed in order, so Enter and a
    letter together are Enter, and then a letter."""
    held: frozenset[str] = frozenset()
    found: list[tuple[str, frozenset[str]]] = []
    for key in keys:
        if key in MODIFIERS:
            held |= {key}
        else:
            found.append((key, held))
    return tuple(found)


def typed(target: Target, text: str, before: str | None) -> frozenset[str]:
    """The risks of typing `text` into what has the focus; `before`: what was typed there since the last Enter, None if nobody knows."""
    lines = re.split(r"[\r\n]", text)
    found = typed_into(target, text) if "".join(lines) or not target.known else frozenset[str]()
    if len(lines) == 1 or not target.known:
        return found
    if is_terminal(target):
        return found | shell_classes("\n".join([(before or "") + lines[0], *lines[1:]]))
    return found | _entered(target, frozenset())


def pressed_keys(target: Target, keys: tuple[str, ...], before: str | None) -> frozenset[str]:
    """The risks of pressing `keys` while `target` has the focus."""
    return frozenset[str]().union(*(_stroke(target, key, held, before) for key, held in strokes(keys)))


def _stroke(target: Target, key: str, held: frozenset[str], before: str | None) -> frozenset[str]:
    commands = held & {"ctrl", "alt", "meta"}
    if key in _MOVES and not {"ctrl", "alt"} <= held:
        return frozenset()
    if held >= {"ctrl", "alt"} and key in {"delete", "backspace"}:
        return frozenset({"settings"})
    if (key == "f4" and "alt" in held) or (key == "q" and commands) or (key == "w" and commands and target.surface == "desktop"):
        return frozenset({"submit"})
    if not target.known:
        return frozenset() if commands and key in set("acflntzyr+-0123456789tg") else frozenset({"unknown"})
    if is_terminal(target):
        return _in_terminal(key, held, before)
    if key == "enter":
        return _entered(target, commands)
    if key == "space":  # browsers press a button with it whatever is held
        return frozenset() if is_field(target) or role_of(target) == "link" else pressed(target)
    if key == "delete" or (key == "backspace" and commands):
        return frozenset() if is_field(target) else frozenset({"delete"})
    if key == "s" and commands and target.surface == "desktop":
        return frozenset({"submit"})
    if "alt" in held and len(key) == 1 and target.surface == "desktop" and (target.container or of_kind(target, "mail")):
        # Presses the button of the dialog, or of the letter that is written, in whose name that letter is underlined.
        return (lexicon().found(target.container) - {"credentials", "terms"}) | {"submit"}
    if role_of(target) in _MENUS and len(key) == 1 and not commands:
        return frozenset({"submit"})  # chooses the item in whose name that letter is underlined
    if not is_field(target) and (not commands or commands == {"alt"}):
        return lexicon().found(target.container) - {"credentials", "terms"} if len(key) == 1 else frozenset()
    return frozenset()


def _in_terminal(key: str, held: frozenset[str], before: str | None) -> frozenset[str]:
    if key == "enter" or ("ctrl" in held and key in _TERMINAL_ENTER):
        return shell_classes(before or "")
    pasted = (key == "v" and held & {"ctrl", "meta"}) or (key == "insert" and "shift" in held)
    return frozenset({"run"}) if pasted else frozenset()


def _entered(target: Target, commands: frozenset[str]) -> frozenset[str]:
    """Enter, alone or with a modifier."""
    if not is_field(target):
        return pressed(target, opens=True)
    if of_kind(target, "runner"):
        return frozenset({"run"})
    if of_kind(target, "messaging") or of_kind(target, "mail"):
        return frozenset({"send"}) if commands or of_kind(target, "messaging") else frozenset()
    if commands:
        return submitted(target) - {"submit"} | {"send"}
    message = any(lexicon().has("message", text) for text in (target.name, target.text) if text)
    if is_multiline(target) and not message:
        return frozenset()
    if target.surface == "desktop" and role_of(target) == "text" and not target.container:
        return frozenset()
    return submitted(target)


def order_of(action: TypeText | PressKeys | PressButton, target: Target, goal: str, before: str | None) -> bool:
    """Whether the user's sentence orders the key ("press Enter", "save it") or holds the text that is typed."""
    lex = lexicon()
    if isinstance(action, TypeText):
        line = action.text.rstrip("\r\n")
        if is_terminal(target):
            return before is not None and _quoted(goal, before + line)
        if PLACEHOLDER.fullmatch(line) or (len(line) >= 3 and _quoted(goal, line) and "\n" not in action.text):
            return True
        return "\n" in action.text and lex.has("key_enter", goal)
    if isinstance(action, PressButton):
        return action.button == "enter" and lex.has("key_enter", goal)
    if len(pressed_now := strokes(action.keys)) != 1:
        return False
    key, held = pressed_now[0]
    if is_terminal(target):
        return key == "enter" and bool(before) and _quoted(goal, before or "")
    if key == "enter" and not held:
        return lex.has("key_enter", goal)
    if key == "s" and held:
        return lex.has("key_save", goal)
    return bool(held) and key in {"f4", "q", "w"} and lex.has("key_close", goal)


def _quoted(goal: str, text: str) -> bool:
    """Whether `text` stands in `goal` to the letter, spaces aside, as something of its own that is not denied."""
    wanted, said = " ".join(text.split()), " ".join(goal.split())
    if len(wanted) < 2:
        return False
    for found in re.finditer(re.escape(wanted), said):
        before, after = said[: found.start()], said[found.end() :]
        alone = not (before[-1:].isalnum() or before[-1:] in set("-_/.~$")) and not (after[:1].isalnum() or after[:1] in set("-_/~*"))
        if alone and not negated(before):
            return True
    return says(goal, text) if not re.search(r"[^\w\s]", text) else False
