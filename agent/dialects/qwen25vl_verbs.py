"""The verbs of Qwen2.5-VL's `computer_use` and `mobile_use` tools: what they are called, what they take, which action each means.

Names, their order and the keys of the trained verbs are those of QwenLM/Qwen2.5-VL (cookbooks/computer_use.ipynb and
cookbooks/utils/agent_function_call.py); the descriptions are ours. The other verbs are for actions on which the model was not trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from pydantic import ValidationError

from handeye.agent.dialects.arguments import Arguments
from handeye.envs import actions as act
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Point
from handeye.tools.keys import KEY_NAMES

Actions: TypeAlias = tuple[act.Action, ...]

BUTTONS: tuple[str, ...] = get_args(act.PressButton.model_fields["button"].annotation)
KEY_BUTTONS = ("volume_up", "volume_down", "power", "camera", "clear")
"""Buttons that the phone's `key` verb was trained to name, after adb's key events."""
_BUTTON_ALIASES = {"recent": "recents", "recent_apps": "recents", "app_switch": "recents", "overview": "recents"}


@dataclass(frozen=True)
class Verb:
    """One value of the tool's `action` parameter."""

    types: frozenset[str]
    """The action types that it stands for."""
    about: str
    read: Callable[[Arguments], Actions]
    expects: tuple[str, ...] = ()
    """Arguments without which a call that was cut off cannot be trusted."""
    keys: tuple[str, ...] = ()
    """The arguments that it takes."""


_SAID = {
    "seconds": "time",
    "duration_s": "time",
    "amount": "pixels",
    "count": "clicks",
    "question": "text",
    "name": "text",
    "message": "text",
}


def _build(kind: type[Any], **values: Any) -> Actions:
    try:
        return (kind(**{key: value for key, value in values.items() if value is not None}),)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(_SAID.get(str(part), str(part)) for part in first["loc"])
        raise ParseError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def _point(arguments: Arguments, boxes: bool = True) -> Point | None:
    names = ("coordinate", "coordinates", "point", "position", "bbox_2d", "point_2d", "bbox", "box", "start_box")
    point = arguments.point(*names, boxes=boxes)
    x, y = arguments.take("x"), arguments.take("y")
    if point is None and x is not None and y is not None:
        arguments.mend("read a point that was given as x and y")
        return arguments.to_point([x, y], "coordinate")
    return point


def _needed(point: Point | None) -> Point:
    if point is None:
        raise ParseError('"coordinate" is missing; give it as [x, y]')
    return point


def _click(button: str | None = None, count: int | None = None) -> Callable[[Arguments], Actions]:
    def read(arguments: Arguments) -> Actions:
        return _build(
            act.Click,
            point=_point(arguments),
            button=button,
            count=arguments.whole("clicks") or count,
            modifiers=arguments.keys("modifiers"),
        )

    return read


def _move(arguments: Arguments) -> Actions:
    return _build(act.Move, point=_needed(_point(arguments)))


def _long_press(arguments: Arguments) -> Actions:
    return _build(act.LongPress, point=_needed(_point(arguments)), duration_s=arguments.number("time", "duration"))


def _drag(arguments: Arguments) -> Actions:
    start, end, other = _ends(arguments)
    if start is not None and end is not None and other is not None:
        raise ParseError("three points are given where a drag has a start and an end")
    if end is None:
        end = other
    elif start is None:
        start = other
        arguments.mend('read "coordinate" and "coordinate2" as the start and the end of a drag')
    return _build(act.Drag, start=start, end=_needed(end), via=arguments.points("via"))


def _ends(arguments: Arguments) -> tuple[Point | None, Point | None, Point | None]:
    # Four numbers are not a box here: they could as well be the start and the end.
    start = arguments.point("start_coordinate", "start", "from", "coordinate1", boxes=False)
    end = arguments.point("coordinate2", "coordinates2", "end_coordinate", "end", "to", boxes=False)
    return start, end, _point(arguments, boxes=False)


def _swipe(arguments: Arguments) -> Actions:
    start, end, other = _ends(arguments)
    start = other if start is None else start
    if start is None or end is None:
        raise ParseError('a swipe needs "coordinate", where it starts, and "coordinate2", where it ends')
    return _build(act.Swipe, start=start, end=end, duration_s=arguments.number("time", "duration"))


