"""One program as the shell runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone


@dataclass
class Call:
    """Arguments in, bytes and an exit code out."""

    phone: Phone
    argv: list[str]
    """The program's name and its arguments, quotes resolved."""
    stdin: bytes = b""
    cwd: str = "/"
    variables: Mapping[str, str] = field(default_factory=dict)
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)

    @property
    def arguments(self) -> list[str]:
        """What follows the name."""
        return self.argv[1:]

    def say(self, text: str = "") -> None:
        """A line on standard output."""
        self.out += text.encode("utf-8", "surrogateescape") + b"\n"

    def complain(self, text: str) -> int:
        """A line on standard error; gives the exit code 1."""
        self.err += text.encode("utf-8", "surrogateescape") + b"\n"
        return 1


Command: TypeAlias = Callable[[Call], Awaitable[int]]
"""A program; it gives its exit code. Modules below `commands/` name theirs in `COMMANDS`, and `registry.py` names the modules."""
