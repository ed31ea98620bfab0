"""The clipboard of an X display, owned for as long as a paste takes."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

from handeye.tools.errors import DeviceTimeout, InvalidAction

TAKE_S = 5.0
"""How long a program may take to fetch what is pasted."""
QUIET_S = 0.1
"""A program that has fetched the text and asks no more for so long has it: some fetch it twice, in several forms."""
READ_S = 0.5
"""How long the present owner may take to say what it holds."""
LARGEST = 200_000
"""Bytes in one piece: what a server takes in one request is 262,140 at least."""


class Clipboard:
    """Serves CLIPBOARD and PRIMARY (which shift+insert pastes in xterm) on a connection of its own, which it closes."""

    def __init__(self, display: Any) -> None:
        from Xlib import X

        self._display = display
        self._window = display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        names = ("CLIPBOARD", "PRIMARY", "UTF8_STRING", "STRING", "TEXT", "TARGETS", "text/plain;charset=utf-8", "text/plain", "_HANDEYE")
        self._atom = {name: int(display.intern_atom(name)) for name in names}
        self._texts = [self._atom[name] for name in ("UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT", "STRING")]
        self._text = b""
        self._kept: threading.Thread | None = None
        self._ending = threading.Event()

    def lend(self, text: str, fetch: Callable[[], None]) -> None:
        """Hold `text`, call `fetch` (which makes a program ask for it), and hold afterwards what was held before, where that was text.

        Raises `InvalidAction` when the text is too long for one piece or no text, `DeviceTimeout` when nobody asks for it.
        """
        try:
            wanted = text.replace("\r\n", "\n").encode()
        except UnicodeEncodeError as error:
            raise InvalidAction(f"half of a character cannot be pasted ({error})") from error
        if len(wanted) > LARGEST:
            raise InvalidAction(f"{len(wanted)} bytes are too many to paste at once; {LARGEST} can be")
        self._stop_keeping()
        before = {name: self._held(name) for name in ("CLIPBOARD", "PRIMARY")}
        self._text = wanted
        self._own(*before)
        fetch()
        taken = self._serve(TAKE_S)
        self._restore(before)
        if not taken:
            raise DeviceTimeout(f"Nothing asked for the clipboard within {TAKE_S:.0f} s: the window with the focus does not paste.")

    def close(self) -> None:
        """Let go of the clipboard. Raises python-xlib's errors when the display is gone."""
        self._stop_keeping()
        self._display.close()

    def _own(self, *names: str) -> None:
        from Xlib import X

        for name in names:
            self._window.set_selection_owner(self._atom[name], X.CurrentTime)
        self._display.sync()

    def _held(self, name: str) -> bytes | None:
        """The text that somebody else holds."""
        from Xlib import X

        owner = self._display.get_selection_owner(self._atom[name])
        if isinstance(owner, int):
            return None
        if owner.id == self._window.id:
            return self._text
        self._window.convert_selection(self._atom[name], self._atom["UTF8_STRING"], self._atom["_HANDEYE"], X.CurrentTime)
        self._display.flush()
        end = time.monotonic() + READ_S
        while (heard := self._next(end)) is not None:
            if heard.type == X.SelectionNotify and heard.selection == self._atom[name]:
                if heard.property == X.NONE:
                    return None
                found = self._window.get_full_property(self._atom["_HANDEYE"], self._atom["UTF8_STRING"])
                self._window.delete_property(self._atom["_HANDEYE"])
                return found.value if found is not None and isinstance(found.value, bytes) else None
        return None

    def _serve(self, limit_s: float) -> bool:
        """Answer those who ask; whether somebody took the text within `limit_s`."""
        taken, end = False, time.monotonic() + limit_s
        while (heard := self._next(end)) is not None:
            if self._answer(heard):
                taken, end = True, time.monotonic() + QUIET_S
        return taken

    def _restore(self, before: dict[str, bytes | None]) -> None:
        """Hold what was held. Its owner does not take it back, so it is served from here for as long as this is open."""
        from Xlib import X
        from Xlib.protocol.request import SetSelectionOwner

        for name, text in before.items():
            if text is None:
                SetSelectionOwner(display=self._display.display, window=X.NONE, selection=self._atom[name], time=X.CurrentTime)
        self._display.sync()
        # One text is kept for both; what programs paste by chord is CLIPBOARD.
        kept = before["CLIPBOARD"] if before["CLIPBOARD"] is not None else before["PRIMARY"]
        if kept is not None:
            self._text = kept
            self._ending.clear()
            self._kept = threading.Thread(target=self._keep, name="clipboard", daemon=True)
            self._kept.start()

    def _keep(self) -> None:
        from Xlib.error import ConnectionClosedError, XError

        try:
            while not self._ending.is_set():
                if (heard := self._next(time.monotonic() + 0.1)) is not None:
                    self._answer(heard)
        except (ConnectionClosedError, XError, OSError):
            return

    def _stop_keeping(self) -> None:
        if self._kept is not None:
            self._ending.set()
            self._kept.join()
            self._kept = None

    def _answer(self, heard: Any) -> bool:
        """Answer a request for the clipboard; whether the text itself went out."""
        from Xlib import X, Xatom
        from Xlib.error import CatchError
        from Xlib.protocol import event

        if heard.type != X.SelectionRequest:
            return False
        place = heard.property or heard.target
        gone = CatchError()
        if heard.target == self._atom["TARGETS"]:
            heard.requestor.change_property(place, Xatom.ATOM, 32, [self._atom["TARGETS"], *self._texts], onerror=gone)
        elif heard.target in self._texts:
            latin = heard.target == self._atom["STRING"]
            data = self._text.decode().encode("latin-1", "replace") if latin else self._text
            kind = self._atom["UTF8_STRING"] if heard.target == self._atom["TEXT"] else heard.target
            heard.requestor.change_property(place, kind, 8, data, onerror=gone)
        else:
            place = X.NONE
        told = event.SelectionNotify(
            time=heard.time, requestor=heard.requestor, selection=heard.selection, target=heard.target, property=place
        )
        heard.requestor.send_event(told, onerror=gone)
        self._display.flush()
        return place != X.NONE and heard.target in self._texts

    def _next(self, end: float) -> Any:
        """The next event, or None at `end`."""
        while not self._display.pending_events():
            left = end - time.monotonic()
            if left <= 0:
                return None
            select.select([self._display.fileno()], [], [], left)
        return self._display.next_event()
