"""UI-Venus 1 and 1.5: a phone worked by calls in words, and asked to point.

Verbs, arguments and tags of the phone, and the two forms of pointing: inclusionAI/UI-Venus (Venus_framework/processor/uivenus_processor.py,
models/grounding/ui_venus1_5_gd.py and ui_venus_ground_7b.py). 1.5 points from 0 to 1000 and says `[-1, -1]` where nothing is to point
at; 1 outlines a box in pixels of the smart-resized picture. Its prompt for phones is in Chinese; ours is in English.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.pyautogui_verbs import literal
from handeye.agent.dialects.python_calls import PythonCall, read_python
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

MIN_PIXELS, MAX_PIXELS = 3_136, 5_242_880

_TAGGED = re.compile(r"<action>(.*?)(?:</action>|\Z)", re.S)
_TAGS = re.compile(r"</?(?:think|action|conclusion)>")
_BUTTONS = {"PressBack": "back", "PressHome": "home", "PressEnter": "enter", "PressRecent": "recents"}
_THOUSAND = "to (1000,1000)"
_SYSTEM = """You work a phone, looking at a picture of its screen and at what was done before.

What you can do, points from (0,0) at the top left to (1000,1000) at the bottom right:
{{tools}}

Form of a reply:
<think>why</think>
<action>what to do, one call from above</action>
<conclusion>in a sentence, what you did</conclusion>

Type only into a field that has the focus."""
_USER = "Task: {{goal}}\n\nWhat was done before:\n{{progress}}\n{{screen}}\n{{notes}}\n{{picture}}"
PHONE = Family(
    name="ui-venus/phone",
    space=Relative(1000, SmartResizedPixels(32, MIN_PIXELS, MAX_PIXELS)),
    prompt=Prompt("", f"{_SYSTEM}\n\n{_USER}"),
    verbs=(
        ("click", "- Click(box=(x1,y1)): tap"),
        ("drag", "- Drag(start=(x1,y1), end=(x2,y2)): press long, then drag"),
        ("swipe", "- Scroll(start=(x1,y1), end=(x2,y2)): swipe from one point to another, to bring more into view"),
        ("type_text", "- Type(content=''): type into the field that has the focus"),
        ("open_app", "- Launch(app=''): open an app"),
        ("wait", "- Wait(): wait for the screen"),
        ("finish", "- Finished(content=''): end the task, with the answer if a question was asked"),
        ("ask_user", "- CallUser(content=''): ask the user, or hand over to them"),
        ("long_press", "- LongPress(box=(x1,y1)): press and hold"),
        *(("press_button", f"- {name}(): the {button} button") for name, button in _BUTTONS.items()),
    ),
    example="<think>...</think>\n<action>Click(box=(500,250))</action>\n<conclusion>...</conclusion>",
)
PHONE_1 = replace(
    PHONE,
    name="ui-venus-1/phone",
    space=SmartResizedPixels(28, MIN_PIXELS, MAX_PIXELS),
    prompt=Prompt("", f"{_SYSTEM}\n\n{_USER}".replace(_THOUSAND, "to ({{width}},{{height}})")),
)
WAIT_S = 1.0
"""What its `Wait()` waits (ui_venus_policy.py)."""


class UiVenusPhone(Worded):
    """UI-Venus 1.5 with a phone."""

    def __init__(self, action_types: frozenset[str], *, family: Family = PHONE, **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(family, action_types, **options)

    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        tagged = list(islice(_TAGGED.finditer(reading.text), 2))
        if len(tagged) > 1:
            raise ParseError("there are several actions; give one")
        if not tagged:
            reading.mend("the action stood in no tags")
            text, thought = _TAGS.sub("", reading.text[reading.text.rfind("</think>") + 1 :].removeprefix("/think>")), ""
        else:
            text = tagged[0].group(1)
            thought = _TAGS.sub("", reading.text[: tagged[0].start()] + reading.text[tagged[0].end() :])
        calls = read_python(text.strip())
        if len(calls) != 1:
            raise ParseError("there are several actions; give one")
        return Said((self._action(calls[0], reading),), thought)

    def _action(self, call: PythonCall, reading: Reading) -> act.Action:
        values = dict(call.keywords)
        if call.args:
            raise ParseError("arguments are given by their names")

        def point(name: str) -> Point:
            if (value := values.pop(name, None)) is None:
                raise ParseError(f"{name} is missing; it is (x,y)")
            return reading.point(value)

        def text(name: str) -> str:
            value = values.pop(name, "")
            if not isinstance(value, str):
                raise ParseError(f"{name} is a text")
            return value

        match call.name:
            case "Click":
                action = build(act.Click, point=point("box"))
            case "LongPress":
                action = build(act.LongPress, point=point("box"))
            case "Drag":
                action = build(act.Drag, start=point("start"), end=point("end"))
            case "Scroll":
                action = build(act.Swipe, start=point("start"), end=point("end"))
            case "Type":
                action = build(act.TypeText, text=text("content"))
            case "Launch":
                action = build(act.OpenApp, name=text("app"))
            case "Wait":
                action = act.Wait(seconds=WAIT_S)
            case "Finished":
                action = build(act.Finish, message=text("content"))
            case "CallUser":
                action = build(act.AskUser, question=text("content"))
            case name if name in _BUTTONS:
                action = build(act.PressButton, button=_BUTTONS[name])
            case name:
                raise ParseError(f"there is no action {name[:40]!r}")
        if values:
            raise ParseError(f"{call.name} does not take {sorted(values)[0][:40]!r}")
        return action

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""

        def at(point: Point) -> str:
            return "({},{})".format(*numbers(point))

        match action:
            case act.Click(point=point) if point is not None:
                return f"Click(box={at(point)})"
            case act.LongPress(point=point):
                return f"LongPress(box={at(point)})"
            case act.Drag(start=start, end=end) if start is not None:
                return f"Drag(start={at(start)}, end={at(end)})"
            case act.Swipe(start=start, end=end):
                return f"Scroll(start={at(start)}, end={at(end)})"
            case act.TypeText(text=text):
                return f"Type(content={_quoted(text)})"
            case act.OpenApp(name=name):
                return f"Launch(app={_quoted(name)})"
            case act.Wait():
                return "Wait()"
            case act.Finish(message=text):
                return f"Finished(content={_quoted(text)})"
            case act.AskUser(question=text):
                return f"CallUser(content={_quoted(text)})"
            case act.PressButton(button=button) if button in _BUTTONS.values():
                return f"{next(name for name, said in _BUTTONS.items() if said == button)}()"
        raise InvalidAction(f"there are no words for {action.type}")

    def reply(self, words: str, thought: str = "") -> str:
        """The action in its tags, the thought before it."""
        return (f"<think>{thought}</think>\n" if thought else "") + f"<action>{words}</action>"


class UiVenus1Phone(UiVenusPhone):
    """UI-Venus 1 with a phone: the same calls, points in pixels of the smart-resized picture."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(action_types, family=PHONE_1, **options)


