"""The verbs of dialects that answer in pyautogui code: which actions the calls mean, and the calls that mean an action.

Names and parameters are pyautogui's (asweigart/pyautogui); `computer.triple_click`, `computer.wait` and `computer.terminate` are those
on which OpenCUA and Kimi K2.5 were trained (xlang-ai/OpenCUA; the agents for both in xlang-ai/OSWorld). The other functions of
`computer` are ours, for what pyautogui cannot say, and are offered only where an environment can do it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from handeye.agent.dialects.python_calls import PythonCall
from handeye.agent.dialects.reading import build
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point
from handeye.tools.keys import MODIFIERS, canonical_key, pyautogui_key

NOTCH = 60
"""Pixels of content for one of pyautogui's clicks of the wheel, as in `handeye.tools.desktop`."""
LONG_WAIT_S = 20.0
"""What `computer.wait()` waits; its description in training says 20 seconds."""
MAX_ACTIONS = 16

PointAt: TypeAlias = Callable[[Any, Any], Point | None]
"""The pixel that two numbers mean; None where they say that there is nothing to point at."""
PointWords: TypeAlias = Callable[[Point], dict[str, str]]
"""The arguments that say a pixel, written out."""

_POSITIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("click", "leftClick"), ("x", "y", "clicks", "interval", "button")),
    **dict.fromkeys(("doubleClick", "tripleClick", "rightClick", "middleClick", "triple_click"), ("x", "y", "interval", "button")),
    **dict.fromkeys(("moveTo",), ("x", "y", "duration")),
    **dict.fromkeys(("dragTo",), ("x", "y", "duration", "tween", "button")),
    **dict.fromkeys(("mouseDown", "mouseUp"), ("x", "y", "button")),
    **dict.fromkeys(("write", "typewrite"), ("message", "interval")),
    "press": ("keys", "presses", "interval"),
    "hotkey": (),
    **dict.fromkeys(("keyDown", "keyUp"), ("key",)),
    **dict.fromkeys(("scroll", "vscroll", "hscroll"), ("clicks", "x", "y")),
    **dict.fromkeys(("sleep", "wait"), ("seconds",)),
    "terminate": ("status", "answer"),
    "long_press": ("x", "y", "duration_s"),
    "open_app": ("name",), "goto": ("url",), "go_back": (), "switch_tab": ("index",), "close_tab": (),
    "answer_dialog": ("accept", "text"), "choose_files": ("paths",), "ask_user": ("question",),
}  # fmt: skip
_IGNORED = frozenset({"interval", "duration", "tween", "logScreenshot", "_pause", "pause", "presses"})
_OWN = ("open_app", "goto", "go_back", "switch_tab", "close_tab", "answer_dialog", "choose_files", "ask_user")
_CLICKS = {"click": 1, "leftClick": 1, "doubleClick": 2, "tripleClick": 3, "triple_click": 3, "rightClick": 1, "middleClick": 1}
_BUTTONS = {"left": "left", "primary": "left", "middle": "middle", "right": "right", "secondary": "right"}
_MODULES = ("pyautogui", "computer", "time")
SAYABLE = frozenset(act.ACTIONS) - {"swipe", "press_button"}
"""What there are words for: these are dialects for desktops, a finger and a phone's buttons are not among their words."""


def read_actions(calls: Sequence[PythonCall], point: PointAt, mend: Callable[[str], None]) -> tuple[act.Action, ...]:
    """The actions that `calls` mean together. Raises `ParseError` for a call that means none."""
    reader = _Reader(point, mend)
    for call in calls:
        reader.take(call)
    return reader.end()


