"""Finding, raising and closing the windows of a task's programs, by title or by class."""

from __future__ import annotations

import time
from collections.abc import Callable

from handeye.envs.settle import wait
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.windows import Window
from handeye.tools.errors import DeviceTimeout

LOOK_S = 0.05
"""Between two looks at the list of windows."""
TITLES = {"Google Chrome": ("Chromium",), "GNU Image Manipulation Program": ("GIMP",)}
"""What the titles of programs here have where OSWorld's have something else."""


def matching(driver: X11Driver, name: str, strict: bool = False, by_class: bool = False) -> list[Window]:
    """Windows whose title has `name` in it (`strict`: is `name`), the topmost last; `by_class`: whose WM_CLASS is so ("instance.Class")."""
    names = (name, *TITLES.get(name, ()))
    found = []
    for window in driver.windows():
        text = class_of(driver, window) if by_class else window.title
        if any(text == one if strict else one.lower() in text.lower() for one in names):
            found.append(window)
    return found


def class_of(driver: X11Driver, window: Window) -> str:
    """ "instance.Class" of a window, as wmctrl prints it; empty if it has none."""
    from Xlib.display import Display
    from Xlib.error import XError

    display = Display(driver.name)
    try:
        found = display.create_resource_object("window", window.id).get_wm_class()
    except XError:
        return ""
    finally:
        display.close()
    return ".".join(found) if found else ""


def close(driver: X11Driver, window: Window) -> None:
    """Ask the window manager to close a window, as its cross does."""
    from Xlib import X
    from Xlib.display import Display
    from Xlib.protocol import event

    display = Display(driver.name)
    try:
        root = display.screen().root
        message = event.ClientMessage(
            window=display.create_resource_object("window", window.id),
            client_type=display.intern_atom("_NET_CLOSE_WINDOW"),
            data=(32, [X.CurrentTime, 2, 0, 0, 0]),
        )
        root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        display.sync()
    finally:
        display.close()


def await_that(what: str, check: Callable[[], bool], limit_s: float) -> None:
    """Look until `check` holds. Raises `DeviceTimeout` naming `what` after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    while not check():
        if time.monotonic() > end:
            raise DeviceTimeout(f"{what}: nothing within {limit_s:.0f} s")
        wait(LOOK_S)
