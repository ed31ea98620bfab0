"""Typing and chords on an X display, exact whatever the layout, Caps Lock or another group.

A character that the layout lacks is lent a spare keycode, as many at a time as there are. A lent key is given to another character
only when the window that it was pressed for has read it (`drained`): programs translate keys late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from handeye.tools.desktop import xkb
from handeye.tools.desktop.drained import Inbox, Reader
from handeye.tools.desktop.fingers import Fingers
from handeye.tools.desktop.keymap import Keymap, Stroke, batches, keysym_of, unspeakable
from handeye.tools.errors import DeviceError, DeviceTimeout, InvalidAction
from handeye.tools.keys import canonical_key, x11_keysym

READ_S = 20.0
"""Longest wait for a window that must read its keys before they can be lent to others."""
SEEN_S = 3.0
"""Longest wait for a window to have read all at the end, or to be idle before keys are lent. If it takes longer, it will read the rest
later."""
PIECE = 400
"""Characters that are sent before the window is waited for: a program that is flooded is no faster, and cannot be interrupted."""


class Keyboard:
    """The keyboard of one display. Not safe to use from two threads at once."""

    def __init__(self, display: Any, fingers: Fingers, inbox: Inbox) -> None:
        self._display = display
        self._fingers = fingers
        self._inbox = inbox
        self._keymap = Keymap(display)
        self._xkb = xkb.begin(display)
        self._owed: list[Reader] = []
        # Windows that have surely heard of every key that is lent.
        self._knowing: set[Any] = set()

    def type(self, text: str) -> None:
        """Type `text` into what has the focus.

        Raises `InvalidAction` for a character that no key gives, before anything is typed; `DeviceError` where no key can be lent;
        `DeviceTimeout` when the window does not read its keys.
        """
        text = text.replace("\r\n", "\n")
        if (character := unspeakable(text)) is not None:
            raise InvalidAction(f"no key gives the character U+{ord(character):04X}")
        self._keymap.read()
        wanted = {keysym_of(character) for character in text}
        direct = self._keymap.given(wanted)
        if self._keymap.spare == 0 and len(direct) < len(wanted):
            raise DeviceError(
                "The keyboard of this display has no key to lend to characters that its layout lacks.", fix="type by --typing paste"
            )
        self._fingers.let_go()
        with self._plain():
            for piece, lacking in batches(text, self._keymap.spare, direct):
                self._type(piece, self._lend(lacking))
        self._finish(SEEN_S)

    def strokes(self, keys: Sequence[str]) -> list[Stroke]:
        """How to press keys, by any name that `handeye.tools.keys` knows; lends what the layout lacks.

        Raises `InvalidAction` for a key that there is not.
        """
        self._keymap.read()
        keysyms = [_keysym(canonical_key(key)) for key in keys]
        lacking = [keysym for keysym in dict.fromkeys(keysyms) if self._keymap.stroke(keysym) is None]
        if 0 in lacking or len(lacking) > self._keymap.spare:
            missing = keys[next(n for n, keysym in enumerate(keysyms) if keysym in lacking and (keysym == 0 or 0 not in lacking))]
            raise InvalidAction(f"this display has no key for {missing!r}")
        lent = self._lend(tuple(lacking))
        return [self._keymap.stroke(keysym) or lent[keysym] for keysym in keysyms]

    def press(self, keys: Sequence[str]) -> None:
        """Press keys in order, then release them in reverse."""
        strokes = self.strokes(keys)
        with self._first_group():
            self._fingers.chord(strokes, self.shift)
            self._fingers.send()
        self.settle_loan()

    @property
    def shift(self) -> int | None:
        """The keycode of Shift."""
        stroke = self._keymap.stroke(_keysym("shift"))
        return None if stroke is None else stroke.keycode

    def settle_loan(self) -> None:
        """After keys that may have been lent: note who must read them, and give borrowed keys back when that is done."""
        if self._keymap.lent(()) and self._keymap.borrowed:
            self._owe()
            self._finish(READ_S)

    def give_back(self) -> None:
        """Take back all lent keys."""
        self._keymap.give_back()

    def _type(self, text: str, lent: dict[int, Stroke]) -> None:
        shift = self.shift
        for start in range(0, len(text), PIECE):
            part = text[start : start + PIECE]
            for character in part:
                keysym = keysym_of(character)
                stroke = lent.get(keysym) or self._keymap.stroke(keysym)
                assert stroke is not None
                self._fingers.chord([stroke], shift)
            self._owe()
            self._fingers.send()
            if start + PIECE < len(text):
                self._inbox.wait(self._owed[-1], SEEN_S)

    def _lend(self, lacking: tuple[int, ...]) -> dict[int, Stroke]:
        if not lacking:
            return {}
        reader = self._inbox.reader()
        window = getattr(reader.window, "id", None)
        again, ready = window not in self._knowing, False
        if not self._keymap.lent(lacking):
            ready = reader in self._owed
            self._finish(READ_S, strict=True)
            # All others are told of the changes without a pause between them.
            self._knowing.clear()

        def quiet() -> None:
            nonlocal ready
            if not ready:
                # One that has not looked up for so long asks for all at once when it does.
                self._inbox.wait(reader, SEEN_S)
            ready = False

        strokes = dict(self._keymap.lend(lacking, quiet, again))
        self._knowing.add(window)
        return strokes

    def _owe(self) -> None:
        reader = self._inbox.reader()
        if reader not in self._owed:
            self._owed.append(reader)

    def _finish(self, limit_s: float, strict: bool = False) -> None:
        """Wait until who was typed for has read it. Raises `DeviceTimeout` when it must and does not."""
        for reader in list(self._owed):
            if self._inbox.wait(reader, limit_s):
                self._owed.remove(reader)
            elif strict:
                self._owed.remove(reader)
                raise DeviceTimeout(f"The window with the focus did not read its keys within {limit_s:.0f} s.")
        if not self._owed and self._keymap.borrowed:
            self._keymap.give_back()

    @contextmanager
    def _plain(self) -> Iterator[None]:
        """No Caps Lock and the first layout while text is typed; as it was afterwards. Each event carries this with it."""
        with self._locked(xkb.NUM):
            yield

    @contextmanager
    def _first_group(self) -> Iterator[None]:
        with self._locked(0xFF):
            yield

    @contextmanager
    def _locked(self, kept: int) -> Iterator[None]:
        if self._xkb is None:
            yield
            return
        before = xkb.locks(self._display, self._xkb)
        wanted = xkb.Locks(before.modifiers & kept, 0)
        if wanted == before:
            yield
            return
        xkb.lock(self._display, self._xkb, wanted)
        try:
            yield
        finally:
            xkb.lock(self._display, self._xkb, before)
            self._display.sync()


def _keysym(key: str) -> int:
    from Xlib import XK

    name = x11_keysym(key)
    if len(key) == 1:
        return keysym_of(key)
    return int(XK.string_to_keysym(name))
