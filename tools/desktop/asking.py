"""Questions to programs over the accessibility bus (D-Bus, jeepney): many at a time, and those of the look before ahead of the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")
Reference: TypeAlias = tuple[str, str]
"""An accessible: name of its program on the bus, and its path there."""
Answer: TypeAlias = tuple[Any, ...]
"""The body of a reply."""

LIMIT_S = 4.0
"""How long one look may take before the program counts as one without a tree."""
_BATCH = 48
"""Questions that are sent before the answers are read: they fit into a socket's buffer."""
_LOOKS_KEPT = 16
_MOST_KEPT = 2000
"""Questions of one look that are kept."""
_SERIAL = slice(8, 12)
"""Where a message has its number, which begins at 1 (D-Bus specification, "Message Format")."""


class Question(NamedTuple):
    """A method call."""

    to: Reference
    interface: str
    method: str
    signature: str = ""
    body: tuple[Any, ...] = ()


def call(to: Reference, interface: str, method: str, signature: str = "", *body: Any) -> Question:
    """A call of a method of an AT-SPI interface."""
    return Question(to, f"org.a11y.atspi.{interface}", method, signature, body)


def get(to: Reference, interface: str, name: str) -> Question:
    """The value of a property of an AT-SPI interface."""
    return Question(to, "org.freedesktop.DBus.Properties", "Get", "ss", (f"org.a11y.atspi.{interface}", name))


class Asker:
    """One connection to the bus. Safe to use from any thread: one look at a time.

    A look asks one thing after another, as each answer leads to the next question. What the look before asked under the same key is sent
    together with the first question of the next one: where nothing has moved in the tree meanwhile, that is all that is asked. Every
    answer that a look goes by was given during that look.
    """

    def __init__(self, address: str, joined: Callable[[], None]) -> None:
        """`joined` is called for each connection: what was learned by an earlier one may be of another bus."""
        self._address = address
        self._joined = joined
        self._lock = threading.Lock()
        self._link: Any = None
        self._end_s = 0.0
        self._key: Hashable = None
        self._answers: dict[Question, Answer | None] = {}
        self._asked: dict[Question, None] = {}
        self._kept: dict[Hashable, tuple[Question, ...]] = {}

    def join(self) -> None:
        """Connect. Raises `OSError` and what jeepney raises."""
        from jeepney.io.blocking import open_dbus_connection

        self._link = open_dbus_connection(self._address)
        self._kept.clear()
        self._joined()

    def close(self) -> None:
        """Let go of the bus. A second call does nothing."""
        with self._lock:
            self._part()

    def look(self, key: Hashable, work: Callable[[], T | None]) -> T | None:
        """What `work`, which may `ask`, gives; None when it fails or takes longer than `LIMIT_S`."""
        with self._lock:
            self._end_s = time.monotonic() + LIMIT_S
            self._key, self._answers, self._asked = key, {}, {}
            try:
                if self._link is None:
                    self.join()
                found = work()
            except (OSError, TimeoutError, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError):
                # Half an answer may be left in the connection; the next look has one of its own.
                self._part()
                return None
            self._keep()
            return found

    def ask(self, questions: Sequence[Question]) -> list[Answer | None]:
        """The answers, None for each that is an error. Raises `TimeoutError` when the time of this look is over."""
        ahead = () if self._asked else self._kept.get(self._key, ())
        self._asked.update(dict.fromkeys(questions))
        wanted = [question for question in dict.fromkeys((*questions, *ahead)) if question not in self._answers]
        for start in range(0, len(wanted), _BATCH):
            self._answers |= self._told(wanted[start : start + _BATCH])
        return [self._answers[question] for question in questions]

    def _told(self, questions: Sequence[Question]) -> dict[Question, Answer | None]:
        from jeepney import HeaderFields, MessageType

        waiting = {next(self._link.outgoing_serial): question for question in questions}
        self._link.sock.sendall(b"".join(_numbered(question, serial) for serial, question in waiting.items()))
        told: dict[Question, Answer | None] = {}
        while waiting:
            reply = self._link.receive(timeout=max(0.0, self._end_s - time.monotonic()))
            question = waiting.pop(reply.header.fields.get(HeaderFields.reply_serial), None)
            if question is not None:
                told[question] = tuple(reply.body) if reply.header.message_type is MessageType.method_return else None
        return told

    def _keep(self) -> None:
        if len(self._kept) >= _LOOKS_KEPT and self._key not in self._kept:
            self._kept.pop(next(iter(self._kept)))
        self._kept[self._key] = tuple(self._asked)[:_MOST_KEPT]

    def _part(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            with suppress(OSError):
                link.close()


def _numbered(question: Question, serial: int) -> bytes:
    message = _written(question)
    return message[: _SERIAL.start] + serial.to_bytes(4, "little") + message[_SERIAL.stop :]


@lru_cache(4096)
def _written(question: Question) -> bytes:
    from jeepney import DBusAddress, new_method_call

    (name, path), interface, method, signature, body = question
    return bytes(new_method_call(DBusAddress(path, name, interface), method, signature or None, body).serialise(serial=1))
