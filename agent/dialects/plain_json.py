"""A plain JSON dialect for any model that follows instructions: our own actions, as they are, one JSON object a reply."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic.fields import FieldInfo

from handeye.agent.coordinates import CoordinateSpace, Relative, SmartResizedPixels
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.calls import Call, read_calls
from handeye.agent.dialects.hermes import dump
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, History, Numbers, Reading, Said, Worded
from handeye.agent.models.base import Constraint
from handeye.envs import actions as act
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size

Space: TypeAlias = Literal["1000", "pixels"]
MAX_PIXELS = 4_014_080
"""The same as Qwen2.5-VL's dialect: a 2560x1440 screen keeps its size. A hosted model may shrink a picture more; then points in pixels are
wrong, and those from 0 to 1000 are not."""

_SYSTEM = """You work the screen of a device for a user, one action at a time. After each action you see the screen again.
Reply with one JSON object and nothing else: {"thought": "one sentence about what you see and do", "action": {...}}
A point is [x, y]: %s.
These are the actions; what stands after an equals sign is used if you leave the member out:
{{tools}}"""
_WHERE = {
    "1000": "x from 0 (left edge) to 1000 (right edge), y from 0 (top) to 1000 (bottom)",
    "pixels": "pixels of the picture, which is {{width}} wide and {{height}} high, from its top left corner",
}
_TASK = "{{picture}}Task: {{goal}}\nDone so far:\n{{progress}}\n{{screen}}\n{{notes}}\n"
_POINTS = ("point", "start", "end", "via")
_SAME = {
    "point": ("coordinate", "coordinates", "position", "result", "bbox_2d", "bbox", "box", "point_2d"),
    "start": ("from", "start_coordinate"),
    "end": ("to", "end_coordinate", "coordinate2"),
}
_TAGS = "the tags <tool_call> were missing"
_WORDS = ("thought", "reasoning", "description", "label", "id")


def _kind(name: str, field: FieldInfo) -> str:
    if name == "via":
        return "[[x, y], ...]"
    if name in _POINTS:
        return "[x, y]"
    kind = field.annotation
    if options := typing.get_args(kind) if typing.get_origin(kind) is Literal else ():
        return " or ".join(map(json.dumps, options))
    names: dict[Any, str] = {str: '"..."', float: "number", int: "whole number", bool: "true or false", str | None: '"..."'}
    return names.get(kind, '["...", ...]')


def _line(kind: type[Any]) -> str:
    members = [f'"type": "{kind.model_fields["type"].default}"']
    for name, field in kind.model_fields.items():
        if name != "type":
            default = "" if field.is_required() else f"={json.dumps(field.default)}"
            members.append(f'"{name}": {_kind(name, field)}{default}')
    return f"{{{', '.join(members)}}}  {' '.join((kind.__doc__ or '').split())}"


def _space(space: Space, max_pixels: int) -> CoordinateSpace:
    pixels = SmartResizedPixels(1, 1, max_pixels)
    return pixels if space == "pixels" else Relative(1000, pixels)


class PlainJson(Worded):
    """Our actions as JSON. Everything can be said."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        space: Space = "1000",
        max_pixels: int = MAX_PIXELS,
        prompt_file: str | Path | None = None,
        loop_actions: frozenset[str] = LOOP_ACTIONS,
        history: History | None = None,
        history_steps: int = 100,
        history_pictures: int | None = None,
    ) -> None:
        """`action_types`: the environment's verbs. `space`: how points are said, 0 to 1000 or pixels of the picture; `max_pixels` limits
        the picture. The rest is every such dialect's own."""
        if space not in _WHERE:
            raise ValueError(f"space is one of {', '.join(_WHERE)}")
        family = Family(
            name="json" if space == "1000" else "json/pixels",
            space=_space(space, max_pixels),
            prompt=Prompt(_SYSTEM % _WHERE[space], _TASK),
            verbs=tuple((name, _line(kind)) for name, kind in act.ACTIONS.items()),
            example='{"thought": "...", "action": {"type": "click", "point": [x, y]}}',
        )
        super().__init__(
            family,
            action_types,
            prompt_file=prompt_file,
            loop_actions=loop_actions,
            history=history,
            history_steps=history_steps,
            history_pictures=history_pictures,
        )

    def constraint(self, size: Size) -> Constraint:
        """One object with a thought and an action of the environment, its points inside of the picture."""
        schema = act.action_schema(self.action_types)
        wide, high = (1000, 1000) if isinstance(self.family.space, Relative) else self.picture_size(size)
        sides = [{"type": "integer", "minimum": 0, "maximum": side} for side in (wide, high)]
        point = {"type": "array", "prefixItems": sides, "items": False, "minItems": 2}
        shared = schema.pop("$defs", {}) | {"Point": point}
        schema.pop("discriminator", None)
        properties = {"thought": {"type": "string"}, "action": _with_points(schema, point)}
        whole = {"type": "object", "properties": properties, "required": ["thought", "action"], "additionalProperties": False}
        return Constraint(whole | {"$defs": {name: _with_points(one, point) for name, one in shared.items()}})

    def read(self, reading: Reading) -> Said:
        """See `Worded.read`."""
        found = read_calls(reading.text)
        for repair in found.repairs:
            if repair != _TAGS:
                reading.mend(repair)
        thoughts, actions = [found.thought.strip()], []
        for call in found.calls:
            thought, values = _parts(call)
            thoughts.append(thought)
            actions.append(_action(values, call.cut, reading))
        return Said(tuple(actions), "\n".join(filter(None, thoughts)))

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """See `Worded.write`."""
        values = action.model_dump(mode="json", exclude_defaults=True)
        said: dict[str, Any] = {"type": action.type} | {name: value for name, value in values.items() if name not in _POINTS}
        for name in ("via", "start", "point", "end"):
            if name in values:
                value = getattr(action, name)
                said[name] = [numbers(point) for point in value] if name == "via" else numbers(value)
        return dump(said)

    def reply(self, words: str, thought: str = "") -> str:
        """See `Worded.reply`."""
        return f'{{"thought": {dump(thought)}, "action": {words}}}' if thought else f'{{"action": {words}}}'


