"""UI-TARS 1.0 and 1.5, and Doubao-1.5: a thought, then calls in words; computers and phones.

Names of the calls and their values, the layout and the limits of the picture: bytedance/UI-TARS, codes/ui_tars/prompt.py and
action_parser.py; `call_user` and the form of 1.0: bytedance/UI-TARS-desktop. The prompt stands in the user's turn, there is no system
turn. Version 1.0 and Doubao point in 0..1000, version 1.5 in pixels of the smart-resized picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from handeye.agent.coordinates import CoordinateSpace, Relative, SmartResizedPixels
from handeye.agent.dialects.gestures import by_touch
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.spoken_calls import SpokenCall, call_begins, read_spoken, said, short
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

Form: TypeAlias = Literal["box", "point"]
"""How a point is written: start_box='(x,y)', or point='<point>x y</point>'."""

MIN_PIXELS = 78_400
MAX_PIXELS = 12_845_056
"""100 and 16,384 visual tokens (bytedance/UI-TARS, codes/ui_tars/action_parser.py)."""
WAIT_S = 5.0
"""What `wait()` means."""

_PROMPT = Prompt(
    "",
    """You operate a {device} for the user. You see the task, what you did before, and the screen. Give the next action.

## Output Format
```
Thought: ...
Action: ...
```

## Action Space

{{{{tools}}}}

## Note
- `Thought`: a small plan, then one sentence that names the next action and the element it is for.
- Inside quotes write \\', \\" and \\n.

