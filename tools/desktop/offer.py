"""Text offered to other programs on selections of an X display (the Inter-Client Communication Conventions Manual, section 2)."""

from __future__ import annotations

import select
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from handeye.tools.errors import DeviceError, InvalidAction

LONGEST = 200_000
"""Bytes that go over in one piece: an X request without the BIG-REQUESTS extension holds 262140."""
TEXTS = ("UTF8_STRING", "text/plain;charset=utf-8")


def owned(name: str, selection: str) -> bool:
    """Whether a program holds the selection on the display `name`."""
    from Xlib import X
    from Xlib.display import Display

    display = Display(name)
    try:
        return bool(display.get_selection_owner(display.intern_atom(selection)) != X.NONE)
    finally:
        display.close()


class Offer:
    """Offers texts on the selections of a display, for as long as the `with` block runs. Xlib's errors pass through."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._utf8 = b""
        self._latin1: bytes | None = b""

    def __enter__(self) -> Offer:
        from Xlib import X
        from Xlib.display import Display

        self._display = Display(self._name)
        self._window = self._display.screen().root.create_window(-1, -1, 1, 1, 0, X.CopyFromParent)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._display.close()

    def put(self, text: str, selections: Sequence[str] = ("CLIPBOARD",)) -> None:
        """Offer `text` on `selections` (`CLIPBOARD`, `PRIMARY`) from now on, and answer what is asked at once: clipboard managers do.

        Raises `InvalidAction` for a text of more than `LONGEST` bytes, `DeviceError` when a selection cannot be had.
        """
        from Xlib import X

        self._utf8 = text.encode()
        if len(self._utf8) > LONGEST:
            raise InvalidAction(f"a text of {len(self._utf8)} bytes is too long to be pasted; {LONGEST} are the most")
        try:
            self._latin1 = text.encode("latin-1")
        except UnicodeEncodeError:
            self._latin1 = None
        for selection in selections:
            atom = self._display.intern_atom(selection)
            self._window.set_selection_owner(atom, X.CurrentTime)
            if self._display.get_selection_owner(atom) != self._window:
                raise DeviceError(f"The display {self._name} does not give the {selection} away.")
        self._display.sync()
        self._answer()

    def taken(self, limit_s: float) -> bool:
        """Answer until a program has been given the text, `limit_s` at most; whether one has."""
        end = time.monotonic() + limit_s
        while not self._answer():
            left = end - time.monotonic()
            if left <= 0:
                return False
            select.select([self._display.fileno()], [], [], left)
        return True

    def _answer(self) -> bool:
        """Answer the requests that have arrived; whether one was for the text."""
        from Xlib import X

        given = False
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.SelectionRequest:
                given = self._give(event) or given
        self._display.flush()
        return given

    def _give(self, asked: Any) -> bool:
        from Xlib import X, Xatom
        from Xlib.protocol import event

        target, place = asked.target, asked.property or asked.target
        name = self._display.get_atom_name(target)
        text = self._utf8 if name in TEXTS else self._latin1 if target == Xatom.STRING else None
        if name == "TARGETS":
            targets = [self._display.intern_atom(known) for known in ("TARGETS", *TEXTS)]
            asked.requestor.change_property(place, Xatom.ATOM, 32, targets + ([Xatom.STRING] if self._latin1 is not None else []))
        elif text is not None:
            asked.requestor.change_property(place, target, 8, text)
        else:
            place = X.NONE
        answer = event.SelectionNotify(time=asked.time, requestor=asked.requestor, selection=asked.selection, target=target, property=place)
        asked.requestor.send_event(answer)
        # Not only sent, but worked off: a connection that is closed with answers unread takes what it sent last with it.
        self._display.sync()
        return text is not None
