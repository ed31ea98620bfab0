"""The report of single replies, opened in a real browser: what is drawn stands where it should, and nothing that was said runs."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handeye.agent.viewer.safe_page import seconds
from handeye.benchmarks.grounding.scores import row_summary
from handeye.benchmarks.samples.report import report_markdown, report_page, write_report
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

HOSTILE = (
    '</script></title></svg><script>window.hacked=1</script><img src=x onerror="window.hacked=1"> \ud800 {{ 7*7 }} \u202e \x1b[31m | ` <b>'
)
SCREEN = Size(2000, 1200)
BOX = [400.0, 300.0, 440.0, 330.0]
"""The area that `screen` paints red, to its last pixel."""


def screen() -> bytes:
    pixels = np.full((SCREEN.height, SCREEN.width, 3), 235, np.uint8)
    pixels[300:330, 400:440] = (255, 0, 0)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def row(number: int, verdict: str = "wrong place", **more: Any) -> SampleRow:
    fields: dict[str, Any] = {
        "id": f"sample_{number}",
        "instruction": f"press number {number}",
        "image": "screen.png",
        "cells": {"group": "web" if number % 2 else "desktop", "kind": "icon" if number % 3 else "text", "types": "Icon, Label"},
        "target": {"box": BOX},
        "verdict": verdict,
        "correct": verdict == "right",
        "said": {"point": [1500.0, 900.0]},
        "reply": f"click at {number}",
        "size": tuple(SCREEN),
        "shown": (1988, 1204),
        "model_s": 0.25,
        "prepare_s": 0.01,
        "prompt_tokens": 100,
        "completion_tokens": 9,
    }
    return SampleRow(**(fields | more))


def numbers_of(rows: list[SampleRow], **more: Any) -> dict[str, Any]:
    configuration = SampleConfiguration(
        benchmark="screenspot-v2",
        model="openai:model@http://localhost:1/v1",
        protocol={"name": "screenspot-pro", "beginning": "<tool_call>", "limits": {"min_pixels": 3136}},
        rules=("centre-of-box",),
        sampling={"temperature": 0.0},
        data={"sha256": "5e" * 32, "convention": "xyxy in pixels", "samples": len(rows)},
        prompt_sha256="ab" * 32,
    )
    return {
        "benchmark": "screenspot-v2",
        "title": "ScreenSpot-v2",
        "model": configuration.model,
        "protocol": "screenspot-pro",
        "rules": ["centre-of-box"],
        "convention": "xyxy in pixels",
        "configuration": configuration.model_dump(mode="json"),
        **json.loads(json.dumps(row_summary(rows))),
        "repeats": None,
        "notes": ["a note"],
    } | more


ROWS = [
    row(0),
    row(1, said={"point": [452.0, 315.0], "box": [442.0, 305.0, 462.0, 325.0]}),
    row(2, "right", said={"point": [420.0, 315.0]}),
    row(3, "wrong format", said={"why": f"no place in it {HOSTILE}"}, reply=HOSTILE),
    row(4, "", error=f"the server said 500 {HOSTILE}", reply=""),
    row(5, said={"point": [-5, 40]}, instruction=HOSTILE, reply=HOSTILE * 400, target={"polygon": [[10, 10], [60, 10], [35, 80]]}),
    row(6, "refused wrongly", said={"refused": True}, target={"boxes": [BOX, [500, 500, 600, 600]], "point": [420, 315]}),
    row(7, target={"box": [float("nan"), 0, "x", 1e308]}, said={"point": [1e300, None]}, cells={"group": HOSTILE.replace("\ud800", "")}),
    row(8, image="other.png", target={"refusal": True}, said={"point": [5.0, 5.0]}),
]


def picture(of: SampleRow) -> bytes:
    if of.id == "sample_8":
        raise SetupError("its image is not there", fix="fetch it")
    return screen()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    write_report(out, numbers_of(ROWS), ROWS, picture)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch(BrowserOptions(viewport=Size(1280, 900)))
    except SetupError as error:
        pytest.skip(str(error))
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def shown(report: Path, browser: BrowserDriver) -> BrowserDriver:
    browser.goto((report / "report.html").as_uri())
    browser.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    return browser


def test_nothing_that_was_said_runs(shown: BrowserDriver) -> None:
    assert shown.evaluate("typeof window.hacked") == "undefined"
    assert shown.evaluate("document.querySelectorAll('script').length") == 1
    assert shown.evaluate("[...document.images].every((image) => image.src.startsWith('data:image/webp'))")
    text = shown.evaluate("document.body.textContent")
    assert "window.hacked=1" in text
    assert "{{ 7*7 }}" in text
    assert "U+202E" in text


def test_the_page_needs_nothing_else_and_breaks_none_of_its_own_rules(report: Path, shown: BrowserDriver) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'\s(?:src|href)="([^"]*)"', re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL))
    assert all(link.startswith(("data:image/webp;base64,", "#")) for link in links)
    assert shown.evaluate("performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith('data:')).length") == 0
    # A style or script that the policy refused would leave these undone.
    assert shown.evaluate("getComputedStyle(document.querySelector('.over')).position") == "absolute"
    assert shown.evaluate("document.getElementById('count').textContent") != ""


def places(browser: BrowserDriver, card: str, view: int, shape: str) -> dict[str, float]:
    """Edges of a shape in pixels of the stored picture, as the browser laid it out over the picture."""
    found: dict[str, float] = browser.evaluate(
        """([card, view, shape]) => {
          const article = [...document.querySelectorAll('.cards article')].find((one) => one.dataset.id === card);
          const box = article.querySelectorAll('.view')[view];
          const image = box.querySelector('img');
          const over = image.getBoundingClientRect(), drawn = box.querySelector(shape).getBoundingClientRect();
          const [width, height] = [image.getAttribute('width'), image.getAttribute('height')].map(Number);
          const across = (x) => (x - over.left) / over.width * width, down = (y) => (y - over.top) / over.height * height;
          return {left: across(drawn.left), top: down(drawn.top), right: across(drawn.right), bottom: down(drawn.bottom),
                  pixel: width / over.width};
        }""",
        [card, view, shape],
    )
    return found


def test_the_target_is_drawn_where_it_is_on_the_whole_screen(shown: BrowserDriver) -> None:
    found = places(shown, "sample_0", 0, "polygon.target")
    for edge, value in zip(("left", "top", "right", "bottom"), BOX, strict=True):
        assert found[edge] == pytest.approx(value, abs=found["pixel"]), edge


def test_the_red_area_of_the_close_view_is_inside_of_the_drawn_target(shown: BrowserDriver) -> None:
    red = shown.evaluate(
        """() => {
          const article = [...document.querySelectorAll('.cards article')].find((one) => one.dataset.id === 'sample_0');
          const image = article.querySelectorAll('.view img')[1];
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const context = canvas.getContext('2d');
          context.drawImage(image, 0, 0);
          const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
          let [left, top, right, bottom] = [1e9, 1e9, -1, -1];
          for (let n = 0; n < data.length / 4; n++) {
            if (data[4 * n] > 200 && data[4 * n + 1] < 90) {
              const x = n % canvas.width, y = Math.floor(n / canvas.width);
              [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
            }
          }
          const scale = image.getAttribute('width') / canvas.width;
          return {left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale};
        }"""
    )
    drawn = places(shown, "sample_0", 1, "polygon.target")
    assert {edge: drawn[edge] for edge in red} == pytest.approx(red, abs=1.5)


def test_the_predicted_point_stands_where_it_was_said(shown: BrowserDriver) -> None:
    found = places(shown, "sample_0", 0, ".spots .said")
    assert (found["left"] + found["right"]) / 2 == pytest.approx(1500, abs=found["pixel"])
    assert (found["top"] + found["bottom"]) / 2 == pytest.approx(900, abs=found["pixel"])
    beside = places(shown, "sample_1", 0, "polygon.said")
    assert beside["left"] == pytest.approx(442, abs=beside["pixel"])
    assert beside["bottom"] == pytest.approx(325, abs=beside["pixel"])


def test_overlays_stay_in_place_on_a_narrow_screen(report: Path) -> None:
    try:
        phone = BrowserDriver.launch(BrowserOptions(viewport=Size(390, 844)))
    except SetupError as error:
        pytest.skip(str(error))
    try:
        phone.goto((report / "report.html").as_uri())
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        found = places(phone, "sample_0", 0, "polygon.target")
        assert found["left"] == pytest.approx(400, abs=found["pixel"])
        assert found["bottom"] == pytest.approx(330, abs=found["pixel"])
    finally:
        phone.close()


def test_cards_say_how_far_and_why_there_is_no_picture(shown: BrowserDriver) -> None:
    cards = dict(shown.evaluate("[...document.querySelectorAll('.cards article')].map((e) => [e.dataset.id.slice(-1), e.innerText])"))
    assert sorted(cards) == ["0", "1", "5", "6", "7", "8"]
    assert "1060 px right of and 570 px below the target" in cards["0"]
    assert "12 px right of the target" in cards["1"]
    assert "outside of the picture" in cards["5"]
    assert "There is no picture: its image is not there" in cards["8"]
    assert "a refusal: nothing on the screen is meant" in cards["8"]
    assert "more characters" in cards["5"]


def visible_after(browser: BrowserDriver, control: str, value: str) -> int:
    seen: int = browser.evaluate(
        """([id, value]) => {
          const control = document.getElementById(id);
          if (control.tagName === 'SELECT' && value) value = [...control.options].find((one) => one.text === value).value;
          control.value = value;
          control.dispatchEvent(new Event('input'));
          const seen = [...document.querySelectorAll('.cards article')].filter((e) => e.offsetParent).length;
          control.value = '';
          control.dispatchEvent(new Event('input'));
          return seen;
        }""",
        [control, value],
    )
    return seen


@pytest.mark.parametrize(
    ("control", "value", "left"),
    [
        ("verdict", "wrong place", 5),
        ("verdict", "refused wrongly", 1),
        ("cell", "desktop", 3),
        ("cell", "text", 2),
        ("find", "sample_5", 1),
        ("find", "no such words", 0),
        ("find", "", 6),
    ],
)
def test_the_gallery_is_filtered(shown: BrowserDriver, control: str, value: str, left: int) -> None:
    assert visible_after(shown, control, value) == left


def test_wrong_formats_and_errors_are_listed_apart(shown: BrowserDriver) -> None:
    assert "1 reply could not be read" in shown.evaluate("document.getElementById('formats').innerText")
    assert "1 sample got no reply" in shown.evaluate("document.getElementById('errors').innerText")


def test_what_the_number_rests_on_is_told(shown: BrowserDriver) -> None:
    told = shown.evaluate("document.getElementById('basis').innerText")
    for part in ("5e" * 32, "ab" * 32, "xyxy in pixels", "limits.min_pixels", "3136", "njucckevin/SeeClick", "temperature", "a note"):
        assert part in told
    published = shown.evaluate("document.getElementById('published').innerText")
    assert "ZJU-REAL/ClawGUI:clawgui-eval/README.md" in published
    assert "This run has 9 of the benchmark's 1272 samples" in published


def test_an_accessible_page_in_light_and_dark(shown: BrowserDriver) -> None:
    assert shown.evaluate("document.documentElement.lang") == "en"
    assert shown.evaluate("[...document.images].every((image) => image.alt)")
    assert shown.evaluate("[...document.querySelectorAll('input, select')].every((one) => one.labels.length === 1)")
    assert shown.evaluate("[...document.querySelectorAll('th')].every((one) => one.scope || one.ariaHidden)")
    assert "prefers-color-scheme: dark" in shown.evaluate("document.querySelector('style').textContent")


def test_a_large_run_gives_a_small_page_that_says_what_it_leaves_out() -> None:
    rows = [row(number, reply="word " * 300) for number in range(1600)]
    read = list[str]()

    def counted(of: SampleRow) -> bytes:
        read.append(of.id)
        return screen()

    page = report_page(numbers_of(rows), rows, counted)
    assert len(page) < 2_000_000
    assert len(read) <= 60
    assert "1600 questions had a readable reply that was wrong. 60 of them are here" in page
    assert "1540 are not shown" in page


def test_pictures_end_where_the_bytes_do() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (900, 1600, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, format="PNG")
    rows = [row(number, image=str(number), size=(1600, 900)) for number in range(60)]
    page = report_page(numbers_of(rows), rows, lambda of: file.getvalue())
    assert len(page) < 7_000_000
    assert "Left out to keep this page small." in page
    assert page.count("data:image/webp") > 4


def test_a_picture_of_another_size_or_none_is_told_not_drawn() -> None:
    rows = [row(1, size=(100, 100)), row(2, image="other.png")]
    page = report_page(numbers_of(rows), rows, lambda of: screen() if of.id == "sample_1" else b"GIF89a damaged")
    assert "The picture is 2000x1200, the row says 100x100" in page
    assert "The picture cannot be read" in page
    assert "data:image/webp" not in page


def test_a_question_missed_in_several_repeats_is_one_card() -> None:
    rows = [row(1, repeat=0), row(1, repeat=1), row(1, "right", repeat=2), row(2, "right", repeat=0)]
    page = report_page(numbers_of(rows), rows, None)
    assert page.count('data-verdict="wrong place"') == 1
    assert "2 of 3 repeats wrong" in page


def test_the_markdown_holds_the_same_and_no_markup_of_others(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    assert "**11.1% right, 1 of 9" in text
    assert "| desktop |" in text
    assert "\x1b" not in text
    assert not re.search(r"(?<!\\)<(script|img|b)", text)
    assert "### Published numbers" in text
    assert text.count("1: the server said 500") == 1
    assert report_markdown(numbers_of(ROWS), ROWS) == text


def test_an_empty_run_has_a_report() -> None:
    page = report_page(numbers_of([]), [], None)
    assert "0 of 0" in page
    assert "No reply that could be read was wrong." in page


@pytest.mark.parametrize(("duration", "words"), [(0.0421, "42 ms"), (75.2, "1 min 15 s"), (float("nan"), "nan s")])
def test_durations_read_well(duration: float, words: str) -> None:
    assert seconds(duration) == words
