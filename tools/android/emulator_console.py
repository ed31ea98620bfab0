"""The emulator's console: a line goes in, lines come back, `OK` or `KO` ends them (developer.android.com/studio/run/emulator-console)."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from handeye.tools.android.deadline import Deadline
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError

TOKEN = ".emulator_console_auth_token"
"""The file in the user's home folder that holds what the console wants to be told first; an empty one switches that off."""
LONGEST_ANSWER = 1 << 20
"""Bytes; a list of snapshots has some hundred."""


def ask_console(port: int, command: str, limit_s: float = 10.0, environment: Mapping[str, str] = os.environ) -> str:
    """What the console at `port` of this machine answers to a command, without its last line.

    Raises `InvalidAction` for more than a line, `DeviceError` with the console's words when it refuses, `DeviceLost` when nobody
    listens or the connection breaks off, `DeviceTimeout`, and `SetupError` when it does not accept this user's token.
    """
    if not command.isprintable():
        raise InvalidAction(f"a command of the console is one line, not {command!r}")
    deadline = Deadline(limit_s, f"its console was told {command!r}")
    try:
        with socket.create_connection(("127.0.0.1", port), deadline.left(5.0)) as connection:
            banner, _ = _answer(connection, deadline, port)
            if "Authentication required" in banner:
                _authenticate(connection, deadline, port, environment)
            connection.sendall(command.encode() + b"\n")
            said, refusal = _answer(connection, deadline, port)
    except TimeoutError as error:
        raise deadline.error() from error
    except OSError as error:
        raise DeviceLost(f"The emulator's console at port {port} is gone: {error.strerror or error}.") from error
    if refusal is not None:
        raise DeviceError(f"The emulator refused {command!r}: {refusal or said or 'no reason given'}")
    return said


def kill(port: int, limit_s: float = 5.0) -> None:
    """Tell the emulator to end. Nothing happens when it does not listen any more."""
    with suppress(DeviceLost, DeviceTimeout, SetupError):
        ask_console(port, "kill", limit_s)


def _authenticate(connection: socket.socket, deadline: Deadline, port: int, environment: Mapping[str, str]) -> None:
    path = Path(environment.get("HOME") or Path.home()) / TOKEN
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SetupError(f"The emulator's console wants the token in {path}, which cannot be read ({error.strerror}).") from error
    connection.sendall(f"auth {token}\n".encode())
    _, refusal = _answer(connection, deadline, port)
    if refusal is not None:
        fix = f"end every emulator and remove {path}: the next one writes another"
        raise SetupError(f"The emulator's console does not accept the token in {path}: {refusal}", fix=fix)


def _answer(connection: socket.socket, deadline: Deadline, port: int) -> tuple[str, str | None]:
    """The lines up to `OK` or `KO`, and the reason of a refusal, None when it was none."""
    data = b""
    while True:
        if end := re.search(rb"(?m)^(OK|KO)\b[: ]*([^\r\n]*)\r?\n", data):
            refusal = end[2].decode("utf-8", "replace").strip() if end[1] == b"KO" else None
            return data[: end.start()].decode("utf-8", "replace").strip(), refusal
        connection.settimeout(deadline.left())
        more = connection.recv(65_536)
        if not more or len(data) > LONGEST_ANSWER:
            raise DeviceLost(f"The emulator's console at port {port} broke off: {data[-200:].decode('utf-8', 'replace').strip()!r}")
        data += more
