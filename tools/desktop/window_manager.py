"""The window manager of a virtual desktop: which one, how it is set up, and when it has begun.

What a virtual desktop looks like before any program is on it stands here too: its colour, its pointer, its fonts' resolution.
"""

from __future__ import annotations

import select
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from handeye.tools.desktop.keymap import forget_rare_keys
from handeye.tools.errors import DeviceTimeout, SetupError

WINDOW_MANAGERS = ("openbox", "matchbox-window-manager", "icewm", "xfwm4", "metacity", "twm")
"""In order of preference: light, and all but twm tell which window is active."""
COLOUR = 0x5E7387
"""Of the empty desktop, 0xRRGGBB: white and black windows both stand out."""
LEFT_ARROW = 68
"""XC_left_ptr (X11/cursorfont.h)."""

# The person's own set-up, and Debian's, have four desktops, a wheel that goes through them and keys that start programs.
OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <theme><name>Clearlooks</name><titleLayout>NLIMC</titleLayout><animateIconify>no</animateIconify></theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <resize><drawContents>yes</drawContents><popupShow>Never</popupShow></resize>
  <keyboard>
    <keybind key="A-F4"><action name="Close"/></keybind>
    <keybind key="A-Tab"><action name="NextWindow"><finalactions>
      <action name="Focus"/><action name="Raise"/><action name="Unshade"/></finalactions></action></keybind>
    <keybind key="A-S-Tab"><action name="PreviousWindow"><finalactions>
      <action name="Focus"/><action name="Raise"/><action name="Unshade"/></finalactions></action></keybind>
    <keybind key="A-F10"><action name="ToggleMaximize"/></keybind>
  </keyboard>
  <mouse>
    <dragThreshold>4</dragThreshold>
    <doubleClickTime>400</doubleClickTime>
    <context name="Frame">
      <mousebind button="A-Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="A-Left" action="Drag"><action name="Move"/></mousebind>
      <mousebind button="A-Right" action="Drag"><action name="Resize"/></mousebind>
    </context>
    <context name="Titlebar">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
      <mousebind button="Left" action="DoubleClick"><action name="ToggleMaximize"/></mousebind>
    </context>
    %EDGES%
    %CLIENT%
    <context name="Iconify"><mousebind button="Left" action="Click"><action name="Iconify"/></mousebind></context>
    <context name="Maximize"><mousebind button="Left" action="Click"><action name="ToggleMaximize"/></mousebind></context>
    <context name="Close"><mousebind button="Left" action="Click"><action name="Close"/></mousebind></context>
  </mouse>
</openbox_config>
"""
CLIENT = """<context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Middle" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Right" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>"""
"""A click gives the focus: for that Openbox takes each press first and lets the server deliver it anew, to what is there by then."""
EDGES = {"Top": "top", "Bottom": "bottom", "Left": "left", "Right": "right"}
CORNERS = ("TLCorner", "TRCorner", "BLCorner", "BRCorner")


def chosen(asked: str | None) -> str | None:
    """The window manager to start: the one that was asked for, with "" the first of `WINDOW_MANAGERS` that is there, with None none.

    Raises `SetupError` when there is none of that name, or none at all.
    """
    if asked is None:
        return None
    found = asked or next((name for name in WINDOW_MANAGERS if shutil.which(name)), "")
    if not found:
        raise SetupError("A virtual desktop needs a window manager.", fix="apt-get install -y openbox")
    if shutil.which(found) is None:
        raise SetupError(f"There is no window manager {found!r} on this machine.", fix=f"apt-get install -y {found}")
    return found


def command_of(name: str, folder: Path, click_focus: bool = True) -> list[str]:
    """The command line of a window manager, set up in `folder`, apart from the person's own set-up. `click_focus`: a click into a window
    gives it the focus (others than Openbox always do that)."""
    if Path(name).name != "openbox":
        return [name]
    edge = '<context name="{}"><mousebind button="Left" action="Drag"><action name="Resize">{}</action></mousebind></context>'
    edges = [edge.format(context, f"<edge>{side}</edge>") for context, side in EDGES.items()]
    edges += [edge.format(corner, "") for corner in CORNERS]
    file = folder / "openbox.xml"
    text = OPENBOX.replace("%EDGES%", "\n    ".join(edges)).replace("%CLIENT%", CLIENT if click_focus else "")
    file.write_text(text, encoding="utf-8")
    return [name, "--sm-disable", "--config-file", str(file)]


def await_manager(name: str, check: Callable[[], None], limit_s: float) -> None:
    """Wait until a window manager has taken the display `name`. `check` raises when it has ended meanwhile. Raises `DeviceTimeout`."""
    from Xlib import X
    from Xlib.display import Display

    display = Display(name)
    try:
        root = display.screen().root
        root.change_attributes(event_mask=X.PropertyChangeMask)
        end = time.monotonic() + limit_s
        while not _is_managed(display):
            check()
            if time.monotonic() > end:
                raise DeviceTimeout(f"The window manager did not begin within {limit_s:.0f} s.")
            if not display.pending_events():
                select.select([display.fileno()], [], [], 0.1)
            while display.pending_events():
                display.next_event()
    finally:
        display.close()


def _is_managed(display: Any) -> bool:
    """A window manager is there when it says so, or, as an old one, when it has asked for all windows to be left to it."""
    from Xlib import X

    root = display.screen().root
    if root.get_full_property(display.intern_atom("_NET_SUPPORTING_WM_CHECK"), 0) is not None:
        return root.get_full_property(display.intern_atom("_NET_SUPPORTED"), 0) is not None
    taken = root.get_attributes().all_event_masks & X.SubstructureRedirectMask
    return bool(taken) and display.get_selection_owner(display.intern_atom("WM_S0")) == X.NONE


def lay_out(name: str, dpi: int, colour: int = COLOUR) -> None:
    """Give the empty desktop `name` a colour, an arrow for a pointer, keys to lend, and tell programs its `dpi` (X resources, as `xrdb`
    sets them)."""
    from Xlib import X, Xatom
    from Xlib.display import Display

    # No subpixel colours: they are for one kind of flat screen, and in a picture they are fringes.
    resources = f"Xft.dpi:\t{dpi}\nXft.antialias:\t1\nXft.hinting:\t1\nXft.hintstyle:\thintslight\nXft.rgba:\tnone\n"
    display = Display(name)
    try:
        root = display.screen().root
        font = display.open_font("cursor")
        arrow = font.create_glyph_cursor(font, LEFT_ARROW, LEFT_ARROW + 1, (0, 0, 0), (65535, 65535, 65535))
        root.change_attributes(background_pixel=colour, cursor=arrow)
        root.clear_area()
        root.change_property(Xatom.RESOURCE_MANAGER, Xatom.STRING, 8, resources.encode(), X.PropModeReplace)
        forget_rare_keys(display)
        display.sync()
    finally:
        display.close()
