"""Takes keys and passwords out of texts that are written down: a run's folder is made to be passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

HIDDEN = "***"
SHORTEST = 8
"""A shorter value of the environment is a word ("none", "EMPTY") that would tear holes into ordinary text."""

_NAME = (
    r"(?:[A-Za-z0-9]{1,40}[_-]){0,6}(?:api[_-]?key|key|token|secret|passw(?:or)?d|passwd|pwd|credentials?|authorization|auth|signature|sig)"
)
_SECRET_NAME = re.compile(rf"(?:^|[_-]){_NAME}s?$|^{_NAME}s?$", re.IGNORECASE)
_PAIR = re.compile(rf"(?<![A-Za-z0-9]){_NAME}\s*[=:]\s*['\"]?(?P<value>[^\s&;,'\"]+)", re.IGNORECASE)
"""`--api-key=VALUE`, `?token=VALUE`, `PASSWORD: VALUE`."""
_USER = re.compile(r"(?<=://)[^/\s@?#]+(?=@)")
"""`http://USER:PASSWORD@HOST`."""
_BEARER = re.compile(r"(?<=\bbearer )\S+", re.IGNORECASE)
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}|gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|AIza[\w-]{20,}|AKIA[A-Z0-9]{12,}|xox[abprs]-[\w-]{10,})"
)
"""Keys that tell themselves by how they begin: OpenAI and those who copied it, Hugging Face, GitHub, Google, AWS, Slack."""


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Values of the variables whose names say that they hold a secret, the longest first."""
    found = {value.strip() for name, value in environment.items() if _SECRET_NAME.search(name)}
    return tuple(sorted((value for value in found if len(value) >= SHORTEST), key=len, reverse=True))


def hidden_keys(text: str, secrets: Sequence[str] = ()) -> str:
    """`text` with `secrets`, and what tells itself as a key or a password, as `***`: safe for prose, where `key: ...` is no key."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _KEYS.sub(HIDDEN, _BEARER.sub(HIDDEN, _USER.sub(HIDDEN, text)))


def hidden(text: str, secrets: Sequence[str] = ()) -> str:
    """As `hidden_keys`, and the values of what is named like a secret too (`--api-key=...`, `?token=...`)."""
    found = hidden_keys(text, secrets)
    return _PAIR.sub(lambda match: match.group()[: match.start("value") - match.start()] + HIDDEN, found)


def hidden_in_command(words: Sequence[str], secrets: Sequence[str] = ()) -> list[str]:
    """A command line; the word after an option that is named like a secret (`--api-key VALUE`) goes too."""
    shown = list[str]()
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        named = before.startswith("-") and "=" not in before and _SECRET_NAME.search(before.lstrip("-")) is not None
        shown.append(HIDDEN if named and not word.startswith("-") else hidden(word, secrets))
    return shown


def hidden_within(value: Any, secrets: Sequence[str] = ()) -> Any:
    """The same JSON value with every text in it as `hidden` gives it, and what stands under the name of a secret as `***`."""
    if isinstance(value, str):
        return hidden(value, secrets)
    if isinstance(value, Mapping):
        return {name: _under(str(name), inner, secrets) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hidden_within(inner, secrets) for inner in value]
    return value


def _under(name: str, value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str) and value and _SECRET_NAME.search(name):
        return HIDDEN
    return hidden_within(value, secrets)
