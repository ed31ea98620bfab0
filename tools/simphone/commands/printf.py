"""printf's formats, and the escapes that echo knows too."""

from __future__ import annotations

import re

from handeye.tools.simphone.shell.arithmetic import number

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "\\": "\\", '"': '"', "'": "'"}
WIDEST = 4096
"""Largest field."""


class PrintfFault(Exception):
    """A format that cannot be; the message is what the program says."""


def unescaped(text: str, quotes: bool = False) -> tuple[str, bool]:
    """Text with its escapes resolved, and whether output goes on behind it (not after `\\c`)."""
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        following = text[at + 1 : at + 2]
        at += 1
        if char != "\\" or not following:
            out.append(char)
            continue
        code = re.compile(r"0?([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})").match(text, at)
        if following == "c":
            return "".join(out), False
        if code and (following in "0xu" or quotes):
            out.append(_character(code))
            at = code.end()
        elif following in ESCAPES and (quotes or following not in "\"'"):
            out.append(ESCAPES[following])
            at += 1
        else:
            out.append("\\" + following)
            at += 1
    return "".join(out), True


def _character(code: re.Match[str]) -> str:
    if code[3]:
        return chr(int(code[3], 16))
    value = int(code[1], 8) & 255 if code[1] else int(code[2], 16)
    return bytes([value]).decode("utf-8", "surrogateescape")


def formatted(template: str, arguments: list[str]) -> str:
    """The arguments in a format, which is used again as long as some are left. Raises `PrintfFault`."""
    left = list(arguments)
    out: list[str] = []
    while True:
        before = len(left)
        out.append(_once(template, left))
        if not left or len(left) == before:
            return "".join(out)


def _once(template: str, left: list[str]) -> str:
    template, goes_on = unescaped(template, quotes=True)
    out: list[str] = []
    at = 0
    for match in re.finditer(r"%([-+ 0#]*)(\*|\d*)(?:\.(\*|\d*))?([a-zA-Z%])", template):
        out.append(template[at : match.start()])
        at = match.end()
        flags, width, precision, kind = match[1], match[2], match[3], match[4]
        if kind == "%":
            out.append("%")
            continue
        width = _argument(left) if width == "*" else width
        precision = _argument(left) if precision == "*" else precision
        if number(width) > WIDEST or number(precision or "") > WIDEST:
            raise PrintfFault("field too wide")
        out.append(_field(flags + width + ("" if precision is None else f".{precision}"), kind, _argument(left)))
    out.append(template[at:])
    if not goes_on:
        left.clear()
    return "".join(out)


def _argument(left: list[str]) -> str:
    return left.pop(0) if left else ""


def _field(shape: str, kind: str, value: str) -> str:
    if kind in "di":
        return f"%{shape}d" % _number(value)
    if kind in "ouxX":
        return f"%{shape}{kind}" % (_number(value) % (1 << 64))
    if kind in "eEfgG":
        try:
            return f"%{shape}{kind}" % float(value or 0)
        except ValueError as error:
            raise PrintfFault(f"bad number {value}") from error
    if kind == "c":
        return f"%{shape}s" % value[:1]
    if kind == "s":
        return f"%{shape}s" % value
    if kind == "b":
        return f"%{shape}s" % unescaped(value)[0]
    raise PrintfFault(f"bad format %{kind}")


def _number(value: str) -> int:
    if value[:1] in ("'", '"'):
        return ord(value[1:2] or "\0")
    if not re.fullmatch(r"\s*[-+]?(0[xX][0-9a-fA-F]+|\d+)?\s*", value):
        raise PrintfFault(f"bad number {value}")
    return int(value, 8) if re.fullmatch(r"0[0-7]+", value) else number(value)
