"""Whether what the agent answered is the answer, however it words it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TIME = re.compile(r"\b(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])\.?\s?m\b\.?|\b(\d{1,2})[:.](\d{2})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


def names(answer: str, wanted: str, others: Iterable[str] = ()) -> bool:
    """Whether the answer says `wanted` in whole words, and none of the `others` that it might be taken for."""
    said = _words(answer)
    left = said.replace(_words(wanted), " ")
    return _words(wanted) in said and not any(_words(other) in left for other in others)


def tells_time(answer: str, hour: int, minute: int) -> bool:
    """Whether the answer names this time of day, and no other. `7:30 PM`, `19:30` and `7.30 pm` are the same."""
    said = set()
    for half_hour, half_minute, half, whole_hour, whole_minute in _TIME.findall(answer):
        if half:
            said.add((int(half_hour) % 12 + (12 if half in "pP" else 0), int(half_minute or 0)))
        else:
            said.add((int(whole_hour), int(whole_minute)))
    return said == {(hour, minute)}


def tells_number(answer: str, wanted: float) -> bool:
    """Whether the answer names this number, and no other."""
    return {round(float(number.replace(",", "")), 6) for number in _NUMBER.findall(answer)} == {round(wanted, 6)}


def tells_phone(answer: str, number: str) -> bool:
    """Whether the digits of the answer are those of the number."""
    return re.sub(r"\D", "", answer) in (digits := re.sub(r"\D", "", number), digits[-10:])


def _words(text: str) -> str:
    return " " + " ".join(re.findall(r"\w+", text.casefold())) + " "