def _quoted(text: str) -> str:
    return literal(text).replace("<", "\\x3c")


_POINT = "{{picture}}Say where on the picture this is, by the point in its middle: {{goal}}\n{{notes}}\n\n%s"
VENUS_POINT = replace(
    PHONE,
    name="ui-venus/point",
    prompt=Prompt("", _POINT % "Reply with the point alone, as [x,y], from 0 to 1000; with [-1,-1] if it is not there."),
    verbs=(("click", ""), ("finish", "")),
    example="[500,250]",
)
VENUS_BOX = replace(
    VENUS_POINT,
    name="ui-venus-1/point",
    space=SmartResizedPixels(28, MIN_PIXELS, MAX_PIXELS),
    prompt=Prompt("", "{{picture}}Outline this on the picture: {{goal}}\n{{notes}}\n\nReply with its box alone, as [x1,y1,x2,y2]."),
    example="[100,200,140,220]",
)
_BRACKETS = re.compile(r"\[[^\[\]]{1,80}\]")


class UiVenusPoint(Worded):
    """UI-Venus 1.5 for grounding."""

    def __init__(self, action_types: frozenset[str] = frozenset({"click"}), *, family: Family = VENUS_POINT, **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(family, action_types, **options)

    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        found = _BRACKETS.findall(reading.text, 0, 4_000)
        if len(set(found)) != 1:
            raise ParseError("there is no point in it" if not found else "there are several points; give one")
        if re.sub(r"\s", "", found[0]) == "[-1,-1]":
            return Said((act.Finish(success=False),))
        return Said((act.Click(point=reading.point(found[0], box=self.family is VENUS_BOX)),))

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""
        if action == act.Finish(success=False):
            return "[-1,-1]"
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action.type}")
        x, y = numbers(action.point)
        return f"[{x},{y},{x},{y}]" if self.family is VENUS_BOX else f"[{x},{y}]"


class UiVenus1Point(UiVenusPoint):
    """UI-Venus 1 and GUI-G2 for grounding: boxes, of which the middle is taken."""

    def __init__(self, action_types: frozenset[str] = frozenset({"click"}), **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(action_types, family=VENUS_BOX, **options)
