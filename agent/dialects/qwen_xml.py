"""The newest Qwens (Qwen3.5 and later, Qwen-CUA): the tools of Qwen3-VL, called by function and parameter tags.

The tags are those of the models' chat templates and of xlang-ai/Qwen-CUA; inside a parameter stands its value as it is, or as JSON
where it is no text. There are no escapes: a text that holds the tags cannot be said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.calls import MAX_CALLS, MAX_TEXT, Call, Calls, read_calls
from handeye.agent.dialects.hermes import CALL_END, dump
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.qwen3vl import COMPUTER_3, MAX_PIXELS, MIN_PIXELS, MOBILE_3, relative
from handeye.agent.dialects.qwen25vl import QwenTool
from handeye.agent.models.base import Constraint
from handeye.envs.actions import Action
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Size

_TOOLS = """# Tools

You have these functions:

<tools>
%s
</tools>

To call one, reply in this form and write nothing after it:

<tool_call>
<function=name_of_the_function>
<parameter=name_of_a_parameter>
its value, which may take several lines; lists and numbers as JSON
</parameter>
</function>
</tool_call>

You may reason in words before the call. Give every parameter that the action needs."""
PROMPT = Prompt("{{tools}}", "{{picture}}{{goal}}\n\nDone so far: {{progress}}\n{{screen}}\n{{notes}}\n")
TURNS_PROMPT = Prompt("{{tools}}", "{{picture}}{{goal}}\n{{screen}}\n{{notes}}\n")

_FUNCTION = re.compile(r"<function=([^<>\s]{1,60})>")
_PARAMETER = re.compile(r"\s*+<parameter=([^<>\s]{1,60})>")
_CLOSE = re.compile(r"\s*+</function>(?:\s*+</tool_call>)?")
_OPEN = re.compile(r"<tool_call>\s*+\Z")
_TEXTS = ("action", "text", "url", "status", "button")
_END = "</parameter>"
_VALUE = re.compile(r"[\[{]|[+-]?[.\d]+\s*\Z|(?:true|false|null)\s*\Z")


def read_tags(text: str) -> Calls:
    """The calls of a reply between function tags. Raises `ParseError` when there is none, or one cannot be read."""
    if len(text) > MAX_TEXT:
        raise ParseError("the reply is far too long")
    text = text.encode("utf-8", "replace").decode("utf-8")
    calls: list[Call] = []
    words: list[str] = []
    repairs: dict[str, None] = {}
    at = 0
    while opening := _FUNCTION.search(text, at):
        before = text[at : opening.start()]
        if (tag := _OPEN.search(before[-200:])) is None:
            repairs["the tags <tool_call> were missing"] = None
            words.append(before)
        else:
            words.append(before[: len(before) - len(tag.group())])
        values, at = _parameters(text, opening.end(), repairs)
        closing = _CLOSE.match(text, at)
        if closing is None and (rest := text[at:].strip()) and not rest.startswith(("</tool_call>", "<|im_end|>")):
            raise ParseError("something stands after a parameter that is neither </function> nor another parameter")
        if closing is None:
            repairs["the end tag </function> was missing"] = None
        at = closing.end() if closing else at
        calls.append(Call(opening.group(1), values, cut=closing is None))
        if len(calls) > MAX_CALLS:
            raise ParseError(f"the reply holds more than {MAX_CALLS} calls; give one")
    if not calls:
        raise ParseError("there is no <function=...> in the reply")
    if len(calls) > 1:
        repairs[f"the reply holds {len(calls)} calls"] = None
    words.append(text[at:])
    thought = "".join(words).replace(CALL_END, "").replace("<|im_end|>", "").strip()
    return Calls(thought, tuple(calls), tuple(repairs))


def _parameters(text: str, at: int, repairs: dict[str, None]) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    while opening := _PARAMETER.match(text, at):
        key, end = opening.group(1).lower(), text.find(_END, opening.end())
        if end < 0:
            raise ParseError(f"the reply is cut off inside the parameter {key[:30]!r}")
        value = _value(key, text[opening.end() : end], repairs)
        if key in values and values[key] != value:
            raise ParseError(f"the call gives {key[:30]!r} twice with different values")
        values[key], at = value, end + len(_END)
    return values, at


def _value(key: str, raw: str, repairs: dict[str, None]) -> Any:
    raw = raw.removeprefix("\n").removesuffix("\n")
    if key in _TEXTS:
        return raw if key == "text" else raw.strip()
    short = raw.strip()
    if not _VALUE.match(short):
        return raw
    read = read_loose(short + "\n")
    if read.cut or short[read.end :].strip():
        raise ParseError(f"the value of {key[:30]!r} is no JSON")
    repairs.update(dict.fromkeys(read.repairs))
    return read.value


class QwenXml(QwenTool):
    """A tool of Qwen3-VL, called by tags."""

    def tools_text(self, size: Size) -> str:
        """See `QwenTool`."""
        return _TOOLS % dump({"type": "function", "function": self._tool.definition(self._types, self.stated_size(size))})

    def calls_in(self, text: str) -> Calls:
        """See `QwenTool`; a call as JSON between the same tags is read too."""
        if "<function=" in text:
            return read_tags(text)
        read = read_calls(text)
        return Calls(read.thought, read.calls, (*read.repairs, "the call was JSON, not tags"))

    def call_text(self, arguments: Mapping[str, Any]) -> str:
        """See `QwenTool`."""
        said = (f"<parameter={key}>\n{value if isinstance(value, str) else dump(value)}\n{_END}\n" for key, value in arguments.items())
        return f"<tool_call>\n<function={self._tool.name}>\n{''.join(said)}</function>\n{CALL_END}"

    def past_call(self, arguments: Mapping[str, Any], step: PastStep) -> str:
        """See `QwenTool`: JSON, on one line."""
        return dump(arguments)

    def constraint(self, size: Size) -> Constraint | None:
        """None: the form is no JSON."""
        return None

    def format(self, action: Action, size: Size) -> str:
        """The reply that means `action`. Raises `InvalidAction` for a verb outside of `action_types`, and for a text that holds tags."""
        text = super().format(action, size)
        if text.count(CALL_END) == 1 and text.endswith(CALL_END):
            try:
                if self.parse(text, size).actions == (action,):
                    return text
            except ParseError:
                pass
        raise InvalidAction(f"{self.name} has no words for this {action.type}: {action!r}")


class QwenXmlComputerUse(QwenXml):
    """With a mouse and a keyboard: the function `computer_use`."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        extent: int = 1000,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """The options are those of `Qwen3ComputerUse`."""
        space: Relative = relative(extent, min_pixels, max_pixels)
        super().__init__(COMPUTER_3, "qwen-xml/computer_use", action_types, PROMPT, space, turns_prompt=TURNS_PROMPT, **options)


class QwenXmlMobileUse(QwenXml):
    """With a touch screen: the function `mobile_use`."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        extent: int = 999,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """The options are those of `Qwen3MobileUse`."""
        space: Relative = relative(extent, min_pixels, max_pixels)
        super().__init__(MOBILE_3, "qwen-xml/mobile_use", action_types, PROMPT, space, turns_prompt=TURNS_PROMPT, **options)
