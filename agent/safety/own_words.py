"""Values of secrets that cannot be kept: those that are in words of handeye's own, by which it records what is done and judges it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, get_args

from handeye.agent.safety.elements import ROLES
from handeye.agent.safety.lexicon import lexicon
from handeye.agent.safety.reading import INPUT_TYPES, METHODS
from handeye.agent.trajectory import Episode, Result, StepRow
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import SetupError
from handeye.tools.target import Place, Surface, Target

_STATES = ("disabled", "checked", "editable", "password", "focused", "default")


def check_values(vault: Vault) -> None:
    """Raise `SetupError` for a secret whose value is in a word that handeye needs: a verb, a field of its records, a role or kind of a
    field, or a word by which a risk is known ("password", "Submit"). It would be taken out there too: records could not be read any more,
    a password field would not be known for one, and what is left out would tell what the value is.
    """
    for word in _words():
        if vault.redact.finds(word):
            placeholder = vault.redact(word)
            name = next(name for name in vault.names if f"[[secret:{name}]]" in placeholder)
            raise SetupError(
                f"The value of the secret {name} is, or is in, a word that handeye needs to tell what it sees and does: hidden there too, "
                "it would be no secret.",
                fix="use another one, or have it typed as plain text",
            )


@cache
def _words() -> tuple[str, ...]:
    schemas = (record.model_json_schema() for record in (Episode, StepRow, Result))
    found = {word for schema in schemas for word in _of_schema(schema)}
    found |= {field.name for field in fields(Target)} | {*get_args(Surface), *get_args(Place), *_STATES, *INPUT_TYPES, *METHODS, *ROLES}
    spoken = {form for phrase in lexicon().phrases() for form in (phrase, phrase.capitalize(), phrase.title(), phrase.upper())}
    return tuple(sorted(found | spoken))


def _of_schema(schema: Any) -> Iterator[str]:
    """Names of fields, and values that a field may have."""
    if isinstance(schema, dict):
        for name, part in schema.items():
            if name == "properties":
                yield from part
            if name in ("enum", "const"):
                yield from (value for value in ([part] if name == "const" else part) if isinstance(value, str))
            yield from _of_schema(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _of_schema(part)
