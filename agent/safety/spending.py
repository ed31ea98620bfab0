"""Whether a sum of money, as pages write it, stays within what a rule allows. (Sums are found in text by `handeye.tools.amounts`.)"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

_SIGNS = {
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "円": ("JPY",),
    "元": ("CNY",),
    "₹": ("INR",),
    "₽": ("RUB",),
    "руб": ("RUB",),
    "₩": ("KRW",),
    "원": ("KRW",),
    "₺": ("TRY",),
    "zł": ("PLN",),
    "r$": ("BRL",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "$": ("USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD"),
    "us$": ("USD",),
    "₿": ("BTC",),
}
"""Signs and the currencies (ISO 4217) that they may stand for."""
CODES = frozenset(
    "AED ARS AUD BGN BRL BTC CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW KWD MAD MXN MYR NOK NZD PEN PHP PKR "
    "PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR".split()
)
"""Currencies that a rule may name."""
_NUMBER = re.compile(r"\d[\d.,'’  ]*")


def within(text: str, limit: Decimal, currency: str) -> bool:
    """Whether `text` is one sum in `currency`, and by every reading of it at most `limit`. Doubtful means no."""
    plain = unicodedata.normalize("NFKC", text).replace("\u202f", " ").replace("\u00a0", " ").strip()
    numbers = _NUMBER.findall(plain)
    if len(numbers) != 1 or "-" in plain or "−" in plain:
        return False
    sign = plain.replace(numbers[0], " ", 1).strip(" .:+").casefold()
    if currency != sign.upper() and currency not in _SIGNS.get(sign, ()):
        return False
    readings = _readings(numbers[0].strip(" .,'’"))
    return bool(readings) and max(readings) <= limit


def _readings(number: str) -> tuple[Decimal, ...]:
    """What a number may mean: a last group of three digits after a point or comma is thousands, or a fraction."""
    digits = re.sub(r"[^0-9]", "", number)
    marks = [mark for mark in number if mark in ".,"]
    try:
        if not marks:
            return (Decimal(digits),)
        whole, _, fraction = number.rpartition(marks[-1])
        split = Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction}")
        return (split, Decimal(digits)) if len(fraction) == 3 or marks.count(marks[-1]) > 1 else (split,)
    except InvalidOperation:
        return ()
