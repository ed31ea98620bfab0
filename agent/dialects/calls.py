"""Finds the tool calls in a reply: between tags, in a fence, or bare, whatever stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from handeye.agent.dialects.loose_json import Loose, read_loose
from handeye.tools.errors import ParseError

MAX_TEXT = 400_000
MAX_CALLS = 16

_OPEN = re.compile(r"<tool_call>", re.I)
_CLOSE = re.compile(r"</tool_call>", re.I)
_BETWEEN = re.compile(r"(?:\s++|```(?:json|tool_call)?|,)*+", re.I)
_EXTRA = re.compile(r"\s*+[}\])][\s}\])]*+")
_CODE = re.compile(r"```(?!json\b|tool_call\b|text\b)[a-z]\w*+.*?(?:```|\Z)", re.I | re.S)
_OBJECT = re.compile(r"\{\s*+[\"'“”„‘’]?+\s*+\w[\w ]{0,40}+\s*+[\"'“”‘’]?+\s*+:")
_TAG = re.compile(r"</?tool_call>", re.I)
_MEMBER = ('"', "'", ":", "“", "‘")
_LEFTOVERS = re.compile(r"</?tool_call>|```(?:json|tool_call)?|<\|im_end\|>|<\|endoftext\|>", re.I)


@dataclass(frozen=True)
class Call:
    """One call as it stands in the reply, its keys in lower case and without spaces around."""

    name: str
    """The tool's name; empty if there is none."""
    arguments: dict[str, Any]
    cut: bool = False
    """The reply broke off before the call was closed: arguments may be missing."""


@dataclass(frozen=True)
class Calls:
    """What a reply holds."""

    thought: str
    calls: tuple[Call, ...]
    repairs: tuple[str, ...]


def read_calls(text: str) -> Calls:
    """The calls of a reply in order, at least one. Raises `ParseError` when there is none, or when one of them cannot be read."""
    if len(text) > MAX_TEXT:
        raise ParseError("the reply is far too long")
    if not text.strip():
        raise ParseError("the reply is empty")
    # Halves of surrogate pairs could neither be typed nor written to a file later.
    text = text.encode("utf-8", "replace").decode("utf-8")
    found = _Found()
    if _OPEN.search(text):
        _tagged(text, found)
    else:
        _bare(text, found)
    if not found.calls:
        raise ParseError("there is no tool call in the reply")
    if len(found.calls) > 1:
        found.repairs[f"the reply holds {len(found.calls)} calls"] = None
    thought = _LEFTOVERS.sub("", "".join(found.thought)).strip()
    return Calls(thought, tuple(found.calls), tuple(found.repairs))


class _Found:
    def __init__(self) -> None:
        self.thought: list[str] = []
        self.calls: list[Call] = []
        self.repairs: dict[str, None] = {}

    def add(self, read: Loose) -> None:
        self.repairs |= dict.fromkeys(read.repairs)
        values = read.value if isinstance(read.value, list) else [read.value]
        for value in values:
            if not isinstance(value, dict):
                raise ParseError("a tool call is a JSON object, not a list of numbers or words")
            self.calls.append(self.call(value, read.cut))
        if len(self.calls) > MAX_CALLS:
            raise ParseError(f"the reply holds more than {MAX_CALLS} calls; give one")

    def call(self, value: dict[str, Any], cut: bool) -> Call:
        value = _folded(value)
        if isinstance(nested := value.get("function"), dict):
            value = _folded(nested)
        name = value.pop("name", None)
        if name is not None and not isinstance(name, str):
            raise ParseError('the "name" of a tool call is a string')
        given = [value.pop(key) for key in ("arguments", "parameters", "args") if key in value]
        arguments, beside = (given[0], value) if given else (value, {})
        if isinstance(arguments, str):
            inner = read_loose(arguments)
            if arguments[inner.end :].strip("} \n\t"):
                raise ParseError('the "arguments" are neither a JSON object nor the text of one')
            self.repairs |= dict.fromkeys(("read arguments that were given as a string", *inner.repairs))
            arguments, cut = inner.value, cut or inner.cut
        if isinstance(arguments, list):
            self.repairs["read arguments that were given as a list"] = None
            if len(arguments) == 1 and isinstance(arguments[0], dict):
                arguments = arguments[0]
            elif arguments and all(isinstance(number, int | float) for number in arguments):
                arguments = {"coordinate": arguments}
        if not isinstance(arguments, dict):
            raise ParseError('the "arguments" of a tool call are a JSON object')
        return Call((name or "").strip(), self.joined(_folded(arguments), beside), cut)

    def joined(self, arguments: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
        for key, value in beside.items():
            if key in ("type", "id"):
                continue
            if arguments.get(key, value) != value:
                raise ParseError(f"the call gives {key[:30]!r} twice with different values")
            self.repairs['read arguments that stood beside "arguments"'] = None
            arguments[key] = value
        return arguments


def _folded(value: dict[str, Any]) -> dict[str, Any]:
    folded = {key.strip().lower(): item for key, item in value.items()}
    if len(folded) < len(value):
        raise ParseError("the JSON gives a key twice")
    return folded


def _tagged(text: str, found: _Found) -> None:
    at = 0
    while opening := _OPEN.search(text, at):
        found.thought.append(text[at : opening.start()])
        at, before = opening.end(), len(found.calls)
        while text[(at := _skip(_BETWEEN, text, at)) : at + 1] in ("{", "["):
            read = read_loose(text, at)
            found.add(read)
            at = read.end
            if (end := _skip(_EXTRA, text, at)) > at:
                found.repairs["dropped a closing bracket too many"] = None
                at = end
        if len(found.calls) == before:
            if before and at == len(text):
                found.repairs["<tool_call> stood where </tool_call> belongs"] = None
                break
            raise ParseError("there is no JSON object after <tool_call>")
        if closing := _CLOSE.match(text, at):
            at = closing.end()
        else:
            found.repairs["the end tag </tool_call> was missing"] = None
            _nothing_lost(text, at)
    found.thought.append(text[at:])


def _nothing_lost(text: str, at: int) -> None:
    # `{"action": "left_click"}}, "coordinate": [1, 2]}` must not become a click without a coordinate.
    tag = _TAG.search(text, at)
    if text[at : at + 1] in _MEMBER or (tag and tag.group().startswith("</") and text[at : tag.start()].strip()):
        raise ParseError("something stands after the JSON object that may belong to it; check the brackets")


def _bare(text: str, found: _Found) -> None:
    text = _CODE.sub(" ", text)
    at = 0
    while opening := _OBJECT.search(text, at):
        if found.calls and not _BETWEEN.fullmatch(text, at, opening.start()):
            raise ParseError("there are several calls with words between them; give one, between <tool_call> tags")
        found.thought.append(text[at : opening.start()])
        read = read_loose(text, opening.start())
        found.add(read)
        at = _skip(_BETWEEN, text, _skip(_EXTRA, text, read.end))
        if text[at : at + 1] in _MEMBER:
            raise ParseError("something stands after the JSON object that may belong to it; check the brackets")
    found.thought.append(text[at:])
    found.repairs["the tags <tool_call> were missing"] = None


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
