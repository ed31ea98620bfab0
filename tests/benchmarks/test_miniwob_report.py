"""The report, opened in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handeye.benchmarks.episodes.report import write_report
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.miniwob.bench import wording
from handeye.benchmarks.miniwob.results import Configuration, summary
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> \ud800 {{ 7*7 }}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    run = out / "episodes" / "click-test" / "0"
    (run / "screens").mkdir(parents=True)
    (run / "index.html").touch()
    Image.fromarray(np.full((840, 640, 3), 200, np.uint8)).save(run / "screens" / "0000.png")
    rows = [
        EpisodeRow(task="click-test", kind="click", index=0, seed=1, goal="Click the button.", raw=1.0, done=True, steps=1,
                   run="episodes/click-test/0", last_screen="screens/0000.png"),
        EpisodeRow(task="click-test", kind="click", index=1, seed=2, goal=HOSTILE, raw=-1.0, done=True, reason=HOSTILE, steps=2),
        EpisodeRow(task="bisect-angle", kind="graphics", index=0, seed=3, goal="Bisect", raw=0.9996, done=True),
        EpisodeRow(task="enter-text", kind="type", index=0, seed=4, error="the browser is gone", outcome="world_error"),
    ]  # fmt: skip
    configuration = Configuration(model=HOSTILE.replace("\ud800", ""), dialect="d")
    return write_report(out, summary(configuration, rows), wording(configuration))


@pytest.fixture(scope="module")
def shown(report: Path):  # type: ignore[no-untyped-def]
    try:
        browser = BrowserDriver.launch(BrowserOptions(viewport=Size(1000, 800)))
    except SetupError as error:
        pytest.skip(str(error))
    browser.goto(report.as_uri())
    yield browser
    browser.close()


def test_nothing_that_was_said_runs(shown: BrowserDriver) -> None:
    assert shown.evaluate("document.title") != "owned"
    assert shown.evaluate("document.querySelectorAll('script').length") == 1
    assert "onerror" in shown.evaluate("document.body.textContent")
    assert "{{ 7*7 }}" in shown.evaluate("document.body.textContent")


def test_it_needs_nothing_else(report: Path) -> None:
    page = report.read_text(encoding="utf-8")
    outside = [link for link in re.findall(r'(?:src|href)="([^"]*)"', page) if not link.startswith(("data:", "#"))]
    assert set(outside) == {"episodes/click-test/0/index.html"}


def test_the_figures_are_there(shown: BrowserDriver) -> None:
    assert "50.0%" in shown.evaluate("document.querySelector('.lead').innerText")
    assert "25.0%" in shown.evaluate("document.querySelector('.figures').innerText")
    assert shown.evaluate("[...document.querySelectorAll('article h3')].map((e) => e.textContent.split(' ')[0])") == [
        "bisect-angle", "click-test", "enter-text",
    ]  # fmt: skip
    assert shown.evaluate("[...document.querySelectorAll('article strong')].map((e) => e.textContent)") == [
        "0.9996",
        "in full",
        "-1.00",
        "error",
    ]


def test_pictures_and_links_lead_to_the_episode(shown: BrowserDriver) -> None:
    shown.evaluate("document.querySelector('article img').scrollIntoView()")
    shown.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    assert shown.evaluate("[...document.images].filter((e) => e.complete && e.naturalWidth === 96).length") == 1
    assert shown.evaluate("document.querySelector('article a').href").endswith("/episodes/click-test/0/index.html")


@pytest.mark.parametrize(
    ("control", "value", "left"),
    [("find", "click-test", 2), ("find", "browser gone", 1), ("kind", "graphics", 1), ("tone", "full", 1), ("find", "nothing like it", 0)],
)
def test_filters(shown: BrowserDriver, control: str, value: str, left: int) -> None:
    counted = shown.evaluate(
        """([id, value]) => {
          const control = document.getElementById(id);
          control.value = value;
          control.dispatchEvent(new Event('input'));
          const seen = [...document.querySelectorAll('article li')].filter((e) => e.offsetParent).length;
          control.value = '';
          control.dispatchEvent(new Event('input'));
          return seen;
        }""",
        [control, value],
    )
    assert counted == left
