"""AgentCPM-GUI: one compact JSON object a step, for phones; points in 0..1000, the picture's longer side 1,120 pixels.

Keys, schema, layout of the turns and the resizing: OpenBMB/AgentCPM-GUI, README.md and eval/utils/schema/schema.json. The words around
the schema are ours. There is no history: the model is trained on one picture and the task (eval/run_predict_minicpm.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from handeye.agent.coordinates import Number, Relative
from handeye.agent.dialects.gestures import finger
from handeye.agent.dialects.loose_json import Loose, read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

LONGEST_SIDE = 1_120
"""Pixels; a picture shown in its own size costs more than half of the score (OpenBMB/AgentCPM-GUI#54)."""
TAP_MS = 200
"""The schema's default `duration`: a press of more than that is a long one."""

_SCHEMA = {
    "type": "object",
    "description": "执行操作并决定当前任务状态",
    "additionalProperties": False,
    "required": ["thought"],
    "properties": {
        "thought": {"type": "string", "description": "为什么执行这一步"},
        "POINT": {"$ref": "#/$defs/Location", "description": "点击的位置"},
        "to": {
            "description": "滑动的方向或终点",
            "oneOf": [
                {"enum": ["up", "down", "left", "right"], "description": "手指从POINT出发滑动的方向"},
                {"$ref": "#/$defs/Location", "description": "滑动的终点"},
            ],
        },
        "duration": {"type": "integer", "description": "动作或等待的毫秒数", "minimum": 0, "default": TAP_MS},
        "PRESS": {"type": "string", "description": "按键: 主页, 返回, 回车", "enum": ["HOME", "BACK", "ENTER"]},
        "TYPE": {"type": "string", "description": "输入的文本"},
        "STATUS": {
            "type": "string",
            "description": "任务状态: 继续, 完成, 无需操作, 无法完成, 中断, 需要用户反馈",
            "enum": ["continue", "finish", "satisfied", "impossible", "interrupt", "need_feedback"],
            "default": "continue",
        },
    },
    "$defs": {
        "Location": {
            "type": "array",
            "description": "相对左上角的位置, 宽和高都缩放到0~1000, 先x后y",
            "items": {"type": "integer", "minimum": 0, "maximum": 1000},
            "minItems": 2,
            "maxItems": 2,
        }
    },
}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_PROMPT = Prompt(
    f"""# Role
你操作一台安卓手机, 替用户完成任务.

# Task
根据用户的问题和当前屏幕截图, 给出下一步操作.

# Rule
- 以紧凑JSON格式输出
- 输出操作必须遵循Schema约束

# Schema
{_compact(_SCHEMA)}""",
    "<Question>{{goal}}</Question>\n{{progress}}\n{{screen}}\n{{notes}}\n当前屏幕截图：{{picture}}",
)
_VERBS = ("click", "long_press", "swipe", "press_button", "type_text", "wait", "finish", "ask_user")
_STRAY_QUOTE = re.compile(r"(\[\s{0,9}[0-9.]{1,9}\s{0,9},\s{0,9}[0-9.]{1,9}\s{0,9}\])\"(?=\s{0,9}[,}])")
_KEYS = {"point": "POINT", "to": "to", "duration": "duration", "press": "PRESS", "type": "TYPE", "status": "STATUS", "thought": "thought"}


@dataclass(frozen=True)
class LongestSide:
    """0..1000 across and down a picture whose longer side is at most `pixels`."""

    pixels: int = LONGEST_SIDE

    def picture_size(self, size: Size) -> Size:
        """`size`, shrunk as the model's own example does: first for its height, then for its width, rounded down."""
        width, height = size
        if height > self.pixels:
            width, height = int(width * self.pixels / height), self.pixels
        if width > self.pixels:
            width, height = self.pixels, int(height * self.pixels / width)
        return Size(max(1, width), max(1, height))

    def to_screen(self, x: float, y: float, size: Size) -> tuple[Point, bool]:
        """See `CoordinateSpace`."""
        return Relative(1000).to_screen(x, y, size)

    def from_screen(self, point: Point, size: Size) -> tuple[Number, Number]:
        """See `CoordinateSpace`."""
        return Relative(1000).from_screen(point, size)


class AgentCpm(Worded):
    """AgentCPM-GUI-8B."""

    def __init__(self, action_types: frozenset[str], *, longest_side: int = LONGEST_SIDE, **options: Any) -> None:
        """`longest_side` of the picture, in pixels. The other options are those of `Worded`."""
        if longest_side < 1:
            raise ValueError("longest_side is at least 1")
        verbs = tuple((verb, "") for verb in _VERBS)
        example = '{"thought":"...","POINT":[x,y]}'
        super().__init__(Family("agentcpm-gui/phone", LongestSide(longest_side), _PROMPT, verbs, example), action_types, **options)

    def read(self, reading: Reading) -> Said:
        """The one JSON object of the reply."""
        read = self._object(reading)
        for repair in read.repairs:
            reading.mend(repair)
        if not isinstance(read.value, dict) or read.cut:
            raise ParseError("the JSON object is cut off, or there is none")
        values: dict[str, Any] = {}
        for key, value in read.value.items():
            name = _KEYS.get(key.strip().lower())
            if name is None or name in values:
                raise ParseError(f"there is no key {key[:30]!r}, or it is given twice")
            if name != key:
                reading.mend(f"read {key!r} as {name!r}")
            values[name] = value
        thought = values.pop("thought", None) or ""
        if not isinstance(thought, str):
            raise ParseError("the thought is a text")
        return Said(tuple(self._actions(values, thought, reading)), thought)

    def _object(self, reading: Reading) -> Loose:
        text = reading.text
        begin = text.find("{")
        if begin < 0:
            raise ParseError("there is no JSON object in the reply")
        if text[:begin].strip() not in ("", "```", "```json"):
            reading.mend("dropped words before the JSON object")
        try:
            read = read_loose(text, begin)
        except ParseError:
            mended = _STRAY_QUOTE.sub(r"\1", text)
            if mended == text:
                raise
            reading.mend("removed a stray quote after a point")
            text, read = mended, read_loose(mended, begin)
        if text[read.end :].strip().strip("`").strip():
            raise ParseError("something stands after the JSON object")
        return read

    def _actions(self, values: dict[str, Any], thought: str, reading: Reading) -> list[act.Action]:
        status = values.pop("STATUS", "continue")
        primitives = [key for key in ("POINT", "PRESS", "TYPE") if values.get(key) is not None]
        if len(primitives) > 1:
            raise ParseError(f"one action a step: not {' and '.join(primitives)}")
        arguments = reading.arguments({key.lower(): value for key, value in values.items() if key in ("duration", "PRESS", "TYPE")})
        milliseconds = arguments.number("duration")
        seconds = None if milliseconds is None else milliseconds / 1000
        actions: list[act.Action] = []
        if "to" in values and "POINT" not in primitives:
            raise ParseError('"to" needs "POINT", where the finger starts')
        if "POINT" in primitives:
            actions.append(_touch(reading.point(values["POINT"]), values.get("to"), seconds, reading))
        elif "PRESS" in primitives:
            actions.append(build(act.PressButton, button=arguments.needed_text("press").strip().lower()))
        elif "TYPE" in primitives:
            actions.append(build(act.TypeText, text=arguments.needed_text("type")))
        elif seconds is not None:
            actions.append(build(act.Wait, seconds=seconds))
        return actions + _ended(status, thought, alone=not actions)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The JSON object that means `action`."""
        match action:
            case act.Click(point=point) if point is not None:
                return _compact({"POINT": numbers(point)})
            case act.LongPress(point=point, duration_s=seconds):
                return _compact({"POINT": numbers(point), "duration": _ms(seconds)})
            case act.Swipe(start=start, end=end, duration_s=seconds):
                slow = {} if seconds == act.Swipe.model_fields["duration_s"].default else {"duration": _ms(seconds)}
                return _compact({"POINT": numbers(start), "to": numbers(end)} | slow)
            case act.PressButton(button=button) if button in ("home", "back", "enter"):
                return _compact({"PRESS": button.upper()})
            case act.TypeText(text=text):
                return _compact({"TYPE": text})
            case act.Wait(seconds=seconds):
                return _compact({"duration": _ms(seconds)})
            case act.Finish(success=success, message=""):
                return _compact({"STATUS": "finish" if success else "impossible"})
            case act.AskUser(question=question):
                return _compact({"thought": question, "STATUS": "need_feedback"})
        raise InvalidAction(f"there are no words for {action!r}")


def _touch(point: Point, to: Any, seconds: float | None, reading: Reading) -> act.Action:
    if to is None:
        long = seconds is not None and seconds > TAP_MS / 1000
        return build(act.LongPress, point=point, duration_s=seconds) if long else act.Click(point=point)
    if isinstance(to, str) and to.strip().lower() in ("up", "down", "left", "right"):
        swipe = finger(reading.size, to.strip().lower(), point)  # type: ignore[arg-type]
        return build(act.Swipe, start=swipe.start, end=swipe.end, duration_s=seconds)
    return build(act.Swipe, start=point, end=reading.point(to), duration_s=seconds)


def _ended(status: Any, thought: str, alone: bool) -> list[act.Action]:
    match status.strip().lower() if isinstance(status, str) else status:
        case "continue" | "start" if not alone:
            return []
        case "finish" | "satisfied":
            return [act.Finish()]
        case "impossible" | "interrupt":
            return [act.Finish(success=False)]
        case "need_feedback":
            return [act.AskUser(question=thought)]
    raise ParseError("there is no action in the JSON object, or an unknown STATUS")


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
