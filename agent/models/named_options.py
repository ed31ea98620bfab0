"""Options that stand in the name of a model, as in `transformers:FOLDER?dtype=float32&caches=0`: one string opens the model again."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from pydantic import BaseModel, ValidationError

from handeye.tools.errors import SetupError

Options = TypeVar("Options", bound=BaseModel)


def split_options(argument: str) -> tuple[str, str]:
    """What stands before the first `?`, and what stands behind it."""
    name, _, query = argument.partition("?")
    return name, query


def option_pairs(query: str, known: str) -> list[tuple[str, str]]:
    """The names and values of `name=value&name=value`. Raises `SetupError`, with `known` as the fix, for another form."""
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise SetupError("what follows ? is not of the form option=value&option=value.", fix=known) from None


def read_options(query: str, kind: type[Options]) -> Options:
    """An instance of `kind`, a frozen model that forbids what it does not know, from `name=value&name=value`.

    Raises `SetupError`, which repeats no value (it may be a key that slipped in), for an option that does not exist, is given twice or
    does not fit.
    """
    known = known_options(kind)
    pairs = option_pairs(query, known)
    if len({name for name, _ in pairs}) != len(pairs):
        raise SetupError("an option is given twice.", fix="give each option once")
    try:
        return kind.model_validate(dict(pairs))
    except ValidationError as error:
        raise SetupError(_what_is_wrong(error), fix=known) from None


def known_options(kind: type[BaseModel]) -> str:
    """The options that there are, in words."""
    return f"the options are {', '.join(kind.model_fields)}"


def write_options(options: BaseModel) -> str:
    """The options that are not at their defaults as `?name=value&...`; empty if all are."""
    changed = {name: value for name, value in options if value != type(options).model_fields[name].default}
    text = {name: str(int(value)) if isinstance(value, bool) else f"{value}" for name, value in changed.items()}
    return "?" + urlencode(text, quote_via=quote, safe="/:") if text else ""


def _what_is_wrong(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        # A word that looks like an option is named; anything else may be a key that slipped in.
        said = f" {name!r}" if re.fullmatch(r"[a-z_]{1,20}", name) else ""
        return f"there is no option{said} for this model."
    return f"the option {name}: {first['msg'][:1].lower()}{first['msg'][1:]}."
