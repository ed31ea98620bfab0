"""Where a value, or a beginning of it, stands on a picture, for an eye that mistakes characters which small fonts draw alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from handeye.tools.geometry import Box
from handeye.tools.private import LEAST

_ALIKE = str.maketrans({
    "0": "o", "q": "g", "9": "g", "1": "l", "i": "l", "|": "l", "!": "l", "j": "l", "[": "l", "]": "l", "5": "s", "$": "s", "8": "b",
    "6": "b", "2": "z", "4": "a", "@": "a", "7": "t", "+": "t", "(": "c", "{": "c", "<": "c", "u": "v", "y": "v", "–": "-", "—": "-",
    "_": "-",
    "‘": "'", "’": "'", "`": "'",
    "“": "'", "”": "'", '"': "'", ",": ".", ";": ".", ":": ".",
})  # fmt: skip
"""Characters that are read as one another in small print, each to one of its kind (after case folding)."""
_LIKENESS = 78.0
"""Percent of a value that must be there for it to count as read. Below, other words of its length begin to count."""
_FUZZY = 6
"""Characters of a value at least that are looked for loosely: of shorter ones every other word is a likeness."""
_GAP = 1.5
"""Pieces further apart than this share of their height are not of one line of text, and are not read on into one another."""


def folded(text: str) -> str:
    """`text` without case and spaces, with one character for all that look alike. Its length is not that of `text`."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    return "".join(plain.replace("rn", "m").replace("vv", "w").split())


def places(values: Iterable[str], read: Sequence[tuple[str, Box]]) -> tuple[Box, ...]:
    """The boxes of the pieces in `read` (a text and its box, in any order) that show one of `values`, a beginning of it of `LEAST`
    characters or more, or a half of it; a value that is spread over neighbouring pieces, or over two lines, too."""
    wanted = [value for value in (folded(one) for one in values) if value]
    pieces = [(folded(text), box) for text, box in read]
    hidden: set[int] = set()
    for run in _runs([(text, box) for text, box in pieces if text]):
        joined = "".join(text for text, _ in run)
        spans = [span for value in wanted for span in _spans(value, joined)]
        start = 0
        for text, box in run:
            if any(first < start + len(text) and last > start for first, last in spans):
                hidden.add(pieces.index((text, box)))
            start += len(text)
    return tuple(pieces[number][1] for number in sorted(hidden))


def _spans(value: str, text: str) -> list[tuple[int, int]]:
    """Where `text` shows `value` or enough of it, as first and last character."""
    found = [span for part in _parts(value) for span in _exact(part, text)]
    # From where a beginning was read exactly, the rest may be read badly: it goes with it, as far as the value is long.
    found += [(first, min(len(text), first + len(value))) for first, _ in _exact(value[:LEAST], text)]
    return found + _loose(value, text)


def _parts(value: str) -> set[str]:
    """What gives a value away: its first characters, and each half of it (a field that has scrolled shows its end)."""
    length = max(LEAST, -(-len(value) // 2))
    return {value[:LEAST], *(value[start : start + length] for start in range(max(1, len(value) - length + 1)))}


def _exact(part: str, text: str) -> list[tuple[int, int]]:
    spans, start = [], text.find(part)
    while start >= 0:
        spans.append((start, start + len(part)))
        start = text.find(part, start + 1)
    return spans


def _loose(value: str, text: str) -> list[tuple[int, int]]:
    from rapidfuzz import fuzz

    if len(value) < _FUZZY or len(text) < LEAST:
        return []
    spans: list[tuple[int, int]] = []
    left = text
    for _ in range(len(text) // len(value) + 1):
        found = fuzz.partial_ratio_alignment(value, left, score_cutoff=_LIKENESS)
        if found is None or found.dest_end <= found.dest_start or len(left) < len(value) - 2:
            break
        spans.append((found.dest_start, found.dest_end))
        left = left[: found.dest_start] + "\0" * (found.dest_end - found.dest_start) + left[found.dest_end :]
    return spans


def _runs(pieces: Sequence[tuple[str, Box]]) -> list[list[tuple[str, Box]]]:
    """Pieces that may be read on into one another: along a line, and from the end of a line to the beginning of the next."""
    lines: list[list[tuple[str, Box]]] = []
    for piece in sorted(pieces, key=lambda piece: (piece[1].top + piece[1].bottom, piece[1].left)):
        line = next((line for line in reversed(lines[-12:]) if _level(line[-1][1], piece[1])), None)
        if line is None:
            lines.append([piece])
        else:
            line.append(piece)
    parts: list[list[tuple[str, Box]]] = []
    for line in lines:
        line.sort(key=lambda piece: piece[1].left)
        part = [line[0]]
        for before, piece in pairwise(line):
            if piece[1].left - before[1].right > _GAP * max(1, before[1].height):
                parts.append(part)
                part = []
            part.append(piece)
        parts.append(part)
    wrapped = [[*upper, *lower] for upper in parts for lower in parts if _follows(upper, lower)]
    return [*parts, *wrapped]


def _level(a: Box, b: Box) -> bool:
    return min(a.bottom, b.bottom) - max(a.top, b.top) > 0.5 * min(a.height, b.height)


def _follows(upper: list[tuple[str, Box]], lower: list[tuple[str, Box]]) -> bool:
    """Whether `lower` is the next line under `upper` in one block of text."""
    a, b = upper[0][1], lower[0][1]
    height = max(1, a.height)
    return 0 < b.top + b.height // 2 - a.bottom <= 1.6 * height and b.left < upper[-1][1].right and a.left < lower[-1][1].right
