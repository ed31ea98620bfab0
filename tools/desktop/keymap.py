"""Keys of an X server: which keycode gives a character, and keycodes lent to characters that the layout lacks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEWLINE, TAB = 0xFF0D, 0xFF09
"""Keysyms of Return and Tab (X11's keysymdef.h)."""
UNICODE = 0x01000000
"""What is added to a code point to make a keysym of it (X11's keysymdef.h)."""
OLD_KEYSYMS = {
    0x01: "iso8859-2", 0x02: "iso8859-3", 0x03: "iso8859-4", 0x05: "iso8859-6", 0x06: "koi8-u",
    0x0C: "iso8859-8", 0x0D: "tis-620", 0x13: "iso8859-15",
}  # fmt: skip
"""Keysyms older than Unicode, by their upper byte: the lower one is a character of this standard (keysymdef.h names them). Layouts still
use them: the Russian one gives 0x06C1 for its а. The few that differ from the standard are only a lent key more."""
LENT_PROPERTY = "_HANDEYE_LENT_KEYS"
"""On the root window: keycode, count of keysyms and keysyms of every key that is lent, so that the next driver gives back what a killed
one could not."""
RARE = (range(0x1008FF00, 0x10090000), range(0xFFCA, 0xFFE1), range(0xFF20, 0xFF40))
"""Keys that can be borrowed where no keycode is free: of media players (XF86keysym.h), F13 to F35, of Japanese and Korean keyboards."""


UNFIT = frozenset((8, 158, *range(163, 168), 180, 181, 225))
"""Keycodes that are never lent: the first of all, which no program expects to be pressed, and those of a keyboard's browser keys (evdev's
WWW, Mail, Bookmarks, Computer, Back, Forward, HomePage, Refresh, Search and 8), which Chromium obeys by their place, whatever character
they give: it lost two of 116 characters and loaded its page anew."""


SHIFTS = (range(0xFFE1, 0xFFEF), range(0xFE01, 0xFE14), range(0xFF7E, 0xFF80))
"""Keysyms of modifiers: Shift_L to Hyper_R, ISO_Lock to ISO_Last_Group_Lock, Mode_switch and Num_Lock (keysymdef.h)."""
GAP = 32
"""So many keys of their own between two lent ones are told of with them, as they are: one change in place of two."""
WORTHWHILE = 4
"""Shorter stretches of keycodes are not lent where there is a longer one: each stretch is a change of its own."""


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
    return point if 0x20 <= point < 0x7F or 0xA0 <= point < 0x100 else UNICODE | point


def modern(keysym: int) -> int:
    """The keysym that `keysym_of` gives for the same character; the same one where there is none."""
    page, low = keysym >> 8, keysym & 0xFF
    if keysym == 0x20AC:
        return UNICODE | keysym
    if page in OLD_KEYSYMS and low >= 0xA0:
        try:
            character = bytes([low]).decode(OLD_KEYSYMS[page])
        except UnicodeDecodeError:
            return keysym
        # What is in Latin 1 has no older keysym.
        if character.isalpha() and ord(character) > 0xFF:
            return keysym_of(character)
    if keysym >> 24 == 1 and 0x20 <= keysym & 0xFFFFFF < 0x100:
        return keysym & 0xFF
    return keysym


def unspeakable(text: str) -> str | None:
    """The first character of `text` that no key can give: a control character but tab and newline, or half of a pair."""
    for character in text:
        point = ord(character)
        if (point < 0x20 and character not in "\n\r\t") or 0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000:
            return character
    return None


class Keymap:
    """The keyboard mapping of a display as it was read, and what is lent of it."""

    def __init__(self, display: Any) -> None:
        self._display = display
        info = display.display.info
        self._first: int = info.min_keycode
        self._count: int = info.max_keycode - info.min_keycode + 1
        self._lent: dict[int, int] = {}
        self._own: dict[int, list[int]] = {}
        self._property = display.intern_atom(LENT_PROPERTY)
        self._take_back_old()
        self.read()

    def read(self) -> None:
        """Look again: the layout may have been changed, which takes back what was lent."""
        rows = self._display.get_keyboard_mapping(self._first, self._count)
        self._rows = {self._first + place: [int(keysym) for keysym in row] for place, row in enumerate(rows)}
        self._width = max(2, max((len(row) for row in rows), default=0))
        self._lent = {code: keysym for code, keysym in self._lent.items() if self._rows[code][:1] == [keysym]}
        self._own = {code: row for code, row in self._own.items() if code in self._lent}
        self._strokes: dict[int, Stroke] = {}
        for level in (0, 1):
            for code, row in self._rows.items():
                if level < len(row) and row[level] and code not in self._lent:
                    self._strokes.setdefault(row[level], Stroke(code, shift=level == 1))
                    self._strokes.setdefault(modern(row[level]), Stroke(code, shift=level == 1))
        self._spare = self._long(self._free()) or self._long(self._rare())

    @property
    def spare(self) -> int:
        """How many keycodes can be lent: those that give nothing, or where there is none such, those of rare keys."""
        return len(self._spare)

    @property
    def borrowed(self) -> bool:
        """Whether keys that have a use of their own are lent: give them back soon."""
        return bool(self._own)

    def stroke(self, keysym: int) -> Stroke | None:
        """How the layout itself gives the keysym, with Shift at most; None if it does not."""
        return self._strokes.get(keysym)

    def given(self, keysyms: Iterable[int]) -> frozenset[int]:
        """Those of `keysyms` that the layout itself gives."""
        return frozenset(keysym for keysym in keysyms if keysym in self._strokes)

    def lent(self, keysyms: Collection[int]) -> bool:
        """Whether all of `keysyms` are lent a key already."""
        return set(keysyms) <= set(self._lent.values())

    def lend(self, keysyms: Sequence[int], quiet: Callable[[], None], again: bool = False) -> Mapping[int, Stroke]:
        """Give keycodes to `keysyms`, `spare` of them at most. What is lent stays so until its key is needed, or `give_back`.

        Programs must have read the keys that were pressed before: they ask for the mapping when they get to a key. `quiet` returns when
        the program that is to read them has nothing left to do; it is called before each change. A program that is told of a change
        while it still asks for the mapping after the one before never asks for the second (libX11, XRefreshKeyboardMapping: what came
        in during its question is marked as answered). `again` tells of all that is lent once more.
        """
        strokes = {keysym: Stroke(code) for code, keysym in self._lent.items() if keysym in keysyms}
        kept = {stroke.keycode for stroke in strokes.values()}
        # Those of long stretches first, which need the fewest changes.
        stretches = sorted(self._stretches([code for code in self._spare if code not in kept]), key=len, reverse=True)
        free = sorted((code for stretch in stretches for code in stretch), key=lambda code: code in self._lent)
        changed: dict[int, int] = dict(self._lent) if again else {}
        for keysym in keysyms:
            if keysym not in strokes and free:
                code = free.pop(0)
                changed[code] = keysym
                strokes[keysym] = Stroke(code)
                if code not in self._lent and any(self._rows[code]):
                    self._own[code] = self._rows[code]
        if changed:
            self._lent |= changed
            self._note()
            self._map({code: [keysym] * self._width for code, keysym in changed.items()}, quiet)
        return strokes

    def give_back(self) -> None:
        """Take what was lent back."""
        if self._lent:
            self._map({code: self._own.get(code) or [0] * self._width for code in self._lent}, lambda: None)
            self._lent.clear()
            self._own.clear()
            self._note()
            self._display.sync()

    def _free(self) -> list[int]:
        fit = {code: row for code, row in self._rows.items() if code not in UNFIT and code not in self._own}
        return [code for code, row in fit.items() if code in self._lent or not any(row)]

    def _rare(self) -> list[int]:
        return [code for code, row in self._rows.items() if code in self._own or (code not in UNFIT and _is_rare(row))]

    def _map(self, rows: Mapping[int, list[int]], quiet: Callable[[], None]) -> None:
        for stretch in self._stretches(sorted(rows)):
            told = [rows.get(code) or self._now(code) for code in range(stretch[0], stretch[-1] + 1)]
            width = max(len(row) for row in told)
            quiet()
            self._display.change_keyboard_mapping(stretch[0], [row + [0] * (width - len(row)) for row in told])

    def _now(self, code: int) -> list[int]:
        return [self._lent[code]] * self._width if code in self._lent else self._rows[code]

    def _stretches(self, codes: Sequence[int]) -> list[list[int]]:
        """Ascending `codes` in groups that one change can tell of: with what lies between them, which stays as it is."""
        stretches: list[list[int]] = []
        for code in codes:
            if stretches and self._joined(stretches[-1][-1], code):
                stretches[-1].append(code)
            else:
                stretches.append([code])
        return stretches

    def _joined(self, code: int, later: int) -> bool:
        between = range(code + 1, later)
        return len(between) <= GAP and all(other in self._lent or _is_plain(self._rows[other]) for other in between)

    def _long(self, codes: list[int]) -> list[int]:
        """Of `codes` those in stretches that are worth a change, if there are any."""
        stretches = self._stretches(codes)
        return [code for stretch in stretches if len(stretch) >= WORTHWHILE for code in stretch] or codes

    def _note(self) -> None:
        from Xlib import Xatom

        root = self._display.screen().root
        said: list[int] = []
        for code in self._lent:
            own = self._own.get(code, [])
            said += [code, len(own), *own]
        if said:
            root.change_property(self._property, Xatom.CARDINAL, 32, said)
        else:
            root.delete_property(self._property)

    def _take_back_old(self) -> None:
        found = self._display.screen().root.get_full_property(self._property, 0)
        if found is None:
            return
        said = [int(number) for number in found.value]
        while len(said) >= 2:
            code, count = said[0], said[1]
            own, said = said[2 : 2 + count], said[2 + count :]
            if self._first <= code < self._first + self._count:
                self._display.change_keyboard_mapping(code, [own if len(own) >= 2 else [0, 0]])
        self._note()


def forget_rare_keys(display: Any) -> None:
    """Take rare keys out of the mapping of a display that has no keyboard, so that there are some hundred to lend instead of twenty."""
    info = display.display.info
    rows = display.get_keyboard_mapping(info.min_keycode, info.max_keycode - info.min_keycode + 1)
    for run in _runs([code for code, row in enumerate(rows, info.min_keycode) if code not in UNFIT and _is_rare(row)]):
        display.change_keyboard_mapping(run[0], [[0, 0]] * len(run))


def _is_plain(row: Sequence[int]) -> bool:
    """Whether a key gives one thing only and is no modifier: told of once more, it is what it was."""
    keysyms = {keysym for keysym in row if keysym}
    return len(keysyms) <= 1 and not any(keysym in some for keysym in keysyms for some in SHIFTS)


def _is_rare(row: Sequence[int]) -> bool:
    return any(row) and all(keysym == 0 or any(keysym in some for some in RARE) for keysym in row)


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


def _runs(codes: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for code in codes:
        if run and code != run[-1] + 1:
            yield run
            run = []
        run.append(code)
    if run:
        yield run
