"""Cuts a script into words and operators."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from handeye.tools.simphone.shell.syntax import Arithmetic, Literal, Parameter, Part, Sequence, Substitution, SyntaxFault, Word

OPERATORS: Final = tuple("<<- <<< &>> && || ;; << >> >& <& >| <> &> |& ; & | ( ) < >".split())
"""Longest first."""
WORD_ENDS: Final = frozenset(" \t\n;&|()<>")
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
SPECIAL: Final = frozenset("?$!#@*-0123456789")
PARAMETER_OPERATOR: Final = re.compile(r":?[-=+?]|##|#|%%|%|//|/")
ANSI_ESCAPES: Final = dict(zip("ntrabefv\\'\"", "\n\t\r\a\b\x1b\f\v\\'\"", strict=True))
DEEPEST: Final = 60
"""Most constructs inside one another."""


@dataclass(frozen=True)
class Token:
    """A `word`, an `op` (with the number in front of a redirection), a `newline`, or the `end`."""

    kind: str
    value: str = ""
    word: Word | None = None
    fd: int | None = None


class Lexer:
    """Reads tokens from `text`. `parse_list(lexer)` reads the inside of `$(...)` up to and with its bracket."""

    def __init__(self, text: str, parse_list: Callable[[Lexer], Sequence], depth: int = 0) -> None:
        self.text = text
        self.at = 0
        self.depth = depth
        self._parse_list = parse_list
        self._jumps: dict[int, int] = {}
        """From the newline of a line with `<<` to behind the text that belongs to it."""

    def deeper(self) -> None:
        """Count a construct that begins. Raises `SyntaxFault` when there are too many inside one another."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise SyntaxFault("syntax error: nested too deep")

    def token(self) -> Token:
        """The next token. Raises `SyntaxFault`."""
        self._skip_blank()
        if self.at >= len(self.text):
            return Token("end")
        if self.text[self.at] == "\n":
            self.at = self._jumps.get(self.at, self.at + 1)
            return Token("newline", "\n")
        number = re.compile(r"\d(?=[<>])").match(self.text, self.at)
        if number:
            self.at += 1
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                self.at += len(operator)
                return Token("op", operator, fd=int(number.group()) if number else None)
        word = self.word(WORD_ENDS)
        return Token("word", word.plain or "", word)

    def heredoc(self, delimiter: Word, strip_tabs: bool) -> Word:
        """The lines below this one up to one that is `delimiter`; expanded later unless a part of the delimiter is quoted."""
        end_line = "".join(part.text for part in delimiter.parts if isinstance(part, Literal))
        newline = self.text.find("\n", self.at)
        start = len(self.text) if newline < 0 else self._jumps.get(newline, newline + 1)
        lines: list[str] = []
        at = start
        while at < len(self.text):
            stop = self.text.find("\n", at)
            line = self.text[at:] if stop < 0 else self.text[at:stop]
            at = len(self.text) if stop < 0 else stop + 1
            line = line.lstrip("\t") if strip_tabs else line
            if line == end_line:
                break
            lines.append(line + "\n")
        if newline >= 0:
            self._jumps[newline] = at
        body = "".join(lines)
        if any(not isinstance(part, Literal) or part.quoted for part in delimiter.parts):
            return Word((Literal(body, True),))
        inner = Lexer(body, self._parse_list, self.depth)
        return Word(tuple(inner._double(None)))

    def word(self, ends: frozenset[str]) -> Word:
        """Parts up to an unquoted character of `ends`. Raises `SyntaxFault`."""
        parts: list[Part] = []
        bare: list[str] = []

        def add(*more: Part) -> None:
            if bare:
                parts.append(Literal("".join(bare)))
                bare.clear()
            parts.extend(more)

        while self.at < len(self.text) and (char := self.text[self.at]) not in ends:
            if char == "\\":
                escaped = self.text[self.at + 1 : self.at + 2]
                self.at += 2
                if escaped != "\n":
                    add(Literal(escaped or "\\", True))
            elif char == "'":
                add(Literal(self._until("'", self.at + 1), True))
            elif char == '"':
                self.at += 1
                add(Literal("", True), *self._double('"'))
            elif char == "$" and self.text.startswith("$'", self.at):
                add(self._ansi())
            elif char in "$`":
                add(self._dollar(False) if char == "$" else self._backquoted(False))
            else:
                bare.append(char)
                self.at += 1
        add()
        return Word(tuple(parts))

    def _skip_blank(self) -> None:
        while self.at < len(self.text):
            if self.text[self.at] in " \t\r":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def _until(self, mark: str, start: int) -> str:
        end = self.text.find(mark, start)
        if end < 0:
            raise SyntaxFault("no closing quote")
        self.at = end + 1
        return self.text[start:end]

    def _double(self, end: str | None) -> list[Part]:
        """Parts of text in double quotes up to and with `end`."""
        parts: list[Part] = []
        bare: list[str] = []

        def add(part: Part) -> None:
            if bare:
                parts.append(Literal("".join(bare), True))
                bare.clear()
            parts.append(part)

        while self.at < len(self.text):
            char = self.text[self.at]
            if char == end:
                self.at += 1
                break
            following = self.text[self.at + 1 : self.at + 2]
            if char == "\\" and following in ("$", "`", "\\", "\n", end or "\\"):
                bare.append("" if following == "\n" else following)
                self.at += 2
            elif char == "$":
                add(self._dollar(True))
            elif char == "`":
                add(self._backquoted(True))
            else:
                bare.append(char)
                self.at += 1
        else:
            if end is not None:
                raise SyntaxFault("no closing quote")
        if bare:
            parts.append(Literal("".join(bare), True))
        return parts

    def _ansi(self) -> Part:
        """`$'...'`: backslash sequences as in C."""
        self.at += 2
        out: list[str] = []
        while True:
            char = self.text[self.at : self.at + 1]
            if not char:
                raise SyntaxFault("no closing quote")
            self.at += 1
            if char == "'":
                return Literal("".join(out), True)
            if char != "\\":
                out.append(char)
                continue
            code = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|([0-7]{1,3})").match(self.text, self.at)
            if code:
                self.at = code.end()
                out.append(chr(int(code[1] or code[2], 16) if code[1] or code[2] else int(code[3], 8) & 255))
            else:
                letter = self.text[self.at : self.at + 1]
                self.at += 1
                out.append(ANSI_ESCAPES.get(letter, "\\" + letter))

    def _dollar(self, quoted: bool) -> Part:
        """What `$` begins."""
        following = self.text[self.at + 1 : self.at + 2]
        if self.text.startswith("$((", self.at):
            return self._arithmetic(quoted)
        if following == "(":
            self.at += 2
            self.deeper()
            body = self._parse_list(self)
            self.depth -= 1
            return Substitution(body, quoted)
        if following == "{":
            return self._braces(quoted)
        name = NAME.match(self.text, self.at + 1)
        if name:
            self.at = name.end()
            return Parameter(name.group(), quoted)
        if following and following in SPECIAL:
            self.at += 2
            return Parameter(following, quoted)
        self.at += 1
        return Literal("$", quoted)

    def _braces(self, quoted: bool) -> Part:
        """`${...}`."""
        self.at += 2
        self.deeper()
        length = self.text[self.at : self.at + 1] == "#" and self.text[self.at + 1 : self.at + 2] not in ("}", "")
        self.at += length
        name = NAME.match(self.text, self.at)
        text = name.group() if name else self.text[self.at : self.at + 1]
        if not name and text not in SPECIAL:
            raise SyntaxFault("bad substitution")
        self.at += len(text)
        operator = PARAMETER_OPERATOR.match(self.text, self.at)
        argument = replacement = None
        if length:
            kind = "length"
        elif operator:
            kind = operator.group()
            self.at = operator.end()
            argument = self.word(frozenset("/}") if kind in ("/", "//") else frozenset("}"))
            if kind in ("/", "//") and self.text[self.at : self.at + 1] == "/":
                self.at += 1
                replacement = self.word(frozenset("}"))
        else:
            kind = ""
        if self.text[self.at : self.at + 1] != "}":
            raise SyntaxFault("bad substitution")
        self.at += 1
        self.depth -= 1
        return Parameter(text, quoted, kind, argument, replacement)

    def _arithmetic(self, quoted: bool) -> Part:
        """`$((...))`."""
        self.at += 3
        self.deeper()
        parts: list[Part] = []
        open_brackets = 0
        while True:
            char = self.text[self.at : self.at + 1]
            if not char:
                raise SyntaxFault("syntax error: missing ))")
            if char == "$":
                parts.append(self._dollar(True))
                continue
            if char == ")" and not open_brackets:
                if not self.text.startswith("))", self.at):
                    raise SyntaxFault("syntax error: missing ))")
                self.at += 2
                self.depth -= 1
                return Arithmetic(Word(tuple(parts)), quoted)
            open_brackets += (char == "(") - (char == ")")
            parts.append(Literal(char, True))
            self.at += 1

    def _backquoted(self, quoted: bool) -> Part:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise SyntaxFault("no closing quote")
        inside = re.sub(r"\\([$`\\])", r"\1", self.text[self.at + 1 : end])
        self.at = end + 1
        self.deeper()
        inner = Lexer(inside + ")", self._parse_list, self.depth)
        body = self._parse_list(inner)
        self.depth -= 1
        if inner.at < len(inner.text):
            raise SyntaxFault("syntax error: ')' unexpected")
        return Substitution(body, quoted)
