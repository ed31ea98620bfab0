from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handeye.agent.coordinates import smart_resize
from handeye.agent.media.limits import PictureLimits
from handeye.agent.media.picture import open_picture, read_picture
from handeye.agent.media.source import open_media
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
CORNERS = np.zeros((60, 90, 3), np.uint8)
CORNERS[:30, :45], CORNERS[:30, 45:], CORNERS[30:, :45] = RED, GREEN, BLUE
"""Red, green above blue, black: no turn or flip leaves it as it is."""


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def colours(pixels: np.ndarray[Any, Any]) -> list[tuple[int, ...]]:
    """The corners' colours, row by row, brought to full or none."""
    height, width = pixels.shape[:2]
    spots = [(height // 6, width // 6), (height // 6, -width // 6), (-height // 6, width // 6), (-height // 6, -width // 6)]
    return [tuple(int(value > 127) * 255 for value in pixels[spot]) for spot in spots]


PLAIN = [RED, GREEN, BLUE, BLACK]


def test_every_kind_of_source_gives_the_same_picture(tmp_path: Path) -> None:
    file = tmp_path / "a picture.png"
    data = encoded(Image.fromarray(CORNERS))
    file.write_bytes(data)
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    sources = [str(file), file, file.as_uri(), url, data, Image.fromarray(CORNERS), CORNERS]
    for source in sources:
        opened = open_picture(source)
        assert opened.size == Size(90, 60)
        assert opened.picture.pixels.shape == (56, 84, 3)
        assert opened.picture.pixels.dtype == np.uint8
        assert not opened.picture.pixels.flags.writeable
        assert colours(opened.picture.pixels) == PLAIN
        assert (open_media(source).picture.pixels == opened.picture.pixels).all()  # type: ignore[union-attr]
    assert (read_picture(CORNERS).pixels == CORNERS).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_comes_before_the_size(orientation: int, format: str) -> None:
    stored = Image.fromarray(CORNERS)
    # What a camera stores under this orientation, so that turning it gives CORNERS again.
    undo = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270}  # fmt: skip
    if orientation > 1:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(encoded(stored, format, exif=exif))
    assert opened.size == Size(90, 60)
    assert colours(opened.picture.pixels) == PLAIN


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
def test_what_lets_through_stands_on_white(mode: str) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 32, 64))
    if mode == "P":
        image = Image.new("P", (64, 64), 1)
        image.putpalette([0, 0, 0, 10, 10, 10])
        image.paste(0, (0, 0, 32, 64))
        pixels = open_picture(encoded(image, transparency=1)).picture.pixels
    elif mode == "PA":
        image = Image.new("PA", (64, 64), (0, 0))
        image.putpalette([0, 0, 0])
        image.putalpha(Image.fromarray(np.repeat([[255] * 32 + [0] * 32], 64, axis=0).astype(np.uint8)))
        pixels = open_picture(image).picture.pixels
    else:
        pixels = open_picture(encoded(image.convert(mode))).picture.pixels
    assert tuple(pixels[30, 5]) == BLACK
    assert tuple(pixels[30, -5]) == WHITE


def test_half_transparent_is_mixed_with_white() -> None:
    pixels = open_picture(np.full((56, 56, 4), (255, 0, 0, 128), np.uint8)).picture.pixels
    assert tuple(pixels[0, 0]) == (255, 127, 127)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_wrapped(format: str) -> None:
    levels = np.repeat(np.array([[0, 255, 256, 32_768, 65_535]], np.uint16), 60, axis=0).repeat(20, axis=1)
    pixels = read_picture(encoded(Image.fromarray(levels), format)).pixels
    assert [int(pixels[30, column * 20 + 10, 0]) for column in range(5)] == [0, 1, 1, 128, 255]
    turned = Image.Exif()
    turned[0x0112] = 6
    assert read_picture(encoded(Image.fromarray(levels), format, exif=turned)).size == Size(60, 100)


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_is_converted(format: str) -> None:
    image = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    assert colours(read_picture(encoded(image, format)).pixels) == [RED] * 4


def test_modes_without_colour_are_grey() -> None:
    assert colours(read_picture(Image.new("1", (60, 60), 1)).pixels) == [WHITE] * 4
    assert colours(read_picture(Image.new("L", (60, 60), 0)).pixels) == [BLACK] * 4
    assert (read_picture(np.full((60, 60), 77, np.uint8)).pixels == 77).all()
    assert (read_picture(np.full((60, 60, 1), 77, np.uint8)).pixels == 77).all()


def test_one_pixel_is_enlarged() -> None:
    opened = open_picture(np.array([[RED]], np.uint8))
    assert opened.size == Size(1, 1)
    assert opened.picture.pixels.shape == (56, 56, 3)
    assert (opened.picture.pixels == RED).all()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_an_animation_the_first_frame_is_shown_with_a_note(format: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, GREEN, BLUE)]
    opened = open_picture(encoded(frames[0], format, save_all=True, append_images=frames[1:]))
    assert colours(opened.picture.pixels) == [RED] * 4
    assert ("3 pages" if format == "TIFF" else "3 frames") in opened.notes[0]


