"""ShowUI: a point as fractions of the screen, or one Python dictionary a step, on pages and on phones.

Keys, names of the actions and the layout: showlab/ShowUI, data/template/shared_navigation.py and the grounding example of its README;
limits of the picture: its README. The dictionary is read as data (`ast.literal_eval`), the words of the prompts are ours.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.gestures import by_touch
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.python_calls import nests_deeper
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.uground import one_point
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

MIN_PIXELS, MAX_PIXELS = 200_704, 1_053_696
"""256 and 1,344 visual tokens."""
_LONGEST = 90_000
"""Characters of a dictionary: a text of 20,000, with escapes, and room beside it."""
_DEEPEST = 6
_ESCAPE = re.compile(r"\\(.)", re.S)
_KNOWN = frozenset("\\'\"abfnrtvxNuU01234567\n")
_KEYS = ("action", "value", "position")

_POINT_PROMPT = Prompt(
    "",
    """Here is a screenshot and the description of an element. Give the place to click as [x, y], relative to the screenshot and scaled \
from 0 to 1.{{picture}}{{goal}}
{{progress}}
{{screen}}
{{notes}}
""",
)
_PROMPT = """You navigate a {app}. You get a task, the screen and the actions so far, and give the next action.
The action space:
{{{{tools}}}}

An action is a dictionary with these keys:
{{'action': 'ACTION_TYPE', 'value': 'element', 'position': [x,y]}}

A value or position that does not apply is `None`. For actions with a start and an end the position is [[x1,y1], [x2,y2]].
Positions are relative to the screenshot, from 0 to 1.

Task: {{{{goal}}}}
Observation: {{{{picture}}}}
Action History:
{{{{progress}}}}
{{{{screen}}}}
{{{{notes}}}}
What is the next action?
"""
_ANSWER = "`ANSWER`: Answer the question or report that the task is done: value is the answer, no position."
_INPUT = "`INPUT`: Type into an element: value is the text; the position [x,y] of the element."
_ENTER = "`ENTER`: Press enter: no value, no position."
_WEB = (
    ("click", "`CLICK`: Click an element: no value; the position [x,y]."),
    ("type_text", _INPUT),
    ("click", "`SELECT`: Choose a value of an element: no value; the position [x,y]."),
    ("move", "`HOVER`: Move the pointer to an element: no value; the position [x,y]."),
    ("answer", _ANSWER),
    ("press_keys", _ENTER),
    ("scroll", "`SCROLL`: Scroll the screen: value is the direction, no position."),
    ("drag", "`SELECT_TEXT`: Select text: no value; the position [[x1,y1], [x2,y2]] from start to end."),
    ("press_keys", "`COPY`: Copy the text: value is the text, no position."),
)
_PHONE = (
    ("type_text", _INPUT),
    ("swipe", "`SWIPE`: Swipe: no value; the position [[x1,y1], [x2,y2]] from start to end."),
    ("click", "`TAP`: Tap an element: no value; the position [x,y]."),
    ("answer", _ANSWER),
    ("press_button", _ENTER),
)


def _space(options: dict[str, Any]) -> Relative:
    return Relative(1, SmartResizedPixels(28, options.pop("min_pixels", MIN_PIXELS), options.pop("max_pixels", MAX_PIXELS)))


class ShowUiPoint(Worded):
    """ShowUI for grounding."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        family = Family("showui/point", _space(options), _POINT_PROMPT, (("click", ""),), "[x, y]")
        super().__init__(family, action_types, **options)

    def read(self, reading: Reading) -> Said:
        """The one point."""
        click, words = one_point(reading)
        return Said((click,), words)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """`[x, y]`."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action!r}")
        return str(numbers(action.point))


class _Navigation(Worded):
    """ShowUI for whole tasks."""

    def __init__(
        self, name: str, app: str, verbs: tuple[tuple[str, str], ...], action_types: frozenset[str], options: dict[str, Any]
    ) -> None:
        self._phone = verbs is _PHONE
        example = f"{{'action': '{'TAP' if self._phone else 'CLICK'}', 'value': None, 'position': [x,y]}}"
        super().__init__(Family(name, _space(options), Prompt("", _PROMPT.format(app=app)), verbs, example), action_types, **options)

    def read(self, reading: Reading) -> Said:
        """The one dictionary."""
        begin = reading.text.find("{")
        if begin < 0:
            raise ParseError("there is no dictionary in it")
        before = reading.text[:begin].strip().removesuffix("```python").removesuffix("```").strip()
        if before != reading.text[:begin].strip():
            reading.mend("took the dictionary out of a block")
        values = _dictionary(reading.text[begin:], reading)
        if left := [key for key in values if key not in _KEYS]:
            raise ParseError(f"there is no key {str(left[0])[:30]!r}; there are action, value and position")
        actions = _actions(values.get("action"), values.get("value"), values.get("position"), reading)
        return Said(tuple(by_touch(action, reading.size, self._types) for action in actions), before)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The dictionary that means `action`."""

        def said(name: str, value: str | None = None, position: list[Any] | None = None) -> str:
            return str({"action": name, "value": value, "position": position})

        match action:
            case act.Click(point=point) if point is not None:
                return said("TAP" if self._phone else "CLICK", None, numbers(point))
            case act.Move(point=point):
                return said("HOVER", None, numbers(point))
            case act.TypeText(text=text):
                return said("INPUT", text)
            case act.Scroll(direction=direction):
                return said("SCROLL", direction)
            case act.Drag(start=start, end=end) if start is not None:
                return said("SELECT_TEXT", None, [numbers(start), numbers(end)])
            case act.Swipe(start=start, end=end):
                return said("SWIPE", None, [numbers(start), numbers(end)])
            case act.PressKeys(keys=("ctrl", "c")):
                return said("COPY")
            case act.PressKeys(keys=("enter",)) | act.PressButton(button="enter"):
                return said("ENTER")
            case act.Answer(text=text):
                return said("ANSWER", text)
        raise InvalidAction(f"there are no words for {action!r}")


