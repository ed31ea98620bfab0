"""The searcher finds what it is told to find, wherever it is hidden, and nothing where there is nothing."""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from handeye.envs.secrets.search import find_secret

VALUE = "hunter2&xyz"


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", data)
    return packed.getvalue()


def tarred(data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("inner.txt")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def png(text: str, compressed: bool) -> bytes:
    written, facts = io.BytesIO(), PngImagePlugin.PngInfo()
    facts.add_text("Comment", text, zip=compressed)
    Image.new("RGB", (4, 4)).save(written, "PNG", pnginfo=facts)
    return written.getvalue()


HIDDEN = {
    "raw": f"\0\xff before {VALUE} after".encode("latin-1"),
    "URL": f"?q={quote(VALUE)}".encode(),
    "base64": base64.b64encode(f"ab{VALUE}c".encode()),
    "JSON": b'["h", "u", "n", "t", "e", "r", "2", "&", "x", "y", "z"]',
    "HTML": b"hunter2&amp;xyz",
    "UTF-16": VALUE.encode("utf-16-le"),
    "gzip": gzip.compress(f"x {VALUE}".encode()),
    "zip": zipped(VALUE.encode()),
    "gzip in zip": zipped(gzip.compress(VALUE.encode())),
    "tar": tarred(VALUE.encode()),
    "PNG text": png(VALUE, False),
    "PNG text, packed": png(VALUE, True),
}


@pytest.mark.parametrize("kind", list(HIDDEN))
def test_hidden_in_bytes(tmp_path: Path, kind: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(HIDDEN[kind])
    (tmp_path / "other").write_bytes(b"nothing" * 1000)
    hits = find_secret(tmp_path, ["another", VALUE])
    assert hits
    assert {hit.number for hit in hits} == {1}
    assert all(hit.path.startswith("deep/file") for hit in hits)
    assert VALUE not in repr(hits)


def test_names(tmp_path: Path) -> None:
    (tmp_path / f"a {VALUE}").mkdir()
    (tmp_path / f"a {VALUE}" / "b.txt").write_text("nothing")
    assert [hit.where for hit in find_secret(tmp_path, [VALUE])] == ["in its name", "in its name"]


def test_what_cannot_be_searched_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"x" * 1000)[:-20])
    assert [(hit.number, hit.where) for hit in find_secret(tmp_path, [VALUE])] == [(-1, "could not be unpacked")]


def test_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hunter2 and xyz; [[secret:bank]]")
    assert find_secret(tmp_path, [VALUE]) == []


def test_pictures(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    from handeye.agent.safety.screen_text import screen_reader

    picture = Image.new("RGB", (400, 100), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((20, 30), f"it is {VALUE}", fill="black", font=ImageFont.truetype("DejaVuSans.ttf", 20))
    picture.save(tmp_path / "a.png")
    Image.fromarray(np.full((100, 100, 3), 255, np.uint8)).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_bytes(b"no picture")
    assert find_secret(tmp_path, [VALUE]) == []
    hits = find_secret(tmp_path, [VALUE], screen_reader())
    assert {(hit.path, hit.number) for hit in hits} == {("a.png", 0), ("c.png", -1)}
