"""One program as the shell runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from handeye.tools.simphone.pipes import Input

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone


async def _nothing() -> None:
    return None


@dataclass
class Call:
    """Arguments in, bytes and an exit code out."""

    phone: Phone
    argv: list[str]
    """The program's name and its arguments, quotes resolved."""
    stdin: Input = field(default_factory=Input)
    """Read it only when the program wants it: it may never end (`await call.stdin.read()`)."""
    cwd: str = "/"
    variables: Mapping[str, str] = field(default_factory=dict)
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    flush: Callable[[], Awaitable[None]] = _nothing
    """Sends what stands in `out` and `err` so far: for programs that go on for long. It ends the program when nobody reads."""
    run: Callable[[list[str], bytes | None], Awaitable[int]] | None = None
    """Runs another program (`xargs`, `timeout`), with its own input or with ours; its output joins ours. None outside a shell."""

    @property
    def arguments(self) -> list[str]:
        """What follows the name."""
        return self.argv[1:]

    def path(self, name: str) -> str:
        """An argument as an absolute path, as the program's folder has it. Raises `FileFault` for one that no file can have."""
        return self.phone.state.files.real(name, self.cwd)

    def say(self, text: str = "") -> None:
        """A line on standard output."""
        self.out += text.encode("utf-8", "surrogateescape") + b"\n"

    def complain(self, text: str) -> int:
        """A line on standard error; gives the exit code 1."""
        self.err += text.encode("utf-8", "surrogateescape") + b"\n"
        return 1


Command: TypeAlias = Callable[[Call], Awaitable[int]]
"""A program; it gives its exit code. Modules below `commands/` name theirs in `COMMANDS`; `registry.py` finds the modules."""
