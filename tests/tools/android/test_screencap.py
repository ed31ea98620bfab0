"""What screencap writes is read exactly, or refused: never a picture that the phone did not show."""

from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handeye.tools.android import decoding
from handeye.tools.android.screencap import READERS, BadFrame, read_gzipped, read_png, read_raw

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
WARNING = b"[Warning] Multiple displays were found, but no display id was specified! Defaulting to the first display found.\n"
FOREIGN = st.binary(max_size=300) | st.builds(
    lambda width, height, kind, rest: struct.pack("<3I", width, height, kind) + rest,
    st.sampled_from([0, 1, 2, 8, 1080, 2**31, 2**32 - 1]),
    st.sampled_from([0, 1, 2, 8, 2400, 2**31, 2**32 - 1]),
    st.integers(0, 9),
    st.binary(max_size=300),
)


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def raw(pixels: np.ndarray, kind: int = 1, colour_space: bool = True) -> bytes:
    height, width = pixels.shape[:2]
    return struct.pack("<3I", width, height, kind) + (struct.pack("<I", 1) if colour_space else b"") + pixels.tobytes()


def png(pixels: np.ndarray, mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, "PNG")
    return file.getvalue()


@given(SHAPES, st.sampled_from([1, 2]), st.booleans(), st.sampled_from([b"", WARNING, b"WARNING: linker: x\nlibEGL \xe2\x80\xa6\n"]))
def test_a_raw_frame_is_read_with_either_header_and_any_text_before_it(
    shape: tuple[int, int], kind: int, colour_space: bool, before: bytes
) -> None:
    pixels = picture(*shape)
    data = before + raw(pixels, kind, colour_space)
    assert np.array_equal(read_raw(data), pixels[..., :3])
    assert np.array_equal(read_raw(memoryview(data)), pixels[..., :3])
    assert np.array_equal(read_gzipped(before + gzip.compress(data)), pixels[..., :3])


@given(SHAPES, st.sampled_from(["RGBA", "RGB", "L", "P", "1"]), st.sampled_from([b"", WARNING]), st.sampled_from([b"", b"done\n"]))
def test_a_png_is_read_whatever_its_kind_and_the_text_around_it(shape: tuple[int, int], mode: str, before: bytes, after: bytes) -> None:
    pixels = picture(*shape)
    pixels[..., 3] = 255
    expected = np.asarray(Image.fromarray(pixels).convert(mode).convert("RGB"))
    assert np.array_equal(read_png(before + png(pixels, mode) + after), expected)


@given(st.lists(st.integers(0, 0xFFFF), min_size=6, max_size=6))
def test_565_is_widened_to_the_whole_range(words: list[int]) -> None:
    read = read_raw(struct.pack("<4I6H", 3, 2, 4, 0, *words)).reshape(-1, 3)
    for word, (red, green, blue) in zip(words, read, strict=True):
        assert (red >> 3, green >> 2, blue >> 3) == (word >> 11, (word >> 5) & 63, word & 31)
        assert (red, green, blue) != (248, 252, 248)


def test_white_and_black_in_565_are_white_and_black() -> None:
    assert read_raw(struct.pack("<4I2H", 2, 1, 4, 0, 0xFFFF, 0)).tolist() == [[[255, 255, 255], [0, 0, 0]]]


@given(FOREIGN)
def test_garbage_is_refused_by_every_reader(data: bytes) -> None:
    for read in READERS.values():
        try:
            pixels = read(data)
        except BadFrame:
            continue
        assert pixels.shape[2] == 3  # hypothesis may find a frame of a few pixels; then it is one
        assert pixels.nbytes <= 2 * len(data)


@given(SHAPES, st.data())
def test_a_picture_that_is_cut_short_anywhere_is_refused(shape: tuple[int, int], data: st.DataObject) -> None:
    pixels = picture(*shape)
    for whole, read in ((raw(pixels), read_raw), (png(pixels), read_png), (gzip.compress(raw(pixels)), read_gzipped)):
        cut = data.draw(st.integers(0, len(whole) - 1))
        with pytest.raises(BadFrame):
            read(whole[: min(cut, len(whole) - 5 if read is read_raw else cut)])


@given(SHAPES, st.data())
def test_a_png_with_a_byte_changed_is_refused_or_the_same(shape: tuple[int, int], data: st.DataObject) -> None:
    pixels = picture(*shape)
    whole = bytearray(png(pixels))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadFrame):
        read_png(whole)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nothing"),
        (b"Status: -1\n", "Status: -1"),
        (struct.pack("<4I", 2, 2, 5, 0) + bytes(16), "format 5"),
        (struct.pack("<4I", 2, 2, 22, 0) + bytes(32), "format 22"),
        (b"/system/bin/sh: screencap: inaccessible or not found\n", "inaccessible"),
    ],
)
def test_what_is_no_picture_is_said(data: bytes, said: str) -> None:
    with pytest.raises(BadFrame, match=said):
        read_raw(data)


def test_every_decoder_that_is_there_gives_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = picture(61, 47)
    pixels[..., 3] = 255
    for mode in ("RGB", "RGBA"):
        data = png(pixels, mode)
        for decode in (decoding._by_pyav, decoding._by_opencv, decoding._by_pillow):
            got = decode(data)
            assert got is None or np.array_equal(got, pixels[..., :3])
        monkeypatch.setattr(decoding, "_imported", lambda name: None)
        assert np.array_equal(read_png(data), pixels[..., :3])
        monkeypatch.undo()


@pytest.mark.parametrize(("width", "height"), [(240, 320), (4320, 7680)])
def test_screens_of_any_size_are_read(width: int, height: int) -> None:
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[-1, -1] = (1, 2, 3, 255)
    assert read_raw(raw(pixels))[-1, -1].tolist() == [1, 2, 3]
    assert read_png(png(pixels))[-1, -1].tolist() == [1, 2, 3]
