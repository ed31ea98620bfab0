"""One client of the proxy: its requests judged one by one, its tunnels by their first bytes."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Literal, TypeAlias, cast

from handeye.tools.egress.addresses import canonical_host, number, shortened
from handeye.tools.egress.context import Context
from handeye.tools.egress.exchange import Exchange
from handeye.tools.egress.hello import HANDSHAKE, Hello, NotHello
from handeye.tools.egress.messages import (
    HEAD_END,
    MAX_HEAD,
    BadAnswer,
    BadRequest,
    Request,
    asked,
    connect_target,
    own_answer,
    read_request,
)
from handeye.tools.egress.resolving import Private, Unreachable
from handeye.tools.egress.upstream import Upstream, dial
from handeye.tools.errors import InvalidAction

MAX_WAITING = 1 << 18
"""Bytes from a client that are kept while they cannot be passed on; then it is not read from."""
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


Mode: TypeAlias = Literal["head", "dial", "body", "answer", "first", "hello", "relay", "linger"]
"""What a connection is waiting for; with `_s`, the name of its limit."""


class ClientConnection(asyncio.BufferedProtocol):
    """The proxy's end of a client's connection."""

    def __init__(self, context: Context, everyone: set[ClientConnection]) -> None:
        self._context = context
        self._everyone = everyone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._mode: Mode = "head"
        self._since = monotonic()
        self._exchange: Exchange | None = None
        self._upstream: Upstream | None = None
        self._where: tuple[str, int] | None = None
        self._tunnel: tuple[str, int] | None = None
        self._hello: Hello | None = None
        self._task: asyncio.Task[None] | None = None
        self._server_full = False
        self._client_full = False
        self._held = False
        """Whether the client is not read from for now."""

    # The client's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._everyone.add(self)
        if len(self._everyone) > self._context.limits.connections:
            self._last_words(503, "too many connections at once")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._context.space

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._context.space[:nbytes])
        mode = self._mode
        if mode == "relay":
            self._since = monotonic()
            if self._upstream is not None:
                self._upstream.send(data)
            return
        if mode == "linger":
            return
        if mode != "hello" and (mode != "head" or not self._buffer):
            self._since = monotonic()
        self._buffer += data
        if mode == "first":
            tls = data[0] == HANDSHAKE
            self._mode, self._hello = ("hello", Hello()) if tls else ("head", None)
        if self._hello is not None:
            self._take_hello(self._hello, data)
        else:
            self._advance()
        self._flow()

    def eof_received(self) -> bool:
        if self._mode == "relay" and self._upstream is not None and self._upstream.open:
            self._upstream.end()
            return True
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._everyone.discard(self)
        if self._task is not None:
            self._task.cancel()
        self._forget_server()

    def pause_writing(self) -> None:
        self._client_full = True
        if self._upstream is not None:
            self._upstream.listen(False)

    def resume_writing(self) -> None:
        self._client_full = False
        if self._upstream is not None and self._mode not in ("first", "hello"):
            self._upstream.listen(True)

    def abort(self) -> None:
        """Hang up on both sides at once."""
        if self._transport is not None:
            self._transport.abort()

    def check(self, now: float) -> None:
        """Hang up when what is waited for takes too long. `now`: `time.monotonic()`."""
        limits = self._context.limits
        idle = self._mode == "head" and not self._buffer
        if now - self._since > (limits.idle_s if idle else getattr(limits, f"{self._mode}_s")):
            self.abort()

    # Requests

    def _advance(self) -> None:
        """Go on as far as the bytes that are there allow."""
        while self._buffer:
            if self._mode == "head":
                if not self._take_head():
                    return
            elif self._mode == "body":
                self._take_body()
            else:
                return

    def _take_head(self) -> bool:
        """Judge the request at the head of the buffer. False: it is not all there."""
        end = self._buffer.find(HEAD_END)
        if end < 0 or end > MAX_HEAD:
            if len(self._buffer) > MAX_HEAD:
                self._last_words(431, "the head of the request is too long")
            return False
        head = bytes(self._buffer[:end])
        del self._buffer[: end + len(HEAD_END)]
        try:
            request = read_request(head)
            if request.method == b"CONNECT":
                self._connect(request)
            else:
                self._exchange = Exchange(asked(request, self._tunnel))
                self._request(self._exchange)
        except BadRequest as error:
            self._refuse_request(error)
        return True

    def _refuse_request(self, error: BadRequest) -> None:
        if error.status == 403:
            self._context.refuse(error.host, error.port, str(error))
        self._last_words(error.status, str(error))

    def _request(self, exchange: Exchange) -> None:
        host, port = exchange.asked.address.host, exchange.asked.address.port
        why = self._context.host_refusal(host, port, False)
        if why is not None:
            self._refuse(host, port, why)
        elif self._upstream is not None and self._upstream.open and self._where == (host, port):
            self._begin()
        else:
            self._dial(host, port)

    def _begin(self) -> None:
        """The server is there: send the request."""
        exchange, upstream = self._exchange, self._upstream
        assert exchange is not None
        assert upstream is not None
        upstream.send(exchange.asked.head)
        upstream.listen(not self._client_full)
        self._mode = "answer" if exchange.sent else "body"

    def _take_body(self) -> None:
        exchange, upstream = self._exchange, self._upstream
        assert exchange is not None
        assert upstream is not None
        data = bytes(self._buffer)
        self._buffer.clear()
        try:
            out = exchange.body(data)
        except BadRequest:
            self.abort()
            return
        if out:
            upstream.send(out)
        if exchange.sent:
            self._buffer += exchange.rest
            self._mode = "answer"

    # Tunnels

    def _connect(self, request: Request) -> None:
        if self._tunnel is not None:
            raise BadRequest("a tunnel within a tunnel")
        host, port = connect_target(request)
        self._tunnel = (host, port)
        why = self._context.host_refusal(host, port, None)
        if why is not None:
            self._refuse(host, port, why)
        elif self._buffer:
            raise BadRequest("a tunnel begins when the answer has come")
        else:
            self._dial(host, port)

    def _take_hello(self, hello: Hello, data: bytes) -> None:
        assert self._tunnel is not None
        host, port = self._tunnel
        try:
            if not hello.feed(data):
                return
            why = self._context.host_refusal(host, port, True) or _differs(host, hello.name or "")
        except NotHello as error:
            why = str(error)
        if why is not None:
            self._context.refuse(host, port, why)
            self.abort()
        elif self._upstream is not None:
            self._hello = None
            self._relay()

    def _relay(self) -> None:
        """From here on both sides have each other's bytes as they come."""
        self._mode = "relay"
        if self._upstream is not None:
            if self._buffer:
                self._upstream.send(bytes(self._buffer))
                self._buffer.clear()
            self._upstream.listen(not self._client_full)

    # The server's side

    def _dial(self, host: str, port: int) -> None:
        self._forget_server()
        self._mode = "dial"
        self._task = self._loop.create_task(self._reach(host, port))

    async def _reach(self, host: str, port: int) -> None:
        try:
            addresses = await self._context.resolver.addresses(host, port)
            upstream = await dial(self, addresses, port, self._context)
        except Private as error:
            self._refuse(host, port, str(error))
            return
        except Unreachable as error:
            self._last_words(502, f"{host}: {error}")
            return
        self._task, self._upstream, self._where = None, upstream, (host, port)
        self._since = monotonic()
        if self._exchange is None:
            self._mode = "first"
            self._write(CONNECTED)
        else:
            self._begin()
            self._advance()
        self._flow()

    def from_server(self, upstream: Upstream, data: memoryview) -> None:
        """Bytes of the server that is spoken to."""
        self._since = monotonic()
        if self._mode == "relay":
            self._write(bytes(data))
        elif upstream is not self._upstream or self._exchange is None or not data:
            upstream.drop()  # nobody asked for anything
        else:
            self._take_answer(self._exchange, data)

    def server_ended(self, upstream: Upstream) -> None:
        """The server will send nothing more."""
        if upstream is not self._upstream:
            return
        if self._mode == "relay":
            self._end_relay(upstream)
        elif self._mode == "first" or self._mode == "hello":
            self.abort()
        elif self._exchange is None:
            self._forget_server()
        elif upstream.reused and not self._exchange.begun:
            # It hung up on a kept connection just when it was used again. Browsers take a closed connection for that and try once more.
            self.abort()
        else:
            self._take_answer(self._exchange, b"")

    def server_full(self, full: bool) -> None:
        """Whether the server takes no more for now."""
        self._server_full = full
        self._flow()

    def _end_relay(self, upstream: Upstream) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if upstream.open and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _take_answer(self, exchange: Exchange, data: bytes | memoryview) -> None:
        try:
            out = exchange.answer(data)
        except BadAnswer as error:
            if exchange.begun:
                self.abort()
            else:
                self._last_words(502, str(error))
            return
        if out:
            self._write(out)
        if exchange.switched:
            self._exchange = None
            if exchange.surplus:
                self._write(exchange.surplus)
            self._relay()
        elif exchange.answered:
            self._finish(exchange)

    def _finish(self, exchange: Exchange) -> None:
        if exchange.surplus or not exchange.keep_server or not exchange.sent or self._upstream is None:
            self._forget_server()
        else:
            self._upstream.reused = True
        self._exchange = None
        if not exchange.keep_client or not exchange.sent:
            self._linger()
            return
        self._mode = "head"
        self._since = monotonic()
        self._advance()
        self._flow()

    def _forget_server(self) -> None:
        upstream, self._upstream, self._where = self._upstream, None, None
        self._server_full = False
        if upstream is not None:
            upstream.drop()

    # Own answers

    def _refuse(self, host: str, port: int, why: str) -> None:
        """Tell the client and whoever listens, and go on with the next request where there was no body."""
        self._context.refuse(host, port, why)
        exchange, self._exchange = self._exchange, None
        if exchange is None or not exchange.sent or not exchange.keep_client or self._tunnel is not None:
            self._last_words(403, why)
            return
        self._write(own_answer(403, why, close=False, bare=exchange.asked.method == b"HEAD"))
        self._task = None
        self._mode = "head"
        self._since = monotonic()
        self._advance()

    def _last_words(self, status: int, why: str) -> None:
        self._write(own_answer(status, why, close=True))
        self._linger()

    def _linger(self) -> None:
        self._mode = "linger"
        self._since = monotonic()
        self._exchange = None
        self._buffer.clear()
        self._forget_server()
        if self._transport is not None and not self._transport.is_closing() and self._transport.can_write_eof():
            self._transport.write_eof()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _flow(self) -> None:
        full = self._server_full or len(self._buffer) > MAX_WAITING
        if full is not self._held and self._transport is not None and not self._transport.is_closing():
            self._held = full
            (self._transport.pause_reading if full else self._transport.resume_reading)()


def _differs(host: str, name: str) -> str | None:
    """Why a TLS client that names `name` may not speak to `host`; None: it may."""
    if not name:
        # Names of servers are never numbers (RFC 6066, 3): who connects to a number names none.
        return None if number(host) is not None else f"the TLS client does not say that it wants {host}"
    try:
        same = canonical_host(name) == host
    except InvalidAction:
        same = False
    return None if same else f"the tunnel is to {host}, the TLS client in it wants {shortened(name)}"
