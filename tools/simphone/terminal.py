"""A shell that somebody types into, one line after the other."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from handeye.tools.simphone.pipes import Input, Sink
from handeye.tools.simphone.shell.flow import ExitShell
from handeye.tools.simphone.shell.interpreter import Shell, Streams
from handeye.tools.simphone.shell.parser import parse
from handeye.tools.simphone.shell.syntax import SyntaxFault

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

INTERRUPT, END, BACKSPACES = 0x03, 0x04, (0x08, 0x7F)
UNFINISHED = ("syntax error: unexpected 'EOF'", "no closing quote")
"""What the parser says of a text that the next line may complete."""


class Terminal:
    """Reads lines from `io` and runs them. With `echo` it does a terminal's part: it shows what is typed, and a prompt."""

    def __init__(self, phone: Phone, io: Streams, echo: bool) -> None:
        self._phone = phone
        self._source = io.stdin
        self._echo = echo
        out = _Returns(io.out) if echo else io.out
        self._io = Streams(Input(), out, out if echo else io.err)
        self._shell = Shell(phone)
        self._typed = bytearray()
        self._before = 0
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue(1000)
        self._running: asyncio.Task[int] | None = None

    async def run(self) -> int:
        """Go on until `exit` or the end of the input; gives the exit code."""
        reading = asyncio.create_task(self._read())
        try:
            return await self._work()
        finally:
            reading.cancel()

    async def _work(self) -> int:
        text = ""
        while True:
            await self._prompt(bool(text))
            line = await self._lines.get()
            if line is None:
                return await self._ended(text)
            text += line.decode("utf-8", "surrogateescape") + "\n"
            if not _complete(text):
                continue
            script, text = text, ""
            self._running = asyncio.create_task(self._shell.run(script, self._io))
            try:
                await asyncio.wait([self._running])
            except asyncio.CancelledError:
                self._running.cancel()
                raise
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    self._running.result()
            except ExitShell as jump:
                return jump.code

    async def _ended(self, text: str) -> int:
        try:
            return await self._shell.run(text, self._io) if text else self._shell.status
        except ExitShell as jump:
            return jump.code

    async def _prompt(self, more: bool) -> None:
        if self._echo:
            sign = "#" if self._phone.state.facts.rooted else "$"
            prompt = "> " if more else f"{self._phone.options.name}:{self._shell.cwd} {sign} "
            await self._io.out.write(prompt.encode("utf-8", "surrogateescape"))

    async def _read(self) -> None:
        if not self._echo:
            while line := await self._source.line():
                await self._lines.put(line.rstrip(b"\r\n"))
            await self._lines.put(None)
            return
        while data := await self._source.some():
            for code in data:
                await self._key(code)
        await self._lines.put(None)

    async def _key(self, code: int) -> None:
        before, self._before = self._before, code
        if (before, code) == (0x0D, 0x0A):
            return
        if code in (0x0A, 0x0D):
            await self._io.out.write(b"\n")
            await self._lines.put(bytes(self._typed))
            self._typed.clear()
        elif code == INTERRUPT:
            self._typed.clear()
            await self._io.out.write(b"^C\n")
            if self._running is not None and not self._running.done():
                self._running.cancel()
            else:
                await self._lines.put(b"")
        elif code == END:
            if not self._typed:
                await self._lines.put(None)
        elif code in BACKSPACES:
            if self._typed:
                while self._typed and self._typed.pop() & 0xC0 == 0x80:
                    continue
                await self._io.out.write(b"\b \b")
        elif code >= 0x20 and len(self._typed) < 1 << 16:
            self._typed.append(code)
            await self._io.out.write(bytes([code]))


class _Returns:
    """A terminal's newlines go back to the left edge too."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def write(self, data: bytes) -> None:
        await self._sink.write(data.replace(b"\n", b"\r\n"))


def _complete(text: str) -> bool:
    try:
        parse(text)
    except SyntaxFault as error:
        return str(error) not in UNFINISHED
    return True
