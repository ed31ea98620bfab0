"""Fara-7B: a thought and a call of its own `computer_use` tool for a browser, points in pixels of the smart-resized picture.

Verbs, parameters, their order, the layout of turns and the three pictures: microsoft/fara, src/fara/_prompts.py and src/fara/fara_agent.py.
Its verbs beyond Qwen2.5-VL's say several of our actions at once (`type` may click, clear and press Enter), or one that the browser can do
otherwise (`web_search` opens a page of results, `refresh` presses F5); a fact to remember stays in the history, where it was said.
Descriptions are ours. A `type` that does not say `press_enter` presses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

from handeye.agent.coordinates import SmartResizedPixels
from handeye.agent.dialects.calls import Call, Calls, read_calls
from handeye.agent.dialects.hermes import call_block, tools_section
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.qwen25vl import COMPUTER_PROMPT, MAX_PIXELS, MIN_PIXELS, QwenTool
from handeye.agent.dialects.qwen25vl_tools import COMPUTER
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size

SEARCH = "https://www.bing.com/search?q="
"""Where `web_search` looks, as in its agent."""
PICTURES = 2
"""Past screenshots that are shown; with the present one three."""

_TURNS = Prompt("You are a helpful assistant.{{tools}}", "{{picture}}{{goal}}\n{{screen}}\n{{notes}}\n")
_TRAINED = ("key", "type", "mouse_move", "left_click", "scroll", "visit_url", "history_back", "wait", "terminate")
_FARA = replace(
    COMPUTER,
    about="Work a web browser with mouse and keyboard, looking at pictures of its page. The screen is {size} pixels.",
    trained=_TRAINED,
    extra=tuple(name for name in (*COMPUTER.trained, *COMPUTER.extra) if name not in _TRAINED),
)
_TYPE = "Type `text` at `coordinate`, or into what has the focus; `delete_existing_text` clears it first, `press_enter` ends with Enter."
_OWN = {
    "web_search": ("goto", "Open the results of a web search for `query`."),
    "pause_and_memorize_fact": ("wait", "Write down `fact`, to have it later."),
    "refresh": ("press_keys", "Load the page again."),
}
_PARAMETERS = {
    "press_enter": {"type": "boolean", "description": "Whether to press Enter after typing."},
    "delete_existing_text": {"type": "boolean", "description": "Whether to delete what the field holds before typing."},
    "query": {"type": "string", "description": "What to search for."},
    "fact": {"type": "string", "description": "What to remember."},
}


class FaraBrowser(QwenTool):
    """Fara-7B with a browser."""

    def __init__(self, action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> None:
        """`action_types`: the environment's verbs. Options as for Qwen2.5-VL; the history is turns by default."""
        chosen: dict[str, Any] = {"history": "turns", "history_pictures": PICTURES} | options
        space = SmartResizedPixels(28, min_pixels, max_pixels)
        super().__init__(_FARA, "fara/browser", action_types, COMPUTER_PROMPT, space, turns_prompt=_TURNS, **chosen)

    def tools_text(self, size: Size) -> str:
        """The tool with the verbs and parameters that Qwen2.5-VL's lacks."""
        tool = self._tool.definition(self._types, self.stated_size(size))
        own = {name: about for name, (kind, about) in _OWN.items() if kind in self._types}
        lines = [f"* `type`: {_TYPE}" if line.startswith("* `type`:") else line for line in tool["description"].splitlines()]
        tool["description"] = "\n".join([*lines, *(f"* `{name}`: {about}" for name, about in own.items())])
        properties = tool["parameters"]["properties"]
        properties["action"]["enum"] += list(own)
        properties |= {
            key: value
            for key, value in _PARAMETERS.items()
            if (
                key not in ("query", "fact")
                or (key == "query" and "web_search" in own)
                or (key == "fact" and "pause_and_memorize_fact" in own)
            )
        }
        return tools_section([tool])

    def calls_in(self, text: str) -> Calls:
        """The calls of a reply, those of Fara's own said with Qwen2.5-VL's."""
        found = read_calls(text)
        return replace(found, calls=tuple(plain for call in found.calls for plain in _plainly(call, found.thought)))

    def call_text(self, arguments: Mapping[str, Any]) -> str:
        """A call as the model writes it: whether Enter follows is always said."""
        ends = {"press_enter": False} if arguments.get("action") == "type" else {}
        return call_block(self._tool.name, dict(arguments) | ends)


def _plainly(call: Call, thought: str) -> tuple[Call, ...]:
    values = dict(call.arguments)
    match values.get("action"):
        case "web_search":
            return (replace(call, arguments={"action": "visit_url", "url": SEARCH + quote_plus(_text(values, "query"))}),)
        case "pause_and_memorize_fact":
            _text(values, "fact")
            return (replace(call, arguments={"action": "wait", "time": 0}),)
        case "refresh" | "reload":
            return (replace(call, arguments={"action": "key", "keys": ["f5"]}),)
        case "terminate" | "stop":
            values["action"] = "terminate"
            if "answer" in values:
                values.setdefault("status", "success")
            elif thought and "text" not in values:
                values["text"] = thought
            return (replace(call, arguments=values),)
        case "type" | "input_text":
            return _typing(call, values)
    return (call,)


def _typing(call: Call, values: dict[str, Any]) -> tuple[Call, ...]:
    enter, clear = (_flag(values, name) for name in ("press_enter", "delete_existing_text"))
    if isinstance(text := values.get("text", values.pop("text_value", None)), str):
        values["text"] = text + "\n" if enter else text
    point = values.pop("coordinate", None)
    before = [] if point is None else [replace(call, arguments={"action": "left_click", "coordinate": point}, cut=False)]
    if clear:
        before.append(replace(call, arguments={"action": "key", "keys": ["ctrl", "a"]}, cut=False))
    return (*before, replace(call, arguments=values | {"action": "type"}))


def _text(values: Mapping[str, Any], name: str) -> str:
    if not isinstance(value := values.get(name), str):
        raise ParseError(f'"{name}" must be a string')
    return value


def _flag(values: dict[str, Any], name: str) -> bool:
    value = values.pop(name, None)
    if value not in (None, True, False, "true", "false", "True", "False"):
        raise ParseError(f'"{name}" must be true or false')
    return str(value).lower() == "true"
