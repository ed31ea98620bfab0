"""`Emulator`: one Android emulator of an SDK, with ports and an adb server of its own, that ends with the block or with this process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from handeye.tools.android.deadline import Deadline
from handeye.tools.android.emulator_console import ask_console, kill
from handeye.tools.android.emulator_ready import until_ready
from handeye.tools.android.sdk import AndroidSdk, how_to_create
from handeye.tools.android.serials import attached
from handeye.tools.android.server import PrivateServer, until_input_ends
from handeye.tools.android.transport import Connection, DeviceLink, ServerAddress
from handeye.tools.errors import DeviceLost, HandeyeError, InvalidAction, SetupError

FIRST_PORT = 5586
"""The first console port: adb servers look for emulators at 5555 to 5585 when they start, and the user's would adopt ours."""
LAST_PORT = 5682
"""The last console port that the emulator does not warn of (its -help-port)."""
GRPC_ABOVE = 3000
"""The gRPC port is as far above the console's as the emulator's own 8554 is above 5554."""
BOOT_S = 600.0
"""A cold boot takes half a minute with virtualisation, the first one of a virtual device some minutes."""
LOAD_S = 120.0
"""A snapshot is loaded in seconds from a fast disk; it is as large as the phone's memory."""
SAVE_S = 300.0
FREE_S = 10.0
"""How long a port may still be held by an emulator that was just ended."""
KILL_S, END_S = 4.0, 3.0
"""How long it may take to end when it is asked to, and when it is told to (SIGTERM)."""
WRITE_S = 60.0
"""How long one that is not read-only may take to end when it is asked to: it writes what its disks lack."""
LAST_WORDS = 2000
"""Characters of its output that an error quotes."""
HOPELESS = re.compile(
    r"Unknown AVD|hardware acceleration|another emulator instance|multiple emulators with the same AVD|Not enough|KVM|AVD system path", re.I
)
"""Last words of an emulator that will not start a second time either."""


@dataclass(frozen=True)
class EmulatorOptions:
    """Which virtual device, and how it is run."""

    avd: str
    snapshot: str = ""
    """Start from what was saved under that name; empty: boot."""
    port: int = FIRST_PORT
    """The console's; adb's is the next one. Even."""
    read_only: bool = True
    """Several may run from one virtual device then, and nothing that happens is kept."""
    arguments: tuple[str, ...] = ()
    """What else the emulator is told, as `-gpu host`."""
    boot_s: float = BOOT_S

    def __post_init__(self) -> None:
        for what, name in (("an AVD", self.avd), ("a snapshot", self.snapshot or "none")):
            if not re.fullmatch(r"[A-Za-z0-9._][A-Za-z0-9._-]*", name):
                raise InvalidAction(f"the name of {what} has letters, digits, dots and dashes, not {name!r}")
        if self.port % 2 or not 1024 <= self.port <= 65535 - GRPC_ABOVE:
            raise InvalidAction(f"a console port is even, and from 1024 to {65535 - GRPC_ABOVE}, not {self.port}")

    @property
    def serial(self) -> str:
        """What adb calls it."""
        return f"emulator-{self.port}"

    @property
    def grpc_port(self) -> int:
        """Where it serves gRPC, which handeye does not use."""
        return self.port + GRPC_ABOVE


