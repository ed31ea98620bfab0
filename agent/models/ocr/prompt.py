"""What a dialect's messages say to the embedded model: the goal, the calls made so far, the notes and the picture."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handeye.agent.messages import Message, Picture
from handeye.tools.errors import ModelError

_QUERY = re.compile(r"the user query:\s*(?P<goal>.*?)(?=\n\s*task progress\b|\Z)", re.IGNORECASE | re.DOTALL)
_PROGRESS = re.compile(r"task progress\b[^:]*:", re.IGNORECASE)
_STEP = re.compile(r"\bstep\s*(\d+)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Request:
    """One question to the model."""

    goal: str
    calls: tuple[dict[str, Any], ...]
    """Arguments of the calls made so far, oldest first, with their `action`."""
    notes: str
    """What else the user turn says."""
    picture: Picture
    phone: bool
    """Whether the calls are to be `mobile_use` ones."""


def read_request(messages: Sequence[Message]) -> Request:
    """Take the last user turn apart. Raises `ModelError` when there is none, or no picture."""
    turns = [message for message in messages if message.role == "user"]
    if not turns or not turns[-1].pictures:
        raise ModelError("The embedded model needs a user turn with a picture.")
    text = turns[-1].text
    system = "".join(message.text for message in messages if message.role == "system")
    goal, rest = _goal(text)
    calls, rest = _calls(rest)
    return Request(goal, calls, rest.strip(), turns[-1].pictures[-1], '"mobile_use"' in system and '"computer_use"' not in system)


def _goal(text: str) -> tuple[str, str]:
    if found := _QUERY.search(text):
        return found["goal"].strip(), text[found.end() :]
    if found := _PROGRESS.search(text):
        return text[: found.start()].strip(), text[found.start() :]
    return text.strip(), ""


def _calls(text: str) -> tuple[tuple[dict[str, Any], ...], str]:
    calls: list[dict[str, Any]] = []
    found = _PROGRESS.search(text)
    position = found.end() if found else 0
    decoder = json.JSONDecoder()
    while step := _STEP.search(text, position):
        try:
            value, position = decoder.raw_decode(text, step.end())
        except json.JSONDecodeError:
            position = step.end()
            continue
        arguments = value.get("arguments", value) if isinstance(value, dict) else None
        if isinstance(arguments, dict):
            calls.append(arguments)
    return tuple(calls), text[position:].lstrip("; .\n")
