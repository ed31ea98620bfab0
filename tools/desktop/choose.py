"""Which driver a desktop gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from handeye.tools.desktop.autogui import PyAutoGuiDriver
from handeye.tools.desktop.base import DesktopDriver
from handeye.tools.desktop.stop import CornerStop
from handeye.tools.desktop.x11 import Typing, X11Driver
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point

DriverName: TypeAlias = Literal["x11", "pyautogui"]
DRIVERS: Sequence[str] = ("auto", *get_args(DriverName))


def choose_driver(wanted: str = "auto", *, display: str | None = None) -> DriverName:
    """`x11` on Linux and wherever an X display is named, `pyautogui` elsewhere, unless one of them is wanted.

    Raises `SetupError` for a driver that there is not, or one that cannot serve on this system.
    """
    if wanted not in DRIVERS:
        raise SetupError(f"There is no driver {wanted!r} for a desktop.", fix=f"use one of {', '.join(DRIVERS)}")
    if wanted == "pyautogui":
        if display and not _on_x11():
            raise SetupError("On this system pyautogui works on the system's own screen, not on an X display.", fix="--driver x11")
        return "pyautogui"
    if wanted == "x11" and not _on_x11() and not (display or os.environ.get("DISPLAY")):
        raise SetupError("This system's screen is not an X display.", fix="--driver pyautogui, or start an X server and name it: --display")
    return "x11" if wanted == "x11" or display or _on_x11() else "pyautogui"


def open_driver(
    wanted: str = "auto",
    *,
    display: str | None = None,
    monitor: int | None = None,
    cursor: bool = False,
    typing: Typing = "keys",
    own: bool = False,
) -> DesktopDriver:
    """Open a desktop with the driver that fits. `display`: an X display (None: the one that DISPLAY names); `monitor`: one only, from 0
    (None: the whole X display, or pyautogui's main monitor); `cursor`: draw the pointer; `typing`: keys, or paste (pyautogui goes
    by keys where they are exact and pastes the rest); `own`: a person sits at it, who can stop the
    run by moving the pointer into the corner (`CornerStop`).

    Raises `SetupError` when a piece is missing: the display, a package, a permission.
    """
    if choose_driver(wanted, display=display) == "x11":
        x11 = X11Driver.open(display, monitor=monitor, cursor=cursor, typing=typing)
        x11.stop = CornerStop() if own else None
        return x11
    if typing != "keys":
        raise SetupError("pyautogui chooses by itself what it pastes.", fix="leave --typing out, or use --driver x11")
    gui = PyAutoGuiDriver.open(display, monitor=monitor, cursor=cursor)
    gui.stop = CornerStop((Point(0, 0), *gui.corners)) if own else None
    return gui


def _on_x11() -> bool:
    """Whether this is a system whose screens are X displays."""
    return sys.platform.startswith(("linux", "freebsd", "openbsd", "netbsd"))
