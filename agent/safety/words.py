"""Words as a person reads them, whatever characters they are written with: folding, and phrases found by whole words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

LONGEST = 2_000
"""Characters of a text that are looked at; nobody reads a longer name."""
REMEMBERED = 512
"""Texts whose words are kept: one look asks for those of the same name many times."""
_CYRILLIC = dict(zip("авекмнопрстухѕіјԁԛԝгӏьѵ", "abekmhonpctyxsijdqwrlbv", strict=True))
_GREEK = dict(zip("αβεικνορτυχγωη", "abeikvoptuxywn", strict=True))
_LATIN = dict(zip("ɑɡıℓ", "agil", strict=True))
_ARMENIAN = dict(zip("օսոհցձ", "ounhgd", strict=True))
_DIGITS = tuple(str.maketrans("034578@$1", f"oeastbas{one}") for one in "il")
"""Signs that stand for a letter in "8uy n0w", "P@y" and "de1ete"."""
_MIXED = re.compile(r"((?=\S*[^\W\d_])(?=\S*[0134578@$])\S+)")
"""A word of letters and such signs."""
_LOOK_ALIKES = str.maketrans(_CYRILLIC | _GREEK | _LATIN | _ARMENIAN)
"""Letters that are drawn like another, Latin one, folded (the commonest of Unicode's confusables.txt)."""
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\ufe00-\ufe0f]")
"""Combining marks that change no word: of Latin, Greek and Cyrillic, Hebrew's and Arabic's vowel points, selectors of a glyph."""
_BLANKS = dict.fromkeys((0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
"""Characters that are drawn as nothing, or as a space of no width, and are no format characters (Default_Ignorable_Code_Point)."""
_DRAWN = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)
"""Names of characters that are drawn as a letter and fold to none."""
_RUNS = re.compile(r"(?:[^\W_]|[\u0900-\u109f\u1780-\u17ff])+|[\U0001f300-\U0001faff\u2190-\u2bff×]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts in which a word does not end at a space (Thai, Japanese, Chinese) or carries its endings (Korean)."""


@lru_cache(REMEMBERED)
def fold(text: str) -> str:
    """`text` without what changes its look but not its reading: case, accents, full-width and ligature forms, characters of no width,
    direction marks; runs of space become one. At most `LONGEST` characters of it."""
    text = unicodedata.normalize("NFKC", text[:LONGEST].translate(_BLANKS)).translate(_BLANKS)
    text = "".join(_letter(character) for character in text if unicodedata.category(character) != "Cf")
    apart = _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))
    return " ".join(unicodedata.normalize("NFC", apart).replace("ı", "i").split())


def _letter(character: str) -> str:
    """The letter as which `character` is drawn, where it is one of those."""
    if character.isascii():
        return character
    found = _DRAWN.fullmatch(unicodedata.name(character, ""))
    return found.group(1).lower() if found else character