def _scroll(forth: str, back: str) -> Callable[[Arguments], Actions]:
    def read(arguments: Arguments) -> Actions:
        pixels = arguments.number("pixels", "amount", "scroll_amount")
        said = arguments.text("direction", "scroll_direction")
        direction = said and said.strip().lower()
        if direction is not None:
            arguments.mend("read a direction of scrolling that was given in words")
        if pixels is None and direction is None:
            raise ParseError(f'"pixels" is missing; a positive number scrolls {forth}, a negative one {back}')
        if pixels is not None and round(pixels) == 0:
            raise ParseError(f'"pixels" is 0, which scrolls nothing; a positive number scrolls {forth}, a negative one {back}')
        if pixels is not None and pixels < 0 and direction == forth:
            raise ParseError(f'"direction" says {forth} and "pixels" says {back}')
        amount = None if pixels is None else abs(round(pixels))
        if direction is None and pixels is not None:
            direction = forth if pixels > 0 else back
        return _build(act.Scroll, point=_point(arguments), direction=direction, amount=amount)

    return read


def _type(arguments: Arguments) -> Actions:
    text = arguments.needed_text("text", "content", "value")
    if (point := _point(arguments)) is not None:
        arguments.mend("typing at a point was read as a click there first")
    return (*(() if point is None else _build(act.Click, point=point)), *_build(act.TypeText, text=text))


def _key(arguments: Arguments) -> Actions:
    words = arguments.words("keys")
    words = arguments.words("text", "key") if words is None else words
    if words is None:
        raise ParseError('"keys" is missing; give it as a list such as ["ctrl", "a"]')
    if len(words) == 1 and (button := _button_name(words[0])) in BUTTONS and words[0].strip().lower() not in KEY_NAMES:
        return _build(act.PressButton, button=button)
    return _build(act.PressKeys, keys=arguments.chords(words))


def _button_name(text: str) -> str:
    name = text.strip().lower().replace(" ", "_").removeprefix("keycode_")
    return _BUTTON_ALIASES.get(name, name)


def _button(arguments: Arguments) -> Actions:
    return _build(act.PressButton, button=_button_name(arguments.needed_text("button", "text", "key")))


def _wait(arguments: Arguments) -> Actions:
    return _build(act.Wait, seconds=arguments.number("time", "duration", "seconds"))


_STATUS = {"success": True, "succeeded": True, "successful": True, "done": True, "complete": True, "completed": True} | dict.fromkeys(
    ("failure", "fail", "failed", "infeasible", "impossible"), False
)


def _terminate(arguments: Arguments) -> Actions:
    said = (arguments.text("status") or "").strip().lower()
    if said not in _STATUS:
        raise ParseError('"status" must be "success" or "failure"')
    if said not in ("success", "failure"):
        arguments.mend(f"read the status {said!r} as success or failure")
    return _build(act.Finish, success=_STATUS[said], message=arguments.text("text", "message", "answer"))


def _texts(kind: type[Any], into: str, *names: str) -> Callable[[Arguments], Actions]:
    return lambda arguments: _build(kind, **{into: arguments.needed_text(*names)})


def _accept(arguments: Arguments) -> Actions:
    accept = arguments.flag("accept")
    if accept is None:
        raise ParseError('"accept" is missing; it is true or false')
    return _build(act.AnswerDialog, accept=accept, text=arguments.text("text"))


def _tab(arguments: Arguments) -> Actions:
    index = arguments.whole("index", "tab")
    if index is None:
        raise ParseError('"index" is missing; tabs are counted from 0')
    return _build(act.SwitchTab, index=index)


_AT = ("coordinate",)
_CLICK_KEYS = ("coordinate", "modifiers")


def _verb(type_: str, about: str, read: Callable[[Arguments], Actions], expects: tuple[str, ...] = (), keys: tuple[str, ...] = ()) -> Verb:
    return Verb(frozenset({type_}), about, read, expects, keys)


