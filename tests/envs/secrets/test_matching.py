"""Values on pictures: as a reader reads them, with its mistakes, in pieces and over lines; and other words are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from handeye.envs.secrets.masking import DARK, dark, painted
from handeye.envs.secrets.matching import places
from handeye.tools.geometry import Box

VALUE = "hunter2xyz"


def word(text: str, left: int = 0, top: int = 0) -> tuple[str, Box]:
    return text, Box(left, top, left + 9 * len(text), top + 16)


@pytest.mark.parametrize(
    "text",
    ["hunter2xyz", "HUNTER2XYZ", "hunterZxyz", "huntet2xyz", "hunter2xy", "unter2xyz", "pw:hunter2xyz.", "hunt", "hunter", "r2xyz",
     "hunter 2xyz", "hurter2xgz", "«hunter2xyz»"],
)  # fmt: skip
def test_values_and_beginnings_are_found(text: str) -> None:
    assert places([VALUE], [word("Welcome"), word(text, 200)]) == (word(text, 200)[1],)


@pytest.mark.parametrize(
    "text", ["Welcome back, ada", "hun", "Country", "Printer settings", "1234567890", "under the bridge", "xyz", "Help"]
)
def test_other_words_are_left_alone(text: str) -> None:
    assert places([VALUE], [word(text)]) == ()


@pytest.mark.parametrize(
    ("value", "seen"), [("O0l1I5S8", "0OI1l5SB"), ("Pa$$w0rd", "PaSSwOrd"), ("481502", "48l5O2"), ("rnodern9", "modern9")]
)
def test_characters_that_look_alike(value: str, seen: str) -> None:
    assert places([value], [word(seen)]) != ()


def test_a_value_in_pieces() -> None:
    spread = [word(letter, 12 * place) for place, letter in enumerate(VALUE)]
    assert len(places([VALUE], spread)) == len(VALUE)
    wrapped = [word("your password is hun", 0, 0), word("ter2xyz today", 0, 20)]
    assert places([VALUE], wrapped) == (wrapped[0][1], wrapped[1][1])
    columns = [word("hun", 0, 0), word("ter2", 400, 0)]
    assert places(["hunter2"], columns) in ((), (columns[1][1],))


@given(st.lists(st.tuples(st.text(max_size=20), st.tuples(*[st.integers(0, 500)] * 2)), max_size=12), st.text(max_size=20))
def test_any_reading_is_searched(read: list[tuple[str, tuple[int, int]]], value: str) -> None:
    pieces = [word(text, *place) for text, place in read]
    assert set(places([value], pieces)) <= {box for _, box in pieces}


@given(st.text(st.characters(categories=["Ll", "Nd"]), min_size=4, max_size=16), st.text(max_size=10), st.text(max_size=10))
def test_a_value_within_a_word_is_found(value: str, before: str, after: str) -> None:
    assert places([value], [word(f"{before} {value} {after}")]) != ()


def test_the_same_word_twice_is_hidden_twice() -> None:
    assert len(places([VALUE], [word(VALUE, 0, 0), word(VALUE, 300, 100), word(VALUE, 0, 300)])) == 3


def test_painting() -> None:
    pixels = np.full((60, 80, 3), 200, np.uint8)
    clean = painted(pixels, [Box(10, 10, 20, 20), Box(70, 50, 200, 200), Box(-50, -50, -40, -40)])
    assert (clean[10:20, 10:20] == DARK).all()
    assert (clean[55:, 75:] == DARK).all()
    assert (clean[30:40, 30:40] == 200).all()
    assert (pixels == 200).all()
    assert painted(pixels, [Box(100, 100, 120, 120)]) is pixels
    assert (dark(pixels) == DARK).all()


@pytest.mark.parametrize("value", ["hunter2xyz", "O0l1I5S8", "Tr0ub4dor&3", "correct horse", "481502", "Pa$$w0rd!"])
@pytest.mark.parametrize("size", [12, 16, 28])
def test_real_pictures(value: str, size: int) -> None:
    pytest.importorskip("rapidocr")
    from handeye.agent.safety.screen_text import screen_reader

    font = ImageFont.truetype("DejaVuSans.ttf", size)
    picture = Image.new("RGB", (640, 240), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((20, 20), "Welcome back to the shop", fill="black", font=font)
    draw.text((20, 100), f"Your password is {value} ok", fill="black", font=font)
    left, top, right, bottom = draw.textbbox((20 + draw.textlength("Your password is ", font), 100), value, font=font)
    pixels = np.asarray(picture)
    clean = painted(pixels, places([value], screen_reader()(pixels)))
    ink = (np.asarray(clean)[int(top) : int(bottom), int(left) : int(right)].astype(int) == 0).all(axis=2)
    assert not ink.any()
    assert (clean[20 : 20 + size, 20:200] == pixels[20 : 20 + size, 20:200]).all()
