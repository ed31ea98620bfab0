"""The bytes behind an address: http(s), file:// and data: URLs, within limits of size and time."""

from __future__ import annotations

import base64
import binascii
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, unquote_to_bytes, urlsplit
from urllib.request import url2pathname

import httpx

from handeye.agent.media.sniff import looks_like_page, looks_like_video
from handeye.tools.errors import SetupError

_WEB = ("http", "https")
_LONGEST = 80
"""Characters of an address that an error repeats."""


@dataclass(frozen=True)
class FetchLimits:
    """What a download may take before it is given up."""

    picture_bytes: int = 64 << 20
    video_bytes: int = 2 << 30
    silence_s: float = 20.0
    """Without a byte."""
    whole_s: float = 600.0


def scheme_of(source: str) -> str:
    """`http`, `https`, `file`, `data`, or nothing for a path. Raises `SetupError` for any other address."""
    scheme = source.partition(":")[0].lower()
    if scheme == "data" or (scheme in (*_WEB, "file") and source[len(scheme) :].startswith("://")):
        return scheme
    if "://" in source:
        raise SetupError(f"{shown(source)} cannot be opened.", fix="give a file, or an address that begins with http, https, file or data")
    return ""


def path_of(url: str) -> str:
    """The path that a file:// URL names. Raises `SetupError` for one on another machine."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise SetupError(f"{shown(url)} names a file of another machine.", fix="write file:///PATH")
    return url2pathname(parts.path)


def data_of(url: str) -> bytes:
    """The bytes that a data: URL holds. Raises `SetupError` for a broken one."""
    kind, comma, content = url.partition(",")
    try:
        if not comma:
            raise ValueError("it has no comma")
        plain = unquote_to_bytes(content)
        return base64.b64decode(b"".join(plain.split()), validate=True) if kind.lower().endswith(";base64") else plain
    except (ValueError, binascii.Error) as error:
        raise SetupError(f"{shown(url)} holds no data ({error}).", fix="write data:image/png;base64,...") from error


def shown(source: object) -> str:
    """The name of a source for a message, shortened; what is in memory has none."""
    text = str(source) if isinstance(source, str | PathLike) else "what was given"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def download(url: str, into: BinaryIO, limits: FetchLimits = FetchLimits()) -> None:
    """Write what `url` answers to `into`. Raises `SetupError` when it does not answer, or with a page, or with too much."""
    received, most, end = 0, limits.picture_bytes, time.monotonic() + limits.whole_s
    with _answer(url, limits) as answer:
        for chunk in answer.iter_bytes():
            if received == 0:
                if looks_like_page(chunk):
                    raise SetupError(f"{shown(url)} is a web page, no picture or video.", fix="give the address of the file itself")
                most = limits.video_bytes if looks_like_video(chunk) else limits.picture_bytes
            received += len(chunk)
            if max(received, _announced(answer)) > most:
                raise SetupError(f"{shown(url)} is larger than the {most >> 20} MiB that are fetched.", fix="fetch it yourself, as a file")
            if time.monotonic() > end:
                raise SetupError(f"{shown(url)} took longer than {limits.whole_s:g} s.", fix="fetch it yourself, as a file")
            into.write(chunk)
    if received == 0:
        raise SetupError(f"{shown(url)} is empty.", fix="see whether the address is right")


@contextmanager
def as_file(source: str | PathLike[str], limits: FetchLimits = FetchLimits()) -> Iterator[Path]:
    """`source`, a path or an address, as a file for the time of the block. Raises `SetupError` where there is none."""
    scheme = scheme_of(source) if isinstance(source, str) else ""
    if scheme in ("", "file"):
        path = Path(path_of(str(source)) if scheme else source)
        try:
            found = path.is_file()
        except (OSError, ValueError):
            found = False
        if not found:
            raise SetupError(f"there is no file {shown(source)}.", fix="see whether the path is right")
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="handeye-") as folder:
        # Under its own name, which errors repeat.
        name = "" if scheme == "data" else Path(unquote(urlsplit(str(source)).path)).name.replace("\0", "")[:_LONGEST]
        path = Path(folder) / (name if name not in ("", ".", "..") else "video")
        with path.open("wb") as file:
            if scheme == "data":
                file.write(data_of(str(source)))
            else:
                download(str(source), file, limits)
        yield path


@contextmanager
def _answer(url: str, limits: FetchLimits) -> Iterator[httpx.Response]:
    try:
        timeout = httpx.Timeout(limits.silence_s, connect=min(10.0, limits.silence_s))
        with httpx.stream("GET", url, timeout=timeout, follow_redirects=True) as answer:
            if answer.status_code != httpx.codes.OK:
                raise SetupError(f"{shown(url)} answered HTTP {answer.status_code}.", fix="see whether the address is right")
            yield answer
    except httpx.TimeoutException as error:
        raise SetupError(f"{shown(url)} did not answer in time.", fix="try again, or fetch it yourself, as a file") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SetupError(f"{shown(url)} cannot be fetched ({error}).", fix="see whether the address is right") from error


def _announced(answer: httpx.Response) -> int:
    length = answer.headers.get("content-length", "")
    return int(length) if length.isdecimal() and "content-encoding" not in answer.headers else 0
