"""Whether a window has read all input that was sent to it: programs translate a key when they get to it, by the mapping of that moment."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOK_S = 0.1
"""How often a window that has not answered is looked at: it may be gone."""
IDLE_LOOKS, IDLE_GAP_S = 3, 0.003
"""A process that was found asleep so often, so far apart, has read what the server sent it."""
BLIND_MS = 30
"""How long the server waits for a window of which nothing can be known (10 ms were enough for Tk)."""


@dataclass(frozen=True)
class Reader:
    """The window that reads the keys now. `pings`: it promises to answer; `pid`: its process, where it can be watched."""

    window: Any
    pings: bool
    pid: int | None


class Inbox:
    """Finds who reads the keys, and waits until it has. Not safe to use from two threads at once."""

    def __init__(self, display: Any, local: bool, hold_back: Callable[[int], None]) -> None:
        self._display = display
        self._root = display.screen().root
        self._local = local
        self._hold_back = hold_back
        self._pings = 0
        self._mute: set[int] = set()
        self._protocols, self._ping = (int(display.intern_atom(name)) for name in ("WM_PROTOCOLS", "_NET_WM_PING"))

    def reader(self) -> Reader:
        """Who has the focus."""
        from Xlib.error import XError

        window = self._display.get_input_focus().focus
        if isinstance(window, int):
            window = self._root.query_pointer().child
        focus = window
        try:
            while not isinstance(window, int) and window.id != self._root.id:
                asked = window.get_full_property(self._protocols, 4)
                if asked is not None and self._ping in asked.value:
                    return Reader(window, window.id not in self._mute, self._pid(window))
                window = window.query_tree().parent
        except XError:
            # It was closed while it was looked at.
            return Reader(None, False, None)
        return Reader(focus, False, self._pid(focus))

    def wait(self, reader: Reader, limit_s: float) -> bool:
        """Wait until `reader` has read what was sent so far, or is gone; whether it got there within `limit_s`."""
        end = time.monotonic() + limit_s
        self._display.sync()
        if reader.pings and reader.window.id not in self._mute:
            return self._answered(reader, end)
        if reader.pid is not None:
            while not self._asleep(reader.pid):
                if time.monotonic() >= end:
                    return False
            return True
        self._hold_back(BLIND_MS)
        self._display.sync()
        return True

    def _answered(self, reader: Reader, end: float) -> bool:
        """Whether the window answers a `_NET_WM_PING` (Extended Window Manager Hints): it does so in its turn, after the keys."""
        from Xlib import X
        from Xlib.error import CatchError
        from Xlib.protocol import event

        window = reader.window
        self._pings += 1
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        try:
            message = event.ClientMessage(window=window, client_type=self._protocols, data=(32, [self._ping, self._pings, window.id, 0, 0]))
            window.send_event(message, onerror=CatchError())
            self._display.flush()
            while not self._pong(min(end, time.monotonic() + LOOK_S)):
                if not self._there(window):
                    return True
                if reader.pid is not None and self._asleep(reader.pid) and not self._pong(time.monotonic() + IDLE_GAP_S):
                    # It has nothing to do and did not answer: programs of Qt 5.15 promise to and do not.
                    self._mute.add(window.id)
                    return True
                if time.monotonic() >= end:
                    return False
            return True
        finally:
            self._root.change_attributes(event_mask=0)
            self._display.sync()
            while self._display.pending_events():
                self._display.next_event()

    def _pong(self, end: float) -> bool:
        from Xlib import X

        while True:
            while self._display.pending_events():
                heard = self._display.next_event()
                if heard.type == X.ClientMessage and list(heard.data[1][:2]) == [self._ping, self._pings]:
                    return True
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._display.fileno()], [], [], left)[0]:
                return False

    def _there(self, window: Any) -> bool:
        from Xlib.error import XError

        try:
            window.get_attributes()
        except XError:
            return False
        return True

    def _asleep(self, pid: int) -> bool:
        """Whether a process waits for something to happen: none of its threads runs, or has run between some looks. (What waits for the
        server's answer looks asleep too, but gets it and runs again: the server answers these looks in its turn.)"""
        before = _threads(pid)
        for _ in range(IDLE_LOOKS):
            select.select([], [], [], IDLE_GAP_S)
            self._display.sync()
            now = _threads(pid)
            if now != before or any(state not in "SIZ" for _, state, _ in now):
                return False
        return True

    def _pid(self, window: Any) -> int | None:
        """Process behind a window as the server knows it (X-Resource extension), where it runs on this machine."""
        if isinstance(window, int) or not self._local or not self._display.has_extension("X-Resource"):
            return None
        from Xlib.error import XError
        from Xlib.ext.res import LocalClientPIDMask

        try:
            told = self._display.res_query_client_ids([{"client": window.id, "mask": LocalClientPIDMask}]).ids
        except XError:
            return None
        found = next((int(client.value[0]) for client in told if client.value), None)
        return found if found is not None and Path(f"/proc/{found}").exists() else None


def _threads(pid: int) -> frozenset[tuple[str, str, str]]:
    """Number, state, and how often it has run, of each thread (Linux: /proc/PID/task/TID/schedstat); none when the process is gone."""
    found = set()
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            state = (task / "stat").read_text().rpartition(")")[2].split()[0]
            found.add((task.name, state, (task / "schedstat").read_text().split()[2]))
    except OSError:
        return frozenset({("", "R", "")}) if Path(f"/proc/{pid}").exists() else frozenset()
    return frozenset(found)
