"""Pictures: the loop's own pixels, decoded once, in threads, within bounds; and whatever bytes may come."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handeye.agent.dialects.picture import picture_of
from handeye.agent.media.rgb import in_8_bits
from handeye.benchmarks.samples.pictures import Pictures
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

MODES = ("RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK")


def _drawn(mode: str, width: int = 61, height: int = 40, seed: int = 0) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    if mode == "I;16":
        return Image.fromarray(noise[:, :, 0].astype(np.uint16) * 256 + noise[:, :, 1])
    if mode == "P":
        return Image.fromarray(noise[:, :, :3]).quantize(64)
    return Image.fromarray(noise, "RGBA").convert(mode)


def _encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def _half(stored: Size) -> Size:
    return Size(stored.width // 2, stored.height // 2)


def _same(stored: Size) -> Size:
    return stored


def _larger(stored: Size) -> Size:
    return Size(stored.width + 7, stored.height * 2)


def _png_of(width: int, height: int, rows: bytes = b"", kind: tuple[int, int, int] = (8, 2, 0), extra: bytes = b"") -> bytes:
    """A PNG whose checksums are right. `kind`: bits, colour type, interlacing; `extra`: chunks before the pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, kind[0], kind[1], 0, 0, kind[2]))
    return b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


FORMATS = [("PNG", mode) for mode in MODES if mode != "CMYK"] + [("JPEG", mode) for mode in ("RGB", "L", "CMYK")]
FORMATS += [("WEBP", mode) for mode in ("RGB", "RGBA", "L")]


@pytest.mark.parametrize("shown_size", [_half, _same, _larger])
@pytest.mark.parametrize(("format", "mode"), FORMATS)
@pytest.mark.filterwarnings("error")
def test_the_pixels_are_those_of_the_loop(format: str, mode: str, shown_size: Callable[[Size], Size]) -> None:
    data = _encoded(_drawn(mode), format)
    with Image.open(io.BytesIO(data)) as image:
        expected = picture_of(np.asarray(in_8_bits(image, "it").convert("RGB")), shown_size(Size(*image.size))).pixels
    pixels, stored = Pictures().shown("a", lambda: data, shown_size)
    assert stored == (61, 40)
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    assert not pixels.flags.writeable
    assert np.array_equal(pixels, expected)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("transparency", [3, bytes(range(64))])
def test_transparency_is_dropped(transparency: Any) -> None:
    opaque = _drawn("P")
    pixels, _ = Pictures().shown("a", lambda: _encoded(opaque, transparency=transparency), _same)
    assert np.array_equal(pixels, np.asarray(opaque.convert("RGB")))


def test_what_is_under_full_transparency_is_shown() -> None:
    image = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    pixels, _ = Pictures().shown("a", lambda: _encoded(image), _same)
    assert (pixels == (10, 20, 30)).all()


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    pixels, _ = Pictures().shown("a", lambda: _encoded(Image.fromarray(values)), _same)
    assert np.abs(pixels[:, :, 0].astype(int) - values // 257).max() <= 1


def test_one_decoding_for_all_who_ask_at_once() -> None:
    data, reads, started, go_on = _encoded(_drawn("RGB")), [], threading.Event(), threading.Event()

    def read() -> bytes:
        reads.append(1)
        started.set()
        assert go_on.wait(10)
        return data

    pictures = Pictures()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(pictures.shown, "a", read, _half)
        assert started.wait(10)
        others = [pool.submit(pictures.shown, "a", read, _half) for _ in range(7)]
        # Another picture does not wait.
        assert pictures.shown("b", lambda: data, _half)[1] == (61, 40)
        go_on.set()
        results = [asked.result(10)[0] for asked in (first, *others)]
    assert len(reads) == 1
    assert all(pixels is results[0] for pixels in results)


def test_a_failure_is_not_kept_and_not_given_to_others() -> None:
    data, pictures, started, go_on = _encoded(_drawn("RGB")), Pictures(), threading.Event(), threading.Event()

    def failing() -> bytes:
        started.set()
        assert go_on.wait(10)
        raise SetupError("gone")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pictures.shown, "a", failing, _half)
        assert started.wait(10)
        second = pool.submit(pictures.shown, "a", lambda: data, _half)
        go_on.set()
        with pytest.raises(SetupError, match="gone"):
            first.result(10)
        assert second.result(10)[1] == (61, 40)
    broken = Pictures()
    with pytest.raises(SetupError):
        broken.shown("a", lambda: b"no picture", _half)
    assert broken.shown("a", lambda: data, _half)[1] == (61, 40)