class _Reader:
    def __init__(self, point: PointAt, mend: Callable[[str], None]) -> None:
        self._point, self._mend = point, mend
        self._actions: list[act.Action] = []
        self._held: list[str] = []
        self._used = True
        self._button = ""
        self._path: list[Point | None] = []
        self._slept = 0.0

    def take(self, call: PythonCall) -> None:
        module, _, name = call.name.rpartition(".")
        if name not in _POSITIONS or module not in ("", *_MODULES):
            raise ParseError(f"there is no function {call.name[:60]!r} to call")
        if not module:
            self._mend(f"{name} was called without its module")
        values = _arguments(name, call)
        if name in _CLICKS:
            self._click(name, values)
        elif name in ("moveTo", "dragTo", "mouseDown", "mouseUp"):
            self._pointer(name, values)
        elif name in ("press", "hotkey", "keyDown", "keyUp"):
            self._keys(name, values)
        elif name in ("scroll", "vscroll", "hscroll"):
            self._scroll(name, values)
        else:
            self._add(*self._plain(name, values))
        if left := [key for key in values if key not in _IGNORED]:
            raise ParseError(f"{name} does not take {left[0][:40]!r}")
        if len(self._actions) > MAX_ACTIONS:
            raise ParseError(f"the code does more than {MAX_ACTIONS} things; do less in one step")

    def end(self) -> tuple[act.Action, ...]:
        if self._path:
            raise ParseError("the code presses a mouse button and does not let go of it")
        if self._held:
            if not self._used:
                raise ParseError("the code holds a key down and does nothing with it")
            self._mend("let go of the keys that the code left held")
        if not self._actions:
            raise ParseError("the code does nothing")
        return tuple(self._actions)

    def _add(self, *actions: act.Action) -> None:
        if self._path and actions:
            raise ParseError("between mouseDown and mouseUp only the pointer can be moved")
        if self._held and not all(isinstance(action, act.Click | act.PressKeys | act.Wait) for action in actions):
            raise ParseError("keys can be held down for clicks and other keys only")
        self._actions += actions

    def _at(self, values: dict[str, Any]) -> Point | None:
        x, y = values.pop("x", None), values.pop("y", None)
        if isinstance(x, list) and len(x) == 2 and y is None:
            x, y = x
        if x is None and y is None:
            return None
        if any(isinstance(number, bool) or not isinstance(number, int | float) for number in (x, y)):
            raise ParseError("a point is two numbers, x and y")
        if (point := self._point(x, y)) is None:
            raise _NothingThere("there is no pixel at (-1, -1)")
        return point

    def _from_move(self) -> Point | None:
        # `moveTo(x, y)` and then a click without a point is a click there.
        if self._actions and isinstance(last := self._actions[-1], act.Move):
            self._actions.pop()
            return last.point
        return None

    def _click(self, name: str, values: dict[str, Any]) -> None:
        try:
            point = self._at(values) or self._from_move()
        except _NothingThere:
            self._mend("a click at (-1, -1) says that the target is not there")
            values.clear()
            self._add(act.Finish(success=False))
            return
        default = {"rightClick": "right", "middleClick": "middle"}.get(name, "left")
        button = _button(values.pop("button", None) or default)
        count = values.pop("clicks", None) or _CLICKS[name]
        self._used = True
        self._add(*_build(act.Click, point=point, button=button, count=count, modifiers=tuple(self._held)))

    def _pointer(self, name: str, values: dict[str, Any]) -> None:
        point = self._at(values)
        button = _button(values.pop("button", None) or "left")
        if name == "mouseDown":
            if self._path:
                raise ParseError("the code presses a mouse button twice and does not let go between")
            self._button, self._path, self._slept = button, [point or self._from_move()], 0.0
        elif name == "mouseUp":
            self._path += [] if point is None else [point]
            self._release()
        elif point is None:
            raise ParseError(f"{name} needs x and y")
        elif self._path:
            self._path.append(point)
        elif name == "moveTo":
            self._add(act.Move(point=point))
        elif button != "left":
            raise ParseError("things are dragged with the left button")
        else:
            self._add(act.Drag(start=self._from_move(), end=point))

    def _release(self) -> None:
        if not self._path:
            raise ParseError("the code lets go of a mouse button that it did not press")
        (start, *rest), self._path = self._path, []
        while rest and rest[0] == start:
            rest.pop(0)
        if not rest and self._slept and start is not None:
            self._add(*_build(act.LongPress, point=start, duration_s=self._slept))
        elif not rest:
            self._used = True
            self._add(act.Click(point=start, button=self._button, modifiers=tuple(self._held)))  # type: ignore[arg-type]
        elif self._button != "left":
            raise ParseError("things are dragged with the left button")
        else:
            *via, end = (point for point in rest if point is not None)
            self._add(act.Drag(start=start, end=end, via=tuple(via)))

    def _keys(self, name: str, values: dict[str, Any]) -> None:
        words = values.pop("key", None) if name.startswith("key") else values.pop("keys", None)
        words = words if isinstance(words, list) else [words]
        if not words or not all(isinstance(word, str) for word in words):
            raise ParseError(f"{name} takes names of keys as texts")
        keys = [key for word in words for key in _key(word)]
        if name == "keyDown":
            self._held, self._used = [*self._held, *keys], False
        elif name == "keyUp":
            self._let_go(keys)
        else:
            self._press(name, keys, values.pop("presses", 1))

    def _press(self, name: str, keys: list[str], presses: Any) -> None:
        if isinstance(presses, bool) or not isinstance(presses, int) or not 1 <= presses <= MAX_ACTIONS:
            raise ParseError(f"presses is a whole number from 1 to {MAX_ACTIONS}")
        self._used = True
        chords = [keys] if name == "hotkey" else [[key] for key in keys]
        for chord in chords * presses:
            self._add(*_build(act.PressKeys, keys=(*self._held, *chord)))

    def _let_go(self, keys: list[str]) -> None:
        if not self._used:
            self._used = True
            self._actions += _build(act.PressKeys, keys=tuple(self._held))
        for key in keys:
            if key not in self._held:
                raise ParseError(f"the code lets go of {key}, which it does not hold")
            self._held.remove(key)

    def _scroll(self, name: str, values: dict[str, Any]) -> None:
        clicks = values.pop("clicks", None)
        if isinstance(clicks, bool) or not isinstance(clicks, int | float) or not round(abs(clicks) * NOTCH):
            raise ParseError(f"{name} takes a number of clicks of the wheel, not 0: positive is up or right, negative down or left")
        forth, back = ("right", "left") if name == "hscroll" else ("up", "down")
        point = self._at(values) or self._from_move()
        self._add(*_build(act.Scroll, point=point, direction=forth if clicks > 0 else back, amount=round(abs(clicks) * NOTCH)))

    def _plain(self, name: str, values: dict[str, Any]) -> tuple[act.Action, ...]:
        if name in ("write", "typewrite"):
            return _build(act.TypeText, text=_text(values.pop("message", None)))
        if name in ("sleep", "wait"):
            seconds = values.pop("seconds", None)
            seconds = values.pop("time", LONG_WAIT_S) if seconds is None else seconds
            if self._path:
                self._slept += seconds if isinstance(seconds, int | float) else 0.0
                return ()
            return _build(act.Wait, seconds=seconds)
        if name == "terminate":
            return _terminate(values)
        if name == "long_press":
            return _build(act.LongPress, point=self._at(values), duration_s=values.pop("duration_s", None))
        given = {key: values.pop(key) for key in _POSITIONS[name] if key in values}
        return _build(act.ACTIONS[name], **given)


