"""The proxy's event loop: clients are taken until it is told to stop."""

from __future__ import annotations

import asyncio
import socket

from handeye.tools.egress.connection import ClientConnection
from handeye.tools.egress.context import Context

CHECK_S = 1.0
"""How often connections are looked at that take too long."""


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
                    connection.check(loop.time())
    finally:
        server.close()
        for connection in list(everyone):
            connection.abort()