def test_another_size_of_the_same_picture() -> None:
    data, pictures = _encoded(_drawn("RGB")), Pictures()
    for shown_size in (_half, _larger, _half):
        pixels, stored = pictures.shown("a", lambda: data, shown_size)
        assert (pixels.shape[1], pixels.shape[0]) == shown_size(stored)


def test_the_least_recently_used_go_first() -> None:
    data, reads = _encoded(_drawn("RGB")), []
    one = 61 * 40 * 3
    pictures = Pictures(max_bytes=2 * one + one // 2)

    def ask(key: str) -> None:
        def read() -> bytes:
            reads.append(key)
            return data

        pictures.shown(key, read, _same)

    for key in "abacab":
        ask(key)
    # c puts b out, for a was used after it; b then puts c out.
    assert "".join(reads) == "abcb"
    for key in "ab":
        ask(key)
    assert "".join(reads) == "abcb"


def test_a_picture_larger_than_the_bound_is_given_and_not_kept() -> None:
    data, reads, pictures = _encoded(_drawn("RGB")), [], Pictures(max_bytes=100)

    def read() -> bytes:
        reads.append(1)
        return data

    for _ in range(2):
        assert pictures.shown("a", read, _same)[1] == (61, 40)
    assert len(reads) == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from((_half, _same, _larger))), max_size=40), st.integers(0, 40_000))
def test_any_order_in_threads_gives_each_its_own(asked: list[tuple[int, Callable[[Size], Size]]], max_bytes: int) -> None:
    sources = [_encoded(_drawn("RGB", 20 + number, 30, number)) for number in range(5)]
    pictures = Pictures(max_bytes)

    def check(what: tuple[int, Callable[[Size], Size]]) -> bool:
        number, shown_size = what
        pixels, stored = pictures.shown(number, lambda: sources[number], shown_size)
        expected = picture_of(np.asarray(_drawn("RGB", 20 + number, 30, number)), shown_size(stored)).pixels
        return stored == (20 + number, 30) and np.array_equal(pixels, expected)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(check, asked))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no PNG, JPEG or WebP"),
        (b"<html>404</html>", "is no PNG, JPEG or WebP"),
        (_encoded(_drawn("P"), "GIF"), "is no PNG, JPEG or WebP"),
        (_encoded(_drawn("RGB"))[:-400], "cannot be decoded"),
        (_encoded(_drawn("RGB"), "JPEG")[:900], "cannot be decoded"),
        (_encoded(_drawn("RGB"), "WEBP")[:200], "cannot be decoded|is no PNG"),
        (_png_of(12_000, 9_000), "12000x9000"),
        (_png_of(60_000, 60_000), "cannot be decoded|60000x60000"),
        (_png_of(0, 10), "cannot be decoded|is no PNG"),
        (_png_of(64, 64), "cannot be decoded"),
    ],
)
@pytest.mark.filterwarnings("ignore:Image size")
def test_what_is_no_picture_is_named(data: bytes, words: str) -> None:
    with pytest.raises(SetupError, match=words) as caught:
        Pictures().shown("a", lambda: data, _same)
    assert caught.value.fix


VALID = [_encoded(_drawn(mode), format) for format, mode in FORMATS]
CHANGED = st.builds(
    lambda data, changes: bytes(dict(changes).get(place, byte) for place, byte in enumerate(data)),
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=6),
)
CUT = st.builds(lambda data, length: data[:length], st.sampled_from(VALID), st.integers(0, 3000))
SMALL_CHUNKS = st.builds(
    _chunk, st.sampled_from((b"PLTE", b"tRNS", b"gAMA", b"zTXt", b"iCCP", b"eXIf", b"acTL", b"fcTL")), st.binary(max_size=40)
)
CONSISTENT = st.builds(
    _png_of,
    st.integers(0, 40),
    st.integers(0, 40),
    # Zeros for the rest of the rows, or too few bytes.
    st.builds(lambda rows, length: rows.ljust(length, b"\0"), st.binary(max_size=400), st.sampled_from((0, 13_000))),
    st.tuples(st.sampled_from((1, 2, 4, 8, 16, 3)), st.sampled_from((0, 2, 3, 4, 6, 1)), st.integers(0, 2)),
    st.lists(SMALL_CHUNKS, max_size=3).map(b"".join),
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), CHANGED, CUT, CONSISTENT))
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_are_a_picture_or_a_setup_error(data: bytes) -> None:
    try:
        pixels, stored = Pictures().shown("a", lambda: data, _same)
    except SetupError:
        return
    assert pixels.shape == (stored.height, stored.width, 3)
    assert pixels.dtype == np.uint8
