"""MAI-UI: a thought and one tool call for phones, or a thought and one point; points in 0..1000.

Forms, names and the order of the turns: Tongyi-MAI/MAI-UI, src/prompt.py and src/mai_naivigation_agent.py. The grounding rows are scored
with a divisor of 1000; the navigation agent there divides by 999, which `divisor` can say.
"""

from __future__ import annotations

import re
from typing import Any

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.calls import Call, read_calls
from handeye.agent.dialects.gestures import by_touch, finger
from handeye.agent.dialects.hermes import CALL_END, call_block, dump
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.spoken_calls import short
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

PICTURES = 2
"""Past screenshots that are shown; with the present one three, as in its agent."""
_TOOL = "mobile_use"

_PROMPT = Prompt(
    """You operate a phone for the user. You see the task, what you did before, and the screen. Give the next action.

## Output Format
Think between <thinking> </thinking> tags, then give one JSON object with function name and arguments between <tool_call></tool_call> tags:
```
<thinking>
...
</thinking>
<tool_call>
{"name": "mobile_use", "arguments": <args-json-object>}
</tool_call>
```

## Action Space

{{tools}}

## Note
- In <thinking>: a small plan, then one sentence that names the next action and the element it is for.
- Use `open` for apps where you can: it is the fastest way.""",
    "{{goal}}\n{{progress}}\n{{screen}}\n{{notes}}\n{{picture}}",
)
_LINES = (
    ("click", '{"action": "click", "coordinate": [x, y]}'),
    ("long_press", '{"action": "long_press", "coordinate": [x, y]}'),
    ("type_text", '{"action": "type", "text": ""}'),
    ("swipe", '{"action": "swipe", "direction": "up or down or left or right", "coordinate": [x, y]} # "coordinate" may be left out.'),
    ("open_app", '{"action": "open", "text": "app_name"}'),
    ("swipe", '{"action": "drag", "start_coordinate": [x1, y1], "end_coordinate": [x2, y2]}'),
    ("press_button", '{"action": "system_button", "button": "button_name"} # back, home, menu or enter'),
    ("wait", '{"action": "wait"}'),
    ("finish", '{"action": "terminate", "status": "success or fail"}'),
    ("answer", '{"action": "answer", "text": "xxx"}'),
    ("ask_user", '{"action": "ask_user", "text": "xxx"} # What only the user knows or may decide.'),
    ("click", '{"action": "double_click", "coordinate": [x, y]}'),
)
_POINT_PROMPT = Prompt(
    """You locate elements of a screen.
## Task
You get an instruction and a screenshot. Look at the screen, work out which element the instruction means, then give its position.
## Output Format
The reasoning between <grounding_think></grounding_think> tags, then a JSON object with the position [x,y] between <answer></answer> tags:
<grounding_think>...</grounding_think>
<answer>
{"coordinate": [x,y]}
</answer>""",
    "{{goal}}\n{{progress}}\n{{screen}}\n{{notes}}\n{{picture}}",
)
_THINKING = re.compile(r"\s*+(?:<(?:grounding_)?think(?:ing)?>)?", re.I)
_THOUGHT_ENDS = re.compile(r"</(?:grounding_)?think(?:ing)?>", re.I)
_ANSWER = re.compile(r"\s*+<answer>\s*+", re.I)
_ANSWER_ENDS = re.compile(r"(\s*+[}\]]{0,3})\s*+(</answer>)?\s*+", re.I)
_STATUS = {"success": True, "fail": False, "failure": False, "failed": False}


def _thought(text: str) -> tuple[str, int]:
    """The thought at the beginning, and where it ends."""
    opening = _THINKING.match(text)
    begin = opening.end() if opening else 0
    if closing := _THOUGHT_ENDS.search(text, begin):
        return text[begin : closing.start()], closing.end()
    if begin and text[:begin].strip():
        raise ParseError("the reply ends inside of the thought")
    return "", 0


def _pointed(text: str, at: int, reading: Reading) -> act.Action:
    opening = _ANSWER.match(text, at)
    if opening is None:
        raise ParseError("there is no <answer>")
    read = read_loose(text, opening.end())
    for repair in read.repairs:
        reading.mend(repair)
    ending = _ANSWER_ENDS.fullmatch(text, read.end)
    if ending is None or not isinstance(read.value, dict) or read.value.keys() != {"coordinate"}:
        raise ParseError('the <answer> is not one JSON object with "coordinate"')
    if ending.group(1).strip():
        reading.mend("dropped a closing bracket too many")
    if not ending.group(2):
        reading.mend("the end tag </answer> was missing")
    return act.Click(point=reading.point(read.value["coordinate"]))


