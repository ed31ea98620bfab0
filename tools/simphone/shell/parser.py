"""Parses a script."""

from __future__ import annotations

import re

from handeye.tools.simphone.shell.lexer import Lexer, Token
from handeye.tools.simphone.shell.syntax import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
    Literal,
    Node,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    SyntaxFault,
    While,
    Word,
)

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(\+?)=(.*)", re.S)
REDIRECTS = frozenset({"<", ">", ">>", ">|", "<>", ">&", "<&", "&>", "&>>", "<<", "<<-", "<<<"})
RESERVED = frozenset("if then elif else fi for while until do done case esac { } ! in function".split())
CLOSING = frozenset("then elif else fi do done esac }".split())
MOST_CHARACTERS = 1 << 20
"""Longest script."""


def parse(text: str) -> Sequence:
    """The commands of a script. Raises `SyntaxFault` with what the shell says about it."""
    if len(text) > MOST_CHARACTERS:
        raise SyntaxFault("script is too long")
    parser = Parser(Lexer(text, _inside_substitution))
    try:
        body = parser.sequence()
    except RecursionError as error:
        raise SyntaxFault("syntax error: nested too deep") from error
    parser.need_end()
    return body


def _inside_substitution(lexer: Lexer) -> Sequence:
    parser = Parser(lexer)
    body = parser.sequence()
    parser.need(")")
    return body


