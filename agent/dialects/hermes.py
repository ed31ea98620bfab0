"""The tool-call layout on which Qwen2.5 was trained (the Hermes format, as in its chat template and Qwen-Agent's NousFnCallPrompt).

Tools stand in the system turn, one JSON object a line between `<tools>` tags; a call is a JSON object between `<tool_call>` tags.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_TOOLS = """

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{tools}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>"""


CALL_BEGIN = "<tool_call>\n"
CALL_END = "</tool_call>"


def dump(value: Any) -> str:
    """`value` as JSON in one line, without any `<`: no text inside can end a tag or spell one of the model's special tokens."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def tools_section(tools: Sequence[Mapping[str, Any]]) -> str:
    """The part of the system turn that offers `tools` (each with name, description and parameters), to follow its first sentence."""
    lines = "\n".join(dump({"type": "function", "function": tool}) for tool in tools)
    return _TOOLS.format(tools=lines)


def call_object(name: str, arguments: Mapping[str, Any]) -> str:
    """The JSON object of a call."""
    return dump({"name": name, "arguments": arguments})


def call_block(name: str, arguments: Mapping[str, Any]) -> str:
    """A whole call as the model writes it."""
    return f"{CALL_BEGIN}{call_object(name, arguments)}\n{CALL_END}"
