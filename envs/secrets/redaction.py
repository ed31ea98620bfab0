"""One redactor for whatever is written or shown: it knows every value in every spelling that a URL, JSON, HTML or base64 gives it."""

from __future__ import annotations

import base64
import html
import json
import re
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

from handeye.tools.errors import HandeyeError

_LEAST_BASE64 = 6
"""Characters of base64 that a value fixes, at least, to be looked for: fewer are found in any picture or hash."""
_LEAST_APART = 6
"""Characters of a value at least that is also looked for with separators between them: `1, 2, 3, 4` is not the value 1234."""
_LEAST_BASE32 = 8
"""Characters of base32, likewise: it looks like words in capitals."""
_TO_FULL_WIDTH = 0xFEE0
"""From an ASCII character to its full-width form."""
_BYTE_MARK = r"(?:0x|\\{1,2}x)?"
_APART = rf"[\s:;,._-]{{0,3}}{_BYTE_MARK}"
"""What stands between bytes in hexadecimal digits."""
_CODES_APART = r"[^0-9A-Za-z]{1,3}"
"""What stands between character codes."""
_BETWEEN = r"(?:\\?[\"'+,]|[-._:|/*~\u00ad\u200b-\u200f\u2060\ufeff]|\s|&quot;|&#x?[0-9a-f]{2};){0,6}"
"""What stands between keys that were pressed one by one: in JSON (`"a", "b"`), in words (`a+b`, `a b`, `a-b`), or cannot be seen."""


class Redactor:
    """Puts the placeholder in place of a value, wherever it stands in a text. Values may be added later.

    It holds the values only in a pattern that nothing prints.
    """

    __slots__ = ("_compiled", "_patterns", "_placeholders")

    def __init__(self) -> None:
        self._patterns: dict[str, str] = {}
        self._compiled: re.Pattern[str] | None = None
        self._placeholders: tuple[str, ...] = ()

    def add(self, value: str, placeholder: str) -> None:
        """From now on `placeholder` stands for `value`. An empty value is ignored."""
        if not value:
            return
        for pattern in patterns_of(value):
            self._patterns.setdefault(pattern, placeholder)
        self._compiled = None

    def __call__(self, text: str) -> str:
        """`text` without values."""
        pattern = self._pattern()
        return text if pattern is None else pattern.sub(self._stands_for, text)

    def finds(self, text: str) -> bool:
        """Whether a value stands in `text`."""
        pattern = self._pattern()
        return pattern is not None and pattern.search(text) is not None

    def value(self, data: Any) -> Any:
        """JSON-like data with every text in it redacted, keys of objects too."""
        if isinstance(data, str):
            return self(data)
        if isinstance(data, Mapping):
            return {self.value(key): self.value(item) for key, item in data.items()}
        if isinstance(data, list | tuple | set | frozenset):
            return type(data)(self.value(item) for item in data)
        return data

    def scrub(self, error: BaseException) -> None:
        """Redact what an exception says, and those that led to it; forget the local variables of what it ended."""
        seen: set[int] = set()
        waiting: list[BaseException | None] = [error]
        while waiting:
            one = waiting.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
            self._scrub_one(one)

    @contextmanager
    def scrubbing(self) -> Iterator[None]:
        """Whatever is raised inside leaves without values."""
        try:
            yield
        except BaseException as error:
            self.scrub(error)
            raise

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce_ex__(self, protocol: Any) -> str:
        raise TypeError("a secret is not pickled")

    def _pattern(self) -> re.Pattern[str] | None:
        if self._compiled is None and self._patterns:
            # Longest first: a value that begins like another one must not leave its end behind. A group for each, to tell which was found.
            ordered = sorted(self._patterns.items(), key=lambda item: len(item[0]), reverse=True)
            self._placeholders = tuple(placeholder for _, placeholder in ordered)
            self._compiled = re.compile("|".join(f"({one})" for one, _ in ordered))
        return self._compiled

    def _stands_for(self, match: re.Match[str]) -> str:
        assert match.lastindex is not None
        return self._placeholders[match.lastindex - 1]

    def _scrub_one(self, error: BaseException) -> None:
        error.args = tuple(self(one) if isinstance(one, str) else self(str(one)) if self.finds(str(one)) else one for one in error.args)
        if isinstance(error, HandeyeError) and error.fix is not None:
            error.fix = self(error.fix)
        for name, held in list(vars(error).items()):
            if isinstance(held, str | list | tuple | dict):
                setattr(error, name, self.value(held))
        if self.finds(str(error)):
            # A class that makes its words from elsewhere (a frozen structure of a library) cannot be mended: nothing of it is shown.
            error.args = (f"{type(error).__name__}: the message held a secret",)
        if error.__traceback__ is not None:
            traceback.clear_frames(error.__traceback__)


