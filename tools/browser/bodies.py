"""What a request's body says, field by field, and whether the sums in it are those that were read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from handeye.tools.browser.refusals import quoted

_SHOWN = 40
_LONGEST = 40
"""Characters of a number; Python reads none of more than 4,300 digits."""


def fields_of(request: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Name and value of each field in the body of a request (CDP `Network.Request`), in order; None: it is none of the three ways in which
    browsers write forms (HTML, 4.10.22), or the browser does not hand it over. Files have an empty value."""
    if not request.get("hasPostData") and "postData" not in request:
        return []
    if "postData" not in request:
        return None
    headers = {name.lower(): str(value) for name, value in request.get("headers", {}).items()}
    kind, _, more = headers.get("content-type", "").partition(";")
    body = str(request["postData"])
    match kind.strip().lower():
        case "application/x-www-form-urlencoded":
            return parse_qsl(body, keep_blank_values=True)
        case "multipart/form-data":
            return _parts(body, more.partition("boundary=")[2].strip('" '))
        case "text/plain":
            lines = [line.partition("=") for line in body.split("\r\n") if line]
            return [(name, value) for name, equals, value in lines if equals]
    return None


def other_sums(sums: Sequence[str], request: Mapping[str, Any], whole: bool) -> str:
    """In which way a request's body has other sums than `sums`, each `name=value`; empty: in none. `whole`: the body is that of the form
    in which they stood, so that all of them have to be there."""
    fields = fields_of(request) if sums else []
    if fields is None:
        return "what it sends cannot be read" if whole else ""
    wanted: dict[str, list[str]] = {}
    for name, _, value in (one.partition("=") for one in sums):
        wanted.setdefault(name, []).append(value)
    for name, values in wanted.items():
        sent = [value for field, value in fields if field == name]
        if (sent or whole) and sorted(map(_worth, sent)) != sorted(map(_worth, values)):
            was, now = (", ".join(some) or "nothing" for some in (values, sent))
            return f"{quoted(name, _SHOWN)} was {quoted(was, _SHOWN)} when it was looked at, and is {quoted(now, _SHOWN)}"
    return ""


def _worth(text: str) -> str:
    """The same for two writings of one number: hundredths, where one or two digits stand behind the last mark."""
    bare = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    if len(bare) > _LONGEST or re.fullmatch(r"[^\d.,]{0,4}\d[\d.,]*[^\d.,]{0,4}", bare) is None:
        return text.strip()
    number = re.sub(r"[^\d.,]", "", bare).rstrip(".,")
    sign = "-" if "-" in bare or "−" in bare else ""
    fraction = re.search(r"[.,](\d{1,2})$", number)
    whole = number[: fraction.start()] if fraction else number
    return f"{sign}{int(re.sub('[.,]', '', whole) + (fraction.group(1) if fraction else '').ljust(2, '0'))}"


def _parts(body: str, boundary: str) -> list[tuple[str, str]] | None:
    if not boundary:
        return None
    found = []
    for part in body.split(f"--{boundary}")[1:-1]:
        head, _, value = part.partition("\r\n\r\n")
        if (name := re.search(r'name="([^"]*)"', head)) is not None:
            plain = name.group(1).replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
            found.append((plain, "" if "filename=" in head else value.removesuffix("\r\n")))
    return found
