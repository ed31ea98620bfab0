"""How alike two pieces of text are, for an eye that mistakes a few characters for one another."""

from __future__ import annotations

import re
import unicodedata

_CONFUSABLE = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "8": "b", "2": "z", "9": "g", "q": "g"})
"""Characters that small fonts draw alike, each to one of its kind (after case folding)."""
_SIGNS = str.maketrans({"×": "x", "✕": "x", "十": "+", "二": "=", "−": "-", "一": "-", "—": "-", "–": "-"})
"""What lone signs, as on the keys of a calculator, are read as, each to one of its kind."""
_LEAST_LIKENESS = 0.8
_FUZZY_LENGTH = 4
"""Shorter words differ too much by a single letter to be compared loosely."""

_UNDERLINED = (("o", "q"), ("f", "e"), ("i", "l"), ("n", "h"), ("c", "e"), ("l", "t"))
"""Letters of short words and what they look like with a line under them."""


def folded(text: str) -> str:
    """`text` without case, accents of width, punctuation and spaces; punctuation alone stays as it is."""
    text = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c for c in text if c.isalnum())
    return kept or re.sub(r"\s+", "", text)


def tidy(text: str) -> str:
    """`text` in one spelling of quotes and spaces."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[“”„«»＂″]", '"', text)
    text = re.sub(r"[‘’‚`´]", "'", text)
    return re.sub(r"\s+", " ", text).strip()


def likeness(wanted: str, seen: str) -> float:
    """1 for the same text, less for each kind of difference, 0 for different texts."""
    from rapidfuzz import fuzz

    if not wanted or not seen:
        return 0.0
    if wanted == seen:
        return 1.0
    if wanted.casefold() == seen.casefold():
        return 0.98
    if len(wanted) == len(seen) == 1 and wanted.casefold().translate(_SIGNS) == seen.casefold().translate(_SIGNS):
        return 0.9
    short, long = folded(wanted), folded(seen)
    if short == long:
        return 0.95
    if not short or not long:
        return 0.0
    if short.translate(_CONFUSABLE) == long.translate(_CONFUSABLE):
        return 0.9
    if min(len(short), len(long)) < _FUZZY_LENGTH:
        return 0.0
    ratio = fuzz.ratio(short, long) / 100
    return 0.88 * ratio if ratio >= _LEAST_LIKENESS else 0.0


def underlined(wanted: str, seen: str) -> bool:
    """Whether `seen` is `wanted` with the line under one letter, as menus have it, read as part of that letter: "QK", "Eile"."""
    short, long = folded(wanted), folded(seen)
    if len(short) != len(long):
        return False
    others = [pair for pair in zip(short, long, strict=True) if pair[0] != pair[1]]
    return len(others) == 1 and (len(short) >= _FUZZY_LENGTH or others[0] in _UNDERLINED)


def share(part: str, whole: str) -> float:
    """How well `part` is found somewhere inside `whole`, 0 to 1."""
    from rapidfuzz import fuzz

    a, b = folded(part), folded(whole)
    return fuzz.partial_ratio(a, b) / 100 if a and len(a) <= len(b) else fuzz.ratio(a, b) / 100
