"""handeye's actions in the two action spaces of OSWorld: lines of pyautogui code, and the dictionaries of computer_13.

OSWorld sends a line to its VM, which runs `python -c "import pyautogui; import time; pyautogui.FAILSAFE = False; LINE"` and waits for its
end and its output, 90 s at most (xlang-ai/OSWorld: desktop_env/controllers/python.py, desktop_env/server/main.py). Before, it rewrites what
looks like `pyautogui.press("<")` or `pyautogui.typewrite(...)` in the text of the line (desktop_env/desktop_env.py). So:

- Only calls of `pyautogui`, `time`, `pyperclip` and `os.dup2` are written, with constants for arguments, and no `<` in any form.
- `<` is Shift and the comma's key: pyautogui takes `>` for it, and the VM has the US layout.
- What pyautogui has no key for (it drops it without a word) is pasted, a line at a time, through both of X11's selections and
  Shift+Insert: toolkits paste the clipboard with it, terminals the primary selection, in which Ctrl+V means something else.
- pyperclip's xclip stays behind to hand the text out, and holds the output of the line open, which OSWorld would wait for: output is
  closed before (`os.dup2(0, 1)`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal, TypeAlias

from handeye.envs.actions import Action, Click, Drag, LongPress, Move, PressKeys, Scroll, TypeText, Wait
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point
from handeye.tools.keys import pyautogui_key

ActionSpace: TypeAlias = Literal["pyautogui", "computer_13"]
OSWorldAction: TypeAlias = str | dict[str, Any]
"""A line of code, a dictionary of computer_13, or one of `WAIT`, `DONE` and `FAIL`."""

LONGEST_S = 60.0
"""A line that takes longer is cut in two: OSWorld gives up at 90 s."""
NOTCH = 60
"""Pixels of content for one notch of the wheel, as in `handeye.tools.desktop`."""
KEY_GAP_S = 0.01
"""Between two characters. Programs lose shifted keys that come at once (asweigart/pyautogui#955)."""
TYPED = 1_000
"""Characters that one line types or pastes at most: an argument of a program holds 128 KiB, and a line has 90 s."""
PASTED_S = 0.3
"""Until the program has fetched what was pasted, before the selections change again."""
DRAG_S = 0.3
"""For each leg of a drag: programs do not see one that is over at once."""


def osworld_actions(action: Action, space: ActionSpace) -> list[OSWorldAction]:
    """What OSWorld is to be given, one after the other, to carry `action` out.

    Raises `InvalidAction`, for the model to read, where the action space cannot say it.
    """
    return [*(_code(action) if space == "pyautogui" else _computer_13(action))]


# pyautogui


def _code(action: Action) -> Iterator[str]:
    match action:
        case Click():
            yield _line(_clicks(action))
        case Move(point=point):
            yield _line([_move(point)])
        case LongPress(point=point, duration_s=seconds):
            yield _line([_move(point), "pyautogui.mouseDown()", f"time.sleep({min(seconds, LONGEST_S):g})", "pyautogui.mouseUp()"])
        case Drag(start=start, end=end, via=via):
            legs = [f"pyautogui.moveTo({point.x}, {point.y}, duration={DRAG_S:g})" for point in (*via, end)]
            yield _line([*_optional(start), "pyautogui.mouseDown()", *legs, "pyautogui.mouseUp()"])
        case Scroll(point=point, direction=direction, amount=amount):
            notches = max(1, round(amount / NOTCH)) * (1 if direction in ("up", "right") else -1)
            turn = "scroll" if direction in ("up", "down") else "hscroll"
            yield _line([*_optional(point), f"pyautogui.{turn}({notches})"])
        case TypeText(text=text):
            yield from _typing(text)
        case PressKeys(keys=keys):
            yield _line([_chord(keys)])
        case Wait(seconds=seconds):
            while seconds > LONGEST_S:
                yield f"time.sleep({LONGEST_S:g})"
                seconds -= LONGEST_S
            yield f"time.sleep({seconds:g})"
        case _:
            raise _unsayable(action)


def _line(calls: Iterable[str]) -> str:
    return "; ".join(calls)


def _clicks(action: Click) -> list[str]:
    held = [_quoted(pyautogui_key(key)) for key in action.modifiers]
    place = f"{action.point.x}, {action.point.y}, " if action.point else ""
    return [
        *(f"pyautogui.keyDown({key})" for key in held),
        f"pyautogui.click({place}clicks={action.count}, button={_quoted(action.button)})",
        *(f"pyautogui.keyUp({key})" for key in reversed(held)),
    ]


def _move(point: Point) -> str:
    return f"pyautogui.moveTo({point.x}, {point.y})"


def _optional(point: Point | None) -> list[str]:
    return [] if point is None else [_move(point)]


def _chord(keys: Sequence[str]) -> str:
    names = [name for key in keys for name in _names(key)]
    quoted = ", ".join(map(_quoted, dict.fromkeys(names)))
    return f"pyautogui.hotkey({quoted})" if len(names) > 1 else f"pyautogui.press({quoted})"


def _names(key: str) -> tuple[str, ...]:
    return ("shift", ",") if key == "<" else (pyautogui_key(key),)


def _typing(text: str) -> Iterator[str]:
    for what, piece in _pieces(text):
        match what:
            case "key":
                yield _line([f"pyautogui.press({_quoted(piece)})"])
            case "keys":
                yield _line(_typed(piece))
            case _:
                yield _line(_pasted(piece))


def _typed(text: str) -> Iterator[str]:
    for less, characters in groupby(text, lambda character: character == "<"):
        for part in ("<" for _ in characters) if less else ("".join(characters),):
            yield _chord(("<",)) if less else f"pyautogui.write({_quoted(part)}, interval={KEY_GAP_S:g})"


def _pasted(text: str) -> Iterator[str]:
    yield "import os"
    yield "import pyperclip"
    # Standard input, which the VM's service has from /dev/null, takes the place of both outputs.
    yield "os.dup2(0, 1)"
    yield "os.dup2(0, 2)"
    # The first call of all takes no other argument: only with it pyperclip finds out what there is.
    yield f"pyperclip.copy({_quoted(text)})"
    yield f"pyperclip.copy({_quoted(text)}, primary=True)"
    yield "pyautogui.hotkey('shift', 'insert')"
    yield f"time.sleep({PASTED_S:g})"


def _quoted(text: str) -> str:
    # As ASCII; and nothing in it may look like a call that OSWorld rewrites. In the form that `ascii` gives neither character can be part
    # of an escape.
    return ascii(text).replace("<", r"\x3c").replace("pyautogui.", r"pyautogui\x2e")


# computer_13


def _computer_13(action: Action) -> Iterator[OSWorldAction]:
    match action:
        case Click(point=point, button=button, count=count, modifiers=modifiers):
            held = [_safe_key(key) for key in modifiers]
            yield from (_step("KEY_DOWN", key=key) for key in held)
            yield _step("CLICK", button=button, num_clicks=count, **_place(point))
            yield from (_step("KEY_UP", key=key) for key in reversed(held))
        case Move(point=point):
            yield _step("MOVE_TO", **_place(point))
        case LongPress(point=point):
            yield from (_step("MOVE_TO", **_place(point)), _step("MOUSE_DOWN", button="left"), "WAIT", _step("MOUSE_UP", button="left"))
        case Drag(start=start, end=end, via=via):
            yield from (_step("MOVE_TO", **_place(point)) for point in (start,) if point is not None)
            if via:
                moves = [_step("MOVE_TO", **_place(point)) for point in (*via, end)]
                yield from (_step("MOUSE_DOWN", button="left"), *moves, _step("MOUSE_UP", button="left"))
            else:
                yield _step("DRAG_TO", **_place(end))
        case Scroll(point=point, direction=direction, amount=amount):
            yield from (_step("MOVE_TO", **_place(place)) for place in (point,) if place is not None)
            notches = max(1, round(amount / NOTCH)) * (1 if direction in ("up", "right") else -1)
            yield _step("SCROLL", **{"dy" if direction in ("up", "down") else "dx": notches})
        case TypeText(text=text):
            yield from _typing_13(text)
        case PressKeys(keys=keys):
            names = [*dict.fromkeys(_safe_key(name) for key in keys for name in _names(key))]
            yield _step("HOTKEY", keys=names) if len(names) > 1 else _step("PRESS", key=names[0])
        case Wait():
            yield "WAIT"
        case _:
            raise _unsayable(action)


def _typing_13(text: str) -> Iterator[OSWorldAction]:
    for what, piece in [*_pieces(text)]:
        if what == "paste":
            raise InvalidAction("only the characters of a US keyboard can be typed here; leave out or replace the others")
        if what == "key":
            yield _step("PRESS", key=piece)
            continue
        for less, characters in groupby(piece, lambda character: character == "<"):
            if less:
                yield from (_step("HOTKEY", keys=["shift", ","]) for _ in characters)
            else:
                yield _step("TYPING", text="".join(characters))


def _step(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"action_type": kind, "parameters": parameters}


def _place(point: Point | None) -> dict[str, int]:
    return {} if point is None else {"x": point.x, "y": point.y}


def _safe_key(key: str) -> str:
    name = pyautogui_key(key)
    if name in ("'", "\\"):
        # OSWorld puts keys between quotes as they are.
        raise InvalidAction(f"the key {key} cannot be pressed here; type it as text")
    return name


# Both


def _pieces(text: str) -> Iterator[tuple[Literal["key", "keys", "paste"], str]]:
    """What is pressed, typed and pasted, in order; a line that has something to paste is pasted as a whole."""
    for line in _lines(text):
        if line in ("\n", "\t"):
            yield "key", "enter" if line == "\n" else "tab"
            continue
        if wrong := next((character for character in line if not _speakable(character)), None):
            raise InvalidAction(f"the character {wrong!a} cannot be typed")
        for begin in range(0, len(line), TYPED):
            yield ("keys" if line.isascii() else "paste"), line[begin : begin + TYPED]


def _lines(text: str) -> Iterator[str]:
    """`text` in pieces: each line end (as one newline), each tab, and what stands between them."""
    for ends, characters in groupby(text.replace("\r\n", "\n").replace("\r", "\n"), lambda character: character in "\n\t"):
        run = "".join(characters)
        yield from run if ends else (run,)


def _speakable(character: str) -> bool:
    point = ord(character)
    return not (point < 0x20 or 0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000)


def _unsayable(action: Action) -> InvalidAction:
    return InvalidAction(f"{action.type} cannot be done in OSWorld")
