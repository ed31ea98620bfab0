"""What a dialect's messages say to the embedded model: the goal, the calls made so far, the notes and the picture."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from handeye.agent.messages import Message, Picture
from handeye.tools.errors import ModelError

_QUERY = re.compile(r"the user query:\s*(?P<goal>.*?)(?=\n\s*task progress\b|\Z)", re.IGNORECASE | re.DOTALL)
_PROGRESS = re.compile(r"task progress\b[^:]*:", re.IGNORECASE)
_FAILED = re.compile(r"\s*\(failed: (?=\")")
_SCREEN = re.compile(r"^<screen>\n(?P<facts>.*?)^</screen>$", re.MULTILINE | re.DOTALL)
_DIALOG = re.compile(r"^a (?P<kind>\w+) dialog waits[^:\n]*: (?P<message>\".*)$", re.MULTILINE)
_REFUSED = re.compile(r"^Note: Your last action was not carried out\. ?(?P<why>.*)$", re.MULTILINE)
_LOCATE = re.compile(r"locate this in the picture and give its bbox_2d[^:]*:\s*(?P<goal>.*)", re.IGNORECASE | re.DOTALL)
_BEGUN_POINT = re.compile(r'"coordinate":\s*\[\s*\Z')
_STEP = re.compile(r"\bstep\s*(\d+)\s*:\s*", re.IGNORECASE)


Wanted: TypeAlias = Literal["call", "box", "numbers"]
"""What is asked for: the next call, a list with the box of one thing, or the numbers that a call lacks which was begun already."""


@dataclass(frozen=True)
class Waiting:
    """A dialog of the page that has to be answered first."""

    kind: str
    """alert, confirm, prompt or beforeunload."""
    message: str
    """As the prompt quotes it."""


@dataclass(frozen=True, eq=False)
class Request:
    """One question to the model."""

    goal: str
    calls: tuple[dict[str, Any], ...]
    """Arguments of the calls made so far, oldest first, with their `action`."""
    failed: tuple[bool, ...]
    """Which of them were not carried out."""
    notes: str
    """What else the user turn says."""
    picture: Picture
    phone: bool
    """Whether the calls are to be `mobile_use` ones."""
    dialog: Waiting | None = None
    refused: str | None = None
    """Why the last call was not carried out; None if it was."""
    desktop: bool = False
    """The screen tells the program in front and no address: it is a desktop's, where text goes to what has the keyboard."""
    wanted: Wanted = "call"


def read_request(messages: Sequence[Message]) -> Request:
    """Take the last user turn apart. Raises `ModelError` when there is none, or no picture.

    Of a forced beginning only the open point of a click is gone on from; after any other the reply is a whole call.
    """
    turns = [message for message in messages if message.role == "user"]
    if not turns or not turns[-1].pictures:
        raise ModelError("The embedded model needs a user turn with a picture.")
    text = turns[-1].text
    system = "".join(message.text for message in messages if message.role == "system")
    if found := _LOCATE.search(text):
        return Request(found["goal"].strip(), (), (), "", turns[-1].pictures[-1], phone=False, wanted="box")
    goal, rest = _goal(text)
    if messages[-1].role == "assistant" and _BEGUN_POINT.search(messages[-1].text):
        return Request(goal, (), (), "", turns[-1].pictures[-1], phone=False, wanted="numbers")
    calls, failed, rest = _calls(rest)
    phone = '"mobile_use"' in system and '"computer_use"' not in system
    facts = found["facts"] if (found := _SCREEN.search(rest)) else ""
    dialog = Waiting(found["kind"], found["message"]) if (found := _DIALOG.search(facts)) else None
    desktop = not phone and re.search(r"^app: ", facts, re.MULTILINE) is not None and not re.search(r"^url: ", facts, re.MULTILINE)
    refused = _REFUSED.search(_SCREEN.sub("", rest))
    why = refused["why"].strip() if refused else "It failed." if failed and failed[-1] else None
    failed = (*failed[:-1], why is not None) if failed else ()
    return Request(goal, calls, failed, rest.strip(), turns[-1].pictures[-1], phone, dialog, why, desktop)


def _goal(text: str) -> tuple[str, str]:
    if found := _QUERY.search(text):
        return found["goal"].strip(), text[found.end() :]
    if found := _PROGRESS.search(text):
        return text[: found.start()].strip(), text[found.start() :]
    return text.strip(), ""


def _calls(text: str) -> tuple[tuple[dict[str, Any], ...], tuple[bool, ...], str]:
    calls: list[dict[str, Any]] = []
    failed: list[bool] = []
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
            failed.append(False)
            if error := _FAILED.match(text, position):
                failed[-1] = True
                position = _end_of_string(text, error.end())
    return tuple(calls), tuple(failed), text[position:].lstrip("; .\n")


def _end_of_string(text: str, start: int) -> int:
    """Where the JSON string at `start`, and the bracket after it, end."""
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError:
        return start
    return end + 1 if text[end : end + 1] == ")" else end