def port_of(number: int, first: int = FIRST_PORT) -> int:
    """The console port of the `number`-th emulator of a run, from 0; beyond the last one it begins anew, for other machines' ones."""
    return first + 2 * (number % max(1, (LAST_PORT - first) // 2 + 1))


def emulator_command(sdk: AndroidSdk, options: EmulatorOptions, adb: str) -> list[str]:
    """The emulator's command line (its -help-all). What is drawn is drawn by the processor, so that it is the same on every machine."""
    start = ["-snapshot", options.snapshot, "-no-snapshot-save"] if options.snapshot else ["-no-snapshot"]
    return [
        str(sdk.emulator), "-avd", options.avd, "-ports", f"{options.port},{options.port + 1}", "-grpc", str(options.grpc_port),
        *(["-read-only"] if options.read_only else []), *start, "-no-window", "-no-audio", "-no-boot-anim", "-gpu", "swiftshader_indirect",
        "-adb-path", adb, *options.arguments,
    ]  # fmt: skip


class Emulator:
    """Runs one emulator, known to `server` and to no other adb server.

    It ends with `close`, and when this process ends in whatever way. What it wrote goes to a file of which errors quote the end.
    """

    def __init__(self, sdk: AndroidSdk, options: EmulatorOptions, server: PrivateServer) -> None:
        """Nothing is started yet."""
        self.options = options
        self._sdk, self._server = sdk, server
        self._process: subprocess.Popen[bytes] | None = None
        self._up = False
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the emulator
        self._link = DeviceLink(server.address, options.serial)

    @property
    def serial(self) -> str:
        """What adb calls it."""
        return self.options.serial

    def start(self) -> Emulator:
        """Start it and wait until it is ready; returns itself.

        Raises `SetupError` for a virtual device that does not exist, a port that is taken, and for what will not go better a second
        time; `DeviceLost` when it ended by itself, `DeviceTimeout` when it is not ready in time. Nothing is left running then.
        """
        if self._process is not None:
            return self
        avd = self._sdk.avd(self.options.avd)
        if self.options.snapshot and self.options.snapshot not in avd.snapshots:
            names = ", ".join(avd.snapshots) or "none"
            raise SetupError(f"The AVD {avd.name} has no snapshot {self.options.snapshot!r}; it has: {names}.", fix="save one, or boot")
        for port in (self.options.port, self.options.port + 1, self.options.grpc_port):
            _until_free(port)
        command = emulator_command(self._sdk, self.options, self._server.adb.path)
        self._process = subprocess.Popen(
            until_input_ends(command), stdin=subprocess.PIPE, stdout=self._output, stderr=subprocess.STDOUT, env=self._environment(),
            start_new_session=True,
        )  # fmt: skip
        try:
            self.ready(self.options.boot_s)
        except BaseException:
            self.close()
            raise
        self._up = True
        return self

    def ready(self, limit_s: float = LOAD_S) -> None:
        """Wait until it can be worked with. Raises what `start` does."""
        until_ready(self._link, limit_s, self._alive)

    def load(self, snapshot: str) -> None:
        """Bring it back to what was saved under that name, and wait until it is ready. Raises `DeviceError` when it refuses."""
        self._console(f"avd snapshot load {snapshot}", LOAD_S)
        self._link.forget()
        self.ready()

    def save(self, snapshot: str) -> None:
        """Keep everything under that name. Raises `DeviceError` when it refuses, as a read-only one does."""
        self._console(f"avd snapshot save {snapshot}", SAVE_S)

    def close(self) -> None:
        """End it and what it started; a read-only one within seconds. A second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            with suppress(HandeyeError):
                kill(self.options.port, KILL_S)
            _wait(process, KILL_S if self.options.read_only else WRITE_S)
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        _wait(process, END_S)
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._output.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _console(self, command: str, limit_s: float) -> str:
        self._alive()
        said = ask_console(self.options.port, command, limit_s)
        self._alive()
        return said

    def _environment(self) -> dict[str, str]:
        """The variables for the emulator: which adb server it reports to, and which SDK is its own."""
        return emulator_environment(self._sdk, self._server.address, os.environ)

    def _alive(self) -> None:
        """Raises when it has ended. Tells the adb server of it otherwise: the emulator itself does so once, and may have been early."""
        process = self._process
        if process is None:
            raise DeviceLost("The emulator is closed.")
        if process.poll() is not None:
            words = self._last_words()
            told = f"The emulator of {self.options.avd} ended by itself (exit code {process.returncode}): {words}"
            if not self._up and HOPELESS.search(words):
                raise SetupError(told, fix=f"handeye doctor --deep; or another virtual device: {how_to_create(self._sdk, 'NAME')}")
            raise DeviceLost(told)
        if not any(phone.serial == self.serial for phone in attached(self._server.address)):
            announce(self._server.address, self.options.port + 1)

    def _last_words(self) -> str:
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - LAST_WORDS))
        lines = self._output.read().decode("utf-8", "replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-4:]) or "it said nothing"


def emulator_environment(sdk: AndroidSdk, server: ServerAddress, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of an emulator that reports to `server`."""
    kept = {name: value for name, value in environment.items() if name not in ("ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_ADDRESS")}
    return kept | {"ANDROID_ADB_SERVER_PORT": str(server.port), "ANDROID_HOME": str(sdk.root), "ANDROID_SDK_ROOT": str(sdk.root)}


def announce(server: ServerAddress, adb_port: int) -> None:
    """Tell an adb server of an emulator, as the emulator does: it connects to it then, and calls it by the port below."""
    with suppress(OSError, HandeyeError):
        deadline = Deadline(5.0, "telling adb's server of an emulator")
        request = f"host:emulator:{adb_port}".encode()
        with Connection(server, deadline) as connection:
            connection.send(b"%04x" % len(request) + request)
            connection.read_to_end()  # it answers nothing, and closes


def _until_free(port: int) -> None:
    deadline, pause = Deadline(FREE_S, "waiting for a port"), threading.Event()
    while True:
        try:
            with socket.create_server(("127.0.0.1", port)):
                return
        except OSError as error:
            if deadline.passed:
                raise SetupError(
                    f"Port {port}, which the emulator was to have, is taken ({os.strerror(error.errno or 0)}).",
                    fix="end the other emulator or run, or choose other ports (--emulator-port)",
                ) from error
        pause.wait(0.2)


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(limit_s)