@lru_cache(REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    """The folded words of `text`; letters that were spaced out ("b u y") are one word, `sendNow` and `send_now` are two."""
    return _joined(_RUNS.findall(fold(_CAMEL.sub(" ", text[:LONGEST]))))


@lru_cache(REMEMBERED)
def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of `text` as written and, where it differs, with look-alike letters read as Latin ones, and digits as letters."""
    as_written = words(text)
    as_seen = tuple(word.translate(_LOOK_ALIKES) for word in as_written)
    parts = _MIXED.split(text[:LONGEST])
    as_meant = [words("".join(part.translate(digits) if at % 2 else part for at, part in enumerate(parts))) for digits in _DIGITS]
    return tuple(dict.fromkeys((as_written, as_seen, *as_meant)))


def _joined(parts: list[str]) -> tuple[str, ...]:
    joined: list[str] = []
    spaced = ""
    for part in [*parts, ""]:
        if len(part) == 1 and part.isalpha() and not _SPACELESS.match(part):
            spaced += part
            continue
        if spaced:
            joined += [spaced] if len(spaced) > 2 else list(spaced)
            spaced = ""
        if part:
            joined.append(part)
    return tuple(joined)


def _spaceless(spoken: tuple[str, ...]) -> str:
    """The words without spaces between them where one is of a script without spaces; else nothing."""
    together = "".join(spoken)
    return together if _SPACELESS.search(together) else ""


class Phrases:
    """A set of phrases, each found where its words stand in a row; where a script has no spaces, anywhere in the text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._within: list[str] = []
        for phrase in phrases:
            if _SPACELESS.search(phrase):
                self._within.append(fold(phrase).replace(" ", ""))
            elif found := words(phrase):
                for spelled in {found, ("".join(found),)}:  # "buynow", and letters that were spaced out, are the phrase too
                    self._by_first.setdefault(spelled[0], []).append(spelled)

    def __iter__(self) -> Iterator[str]:
        """Every phrase, its folded words with spaces between them."""
        yield from (" ".join(phrase) for phrases in self._by_first.values() for phrase in phrases)
        yield from self._within

    def first(self, spoken: tuple[str, ...]) -> str:
        """The first phrase that occurs in the words `spoken`; empty if there is none."""
        for at in range(len(spoken)):
            if (found := self._at(spoken, at)) is not None:
                return " ".join(found)
        together = _spaceless(spoken)
        return next((phrase for phrase in self._within if phrase in together), "") if together else ""

    def begins(self, spoken: tuple[str, ...]) -> str:
        """The phrase with which `spoken` begins; empty if there is none."""
        if (found := self._at(spoken, 0)) is not None:
            return " ".join(found)
        together = _spaceless(spoken)
        return next((phrase for phrase in self._within if together.startswith(phrase)), "") if together else ""

    def whole(self, spoken: tuple[str, ...]) -> bool:
        """Whether `spoken` is one of the phrases and nothing more."""
        return bool(spoken) and (spoken in self._by_first.get(spoken[0], ()) or _spaceless(spoken) in self._within)

    def without(self, spoken: tuple[str, ...]) -> tuple[str, ...]:
        """`spoken` less every phrase that occurs in it."""
        left: list[str] = []
        at = 0
        while at < len(spoken):
            found = self._at(spoken, at)
            if found is None:
                left.append(spoken[at])
            at += len(found) if found else 1
        return tuple(left)

    def _at(self, spoken: tuple[str, ...], at: int) -> tuple[str, ...] | None:
        if at >= len(spoken) or (known := self._by_first.get(spoken[at])) is None:
            return None
        return max((phrase for phrase in known if spoken[at : at + len(phrase)] == phrase), key=len, default=None)


_NEGATIONS = Phrases(
    (
        "not dont never without no nicht kein keine niemals ohne ne pas jamais sans no nunca jamás sin non mai senza não nunca sem niet "
        "geen nooit zonder nie bez не никогда без değil olmadan لا دون मत नहीं don't doesn't shouldn't mustn't can't won't"
    ).split()
)
_NEGATED_AFTER = ("ないで", "しない", "せずに", "지 마", "지마", "지 않")
_NEGATED_BEFORE = ("不要", "别", "勿", "請勿", "不")
_TOO_COMMON = frozenset(
    "the and for with you your not are was has have this that from into then than all any one two but its his her our out who how may can "
    "der die das den dem des und mit für von auf ist ein eine les des une est pour dans avec los las una con por para del che per il lo "
    "gli uma com dos das het een van voor met jest dla как что для это или".split()
)


def says(goal: str, name: str) -> bool:
    """Whether the whole of `name` occurs in `goal` as a phrase of its own that is not denied ("do not press Submit").

    A name of fewer than three characters, or of nothing but the commonest words, is never said: it would be in any sentence.
    """
    wanted, spoken = words(name), words(goal)
    together = "".join(wanted)
    if not wanted or len(fold(name)) < (2 if _SPACELESS.search(together) else 3) or set(wanted) <= _TOO_COMMON:
        return False
    if _SPACELESS.search(together):
        return _says_within(fold(goal).replace(" ", ""), together)
    for at in range(len(spoken) - len(wanted) + 1):
        if spoken[at : at + len(wanted)] == wanted and not _NEGATIONS.first(spoken[max(0, at - 3) : at]):
            return True
    return False


def negated(before: str) -> bool:
    """Whether the last words of `before` deny what comes next."""
    return bool(_NEGATIONS.first(words(before[-60:])[-3:]))


def _says_within(goal: str, name: str) -> bool:
    at = goal.find(name)
    while at >= 0:
        before, after = goal[max(0, at - 6) : at], goal[at + len(name) : at + len(name) + 12]
        denied = any(mark.replace(" ", "") in after for mark in _NEGATED_AFTER) or any(mark in before for mark in _NEGATED_BEFORE)
        if not denied:
            return True
        at = goal.find(name, at + 1)
    return False
