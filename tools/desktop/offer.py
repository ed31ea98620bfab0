"""Text offered to other programs on selections of an X display (the Inter-Client Communication Conventions Manual, section 2)."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from handeye.tools.errors import DeviceError, InvalidAction

LONGEST = 200_000
"""Bytes that go over in one piece: an X request without the BIG-REQUESTS extension holds 262140."""
UTF8 = ("UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT")
"""What programs ask for when UTF-8 will do. For `TEXT`, any encoding, the answer names its own."""


class Offer:
    """Texts offered on the selections of a display, until it is closed: the one place that speaks this protocol. It owns `display`, a
    connection of its own, and closes it. Xlib's errors pass through. What its users differ in is what becomes of the text that was there
    before: see `clipboard.py` and `pasting.py`.
    """

    def __init__(self, display: Any) -> None:
        from Xlib import X

        self._display = display
        self._window = display.screen().root.create_window(-1, -1, 1, 1, 0, X.CopyFromParent)
        names = ("CLIPBOARD", "PRIMARY", "TARGETS", "STRING", "_HANDEYE", *UTF8)
        self._atom = {name: int(display.intern_atom(name)) for name in names}
        self._text = b""

    def __enter__(self) -> Offer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the selections and of the display."""
        self._display.close()

    def owned(self, selection: str) -> bool:
        """Whether any program holds the selection."""
        from Xlib import X

        return bool(self._display.get_selection_owner(self._atom[selection]) != X.NONE)

    def held(self, selection: str, limit_s: float) -> bytes | None:
        """The text that is on the selection, in UTF-8; None: none in one piece, or its owner does not say within `limit_s`."""
        from Xlib import X

        if not self.owned(selection):
            return None
        if self._display.get_selection_owner(self._atom[selection]) == self._window:
            return self._text
        mine, utf8 = self._atom["_HANDEYE"], self._atom["UTF8_STRING"]
        self._window.convert_selection(self._atom[selection], utf8, mine, X.CurrentTime)
        self._display.flush()
        end = time.monotonic() + limit_s
        while (heard := self._next(end)) is not None:
            if heard.type == X.SelectionNotify and heard.selection == self._atom[selection]:
                if heard.property == X.NONE:
                    return None
                found = self._window.get_full_property(mine, utf8)
                self._window.delete_property(mine)
                return found.value if found is not None and isinstance(found.value, bytes) else None
        return None

    def put(self, text: str, selections: Sequence[str] = ("CLIPBOARD",)) -> None:
        """Offer `text` on `selections` (`CLIPBOARD`, `PRIMARY`) from now on, and answer what is asked at once: clipboard managers do.

        Raises `InvalidAction` for half of a character and for more than `LONGEST` bytes, `DeviceError` when a selection cannot be had.
        """
        from Xlib import X

        self.say(encoded(text))
        for selection in selections:
            self._window.set_selection_owner(self._atom[selection], X.CurrentTime)
            if self._display.get_selection_owner(self._atom[selection]) != self._window:
                raise DeviceError(f"The display {self._display.get_display_name()} does not give the {selection} away.")
        self._display.sync()
        self.taken(0)

    def say(self, text: bytes) -> None:
        """Answer with `text`, in UTF-8, from now on, where a selection is held already."""
        self._text = text

    def drop(self, selection: str) -> None:
        """Let go of a selection: nobody holds it then."""
        from Xlib import X
        from Xlib.protocol.request import SetSelectionOwner

        SetSelectionOwner(display=self._display.display, window=X.NONE, selection=self._atom[selection], time=X.CurrentTime)
        self._display.sync()

    def taken(self, limit_s: float, quiet_s: float = 0.0) -> bool:
        """Answer until a program was given the text and none has asked for it again for `quiet_s`; whether one was, within `limit_s`."""
        given, end = False, time.monotonic() + limit_s
        while (heard := self._next(end)) is not None:
            if self._answer(heard):
                given, end = True, time.monotonic() + quiet_s
        return given

    def serve(self, ended: Callable[[], bool]) -> None:
        """Answer until `ended`, which is asked ten times a second."""
        while not ended():
            if (heard := self._next(time.monotonic() + 0.1)) is not None:
                self._answer(heard)

    def _answer(self, asked: Any) -> bool:
        """Answer a request for a selection; whether the text itself went out."""
        from Xlib import X, Xatom
        from Xlib.error import CatchError
        from Xlib.protocol import event

        if asked.type != X.SelectionRequest:
            return False
        target, place = asked.target, asked.property or asked.target
        gone = CatchError()
        given = self._given(target)
        if target == self._atom["TARGETS"]:
            names = [self._atom["TARGETS"], *(self._atom[name] for name in UTF8)]
            names += [self._atom["STRING"]] if self._latin1() is not None else []
            asked.requestor.change_property(place, Xatom.ATOM, 32, names, onerror=gone)
        elif given is not None:
            kind = self._atom["UTF8_STRING"] if target == self._atom["TEXT"] else target
            asked.requestor.change_property(place, kind, 8, given, onerror=gone)
        else:
            place = X.NONE
        told = event.SelectionNotify(time=asked.time, requestor=asked.requestor, selection=asked.selection, target=target, property=place)
        asked.requestor.send_event(told, onerror=gone)
        # Not only sent, but worked off: a connection that is closed with answers unread takes what it sent last with it.
        self._display.sync()
        return given is not None

    def _given(self, target: int) -> bytes | None:
        if target == self._atom["STRING"]:
            return self._latin1()
        return self._text if target in (self._atom[name] for name in UTF8) else None

    def _latin1(self) -> bytes | None:
        """The text in the encoding of `STRING`, if that has all of its characters."""
        try:
            return self._text.decode().encode("latin-1")
        except UnicodeError:
            return None

    def _next(self, end: float) -> Any:
        """The next event, or None at `end`; what has arrived by then counts."""
        while not self._display.pending_events():
            left = end - time.monotonic()
            if left <= 0:
                return None
            select.select([self._display.fileno()], [], [], left)
        return self._display.next_event()


def encoded(text: str) -> bytes:
    """`text` as it can be offered. Raises `InvalidAction` for half of a character, and for more than `LONGEST` bytes."""
    try:
        made = text.encode()
    except UnicodeEncodeError as error:
        raise InvalidAction(f"half of a character cannot be pasted ({error})") from error
    if len(made) > LONGEST:
        raise InvalidAction(f"a text of {len(made)} bytes is too long to be pasted at once; {LONGEST} are the most")
    return made
