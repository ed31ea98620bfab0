"""Sums of money in text, as people write them: one pattern, for Python and for the pages' own JavaScript."""

from __future__ import annotations

import re

_SIGNS = r"(?:US|CA|AU|NZ|HK|NT|MX|[CASRJZ])?\$|[€£¥₹₽₩₺₴₫฿₦₱₪₡₲₵₸₮₭₼₾₿￥￡円元원﷼]|د\.إ|ر\.س"
_NAMES = r"K[čČ]|kr\.?|z[łŁ]|Ft|SFr\.?|[Ll]ei|лв\.?|руб\.?|р\.|грн\.?|Rs\.?|Rp\.?|RM"
_CODES = (
    "USD|EUR|GBP|JPY|CNY|RMB|INR|RUB|KRW|TRY|UAH|VND|THB|NGN|PHP|ILS|CRC|PYG|GHS|KZT|MNT|LAK|AZN|GEL|CHF|CAD|AUD|NZD|HKD|TWD|SGD|BRL|MXN|"
    "CZK|SEK|NOK|DKK|ISK|PLN|HUF|RON|BGN|RSD|IDR|MYR|ZAR|AED|SAR|QAR|KWD|BHD|OMR|JOD|EGP|MAD|TND|DZD|KES|UGX|TZS|XOF|XAF|ARS|CLP|COP|PEN|"
    "UYU|BOB|PKR|BDT|LKR|NPR|MMK|KHR|BTC|ETH|USDT|USDC"
)
_WORDS = (
    "dollars?|euros?|pounds?|yen|yuan|rupees?|francs?|crowns?|pesos?|reais|złotych|zloty|kronor|kroner|kronen|rubles?|roubles?|рублей|"
    "рубля|cents?|pence|dólares|libras"
)
_SPACE = r"[ \u00a0\u2009\u202f]"
_NUMBER = rf"{{D}}(?:{{D}}|[.,'’٫٬](?={{D}})|{_SPACE}(?={{D}}{{D}}{{D}}(?!{{D}})))*(?:[.,][-–—]+)?"
_BEFORE = rf"(?:{_SIGNS}|(?<!{{W}})(?:{_NAMES}|{_CODES})){_SPACE}?[-+−]?{_NUMBER}"
_AFTER = rf"(?<![{{D}}.,]){_NUMBER}{_SPACE}?(?:{_SIGNS}|(?:{_NAMES}|{_CODES}|{_WORDS})(?!{{W}}))"


def _pattern(digit: str, letter: str) -> str:
    return f"{_BEFORE}|{_AFTER}".replace("{D}", digit).replace("{W}", letter)


JAVASCRIPT = _pattern(r"\p{Nd}", r"[\p{L}\p{Nd}_]")
"""A sum with its currency before or after it, for `new RegExp(..., "gu")`."""
_PYTHON = re.compile(_pattern(r"\d", r"\w"))


def amounts(text: str) -> tuple[str, ...]:
    """Every sum of money in `text`, as written there, in order, each once."""
    return tuple(dict.fromkeys(" ".join(found.group().split()) for found in _PYTHON.finditer(text)))
