"""The computer tools of OpenAI and Anthropic: their native items as JSON, points in pixels of the picture that was sent.

A reply is what their interfaces give, as JSON text: a list of items, or one of them. Items of OpenAI's tool (`computer_call` with `action`
or `actions` and `pending_safety_checks`): openai/openai-cua-sample-app. Inputs of Anthropic's (`computer_20250124` and later): the demo in
anthropics/anthropic-quickstarts, and the types of the `anthropic` package for `computer_toolset_20260801`. Our verbs beyond a mouse and
keys are functions of their own, by our names and fields.

A safety check that waits is put to the person, and the action that it is about is not done. Where the person says yes, the turn that
follows says so (`Message.consent`), and the backend acknowledges the checks with the next screenshot; the model then does the action again.
A screenshot comes after every step, so that asking for one means to wait for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handeye.agent.approval import agreed
from handeye.agent.coordinates import Number, ResizedPixels, ScreenPixels
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.hermes import dump
from handeye.agent.dialects.history import turns_of
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.agent.messages import ComputerTool, FunctionTool, Message, Tool
from handeye.envs import actions as act
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size
from handeye.tools.keys import MODIFIERS, x11_keysym

NOTCH = 60
"""Pixels of content for one of Anthropic's clicks of the wheel, as in `handeye.tools.desktop`."""
LONGEST_SIDE, MOST_PIXELS = 1_568, 1_150_000
"""Beyond these, Anthropic's servers shrink a picture on their own, and points are no longer in pixels of what was sent (its manual)."""
MOST_CALLS = 16

_PROMPT = Prompt(
    "You work a computer by its computer tool and the functions beside it, looking at a screenshot after every step. Take one step at a "
    "time. When the task is done, say so, or give the answer that was asked for, without a call.\n{{tools}}",
    "Task: {{goal}}\n{{progress}}\n{{screen}}\n{{notes}}\n{{picture}}",
)
_OWN = (
    "open_app", "goto", "go_back", "switch_tab", "close_tab", "answer_dialog", "choose_files", "finish", "ask_user",
    "press_button",
)  # fmt: skip
_TOUCH = ("long_press", "swipe")
_VERBS = (
    *((kind, "") for kind in ("click", "move", "drag", "scroll", "type_text", "press_keys", "wait", "answer")),
    *((kind, f"- the function {kind}") for kind in (*_OWN, *_TOUCH)),
)


@dataclass(frozen=True)
class FittingPixels:
    """Pixels of a picture that is shrunk, its proportions kept, until it is within the limits."""

    longest: int = LONGEST_SIDE
    most: int = MOST_PIXELS

    def picture_size(self, size: Size) -> Size:
        """`size`, or the largest of its proportions that is within the limits."""
        shrink = max(1.0, max(size) / self.longest, math.sqrt(size.width * size.height / self.most))
        return size if shrink == 1.0 else Size(max(1, int(size.width / shrink)), max(1, int(size.height / shrink)))

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return ResizedPixels(self.picture_size(size)).to_screen(x, y, size)

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return ResizedPixels(self.picture_size(size)).from_screen(point, size)


