"""Phones for tests: without a screen, so without Chromium; and an adb peer that speaks whatever a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import NamedTuple

from handeye.tools.browser.loop import LoopThread
from handeye.tools.simphone import packets
from handeye.tools.simphone.adbd import Adbd
from handeye.tools.simphone.faults import Faults
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.packets import CNXN, OKAY, OPEN, WRTE, Header, Packet
from handeye.tools.simphone.pipes import Capture, Input
from handeye.tools.simphone.seeding import SHARED_FOLDERS
from handeye.tools.simphone.shell.flow import ExitShell
from handeye.tools.simphone.shell.interpreter import Shell, Streams
from handeye.tools.simphone.skeleton import lay_out
from handeye.tools.simphone.state import DeviceState


class ScreenlessPhone:
    """What adbd, the shell and the programs that have nothing to do with the screen need of a phone."""

    def __init__(self, options: PhoneOptions | None = None) -> None:
        self.options = options or PhoneOptions(clock="steps")
        self.state = DeviceState(self.options)
        self.faults = Faults()
        lay_out(self.state.files)
        for name in SHARED_FOLDERS:
            self.state.files.mkdir(f"/storage/emulated/0/{name}", parents=True)


class Result(NamedTuple):
    code: int
    out: str
    err: str


def shell(script: str, phone: ScreenlessPhone | None = None, stdin: bytes = b"", limit_s: float = 20) -> Result:
    """Run a script to its end."""

    async def run() -> Result:
        out, err = Capture(), Capture()
        interpreter = Shell(phone or ScreenlessPhone())  # type: ignore[arg-type]
        try:
            code = await asyncio.wait_for(interpreter.run(script, Streams(Input(stdin), out, err)), limit_s)
        except ExitShell as jump:
            code = jump.code
        return Result(code, out.data.decode("utf-8", "surrogateescape"), err.data.decode("utf-8", "surrogateescape"))

    return asyncio.run(run())


class Listening:
    """A phone with its adbd on a thread."""

    def __init__(self, loop: LoopThread) -> None:
        self.loop = loop
        self.phone = ScreenlessPhone()
        self.adbd = Adbd(self.phone)  # type: ignore[arg-type]
        self.port = loop.run(self.adbd.start(), 10)
        self.serial = f"127.0.0.1:{self.port}"

    def fault(self, name: str, value: float = 1) -> None:
        async def set_it() -> None:
            self.phone.faults.set(name, value)

        self.loop.run(set_it(), 10)

    @property
    def connections(self) -> int:
        return len(self.adbd._connections)

    @property
    def streams(self) -> int:
        return sum(len(connection.streams) for connection in list(self.adbd._connections))

    def clear(self) -> None:
        async def clear_all() -> None:
            self.phone.faults.clear()

        self.loop.run(clear_all(), 10)


@contextlib.contextmanager
def listening() -> Iterator[Listening]:
    loop = LoopThread("simphone")
    phone = Listening(loop)
    try:
        yield phone
    finally:
        loop.run(phone.adbd.close(), 10)
        loop.stop()


class Peer:
    """One connection to a phone, on which a test sends what it likes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(20)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, command: bytes, arg0: int = 0, arg1: int = 0, data: bytes = b"", sums: bool = False) -> None:
        self.raw(packets.pack(Packet(command, arg0, arg1, data), sums))

    def greet(self, version: int = packets.VERSION, limit: int = packets.MAX_DATA) -> Packet:
        self.send(CNXN, version, limit, b"host::features=shell_v2", sums=True)
        return self.receive()

    def open(self, service: str, local: int = 1) -> int:
        """The phone's id of the stream."""
        self.send(OPEN, local, 0, service.encode() + b"\0")
        answer = self.receive()
        assert answer.command == OKAY
        return answer.arg0

    def receive(self) -> Packet:
        """Raises `EOFError` when the phone has hung up."""
        header = packets.unpack_header(self._exactly(packets.HEADER.size))
        return self._packet(header)

    def read_stream(self) -> bytes:
        """What a stream gives until it is closed."""
        found = b""
        while (packet := self.receive()).command != packets.CLSE:
            if packet.command == WRTE:
                found += packet.data
                self.send(OKAY, packet.arg1, packet.arg0)
        return found

    def hung_up(self) -> bool:
        """Whether the phone hangs up, whatever it says before."""
        try:
            while self.socket.recv(1 << 16):
                continue
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def _packet(self, header: Header) -> Packet:
        return Packet(header.command, header.arg0, header.arg1, self._exactly(header.length))

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