class _NothingThere(ParseError):
    """The model said that what it was to point at does not exist."""


def _arguments(name: str, call: PythonCall) -> dict[str, Any]:
    if name == "hotkey":
        args = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], list) else list(call.args)
        return dict(call.keywords) | ({"keys": args} if args else {})
    names = _POSITIONS[name]
    if len(call.args) > len(names):
        raise ParseError(f"{name} takes {len(names)} arguments at most")
    values = dict(zip(names, call.args, strict=False))
    if twice := values.keys() & call.keywords.keys():
        raise ParseError(f"{name} is given {sorted(twice)[0]!r} twice")
    return values | call.keywords


def _build(kind: Any, **values: Any) -> tuple[act.Action, ...]:
    return (build(kind, **values),)


def _button(said: Any) -> str:
    if not isinstance(said, str) or said.lower() not in _BUTTONS:
        raise ParseError("a mouse button is 'left', 'middle' or 'right'")
    return _BUTTONS[said.lower()]


def _text(said: Any) -> str:
    if isinstance(said, list) and all(isinstance(item, str) for item in said):
        return "".join(said)
    if not isinstance(said, str):
        raise ParseError("write takes the text to type")
    return said


def _key(word: str) -> tuple[str, ...]:
    try:
        return (canonical_key(word),)
    except InvalidAction as error:
        parts = word[:60].split("+")
        if len(parts) == 1 or len(word) > 60 or any(part.strip().lower() not in MODIFIERS for part in parts[:-1]):
            raise ParseError(str(error)) from error
        return tuple(key for part in parts for key in _key(part))


_STATUS = {"success": True, "failure": False, "fail": False, "failed": False, "infeasible": False}


