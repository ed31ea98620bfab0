"""AutoGLM-Phone: a thought and one line of `do(action=..., ...)` or `finish(message=...)`, for phones; points in 0..1000.

Forms and names: zai-org/Open-AutoGLM, phone_agent/config/prompts_zh.py and actions/handler.py, which scales by 1000 although the
prompt says that the last pixel is 999. The history is a turn for each step, older pictures dropped (phone_agent/agent.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.gestures import by_touch
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.spoken_calls import SpokenCall, read_spoken, said, short
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

_PROMPT = Prompt(
    """You operate an Android phone for the user. You see the task, what you did before, and the screen. Give the next operation.
You must answer in exactly this form:
<think>{think}</think>
<answer>{action}</answer>

- {think}: in a few words, why this operation.
- {action}: one operation, in one of the forms below. Points go from (0,0), top left, to (999,999), bottom right.

{{tools}}""",
    "{{picture}}{{goal}}\n{{progress}}\n\n** Screen Info **\n\n{{screen}}\n{{notes}}\n",
)
_LINES = (
    ("open_app", '- do(action="Launch", app="xxx")\n    Open an app; faster than by way of the home screen.'),
    ("click", '- do(action="Tap", element=[x,y])\n    Tap a point.'),
    ("click", '- do(action="Double Tap", element=[x,y])\n    Tap a point twice.'),
    ("long_press", '- do(action="Long Press", element=[x,y])\n    Press a point and hold.'),
    ("swipe", '- do(action="Swipe", start=[x1,y1], end=[x2,y2])\n    Drag a finger, to scroll or to move between screens.'),
    ("type_text", '- do(action="Type", text="xxx")\n    Type into the field that has the focus.'),
    ("press_button", '- do(action="Back")\n    Go back, or close what is in front.'),
    ("press_button", '- do(action="Home")\n    Go to the home screen.'),
    ("wait", '- do(action="Wait", duration="x seconds")\n    Wait for the screen to load.'),
    ("ask_user", '- do(action="Take_over", message="xxx")\n    Ask the user for what only they can do or know.'),
    ("finish", '- finish(message="xxx")\n    End the task; the message is the report or the answer.'),
)
_THINK = re.compile(r"\s*+<think>", re.I)
_ANSWER = re.compile(r"<answer>", re.I)
_CALL = re.compile(r"\b(?:do|finish)[ \t]?\(")
_BROKEN_TYPE = re.compile(r"\s*+\[\{'Type\", ?text=\"([^\"\\]*+)\"\)\s*+")
_TAIL = re.compile(r"(?:\s++|```|</?(?:answer|think)>)*+", re.I)
_INSIDE_TAIL = re.compile(r"(?:\s++|<answer>|```\w{0,12}+)*+", re.I)
_SECONDS = re.compile(r"\s*+([0-9]{1,6}(?:\.[0-9]{1,20})?)\s{0,9}(?:s|sec|seconds?|秒)?\s*+", re.I)
_CHOOSE = "Several choices fit: which one?"
"""What `Interact`, which has no words of its own, asks."""


class AutoGlm(Worded):
    """AutoGLM-Phone-9B and its kin."""

    def __init__(self, action_types: frozenset[str], *, divisor: int = 1000, **options: Any) -> None:
        """`divisor`: what the model's numbers are divided by, 1000 as in its own client, or 999. The other options are `Worded`'s."""
        example = '<think>...</think>\n<answer>do(action="Tap", element=[x,y])</answer>'
        family = Family("autoglm/phone", Relative(divisor), _PROMPT, _LINES, example, history="turns", pictures=1)
        super().__init__(family, action_types, **options)

    def reply(self, words: str, thought: str = "") -> str:
        """The thought and the operation between their tags."""
        return f"<think>{thought}</think>\n<answer>{words}</answer>"

    def read(self, reading: Reading) -> Said:
        """The one call of `do` or `finish`, between its tags or bare."""
        text = reading.text
        if found := _BROKEN_TYPE.fullmatch(text):
            reading.mend("read a mixture of a list and a call as Type")
            return Said((build(act.TypeText, text=found.group(1)),))
        begin = 0
        if opening := _THINK.match(text):
            begin = text.lower().find("</think>", opening.end())
            if begin < 0:
                raise ParseError("the reply ends inside of the thought")
            begin += len("</think>")
        answer = _ANSWER.search(text, begin)
        found = _CALL.search(text, answer.end() if answer else begin)
        if found is None:
            raise ParseError("there is no do(...) and no finish(...) in the reply")
        if answer is None:
            reading.mend("the <answer> tag was missing")
        elif not _INSIDE_TAIL.fullmatch(text, answer.end(), found.start()):
            raise ParseError("words stand before the operation in the <answer>")
        call = read_spoken(text, found.start(), reading.mend)
        match = _TAIL.match(text, call.end)
        if match is None or match.end() != len(text):
            raise ParseError(f"something stands after the operation: {text[call.end : call.end + 20]!r}")
        thought = re.sub(r"</?(?:think|answer)>", "", text[: found.start()], flags=re.I).strip()
        noted = str(call.values.get("message") or call.values.get("instruction") or "") if _named(call) in _NOTES else ""
        action = self._action(call, reading)
        return Said((by_touch(action, reading.size, self._types),), f"{thought}\n{noted}".strip())

    def _action(self, call: SpokenCall, reading: Reading) -> act.Action:
        values = dict(call.values)
        if call.name == "finish":
            action: act.Action = act.Finish(message=_text(values, "message", needed=False))
        else:
            _text(values, "action")
            name = _named(call)
            if name not in _READERS:
                raise ParseError(f'there is no action "{name[:40]}"; there are {", ".join(_NAMES)}')
            if name != "take over" and name not in _NOTES:
                # Beside a tap it says that the tap is a delicate one, which the loop's own rules see to.
                values.pop("message", None)
            action = _READERS[name](values, reading)
        if left := [key for key, value in values.items() if value is not None]:
            raise ParseError(f"{call.name} takes no {left[0]} here")
        return action

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The call that means `action`."""

        def at(point: Point) -> str:
            x, y = numbers(point)
            return f"[{x},{y}]"

        match action:
            case act.Click(point=point, count=count) if point is not None and count < 3:
                return f'do(action="{"Tap" if count == 1 else "Double Tap"}", element={at(point)})'
            case act.LongPress(point=point):
                return f'do(action="Long Press", element={at(point)})'
            case act.Swipe(start=start, end=end):
                return f'do(action="Swipe", start={at(start)}, end={at(end)})'
            case act.TypeText(text=text):
                return f'do(action="Type", text={said(text, chr(34))})'
            case act.OpenApp(name=name):
                return f'do(action="Launch", app={said(name, chr(34))})'
            case act.PressButton(button=button) if button in ("back", "home"):
                return f'do(action="{button.title()}")'
            case act.Wait(seconds=seconds):
                return f'do(action="Wait", duration="{short(seconds)} seconds")'
            case act.AskUser(question=question):
                return f'do(action="Take_over", message={said(question, chr(34))})'
            case act.Finish(success=True, message=message):
                return f"finish(message={said(message, chr(34))})"
        raise InvalidAction(f"there are no words for {action!r}")


