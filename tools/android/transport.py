"""Our own way to adb's server: a socket for each request, a deadline for each answer, bytes as they come.

The protocol is that of AOSP's packages/modules/adb (SERVICES.TXT, OVERVIEW.TXT and shell_protocol.h). It costs one connection and no
waiting, where adbutils takes two and 20 ms of sleep, has no deadline, and takes a broken connection for the end of the output.
"""

from __future__ import annotations

import secrets
import shlex
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from handeye.tools.android.deadline import Deadline
from handeye.tools.android.faults import cut_off, refused
from handeye.tools.errors import DeviceError, DeviceLost, SetupError

T = TypeVar("T")
STATE_S = 2.0
"""How long adb's server may take to say whether a phone is there: it asks nobody for that."""
CONNECT_LIMIT_S = 5.0
"""A server on this machine answers in milliseconds, or it does not run."""
CHUNK = 1 << 20
"""Bytes taken from the socket at once: adb's own packets are as long at most (MAX_PAYLOAD of adb.h)."""
STDOUT, STDERR, EXIT = 1, 2, 3
"""Kinds of packets that come from a shell v2 (shell_protocol.h)."""
NO_INPUT = b"\x04\0\0\0\0"
"""The packet that closes a command's standard input: without it, one that reads would wait for ever."""
LONGEST_PACKET = 64 << 20
"""Far more than any real one."""
LONGEST_REQUEST = 0xFFFF
"""A request's length is told in four hexadecimal digits."""


@dataclass(frozen=True)
class ServerAddress:
    """Where an adb server listens."""

    host: str = "127.0.0.1"
    port: int = 5037

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class ShellResult:
    """What a command wrote and how it ended. Without shell v2 (Android 6 and older) `stderr` is part of `stdout`."""

    stdout: bytes
    stderr: bytes
    code: int

    @property
    def text(self) -> str:
        """Standard output as text; what is not UTF-8 is replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def all_text(self) -> str:
        """Both outputs as text, standard output first."""
        return (self.stdout + self.stderr).decode("utf-8", "replace")


class Refused(Exception):
    """The server answered `FAIL`; the message is its text. Inside this package only: callers see what `faults.refused` makes of it."""


class Connection:
    """One connection to an adb server. Raises `SetupError` when none listens, `DeviceTimeout`, and `Refused`."""

    def __init__(self, address: ServerAddress, deadline: Deadline) -> None:
        self._deadline = deadline
        try:
            self._socket = socket.create_connection((address.host, address.port), deadline.left(CONNECT_LIMIT_S))
        except OSError as error:
            deadline.left()
            raise SetupError(f"No adb server answers at {address}: {error.strerror or error}.", fix="adb start-server") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def request(self, service: str) -> None:
        """Ask for a service and wait until it is granted."""
        data = service.encode("utf-8", "surrogateescape")
        if len(data) > LONGEST_REQUEST:
            raise DeviceError(f"a request to adb holds {LONGEST_REQUEST} bytes at most, not {len(data)}")
        self.send(b"%04x" % len(data) + data)
        status = self.read(4)
        if status == b"FAIL":
            raise Refused(self.block().decode("utf-8", "replace"))
        if status != b"OKAY":
            raise DeviceError(f"What answers is no adb server: it said {status!r}.", fix="free its port, or name another adb server")

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises `ConnectionError` when the other side is gone."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._deadline.left())
            try:
                sent = self._socket.send(view[:CHUNK])
            except TimeoutError as error:
                raise self._deadline.error() from error
            view = view[sent:]

    def receive_into(self, view: memoryview) -> int:
        """Fill the beginning of `view` with what is there; how many bytes, 0 at the end."""
        self._socket.settimeout(self._deadline.left())
        try:
            return self._socket.recv_into(view)
        except TimeoutError as error:
            raise self._deadline.error() from error

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises `ConnectionError` when the connection ends before."""
        data = bytearray(count)
        self.fill(memoryview(data))
        return bytes(data)

    def fill(self, view: memoryview) -> None:
        """Read exactly as many bytes as `view` has room for. Raises `ConnectionError` when the connection ends before."""
        filled = 0
        while filled < len(view):
            got = self.receive_into(view[filled:])
            if not got:
                raise ConnectionError(f"the connection ended {len(view) - filled} bytes too early")
            filled += got

    def block(self) -> bytes:
        """A text with its length in front, in four hexadecimal digits."""
        length = self.read(4)
        try:
            return self.read(int(length, 16))
        except ValueError as error:
            raise DeviceError(f"What answers is no adb server: {length!r} is no length.") from error

    def read_to_end(self) -> bytes:
        """Everything until the other side closes."""
        data = Growing()
        while True:
            got = self.receive_into(data.room(CHUNK))
            if not got:
                return bytes(data.view)
            data.size += got


