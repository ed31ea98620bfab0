"""Asks a server for a form of the reply, and makes the reply what was asked for where the server can only do a part of it.

Everything goes through `response_format`: vLLM turns it into what its own `structured_outputs` says, and a server that is too old for
a form refuses it, while a parameter that it does not know it would drop without a word (vLLM did so to `guided_json` from 0.12 on).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handeye.agent.models.base import Constraint
from handeye.agent.models.openai.kinds import Form, ServerKind

NAME = "reply"
"""The schema's name: the protocol wants one."""

_STRICT_REFUSES = ("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties")
"""Keywords that OpenAI's strict mode refuses (platform.openai.com/docs/guides/structured-outputs)."""


def forms_of(constraint: Constraint, kind: ServerKind) -> tuple[Form, ...]:
    """The forms that can be tried, the tightest first. A tag is for what stands around the JSON, so plain JSON needs none."""
    around = bool(constraint.before or constraint.after)
    return tuple(form for form in kind.forms if around or form != "structural_tag")


def response_format(form: Form, constraint: Constraint, kind: ServerKind) -> dict[str, Any]:
    """The parameter of that name.

    The structural tag is xgrammar's: a sequence of constant text and JSON (xgrammar's guide, "Structural Tag"; `format` is what vLLM's
    StructuralTagResponseFormat and SGLang hand on to it).
    """
    schema = dict(constraint.schema)
    if form == "json_object":
        return {"type": "json_object"}
    if form == "json_schema":
        wanted: dict[str, Any] = {"name": NAME, "schema": schema}
        if kind.strict and fits_strict(schema):
            wanted["strict"] = True
        return {"type": "json_schema", "json_schema": wanted}
    elements: list[dict[str, Any]] = [{"type": "json_schema", "json_schema": schema}]
    if constraint.before:
        elements.insert(0, {"type": "const_string", "value": constraint.before})
    if constraint.after:
        elements.append({"type": "const_string", "value": constraint.after})
    return {"type": "structural_tag", "format": {"type": "sequence", "elements": elements}}


def fits_strict(schema: Mapping[str, Any]) -> bool:
    """Whether OpenAI's strict mode takes a schema: an object at the root, all objects closed, all their properties required."""
    return schema.get("type") == "object" and "anyOf" not in schema and _strict_below(schema)


def _strict_below(schema: object) -> bool:
    if isinstance(schema, list):
        return all(_strict_below(item) for item in schema)
    if not isinstance(schema, Mapping):
        return not isinstance(schema, bool)
    if any(keyword in schema for keyword in _STRICT_REFUSES):
        return False
    properties = schema.get("properties", {})
    closed = schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(properties)
    if (schema.get("type") == "object" or properties) and not closed:
        return False
    inner = [*properties.values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    inner += [schema[keyword] for keyword in ("items", "prefixItems") if keyword in schema]
    return all(_strict_below(item) for item in inner)


@dataclass(frozen=True)
class Fitted:
    """A reply as the constraint wants it."""

    text: str
    outcome: str
    """How it came to be, for the record."""


def fit(text: str, constraint: Constraint, form: Form | None, complete: bool) -> Fitted:
    """Put `before` and `after` around JSON that came alone; leave everything else as it is.

    `complete` is False for a reply that was cut off: it gets no end that the model did not come to.
    """
    if form is None:
        return Fitted(text, "none: the server takes no form of it")
    if form == "structural_tag":
        return Fitted(text, f"{form}: kept" if text.startswith(constraint.before) else f"{form}: not obeyed")
    bare = text.strip()
    if complete and _is_json(bare):
        if constraint.before or constraint.after:
            return Fitted(constraint.before + bare + constraint.after, f"{form}: wrapped")
        return Fitted(text, f"{form}: kept")
    if not complete and bare.startswith(("{", "[")):
        return Fitted(constraint.before + bare, f"{form}: wrapped")
    return Fitted(text, f"{form}: not obeyed")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