def test_an_opened_picture_is_taken_where_it_stands_and_left_so() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, GREEN)]
    image = Image.open(io.BytesIO(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    image.seek(1)
    assert colours(read_picture(image).pixels) == [GREEN] * 4
    assert image.tell() == 1


BAD = [
    (b"", "not a picture"),
    (b"\x89PNG\r\n\x1a\n", "not a picture"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    (b"%PDF-1.7\n", "not a picture"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    (encoded(Image.fromarray(CORNERS))[:120], "not a picture"),
    (encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)), "JPEG")[:2000], "truncated"),
    (np.zeros((0, 9, 3), np.uint8), "not a picture"),
    (np.zeros((9, 9, 2), np.uint8), "not a picture"),
    (np.zeros((9, 9, 3), np.uint16), "uint16"),
    (np.zeros((9, 9, 3), np.float64), "float64"),
    (np.zeros((9,), np.uint8), "not a picture"),
    (Image.new("F", (9, 9), 0.5), "fractions"),
    (Image.new("I", (9, 9), 70_000), "32-bit"),
    (Image.new("RGB", (0, 9)), "no pixels"),
    (np.zeros((20, 20_000, 3), np.uint8), "200 to 1"),
    ("no/such.png", "no picture no/such.png"),
    (".", "not a picture"),
    ("nul\0.png", "not a picture"),
    ("ftp://example.org/a.png", "http"),
    ("file://elsewhere/a.png", "another machine"),
    ("file:///no/such.png", "no picture"),
    ("data:image/png;base64,###", "holds no data"),
    ("data:image/png", "holds no data"),
    ("data:image/png;base64,AAAA", "not a picture"),
]


@pytest.mark.parametrize(("source", "says"), BAD)
def test_what_is_no_picture_is_refused_in_words(source: Any, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        open_picture(source)


def test_a_decompression_bomb_is_refused_unread() -> None:
    # A PNG that says 30,000 x 30,000 in its header.
    data = bytearray(encoded(Image.new("1", (16, 16))))
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(SetupError, match="decompression bomb"):
        open_picture(bytes(data))


def test_limits_decide_the_size() -> None:
    source = np.zeros((1080, 1920, 3), np.uint8)
    for limits in (PictureLimits(), PictureLimits(max_pixels=1_003_520), PictureLimits(min_pixels=4_000_000)):
        shown = open_picture(source, limits).picture.pixels
        assert shown.shape[:2] == smart_resize(Size(1920, 1080), 28, limits.min_pixels, limits.max_pixels)[::-1]
        assert limits.min_pixels <= shown.shape[0] * shown.shape[1] <= limits.max_pixels
    stated = open_picture(source, PictureLimits(resized_width=300, resized_height=205))
    assert stated.picture.pixels.shape == (196, 308, 3)
    assert stated.size == Size(1920, 1080)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"min_pixels": 5000, "max_pixels": 4000}, "further apart"),
        ({"max_pixels": 100, "min_pixels": 1}, "further apart"),
        ({"resized_width": 28}, "together"),
        ({"resized_width": 0, "resized_height": 28}, "no pixels"),
        ({"resized_width": -28, "resized_height": 28}, "no pixels"),
    ],
)
def test_impossible_limits_are_refused(limits: dict[str, int], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        PictureLimits(**limits)


def test_a_stated_size_of_an_impossible_shape_is_refused() -> None:
    with pytest.raises(SetupError, match="200 to 1"):
        open_picture(CORNERS, PictureLimits(resized_width=10_000, resized_height=28))


sides = st.integers(1, 1500)


@given(sides, sides, sides, sides)
def test_a_stated_size_is_a_fixed_point_or_an_error(width: int, height: int, wide: int, high: int) -> None:
    limits = PictureLimits(resized_width=wide, resized_height=high)
    try:
        shown = limits.picture_size(Size(width, height))
    except SetupError:
        assert max(wide, high) / min(wide, high) > 100
        return
    assert smart_resize(shown) == shown


VALID = [encoded(Image.fromarray(CORNERS), format) for format in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "TGA", "PPM")]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda data, at, new: data[: at % len(data)] + new + data[at % len(data) + len(new) :],
            st.sampled_from(VALID),
            st.integers(0, 20_000),
            st.binary(max_size=8),
        ),
        st.builds(lambda data, at: data[: at % len(data)], st.sampled_from(VALID), st.integers(0, 20_000)),
    )
)
def test_any_bytes_are_a_picture_or_our_error(data: bytes) -> None:
    try:
        pixels = open_picture(data).picture.pixels
    except SetupError:
        return
    assert pixels.ndim == 3
    assert pixels.shape[0] % 28 == pixels.shape[1] % 28 == 0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_picture_or_our_error(text: str) -> None:
    with contextlib.suppress(SetupError):
        open_picture("data:" + text)


def test_real_pictures_have_the_recorded_sizes(data_folder: Path) -> None:
    items = json.loads((data_folder / "qwen_demo" / "expected.json").read_text(encoding="utf-8"))["items"]
    for row in items:
        opened = open_picture(data_folder / "qwen_demo" / row["file"])
        assert list(opened.size) == row["original_size"]
        assert list(opened.picture.pixels.shape[1::-1]) == row["resized_size"]
    assert items


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(encoded(Image.fromarray(CORNERS))))
    writer.start()
    assert open_picture(pipe).size == Size(90, 60)
    writer.join()