class MaiUi(Worded):
    """MAI-UI with a touch screen."""

    def __init__(self, action_types: frozenset[str], *, divisor: int = 1000, **options: Any) -> None:
        """`divisor`: what the model's numbers are divided by, 1000 or 999. The other options are those of `Worded`."""
        call = call_block(_TOOL, {"action": "click", "coordinate": ["x", "y"]}).replace('"x", "y"', "x, y")
        example = f"<thinking>\n...\n</thinking>\n{call}"
        family = Family("mai-ui/phone", Relative(divisor), _PROMPT, _LINES, example, (CALL_END,), "turns", PICTURES)
        super().__init__(family, action_types, **options)

    def reply(self, words: str, thought: str = "") -> str:
        """The thought between its tags, and the call."""
        return f"<thinking>\n{thought}\n</thinking>\n{words}" if thought else words

    def read(self, reading: Reading) -> Said:
        """The one call after the thought."""
        thought, at = _thought(reading.text)
        if _ANSWER.match(reading.text, at):
            reading.mend("read a point between <answer> tags as a click")
            return Said((_pointed(reading.text, at, reading),), thought)
        found = read_calls(reading.text[at:])
        for repair in found.repairs:
            reading.mend(repair)
        actions = tuple(by_touch(_action(call, reading), reading.size, self._types) for call in found.calls)
        return Said(actions, "\n".join(part for part in (thought.strip(), found.thought) if part))

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The call that means `action`."""
        return call_block(_TOOL, _arguments(action, numbers))


class MaiUiPoint(Worded):
    """MAI-UI for grounding."""

    def __init__(self, action_types: frozenset[str], *, divisor: int = 1000, **options: Any) -> None:
        """`divisor`: what the model's numbers are divided by, 1000 or 999. The other options are those of `Worded`."""
        example = '<grounding_think>...</grounding_think>\n<answer>\n{"coordinate": [x,y]}\n</answer>'
        family = Family("mai-ui/point", Relative(divisor), _POINT_PROMPT, (("click", ""),), example, ("</answer>",))
        super().__init__(family, action_types, **options)

    def reply(self, words: str, thought: str = "") -> str:
        """The thought between its tags, and the answer."""
        return f"<grounding_think>\n{thought}\n</grounding_think>\n{words}" if thought else words

    def read(self, reading: Reading) -> Said:
        """The one point."""
        thought, at = _thought(reading.text)
        return Said((_pointed(reading.text, at, reading),), thought)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The answer that means a click."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action!r}")
        return f"<answer>\n{dump({'coordinate': numbers(action.point)})}\n</answer>"


def _action(call: Call, reading: Reading) -> act.Action:
    arguments = reading.arguments(call.arguments)
    name = arguments.text("action")
    if call.name != _TOOL:
        reading.mend(f"the tool is called {_TOOL}")
    if name is None:
        raise ParseError('"action" is missing')
    action = _verb(name.strip().lower(), arguments, reading)
    if call.cut and (isinstance(action, act.Swipe) or (isinstance(action, act.Finish) and not action.success)):
        raise ParseError("the call is cut off")
    if left := arguments.left():
        raise ParseError(f"{name[:40]} takes no {left[0][:40]!r}")
    return action


def _verb(name: str, arguments: Arguments, reading: Reading) -> act.Action:
    match name:
        case "click" | "double_click":
            return act.Click(point=arguments.needed_point("coordinate"), count=1 if name == "click" else 2)
        case "long_press":
            return act.LongPress(point=arguments.needed_point("coordinate"))
        case "type":
            return build(act.TypeText, text=arguments.needed_text("text"))
        case "open":
            return build(act.OpenApp, name=arguments.needed_text("text"))
        case "swipe":
            return _swipe(arguments, reading)
        case "drag":
            start, end = arguments.needed_point("start_coordinate"), arguments.needed_point("end_coordinate")
            return act.Swipe(start=start, end=end)
        case "system_button":
            return build(act.PressButton, button=arguments.needed_text("button").strip().lower())
        case "wait":
            return build(act.Wait, seconds=arguments.number("time", "duration", "seconds"))
        case "terminate":
            status = arguments.needed_text("status").strip().lower()
            if status not in _STATUS:
                raise ParseError('"status" is "success" or "fail"')
            return act.Finish(success=_STATUS[status])
        case "answer":
            return act.Answer(text=arguments.needed_text("text"))
        case "ask_user":
            return act.AskUser(question=arguments.needed_text("text"))
    raise ParseError(f"there is no action {name[:40]!r}")


def _swipe(arguments: Arguments, reading: Reading) -> act.Action:
    direction = arguments.needed_text("direction").strip().lower()
    if direction not in ("up", "down", "left", "right"):
        raise ParseError('"direction" is up, down, left or right')
    return finger(reading.size, direction, arguments.point("coordinate"))  # type: ignore[arg-type]


def _arguments(action: act.Action, numbers: Numbers) -> dict[str, Any]:
    def at(point: Point) -> list[Any]:
        return numbers(point)

    match action:
        case act.Click(point=point, count=count) if point is not None:
            return {"action": "click" if count == 1 else "double_click", "coordinate": at(point)}
        case act.LongPress(point=point):
            return {"action": "long_press", "coordinate": at(point)}
        case act.TypeText(text=text):
            return {"action": "type", "text": text}
        case act.OpenApp(name=name):
            return {"action": "open", "text": name}
        case act.Swipe(start=start, end=end):
            return {"action": "drag", "start_coordinate": at(start), "end_coordinate": at(end)}
        case act.PressButton(button=button):
            return {"action": "system_button", "button": button}
        case act.Wait(seconds=seconds):
            return {"action": "wait"} | ({} if seconds == 1 else {"time": short(seconds)})
        case act.Finish(success=success):
            return {"action": "terminate", "status": "success" if success else "fail"}
        case act.Answer(text=text):
            return {"action": "answer", "text": text}
        case act.AskUser(question=question):
            return {"action": "ask_user", "text": question}
    raise InvalidAction(f"there are no words for {action!r}")
