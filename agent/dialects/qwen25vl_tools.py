"""The tool definitions that Qwen2.5-VL is offered: `computer_use` and `mobile_use`, made from the verbs and from our action schema.

Names and order of the trained verbs and parameters: QwenLM/Qwen2.5-VL, cookbooks/computer_use.ipynb and
cookbooks/utils/agent_function_call.py. Descriptions are ours. What the environment can do beyond that follows after.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from handeye.agent.dialects.qwen25vl_verbs import KEY_BUTTONS, VERBS, Verb
from handeye.tools.geometry import Size
from handeye.tools.keys import MODIFIERS


@dataclass(frozen=True)
class Tool:
    """A tool as the model was trained on it, and what may be added to it."""

    name: str
    about: str
    """What the tool is for; {size} is the size of the picture."""
    trained: tuple[str, ...]
    extra: tuple[str, ...]
    parameters: tuple[str, ...]
    """Order of the parameters."""
    click: str
    """The verb that a call with nothing but a coordinate means."""
    touch: bool
    """A touch screen: no pointer, a finger."""
    own: dict[str, Verb] = field(default_factory=dict)
    """Verbs that are described otherwise than in the table."""

    def offered(self, action_types: frozenset[str]) -> dict[str, Verb]:
        """The verbs to offer to an environment with these actions, trained ones first."""
        verbs = {name: self.own.get(name, VERBS[name]) for name in (*self.trained, *self.extra)}
        return {name: verb for name, verb in verbs.items() if verb.types & action_types}

    def definition(self, action_types: frozenset[str], size: Size) -> dict[str, Any]:
        """Name, description and JSON schema of the parameters, for a picture of `size`."""
        verbs = self.offered(action_types)
        lines = [self.about.format(size=size), *(f"* `{name}`: {verb.about}" for name, verb in verbs.items())]
        taken = {key for verb in verbs.values() for key in verb.keys}
        properties: dict[str, Any] = {"action": {"type": "string", "enum": list(verbs), "description": "What to do."}}
        properties |= {key: _PARAMETERS[key] for key in self.parameters if key in taken}
        parameters = {"type": "object", "properties": properties, "required": ["action"]}
        return {"name": self.name, "description": "\n".join(lines), "parameters": parameters}


_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "keys": {"type": "array", "items": {"type": "string"}, "description": "Names of keys."},
    "text": {"type": "string", "description": "Text for the actions that take one."},
    "coordinate": _PAIR | {"description": "[x, y] in pixels from the left and the top edge; for a drag its end, for a swipe its start."},
    "coordinate2": _PAIR | {"description": "[x, y] where a swipe ends."},
    "pixels": {"type": "number", "description": "How far to scroll: positive up, negative down."},
    "time": {"type": "number", "description": "Seconds."},
    "button": {"type": "string", "enum": ["Back", "Home", "Menu", "Enter", "Recents"], "description": "Which button."},
    "status": {"type": "string", "enum": ["success", "failure"], "description": "How the task ended."},
    "start_coordinate": _PAIR | {"description": "[x, y] where a drag starts."},
    "via": {"type": "array", "items": _PAIR, "description": "Points that a drag passes through."},
    "modifiers": {"type": "array", "items": {"type": "string", "enum": list(MODIFIERS)}, "description": "Keys to hold while clicking."},
    "clicks": {"type": "integer", "minimum": 1, "maximum": 3, "description": "How often, if not once."},
    "url": {"type": "string", "description": "An address."},
    "index": {"type": "integer", "minimum": 0, "description": "Number of a tab, from 0."},
    "accept": {"type": "boolean", "description": "Whether to accept the dialog."},
    "paths": {"type": "array", "items": {"type": "string"}, "description": "Paths of files."},
}


_BROWSER = ("visit_url", "history_back", "switch_tab", "close_tab", "answer_dialog", "choose_files")

COMPUTER = Tool(
    name="computer_use",
    about="Work a computer with mouse and keyboard, looking at pictures of its screen. The screen is {size} pixels.",
    trained=(
        "key", "type", "mouse_move", "left_click", "left_click_drag", "right_click", "middle_click", "double_click", "scroll", "wait",
        "terminate",
    ),
    extra=("triple_click", "hscroll", "long_press", "swipe", "open", "system_button", *_BROWSER, "answer", "ask_user"),
    parameters=(
        "keys", "text", "coordinate", "pixels", "time", "status", "start_coordinate", "via", "modifiers", "clicks", "coordinate2", "button",
        "url", "index", "accept", "paths",
    ),
    click="left_click",
    touch=False,
)  # fmt: skip

MOBILE = Tool(
    name="mobile_use",
    about="Work a phone with a touch screen, looking at pictures of its screen. The screen is {size} pixels.",
    trained=("key", "click", "long_press", "swipe", "type", "system_button", "open", "wait", "terminate"),
    extra=("double_click", "left_click_drag", "mouse_move", "scroll", "hscroll", *_BROWSER, "answer", "ask_user"),
    parameters=(
        "coordinate", "coordinate2", "text", "time", "button", "status", "keys", "start_coordinate", "via", "pixels", "url", "index",
        "accept", "paths",
    ),
    click="click",
    touch=True,
    own={
        "key": replace(
            VERBS["key"],
            types=frozenset({"press_keys", "press_button"}),
            about=f"Press the key `text`, such as {', '.join(KEY_BUTTONS)}; or the chord `keys`, where there is a keyboard.",
            keys=("text", "keys"),
        ),
        "double_click": replace(VERBS["double_click"], about="Tap twice at `coordinate`.", keys=("coordinate",)),
        "left_click_drag": replace(VERBS["left_click_drag"], about="Drag with a finger from `start_coordinate` to `coordinate`."),
        "scroll": replace(VERBS["scroll"], about="Scroll by `pixels` at `coordinate`."),
    },
)  # fmt: skip
