"""Joining an X display: which one, whether it can be worked, and where its monitors are."""

from __future__ import annotations

import os
from typing import Any

from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box

VIRTUAL = "use a virtual desktop (--virtual), or log in to an X11 session"


def display_name(display: str | None, allow_xwayland: bool = False) -> str:
    """The display to join: the one that was asked for, else the one that DISPLAY names.

    In a Wayland session DISPLAY is XWayland, which shows and moves X11 programs only: refused with `SetupError` unless asked for by
    name or by `allow_xwayland`. Raises `SetupError` too where there is none.
    """
    if display:
        return display
    name = os.environ.get("DISPLAY", "")
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland":
        if not name:
            raise SetupError("This is a Wayland session without XWayland: no program may send input to others there.", fix=VIRTUAL)
        if not allow_xwayland:
            raise SetupError(
                f"This is a Wayland session: through XWayland ({name}) only the windows of X11 programs can be seen and worked.",
                fix=f"{VIRTUAL}, or ask for those windows by --display {name}",
            )
    if not name:
        raise SetupError("DISPLAY is not set: there is no X display.", fix="use a virtual desktop (--virtual), or set DISPLAY")
    return name


def join(name: str) -> Any:
    """A connection to a display with XTEST. Raises `SetupError` when a package, the display or the extension is missing."""
    try:
        import mss  # noqa: F401
        from Xlib.display import Display
        from Xlib.error import DisplayError, XauthError, XError
    except ImportError as error:
        raise SetupError(f"The desktop needs the package {error.name}.", fix="pip install 'handeye[desktop]'") from error
    try:
        opened = Display(name)
    except (DisplayError, OverflowError, XauthError, XError, OSError) as error:
        raise SetupError(f"The display {name} cannot be opened ({error}).", fix="start it, or name another with --display") from error
    if not opened.has_extension("XTEST"):
        opened.close()
        raise SetupError(f"The display {name} lacks the XTEST extension, through which input is sent.", fix="use another X server")
    # Errors are asked for where they matter; python-xlib would print the others.
    opened.set_error_handler(lambda error, request: None)
    return opened


def is_local(name: str) -> bool:
    """Whether programs of a display run on this machine, as far as its name tells."""
    return name.rpartition(":")[0] in ("", "unix", "localhost")


def whole(display: Any) -> Box:
    """The display as it is now: xrandr may have changed its size."""
    size = display.screen().root.get_geometry()
    return Box(0, 0, size.width, size.height)


def monitors(display: Any) -> list[Box]:
    """The monitors as `xrandr --listmonitors` counts them; the whole display where it tells of none."""
    found = []
    if display.has_extension("RANDR"):
        for told in display.screen().root.xrandr_get_monitors().monitors:
            found.append(Box(told.x, told.y, told.x + told.width_in_pixels, told.y + told.height_in_pixels))
    return found or [whole(display)]


def part_of(display: Any, monitor: int | None) -> Box:
    """The rectangle of the display that is shown. Raises `SetupError` when there is no such monitor."""
    if monitor is None:
        return whole(display)
    found = monitors(display)
    if not 0 <= monitor < len(found):
        raise SetupError(f"There is no monitor {monitor}.", fix=f"use one of 0 to {len(found) - 1}")
    return found[monitor]
