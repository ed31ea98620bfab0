"""Sums of money in text, as people write them: one pattern, for Python and for the pages' own JavaScript."""

from __future__ import annotations

import re
import unicodedata

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


def _any_case(words: str) -> str:
    return "|".join(dict.fromkeys(form for word in words.split() for form in (word, word.capitalize(), word.upper())))


_TIMES_BEFORE = rf"(?:(?<![{{D}}.,]){{D}}{{1,4}}{_SPACE}?[x×*]{_SPACE}?)?"
_THOUSANDS = _any_case(
    "k m mm mn mio mrd mld mln b bn t tn tsd tys thousand hundred million millions billion billions trillion tausend millionen milliarden "
    "mille milliers milliards mil millón millones milhão milhões lakh lakhs lac crore crores cr тыс млн млрд"
)
_UNITS = _any_case(
    "minute hour day night week fortnight month quarter year stunde tag nacht woche monat quartal jahr heure jour semaine mois an année "
    "hora día dia semana mes mês año ano ora giorno settimana mese anno uur dag week maand jaar"
)
_EACH = _any_case("per pro je par por al each every pr")
_ARTICLES = _any_case("a an the one im am au à la le el il een")
_REGULARLY = _any_case(
    "daily weekly monthly quarterly yearly annually täglich wöchentlich monatlich jährlich mtl mensuel mensuels mensual mensuales anual "
    "mensile mensili annuo mensal mensais maandelijks jaarlijks miesięcznie rocznie ежемесячно ежегодно"
)
_DIGITS = r"{D}+(?:[.,]{D}+)*"
_MORE = "|".join(
    (
        rf"{_SPACE}?(?:{_THOUSANDS})\.?(?!{{W}})",  # 12k, 1.2 million
        rf"{_SPACE}?[万萬億亿千百만억천]",
        r"[eE]{D}+",
        rf"{_SPACE}?[-–—~‑−x×*]{_SPACE}?{_DIGITS}",  # 12-1500, 12 x 10
        rf"(?:(?!{{W}})[^\s]|_){_DIGITS}",  # 12·000
        rf"{_SPACE}?/{_SPACE}?{{W}}{{1,12}}",  # 12/month
        rf"{_SPACE}(?:{_EACH}){_SPACE}{{W}}{{1,12}}",
        rf"{_SPACE}(?:{_ARTICLES}){_SPACE}(?:{_UNITS})(?!{{W}})",
        rf"{_SPACE}(?:{_REGULARLY})(?!{{W}})",
        r"[月年週周毎每]",
    )
)
"""What makes a sum larger, or one of many, where it follows at once. It is told with the sum: 12k is not 12, and neither is 12 a month."""
_BEFORE = rf"{_TIMES_BEFORE}(?:{_SIGNS}|(?<!{{W}})(?:{_NAMES}|{_CODES})){_SPACE}?[-+−]?{_NUMBER}(?:{_MORE})?"
_AFTER = rf"{_TIMES_BEFORE}(?<![{{D}}.,]){_NUMBER}(?:{_SPACE}?(?:{_THOUSANDS})\.?|{_SPACE}?[万萬億亿千百만억천])?{_SPACE}?"
_AFTER += rf"(?:{_SIGNS}|(?:{_NAMES}|{_CODES}|{_WORDS})(?!{{W}}))(?:{_MORE})?"


def _pattern(digit: str, letter: str) -> str:
    return f"{_BEFORE}|{_AFTER}".replace("{D}", digit).replace("{W}", letter)


JAVASCRIPT = _pattern(r"\p{Nd}", r"[\p{L}\p{Nd}_]")
"""A sum with its currency before or after it, for `new RegExp(..., "gu")`."""
_BLANKS = re.compile(r"[ \t]+")
_PYTHON = re.compile(_pattern(r"\d", r"\w"))


def amounts(text: str) -> tuple[str, ...]:
    """Every sum of money in `text`, as written there, in order, each once; what multiplies it or says how often it is paid goes with it,
    characters that nobody sees do not."""
    seen = _BLANKS.sub(" ", "".join(one for one in text if unicodedata.category(one) != "Cf"))
    return tuple(dict.fromkeys(" ".join(found.group().split()) for found in _PYTHON.finditer(seen)))
