"""The windows of an X display, as its window manager tells them (Extended Window Manager Hints)."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import Any

from handeye.tools.geometry import Box


@dataclass(frozen=True)
class Window:
    """A top-level window; `box` is in pixels of the whole display and without the frame that the window manager draws."""

    id: int
    title: str
    box: Box
    active: bool = False
    app: str = ""
    """The program's class (WM_CLASS, such as `Mousepad`)."""


class Windows:
    """Asks a display about its windows. Not safe to use from two threads at once."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        self._pings = 0

    def all(self) -> tuple[Window, ...]:
        """Every top-level window, the one at the bottom first. Without a window manager: the mapped children of the root."""
        active = self._active()
        found = []
        for number in self._numbers("_NET_CLIENT_LIST_STACKING") or self._numbers("_NET_CLIENT_LIST") or self._children():
            window = self._described(number, active)
            if window is not None:
                found.append(window)
        return tuple(found)

    def title(self) -> str:
        """Title of the active window; empty if there is none."""
        active = self._active()
        window = self._described(active, active) if active else None
        return "" if window is None else window.title

    def raise_(self, number: int) -> None:
        """Ask the window manager to bring a window to the front; without one it is raised and given the focus."""
        from Xlib import X
        from Xlib.protocol import event

        window = self._display.create_resource_object("window", number)
        if self._numbers("_NET_SUPPORTING_WM_CHECK"):
            message = event.ClientMessage(
                window=window, client_type=self._atom("_NET_ACTIVE_WINDOW"), data=(32, [2, X.CurrentTime, 0, 0, 0])
            )
            self._root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        else:
            window.configure(stack_mode=X.Above)
            window.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
        self._display.sync()

    def answered(self, limit_s: float) -> bool:
        """Whether the window with the focus has worked off all input so far: it answers a `_NET_WM_PING` within `limit_s`.

        False too where it has never promised to answer (xterm).
        """
        from Xlib import X
        from Xlib.protocol import event

        window = self._pinged()
        if window is None:
            return False
        self._pings += 1
        token, ping = self._pings, self._atom("_NET_WM_PING")
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        try:
            message = event.ClientMessage(window=window, client_type=self._atom("WM_PROTOCOLS"), data=(32, [ping, token, window.id, 0, 0]))
            window.send_event(message)
            self._display.flush()
            return self._pong(ping, token, time.monotonic() + limit_s)
        finally:
            self._root.change_attributes(event_mask=0)
            while self._display.pending_events():
                self._display.next_event()

    def _pong(self, ping: int, token: int, end: float) -> bool:
        from Xlib import X

        while True:
            while self._display.pending_events():
                heard = self._display.next_event()
                if heard.type == X.ClientMessage and list(heard.data[1][:2]) == [ping, token]:
                    return True
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._display.fileno()], [], [], left)[0]:
                return False

    def _pinged(self) -> Any:
        """The window around the focus that answers pings, or None."""
        window = self._display.get_input_focus().focus
        protocols, ping = self._atom("WM_PROTOCOLS"), self._atom("_NET_WM_PING")
        while not isinstance(window, int) and window.id != self._root.id:
            asked = window.get_full_property(protocols, 4)
            if asked is not None and ping in asked.value:
                return window
            window = window.query_tree().parent
        return None

    def _active(self) -> int:
        numbers = self._numbers("_NET_ACTIVE_WINDOW")
        return numbers[0] if numbers else 0

    def _numbers(self, name: str) -> list[int]:
        found = self._root.get_full_property(self._atom(name), 0)
        return [] if found is None else [int(number) for number in found.value]

    def _children(self) -> list[int]:
        return [child.id for child in self._root.query_tree().children]

    def _described(self, number: int, active: int) -> Window | None:
        from Xlib import X
        from Xlib.error import XError

        window = self._display.create_resource_object("window", number)
        try:
            if window.get_attributes().map_state != X.IsViewable:
                return None
            place, size = window.translate_coords(self._root, 0, 0), window.get_geometry()
            left, top = -place.x, -place.y
            box = Box(left, top, left + size.width, top + size.height)
            return Window(number, self._name(window), box, number == active, (window.get_wm_class() or ("", ""))[1])
        except XError:
            # It was closed while it was looked at.
            return None

    def _name(self, window: Any) -> str:
        for name in ("_NET_WM_NAME", "WM_NAME"):
            found = window.get_full_property(self._atom(name), 0)
            if found is not None:
                value = found.value
                return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        return ""

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))