VERBS: dict[str, Verb] = {
    "key": _verb("press_keys", "Press `keys` in order and let go of them in reverse: one key or a chord.", _key, ("keys",), ("keys",)),
    "type": _verb("type_text", "Type `text` into what has the focus; a line break presses Enter.", _type, ("text",), ("text",)),
    "mouse_move": _verb("move", "Move the pointer to `coordinate`.", _move, _AT, _AT),
    "left_click": _verb("click", "Click with the left button at `coordinate`.", _click(), _AT, _CLICK_KEYS),
    "click": _verb("click", "Tap at `coordinate`.", _click(), _AT, _AT),
    "left_click_drag": _verb(
        "drag",
        "Press the left button at `start_coordinate` (or where the pointer is), move to `coordinate`, let go.",
        _drag,
        ("coordinate", "start_coordinate"),
        ("coordinate", "start_coordinate", "via"),
    ),
    "right_click": _verb("click", "Click with the right button at `coordinate`.", _click("right"), _AT, (*_CLICK_KEYS, "clicks")),
    "middle_click": _verb("click", "Click with the middle button at `coordinate`.", _click("middle"), _AT, (*_CLICK_KEYS, "clicks")),
    "double_click": _verb("click", "Double-click with the left button at `coordinate`.", _click(count=2), _AT, _CLICK_KEYS),
    "triple_click": _verb("click", "Click three times at `coordinate`, which selects a paragraph.", _click(count=3), _AT, _CLICK_KEYS),
    "long_press": _verb("long_press", "Press at `coordinate` for `time` seconds.", _long_press, _AT, ("coordinate", "time")),
    "swipe": _verb(
        "swipe",
        "Swipe with a finger from `coordinate` to `coordinate2`.",
        _swipe,
        ("coordinate", "coordinate2"),
        ("coordinate", "coordinate2", "time"),
    ),
    "scroll": _verb(
        "scroll", "Turn the wheel by `pixels` at `coordinate`.", _scroll("up", "down"), ("coordinate", "pixels"), ("coordinate", "pixels")
    ),
    "hscroll": _verb(
        "scroll",
        "Scroll sideways by `pixels` at `coordinate`: positive to the right, negative to the left.",
        _scroll("right", "left"),
        ("coordinate", "pixels"),
        ("coordinate", "pixels"),
    ),
    "system_button": _verb("press_button", "Press the system button `button`.", _button, ("button",), ("button",)),
    "open": _verb("open_app", "Open the app called `text`.", _texts(act.OpenApp, "name", "text", "app", "app_name"), ("text",), ("text",)),
    "visit_url": _verb("goto", "Open the address `url` in this tab.", _texts(act.Goto, "url", "url", "text"), ("url",), ("url",)),
    "history_back": _verb("go_back", "Go back to the page before.", lambda _: _build(act.GoBack)),
    "switch_tab": _verb("switch_tab", "Bring the tab with number `index` to the front.", _tab, ("index",), ("index",)),
    "close_tab": _verb("close_tab", "Close the tab in front.", lambda _: _build(act.CloseTab)),
    "answer_dialog": _verb(
        "answer_dialog",
        "Answer the dialog that the page shows: `accept` it or not, with `text` if it asks for one.",
        _accept,
        ("accept", "text"),
        ("accept", "text"),
    ),
    "choose_files": _verb(
        "choose_files",
        "Give `paths` to the file chooser that is open; none cancels it.",
        lambda arguments: _build(act.ChooseFiles, paths=arguments.words("paths", "path", "files")),
        ("paths",),
        ("paths",),
    ),
    "wait": _verb("wait", "Wait `time` seconds.", _wait, (), ("time",)),
    "answer": _verb(
        "answer",
        "Give `text` as the answer to the question that was asked; this ends the task.",
        _texts(act.Answer, "text", "text", "answer", "content"),
        ("text",),
        ("text",),
    ),
    "ask_user": _verb(
        "ask_user",
        "Ask the user `text`, which only they know or may decide.",
        _texts(act.AskUser, "question", "text", "question"),
        ("text",),
        ("text",),
    ),
    "terminate": _verb("finish", "End the task and say its `status`.", _terminate, ("status",), ("status", "text")),
}
"""Every verb that can be read, by its name."""

ALIASES = {
    "tap": "click", "leftclick": "left_click", "left_single": "left_click", "press_left": "left_click", "rightclick": "right_click",
    "right_single": "right_click", "context_click": "right_click", "middleclick": "middle_click", "doubleclick": "double_click",
    "left_double": "double_click", "double_tap": "double_click", "tripleclick": "triple_click", "hover": "mouse_move",
    "move": "mouse_move", "move_to": "mouse_move", "moveto": "mouse_move", "drag": "left_click_drag", "drag_to": "left_click_drag",
    "dragto": "left_click_drag", "left_drag": "left_click_drag", "input": "type", "write": "type", "type_text": "type",
    "input_text": "type", "press": "key", "press_key": "key", "press_keys": "key", "keypress": "key", "hotkey": "key", "sleep": "wait",
    "open_app": "open", "launch": "open", "goto": "visit_url", "navigate": "visit_url", "open_url": "visit_url",
    "go_back": "history_back", "press_button": "system_button", "longpress": "long_press", "done": "terminate", "finish": "terminate",
    "finished": "terminate", "horizontal_scroll": "hscroll",
}  # fmt: skip
"""Names that models use instead."""