class Growing:
    """Bytes that become more, in a buffer that can be used again: a screenshot of 10 MB would otherwise spend its time on fresh pages."""

    def __init__(self) -> None:
        self._buffer = bytearray(65_536)
        self.size = 0
        """How many bytes are there."""

    @property
    def view(self) -> memoryview:
        """What is there, until the next change."""
        return memoryview(self._buffer)[: self.size]

    def room(self, count: int) -> memoryview:
        """A place for `count` bytes more, behind what is there; they count once `size` says so."""
        if self.size + count > len(self._buffer):
            grown = bytearray(max(2 * len(self._buffer), self.size + count))
            grown[: self.size] = self.view
            self._buffer = grown
        return memoryview(self._buffer)[self.size : self.size + count]


def quoted(arguments: Sequence[str]) -> str:
    """The arguments as one line for the phone's shell, in which nothing is special any more. Raises `DeviceError` for a NUL in one."""
    if any("\0" in argument for argument in arguments):
        raise DeviceError("an argument for the phone holds a NUL character")
    return " ".join(shlex.quote(argument) for argument in arguments)


def host_request(address: ServerAddress, service: str, deadline: Deadline) -> str:
    """The text that the server itself answers a service with (`host:version`, `host:devices-l`, `host:connect:...`). Raises `Refused`."""
    with Connection(address, deadline) as connection:
        connection.request(service)
        return connection.block().decode("utf-8", "replace")


