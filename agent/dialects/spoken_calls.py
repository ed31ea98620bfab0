"""Reads a call that a model writes as text, `name(key='value', other=[1, 2])`: found by hand, never by running it.

Every character is looked at a bounded number of times, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handeye.tools.errors import ParseError

MAX_VALUES = 12
"""Values that one call may have."""

_NAME = re.compile(r"\s*+([A-Za-z_][\w.]{0,40}+)[ \t]{0,9}\(")
_KEY = re.compile(r"\s*+([A-Za-z_]\w{0,40}+)\s{0,9}[=:]\s{0,9}")
_QUOTES = {quote: pair for pair in ("'", '"', "“”„", "‘’") for quote in pair}
_AFTER_VALUE = r"\s{0,20}+(?:\)|,\s{0,9}+[A-Za-z_]\w{0,40}+\s{0,9}+=|,\s{0,9}+\))"
_TO_THE_END = {
    quote: re.compile(rf"((?:[^{pair}\\]++|\\.|[{pair}](?!{_AFTER_VALUE}))*+)[{pair}]", re.S) for quote, pair in _QUOTES.items()
}  # fmt: skip
"""A text up to the quote after which the call goes on: quotes before that stand in the text."""
_BARE_QUOTE = {quote: re.compile(rf"[^{pair}\\]*+(?:\\.[^{pair}\\]*+)*+[{pair}]", re.S) for quote, pair in _QUOTES.items()}
_UNCLOSED = re.compile(r"\s{0,9}(<point>[0-9\s.,-]{1,60}</point>|<bbox>[0-9\s.,-]{1,60}</bbox>|[(\[][0-9\s.,-]{1,60}[)\]])(?=\s{0,9}\))")
_LIST = re.compile(r"[\[(]\s{0,9}+(-?[0-9.]{1,40}(?:\s{0,9}+,\s{0,9}+-?[0-9.]{1,40}){0,7}+)\s{0,9}+,?\s{0,9}+[\])]")
_PLAIN = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?|None|True|False|true|false", re.A)
_TAGGED = re.compile(r"<point>[0-9\s.,-]{1,60}</point>")
_ESCAPE = re.compile(r"\\(.)", re.S)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "\\": "\\"}
_WORDS = {"None": None, "True": True, "False": False, "true": True, "false": False}


@dataclass(frozen=True)
class SpokenCall:
    """A call as it stands in the text."""

    name: str
    values: dict[str, Any]
    """Strings without their quotes and escapes, lists of numbers, numbers, True, False, None."""
    end: int
    """Index in the text of the first character after the closing bracket."""


def call_begins(text: str, at: int) -> str:
    """The name of the call that begins at `at` (white space is skipped), or nothing."""
    match = _NAME.match(text, at)
    return match.group(1) if match else ""


def read_spoken(text: str, at: int, mend: Callable[[str], None]) -> SpokenCall:
    """The call that begins at `at`. Raises `ParseError` where none does, or where it cannot be read."""
    match = _NAME.match(text, at)
    if match is None:
        raise ParseError("there is no action where one belongs")
    name, at, values = match.group(1), match.end(), dict[str, Any]()
    while True:
        at = _skip(text, at)
        if text[at : at + 1] == ")":
            return SpokenCall(name, values, at + 1)
        key = _KEY.match(text, at)
        if key is None:
            what = "is cut off" if at >= len(text) else f"has a value without a name near {text[at : at + 20]!r}"
            raise ParseError(f"the call of {name} {what}")
        if key.group(1) in values or len(values) >= MAX_VALUES:
            raise ParseError(f"the call of {name} gives {key.group(1)} twice, or too many values")
        values[key.group(1)], at = _value(text, key.end(), mend)
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] != ")":
            raise ParseError(f"the call of {name} is cut off, or not closed, after {key.group(1)}")


def said(text: str, quote: str) -> str:
    """`text` in quotes, as `read_spoken` takes it back exactly."""
    for raw, escaped in (("\\", "\\\\"), (quote, f"\\{quote}"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(raw, escaped)
    return f"{quote}{text}{quote}"


def short(number: float) -> int | float:
    """`number` as it is written: a whole one without a decimal point."""
    return int(number) if float(number).is_integer() else number


def _value(text: str, at: int, mend: Callable[[str], None]) -> tuple[Any, int]:
    opening = text[at : at + 1]
    if opening in _QUOTES and opening:
        return _string(text, at, mend)
    if match := _LIST.match(text, at):
        return [_number(part.strip()) for part in match.group(1).split(",")], match.end()
    if match := _PLAIN.match(text, at):
        word = match.group()
        return (_WORDS[word] if word in _WORDS else _number(word)), match.end()
    if match := _TAGGED.match(text, at):
        mend("put quotes around a point")
        return match.group(), match.end()
    raise ParseError(f"a value is cut off, or none, near {text[at : at + 20]!r}" if opening else "the reply is cut off in a call")


def _string(text: str, at: int, mend: Callable[[str], None]) -> tuple[str, int]:
    quote, begin = text[at], at + 1
    if quote not in "'\"":
        mend("read other quotes as plain quotes")
    found = _TO_THE_END[quote].match(text, begin)
    if found is None:
        if match := _UNCLOSED.match(text, begin):
            mend("closed a quote that was left open")
            return match.group(1), match.end()
        raise ParseError("the reply is cut off inside a text, or the quotes do not match")
    content = found.group(1)
    if _BARE_QUOTE[quote].match(content):
        mend("read quotes inside a text that were not escaped")
    if "\n" in content:
        mend("read a line break inside a text")
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match.group(1), match.group()), content), found.end()


def _number(digits: str) -> int | float:
    try:
        return int(digits) if digits.lstrip("-").isdigit() else float(digits)
    except ValueError as error:
        raise ParseError(f"{digits[:20]!r} is not a number") from error


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
