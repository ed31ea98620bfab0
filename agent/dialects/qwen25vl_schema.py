"""The JSON schema of a well-formed call, for models that can be held to a form while they write."""

from __future__ import annotations

from typing import Any

from handeye.agent.dialects.qwen25vl_tools import Tool
from handeye.agent.dialects.qwen25vl_verbs import BUTTONS, KEY_BUTTONS, Verb
from handeye.tools.geometry import Size
from handeye.tools.keys import KEY_NAMES, MODIFIERS

_FAR = 10_000
"""Pixels that one call may scroll."""
_LONG = 60
"""Seconds that one call may wait or press."""
_OPTIONAL = {"start_coordinate", "paths"}
"""Arguments that a call which is cut off must not lack, and a whole one may."""


_KEY = {"anyOf": [{"enum": list(KEY_NAMES)}, {"type": "string", "pattern": "^[!-~]$"}]}
"""A key by its name, or the character on it."""


def call_schema(tool: Tool, action_types: frozenset[str], size: Size) -> dict[str, Any]:
    """The schema of one call of `tool` about a picture of `size`: any of the verbs that `action_types` offer, with their own arguments."""
    verbs = tool.offered(action_types).items()
    arguments = [schema for name, verb in verbs for schema in _verb_schemas(name, verb, size)]
    return _object({"name": {"const": tool.name}, "arguments": {"anyOf": arguments}}, ["name", "arguments"])


def _verb_schemas(name: str, verb: Verb, size: Size) -> list[dict[str, Any]]:
    kinds = _kinds(size)
    if verb.keys == ("text", "keys"):
        # The phone's key: a key or button by its name, or a chord.
        named = {"text": {"enum": [*KEY_BUTTONS, *KEY_NAMES]}, "keys": kinds["keys"]}
        return [_object({"action": {"const": name}, key: kind}, ["action", key]) for key, kind in named.items()]
    if name == "answer_dialog":
        needed = ["accept"]
    elif name == "terminate":
        needed = ["status"]
    else:
        needed = [key for key in verb.expects if key in verb.keys and key not in _OPTIONAL]
    properties = {"action": {"const": name}} | {key: kinds[key] for key in verb.keys}
    if name == "open":
        properties["text"] = {"type": "string", "minLength": 1, "maxLength": 200}
    return [_object(properties, ["action", *needed])]


def _kinds(size: Size) -> dict[str, Any]:
    pair = {"type": "array", "prefixItems": [_whole(0, size.width - 1), _whole(0, size.height - 1)], "items": False, "minItems": 2}
    return {
        "keys": {"type": "array", "items": _KEY, "minItems": 1, "maxItems": 6},
        "text": {"type": "string"},
        "coordinate": pair,
        "coordinate2": pair,
        "start_coordinate": pair,
        "via": {"type": "array", "items": pair, "maxItems": 20},
        "pixels": {"anyOf": [_whole(-_FAR, -1), _whole(1, _FAR)]},
        "time": {"type": "number", "minimum": 0, "maximum": _LONG},
        "button": {"enum": [button.title() for button in BUTTONS]},
        "status": {"enum": ["success", "failure"]},
        "modifiers": {"type": "array", "items": {"enum": list(MODIFIERS)}, "maxItems": len(MODIFIERS)},
        "clicks": _whole(1, 3),
        "url": {"type": "string", "minLength": 1},
        "index": _whole(0, 99),
        "accept": {"type": "boolean"},
        "paths": {"type": "array", "items": {"type": "string", "minLength": 1}},
    }


def _whole(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
