"""The proxy's event loop: clients are taken until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from handeye.tools.egress.connection import ClientConnection
from handeye.tools.egress.context import Context, Limits
from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal
from handeye.tools.egress.resolving import Ask

CHECK_S = 1.0
"""How often connections are looked at that take too long."""
END_S = 10.0


async def serve(context: Context, listening: socket.socket, stop: asyncio.Event) -> None:
    """Take clients on `listening` until `stop` is set, then hang up on everybody."""
    loop = asyncio.get_running_loop()
    everyone: set[ClientConnection] = set()
    server = await loop.create_server(lambda: ClientConnection(context, everyone), sock=listening)
    try:
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), CHECK_S)
            except TimeoutError:
                for connection in list(everyone):
                    connection.check(time.monotonic())
    finally:
        server.close()
        for connection in list(everyone):
            connection.abort()


@contextmanager
def served(allowed: Allowed, ask: Ask, tell: Callable[[Refusal], None], limits: Limits | None = None) -> Iterator[str]:
    """The same proxy on a thread of the caller while the context lasts, for whoever answers for the names himself (`ask`); gives its
    address. Refusals go to `tell`, on that thread, before the client has its answer."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = int(listening.getsockname()[1])
    up = threading.Event()
    ending: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        stop = asyncio.Event()
        ending.append((asyncio.get_running_loop(), stop))
        up.set()
        await serve(Context(allowed, tell, port, ask, limits), listening, stop)

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="egress proxy", daemon=True)
    thread.start()
    try:
        up.wait(END_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        for loop, stop in ending:
            loop.call_soon_threadsafe(stop.set)
        thread.join(END_S)