class _Items(Worded):
    """A dialect of items: `call` reads one, `said` writes the tool's own."""

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """See `Worded`; the first turn offers the tools, and a turn after a question that was answered with yes says so."""
        messages = list(super().render(goal, history, observation, notes))
        messages[0] = replace(messages[0], tools=self._tools(self.picture_size(observation.size)))
        if self._turns:
            replies = [index for index, message in enumerate(messages) if message.role == "assistant"]
            for index, turn in zip(replies, turns_of(history, lambda _: ""), strict=True):
                if any(agreed(answer) for answer in turn.answers):
                    messages[index + 1] = replace(messages[index + 1], consent=True)
        return tuple(messages)

    def _tools(self, size: Size) -> tuple[Tool, ...]:
        computer = ComputerTool(size, "browser" if "goto" in self._types else "linux")
        return (computer, *(_function(kind) for kind in act.ACTIONS if kind in self._types and kind in (*_OWN, *_TOUCH)))

    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        start = min((at for mark in "[{" if (at := reading.text.find(mark)) >= 0), default=-1)
        if start < 0:
            raise ParseError("there is no item in it")
        read = read_loose(reading.text, start)
        if read.cut or reading.text[read.end :].strip():
            raise ParseError("the items are cut off, or something stands after them")
        for repair in read.repairs:
            reading.mend(repair)
        items = read.value if isinstance(read.value, list) else [read.value]
        if not all(isinstance(item, dict) for item in items):
            raise ParseError("an item is a JSON object")
        thought = "\n".join(text for item in items for text in _texts(item))
        calls = [call for item in items if not list(_texts(item)) and item.get("type") != "reasoning" for call in self.calls(item)]
        if len(calls) > MOST_CALLS:
            raise ParseError(f"there are more than {MOST_CALLS} calls; give one")
        actions = [action for name, values in calls for action in self._actions(name, values, reading)]
        if not calls and thought.strip():
            return Said((act.Answer(text=thought),))
        return Said(tuple(actions), thought)

    def calls(self, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The calls that an item holds: the name of a function of our own, or empty for the computer tool, and the arguments."""
        raise NotImplementedError

    def computer(self, arguments: Arguments) -> tuple[act.Action, ...]:
        """What a call of the computer tool means."""
        raise NotImplementedError

    def _actions(self, name: str, values: dict[str, Any], reading: Reading) -> tuple[act.Action, ...]:
        arguments = reading.arguments(values)
        if not name:
            actions = self.computer(arguments)
        elif name in (*_OWN, *_TOUCH):
            kind = act.ACTIONS[name]
            points = {key: reading.point(arguments.take(key)) for key in ("point", "start", "end") if key in kind.model_fields}
            rest = {key: arguments.take(key) for key in kind.model_fields if key not in points and key != "type"}
            actions = (build(kind, **points, **rest),)
        else:
            raise ParseError(f"there is no function {name[:40]!r}")
        if left := arguments.left():
            raise ParseError(f"the call does not take {left[0][:40]!r}")
        return actions

    def own(self, action: act.Action, numbers: Numbers) -> dict[str, Any]:
        """The arguments of a function of our own."""
        if action.type not in (*_OWN, *_TOUCH):
            raise InvalidAction(f"there are no words for {action.type}")
        fields = action.model_dump(exclude={"type"}, exclude_none=True, mode="json")
        return {key: numbers(getattr(action, key)) if key in ("point", "start", "end") else value for key, value in fields.items()}


def _function(kind: str) -> FunctionTool:
    """Our own verb as a function."""
    schema = act.ACTIONS[kind].model_json_schema()
    point = {"type": "array", "items": {"type": "number"}, "description": "x and y in pixels of the screenshot"}
    properties = {
        name: point if name in ("point", "start", "end") else value for name, value in schema["properties"].items() if name != "type"
    }
    needed = [name for name in schema.get("required", ()) if name != "type"]
    parameters = {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
    return FunctionTool(kind, schema["description"], parameters)


def _texts(item: dict[str, Any]) -> Iterator[str]:
    if item.get("type") in ("text", "output_text") and isinstance(text := item.get("text"), str):
        yield text
    elif item.get("type") == "message" and isinstance(parts := item.get("content"), list):
        yield from (part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = read_loose(value).value
    if not isinstance(value, dict):
        raise ParseError("the arguments of a call are a JSON object")
    return value


OPENAI = Family(
    name="openai-computer",
    space=ScreenPixels(),
    prompt=_PROMPT,
    verbs=_VERBS,
    history="turns",
    example='{"type": "computer_call", "action": {"type": "click", "button": "left", "x": 100, "y": 200}}',
)
_OPENAI_BUTTONS = {"left": "left", "right": "right", "wheel": "middle", "middle": "middle"}


class OpenAIComputer(_Items):
    """OpenAI's computer tool."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(OPENAI, action_types, **options)

    def calls(self, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `_Items`; where a safety check waits, a question to the person takes the place of the call."""
        if item.get("type") == "function_call":
            yield str(item.get("name")), _object(item.get("arguments", {}))
            return
        if item.get("type") != "computer_call":
            raise ParseError('an item is a "computer_call", a "function_call" or a "message"')
        if checks := item.get("pending_safety_checks"):
            yield "ask_user", {"question": _question(checks)}
            return
        actions = item.get("actions") if item.get("action") is None else [item["action"]]
        if not isinstance(actions, list) or not actions:
            raise ParseError('a "computer_call" has an "action"')
        for action in actions:
            yield "", _object(action)

    def computer(self, arguments: Arguments) -> tuple[act.Action, ...]:
        """See `_Items`."""
        name = arguments.needed_text("type")
        held = arguments.keys("keys") if name not in ("keypress", "key") else None
        x, y = arguments.take("x"), arguments.take("y")
        point = None if x is None and y is None else arguments.to_point([x, y], "x, y")
        match name:
            case "click" | "double_click":
                said = arguments.text("button") or "left"
                if said == "back":
                    return (act.GoBack(),)
                if said not in _OPENAI_BUTTONS:
                    raise ParseError(f"there is no button {said[:20]!r} here")
                count = arguments.whole("clicks") or (2 if name == "double_click" else 1)
                return (build(act.Click, point=point, button=_OPENAI_BUTTONS[said], count=count, modifiers=held),)
            case "move":
                action = build(act.Move, point=point)
            case "scroll":
                action = _scrolled(point, arguments.number("scroll_x") or 0, arguments.number("scroll_y") or 0)
            case "type":
                action = build(act.TypeText, text=arguments.needed_text("text"))
            case "keypress":
                action = build(act.PressKeys, keys=arguments.keys("keys"))
            case "drag":
                path = _path(arguments)
                start, via, end = (path[0], path[1:-1], path[-1]) if len(path) > 1 else (None, (), path[0])
                action = build(act.Drag, start=start, via=via, end=end)
            case "wait":
                action = build(act.Wait, seconds=arguments.number("seconds"))
            case "screenshot":
                action = act.Wait(seconds=0)
            case _:
                raise ParseError(f"there is no action {name[:40]!r}")
        if held:
            arguments.mend("keys can be held for clicks only")
        return (action,)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""

        def at(point: Point | None) -> dict[str, Any]:
            return {} if point is None else dict(zip(("x", "y"), numbers(point), strict=True))

        match action:
            case act.Click(point=point, button=button, count=count, modifiers=modifiers):
                said = {
                    "type": "double_click" if (button, count) == ("left", 2) else "click",
                    "button": "wheel" if button == "middle" else button,
                }
                more = {"clicks": count} if count > 1 and said["type"] == "click" else {}
                call = said | at(point) | more | ({"keys": list(modifiers)} if modifiers else {})
            case act.Move(point=point):
                call = {"type": "move"} | at(point)
            case act.Drag(start=start, via=via, end=end):
                path = (*(() if start is None else (start,)), *via, end)
                if start is None and via:
                    raise InvalidAction("a drag by way of other points needs its start")
                call = {"type": "drag", "path": [at(point) for point in path]}
            case act.Scroll(point=point, direction=direction, amount=amount):
                far = amount if direction in ("down", "right") else -amount
                across = direction in ("left", "right")
                call = {"type": "scroll"} | at(point) | {"scroll_x": far if across else 0, "scroll_y": 0 if across else far}
            case act.TypeText(text=text):
                call = {"type": "type", "text": text}
            case act.PressKeys(keys=keys):
                call = {"type": "keypress", "keys": [key.upper() if key in MODIFIERS else key for key in keys]}
            case act.Wait(seconds=seconds):
                call = {"type": "wait"} | ({} if seconds == 1.0 else {"seconds": seconds})
            case act.Answer(text=text):
                return dump({"type": "message", "content": [{"type": "output_text", "text": text}]})
            case _:
                return dump({"type": "function_call", "name": action.type, "arguments": self.own(action, numbers)})
        return dump({"type": "computer_call", "action": call, "pending_safety_checks": []})


def _path(arguments: Arguments) -> tuple[Point, ...]:
    path = arguments.take("path")
    if not isinstance(path, list) or not path or not all(isinstance(place, dict) and place.keys() >= {"x", "y"} for place in path):
        raise ParseError("a drag has a path of points, each with x and y")
    return tuple(arguments.to_point([place["x"], place["y"]], "path") for place in path)


def _question(checks: Any) -> str:
    listed = checks if isinstance(checks, list) else [checks]
    words = [str(check.get("message") or check.get("code") or check) if isinstance(check, dict) else str(check) for check in listed]
    return f"The model's provider asks for your word before the next step: {' '.join(words)[:2_000]} May the model go on?"


def _scrolled(point: Point | None, across: float, down: float) -> act.Action:
    if bool(round(across)) == bool(round(down)):
        raise ParseError('"scroll_x" or "scroll_y" says how far to scroll, and the other is 0')
    direction = ("right" if across > 0 else "left") if round(across) else "down" if down > 0 else "up"
    return build(act.Scroll, point=point, direction=direction, amount=abs(round(across or down)))


ANTHROPIC = Family(
    name="anthropic-computer",
    space=FittingPixels(),
    prompt=_PROMPT,
    verbs=_VERBS,
    history="turns",
    example='{"type": "tool_use", "name": "computer", "input": {"action": "left_click", "coordinate": [100, 200]}}',
)
_CLICKS = {
    "left_click": ("left", 1), "right_click": ("right", 1), "middle_click": ("middle", 1), "double_click": ("left", 2),
    "triple_click": ("left", 3),
}  # fmt: skip


class AnthropicComputer(_Items):
    """Anthropic's computer tool."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: those of `Worded`."""
        super().__init__(ANTHROPIC, action_types, **options)

    def calls(self, item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `_Items`; the input alone is taken too."""
        if item.get("type") in ("thinking", "redacted_thinking"):
            return
        if item.get("type") == "tool_use":
            name, values = str(item.get("name")), _object(item.get("input"))
            if item.get("toolset_name") == "computer":
                # computer_toolset_20260801: every action of the tool is a function of its own.
                name, values = "", values | {"action": name}
            yield "" if name == "computer" else name, values
        elif "action" in item:
            yield "", item
        else:
            raise ParseError('a block is a "tool_use" or a "text"')

    def computer(self, arguments: Arguments) -> tuple[act.Action, ...]:
        """See `_Items`."""
        name = arguments.needed_text("action")
        point = arguments.point("coordinate")
        if name in _CLICKS:
            button, count = _CLICKS[name]
            count = arguments.whole("clicks") or count
            return (build(act.Click, point=point, button=button, count=count, modifiers=arguments.keys("text", "key")),)
        match name:
            case "key" | "hold_key":
                if name == "hold_key" and arguments.number("duration"):
                    arguments.mend("a key that is to be held is pressed")
                return (build(act.PressKeys, keys=_quietly(arguments)),)
            case "type":
                return (build(act.TypeText, text=arguments.needed_text("text")),)
            case "mouse_move":
                return (build(act.Move, point=point),)
            case "wait":
                return (build(act.Wait, seconds=arguments.number("duration")),)
            case "screenshot" | "cursor_position":
                return (act.Wait(seconds=0),)
            case "left_click_drag":
                start, via = arguments.point("start_coordinate"), arguments.points("via")
                action = build(act.Drag, start=start, end=point, via=via)
            case "scroll":
                clicks = 5 if (said := arguments.number("scroll_amount")) is None else said
                direction = arguments.needed_text("scroll_direction")
                action = build(act.Scroll, point=point, direction=direction, amount=round(clicks * NOTCH))
            case _:
                raise ParseError(f"there is no action {name[:40]!r} here")
        if arguments.keys("text"):
            arguments.mend("keys can be held for clicks only")
        return (action,)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded`."""

        def at(point: Point | None) -> dict[str, Any]:
            return {} if point is None else {"coordinate": numbers(point)}

        match action:
            case act.Click(point=point, button=button, count=count, modifiers=modifiers):
                name = next((name for name, said in _CLICKS.items() if said == (button, count)), f"{button}_click")
                more = {"clicks": count} if _CLICKS[name][1] != count else {}
                call = {"action": name} | at(point) | more | ({"text": "+".join(modifiers)} if modifiers else {})
            case act.Move(point=point):
                call = {"action": "mouse_move"} | at(point)
            case act.Drag(start=start, via=via, end=end):
                begin = {} if start is None else {"start_coordinate": numbers(start)}
                call = {"action": "left_click_drag"} | begin | at(end) | ({"via": [numbers(point) for point in via]} if via else {})
            case act.Scroll(point=point, direction=direction, amount=amount):
                clicks = amount // NOTCH if amount % NOTCH == 0 else round(amount / NOTCH, 4)
                call = {"action": "scroll"} | at(point) | {"scroll_direction": direction, "scroll_amount": clicks}
            case act.TypeText(text=text):
                call = {"action": "type", "text": text}
            case act.PressKeys(keys=keys):
                call = {"action": "key", "text": "+".join(key if key in MODIFIERS else x11_keysym(key) for key in keys)}
            case act.Wait(seconds=seconds):
                call = {"action": "wait", "duration": seconds}
            case act.Answer(text=text):
                return dump({"type": "text", "text": text})
            case _:
                return dump({"type": "tool_use", "name": action.type, "input": self.own(action, numbers)})
        return dump({"type": "tool_use", "name": "computer", "input": call})


def _quietly(arguments: Arguments) -> tuple[str, ...]:
    # The documented form is one text with plus signs, so that taking it apart mends nothing.
    words = arguments.needed_text("text")
    repairs: list[str] = []
    keys = Arguments({}, ScreenPixels(), Size(1, 1), repairs.append).chords([words])
    return keys
