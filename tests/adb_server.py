"""A private adb server, and adb commands that go to it: nothing is shared with the adb of whoever runs the tests."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class AdbServer:
    """The bundled adb as a server on a port of its own. `environment` is for whatever talks to it."""

    def __init__(self, program: str, port: int, environment: dict[str, str]) -> None:
        self.program = program
        self.port = port
        self.environment = environment

    def run(self, *arguments: str, serial: str = "", limit_s: float = 60, **more: Any) -> subprocess.CompletedProcess[bytes]:
        """`adb -P PORT [-s SERIAL] ARGUMENTS`; its output as bytes."""
        device = ["-s", serial] if serial else []
        command = [self.program, "-P", str(self.port), *device, *arguments]
        more.setdefault("stdin", subprocess.DEVNULL) if "input" not in more else None
        return subprocess.run(command, env=self.environment, capture_output=True, timeout=limit_s, check=False, **more)

    def connect(self, serial: str) -> str:
        """`adb connect`; what it says."""
        return self.run("connect", serial).stdout.decode().strip()

    def disconnect(self, serial: str) -> None:
        """`adb disconnect`."""
        self.run("disconnect", serial)


@contextlib.contextmanager
def adb_server(home: Path) -> Iterator[AdbServer]:
    """A server with `home` for its key and log, ended by its process id. Raises `ImportError` without adbutils."""
    import adbutils

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(home),
        "ANDROID_ADB_SERVER_PORT": str(port),
        "ADB_LIBUSB": "0",
        "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",
        "ADB_MDNS_AUTO_CONNECT": "0",
    }
    program = adbutils.adb_path()
    command = [program, "-P", str(port), "nodaemon", "server"]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(port, process)
        yield AdbServer(program, port, environment)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the adb server did not start") from None
            time.sleep(0.01)