def _dictionary(text: str, reading: Reading) -> dict[str, Any]:
    """The dictionary at the beginning of `text`, with nothing but marks after it."""
    value: Any = None
    if len(text) <= _LONGEST and text.rstrip().endswith("}") and not nests_deeper(text, _DEEPEST):
        try:
            # A text such as 'C:\\dir' means its characters; Python would warn of it.
            plain = _ESCAPE.sub(lambda match: match.group() if match.group(1) in _KNOWN else "\\" + match.group(), text.strip())
            value = ast.literal_eval(plain)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            value = None
    if value is None:
        read = read_loose(text)
        if read.cut or text[read.end :].strip().strip("`").strip():
            raise ParseError("the dictionary is cut off, or something stands after it")
        reading.mend("read a dictionary that is not in Python's form")
        value = read.value
    if not isinstance(value, dict):
        raise ParseError("the reply is not one dictionary")
    return value


def _actions(name: Any, value: Any, position: Any, reading: Reading) -> tuple[act.Action, ...]:
    if not isinstance(name, str):
        raise ParseError("'action' is missing")
    if isinstance(value, str):
        value = value.encode("utf-8", "replace").decode("utf-8")
    elif value is not None:
        raise ParseError("'value' is a text or None")

    def at() -> Point:
        if position is None:
            raise ParseError(f"{name} needs a position [x, y]")
        return reading.point(_list(position))

    def ends() -> tuple[Point, Point]:
        if not isinstance(position, list | tuple) or len(position) != 2:
            raise ParseError(f"{name} needs a position [[x1, y1], [x2, y2]]")
        return reading.point(_list(position[0])), reading.point(_list(position[1]))

    match name.strip().upper():
        case "CLICK" | "TAP" | "SELECT":
            return (act.Click(point=at()),)
        case "HOVER":
            return (act.Move(point=at()),)
        case "INPUT":
            first = () if position is None else (act.Click(point=at()),)
            return (*first, build(act.TypeText, text=value or ""))
        case "ANSWER":
            return (act.Answer(text=value or ""),)
        case "ENTER":
            return (act.PressKeys(keys=("enter",)),)
        case "COPY":
            return (act.PressKeys(keys=("ctrl", "c")),)
        case "SCROLL":
            return (build(act.Scroll, direction=(value or "").strip().lower()),)
        case "SELECT_TEXT":
            start, end = ends()
            return (act.Drag(start=start, end=end),)
        case "SWIPE":
            start, end = ends()
            return (act.Swipe(start=start, end=end),)
    raise ParseError(f"there is no action {name[:30]!r}")


def _list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class ShowUiWeb(_Navigation):
    """ShowUI on pages."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("showui/web", "website", _WEB, action_types, options)


class ShowUiPhone(_Navigation):
    """ShowUI on phones."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("showui/phone", "smartphone", _PHONE, action_types, options)
