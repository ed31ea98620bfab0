"""pyautogui snippets in tasks (`python -c "import pyautogui; pyautogui.hotkey('ctrl', 's')"`), read and carried out by our driver.

A snippet is read as a syntax tree and never run. 148 of OSWorld's tasks have one before scoring.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handeye.envs.settle import wait
from handeye.tools.desktop import X11Driver
from handeye.tools.device import Button
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point
from handeye.tools.keys import canonical_key

NOTCH = 60
"""Pixels that our driver turns into one notch of the wheel (`handeye.tools.desktop.x11.NOTCH`); pyautogui counts notches."""
MAX_SLEEP_S = 60.0
_PARAMETERS = {
    "click": ("x", "y", "clicks", "interval", "button"),
    "doubleClick": ("x", "y", "interval", "button"),
    "tripleClick": ("x", "y", "interval", "button"),
    "rightClick": ("x", "y"),
    "middleClick": ("x", "y"),
    "moveTo": ("x", "y", "duration"),
    "dragTo": ("x", "y", "duration", "button"),
    "scroll": ("clicks", "x", "y"),
    "press": ("keys", "presses", "interval"),
    "write": ("message", "interval"),
    "typewrite": ("message", "interval"),
    "keyDown": ("key",),
    "keyUp": ("key",),
    "mouseDown": ("x", "y", "button"),
    "mouseUp": ("x", "y", "button"),
    "sleep": ("seconds",),
}
"""Names of the arguments, in order (pyautogui's documentation)."""
_CLICKS = {"click": 1, "doubleClick": 2, "tripleClick": 3, "rightClick": 1, "middleClick": 1}


@dataclass(frozen=True)
class Call:
    """One call that a snippet makes, its arguments by name; those of `hotkey` are `keys`."""

    name: str
    given: dict[str, Any]


def snippet_of(argv: Sequence[str]) -> str:
    """The source of `python -c SOURCE` when it is about pyautogui; else empty."""
    is_python = len(argv) == 3 and argv[0].rpartition("/")[2].startswith("python") and argv[1] == "-c"
    return argv[2] if is_python and "pyautogui" in argv[2] else ""


def read_snippet(source: str) -> tuple[Call, ...] | None:
    """The calls that a snippet makes, in order; None when it holds anything else."""
    try:
        tree = ast.parse(source.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    calls: list[Call] = []
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom) or _is_setting(statement):
            continue
        call = _read_call(statement.value) if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) else None
        if call is None:
            return None
        calls.append(call)
    return tuple(calls) if _pairs_close(calls) else None


def play(calls: Sequence[Call], driver: X11Driver) -> None:
    """Carry out what `read_snippet` gave. Raises `InvalidAction` for keys and points that are not there."""
    held: list[str] = []
    for call in calls:
        given = call.given
        if call.name == "sleep":
            wait(min(float(given["seconds"]), MAX_SLEEP_S))
        elif call.name == "keyDown":
            held.append(given["key"])
        elif call.name == "keyUp":
            # A key that went down and up with nothing between was pressed by itself.
            if held and held[-1] == given["key"] and given.get("alone"):
                driver.press_keys(list(held))
            held.remove(given["key"])
        elif call.name in ("press", "hotkey"):
            _press(call, held, driver)
        elif call.name in ("write", "typewrite"):
            _write(given["message"], held, driver)
        else:
            _point(call, held, driver)


def _write(message: str | list[str], held: list[str], driver: X11Driver) -> None:
    if isinstance(message, str):
        driver.type_text(message)
    else:
        _press(Call("press", {"keys": message}), held, driver)


def _press(call: Call, held: list[str], driver: X11Driver) -> None:
    keys = [call.given["keys"]] if isinstance(call.given["keys"], str) else list(call.given["keys"])
    if call.name == "hotkey":
        driver.press_keys([*held, *keys])
        return
    for _ in range(int(call.given.get("presses", 1))):
        for key in keys:
            driver.press_keys([*held, key])


def _point(call: Call, held: list[str], driver: X11Driver) -> None:
    given, here = call.given, driver.pointer
    x, y = given.get("x"), given.get("y")
    point = Point(here.x if x is None else round(x), here.y if y is None else round(y))
    named = given.get("button", {"rightClick": "right", "middleClick": "middle"}.get(call.name, "left"))
    button: Button = "right" if named == "right" else "middle" if named == "middle" else "left"
    if call.name == "scroll":
        count = int(given["clicks"])
        driver.scroll(point, "up" if count > 0 else "down", abs(count) * NOTCH)
    elif call.name == "moveTo":
        driver.move(point)
    elif call.name == "dragTo":
        driver.drag((here, point), button, float(given.get("duration", 0.0)))
    elif call.name == "mouseUp":
        driver.click(point, button, 1, held)
    elif call.name != "mouseDown":
        driver.click(point, button, int(given.get("clicks", _CLICKS[call.name])), held)


def _is_setting(statement: ast.stmt) -> bool:
    """`pyautogui.PAUSE = 1` and its like."""
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Attribute) and target.attr in ("PAUSE", "FAILSAFE") for target in statement.targets
    )


def _read_call(node: ast.Call) -> Call | None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    try:
        values = [ast.literal_eval(argument) for argument in node.args]
        named = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg is not None}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    if name == "hotkey":
        keys = values[0] if len(values) == 1 and isinstance(values[0], list) else values
        given: dict[str, Any] = {"keys": keys}
    elif name in _PARAMETERS and len(values) <= len(_PARAMETERS[name]):
        given = dict(zip(_PARAMETERS[name], values, strict=False)) | named
        if isinstance(given.get("x"), tuple) and len(given["x"]) == 2:
            given["x"], given["y"] = given["x"]
    else:
        return None
    return Call(name, given) if _sound(name, given) else None


def _sound(name: str, given: dict[str, Any]) -> bool:
    """Whether the arguments are of the kinds that `play` takes."""
    numbers = [given[key] for key in ("x", "y", "clicks", "presses", "duration", "seconds") if given.get(key) is not None]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e5 for number in numbers):
        return False
    if name in ("press", "hotkey"):
        keys = given.get("keys")
        words = [keys] if isinstance(keys, str) else keys
        return isinstance(words, list | tuple) and bool(words) and all(_is_key(word) for word in words)
    if name in ("keyDown", "keyUp"):
        return _is_key(given.get("key"))
    if name in ("write", "typewrite"):
        message = given.get("message")
        return isinstance(message, str) or (isinstance(message, list) and all(_is_key(word) for word in message))
    return {"sleep": "seconds", "scroll": "clicks", "dragTo": "x"}.get(name, "") in ("", *(k for k, v in given.items() if v is not None))


def _is_key(word: Any) -> bool:
    try:
        return isinstance(word, str) and bool(canonical_key(word))
    except InvalidAction:
        return False


def _pairs_close(calls: Sequence[Call]) -> bool:
    """Whether every key and button that goes down comes up again; notes keys that nothing stands between."""
    held: list[str] = []
    down = False
    for before, call in zip([None, *calls], calls, strict=False):
        if call.name == "keyDown":
            held.append(call.given["key"])
        elif call.name == "keyUp":
            if call.given["key"] not in held:
                return False
            held.remove(call.given["key"])
            call.given["alone"] = before is not None and before.name == "keyDown"
        elif call.name == "mouseDown":
            down = True
        elif call.name == "mouseUp":
            if not down or before is None or before.name not in ("mouseDown", "sleep"):
                return False
            down = False
    return not held and not down
