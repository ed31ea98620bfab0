"""Keys of an X server: which keycode gives a keysym, and keycodes lent to characters that the layout lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEWLINE, TAB = 0xFF0D, 0xFF09
"""Keysyms of Return and Tab (X11's keysymdef.h)."""


@dataclass(frozen=True)
class Stroke:
    """A key to press: its code, and whether Shift goes with it."""

    keycode: int
    shift: bool = False


def keysym_of(character: str) -> int:
    """The keysym of a character: its code point in Latin 1, else that with 0x01000000 added (X11's keysymdef.h, Unicode keysyms)."""
    if character in "\n\r":
        return NEWLINE
    if character == "\t":
        return TAB
    point = ord(character)
    return point if 0x20 <= point < 0x7F or 0xA0 <= point < 0x100 else 0x01000000 | point


class Keymap:
    """The keyboard mapping of a display as it was read, and what was lent since."""

    def __init__(self, display: Any) -> None:
        self._display = display
        info = display.display.info
        self._first: int = info.min_keycode
        self._rows: list[list[int]] = [list(row) for row in display.get_keyboard_mapping(self._first, info.max_keycode - self._first + 1)]
        self._width = max((len(row) for row in self._rows), default=0)
        self._lent: dict[int, int] = {}
        self._strokes = self._read()
        self._spare = [self._first + place for place, row in enumerate(self._rows) if not any(row) and self._first + place >= 9]

    @property
    def spare(self) -> int:
        """How many keycodes give nothing, so that they can be lent."""
        return len(self._spare)

    def stroke(self, keysym: int) -> Stroke | None:
        """How the layout gives the keysym, with Shift at most; None if it does not."""
        return self._strokes.get(keysym)

    def lend(self, keysyms: Sequence[int]) -> Mapping[int, Stroke]:
        """Give spare keycodes to `keysyms`, `spare` of them at most, with one round trip. Call `give_back` afterwards."""
        strokes = {}
        for keysym, keycode in zip(keysyms, self._spare, strict=False):
            self._display.change_keyboard_mapping(keycode, [[keysym] * max(2, self._width)])
            self._lent[keycode] = keysym
            strokes[keysym] = Stroke(keycode)
        self._display.sync()
        return strokes

    def give_back(self) -> None:
        """Take what was lent back."""
        for keycode in self._lent:
            self._display.change_keyboard_mapping(keycode, [[0] * max(2, self._width)])
        if self._lent:
            self._display.sync()
        self._lent.clear()

    def _read(self) -> dict[int, Stroke]:
        found: dict[int, Stroke] = {}
        for level in (0, 1):
            for place, row in enumerate(self._rows):
                if level < len(row) and row[level]:
                    found.setdefault(row[level], Stroke(self._first + place, shift=level == 1))
        return found


def batches(text: str, room: int, direct: Iterable[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Pieces of `text`, each with the keysyms that it needs lent: at most `room` of them. `direct` keysyms need none.

    A room of 0 gives the text in one piece with all that would be needed.
    """
    given = frozenset(direct)
    start, wanted = 0, dict[int, None]()
    for place, character in enumerate(text):
        keysym = keysym_of(character)
        if keysym in given or keysym in wanted:
            continue
        if room and len(wanted) == room:
            yield text[start:place], tuple(wanted)
            start, wanted = place, dict[int, None]()
        wanted[keysym] = None
    if start < len(text):
        yield text[start:], tuple(wanted)
