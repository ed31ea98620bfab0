"""The windows of an X display, as its window manager tells them (Extended Window Manager Hints)."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import Any

from handeye.tools.errors import DeviceTimeout, InvalidAction
from handeye.tools.geometry import Box

RAISE_S = 6.0
"""How long a window manager may take to bring a window to the front before that counts as refused: Openbox is deaf for up to 3 s after much
was typed (it opens its input method again for each key that is lent)."""
TERMINALS = ("xterm", "uxterm", "rxvt", "urxvt", "st", "terminal", "konsole", "kitty", "alacritty")
"""Classes whose ctrl+v is a control character, by parts of their names; shift+insert pastes there."""


@dataclass(frozen=True)
class Window:
    """A top-level window; `box` is in pixels of the whole display and without the frame that the window manager draws.

    `app` is the class that the program gives its windows (`Mousepad`), `pid` its process where it tells; both may be missing.
    """

    id: int
    title: str
    box: Box
    active: bool = False
    app: str = ""
    pid: int | None = None


class Windows:
    """Asks a display about its windows. Not safe to use from two threads at once."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        self._atoms: dict[str, int] = {}

    def all(self) -> tuple[Window, ...]:
        """Every top-level window, the one at the bottom first. Without a window manager: the mapped children of the root."""
        active = self._active()
        listed = self._numbers("_NET_CLIENT_LIST_STACKING") or self._numbers("_NET_CLIENT_LIST")
        found = (self._described(number, active) for number in (listed if self._managed() else self._children()))
        return tuple(window for window in found if window is not None)

    def active(self) -> Window | None:
        """The window that has the keyboard."""
        active = self._active()
        return self._described(active, active) if active else None

    def title(self) -> str:
        """Title of the active window; empty if there is none."""
        active = self.active()
        return "" if active is None else active.title

    def paste_keys(self) -> tuple[str, ...]:
        """The chord by which the active window takes the clipboard in."""
        active = self.active()
        app = "" if active is None else active.app.lower()
        if any(name == app or (len(name) > 2 and name in app) for name in TERMINALS):
            return ("shift", "insert")
        return ("ctrl", "v")

    def raise_(self, wanted: Window) -> None:
        """Ask the window manager to bring a window to the front; without one it is raised and given the focus.

        Raises `InvalidAction` when the window is gone, `DeviceTimeout` when it is not in front after `RAISE_S` seconds.
        """
        from Xlib import X
        from Xlib.error import XError

        window = self._display.create_resource_object("window", wanted.id)
        try:
            window.get_attributes()
            if self._managed():
                self._ask(window)
            else:
                window.configure(stack_mode=X.Above)
                window.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
            self._display.sync()
        except XError as error:
            raise InvalidAction(f"the window {wanted.title!r} is not there any more") from error
        self._await_active(wanted)

    def _ask(self, window: Any) -> None:
        from Xlib import X
        from Xlib.protocol import event

        # Source 2: as a pager asks, whom window managers obey where they would keep a program from stealing the focus.
        message = event.ClientMessage(window=window, client_type=self._atom("_NET_ACTIVE_WINDOW"), data=(32, [2, X.CurrentTime, 0, 0, 0]))
        self._root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)

    def _await_active(self, wanted: Window) -> None:
        end = time.monotonic() + RAISE_S
        while self._active() != wanted.id:
            if time.monotonic() >= end:
                raise DeviceTimeout(f"The window manager did not bring {wanted.title!r} to the front within {RAISE_S:.0f} s.")
            select.select([], [], [], 0.01)

    def _managed(self) -> bool:
        """Whether a window manager lives: the window by which it shows itself is there."""
        from Xlib.error import XError

        numbers = self._numbers("_NET_SUPPORTING_WM_CHECK")
        if not numbers:
            return False
        try:
            self._display.create_resource_object("window", numbers[0]).get_attributes()
        except XError:
            # It has died and left its properties.
            return False
        return True

    def _active(self) -> int:
        if self._managed():
            numbers = self._numbers("_NET_ACTIVE_WINDOW")
            return numbers[0] if numbers else 0
        return self._focused()

    def _focused(self) -> int:
        """The child of the root that holds the focus; 0 when none does."""
        from Xlib.error import XError

        window = self._display.get_input_focus().focus
        try:
            while not isinstance(window, int) and window.id != self._root.id:
                parent = window.query_tree().parent
                if not isinstance(parent, int) and parent.id == self._root.id:
                    return int(window.id)
                window = parent
        except XError:
            return 0
        return 0

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
            attributes = window.get_attributes()
            if attributes.map_state != X.IsViewable or attributes.win_class != X.InputOutput:
                return None
            place, size = window.translate_coords(self._root, 0, 0), window.get_geometry()
            left, top = -place.x, -place.y
            box = Box(left, top, left + size.width, top + size.height)
            return Window(number, self._name(window), box, number == active, self._app(window), self._pid(window))
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

    def _app(self, window: Any) -> str:
        found = window.get_full_property(self._atom("WM_CLASS"), 0)
        if found is None or not isinstance(found.value, bytes | str):
            return ""
        value = found.value.decode("utf-8", "replace") if isinstance(found.value, bytes) else found.value
        return str(value.rstrip("\0").rpartition("\0")[2])

    def _pid(self, window: Any) -> int | None:
        found = window.get_full_property(self._atom("_NET_WM_PID"), 0)
        return int(found.value[0]) if found is not None and len(found.value) else None

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            self._atoms[name] = int(self._display.intern_atom(name))
        return self._atoms[name]