## User Instruction
{{{{goal}}}}
{{{{progress}}}}
{{{{screen}}}}
{{{{notes}}}}
{{{{picture}}}}""",
)


def _lines(form: Form, mobile: bool) -> tuple[tuple[str, str], ...]:
    at = "start_box='<|box_start|>(x1, y1)<|box_end|>'" if form == "box" else "point='<point>x1 y1</point>'"
    ends = at + ", end_box='<|box_start|>(x3, y3)<|box_end|>'" if form == "box" else _POINTS
    scroll = f"scroll({at}, direction='down or up or right or left') # Brings what lies on that side into view."
    shared = (
        ("type_text", "type(content='') # End with \\n to submit."),
        ("scroll", scroll),
        ("wait", "wait() # 5 seconds."),
        ("finish", "finished(content='') # The task is done; `content` is the report or the answer."),
        ("ask_user", "call_user(content='') # Ask the user, or say that the task cannot be done."),
    )
    if mobile:
        return (
            ("click", f"click({at})"),
            ("long_press", f"long_press({at})"),
            ("swipe", f"drag({ends})"),
            ("swipe", scroll),
            ("open_app", "open_app(app_name='')"),
            ("press_button", "press_home()"),
            ("press_button", "press_back()"),
            *shared,
        )
    return (
        ("click", f"click({at})"),
        ("click", f"left_double({at})"),
        ("click", f"right_single({at})"),
        ("drag", f"drag({ends})"),
        ("press_keys", "hotkey(key='ctrl c') # Lower case, a space between keys, 3 keys at most."),
        *shared,
    )


_POINTS = "start_point='<point>x1 y1</point>', end_point='<point>x2 y2</point>'"
_START = ("start_box", "point", "start_point", "box", "start")
_END = ("end_box", "end_point", "end")
_MARKS = re.compile(r"</?(?:point|bbox|box)>|<\|box_(?:start|end)\|>")
_THINK = re.compile(r"\s*+<(think\w{0,20}|thought)>", re.I)
_LABEL = re.compile(r"^[ \t>*]{0,9}Action\**[ \t]?[:：]\**", re.M)
_INLINE = re.compile(r"\bAction[ \t]?[:：][ \t]{0,9}(?=[a-z_]{1,20}\()")
_BARE = re.compile(r"^[ \t]{0,9}(?=[a-z_]{1,20}\([a-z_]{0,20}[=)])", re.M)
_ONLY_A_POINT = re.compile(
    r"\s*+(<bbox>[0-9\s.,-]{1,60}</bbox>|<point>[0-9\s.,-]{1,60}</point>|<\|box_start\|>[^|<]{1,60}<\|box_end\|>)\s*+"
)
_BETWEEN = re.compile(r"(?:\s++|;|```\w{0,12}+)*+(?:Action[ \t]?[:：])?+(?:\s++|```\w{0,12}+)*+")
_TAIL = re.compile(r"(?:\s++|```|</?[\w:]{1,30}+>)*+")
_TURN = re.compile(r"<\|im_(?:end|start)\|>|<\|endoftext\|>|\[EOS\]")
_ANSWER = re.compile(r"\s*+<answer>(.*)</answer>\s*+", re.S)
_SEED = re.compile(r"<seed:tool_call>")
_FUNCTION = re.compile(r"\s*+<function(?:=|\s+name=['\"]?)(\w{1,40})['\"]?\s{0,9}>")
_PARAMETER = re.compile(r"\s*+<parameter(?:=|\s+name=['\"]?)(\w{1,40})['\"]?\s{0,9}>")
_LABELS = re.compile(r"^\s*+(?:Thought|Reflection|Action_Summary)[ \t]?[:：]\s*+", re.M)


class UiTars(Worded):
    """One form of the family: see the functions below, under which the registry has them."""

    def __init__(self, name: str, space: CoordinateSpace, form: Form, mobile: bool, action_types: frozenset[str], **options: Any) -> None:
        """`options` are those of `Worded`. History is kept as turns, with five screenshots together, as in training."""
        prompt = Prompt("", _PROMPT.user.format(device="phone" if mobile else "computer"))
        point = "start_box='(x,y)'" if form == "box" else "point='<point>x y</point>'"
        family = Family(
            name, space, prompt, _lines(form, mobile), f"Thought: ...\nAction: click({point})", history="turns", pictures=4
        )  # fmt: skip
        super().__init__(family, action_types, **options)
        self._form, self._mobile = form, mobile

    def reply(self, words: str, thought: str = "") -> str:
        """`Thought:` and `Action:` lines."""
        return f"Thought: {thought}\nAction: {words}" if thought else f"Action: {words}"

    def read(self, reading: Reading) -> Said:
        """The calls after `Action:`; none that stands in the thought."""
        thought, text = _without_thinking(reading.text)
        if seed := _SEED.search(text):
            reading.mend("read calls between <seed:tool_call> tags")
            thought, calls = thought + text[: seed.start()], _seed_calls(text, seed.end())
        elif found := _ANSWER.fullmatch(text):
            reading.mend("read an <answer> as the end of the task")
            return Said((act.Finish(message=found.group(1).strip()),), thought)
        elif found := _ONLY_A_POINT.fullmatch(text):
            reading.mend("took a point without an action for a click")
            calls = [SpokenCall("click", {"start_box": found.group(1)}, 0)]
        else:
            begin, end = self._label(text, reading)
            thought, calls = thought + text[:begin], _calls(text, end, reading)
        thought = _LABELS.sub("", thought).strip()
        return Said(tuple(action for call in calls for action in self._actions(call, thought, reading)), thought)

    def _label(self, text: str, reading: Reading) -> tuple[int, int]:
        if label := _LABEL.search(text):
            return label.span()
        inline = [label.span() for label in _INLINE.finditer(text)]
        if inline:
            reading.mend("the action stood in the line of the thought")
            return inline[-1]
        if bare := next((label for label in _BARE.finditer(text) if call_begins(text, label.start()) in _READERS), None):
            reading.mend('the label "Action:" was missing')
            return bare.span()
        raise ParseError('there is no "Action:" in the reply')

    def _actions(self, call: SpokenCall, thought: str, reading: Reading) -> tuple[act.Action, ...]:
        if call.name not in _READERS:
            raise ParseError(f"there is no action {call.name!r}; there are {', '.join(_READERS)}")
        values = dict(call.values)
        actions = _READERS[call.name](_Values(values, reading, thought, self._mobile))
        if left := [key for key, value in values.items() if value not in (None, "")]:
            raise ParseError(f"{call.name} takes no {left[0]!r}")
        return tuple(by_touch(action, reading.size, self._types) for action in actions)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The call that means `action`."""

        def at(point: Point, name: str = "start") -> str:
            x, y = numbers(point)
            if self._form == "box":
                return f"{name}_box='({x},{y})'"
            return f"{'point' if name == 'start' else name}='<point>{x} {y}</point>'"

        match action:
            case act.Click(point=point, button=button, count=count) if point is not None:
                if (name := _CLICKS.get((button, count))) is not None:
                    return f"{name}({at(point)})"
            case act.Drag(start=start, end=end) | act.Swipe(start=start, end=end) if start is not None:
                if self._form == "box":
                    return f"drag({at(start)}, {at(end, 'end')})"
                return f"drag({at(start, 'start_point')}, {at(end, 'end_point')})"
            case act.LongPress(point=point):
                return f"long_press({at(point)})"
            case act.Scroll(point=None, direction=direction):
                return f"scroll(direction='{direction}')"
            case act.Scroll(point=Point() as point, direction=direction):
                return f"scroll({at(point)}, direction='{direction}')"
            case act.PressKeys(keys=keys):
                return f"hotkey(key={said(' '.join(keys), chr(39))})"
            case act.PressButton(button=button) if button in ("home", "back"):
                return f"press_{button}()"
            case _:
                return _write_text(action)
        raise InvalidAction(f"there are no words for {action!r}")