class Parser:
    """Recursive descent with one token ahead."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._ahead: Token | None = None

    def sequence(self) -> Sequence:
        """Lists up to the end, a bracket or a reserved word that closes something."""
        items: list[tuple[AndOr, bool]] = []
        self._skip_newlines()
        while not self._at_close():
            item = self._and_or()
            token = self._peek()
            background = token.kind == "op" and token.value == "&"
            items.append((item, background))
            if token.kind == "newline" or (token.kind == "op" and token.value in (";", "&")):
                self._take()
                self._skip_newlines()
            else:
                break
        return Sequence(tuple(items))

    def need(self, value: str) -> None:
        """Take the operator or reserved word `value`. Raises `SyntaxFault` when something else is there."""
        token = self._take()
        if token.value != value or (token.kind == "word" and value not in RESERVED):
            raise self._unexpected(token)

    def need_end(self) -> None:
        """Raises `SyntaxFault` when something is left."""
        if self._peek().kind != "end":
            raise self._unexpected(self._peek())

    def _peek(self) -> Token:
        if self._ahead is None:
            self._ahead = self._lexer.token()
        return self._ahead

    def _take(self) -> Token:
        token = self._peek()
        self._ahead = None
        return token

    def _skip_newlines(self) -> None:
        while self._peek().kind == "newline":
            self._take()

    def _at_close(self) -> bool:
        token = self._peek()
        return (
            token.kind == "end"
            or (token.kind == "op" and token.value in (")", ";;"))
            or (token.kind == "word" and token.value in CLOSING and token.word is not None and token.word.plain is not None)
        )

    def _unexpected(self, token: Token) -> SyntaxFault:
        name = {"end": "EOF", "newline": "newline"}.get(token.kind, token.value)
        return SyntaxFault(f"syntax error: unexpected '{name}'")

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest = []
        while self._peek().kind == "op" and self._peek().value in ("&&", "||"):
            operator = self._take().value
            self._skip_newlines()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest))

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._is_word("!"):
            self._take()
            negated = not negated
        stages = [self._command()]
        while self._peek().kind == "op" and self._peek().value in ("|", "|&"):
            if self._take().value == "|&":
                both = Redirect(2, ">&", Word((Literal("1"),)))
                stages[-1] = Redirected(stages[-1], (both,))
            self._skip_newlines()
            stages.append(self._command())
        return Pipeline(tuple(stages), negated)

    def _is_word(self, value: str) -> bool:
        token = self._peek()
        return token.kind == "word" and token.value == value

    def _command(self) -> Node:
        self._lexer.deeper()
        node = self._compound()
        if node is None:
            node = self._simple()
        else:
            redirects = self._redirects()
            node = Redirected(node, redirects) if redirects else node
        self._lexer.depth -= 1
        return node

    def _compound(self) -> Node | None:
        token = self._peek()
        if token.kind == "op" and token.value == "(":
            self._take()
            body = self.sequence()
            self.need(")")
            return Group(body, True)
        if token.kind != "word" or token.value not in RESERVED:
            return None
        makers = {"if": self._if, "for": self._for, "while": self._while, "until": self._while, "case": self._case, "{": self._braces}
        if token.value == "function":
            self._take()
            return self._function(self._take().value)
        if token.value in CLOSING:
            raise self._unexpected(token)
        maker = makers.get(token.value)
        if maker is None:
            return None
        self._take()
        return While(*self._loop(), until=True) if token.value == "until" else maker()

    def _braces(self) -> Node:
        body = self.sequence()
        self.need("}")
        return Group(body, False)

    def _if(self) -> Node:
        branches = []
        while True:
            condition = self.sequence()
            self.need("then")
            branches.append((condition, self.sequence()))
            token = self._take()
            if token.value != "elif":
                break
        otherwise = None
        if token.value == "else":
            otherwise = self.sequence()
            token = self._take()
        if token.value != "fi":
            raise self._unexpected(token)
        return If(tuple(branches), otherwise)

    def _loop(self) -> tuple[Sequence, Sequence]:
        condition = self.sequence()
        return condition, self._do()

    def _while(self) -> Node:
        return While(*self._loop(), until=False)

    def _do(self) -> Sequence:
        self._skip_newlines()
        self.need("do")
        body = self.sequence()
        self.need("done")
        return body

    def _for(self) -> Node:
        name = self._take()
        if name.kind != "word" or not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name.value):
            raise self._unexpected(name)
        self._skip_newlines()
        words: list[Word] | None = None
        if self._is_word("in"):
            self._take()
            words = []
            while self._peek().kind == "word":
                token = self._take()
                words += [token.word] if token.word is not None else []
        if self._peek().value == ";":
            self._take()
        return For(name.value, None if words is None else tuple(words), self._do())

    def _case(self) -> Node:
        subject = self._take()
        if subject.word is None:
            raise self._unexpected(subject)
        self._skip_newlines()
        self.need("in")
        branches = []
        self._skip_newlines()
        while not self._is_word("esac"):
            if self._peek().value == "(":
                self._take()
            patterns = []
            while True:
                token = self._take()
                if token.word is None:
                    raise self._unexpected(token)
                patterns.append(token.word)
                if self._peek().value != "|":
                    break
                self._take()
            self.need(")")
            branches.append((tuple(patterns), self.sequence()))
            if self._peek().value == ";;":
                self._take()
            self._skip_newlines()
        self._take()
        return Case(subject.word, tuple(branches))

    def _function(self, name: str) -> Node:
        if self._peek().value == "(":
            self._take()
            self.need(")")
        self._skip_newlines()
        return Function(name, self._command())

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while self._peek().kind == "op" and self._peek().value in REDIRECTS:
            found.append(self._redirect())
        return tuple(found)

    def _redirect(self) -> Redirect:
        token = self._take()
        target = self._take()
        if target.word is None:
            raise self._unexpected(target)
        operator = token.value
        if operator in ("<<", "<<-"):
            return Redirect(token.fd or 0, "<<", self._lexer.heredoc(target.word, operator == "<<-"))
        if operator.startswith("&>"):
            return Redirect(-1, operator[1:], target.word)
        default = 0 if operator.startswith("<") else 1
        return Redirect(default if token.fd is None else token.fd, operator, target.word)

    def _simple(self) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            token = self._peek()
            if token.kind == "op" and token.value in REDIRECTS:
                redirects.append(self._redirect())
            elif token.kind == "word" and token.word is not None:
                self._take()
                assignment = None if words else as_assignment(token.word)
                if assignment is not None:
                    assignments.append(assignment)
                else:
                    words.append(token.word)
            elif token.value == "(" and len(words) == 1 and not assignments and words[0].plain:
                return self._function(words[0].plain)
            else:
                break
        if not (assignments or words or redirects):
            raise self._unexpected(self._peek())
        return Simple(tuple(assignments), tuple(words), tuple(redirects))


def as_assignment(word: Word) -> tuple[str, Word] | None:
    """The name and the value of `name=value`; a name with `+` at its end for `name+=value`."""
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = ASSIGNMENT.fullmatch(first.text)
    if match is None:
        return None
    rest = (Literal(match[3]),) if match[3] else ()
    return match[1] + match[2], Word((*rest, *word.parts[1:]))
