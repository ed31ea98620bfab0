"""The phone's log, as `logcat` shows it: the last lines, kept while the phone runs."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

LINES = 2000
"""How many lines are kept."""


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    number: int
    time: datetime
    level: str
    tag: str
    text: str
    pid: int

    def __str__(self) -> str:
        stamp = self.time.strftime("%m-%d %H:%M:%S.") + f"{self.time.microsecond // 1000:03d}"
        return f"{stamp} {self.pid:5d} {self.pid:5d} {self.level} {self.tag}: {self.text}"


@dataclass
class Logbook:
    """Lines, the oldest first."""

    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=LINES))
    written: int = 0
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)


_books: WeakKeyDictionary[Phone, Logbook] = WeakKeyDictionary()


def logbook(phone: Phone) -> Logbook:
    """The log of a phone."""
    return _books.setdefault(phone, Logbook())


async def log(phone: Phone, level: str, tag: str, text: str, pid: int = 1200) -> None:
    """Write a line; `level` is one of V D I W E F."""
    book = logbook(phone)
    book.written += 1
    book.lines.append(Line(book.written, phone.state.clock.now, level, tag, text, pid))
    async with book.grown:
        book.grown.notify_all()
