"""Waits for a program's first window."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

LOOK_S = 0.1
"""How often is looked whether the program still runs."""


class WindowWatch:
    """Remembers the windows of a display, and waits for one more. A context manager; make it before the program is started."""

    def __init__(self, display: str) -> None:
        from Xlib import X
        from Xlib.display import Display

        self._display = Display(display)
        root = self._display.screen().root
        root.change_attributes(event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask)
        self._root = root
        self._known = set(self._shown())

    def wait(self, limit_s: float, give_up: Callable[[], bool]) -> bool:
        """Whether a new window shows up within `limit_s` seconds, and before `give_up` says that none will."""
        end = time.monotonic() + limit_s
        while not set(self._shown()) - self._known:
            if time.monotonic() > end or give_up():
                return bool(set(self._shown()) - self._known)
            if not self._display.pending_events():
                select.select([self._display.fileno()], [], [], LOOK_S)
            while self._display.pending_events():
                self._display.next_event()
        return True

    def __enter__(self) -> WindowWatch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._display.close()

    def _shown(self) -> list[int]:
        """Windows on the screen, less splash screens, which go by themselves before the program can be used."""
        managed = self._root.get_full_property(self._atom("_NET_CLIENT_LIST"), 0)
        if managed is not None:
            return [int(number) for number in managed.value if self._is_shown(int(number))]
        return [child.id for child in self._root.query_tree().children if self._is_shown(child.id)]

    def _is_shown(self, number: int) -> bool:
        from Xlib import X
        from Xlib.error import XError

        window = self._display.create_resource_object("window", number)
        try:
            if window.get_attributes().map_state != X.IsViewable:
                return False
            kind: Any = window.get_full_property(self._atom("_NET_WM_WINDOW_TYPE"), 0)
        except XError:
            return False
        return kind is None or self._atom("_NET_WM_WINDOW_TYPE_SPLASH") not in kind.value

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))
