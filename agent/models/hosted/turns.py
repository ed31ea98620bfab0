"""A conversation as the providers' interfaces see it: items that the model gave, and what came of each of its calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from handeye.agent.messages import Message, Picture, Tool
from handeye.tools.errors import SetupError


@dataclass(frozen=True, eq=False)
class Asked:
    """A turn of ours."""

    texts: tuple[str, ...]
    pictures: tuple[Picture, ...]
    consent: bool = False


@dataclass(frozen=True, eq=False)
class Given:
    """A turn of the model's: its items as they came, or text where they were none."""

    items: tuple[dict[str, Any], ...] = ()
    text: str = ""


@dataclass(frozen=True, eq=False)
class Conversation:
    """Everything that is said to the model. Turns of ours and of the model's alternate; the last is ours."""

    system: str
    tools: tuple[Tool, ...]
    turns: tuple[Asked | Given, ...] = field(default=())


def conversation_of(messages: Sequence[Message]) -> Conversation:
    """The conversation in `messages`. Raises `SetupError` where it ends with the beginning of an answer, which these interfaces do not
    go on from, and for videos, which they do not take."""
    if messages and messages[-1].role == "assistant":
        raise SetupError("This interface does not go on from the beginning of an answer.", fix="ask without: --protocol point")
    if any(message.videos for message in messages):
        raise SetupError("This interface takes no videos.", fix="show pictures of it")
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    tools = tuple(tool for message in messages for tool in message.tools)
    turns = tuple(_turn(message) for message in messages if message.role != "system")
    return Conversation(_written(system), tools, turns)


def _turn(message: Message) -> Asked | Given:
    if message.role == "user":
        texts = tuple(_written(part) for part in message.parts if isinstance(part, str) and part.strip())
        return Asked(texts, message.pictures, message.consent)
    try:
        read = json.loads(message.text)
    except (ValueError, RecursionError):
        read = None
    items = read if isinstance(read, list) else [read]
    if items and all(isinstance(item, dict) and isinstance(item.get("type"), str) for item in items):
        return Given(items=tuple(items))
    return Given(text=_written(message.text))


def _written(text: str) -> str:
    # Halves of surrogate pairs, as a page's title may hold, have no bytes in UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")
