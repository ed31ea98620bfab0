"""Data out of a model: a JSON schema that was checked, replies that are read and validated, and another try with the validator's words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

import jsonschema
import jsonschema.exceptions
import jsonschema.validators
import referencing
import referencing.exceptions

from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.prompt import plain
from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Model, Sampling
from handeye.tools.errors import ParseError, SetupError

RETRIES = 2
"""Further tries after a reply that is not what was asked for."""
_LARGEST = 1_000_000
"""Characters of a reply that are read."""
_START = re.compile(r"[\[{]")
_TRIED = 5
"""Brackets at which JSON may begin."""
_LONGEST = 300
_SHOWN_ERRORS = 5
_DATA = ("const", "default", "enum", "examples")
"""Keywords whose content is no schema."""
_FIX = "see https://json-schema.org/learn"

Value = TypeVar("Value")


class Schema:
    """A JSON schema that is one. Values are validated by it, formats such as `date` included."""

    def __init__(self, content: object) -> None:
        """Raises `SetupError` for what is no schema, or refers to something outside of it."""
        if not isinstance(content, Mapping):
            raise SetupError("a JSON schema is an object, as {" + '"type": "object", ...}.', fix=_FIX)
        kind = jsonschema.validators.validator_for(content, default=jsonschema.Draft202012Validator)
        try:
            kind.check_schema(dict(content))
        except jsonschema.exceptions.SchemaError as error:
            raise SetupError(f"this is no JSON schema: at {error.json_path}, {_short(error.message)}.", fix=_FIX) from error
        except (RecursionError, re.error) as error:
            raise SetupError(f"this is no JSON schema that can be used ({_short(str(error))}).", fix=_FIX) from error
        self.content: Mapping[str, Any] = content
        # An empty registry: a schema must not make this program fetch addresses.
        self._validator = kind(dict(content), registry=referencing.Registry(), format_checker=kind.FORMAT_CHECKER)
        for reference in sorted(_references(content)):
            self._errors(None, {"$ref": reference})

    def complaints(self, value: Any) -> tuple[str, ...]:
        """What is wrong with `value`, in words; nothing if it obeys the schema."""
        return tuple(f"at {error.json_path}, {_short(error.message)}" for error in self._errors(value)[:_SHOWN_ERRORS])

    def _errors(self, value: Any, part: Mapping[str, Any] | None = None) -> list[jsonschema.ValidationError]:
        validator = self._validator if part is None else self._validator.evolve(schema=part)
        try:
            return sorted(validator.iter_errors(value), key=jsonschema.exceptions.relevance)
        except referencing.exceptions.Unresolvable as error:
            raise SetupError(f"the schema refers to {error.ref!r}, which is not in it.", fix="put it under $defs") from error
        except RecursionError as error:
            raise SetupError("the schema refers to itself without end.", fix="let it end somewhere") from error
        except re.error as error:
            raise SetupError(f"the schema holds a pattern that is none ({error}).", fix=_FIX) from error


@dataclass(frozen=True)
class Structured(Generic[Value]):
    """What a model said, as data."""

    value: Value
    repairs: tuple[str, ...]
    """What had to be mended to read it."""
    completions: tuple[Completion, ...]
    """Every try; the last is the one that was read."""


def generate_structured(
    model: Model,
    messages: Sequence[Message],
    schema: Schema,
    read: Callable[[Any], tuple[Value, tuple[str, ...]]],
    sampling: Sampling = Sampling(),
    retries: int = RETRIES,
) -> Structured[Value]:
    """Ask for JSON that obeys `schema`, and again, with what was wrong, as often as `retries`.

    `read` turns the JSON into the value and says what it mended; it raises `ParseError` for what is wrong with it. Raises
    `ParseError`, with the last reply in it, when no reply can be used, and `ModelError` when the model gives none.
    """
    completions: list[Completion] = []
    turns = list(messages)
    while True:
        completion = model.generate(turns, sampling, Constraint(schema.content))
        completions.append(completion)
        try:
            found, repairs = read_json(completion.text)
            value, mended = read(found)
            return Structured(value, (*repairs, *mended), tuple(completions))
        except ParseError as error:
            if len(completions) > retries:
                tries = "1 try" if retries == 0 else f"{retries + 1} tries"
                said = _short(completion.text)
                raise ParseError(f"the model gave nothing that can be used in {tries}: {error}. Its last reply: {said!r}") from error
            turns += [
                Message("assistant", (completion.text,)),
                Message("user", (plain(f"This cannot be used: {error}. Reply again, with the corrected JSON only."),)),
            ]


def read_json(text: str) -> tuple[Any, tuple[str, ...]]:
    """The one JSON value in a reply, and what was mended to read it. Raises `ParseError` for none, for two, and for one cut off."""
    text = text[:_LARGEST].encode("utf-8", "replace").decode("utf-8").strip()
    value, repairs = _read(text)
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise ParseError("the JSON holds a number that is not finite, or half a character") from error
    return value, repairs


def _read(text: str) -> tuple[Any, tuple[str, ...]]:
    """The value of the whole text, else of what follows a thought: a string of the data may hold the thought's end too."""
    reply = text.rpartition("</think>")[2].strip()
    for part in dict.fromkeys((text, reply)):
        try:
            return _strict(part), ()
        except ValueError:
            continue
    return _loose(reply)


def _strict(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except RecursionError as error:
        raise ParseError("the JSON is nested too deeply") from error


def _loose(text: str) -> tuple[Any, tuple[str, ...]]:
    first_error: ParseError | None = None
    for start in [match.start() for match in _START.finditer(text)][:_TRIED]:
        try:
            found = read_loose(text, start)
            if found.cut:
                raise ParseError("the reply is cut off")
        except ParseError as error:
            first_error = first_error or error
            continue
        rest = text[found.end :].strip().removeprefix("```").strip()
        if _START.match(rest):
            raise ParseError("there are several JSON values; give one")
        return found.value, found.repairs
    raise first_error or ParseError("there is no JSON in it")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("the JSON gives a key twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ParseError(f"{constant} is not a JSON value")


def _references(part: object) -> set[str]:
    if isinstance(part, Mapping):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_references(value) for key, value in part.items() if key not in _DATA))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