def _terminate(values: dict[str, Any]) -> tuple[act.Action, ...]:
    status, answer, message = (values.pop(key, None) for key in ("status", "answer", "message"))
    if not isinstance(status, str) or status.strip().lower() not in _STATUS:
        raise ParseError("the status is 'success' or 'failure'")
    success = _STATUS[status.strip().lower()]
    if answer is not None and success:
        return _build(act.Answer, text=answer)
    return _build(act.Finish, success=success, message=answer if message is None else message)


def write_action(action: act.Action, words: PointWords) -> str:
    """The lines of code that mean `action`; `words` says its points. Raises `InvalidAction` where there are none."""
    match action:
        case act.Click():
            return _write_click(action, words)
        case act.Move(point=point):
            return _line("pyautogui.moveTo", words(point))
        case act.Drag(start=start, end=end, via=()):
            return "\n".join([*([] if start is None else [_line("pyautogui.moveTo", words(start))]), _line("pyautogui.dragTo", words(end))])
        case act.Drag(start=start, end=end, via=via):
            moves = [_line("pyautogui.moveTo", words(point)) for point in (*via, end)]
            return "\n".join([_line("pyautogui.mouseDown", _maybe(start, words)), *moves, "pyautogui.mouseUp()"])
        case act.LongPress(point=point, duration_s=seconds):
            return _line("computer.long_press", words(point) | {"duration_s": repr(seconds)})
        case act.Scroll(point=point, direction=direction, amount=amount):
            clicks = amount // NOTCH if amount % NOTCH == 0 else round(amount / NOTCH, 4)
            turn = "scroll" if direction in ("up", "down") else "hscroll"
            return _line(f"pyautogui.{turn}", {"": repr(clicks if direction in ("up", "right") else -clicks)} | _maybe(point, words))
        case act.TypeText(text=text):
            return _line("pyautogui.write", {"message": literal(text)})
        case act.PressKeys(keys=keys):
            return f"pyautogui.{'press' if len(keys) == 1 else 'hotkey'}({', '.join(literal(_pyautogui(key)) for key in keys)})"
        case act.Wait(seconds=seconds):
            return "computer.wait()" if seconds == LONG_WAIT_S else f"time.sleep({seconds!r})"
        case act.Answer(text=text):
            return _line("computer.terminate", {"status": "'success'", "answer": literal(text)})
        case act.Finish(success=success, message=message):
            said = {"message": literal(message)} if message else {}
            return _line("computer.terminate", {"status": "'success'" if success else "'failure'"} | said)
    if action.type not in _OWN:
        raise InvalidAction(f"there are no words for {action.type}")
    fields = {key: value for key in _POSITIONS[action.type] if (value := getattr(action, key)) is not None}
    return _line(f"computer.{action.type}", {key: literal(value) for key, value in fields.items()})


def literal(value: Any) -> str:
    """`value` as a Python literal in one line that neither ends a fenced block nor spells a special token."""
    if isinstance(value, tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    return repr(value).replace("`", "\\x60").replace("<|", "\\x3c|") if isinstance(value, str) else repr(value)


def _write_click(action: act.Click, words: PointWords) -> str:
    at = _maybe(action.point, words)
    if action.button == "left" and action.count == 3 and action.point is not None:
        line = _line("computer.triple_click", at)
    elif action.button == "left":
        line = _line(f"pyautogui.{('click', 'doubleClick', 'tripleClick')[action.count - 1]}", at)
    elif action.count == 1:
        line = _line(f"pyautogui.{action.button}Click", at)
    else:
        line = _line("pyautogui.click", at | {"clicks": str(action.count), "button": literal(action.button)})
    down = [f"pyautogui.keyDown({literal(_pyautogui(key))})" for key in action.modifiers]
    up = [f"pyautogui.keyUp({literal(_pyautogui(key))})" for key in reversed(action.modifiers)]
    return "\n".join([*down, line, *up])


def _maybe(point: Point | None, words: PointWords) -> dict[str, str]:
    return {} if point is None else words(point)


def _line(name: str, arguments: dict[str, str]) -> str:
    return f"{name}({', '.join(f'{key}={value}' if key else value for key, value in arguments.items())})"


def _pyautogui(key: str) -> str:
    try:
        name = pyautogui_key(key)
    except InvalidAction:
        return key
    return name if canonical_key(name) == key else key
