"""The adb server: where the running one is, starting one, and one of our own that goes with us."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from handeye.tools.android.binary import AdbBinary, find_adb
from handeye.tools.android.deadline import Deadline
from handeye.tools.android.transport import Refused, ServerAddress, host_request
from handeye.tools.errors import DeviceError, DeviceTimeout, SetupError

START_LIMIT_S = 20.0
"""A server that looks through USB takes 3 s to start, on a busy machine more."""
VERSION_LIMIT_S = 5.0
_UNTIL_INPUT_ENDS = 'exec 3<&0; "$@" </dev/null 3<&- & child=$!; { read -r _ <&3; kill "$child"; } & wait "$child"'
UNDERSTOOD = range(31, 256)
"""Versions of the server that speak the protocol used here: `host:transport` and `FAIL` are as they were since 1.0.31 (2013)."""


def server_address(environment: Mapping[str, str] = os.environ) -> ServerAddress:
    """Where adb's own client would look for the server: ANDROID_ADB_SERVER_ADDRESS (or _HOST) and ANDROID_ADB_SERVER_PORT, else
    127.0.0.1:5037. ADB_SERVER_SOCKET (`tcp:HOST:PORT`) comes first. Raises `SetupError` for values that are none.
    """
    if spec := environment.get("ADB_SERVER_SOCKET"):
        kind, _, rest = spec.partition(":")
        host, _, port = rest.rpartition(":")
        if kind != "tcp" or not port.isdigit():
            raise SetupError(f"ADB_SERVER_SOCKET is {spec!r}, not tcp:HOST:PORT.", fix="unset ADB_SERVER_SOCKET")
        return ServerAddress(host.strip("[]") or "127.0.0.1", int(port))
    port = environment.get("ANDROID_ADB_SERVER_PORT", "5037")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise SetupError(f"ANDROID_ADB_SERVER_PORT is {port!r}, not a port.", fix="unset ANDROID_ADB_SERVER_PORT")
    host = environment.get("ANDROID_ADB_SERVER_ADDRESS") or environment.get("ANDROID_ADB_SERVER_HOST") or "127.0.0.1"
    return ServerAddress(host, int(port))


def server_version(address: ServerAddress, limit_s: float = VERSION_LIMIT_S) -> int | None:
    """The version of the server that runs there (41 for 1.0.41); None when nothing listens.

    Raises `SetupError` when something else listens there, `DeviceTimeout` when it does not answer.
    """
    deadline = Deadline(limit_s, f"asking the adb server at {address} for its version")
    failure: Exception | None = None
    for _ in range(2):  # one that is just ending accepts a connection and breaks it off
        try:
            socket.create_connection((address.host, address.port), deadline.left()).close()
        except OSError:
            deadline.left()
            return None
        try:
            return int(host_request(address, "host:version", deadline), 16)
        except DeviceTimeout:
            raise
        except SetupError:
            return None  # it ended since it was knocked at
        except (Refused, DeviceError, ConnectionError, ValueError) as error:
            failure = error
    fix = "free that port, or set ANDROID_ADB_SERVER_PORT to another"
    raise SetupError(f"What listens at {address} is no adb server ({failure}).", fix=fix) from failure


def running_server(address: ServerAddress | None = None, adb: AdbBinary | None = None) -> ServerAddress:
    """A server that can be spoken to: the one at `address` (None: where adb's client would look), started if none runs there.

    A server of another version than our adb is left alone: it is the user's, adb's client would kill it with all its connections, and
    we speak to it directly. Raises `SetupError` when it is too old for that, when there is no adb to start one, or it does not start.
    """
    address = address or server_address()
    version = server_version(address)
    if version is None:
        if address.host not in ("127.0.0.1", "localhost", "::1"):
            raise SetupError(f"No adb server answers at {address}, and on another machine none can be started.", fix="start it there")
        start_server(address, adb or find_adb())
        version = server_version(address)
    if version is None or version not in UNDERSTOOD:
        raise SetupError(
            f"The adb server at {address} is of version {version}, too old for handeye.", fix="adb kill-server, then a newer adb"
        )
    return address


def client_for(address: ServerAddress, candidates: Sequence[AdbBinary] = ()) -> AdbBinary:
    """An adb program that other programs may use with the server at `address`: the usual one, or the first of `candidates` that suits.

    adb's own client kills a server of another version than its own, with every connection that it has. Raises `SetupError` when none
    is of the server's version, or none runs at `address`.
    """
    version = server_version(address)
    if version is None:
        raise SetupError(f"No adb server answers at {address}.", fix="adb start-server")
    for adb in (find_adb(), *candidates):
        if adb.version()[0] == version:
            return adb
    raise SetupError(
        f"The adb server at {address} is of version 1.0.{version}, and every adb found here is of another: it would kill that server.",
        fix="set HANDEYE_ADB to the adb that the server was started from, or restart the server with the adb on PATH",
    )


def start_server(address: ServerAddress, adb: AdbBinary, limit_s: float = START_LIMIT_S) -> None:
    """Have the adb program start a server that stays when we end, as a user's own `adb devices` does. Raises `SetupError`."""
    try:
        done = subprocess.run(
            [adb.path, "-P", str(address.port), "start-server"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s, check=False, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"adb's server did not start within {limit_s:.0f} s.", fix=f"{adb.path} -P {address.port} start-server") from error
    except OSError as error:
        raise SetupError(f"The adb at {adb.path} does not run: {error}") from error
    if done.returncode != 0:
        raise SetupError(f"adb's server did not start: {done.stdout.strip()[-300:]}", fix=f"{adb.path} -P {address.port} nodaemon server")


def until_input_ends(command: Sequence[str]) -> list[str]:
    """A command that runs `command`, and ends it by its id when its own standard input ends: when we close that, or are killed."""
    return ["/bin/sh", "-c", _UNTIL_INPUT_ENDS, "sh", *command]


class PrivateServer:
    """An adb server on a port of its own that knows only the phones it is told of, and ends with the block or with this process.

    For tests, benchmarks, simulated phones and emulators: the user's server and phones are not touched, USB is not looked at, keys and
    logs lie in a folder that is removed again. Raises `SetupError` when it does not start.
    """

    def __init__(self, adb: AdbBinary | None = None, users_key: bool = False) -> None:
        """`users_key`: show phones the key of the user who runs this, as emulators want to see it, and not one of its own."""
        self._adb = adb or find_adb()
        self._users_key = users_key
        self._folder = tempfile.mkdtemp(prefix="handeye-adb-")
        self._process: subprocess.Popen[bytes] | None = None
        self.address = ServerAddress()

    @property
    def environment(self) -> dict[str, str]:
        """The environment for other programs that are to use this server: adb itself, adbutils, android_env."""
        # A server that is told an address other than by -P refuses to start ("specified hostname currently unsupported", adb 36).
        other = ("ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_ADDRESS", "ANDROID_ADB_SERVER_HOST")
        kept = {name: value for name, value in os.environ.items() if name not in other}
        own = {} if self._users_key else {"HOME": self._folder, "ANDROID_USER_HOME": self._folder}
        own |= {
            "TMPDIR": self._folder,
            "ADB_LIBUSB": "0",
            "ADB_MDNS_AUTO_CONNECT": "0",
            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",
            "ANDROID_ADB_SERVER_PORT": str(self.address.port),
        }
        return kept | own

    @property
    def adb(self) -> AdbBinary:
        """The program that the server was started from."""
        return self._adb

    def __enter__(self) -> PrivateServer:
        try:
            for _ in range(5):  # between finding a free port and listening on it, someone else may take it
                self.address = ServerAddress("127.0.0.1", free_port())
                if self._started():
                    return self
        except BaseException:
            self.close()
            raise
        self.close()
        raise SetupError("An adb server of our own did not start.", fix=f"{self._adb.path} -P {self.address.port} nodaemon server")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the server and remove its folder. A second call does nothing."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> bool:
        self._process = subprocess.Popen(
            until_input_ends([self._adb.path, "-P", str(self.address.port), "nodaemon", "server"]),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        deadline, pause = Deadline(START_LIMIT_S, "starting an adb server"), threading.Event()
        while not deadline.passed:
            if self._process.poll() is not None:
                break
            with suppress(DeviceTimeout, SetupError):
                if server_version(self.address, 1.0) is not None:
                    return True
            pause.wait(0.01)
        self._end()
        return False

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(address: ServerAddress, service: str, limit_s: float = 10.0) -> str:
    """What the server answers to a service of its own. Raises `DeviceError` with its words when it refuses, `SetupError` when it ends."""
    deadline = Deadline(limit_s, f"asking the adb server for {service}")
    try:
        return host_request(address, service, deadline)
    except Refused as error:
        raise DeviceError(f"adb's server refused {service}: {error}") from error
    except ConnectionError as error:
        raise SetupError(f"The adb server at {address} ended while it was asked.", fix="adb start-server") from error
