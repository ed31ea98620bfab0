"""Reads one JSON value out of a model's text, forgiving what has only one meaning and refusing what could have two.

Forgiven, each with an entry in `Loose.repairs`: single and typographic quotes, Python's literals and tuples, bare keys, raw line
breaks and needless escapes in strings, trailing and missing commas, a closing bracket of the wrong kind or none. Refused: values that
are cut off, unknown words, numbers that are not finite, one key with two values. json-repair, the library for this, gives some value
for anything, which here would be a click somewhere; and its version 0.64 takes over 20 s for 20,000 characters of `{"`.

Every character is looked at a bounded number of times, nesting and the number of values are limited: hostile text costs linear time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from handeye.tools.errors import ParseError

MAX_DEPTH = 16
MAX_VALUES = 2_000
_MAX_NUMBER = 40

_SPACE = re.compile(r"\s*+")
_STRINGS = {
    '"': re.compile(r'([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.S),
    "'": re.compile(r"([^'\\]*+(?:\\.[^'\\]*+)*+)'", re.S),
} | {
    quote: re.compile(rf"([^{pair}\\]*+(?:\\.[^{pair}\\]*+)*+)[{pair}]", re.S) for pair in ("“”„", "‘’‚") for quote in pair
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_WORD = re.compile(r"[^\W\d]\w*+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_STOPS = ("</", "```")
_CLOSERS = "]})"


@dataclass(frozen=True)
class Loose:
    """A value that was read."""

    value: Any
    end: int
    """Index in the text of the first character after it."""
    cut: bool
    """Closing brackets are missing, so that members of the outer objects may be missing too."""
    repairs: tuple[str, ...]


def read_loose(text: str, start: int = 0) -> Loose:
    """The JSON value that begins at `start` (white space is skipped). Raises `ParseError` when none can be read."""
    reader = _Reader(text, start)
    value = reader.value(0)
    return Loose(value, reader.at, reader.cut, tuple(reader.repairs))


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text, self.at, self.cut, self.values = text, at, False, 0
        self.repairs: dict[str, None] = {}

    def value(self, depth: int) -> Any:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise ParseError("the JSON is nested too deeply or too long")
        char = self.peek()
        if char == "{":
            return self.object(depth)
        if char in "[(" and char:
            return self.array(depth)
        if char in _STRINGS:
            return self.string()
        if match := _NUMBER.match(self.text, self.at):
            return self.number(match.group())
        if match := _WORD.match(self.text, self.at):
            return self.word(match.group())
        self.fail("a value is missing")

    def object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while True:
            char = self.peek()
            if char == "}":
                self.at += 1
                return found
            if self.stopped():
                self.cut = True
                self.mend("closed a bracket that was left open")
                return found
            if char in _CLOSERS:
                self.fail("the brackets do not match")
            key = self.key()
            if self.peek() != ":":
                self.fail(f"a colon is missing after {key[:30]!r}")
            self.at += 1
            value = self.value(depth + 1)
            if key in found and found[key] != value:
                raise ParseError(f"the JSON gives {key[:30]!r} twice with different values")
            found[key] = value
            self.comma("}")

    def array(self, depth: int) -> list[Any]:
        if self.text[self.at] == "(":
            self.mend("read round brackets as a list")
        self.at += 1
        found: list[Any] = []
        while True:
            char = self.peek()
            if self.stopped():
                raise ParseError("the reply is cut off inside a list")
            if char in _CLOSERS:
                if char == "}":
                    self.mend("closed a bracket that was left open")
                else:
                    self.at += 1
                return found
            found.append(self.value(depth + 1))
            self.comma(_CLOSERS)

    def comma(self, closers: str) -> None:
        char = self.peek()
        if char == ",":
            self.at += 1
            following = self.peek()
            if not following:
                raise ParseError("the reply is cut off after a comma")
            if following in closers:
                self.mend("removed a trailing comma")
        elif char not in _CLOSERS and not self.stopped():
            self.mend("put in a missing comma")

    def key(self) -> str:
        if self.peek() in _STRINGS:
            return self.string().strip()
        if match := _WORD.match(self.text, self.at):
            self.at = match.end()
            self.mend("put quotes around a key")
            return match.group()
        self.fail("a key is missing")

    def string(self) -> str:
        quote = self.text[self.at]
        match = _STRINGS[quote].match(self.text, self.at + 1)
        if match is None:
            raise ParseError("the reply is cut off inside a string")
        self.at = match.end()
        if quote != '"':
            self.mend("read other quotes as double quotes")
        content = match.group(1)
        if "\n" in content:
            self.mend("read a line break inside a string")
        if "\\" in content and quote == '"':
            try:
                return str(json.loads(f'"{content}"', strict=False))
            except json.JSONDecodeError:
                self.mend("removed a needless escape")
        if "\\" in content:
            content = _ESCAPE.sub(self.unescape, content)
            # A pair of \u escapes stands for one character beyond the Basic Multilingual Plane.
            content = content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return content

    def unescape(self, match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        if code in "ux":
            raise ParseError("a \\u or \\x escape in a string is incomplete")
        return _ESCAPED.get(code, code)

    def number(self, digits: str) -> int | float:
        self.at += len(digits)
        if self.at == len(self.text):
            raise ParseError("the reply is cut off in or after a number")
        after = self.text[self.at]
        if len(digits) > _MAX_NUMBER or after.isalnum() or after in "_.%":
            raise ParseError(f"{digits[:20] + after!r} is not a number that can be used")
        return int(digits) if digits.lstrip("+-").isdigit() else float(digits)

    def word(self, word: str) -> bool | None:
        if word.lower() not in _WORDS:
            raise ParseError(f"{word[:30]!r} is not a JSON value; put strings in double quotes")
        self.at += len(word)
        if word not in _WORDS:
            self.mend("read a Python literal as JSON")
        return _WORDS[word.lower()]

    def peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def stopped(self) -> bool:
        return self.at >= len(self.text) or self.text.startswith(_STOPS, self.at)

    def mend(self, what: str) -> None:
        self.repairs[what] = None

    def fail(self, what: str) -> NoReturn:
        near = self.text[self.at : self.at + 20]
        raise ParseError(f"the JSON is broken: {what}{f' near {near!r}' if near else ' at the end, where the reply is cut off'}")