def _text(values: dict[str, Any], name: str, needed: bool = True) -> str:
    value = values.pop(name, None)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise ParseError(f"{name} is missing; give it as a text in quotes")
    return value


def _place(values: dict[str, Any], name: str, reading: Reading) -> Point:
    value = values.pop(name, None)
    if value is None:
        raise ParseError(f"{name} is missing; give it as [x,y]")
    return reading.point(value)


def _seconds(values: dict[str, Any]) -> float:
    value = values.pop("duration", None)
    match = _SECONDS.fullmatch(str(value)[:40])
    if match is None:
        raise ParseError('duration is missing; give it as duration="3 seconds"')
    return float(match.group(1))


def _named(call: SpokenCall) -> str:
    return " ".join(str(call.values.get("action")).replace("_", " ").split()).lower()


def _note(values: dict[str, Any], reading: Reading) -> act.Action:
    _text(values, "message", needed=False)
    _text(values, "instruction", needed=False)
    reading.mend("a note was kept as a thought; nothing was done")
    return act.Wait(seconds=0)


_NOTES = ("note", "call api")
_Read = Callable[[dict[str, Any], Reading], act.Action]
_READERS: dict[str, _Read] = {
    "launch": lambda values, _: build(act.OpenApp, name=_text(values, "app")),
    "tap": lambda values, reading: act.Click(point=_place(values, "element", reading)),
    "double tap": lambda values, reading: act.Click(point=_place(values, "element", reading), count=2),
    "long press": lambda values, reading: act.LongPress(point=_place(values, "element", reading)),
    "swipe": lambda values, reading: act.Swipe(start=_place(values, "start", reading), end=_place(values, "end", reading)),
    "type": lambda values, _: build(act.TypeText, text=_text(values, "text")),
    "type name": lambda values, _: build(act.TypeText, text=_text(values, "text")),
    "back": lambda _values, _: act.PressButton(button="back"),
    "home": lambda _values, _: act.PressButton(button="home"),
    "wait": lambda values, _: build(act.Wait, seconds=_seconds(values)),
    "take over": lambda values, _: act.AskUser(question=_text(values, "message")),
    "note": _note,
    "call api": _note,
    "interact": lambda _values, _: act.AskUser(question=_CHOOSE),
}
_NAMES = tuple(name.title() for name in _READERS)
