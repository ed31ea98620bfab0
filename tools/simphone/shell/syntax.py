"""What a script is made of, once it was parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


class SyntaxFault(Exception):
    """A script that cannot be parsed; the message is what the shell says."""


@dataclass(frozen=True)
class Literal:
    """Text as it stands. `quoted`: no character of it is special."""

    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """`$name` or `${name<operator>argument}`. `operator` is empty, `#` in front for the length, or one of - := + ? # ## % %% / //."""

    name: str
    quoted: bool
    operator: str = ""
    argument: Word | None = None
    replacement: Word | None = None


@dataclass(frozen=True)
class Substitution:
    """`$(script)`."""

    body: Sequence
    quoted: bool


@dataclass(frozen=True)
class Arithmetic:
    """`$((expression))`."""

    expression: Word
    quoted: bool


Part: TypeAlias = Literal | Parameter | Substitution | Arithmetic


@dataclass(frozen=True)
class Word:
    """Parts that stand together."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str | None:
        """Its text where nothing of it is quoted or has to be expanded."""
        texts = [part.text for part in self.parts if isinstance(part, Literal) and not part.quoted]
        return "".join(texts) if len(texts) == len(self.parts) else None


@dataclass(frozen=True)
class Redirect:
    """`fd operator target`; for `<<` and `<<<` the target is the text itself. fd -1: both output streams."""

    fd: int
    operator: str
    target: Word


@dataclass(frozen=True)
class Simple:
    """A program with its arguments, or only assignments."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True)
class Sequence:
    """Lists one after another; a list with True goes to the background."""

    items: tuple[tuple[AndOr, bool], ...]


@dataclass(frozen=True)
class Pipeline:
    """Commands whose output is the next one's input."""

    stages: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True)
class AndOr:
    """A pipeline, then others that run if the last one did (`&&`) or did not (`||`) succeed."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]


@dataclass(frozen=True)
class If:
    """Conditions with their bodies, and what to do otherwise."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True)
class For:
    """A loop over words; None: over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True)
class While:
    """A loop as long as the condition holds, or with `until` as long as it does not."""

    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True)
class Case:
    """The first body of which a pattern fits."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True)
class Group:
    """`{ ...; }`, or in a copy of the shell `( ... )`."""

    body: Sequence
    subshell: bool


@dataclass(frozen=True)
class Function:
    """A definition."""

    name: str
    body: Node


@dataclass(frozen=True)
class Redirected:
    """A compound command with redirections."""

    node: Node
    redirects: tuple[Redirect, ...] = field(default=())


Node: TypeAlias = Simple | If | For | While | Case | Group | Function | Redirected
