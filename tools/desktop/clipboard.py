"""How the X11 driver pastes: it lends the clipboard of its display for one text, and keeps what was on it by itself, while it is open.

(pyautogui's driver pastes line by line and leaves the old text to a program that outlives it: `pasting.py`.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from handeye.tools.desktop.offer import Offer, encoded
from handeye.tools.errors import DeviceTimeout

TAKE_S = 5.0
"""How long a program may take to fetch what is pasted."""
QUIET_S = 0.1
"""A program that has fetched the text and asks no more for so long has it: some fetch it twice, in several forms."""
READ_S = 0.5
"""How long the present owner may take to say what it holds."""


class LentClipboard:
    """Serves CLIPBOARD and PRIMARY (which shift+insert pastes in xterm) on a connection of its own, which it closes."""

    def __init__(self, display: Any) -> None:
        self._offer = Offer(display)
        self._kept: threading.Thread | None = None
        self._ending = threading.Event()

    def lend(self, text: str, fetch: Callable[[], None]) -> None:
        """Hold `text`, call `fetch` (which makes a program ask for it), and hold afterwards what was held before, where that was text.

        Raises `InvalidAction` when the text is too long for one piece or no text, `DeviceTimeout` when nobody asks for it.
        """
        wanted = text.replace("\r\n", "\n")
        encoded(wanted)  # while the clipboard is as it was
        self._stop_keeping()
        before = {name: self._offer.held(name, READ_S) for name in ("CLIPBOARD", "PRIMARY")}
        self._offer.put(wanted, tuple(before))
        fetch()
        taken = self._offer.taken(TAKE_S, QUIET_S)
        self._restore(before)
        if not taken:
            raise DeviceTimeout(f"Nothing asked for the clipboard within {TAKE_S:.0f} s: the window with the focus does not paste.")

    def close(self) -> None:
        """Let go of the clipboard. Raises python-xlib's errors when the display is gone."""
        self._stop_keeping()
        self._offer.close()

    def _restore(self, before: dict[str, bytes | None]) -> None:
        """Hold what was held. Its owner does not take it back, so it is served from here for as long as this is open."""
        for name, text in before.items():
            if text is None:
                self._offer.drop(name)
        # One text is kept for both; what programs paste by chord is CLIPBOARD.
        kept = before["CLIPBOARD"] if before["CLIPBOARD"] is not None else before["PRIMARY"]
        if kept is not None:
            self._offer.say(kept)
            self._ending.clear()
            self._kept = threading.Thread(target=self._keep, name="clipboard", daemon=True)
            self._kept.start()

    def _keep(self) -> None:
        from Xlib.error import ConnectionClosedError, XError

        try:
            self._offer.serve(self._ending.is_set)
        except (ConnectionClosedError, XError, OSError):
            return

    def _stop_keeping(self) -> None:
        if self._kept is not None:
            self._ending.set()
            self._kept.join()
            self._kept = None