def _write_text(action: act.Action) -> str:
    match action:
        case act.TypeText(text=text):
            return f"type(content={said(text, chr(39))})"
        case act.OpenApp(name=name):
            return f"open_app(app_name={said(name, chr(39))})"
        case act.Wait(seconds=seconds):
            return "wait()" if seconds == WAIT_S else f"wait(seconds='{short(seconds)}')"
        case act.Finish(success=True, message=message):
            return f"finished(content={said(message, chr(39))})"
        case act.AskUser(question=question):
            return f"call_user(content={said(question, chr(39))})"
    raise InvalidAction(f"there are no words for {action!r}")


_CLICKS: dict[tuple[str, int], str] = {("left", 1): "click", ("left", 2): "left_double", ("right", 1): "right_single"}


class _Values:
    """The values of one call; each getter takes what it reads out of them."""

    def __init__(self, values: dict[str, Any], reading: Reading, thought: str, mobile: bool) -> None:
        self._values, self._reading, self.thought, self.mobile = values, reading, thought, mobile

    def take(self, *names: str) -> Any:
        found = [self._values.pop(name) for name in names if name in self._values]
        if len(found) > 1:
            raise ParseError(f"several values are given for {names[0]}")
        return found[0] if found else None

    def text(self, *names: str) -> str | None:
        value = self.take(*names)
        if value is not None and not isinstance(value, str):
            raise ParseError(f"{names[0]} is a text in quotes")
        return value

    def place(self, *names: str) -> Point | None:
        value = self.take(*names)
        if isinstance(value, str):
            if not value.strip():
                raise ParseError(f"{names[0]} is empty; give it as two numbers")
            if "bbox" in value:
                self._reading.mend("read a <bbox> as a point")
            value = _MARKS.sub(" ", value) if len(value) <= 200 else value
        return None if value is None else self._reading.point(value, box=True)

    def needed(self) -> Point:
        point = self.place(*_START)
        if point is None and (point := self.place(*_END)) is not None:
            self._reading.mend("read end_box as start_box")
        if point is None:
            raise ParseError("the place is missing; give it as two numbers")
        return point


def _click(button: str, count: int) -> Callable[[_Values], tuple[act.Action, ...]]:
    return lambda values: (build(act.Click, point=values.needed(), button=button, count=count),)


def _drag(values: _Values) -> tuple[act.Action, ...]:
    start, end = values.place(*_START), values.place(*_END)
    if start is None or end is None:
        raise ParseError("a drag needs the place where it starts and the place where it ends")
    return (build(act.Swipe if values.mobile else act.Drag, start=start, end=end),)


def _scroll(values: _Values) -> tuple[act.Action, ...]:
    direction = values.text("direction")
    if direction is None:
        raise ParseError("scroll needs a direction: down, up, right or left")
    return (build(act.Scroll, point=values.place(*_START), direction=direction.strip().lower()),)


def _keys(values: _Values) -> tuple[act.Action, ...]:
    text = (values.text("key", "keys", "hotkey") or "").strip()
    if not text or len(text) > 100:
        raise ParseError("key is missing; give it as key='ctrl c'")
    arguments = values._reading.arguments({})
    return (build(act.PressKeys, keys=arguments.chords(text.split())),)


def _type(values: _Values) -> tuple[act.Action, ...]:
    text, point = values.text("content", "text"), values.place(*_START)
    if text is None:
        raise ParseError("content is missing; give it as content='...'")
    return (*(() if point is None else (act.Click(point=point),)), build(act.TypeText, text=text))


def _app(values: _Values) -> tuple[act.Action, ...]:
    return (build(act.OpenApp, name=values.text("app_name", "name", "app") or ""),)


def _ask(values: _Values) -> tuple[act.Action, ...]:
    question = values.text("content", "question", "message")
    return (act.AskUser(question=values.thought if question is None else question),)


