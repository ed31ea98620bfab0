from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.models.ocr.reading import Reader, changed_boxes
from handeye.agent.models.ocr.words import likeness
from handeye.tools.geometry import Box


def texts(reader: Reader, pixels: Any) -> dict[str, Box]:
    return {line.text: line.box for line in reader.read(pixels)}


def test_reads_lines_and_knows_where_each_word_is(page: Any, reader: Reader) -> None:
    first = page.text(20, 20, "Remember my password")
    second = page.text(20, 90, "Sign in with 42 keys")
    lines = {line.text: line for line in reader.read(page.pixels)}
    for text, box in (("Remember my password", first), ("Sign in with 42 keys", second)):
        assert lines[text].box.contains(box.center)
        assert [word.text for word in lines[text].words] == text.split()
    middle = page.draw.textlength("Remember ", font_size=24) + page.draw.textlength("my", font_size=24) / 2
    assert lines["Remember my password"].words[1].box.contains(first.center._replace(x=20 + round(middle)))


def test_small_text_of_a_large_page(new_page: Any, reader: Reader) -> None:
    page = new_page(1280, 800, size=14)
    wanted = [f"Entry {number} of the table" for number in range(100, 116)]
    for row, text in enumerate(wanted):
        page.text(40 + 600 * (row % 2), 30 + 45 * row, text)
    assert set(texts(reader, page.pixels)) == set(wanted)


def test_columns_are_not_one_line(page: Any, reader: Reader) -> None:
    page.text(20, 40, "Name")
    page.text(150, 40, "Vincent")
    assert set(texts(reader, page.pixels)) == {"Name", "Vincent"}


def test_reads_again_only_what_changed_and_gets_the_same(new_page: Any) -> None:
    page = new_page(1288, 812, size=18)
    for row in range(0, 16, 3):
        page.text(30, 20 + 48 * row, f"This is line number {row} of the page")
        page.text(700, 20 + 48 * row, f"and beside it stands {row * 7}")
    one = Reader()
    one.read(page.pixels)
    assert one.pixels_read == 1288 * 812
    one.read(page.pixels)
    assert one.pixels_read == 0
    page.draw.rectangle((690, 110, 1280, 150), fill="white")
    page.text(700, 20 + 48 * 2, "something new to read")
    page.field(30, 770, "typed", width=200, height=40)
    again = one.read(page.pixels)
    assert 0 < one.pixels_read < 1288 * 812 / 4
    full = Reader().read(page.pixels)
    assert sorted(line.text for line in again) == sorted(line.text for line in full)
    boxes = {line.text: line.box for line in full}
    assert all(abs(a - b) <= 6 for line in again for a, b in zip(line.box, boxes[line.text], strict=True))


def test_a_frame_seen_before_costs_nothing(new_page: Any) -> None:
    tabs = []
    for name in ("first", "second"):
        page = new_page(448, 280)
        page.text(20, 20, f"the {name} tab")
        tabs.append(page.pixels)
    reader = Reader()
    for pixels in tabs:
        reader.read(pixels)
    assert [line.text for line in reader.read(tabs[0])] == ["the first tab"]
    assert reader.pixels_read == 0


def test_an_empty_picture_has_no_text(reader: Reader) -> None:
    assert reader.read(np.full((280, 280, 3), 255, np.uint8)) == ()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 59)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(5, 80), st.integers(5, 40)), max_size=8),
)
def test_changed_boxes_cover_the_changes_and_every_line_they_touch(
    tiles: list[tuple[int, int]], lines: list[tuple[int, int, int, int]]
) -> None:
    changed = np.zeros((40, 60), np.bool_)
    for row, column in tiles:
        changed[row, column] = True
    whole = [Box(x, y, min(480, x + w), min(320, y + h)) for x, y, w, h in lines]
    boxes = changed_boxes(changed, whole, 480, 320)
    for row, column in tiles:
        tile = Box(8 * column, 8 * row, 8 * column + 8, 8 * row + 8)
        assert any(b.left <= tile.left and b.top <= tile.top and b.right >= tile.right and b.bottom >= tile.bottom for b in boxes)
    for line in whole:
        for b in boxes:
            touching = line.left < b.right and b.left < line.right and line.top < b.bottom and b.top < line.bottom
            assert not touching or (b.left <= line.left and b.top <= line.top and b.right >= line.right and b.bottom >= line.bottom)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_share_and_full_only_for_the_same(a: str, b: str) -> None:
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == (1 if a else 0)
    assert (likeness(a, b) == 1) == (a == b and bool(a))


def test_likeness_prefers_the_exact_over_the_confusable_over_the_loose() -> None:
    order = [likeness("F01Kw", other) for other in ("F01Kw", "f01kw", "F01-Kw", "FO1Kw", "F01Kwi", "Submit")]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)
    assert order[-1] == 0
