"""The device's side of adb over TCP: connections, their handshake, and the streams in them.

Whatever a peer sends, the phone lives on: a connection that breaks the rules is closed, a stream too many is refused, and nothing is
kept that the peer has not paid for by reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from typing import TYPE_CHECKING

from handeye.tools.simphone import packets
from handeye.tools.simphone.packets import AUTH, CLSE, CNXN, OKAY, OPEN, WRTE, MalformedPacket, Packet
from handeye.tools.simphone.pipes import Closed
from handeye.tools.simphone.services import serve

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

HANDSHAKE_S = 10.0
"""How long a peer may take to introduce itself."""
PACKET_S = 60.0
"""How long the rest of a packet may take, and how long a peer may let us wait until it reads."""
MOST_CONNECTIONS = 32
MOST_STREAMS = 128
"""Open at once in one connection."""
ENDING_S = 0.5
"""How long a service may take to end after its stream was closed: what was sent to it before is still used."""
LAST_WORDS_S = 0.2
"""How long a connection that is to be dropped still lives, so that the answer to the command that dropped it arrives."""
RECONNECT = frozenset({"unauthorized", "auth", "no_shell_v2"})
"""Faults that a connection meets only when it begins: those that are there are dropped."""
TOKEN, SIGNATURE, PUBLIC_KEY = 1, 2, 3
"""Kinds of AUTH."""
log = logging.getLogger(__name__)


class Adbd:
    """Listens on 127.0.0.1. Of the phone it uses `options`, `state`, `faults` and what the programs use."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.port = 0
        self.key_known = False
        """Whether the computer's key was accepted before."""
        self._server: asyncio.Server | None = None
        self._connections: dict[Connection, asyncio.Task[None]] = {}

    async def start(self, port: int = 0) -> int:
        """Listen, and give the port. Raises `OSError` when the port is taken."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=2 * packets.MAX_DATA)
        self.port = self._server.sockets[0].getsockname()[1]
        self.phone.faults.listeners.append(self._fault_changed)
        self.phone.state.listeners.append(self._state_changed)
        return self.port

    async def close(self) -> None:
        """Drop all connections and listen no more. A second call does nothing."""
        if self._server is None:
            return
        self.phone.faults.listeners.remove(self._fault_changed)
        self.phone.state.listeners.remove(self._state_changed)
        self._server.close()
        self._server = None
        tasks = list(self._connections.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def drop(self) -> None:
        """Close every connection shortly, as adbd does when it starts anew."""
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self._drop_now, list(self._connections))

    def _drop_now(self, connections: list[Connection]) -> None:
        for connection in connections:
            connection.abort()

    def _fault_changed(self, name: str) -> None:
        if name in RECONNECT:
            self.drop()
        for connection in self._connections:
            connection.faults_changed.set()

    def _state_changed(self, kind: str, detail: str) -> None:
        if kind == "reboot":
            self.drop()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        connection = Connection(self, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._connections[connection] = task
        try:
            await connection.run()
        except asyncio.CancelledError:
            pass  # close() cancels; nobody awaits this task but the server, which would print the traceback
        finally:
            del self._connections[connection]


class Connection:
    """One adb server that is connected."""

    def __init__(self, adbd: Adbd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.adbd = adbd
        self.phone = adbd.phone
        self.max_data = packets.LEAST_DATA
        self.streams: dict[int, Stream] = {}
        self.ending: set[asyncio.Task[None]] = set()
        """Services whose streams the peer has closed and that still do something."""
        self.faults_changed = asyncio.Event()
        self.reverses: dict[str, str] = {}
        """What `adb reverse` asked for: the phone's side to the computer's."""
        self._reader = reader
        self._writer = writer
        self._sums = True
        self._connected = False
        self._next_id = 1
        self._sending = asyncio.Lock()

    def abort(self) -> None:
        """Break the connection, without a word."""
        self._writer.transport.abort()

    async def run(self) -> None:
        """Serve until the peer is gone or breaks the rules."""
        try:
            async with asyncio.timeout(HANDSHAKE_S) as deadline:
                first = await self._receive()
                await self._introduce(first, deadline)
            while True:
                await self._handle(await self._receive())
        except (MalformedPacket, TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            log.debug("a peer is dropped: %r", error)
        finally:
            for stream in list(self.streams.values()):
                stream.end(at_once=True)
            for task in list(self.ending):
                task.cancel()
            self.abort()

    async def send(self, packet: Packet) -> None:
        """Send a packet. Raises `OSError` when the peer is gone or does not read."""
        async with self._sending:
            if self._writer.is_closing():
                raise ConnectionResetError("closed")
            self._writer.write(packets.pack(packet, self._sums))
            try:
                async with asyncio.timeout(PACKET_S):
                    await self._writer.drain()
            except TimeoutError:
                self.abort()
                raise

    async def answers(self) -> None:
        """Wait while the phone is `offline`."""
        faults = self.phone.faults
        while faults.active("offline"):
            seconds = faults.value("offline")
            await self._fault_change(seconds if seconds > 1 else None)
            if faults.value("offline") == seconds > 1:
                faults.set("offline", 0)

    async def _fault_change(self, limit_s: float | None) -> None:
        self.faults_changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self.faults_changed.wait()

    async def _receive(self) -> Packet:
        start = await self._reader.readexactly(1)
        async with asyncio.timeout(PACKET_S):
            header = packets.unpack_header(start + await self._reader.readexactly(packets.HEADER.size - 1))
            data = await self._reader.readexactly(header.length)
        return packets.complete(header, data, self._sums and (self._connected or header.check != 0))

    async def _introduce(self, first: Packet, deadline: asyncio.Timeout) -> None:
        """The handshake, up to our CNXN."""
        if first.command != CNXN:
            raise MalformedPacket(f"{first.command!r} before CNXN")
        await self.answers()
        faults = self.phone.faults
        if faults.active("auth") or faults.active("unauthorized"):
            await self._authenticate(deadline)
        version, limit = first.arg0, first.arg1
        if limit < packets.LEAST_DATA:
            raise MalformedPacket(f"a peer that takes {limit} bytes at once")
        self.max_data = min(limit, packets.MAX_DATA)
        props = self.phone.state.facts.props
        model = props.get("ro.product.model", self.phone.options.name)
        names = {
            "ro.product.name": props.get("ro.product.name", "handeye"),
            "ro.product.model": model,
            "ro.product.device": props.get("ro.product.device", "handeye"),
        }
        shell = () if faults.active("no_shell_v2") else ("shell_v2",)
        features = (*shell, "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir")
        ours = min(max(version, packets.VERSION_WITH_SUMS), packets.VERSION)
        await self.send(Packet(CNXN, ours, packets.MAX_DATA, packets.banner(names, features)))
        self._sums = ours == packets.VERSION_WITH_SUMS
        self._connected = True

    async def _authenticate(self, deadline: asyncio.Timeout) -> None:
        """Ask for a signature, then for the key itself; `unauthorized`: nobody says yes to it."""
        await self.send(Packet(AUTH, TOKEN, 0, os.urandom(20)))
        while True:
            packet = await self._receive()
            if packet.command != AUTH or packet.arg0 not in (SIGNATURE, PUBLIC_KEY):
                raise MalformedPacket(f"{packet.command!r} in place of a key")
            refused = self.phone.faults.active("unauthorized")
            if packet.arg0 == SIGNATURE and self.adbd.key_known and not refused:
                return
            if packet.arg0 == PUBLIC_KEY:
                break
            await self.send(Packet(AUTH, TOKEN, 0, os.urandom(20)))
        deadline.reschedule(None)
        faults = self.phone.faults
        while faults.active("unauthorized"):
            seconds = faults.value("unauthorized")
            await self._fault_change(seconds if seconds > 1 else None)
            if faults.value("unauthorized") == seconds > 1:
                faults.set("unauthorized", 0)
        self.adbd.key_known = True

    async def _handle(self, packet: Packet) -> None:
        if self.phone.faults.active("offline"):
            await self.answers()
        if packet.command == OPEN:
            await self._open(packet)
        elif packet.command == WRTE:
            stream = self.streams.get(packet.arg1)
            if stream is None or stream.remote != packet.arg0:
                await self.send(Packet(CLSE, 0, packet.arg0))
            else:
                await stream.received(packet.data)
        elif packet.command in (OKAY, CLSE):
            stream = self.streams.get(packet.arg1)
            if stream is not None and stream.remote == packet.arg0:
                if packet.command == OKAY:
                    stream.acknowledged()
                else:
                    stream.end()
        elif packet.command != packets.SYNC:
            raise MalformedPacket(f"{packet.command!r} in the middle of a connection")

    async def _open(self, packet: Packet) -> None:
        name = packet.data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        if packet.arg0 == 0:
            raise MalformedPacket("a stream with the id 0")
        if len(self.streams) + len(self.ending) >= MOST_STREAMS or not name or self.phone.faults.take("refuse"):
            await self.send(Packet(CLSE, 0, packet.arg0))
            return
        while self._next_id in self.streams or self._next_id == 0:
            self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        stream = Stream(self, self._next_id, packet.arg0)
        self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        self.streams[stream.local] = stream
        stream.start(name)


class Stream:
    """One service that is being used."""

    def __init__(self, connection: Connection, local: int, remote: int) -> None:
        self.connection = connection
        self.local = local
        self.remote = remote
        self.ended = False
        self.written = 0
        """Bytes sent so far."""
        self._accepted = False
        self._waiting: deque[bytes] = deque()
        self._came = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self._task: asyncio.Task[None] | None = None

    def start(self, name: str) -> None:
        """Begin the service of that name."""
        self._task = asyncio.create_task(self._serve(name))

    async def accept(self) -> None:
        """Say that the service is there; it is refused otherwise."""
        self._accepted = True
        await self.connection.send(Packet(OKAY, self.local, self.remote))

    async def received(self, data: bytes) -> None:
        """The peer wrote. It gets its OKAY once the data was taken, so it may write one packet at a time."""
        if len(self._waiting) > 1:
            raise MalformedPacket("a stream that does not wait for OKAY")
        self._waiting.append(data)
        self._came.set()

    def acknowledged(self) -> None:
        """The peer has taken what we wrote."""
        self._free.set()

    def end(self, at_once: bool = False) -> None:
        """The peer wants no more. The service sees the end of its input, cannot write, and is stopped if it goes on for long."""
        self.ended = True
        self.connection.streams.pop(self.local, None)
        self._came.set()
        self._free.set()
        if self._task is not None and not self._task.done():
            if at_once:
                self._task.cancel()
            else:
                self.connection.ending.add(self._task)
                self._task.add_done_callback(self.connection.ending.discard)
                asyncio.get_running_loop().call_later(ENDING_S, self._task.cancel)

    async def read(self) -> bytes:
        """What the peer writes next, however long that takes; empty when it has closed the stream."""
        while not self._waiting and not self.ended:
            self._came.clear()
            await self._came.wait()
        if not self._waiting:
            return b""
        data = self._waiting.popleft()
        if not self.ended:
            await self.connection.send(Packet(OKAY, self.local, self.remote))
        return data

    async def write(self, data: bytes) -> None:
        """Send, in pieces, each when the one before was taken. Raises `Closed` when the peer has gone."""
        faults = self.connection.phone.faults
        size = self.connection.max_data
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            await self._free.wait()
            if self.ended:
                raise Closed
            limit = int(faults.value("disconnect_bytes", 100_000))
            if faults.active("disconnect") and self.written + len(piece) > limit:
                faults.take("disconnect")
                await self._break_off(piece[: max(0, limit - self.written)])
            self._free.clear()
            self.written += len(piece)
            await self.connection.send(Packet(WRTE, self.local, self.remote, piece))

    async def _break_off(self, piece: bytes) -> None:
        if piece:
            await self.connection.send(Packet(WRTE, self.local, self.remote, piece))
        self.connection.abort()
        raise Closed

    async def _serve(self, name: str) -> None:
        try:
            await serve(self.connection, self, name)
        except (Closed, OSError, TimeoutError) as error:
            log.debug("%s ends: %r", name[:100], error)
        except Exception:
            log.exception("%s failed", name[:100])
        if self.ended:
            return
        with contextlib.suppress(OSError, TimeoutError):
            await self._free_or_gone()
            self.connection.streams.pop(self.local, None)
            await self.connection.send(Packet(CLSE, self.local if self._accepted else 0, self.remote))
        self.connection.streams.pop(self.local, None)

    async def _free_or_gone(self) -> None:
        """The last packet must be taken before CLSE, or the peer may lose it."""
        async with asyncio.timeout(PACKET_S):
            await self._free.wait()