def _wait(values: _Values) -> tuple[act.Action, ...]:
    said_s = values.take("seconds", "time", "duration")
    try:
        return (build(act.Wait, seconds=WAIT_S if said_s is None else float(said_s)),)
    except (TypeError, ValueError) as error:
        raise ParseError("seconds is a number") from error


_READERS: dict[str, Callable[[_Values], tuple[act.Action, ...]]] = {
    "click": _click("left", 1),
    "left_single": _click("left", 1),
    "left_double": _click("left", 2),
    "double_click": _click("left", 2),
    "right_single": _click("right", 1),
    "right_click": _click("right", 1),
    "long_press": lambda values: (build(act.LongPress, point=values.needed()),),
    "hover": lambda values: (build(act.Move, point=values.needed()),),
    "drag": _drag,
    "select": _drag,
    "scroll": _scroll,
    "hotkey": _keys,
    "press": _keys,
    "type": _type,
    "open_app": _app,
    "press_home": lambda _: (act.PressButton(button="home"),),
    "press_back": lambda _: (act.PressButton(button="back"),),
    "wait": _wait,
    "finished": lambda values: (act.Finish(message=values.text("content", "text") or ""),),
    "call_user": _ask,
}


def _without_thinking(text: str) -> tuple[str, str]:
    """What stands in a leading <think> block, and what follows it."""
    if (opening := _THINK.match(text)) is None:
        return "", text
    closing = text.find(f"</{opening.group(1)}>", opening.end())
    if closing < 0:
        raise ParseError("the reply ends inside of the thought")
    return text[opening.end() : closing], text[text.index(">", closing) + 1 :]


def _calls(text: str, at: int, reading: Reading) -> list[SpokenCall]:
    calls: list[SpokenCall] = []
    while True:
        begin = _skip(_BETWEEN, text, at)
        if not call_begins(text, begin):
            break
        calls.append(read_spoken(text, begin, reading.mend))
        at = calls[-1].end
        if len(calls) > 16:
            raise ParseError("the reply holds more than 16 actions; give one")
    if not calls:
        raise ParseError('there is no call after "Action:"')
    end = _skip(_TAIL, text, at)
    if text[at:end].strip():
        reading.mend("dropped marks after the action")
    if _TURN.match(text, end):
        reading.mend("dropped what follows the end of the turn")
    elif text[end:]:
        raise ParseError(f"something stands after the action: {text[end : end + 20]!r}")
    return calls


def _seed_calls(text: str, at: int) -> list[SpokenCall]:
    calls: list[SpokenCall] = []
    while function := _FUNCTION.match(text, at):
        at, values = function.end(), dict[str, Any]()
        while parameter := _PARAMETER.match(text, at):
            close = text.find("</parameter>", parameter.end())
            if close < 0 or parameter.group(1) in values:
                raise ParseError(f"the parameter {parameter.group(1)} is not closed, or given twice")
            values[parameter.group(1)], at = text[parameter.end() : close], close + len("</parameter>")
        at = _skip(re.compile(r"\s*+</function>"), text, at)
        if not text.endswith("</function>", 0, at):
            raise ParseError(f"the function {function.group(1)} is not closed")
        calls.append(SpokenCall(function.group(1), values, at))
        if len(calls) > 16:
            raise ParseError("the reply holds more than 16 actions; give one")
    if not calls or not re.fullmatch(r"\s*+(?:</seed:tool_call>)?\s*+", text[at:]):
        raise ParseError("there is no function between the <seed:tool_call> tags, or something else beside it")
    return calls


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _family(name: str, form: Form, absolute: bool, mobile: bool) -> Callable[..., UiTars]:
    def make(action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> UiTars:
        """`min_pixels` and `max_pixels` limit the picture; the other options are those of `Worded`."""
        resize = SmartResizedPixels(28, min_pixels, max_pixels)
        return UiTars(name, resize if absolute else Relative(1000, resize), form, mobile, action_types, **options)

    return make


UI_TARS_COMPUTER = _family("ui-tars/computer", "box", False, False)
UI_TARS_MOBILE = _family("ui-tars/mobile", "box", False, True)
UI_TARS_15_COMPUTER = _family("ui-tars-1.5/computer", "box", True, False)
UI_TARS_15_MOBILE = _family("ui-tars-1.5/mobile", "box", True, True)
DOUBAO_COMPUTER = _family("doubao-1.5/computer", "point", False, False)
DOUBAO_MOBILE = _family("doubao-1.5/mobile", "point", False, True)
