"""Data out of documents, in the form of a JSON schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from handeye.agent.ask import SYSTEM, numbered
from handeye.agent.dialects.prompt import plain
from handeye.agent.media.picture import OpenedPicture
from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Model, Sampling
from handeye.agent.structured import RETRIES, Schema, Structured, generate_structured
from handeye.tools.errors import ParseError, SetupError

_REQUEST = """{what} Give the data in it as one JSON value that obeys this JSON schema, and nothing else.
Take only what can be read there; where something is missing, leave it out or use null, as the schema allows.
{schema}"""
_ONE = "This is a document."
_SEVERAL = "These are the pages of one document, in order."


def extract(
    model: Model,
    pages: Picture | OpenedPicture | Sequence[Picture | OpenedPicture],
    schema: Schema | Mapping[str, Any],
    sampling: Sampling = Sampling(),
    retries: int = RETRIES,
) -> Structured[Any]:
    """The data of a document, which obeys `schema`.

    Raises `SetupError` for no pages or a schema that is none, `ParseError`, with the last reply in it, when no reply obeys the
    schema, `ModelError` when there is none.
    """
    pages = [pages] if isinstance(pages, Picture | OpenedPicture) else list(pages)
    if not pages:
        raise SetupError("a document has no pages.", fix="give at least one picture")
    checked = schema if isinstance(schema, Schema) else Schema(schema)

    def read(value: Any) -> tuple[Any, tuple[str, ...]]:
        if complaints := checked.complaints(value):
            raise ParseError("; ".join(complaints))
        return value, ()

    text = json.dumps(checked.content, ensure_ascii=False)
    request = _REQUEST.replace("{what}", _ONE if len(pages) == 1 else _SEVERAL).replace("{schema}", text)
    turns = (Message("system", (SYSTEM,)), Message("user", (*numbered(pages), plain(request))))
    return generate_structured(model, turns, checked, read, sampling, retries)


def read_schema(path: Path) -> Schema:
    """The schema in a JSON file. Raises `SetupError` when there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"the schema {path} cannot be read ({error.strerror}).", fix="see whether the path is right") from error
    except (ValueError, RecursionError) as error:
        raise SetupError(f"the schema {path} is not JSON ({error}).", fix="write a JSON schema into it") from error
    try:
        return Schema(content)
    except SetupError as error:
        raise SetupError(f"{path}: {error.args[0]}", fix=error.fix) from error
