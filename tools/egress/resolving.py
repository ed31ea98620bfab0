"""Names to network addresses: asked once, judged, and then dialled as judged, so that a second answer cannot lead elsewhere."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handeye.tools.egress.addresses import number, private_reason
from handeye.tools.egress.hosts import Allowed

LOOKUP_S = 10.0
KEPT_S = 30.0
"""How long an answer is used again: a page opens half a dozen connections to each host."""
MAX_KEPT = 512

Ask: TypeAlias = Callable[[str], Sequence[str]]
"""A name to its network addresses, as text; called on a thread of its own. Raises `OSError`."""


class Unreachable(Exception):
    """Nobody is there: no such name, or nothing answers."""


class Private(Exception):
    """The name leads into a private network or onto this machine, and is not listed with that address."""


@dataclass(frozen=True)
class _Answer:
    addresses: tuple[str, ...]
    until: float


def ask_system(name: str) -> Sequence[str]:
    """What the system's resolver says. Raises `OSError`."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(f"{name} is no name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Resolver:
    """Judged addresses of allowed names. Lives on one event loop."""

    def __init__(self, allowed: Allowed, ask: Ask = ask_system) -> None:
        self._allowed = allowed
        self._ask = ask
        self._kept: dict[str, _Answer] = {}
        self._asked: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    def addresses(self, host: str, port: int) -> Awaitable[tuple[str, ...]]:
        """Where `host` (canonical, allowed on `port`) may be dialled, best first. Raises `Unreachable` or `Private`."""
        listed = self._allowed.addresses(host, port)
        if listed:
            return _at_once(listed)
        if number(host) is not None:
            return _at_once(_judged(host, (host,)))
        loop = asyncio.get_running_loop()
        kept = self._kept.get(host)
        if kept is not None and kept.until > loop.time():
            return _at_once(kept.addresses)
        if host not in self._asked:
            self._asked[host] = task = loop.create_task(self._look_up(host))
            # Everybody who asked may be gone by then; asyncio reports a failure that nobody has looked at.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.shield(self._asked[host])

    async def _look_up(self, host: str) -> tuple[str, ...]:
        try:
            found = await asyncio.wait_for(_on_a_thread(self._ask, host), LOOKUP_S)
            judged = _judged(host, found)
        except TimeoutError as error:
            raise Unreachable(f"the name server did not say within {LOOKUP_S:.0f} s where {host} is") from error
        except OSError as error:
            raise Unreachable(f"no host has the name {host}") from error
        finally:
            del self._asked[host]
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[host] = _Answer(judged, asyncio.get_running_loop().time() + KEPT_S)
        return judged


def _judged(host: str, found: Sequence[str]) -> tuple[str, ...]:
    """Raises `Private` when one address of them is: a name that is public by half is after something."""
    for text in found:
        value = number(text)
        reason = "no network address" if value is None else private_reason(value)
        if reason is not None:
            raise Private(f"{host} leads to {text}, {reason}; if that is meant, list it as {host}:PORT={text}")
    if not found:
        raise Unreachable(f"no host has the name {host}")
    return tuple(found)


async def _at_once(addresses: tuple[str, ...]) -> tuple[str, ...]:
    return addresses


def _on_a_thread(ask: Ask, name: str) -> asyncio.Future[Sequence[str]]:
    """The system's look-up blocks and cannot be called off: a daemon thread each, which nobody has to wait for when the proxy closes (the
    loop's own threads would be waited for)."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def tell(found: Sequence[str] | None, error: OSError | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or ())

    def work() -> None:
        found: Sequence[str] | None = None
        failed: OSError | None = None
        try:
            found = ask(name)
        except OSError as error:
            failed = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, found, failed)

    threading.Thread(target=work, name=f"look-up of {name}", daemon=True).start()
    return answer
