"""Keys, buttons and motion through XTEST, gathered and sent in one piece.

Nothing reaches the server before `send`, or before a key that follows a click, so an interruption cannot part a press from its release.
What a killed process had pressed stays pressed (the X server keeps it): `let_go` is for those who come after.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from typing import Any

from handeye.tools.desktop.keymap import Stroke
from handeye.tools.geometry import Point

THAW_S, LOOK_S = 3.0, 0.002
"""Longest wait for a window manager that holds a click, and how often it is looked at."""
HELD_MS = 10
"""Longest delay between two events during which other programs are kept from the server."""
POINTER_BUTTONS = (1, 2, 3, 4, 5)
"""Those that the server tells the state of."""


class Fingers:
    """Input for one display; delays are kept by the server, in milliseconds before the event."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._put: Point | None = None
        self._clicked: int | None = None
        self._held = False
        self.check: Callable[[], None] | None = None
        """What must pass before something is pressed. No other program can do anything from then until the press is done: the server
        listens to this connection alone, for some milliseconds."""

    @property
    def put(self) -> Point | None:
        """Where the pointer was brought since the last time that this was asked; None if it was not."""
        put, self._put = self._put, None
        return put

    def key(self, code: int, down: bool, delay_ms: int = 0) -> None:
        """Press or release a key."""
        from Xlib import X

        self._await_click()
        self._hold(down, delay_ms)
        self._fake(X.KeyPress if down else X.KeyRelease, code, delay_ms)

    def button(self, number: int, down: bool, delay_ms: int = 0) -> None:
        """Press or release a button."""
        from Xlib import X

        self._hold(down, delay_ms)
        self._clicked = number if number in POINTER_BUTTONS and not down else None
        self._fake(X.ButtonPress if down else X.ButtonRelease, number, delay_ms)

    def move(self, x: int, y: int, delay_ms: int = 0) -> None:
        """Bring the pointer to a place of the display."""
        from Xlib import X

        self._put = Point(x, y)
        self._hold(False, delay_ms)
        self._fake(X.MotionNotify, 0, delay_ms, x, y)

    def rest(self, delay_ms: int) -> None:
        """Hold back what follows: motion by nothing."""
        from Xlib import X

        self._fake(X.MotionNotify, 1, delay_ms)

    def chord(self, strokes: Sequence[Stroke], shift: int | None, hold_ms: int = 0) -> None:
        """Press keys in order, release them in reverse."""
        codes = self.press(strokes, shift)
        self.release(codes, hold_ms)

    def press(self, strokes: Sequence[Stroke], shift: int | None) -> list[int]:
        """Press keys in order; gives the codes for `release`. `shift`: the key for strokes that need it."""
        codes: list[int] = []
        for stroke in strokes:
            for code in ([shift] if stroke.shift and shift is not None else []) + [stroke.keycode]:
                if code not in codes:
                    self.key(code, True)
                    codes.append(code)
        return codes

    def release(self, codes: Sequence[int], hold_ms: int = 0) -> None:
        """Release keys in reverse, `hold_ms` after they were pressed."""
        for number, code in enumerate(reversed(codes)):
            self.key(code, False, 0 if number else hold_ms)

    def send(self) -> None:
        """Send what was gathered, and wait until the server has done it, delays included."""
        self._free()
        self._display.sync()

    def _hold(self, press: bool, delay_ms: int) -> None:
        """Before a press: hold the server and check. Before a longer delay: let it go."""
        if delay_ms > HELD_MS:
            self._free()
        if self.check is None or self._held or not press:
            return
        self._display.grab_server()
        self._held = True
        try:
            self.check()
        except BaseException:
            self._free()
            self._display.sync()
            raise

    def _free(self) -> None:
        if self._held:
            self._held = False
            self._display.ungrab_server()

    def _await_click(self) -> None:
        """Wait until the last button is up for the server too, `THAW_S` at most.

        A window manager that gives the focus at a click holds the pointer, not the keyboard, until it has looked at the click: keys that
        are sent meanwhile would overtake it, and Shift would be up again before the click that it belongs to.
        """
        number, self._clicked = self._clicked, None
        if number is None or self._held:
            return
        root, end = self._display.screen().root, None
        while root.query_pointer().mask >> (7 + number) & 1:
            end = end or time.monotonic() + THAW_S
            if time.monotonic() > end:
                return
            select.select([], [], [], LOOK_S)

    def let_go(self) -> None:
        """Release every key and button that is down. Those that a person holds down on a keyboard of their own stay so: XTEST has its
        own keyboard and mouse."""
        down = self._display.query_keymap()
        for code in range(8, 256):
            if down[code // 8] >> (code % 8) & 1:
                self.key(code, False)
        mask = self._display.screen().root.query_pointer().mask
        for number in POINTER_BUTTONS:
            if mask >> (7 + number) & 1:
                self.button(number, False)
        self.send()

    def _fake(self, kind: int, detail: int, delay_ms: int, x: int = 0, y: int = 0) -> None:
        from Xlib.ext import xtest

        xtest.fake_input(self._display, kind, detail, delay_ms, x=x, y=y)
