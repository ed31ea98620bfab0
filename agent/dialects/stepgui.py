"""StepGUI (GELab-Zero): a thought, then one line of `key:value` parted by tabs, for phones; points in 0..1000.

Names of the actions and of their keys, the order of the line and the history (the summary that the model itself writes last):
stepfun-ai/gelab-zero, copilot_tools/parser_0920_summary.py. The words of the prompt are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.prompt import Prompt, plain
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.spoken_calls import short
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

_PROMPT = Prompt(
    "",
    """你操作一台手机, 替用户完成任务. 坐标以左上角为原点, x轴向右, y轴向下, 取值范围均为 0-1000.

# Action Space:

{{tools}}

已知用户指令为：{{goal}}
指令结束

已知已经执行过的历史动作如下：
{{progress}}
{{screen}}
{{notes}}
当前手机屏幕截图如下：
{{picture}}
先思考和解释, 再输出一个动作和它的参数, 最后输出新的历史总结. 格式:
<THINK> 思考的内容 </THINK>
explain:解释的内容\taction:动作空间和对应的参数\tsummary:执行完当前步骤后的新历史总结
""",
)
_LINES = (
    ("click", "CLICK: 点击\taction:CLICK\tpoint:x,y"),
    ("type_text", "TYPE: 在输入框中输入文字\taction:TYPE\tvalue:输入内容\tpoint:x,y"),
    ("finish", "COMPLETE: 任务完成, 报告结果\taction:COMPLETE\treturn:报告的内容"),
    ("wait", "WAIT: 等待若干秒\taction:WAIT\tvalue:秒数"),
    ("open_app", "AWAKE: 打开应用\taction:AWAKE\tvalue:应用名称"),
    ("ask_user", "INFO: 询问用户\taction:INFO\tvalue:提问内容"),
    ("finish", "ABORT: 任务无法继续\taction:ABORT\tvalue:原因"),
    ("swipe", "SLIDE: 滑动\taction:SLIDE\tpoint1:x1,y1\tpoint2:x2,y2"),
    ("long_press", "LONGPRESS: 长按\taction:LONGPRESS\tpoint:x,y"),
)
_TAG = re.compile(r"<\s{0,9}(/?)\s{0,9}T(?:H?)INK\s{0,9}>", re.I)
_FIELD = re.compile(r"\s{0,9}([A-Za-z_]\w{0,19})[:：]")
_FIRST = re.compile(r"(?:^|\n)[ \t]{0,9}(?:explain|action)[ ]?[:：]")
_POINT = re.compile(r"\s*+\(?\s{0,9}([0-9]{1,5}(?:\.[0-9]{1,20})?)(?:\s{0,9},\s{0,9}|\s{1,9})([0-9]{1,5}(?:\.[0-9]{1,20})?)\s{0,9}\)?\s*+")
_SECONDS = re.compile(r"\s*+([0-9]{1,6}(?:\.[0-9]{1,20})?)\s{0,9}(?:s|秒|seconds?)?\s*+")
_KEYS = ("explain", "action", "value", "return", "point", "point1", "point2", "summary", "is_keyboard", "keyboard_exists", "cot")


class StepGui(Worded):
    """GELab-Zero-4B and its kin."""

    def __init__(self, action_types: frozenset[str], *, divisor: int = 1000, **options: Any) -> None:
        """`divisor`: what the model's numbers are divided by, 1000 as its prompt says, or 999. The other options are those of `Worded`."""
        example = "<THINK> ... </THINK>\nexplain:...\taction:CLICK\tpoint:x,y\tsummary:..."
        super().__init__(Family("stepgui/phone", Relative(divisor), _PROMPT, _LINES, example), action_types, **options)

    def reply(self, words: str, thought: str = "") -> str:
        """The thought between its tags, and the line."""
        head = f"<THINK> {thought} </THINK>\n" if thought else ""
        return f"{head}explain:\t{words}\tsummary:"

    def progress(self, history: Sequence[PastStep]) -> str:
        """The summary that the model wrote last, as in training; else the steps, a line each."""
        reply = next((step.reply for step in reversed(history) if step.reply), "")
        _, found, summary = reply.rpartition("\tsummary:")
        if found and summary.strip() and history and not history[-1].error:
            return plain(summary.strip())
        return super().progress(history) or "暂无历史操作"

    def read(self, reading: Reading) -> Said:
        """The line after the last closing tag of a thought."""
        text, thoughts = reading.text, ""
        tags = list(_TAG.finditer(text))
        if tags and not tags[-1].group(1):
            raise ParseError("the reply ends inside of the thought")
        if tags:
            thoughts, text = _TAG.sub("", text[: tags[-1].end()]).strip(), text[tags[-1].end() :]
            if len(tags) > 2 or tags[0].group(1):
                reading.mend("read several thoughts")
        first = _FIRST.search(text)
        if first is None:
            raise ParseError("there is no line that begins with explain:")
        if text[: first.start()].strip():
            reading.mend("dropped words before the line")
        values = _fields(text[first.start() :])
        thought = "\n".join(part for part in (thoughts, values.pop("explain", "")) if part)
        return Said(_actions(values, reading), thought)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The fields that mean `action`."""

        def at(point: Point) -> str:
            x, y = numbers(point)
            return f"{x},{y}"

        match action:
            case act.Click(point=point) if point is not None:
                return f"action:CLICK\tpoint:{at(point)}"
            case act.LongPress(point=point):
                return f"action:LONGPRESS\tpoint:{at(point)}"
            case act.Swipe(start=start, end=end):
                return f"action:SLIDE\tpoint1:{at(start)}\tpoint2:{at(end)}"
            case act.TypeText(text=text):
                return f"action:TYPE\tvalue:{text}"
            case act.Wait(seconds=seconds):
                return f"action:WAIT\tvalue:{short(seconds)}"
            case act.OpenApp(name=name):
                return f"action:AWAKE\tvalue:{name}"
            case act.AskUser(question=question):
                return f"action:INFO\tvalue:{question}"
            case act.Finish(success=True, message=message):
                return f"action:COMPLETE\treturn:{message}"
            case act.Finish(message=message):
                return f"action:ABORT\tvalue:{message}"
        raise InvalidAction(f"there are no words for {action!r}")


def _fields(line: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in line.strip("\n").split("\t", 40):
        if not part.strip():
            continue
        field = _FIELD.match(part)
        name = field.group(1).lower() if field else ""
        if field is None or name not in _KEYS or name in values:
            raise ParseError(f"{part.strip()[:30]!r} is no field, or is given twice; fields are parted by tabs")
        values[name] = part[field.end() :].strip()
    return values


def _actions(values: dict[str, str], reading: Reading) -> tuple[act.Action, ...]:
    name = values.pop("action", "").upper().replace(" ", "").replace("_", "")
    for ignored in ("summary", "is_keyboard", "keyboard_exists", "cot"):
        values.pop(ignored, None)

    def text(key: str) -> str:
        if key not in values:
            raise ParseError(f"{name} needs {key}:...")
        return values.pop(key)

    def place(key: str) -> Point:
        found = _POINT.fullmatch(text(key)[:100])
        if found is None:
            raise ParseError(f"{key} is two numbers, {key}:x,y")
        return reading.point([float(found.group(1)), float(found.group(2))])

    actions: tuple[act.Action, ...]
    match name:
        case "CLICK":
            actions = (act.Click(point=place("point")),)
        case "LONGPRESS":
            actions = (act.LongPress(point=place("point")),)
        case "SLIDE":
            actions = (act.Swipe(start=place("point1"), end=place("point2")),)
        case "TYPE":
            first = (act.Click(point=place("point")),) if "point" in values else ()
            actions = (*first, build(act.TypeText, text=text("value")))
        case "AWAKE":
            actions = (build(act.OpenApp, name=text("value")),)
        case "INFO":
            actions = (act.AskUser(question=text("value")),)
        case "WAIT":
            seconds = _SECONDS.fullmatch(text("value")[:40])
            if seconds is None:
                raise ParseError("WAIT needs value:seconds")
            actions = (build(act.Wait, seconds=float(seconds.group(1))),)
        case "COMPLETE":
            actions = (act.Finish(message=values.pop("return", values.pop("value", ""))),)
        case "ABORT":
            actions = (act.Finish(success=False, message=values.pop("value", "")),)
        case _:
            raise ParseError(f"there is no action {name[:30]!r}")
    if values:
        raise ParseError(f"{name} takes no {next(iter(values))}")
    return actions
