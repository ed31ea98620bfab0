"""Looking for values in what a run left behind: in the bytes of every file, inside archives, and on every picture."""

from __future__ import annotations

import gzip
import io
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from handeye.envs.secrets.masking import ReadText
from handeye.envs.secrets.matching import places
from handeye.envs.secrets.redaction import patterns_of
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

MOST_BYTES = 512 * 1024 * 1024
"""Of one file, unpacked. What is larger is a hit of its own: it was not searched."""
DEEPEST = 4
"""Archives within archives."""
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"})
FILMS = frozenset({".mp4", ".mkv", ".webm", ".avi", ".mov"})
FILM_STEP_S = 0.5
"""A film is looked at twice a second: what a person could read stands that long."""
_SOURCE = {"utf-8": "", "utf-16-le": ", as UTF-16", "utf-16-be": ", as UTF-16"}


@dataclass(frozen=True)
class Hit:
    """A place where a value was found, or that could not be searched."""

    path: str
    """Below the folder; what is inside an archive after a `!`."""
    where: str
    """In words, without the value: `in the bytes at 120`, `on the picture at (10, 20)`, `in its name`."""
    number: int
    """Which of the values, counted from 0; -1: this could not be searched."""


def find_secret(folder: Path, values: Sequence[str], read_text: ReadText | None = None) -> list[Hit]:
    """Every place below `folder` that holds one of `values`: in names and bytes of files (raw, UTF-16, URL-, JSON-, HTML- and
    base64-encoded, key by key), inside of gzip, zip and tar files and compressed texts of PNGs, and, with `read_text`, on pictures and in
    films, where a beginning of four characters counts too.

    Links are not followed; a file that cannot be read is a hit. Empty: there is nothing. Raises nothing.
    """
    searched = [re.compile("|".join(sorted(patterns_of(value), key=len, reverse=True))) for value in values]
    hits: list[Hit] = []
    for path in sorted(_files(folder)):
        name = path.relative_to(folder).as_posix()
        hits += [Hit(name, "in its name", number) for number, pattern in enumerate(searched) if pattern.search(name)]
        if path.is_dir() or path.is_symlink():
            continue
        try:
            if path.stat().st_size > MOST_BYTES:
                raise OSError("too large")
            data = path.read_bytes()
        except OSError:
            hits.append(Hit(name, "could not be read", -1))
            continue
        hits += _in_bytes(name, data, searched, 0)
        if read_text is not None:
            hits += _on_pictures(name, path, values, read_text)
    return hits


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        yield from (Path(at) / name for name in (*folders, *files))


def _in_bytes(name: str, data: bytes, searched: Sequence[re.Pattern[str]], depth: int) -> Iterator[Hit]:
    for encoding, told in _SOURCE.items():
        text = data.decode(encoding, "replace")
        for number, pattern in enumerate(searched):
            yield from (Hit(name, f"in the bytes at {found.start()}{told}", number) for found in pattern.finditer(text))
    if depth == DEEPEST:
        return
    for inside, part in _parts(name, data):
        if part is None:
            yield Hit(inside, "could not be unpacked", -1)
        else:
            yield from _in_bytes(inside, part, searched, depth + 1)


def _parts(name: str, data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """What is packed in `data`; None for a part that cannot be unpacked."""
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as packed:
                yield f"{name}!", packed.read(MOST_BYTES)
        elif data[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for entry in archive.infolist():
                    yield f"{name}!", entry.filename.encode()
                    yield f"{name}!{entry.filename}", archive.read(entry)
        elif data[:8] == b"\x89PNG\r\n\x1a\n":
            yield from _png_texts(name, data)
        elif data[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.isfile() else None
                    yield f"{name}!", member.name.encode("utf-8", "replace")
                    yield f"{name}!{member.name}", file.read(MOST_BYTES) if file else b""
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError):
        yield f"{name}!", None


def _png_texts(name: str, data: bytes) -> Iterator[tuple[str, bytes | None]]:
    at = 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12
        if kind in (b"zTXt", b"iTXt"):
            packed = body.partition(b"\0")[2]
            for start in range(min(len(packed), 200)):
                unpacked = zlib.decompressobj()
                try:
                    yield f"{name}!{kind.decode()}", unpacked.decompress(packed[start:], MOST_BYTES)
                except zlib.error:
                    continue
                break


def _on_pictures(name: str, path: Path, values: Sequence[str], read_text: ReadText) -> Iterator[Hit]:
    kind = path.suffix.lower()
    if kind in PICTURES:
        frames = _pictures(path)
    elif kind in FILMS:
        frames = _film(path)
    else:
        return
    try:
        for told, pixels in frames:
            read = read_text(pixels)
            for number, value in enumerate(values):
                yield from (Hit(name, f"on the picture{told} at {_place(box)}", number) for box in places([value], read))
    except (OSError, ValueError, SyntaxError):
        yield Hit(name, "is no picture that can be read", -1)


def _place(box: Box) -> str:
    return f"({box.left}, {box.top})"


def _pictures(path: Path) -> Iterator[tuple[str, Pixels]]:
    import numpy as np
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            yield f" {number}" if number else "", np.asarray(frame.convert("RGB"))


def _film(path: Path) -> Iterator[tuple[str, Pixels]]:
    import av
    import numpy as np

    with av.open(str(path)) as film:
        next_s = 0.0
        for frame in film.decode(video=0):
            if frame.time is None or frame.time >= next_s:
                yield f" after {frame.time or 0:.1f} s", np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                next_s = (frame.time or 0.0) + FILM_STEP_S
