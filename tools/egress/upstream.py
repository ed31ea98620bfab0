"""The connection to a server: dialled at exactly the addresses that were judged."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from handeye.tools.egress.addresses import number
from handeye.tools.egress.context import Context
from handeye.tools.egress.resolving import Unreachable

CONNECT_S = 10.0
"""Longest wait for the last address to answer."""
NEXT_S = 3.0
"""Longest wait for an address while there are others."""


class Downstream(Protocol):
    """The client's side, as the server's side sees it."""

    def from_server(self, upstream: Upstream, data: memoryview) -> None:
        """Bytes have come. What `data` shows is gone with the next read."""

    def server_ended(self, upstream: Upstream) -> None:
        """The server will send nothing more, or is gone."""

    def server_full(self, full: bool) -> None:
        """Whether the server takes no more for now."""


class Upstream(asyncio.BufferedProtocol):
    """One connection to a server. Reads nothing until it is told to."""

    def __init__(self, client: Downstream, space: memoryview) -> None:
        self._client = client
        self._space = space
        self._transport: asyncio.Transport | None = None
        self._listening = False
        # What came before it was told to read: uvloop looks once in spite of a pause in `connection_made`.
        self._early = b""
        self._ended = False
        self.reused = False
        """Whether a request went through before."""

    @property
    def open(self) -> bool:
        """Whether anything can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, data: bytes) -> None:
        """Send, if it is open."""
        if self._transport is not None:
            self._transport.write(data)

    def listen(self, wanted: bool) -> None:
        """Read what the server sends, or leave it for now."""
        if wanted is not self._listening and self._transport is not None and not self._transport.is_closing():
            self._listening = wanted
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()
            if wanted:
                self._tell_early()

    def _tell_early(self) -> None:
        early, self._early = self._early, b""
        if early:
            self._client.from_server(self, memoryview(early))
        ended, self._ended = self._ended, False
        if ended:
            self._client.server_ended(self)

    def end(self) -> None:
        """Tell the server that nothing more comes."""
        if self._transport is not None and not self._transport.is_closing() and self._transport.can_write_eof():
            self._transport.write_eof()

    def drop(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.pause_reading()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        if not self._listening:
            self._early += self._space[:nbytes]
            cast(asyncio.Transport, self._transport).pause_reading()
            return
        self._client.from_server(self, self._space[:nbytes])

    def eof_received(self) -> bool:
        if self._listening:
            self._client.server_ended(self)
        else:
            self._ended = True
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._client.server_ended(self)

    def pause_writing(self) -> None:
        self._client.server_full(True)

    def resume_writing(self) -> None:
        self._client.server_full(False)


async def dial(client: Downstream, addresses: tuple[str, ...], port: int, context: Context) -> Upstream:
    """A connection to the first of `addresses` that answers. Raises `Unreachable`."""
    loop = asyncio.get_running_loop()
    why = "nothing listens there"
    for place, address in enumerate(addresses, 1):
        value = number(address)
        if value is not None and port == context.own_port and (value.is_loopback or value.is_unspecified):
            raise Unreachable("that is handeye's own proxy")
        limit_s = CONNECT_S if place == len(addresses) else NEXT_S
        try:
            async with asyncio.timeout(limit_s):
                _, upstream = await loop.create_connection(lambda: Upstream(client, context.space), address, port)
        except TimeoutError:
            why = f"it does not answer within {limit_s:.0f} s"
        except OSError as error:
            why = error.strerror or str(error)
        else:
            return upstream
    raise Unreachable(why)
