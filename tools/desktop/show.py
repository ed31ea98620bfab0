"""Lets a person watch a virtual desktop in a browser and take over: x11vnc reads it, websockify serves noVNC's page (both are Debian's).

x11vnc listens on a socket in the desktop's private folder and on no port. The page is for this machine alone, unless told otherwise; the
desktop behind it takes a password that is made anew each time. Both programs belong to the desktop and end with it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import string
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceError, DeviceTimeout, SetupError

HERE = "127.0.0.1"
NOVNC_FOLDERS = ("/usr/share/novnc", "/usr/share/webapps/novnc", "/usr/local/share/novnc", "/opt/novnc")
"""Where distributions put noVNC's page."""
PASSWORD_LETTERS = 8
"""VNC's authentication looks at no more (RFC 6143, 7.2.2)."""
BEGIN_S = 30.0
"""How long either program may take to begin on a busy machine."""
LOOK_S = 0.05
X11VNC = (
    # Nothing from the person's own set-up, and no orders from other X clients.
    *("-norc", "-noremote", "-nolookup", "-quiet"),
    # No port. Version 0.9.16 opens 5900 of IPv6 whatever -rfbport, -no6 and -noipv6 say, but not after this.
    *("-rfbport", "0", "-no6", "-noipv6", "-rfbportv6", "-1"),
    # Several people, one after the other too; a key that is held repeats as it does without x11vnc.
    *("-shared", "-forever", "-repeat"),
)


def missing_pieces() -> list[str]:
    """What `show` needs and this machine lacks."""
    missing = [name for name in ("x11vnc", "websockify") if shutil.which(name) is None]
    return missing if novnc_folder() else [*missing, "noVNC"]


def novnc_folder() -> Path | None:
    """The folder of noVNC's page; None: it is not installed."""
    return next((Path(folder) for folder in NOVNC_FOLDERS if Path(folder, "vnc.html").is_file()), None)


def show(desktop: VirtualDesktop, host: str = HERE, port: int = 0) -> str:
    """Serve a page that shows `desktop` and takes mouse and keyboard, until the desktop ends; give its address, password included.

    `host`: the address of this machine to listen at; any but 127.0.0.1 lets others in who know the password, which crosses the network
    without encryption, as does all that is seen and typed. `port`: 0 takes a free one.

    Raises `SetupError` when a program is missing or the port is taken, `DeviceError` when one does not begin.
    """
    page = novnc_folder()
    if (missing := missing_pieces()) or page is None:
        raise SetupError(f"To show a desktop takes {', '.join(missing)}.", fix="apt-get install -y x11vnc novnc websockify")
    port = _free_port(host, port)
    letters = string.ascii_letters + string.digits
    password = "".join(secrets.choice(letters) for _ in range(PASSWORD_LETTERS))
    secret, door = desktop.folder / "show-password", desktop.folder / "show-vnc"
    with open(secret, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags | os.O_EXCL, 0o600)) as file:
        file.write(password + "\n")
    # "rm:": x11vnc removes the file once it has read it.
    reader = desktop.run(["x11vnc", "-display", desktop.display, "-unixsock", str(door), "-passwdfile", f"rm:{secret}", *X11VNC])
    _await_door(desktop, "x11vnc", reader, lambda: _answers(socket.AF_UNIX, str(door)))
    server = desktop.run(["websockify", "--web", str(page), "--unix-target", str(door), f"{host}:{port}"])
    near = HERE if host == "0.0.0.0" else host  # noqa: S104 - asked for by --show-host
    _await_door(desktop, "websockify", server, lambda: _answers(socket.AF_INET, (near, port)))
    return f"http://{near}:{port}/vnc.html#autoconnect=1&resize=scale&password={password}"


def _free_port(host: str, port: int) -> int:
    try:
        with socket.socket(socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            return int(trial.getsockname()[1])
    except (OSError, OverflowError) as error:
        fix = "name another port, or none" if port else "name an IPv4 address of this machine, as 127.0.0.1"
        raise SetupError(f"{host}:{port} cannot be listened at ({error}).", fix=fix) from error


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as trial, suppress(OSError):
        trial.settimeout(BEGIN_S)
        trial.connect(address)
        return True
    return False


def _await_door(desktop: VirtualDesktop, name: str, pid: int, is_open: Callable[[], bool]) -> None:
    end, pause = time.monotonic() + BEGIN_S, threading.Event()
    while not is_open():
        if (code := desktop.status(pid)) is not None:
            words = " / ".join(desktop.last_words(pid).strip().splitlines()[-4:])
            raise DeviceError(f"{name} ended with status {code} before it could be reached. It said: {words}")
        if time.monotonic() > end:
            raise DeviceTimeout(f"{name} could not be reached within {BEGIN_S:.0f} s.")
        pause.wait(LOOK_S)