class PlainJsonPixels(PlainJson):
    """The same with points in pixels of the picture."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """See `PlainJson`."""
        super().__init__(action_types, **{"space": "pixels"} | options)


def _with_points(schema: Any, point: Mapping[str, Any]) -> Any:
    """`schema` with every pair of whole numbers held to the picture."""
    if isinstance(schema, list):
        return [_with_points(item, point) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "array" and len(schema.get("prefixItems", ())) == 2:
        return dict(point)
    return {key: _with_points(value, point) for key, value in schema.items()}


def _parts(call: Call) -> tuple[str, dict[str, Any]]:
    values = dict(call.arguments)
    thought = values.get("thought", values.get("reasoning"))
    if isinstance(inner := values.get("action"), dict):
        return (thought if isinstance(thought, str) else ""), {str(key).strip().lower(): value for key, value in inner.items()}
    if isinstance(inner, str) and "type" not in values:
        values["type"] = values.pop("action")
    if call.name:
        values["name" if values.get("type") == "open_app" else "type"] = call.name
    return (thought if isinstance(thought, str) else ""), {key: value for key, value in values.items() if key not in _WORDS}


def _action(values: dict[str, Any], cut: bool, reading: Reading) -> act.Action:
    said = values.pop("type", None)
    if said is None and len(values) == 1 and values.keys() <= {"point", *_SAME["point"]}:
        reading.mend("a point without an action was taken for a click")
        said = "click"
    kind = act.ACTIONS.get(said.strip().lower().replace("-", "_")) if isinstance(said, str) else None
    if kind is None:
        raise ParseError('"type" is missing' if said is None else f"there is no action {str(said)[:40]!r}")
    last = next(reversed(values), "")
    if cut and not (last in ("point", "end") or (last in kind.model_fields and kind.model_fields[last].is_required())):
        raise ParseError("the reply is cut off")
    arguments = reading.arguments(values)
    taken = {name: _value(kind, name, arguments) for name in kind.model_fields if name != "type"}
    action = build(kind, **taken)
    if left := [name for name in arguments.left() if name not in _WORDS]:
        if any(getattr(action, name, 0) is None for name in ("point", "start")):
            raise ParseError(f"{said} does not take {left[0][:40]!r}")
        reading.mend(f"ignored {', '.join(repr(name[:40]) for name in left[:5])}, which {said} does not take")
    return action


def _value(kind: type[Any], name: str, arguments: Arguments) -> Any:
    if name == "via":
        return arguments.points(name) or None
    if name in ("point", "start", "end"):
        return arguments.point(name, *_SAME[name], boxes=name == "point")
    if name in ("keys", "modifiers"):
        return arguments.keys(name)
    if kind.model_fields[name].annotation in (str, str | None):
        return arguments.text(name)
    return arguments.take(name)
