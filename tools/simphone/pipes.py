"""What the programs of the phone read from and write to: bytes that come when they come, and no more of them than fits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Protocol

from handeye.tools.simphone.files import FILE_LIMIT, FileFault, FileTree

PIPE_BYTES = 1 << 20
"""A writer waits while so much is unread."""


class Closed(Exception):
    """Nobody reads any more: what writes ends, as by SIGPIPE."""


class Input:
    """Bytes to read: those at hand, then what `more` gives, until it gives none."""

    def __init__(self, data: bytes = b"", more: Callable[[], Awaitable[bytes]] | None = None, limit: int = FILE_LIMIT) -> None:
        self._data = bytearray(data)
        self._more = more
        self._limit = limit

    async def read(self, count: int | None = None) -> bytes:
        """`count` bytes, fewer only at the end; all when it is None. Raises `FileFault` when that is too much to hold."""
        while (count is None or len(self._data) < count) and await self._fill():
            if len(self._data) > self._limit:
                raise FileFault("Cannot allocate memory")
        return self._cut(len(self._data) if count is None else count)

    async def some(self) -> bytes:
        """What is there, and at least one byte; none at the end."""
        if not self._data:
            await self._fill()
        return self._cut(len(self._data))

    async def line(self) -> bytes:
        """Up to and with the next newline; less at the end, nothing behind it."""
        seen = 0
        while (at := self._data.find(b"\n", seen)) < 0:
            seen = len(self._data)
            if seen > self._limit or not await self._fill():
                return self._cut(len(self._data))
        return self._cut(at + 1)

    async def _fill(self) -> bool:
        if self._more is None:
            return False
        data = await self._more()
        if not data:
            self._more = None
        self._data += data
        return bool(data)

    def _cut(self, count: int) -> bytes:
        taken = bytes(self._data[:count])
        del self._data[:count]
        return taken


class Sink(Protocol):
    """Where output goes."""

    async def write(self, data: bytes) -> None:
        """Take the bytes, or wait until they can be taken. Raises `Closed` when nobody wants any more."""


class Null:
    """`/dev/null`."""

    async def write(self, data: bytes) -> None:
        """Forget them."""


class Capture:
    """Keeps what is written. Raises `Closed` when that gets too much."""

    def __init__(self, limit: int = FILE_LIMIT) -> None:
        self.data = bytearray()
        self._limit = limit

    async def write(self, data: bytes) -> None:
        """Keep them."""
        if len(self.data) + len(data) > self._limit:
            raise Closed
        self.data += data


class FileSink:
    """Appends to a file of the phone. Of a large file, the end may be written only by `commit`."""

    def __init__(self, files: FileTree, path: str) -> None:
        self._files = files
        self._path = path
        self._kept = bytearray()

    async def write(self, data: bytes) -> None:
        """Append them. Raises `FileFault` when the disk is full."""
        self._kept += data
        entry = self._files.get(self._path)
        if len(self._kept) * 8 >= (0 if entry is None else entry.size) or entry is None:
            self.commit()

    def commit(self) -> None:
        """Write what was not written yet. Raises `FileFault` when the disk is full."""
        kept, self._kept = bytes(self._kept), bytearray()
        if kept:
            entry = self._files.get(self._path)
            before = b"" if entry is None or entry.data is None else entry.data
            self._files.write(self._path, before + kept)


class Pipe:
    """Between two programs. The reader's end is `input`."""

    def __init__(self) -> None:
        self.input = Input(more=self._take)
        self._waiting = bytearray()
        self._ended = False
        self._unread = True
        self._changed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Hand over. Raises `Closed` when the reader is gone."""
        while len(self._waiting) >= PIPE_BYTES and self._unread:
            await self._changed.wait()
        if not self._unread:
            raise Closed
        self._waiting += data
        self._tell()

    def end(self) -> None:
        """The writer has no more."""
        self._ended = True
        self._tell()

    def leave(self) -> None:
        """The reader wants no more."""
        self._unread = False
        self._waiting.clear()
        self._tell()

    async def _take(self) -> bytes:
        while not self._waiting and not self._ended:
            await self._changed.wait()
        taken = bytes(self._waiting)
        self._waiting.clear()
        self._tell()
        return taken

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class GiveWay:
    """`await GiveWay()` lets everything else that is ready run first."""

    def __await__(self) -> Generator[None, None, None]:
        yield
