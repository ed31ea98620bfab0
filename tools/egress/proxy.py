"""The forward proxy: a browser's one way out.

asyncio and h11 rather than a whole proxy library: mitmproxy opens TLS and brings some forty packages, proxy.py runs processes of its own
and parses HTTP leniently, aiohttp is no proxy; what would be left to write is what is here, the verdicts and whom they bind.

It asks for no password. Chromium answers a proxy's challenge only when Playwright intercepts every request over CDP, which costs more
than the whole proxy does and would stand in the way of other interception. What another program on this machine gains from the port is
what it has already: connections, to fewer hosts than it can reach by itself.
"""

from __future__ import annotations

import asyncio
import socket
import threading

from handeye.tools.egress.connection import ClientConnection
from handeye.tools.egress.context import Context, OnRefusal
from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal
from handeye.tools.egress.resolving import Ask, ask_system
from handeye.tools.errors import DeviceError, InvalidAction, SetupError

CHECK_S = 1.0
"""How often connections are looked at that take too long."""
START_S = 10.0
END_S = 5.0
HOST = "127.0.0.1"


class EgressProxy:
    """A forward proxy on a thread of its own, on loopback only. Made by `start`; usable as a context manager."""

    def __init__(self, context: Context, listening: socket.socket) -> None:
        self._context = context
        self._listening = listening
        self._port = int(listening.getsockname()[1])
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="egress proxy", daemon=True)

    @classmethod
    def start(cls, allowed: Allowed, port: int = 0, on_refusal: OnRefusal | None = None, ask: Ask = ask_system) -> EgressProxy:
        """A proxy that lets through what `allowed` allows, on `port` of 127.0.0.1 (0: any that is free).

        `on_refusal` is called with each `Refusal`, on the proxy's thread: it must not block. `ask` gives the addresses of a name.
        Raises `SetupError` when the port is taken or may not be opened.
        """
        if not 0 <= port < 65536:
            raise InvalidAction(f"a port is a number from 0 to 65535, not {port}")
        try:
            listening = socket.create_server((HOST, port), backlog=256)
        except OSError as error:
            why = f"The proxy cannot listen on port {port} of {HOST}: {error.strerror}."
            raise SetupError(why, fix="name a port that is free, or none") from error
        own_port = int(listening.getsockname()[1])
        proxy = cls(Context(allowed, ask, on_refusal, own_port), listening)
        proxy._thread.start()
        if not proxy._up.wait(START_S):
            proxy.close()
            raise DeviceError("The proxy's thread did not start.")
        return proxy

    @property
    def address(self) -> str:
        """What a browser is told: `http://127.0.0.1:PORT`. Chromium also needs `--proxy-bypass-list=<-loopback>`, or it goes around the
        proxy for addresses of this machine."""
        return f"http://{HOST}:{self._port}"

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The latest thousand, oldest first."""
        return self._context.refusals

    @property
    def alive(self) -> bool:
        """Whether it carries anything."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Hang up on everybody and end the thread. A second call does nothing."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and self._thread.is_alive():
            try:
                loop.call_soon_threadsafe(stop.set)
            except RuntimeError:  # it has just ended by itself
                return
            self._thread.join(END_S)
        self._listening.close()

    def __enter__(self) -> EgressProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._stop = loop, asyncio.Event()
        everyone: set[ClientConnection] = set()
        server = await loop.create_server(lambda: ClientConnection(self._context, everyone), sock=self._listening)
        self._up.set()
        try:
            while not self._stop.is_set():
                try:
                    await asyncio.wait_for(self._stop.wait(), CHECK_S)
                except TimeoutError:
                    for connection in list(everyone):
                        connection.check(loop.time())
        finally:
            server.close()
            for connection in list(everyone):
                connection.abort()
