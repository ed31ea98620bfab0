"""Holo 1, 1.5 and 2: asked to point, and working a browser by JSON.

Names and forms: hcompai/hai-cookbook, utils/localization.py (`Click(x, y)`), utils/navigation.py (note, thought and action), the
quickstarts of Holo1.5 (`click_absolute`) and of Holo2 (`x` and `y` from 0 to 1000). Holo 1 and 1.5 point in pixels of the smart-resized
picture. The trained verb for writing goes to a field and presses Enter in one; ours beside it do what a browser needs further.
Descriptions are ours.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.hermes import dump
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError

MIN_PIXELS, MAX_PIXELS = 3_136, 3_686_400
"""Of a picture for Holo 1 and 1.5 (models/holo1_5.py of ScreenSpot-Pro's repository): at most 2560 x 1440."""
SCROLL = 600
"""Pixels of content that its `scroll`, which only names a direction, moves."""

_NUMBER = r"(-?[0-9]{1,6}(?:\.[0-9]{1,10})?)"
_CLICK = re.compile(rf"\bClick\s*+\(\s*+(?:x\s?=\s?)?{_NUMBER}\s*+,\s*+(?:y\s?=\s?)?{_NUMBER}\s*+\)", re.I)
_LOOK = "{{picture}}Find this on the picture of a screen and say where to click it, %s: {{goal}}\n{{notes}}\n"
_PIXELS = "as Click(x, y), with x pixels from the left edge and y pixels from the top edge"
_THOUSAND = 'as JSON of the form {"x": integer, "y": integer}, both from 0 to 1000 over the picture'

HOLO1_POINT = Family(
    name="holo/point",
    space=SmartResizedPixels(28, MIN_PIXELS, MAX_PIXELS),
    prompt=Prompt("", _LOOK % _PIXELS),
    verbs=(("click", ""),),
    example="Click(350, 342)",
)
HOLO2_POINT = replace(
    HOLO1_POINT,
    name="holo2/point",
    space=Relative(1000, SmartResizedPixels(32, 65_536, 5_242_880)),
    prompt=Prompt("", _LOOK % _THOUSAND),
    example='{"x": 500, "y": 250}',
)


class _Point(Worded):
    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        clicks = {found.groups(): found.span() for found in _CLICK.finditer(reading.text)}
        if len(clicks) > 1:
            raise ParseError("there are several points; give one")
        for numbers, (start, end) in clicks.items():
            around = reading.text[:start] + reading.text[end:]
            return Said((act.Click(point=reading.point([float(number) for number in numbers])),), around)
        if (start := reading.text.find("{")) < 0:
            raise ParseError("there is no point in it")
        read = read_loose(reading.text, start)
        for repair in read.repairs:
            reading.mend(repair)
        values = read.value if isinstance(read.value, dict) else {}
        if values.pop("action", "click") not in ("click", "click_absolute") or not values.keys() >= {"x", "y"} or read.cut:
            raise ParseError("the JSON is no point")
        return Said((act.Click(point=reading.point([values["x"], values["y"]])),), reading.text[:start])


class Holo1Point(_Point):
    """Holo 1 and 1.5 for grounding."""

    def __init__(self, action_types: frozenset[str] = frozenset({"click"}), **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(HOLO1_POINT, action_types, **options)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action.type}")
        x, y = numbers(action.point)
        return f"Click({x}, {y})"


class Holo2Point(_Point):
    """Holo 2 for grounding."""

    def __init__(self, action_types: frozenset[str] = frozenset({"click"}), **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(HOLO2_POINT, action_types, **options)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action.type}")
        x, y = numbers(action.point)
        return dump({"x": x, "y": y})


_IN_PIXELS = "x and y are pixels from the left and the top edge of the picture"
_SYSTEM = f"""You work a web browser step by step, looking at a picture of its page each time, until the task is done.
Reply with one JSON object: {{"note": what the page says that the task needs, or "", "thought": why the next action follows, "action": the \
action}}. The action is one of these objects; {_IN_PIXELS}:
{{{{tools}}}}"""
_USER = """<task>
{{goal}}
</task>
{{progress}}
{{screen}}
{{notes}}
<observation>
<screenshot>
{{picture}}
</screenshot>
</observation>"""
_PLAIN = ("press_keys", "switch_tab", "close_tab", "answer_dialog", "choose_files", "ask_user", "finish")
HOLO_BROWSER = Family(
    name="holo/browser",
    space=SmartResizedPixels(28, MIN_PIXELS, MAX_PIXELS),
    prompt=Prompt(_SYSTEM, _USER),
    verbs=(
        ("click", '{"action": "click_element", "element": what it is, "x": integer, "y": integer}'),
        (
            "type_text",
            '{"action": "write_element_abs", "content": text, "element": what, "x": integer, "y": integer}: writes there, presses Enter',
        ),
        ("type_text", '{"action": "write", "content": text}: types into what has the focus, and nothing else'),
        ("scroll", '{"action": "scroll", "direction": "down", "up", "left" or "right"}'),
        ("go_back", '{"action": "go_back"}: the page before'),
        ("press_keys", '{"action": "refresh"}: loads the page again'),
        ("goto", '{"action": "goto", "url": address}'),
        ("wait", '{"action": "wait", "seconds": 0 to 10}'),
        ("answer", '{"action": "answer", "content": the answer}: ends the task'),
        ("press_keys", '{"action": "press_keys", "keys": names of keys, pressed together}'),
        ("switch_tab", '{"action": "switch_tab", "index": which, from 0}'),
        ("close_tab", '{"action": "close_tab"}'),
        ("answer_dialog", '{"action": "answer_dialog", "accept": true or false, "text": what to enter}'),
        ("choose_files", '{"action": "choose_files", "paths": paths of files}'),
        ("ask_user", '{"action": "ask_user", "question": what only the user knows}'),
        ("finish", '{"action": "finish", "success": true or false, "message": why}: ends the task without an answer'),
    ),
    example='{"note": "", "thought": "...", "action": {"action": "click_element", "element": "...", "x": 100, "y": 200}}',
)

HOLO2_BROWSER = replace(
    HOLO_BROWSER,
    name="holo2/browser",
    space=HOLO2_POINT.space,
    prompt=Prompt(_SYSTEM.replace(_IN_PIXELS, "x and y are integers from 0 to 1000 over the picture"), _USER),
)


class HoloBrowser(Worded):
    """Holo 1 and 1.5 with a browser."""

    def __init__(self, action_types: frozenset[str], *, family: Family = HOLO_BROWSER, **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(family, action_types, **options)

    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        if (start := reading.text.find("{")) < 0:
            raise ParseError("there is no JSON object in it")
        read = read_loose(reading.text, start)
        for repair in read.repairs:
            reading.mend(repair)
        if read.cut or not isinstance(read.value, dict):
            raise ParseError("the JSON object is cut off")
        values: dict[str, Any] = read.value
        if isinstance(values.get("action"), str):
            reading.mend("the action stood without a note and a thought")
            values = {"action": values}
        if not isinstance(action := values.get("action"), dict) or not isinstance(name := action.get("action"), str):
            raise ParseError('"action" is missing; it is an object with the name of an action')
        said = [text for key in ("note", "thought") if isinstance(text := values.get(key), str) and text]
        arguments = reading.arguments({key: value for key, value in action.items() if key != "action"})
        actions = _actions(name, arguments)
        if left := [key for key in arguments.left() if key != "element"]:
            raise ParseError(f"{name[:40]!r} does not take {left[0][:40]!r}")
        return Said(actions, "\n".join(said))

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""

        def at(point: Any) -> dict[str, Any]:
            return {} if point is None else dict(zip(("x", "y"), numbers(point), strict=True))

        match action:
            case act.Click(point=point):
                return dump({"action": "click_element", "element": ""} | at(point))
            case act.TypeText(text=text):
                return dump({"action": "write", "content": text})
            case act.Scroll(point=point, direction=direction, amount=amount):
                far = {} if amount == SCROLL else {"amount": amount}
                return dump({"action": "scroll", "direction": direction} | far | at(point))
            case act.Goto(url=url):
                return dump({"action": "goto", "url": url})
            case act.GoBack():
                return dump({"action": "go_back"})
            case act.Wait(seconds=seconds):
                return dump({"action": "wait", "seconds": seconds})
            case act.Answer(text=text):
                return dump({"action": "answer", "content": text})
        if action.type not in _PLAIN:
            raise InvalidAction(f"there are no words for {action.type}")
        return dump({"action": action.type} | action.model_dump(exclude={"type"}, exclude_none=True, mode="json"))

    def reply(self, words: str, thought: str = "") -> str:
        """The action with a note and a thought, as JSON."""
        return f'{{"note": "", "thought": {dump(thought)}, "action": {words}}}'


class Holo2Browser(HoloBrowser):
    """Holo 2 with a browser: the same JSON, points from 0 to 1000."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(action_types, family=HOLO2_BROWSER, **options)


def _actions(name: str, arguments: Arguments) -> tuple[act.Action, ...]:
    x, y = arguments.take("x"), arguments.take("y")
    point = None if x is None or y is None else arguments.to_point([x, y], "x, y")
    if point is None and name in ("click_element", "write_element_abs", "click_absolute"):
        raise ParseError('"x" and "y" are missing')
    match name:
        case "click_element" | "click_absolute" | "click":
            return (build(act.Click, point=point),)
        case "write_element_abs":
            content = arguments.needed_text("content")
            return (build(act.Click, point=point), build(act.TypeText, text=content.rstrip("\n") + "\n"))
        case "write":
            return (build(act.TypeText, text=arguments.needed_text("content")),)
        case "scroll":
            amount = arguments.whole("amount")
            return (build(act.Scroll, point=point, direction=arguments.needed_text("direction"), amount=amount or SCROLL),)
        case "refresh":
            return (build(act.PressKeys, keys=("f5",)),)
        case "go_back":
            return (act.GoBack(),)
        case "goto":
            return (build(act.Goto, url=arguments.needed_text("url")),)
        case "wait":
            return (build(act.Wait, seconds=2 if (seconds := arguments.number("seconds")) is None else seconds),)
        case "answer":
            return (build(act.Answer, text=arguments.needed_text("content")),)
    if name not in _PLAIN:
        raise ParseError(f"there is no action {name[:40]!r}")
    kind = act.ACTIONS[name]
    return (build(kind, **{key: arguments.take(key) for key in kind.model_fields if key != "type"}),)