class DeviceLink:
    """Commands to one phone. Any thread may call; each call has a connection of its own.

    Methods raise `DeviceLost` when the phone or the server goes away, `DeviceTimeout` at the deadline, `SetupError` when the phone
    does not trust this computer, and `DeviceError` for what else adb refuses.
    """

    def __init__(self, address: ServerAddress, serial: str) -> None:
        self.address = address
        self.serial = serial
        self.closed = threading.Event()
        """Set once nothing is to be asked any more. Waits between two looks wait on it."""
        self._features: frozenset[str] | None = None

    def features(self, limit_s: float = 10.0) -> frozenset[str]:
        """What the phone's adbd says it can do, as `shell_v2`. Asked once."""
        if self._features is None:
            deadline = self._deadline(limit_s, "asking what its adb can do")
            text = self._guarded(deadline.doing, lambda: host_request(self.address, f"host-serial:{self.serial}:features", deadline))
            self._features = frozenset(text.split(","))
        return self._features

    def shell(self, command: str | Sequence[str], limit_s: float = 10.0, doing: str = "") -> ShellResult:
        """Run a command in the phone's shell. A list is quoted; a string is a line of shell, which must hold nothing that is not ours."""
        out = Growing()
        done = self.shell_onto(out, command, limit_s, doing)
        return ShellResult(bytes(out.view), done.stderr, done.code)

    def shell_onto(self, out: Growing, command: str | Sequence[str], limit_s: float = 10.0, doing: str = "") -> ShellResult:
        """Like `shell`, with standard output in `out`, whose buffer is used again; the result's own is empty."""
        out.size = 0
        line = command if isinstance(command, str) else quoted(command)
        deadline = self._deadline(limit_s, doing or f"running {line[:60]!r}")
        if "shell_v2" in self.features(deadline.left()):
            return self._guarded(deadline.doing, lambda: self._shell_v2(line, deadline, out))
        return self._guarded(deadline.doing, lambda: self._shell_v1(line, deadline, out))

    def exec(self, command: str | Sequence[str], limit_s: float = 20.0, doing: str = "", stdin: bytes = b"") -> bytes:
        """What a command writes, both outputs as one, without an exit code: a connection that breaks off looks like the end."""
        line = command if isinstance(command, str) else quoted(command)
        deadline = self._deadline(limit_s, doing or f"running {line[:60]!r}")

        def work() -> bytes:
            with self._open(f"exec:{line}", deadline) as connection:
                if stdin:
                    connection.send(stdin)
                return connection.read_to_end()

        return self._guarded(deadline.doing, work)

    def state(self, limit_s: float = 5.0) -> str:
        """What the server says of the phone: `device` when all is well. Raises `DeviceLost` when it does not know it."""
        deadline = self._deadline(limit_s, "asking for its state")
        return self._guarded(deadline.doing, lambda: host_request(self.address, f"host-serial:{self.serial}:get-state", deadline))

    def reverse(self, phones: str, ours: str, limit_s: float = 10.0) -> None:
        """Let connections to `phones` (as `tcp:8080`) on the phone come out at `ours` on the computer of the adb server."""
        self._reverse(f"reverse:forward:{phones};{ours}", limit_s)

    def end_reverse(self, phones: str, limit_s: float = 10.0) -> None:
        """Take a `reverse` away."""
        self._reverse(f"reverse:killforward:{phones}", limit_s)

    def _reverse(self, service: str, limit_s: float) -> None:
        deadline = self._deadline(limit_s, "passing connections on")

        def work() -> None:
            with self._open(service, deadline) as connection:
                if connection.read(4) != b"OKAY":
                    raise DeviceError(f"The phone passes no connections on: {connection.block().decode(errors='replace')[:200]}")

        self._guarded(deadline.doing, work)

    def forget(self) -> None:
        """What was learned about the phone's adbd may have changed: it was connected anew."""
        self._features = None

    def _open(self, service: str, deadline: Deadline) -> Connection:
        connection = Connection(self.address, deadline)
        try:
            connection.request(f"host:transport:{self.serial}")
            connection.request(service)
        except BaseException:
            connection.__exit__(None, None, None)
            raise
        return connection

    def _shell_v2(self, line: str, deadline: Deadline, out: Growing) -> ShellResult:
        with self._open(f"shell,v2,raw:{line}", deadline) as connection:
            connection.send(NO_INPUT)
            err, other = Growing(), Growing()
            while True:
                header = connection.read(5)
                kind, length = header[0], int.from_bytes(header[1:], "little")
                if length > LONGEST_PACKET:
                    raise DeviceError(f"The phone announced a packet of {length} bytes: that is no shell.")
                if kind == EXIT:
                    code = connection.read(length)[0] if length else 0
                    return ShellResult(b"", bytes(err.view), code)
                target = out if kind == STDOUT else err if kind == STDERR else other
                connection.fill(target.room(length))
                if target is not other:
                    target.size += length

    def _shell_v1(self, line: str, deadline: Deadline, out: Growing) -> ShellResult:
        marker = secrets.token_hex(8)
        with self._open(f"shell:({line}\n)\necho {marker}$?", deadline) as connection:
            written, found, code = connection.read_to_end().rpartition(marker.encode())
        if not found or not code.strip().isdigit():
            raise cut_off(self.serial, deadline.doing)
        out.room(len(written))[:] = written
        out.size += len(written)
        return ShellResult(b"", b"", int(code))

    def _guarded(self, doing: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except Refused as error:
            # A phone that goes away in this moment makes the server say the same as one that does not know the service.
            if "closed" in str(error) and not self._attached():
                raise cut_off(self.serial, doing) from error
            raise refused(str(error), self.serial, doing) from error
        except ConnectionError as error:
            raise cut_off(self.serial, doing) from error

    def _attached(self) -> bool:
        """Whether the server has the phone and it answers."""
        try:
            state = host_request(self.address, f"host-serial:{self.serial}:get-state", Deadline(STATE_S, "asking for the phone's state"))
        except (Refused, ConnectionError, DeviceError):
            return False
        return state == "device"

    def _deadline(self, limit_s: float, doing: str) -> Deadline:
        if self.closed.is_set():
            raise DeviceLost("The phone was let go of: the driver is closed.")
        return Deadline(limit_s, doing)
