"""Options that stand in the name of a model, as in `transformers:FOLDER?dtype=float32&cache=0`: one string opens the model again."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl, quote, urlencode

from handeye.tools.errors import SetupError

T = TypeVar("T")


def split_options(argument: str) -> tuple[str, str]:
    """What stands before the first `?`, and what stands behind it."""
    name, _, query = argument.partition("?")
    return name, query


def read_options(query: str, kind: type[T], backend: str) -> T:
    """An instance of the frozen dataclass `kind` from `name=value&name=value`.

    Fields may be str, int, float, bool (`0`, `1`, `true`, `false`) or a `Literal` of strings; each has a default. Raises `SetupError`
    for a name that `kind` does not have, a name given twice, and a value that does not fit.
    """
    hints = get_type_hints(kind)
    known = [one.name for one in dataclasses.fields(kind)]  # type: ignore[arg-type]
    fix = f"{backend}: takes {', '.join(known)}"
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise SetupError(f"the model name has an option {name!r}, which {backend}: does not have.", fix=fix)
        if name in given:
            raise SetupError(f"the model name gives {name!r} twice.", fix="give each option once")
        given[name] = _value(name, value, hints[name])
    if query and not given:
        raise SetupError(f"the options {query!r} of the model name cannot be read.", fix=f"write name=value&name=value; {fix}")
    return kind(**given)


def write_options(options: Any) -> str:
    """The options that are not at their defaults as `?name=value&...`; empty if all are."""
    changed = {one.name: value for one in dataclasses.fields(options) if (value := getattr(options, one.name)) != one.default}
    text = {name: str(int(value)) if isinstance(value, bool) else f"{value}" for name, value in changed.items()}
    return "?" + urlencode(text, quote_via=quote, safe="/:") if text else ""


def _value(name: str, text: str, kind: Any) -> Any:
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    if choices:
        if text not in choices:
            raise SetupError(f"{name}={text} is not possible.", fix=f"{name} is one of {', '.join(choices)}")
        return text
    if kind is bool:
        if text.lower() not in _BOOLS:
            raise SetupError(f"{name}={text} is neither yes nor no.", fix=f"write {name}=1 or {name}=0")
        return _BOOLS[text.lower()]
    if kind is str:
        return text
    try:
        return kind(text)
    except ValueError as error:
        raise SetupError(f"{name}={text} is not a number.", fix=f"write {name}= and a number") from error


_BOOLS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