def patterns_of(value: str) -> frozenset[str]:
    """Regular expressions, each for one spelling of `value`: raw, URL-, base64-, base32-, JSON-, HTML- and quoted-printable-escaped, in
    hexadecimal digits or character codes, in full-width letters, with accents apart, and letter by letter, in either case and each escaped
    or not."""
    texts = {unicodedata.normalize(form, value) for form in ("NFC", "NFD")} | {value}
    spelled = {form for text in texts for form in (text, *_in_urls(text), *_in_json(text), *_in_html(text))}
    found = {re.escape(text) for text in spelled if text}
    found |= {_any_case_escapes(text) for text in _in_urls(value) if "%" in text}
    found |= {re.escape(text) for text in (*_in_base64(value), *_in_base32(value))}
    if len(value) >= _LEAST_APART:
        found.add(f"(?i:{_BETWEEN.join(_letter(letter) for letter in value)})")
        found.add(f"(?i:{_BYTE_MARK}{_APART.join(f'{byte:02x}' for byte in value.encode())})")
        for codes in {tuple(value.encode()), tuple(map(ord, value))}:
            found.add(rf"(?<!\d){_CODES_APART.join(map(str, codes))}(?!\d)")
    else:
        found.add("".join(_letter(letter) for letter in value))
    return frozenset(found)


def _letter(letter: str) -> str:
    """One letter, as words, JSON, addresses, style sheets, mails or HTML have it."""
    data = letter.encode()
    forms = {letter, json.dumps(letter)[1:-1], html.escape(letter), repr(letter)[1:-1]}
    forms |= {"".join(f"{mark}{byte:02x}" for byte in data) for mark in ("%", "%25", "=", "\\x", "\\\\x")}
    forms |= {"".join(f"\\{byte:03o}" for byte in data)}
    forms |= {chr(ord(letter) + _TO_FULL_WIDTH)} if "!" <= letter <= "~" else set()
    code, digits = ord(letter), f"{ord(letter):x}"
    escapes = (
        rf"&\#0{{0,6}}{code}(?:;|(?!\d))",
        rf"&\#x0{{0,6}}{digits}(?:;|(?![0-9a-f]))",
        rf"\\{{1,2}}u\{{?0{{0,6}}{digits}(?:\}}|(?![0-9a-f])|(?<=u{code:04x}))",
        rf"%u{code:04x}",
        rf"\\0{{0,6}}{digits}(?:\s|(?![0-9a-f]))",
    )
    return f"(?:{'|'.join((*escapes, *map(re.escape, sorted(forms, key=len, reverse=True))))})"


def _in_urls(value: str) -> set[str]:
    every = "".join(f"%{byte:02X}" for byte in value.encode())
    # What encodeURIComponent, encodeURI and Python's own leave as it is; forms also write a space as +.
    encoded = {quote(value, safe=safe) for safe in ("", "/", "!*'()", "/?:@!$&'()*+,;=", ";/?:@&=+$,!'()*#")} | {quote_plus(value), every}
    # Again, as an address within an address has it, and within another one.
    twice = {quote(text, safe="") for text in encoded}
    return encoded | twice | {quote(text, safe="") for text in twice}


def _any_case_escapes(text: str) -> str:
    return "".join(
        f"%(?i:{re.escape(part[:2])}){re.escape(part[2:])}" if number else re.escape(part) for number, part in enumerate(text.split("%"))
    )


def _in_json(value: str) -> set[str]:
    forms = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms |= {form.replace("/", "\\/") for form in forms}
    # JSON within JSON, and what Python's and JavaScript's own quoting make of it.
    return forms | {json.dumps(form)[1:-1] for form in forms} | {repr(value)[1:-1], value.replace("\\", "\\\\").replace("'", "\\'")}


def _in_html(value: str) -> set[str]:
    forms = {html.escape(value), html.escape(value, quote=False)}
    forms |= {form.replace("&#x27;", "&#39;") for form in forms} | {form.replace("&#x27;", "&apos;") for form in forms}
    return forms | {"".join(f"&#{ord(letter)};" for letter in value), "".join(f"&#x{ord(letter):x};" for letter in value)}


def _in_base64(value: str) -> set[str]:
    """The characters of base64 that `value` alone decides, for each place at which it may begin in a group of three bytes."""
    data = value.encode()
    found: set[str] = set()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        sure = coded[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        if len(sure) >= _LEAST_BASE64:
            found |= {sure, sure.replace("+", "-").replace("/", "_")}
    return found


def _in_base32(value: str) -> set[str]:
    """As `_in_base64`, for groups of five bytes."""
    data = value.encode()
    coded = [(before, base64.b32encode(bytes(before) + data).decode().rstrip("=")) for before in range(5)]
    sure = {text[(before * 8 + 4) // 5 : (before + len(data)) * 8 // 5] for before, text in coded}
    return {form for text in sure if len(text) >= _LEAST_BASE32 for form in (text, text.lower())}
