"""The report of episodes in a real browser, in Markdown and in the terminal: its numbers are the summary's, and nothing said in it runs."""

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
from rich.console import Console

from handeye.benchmarks.androidworld import bench as androidworld
from handeye.benchmarks.androidworld.results import Configuration as PhoneConfiguration
from handeye.benchmarks.episodes.basis import recorded
from handeye.benchmarks.episodes.breakdown import budget, failures, parts, times
from handeye.benchmarks.episodes.cards import MOST_BYTES, MOST_CARDS, MOST_PICTURES
from handeye.benchmarks.episodes.published import of_the_run, published
from handeye.benchmarks.episodes.report import render, report_markdown, write_report
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.run import How, run_plan
from handeye.benchmarks.episodes.tables import rendered
from handeye.benchmarks.intervals import student, wilson
from handeye.benchmarks.miniwob import bench as miniwob
from handeye.benchmarks.miniwob.results import Configuration
from handeye.benchmarks.results import ResultsFolder, read_rows
from handeye.benchmarks.webgames import bench as webgames
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.benchmarks import light
from tests.command_line import handeye_here

HOSTILE = (
    '</script></title><script>window.hacked=1</script><img src=x onerror="window.hacked=1"> \ud800 {{ 7*7 }} \u202e \x1b[31m | ` <b>[a](b)'
)
CLEAN = HOSTILE.replace("\ud800", "")
PHONE = PhoneConfiguration(model=CLEAN, dialect="qwen2.5-vl/mobile_use", commit="d9c569f764b3")


def row(task: str, index: int = 0, **more: Any) -> EpisodeRow:
    fields: dict[str, Any] = {
        "kind": "easy",
        "difficulty": "easy",
        "tags": ("verification",),
        "budget": 10,
        "seed": 1000 + index,
        "goal": f"Do {task}",
        "steps": 4,
        "seconds": 10.0,
        "model_s": (1.0, 1.0, 1.0, 1.0),
        "env_s": (0.5, 0.5, 0.5, 0.5),
        "prompt_tokens": 4000,
        "completion_tokens": 200,
        "cost": 0.01,
        "run": f"episodes/{task}/{index}",
    }
    return EpisodeRow(task=task, index=index, **(fields | more))


def solved(task: str, index: int = 0, **more: Any) -> EpisodeRow:
    return row(task, index, **({"raw": 1.0, "done": True, "outcome": "reached"} | more))


ROWS = [
    solved("Alpha"),
    solved("Alpha", 1, steps=10),
    solved("Beta", raw=0.5, kind="hard", difficulty="hard", tags=("verification", "data_entry"), budget=20),
    row("Beta", 1, kind="hard", difficulty="hard", tags=("verification", "data_entry"), budget=20, outcome="step_limit", steps=20,
        message=CLEAN),
    row("Gamma", 0, outcome="world_error", error=HOSTILE, attempt=0, run="episodes/Gamma/0"),
    row("Gamma", 0, outcome="world_error", error=f"the phone is gone {HOSTILE}", attempt=1, run="episodes/Gamma/0-1"),
    row("Gamma", 1, outcome="reached", done=True, goal=HOSTILE, reason=HOSTILE),
]  # fmt: skip


def trajectory(out: Path, one: EpisodeRow, prompt: str = "") -> None:
    folder = out / one.run
    (folder / "screens").mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("viewer")
    known = {"prompt_hash": prompt or f"hash of {one.goal[:20]!r}", "versions": {"numpy": "2.0"}, "sampling": {"temperature": 0.0}}
    (folder / "episode.json").write_text(json.dumps(known))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phone")
    for one in ROWS:
        trajectory(out, one)
    Image.fromarray(np.full((1200, 540, 3), 90, np.uint8)).save(out / "episodes/Alpha/0/screens/0003.png")
    rows = [ROWS[0].model_copy(update={"last_screen": "screens/0003.png"}), *ROWS[1:]]
    results = ResultsFolder(out, PHONE, EpisodeRow)
    for one in rows:
        results.append(one)
    results.close()
    again, _ = read_rows(results.path, EpisodeRow)
    write_report(out, androidworld.summary(PHONE, again), androidworld.wording(PHONE))
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
    browser.goto((report / "index.html").as_uri())
    return browser


def test_nothing_that_was_said_runs_and_nothing_is_loaded(report: Path, shown: BrowserDriver) -> None:
    assert shown.evaluate("typeof window.hacked") == "undefined"
    assert shown.evaluate("document.querySelectorAll('script').length") == 1
    assert shown.evaluate("performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith('data:')).length") == 0
    text = shown.evaluate("document.body.textContent")
    assert "window.hacked=1" in text
    assert "{{ 7*7 }}" in text
    assert "U+202E" in text
    assert "U+001B" in text
    page = (report / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'\s(?:src|href)="([^"]*)"', page)
    assert all(link.startswith(("data:image/jpeg;base64,", "#", "episodes/")) for link in links)
    # A style or script that the policy refused would leave these undone.
    assert shown.evaluate("getComputedStyle(document.querySelector('.bars')).display") == "grid"
    assert "6 episodes" in shown.evaluate("document.getElementById('count').textContent")


def test_the_page_s_numbers_are_the_summary_s(report: Path, shown: BrowserDriver) -> None:
    numbers = androidworld.summary(PHONE, ROWS)
    lead = shown.evaluate("document.querySelector('.lead').innerText")
    assert f"{100 * numbers['success_rate']:.1f}%" in lead
    low, high = wilson(3, 6)
    assert f"{100 * low:.1f}% to {100 * high:.1f}%" in lead
    assert numbers["interval"] == [low, high]
    figures = shown.evaluate("document.querySelector('.figures').innerText")
    for value in (numbers["success_rate_strict"], numbers["task_mean"], numbers["published_mean"], numbers["without_true_at_once"]):
        assert f"{100 * value:.1f}%" in figures
    assert "25,200\ntokens" in figures
    assert "0.07\nmoney" in figures
    results = shown.evaluate("document.getElementById('results').innerText")
    low, high = student(numbers["seeds"]["rates"])
    assert f"{100 * low:.1f}% to {100 * high:.1f}%" in results
    assert f"{100 * numbers['seeds']['sd']:.1f}%" in results
    # By hand: Alpha 1, Beta 0.5, Gamma 0; then 1, 0, 0. The figure that is published has its own interval over the seeds.
    reward = numbers["seeds"]["reward"]
    assert reward["rates"] == pytest.approx([0.5, 1 / 3])
    assert reward["mean"] == pytest.approx(numbers["task_mean"])
    low, high = student([0.5, 1 / 3])
    assert f"{100 * low:.1f}–{100 * high:.1f}%\nover 2 seeds\nmean of task means 41.7%" in re.sub(r"\s*\n\s*", "\n", figures)
    assert f"{100 * low:.1f}% to {100 * high:.1f}%" in results


def test_by_task_class_and_tag_with_intervals(shown: BrowserDriver) -> None:
    lines = shown.evaluate(
        "[...document.querySelectorAll('#results tbody tr')].map((e) => [...e.cells].map((c) => c.innerText.replace(/\\s+/g, ' ')))"
    )
    found = {line[0]: line for line in lines}
    assert found["data_entry"][1:4] == ["1", "50.0% 1/2", "9% to 91%"]
    assert found["hard"][2] == "50.0% 1/2"
    assert found["Beta"][1:5] == ["50.0% 1/2", "9% to 91%", "0.0% 0/2", "0.250"]
    assert found["Gamma"][5] == "1"


def test_failures_lead_to_their_episodes(shown: BrowserDriver) -> None:
    lines = shown.evaluate(
        "[...document.querySelectorAll('#failures tbody tr')].map((e) => [e.cells[0].innerText, e.cells[1].innerText[0], "
        "...[...e.querySelectorAll('a')].map((a) => a.getAttribute('href'))])"
    )
    assert sorted(lines) == [
        ["reached, but not", "1", "episodes/Gamma/1/index.html"],
        ["step limit", "1", "episodes/Beta/1/index.html"],
        ["world", "1", "episodes/Gamma/0-1/index.html"],
    ]


def test_steps_time_and_attempts_are_told(shown: BrowserDriver) -> None:
    steps = shown.evaluate("document.getElementById('steps').innerText")
    assert "46 of 80 allowed steps were used. 1 episode was ended by its budget." in steps
    costs = shown.evaluate("document.getElementById('costs').innerText")
    for part in ("model 40.0%", "environment 20.0%", "beside steps 40.0%", "24,000", "7 attempts at 6 episodes", "Gamma #1, attempt 1"):
        assert part in costs


def test_what_the_number_rests_on_and_what_others_published(shown: BrowserDriver) -> None:
    told = shown.evaluate("document.getElementById('basis').innerText")
    for part in ("d9c569f764b3", "official", "2.0", "temperature", "SHA-256 of their hashes", "6 recorded, 4 different"):
        assert part in told
    others = shown.evaluate("document.getElementById('published').innerText")
    for part in ("simulated phone", "3 of the benchmark's 116 tasks", "2024-11-18", "bytedance/UI-TARS#143", "at 3b32d7ebeab0"):
        assert part in others


@pytest.mark.parametrize(
    ("control", "value", "left"),
    [
        ("find", "alpha", 2), ("find", "phone gone", 1), ("kind", "hard", 2), ("tone", "error", 1), ("failure", "reached", 1),
        ("failure", "step limit", 1), ("tag", "data_entry", 2), ("find", "no such words", 0), ("find", "", 6),
    ],
)  # fmt: skip
def test_filters(shown: BrowserDriver, control: str, value: str, left: int) -> None:
    counted = shown.evaluate(
        """([id, value]) => {
          const control = document.getElementById(id);
          const option = [...(control.options ?? [])].find((one) => one.value === value || one.text === value);
          control.value = option ? option.value : value;
          control.dispatchEvent(new Event('input'));
          const seen = [...document.querySelectorAll('article li')].filter((e) => e.offsetParent).length;
          control.value = '';
          control.dispatchEvent(new Event('input'));
          return seen;
        }""",
        [control, value],
    )
    assert counted == left


def test_an_accessible_page_that_fits_a_phone(report: Path, shown: BrowserDriver) -> None:
    assert shown.evaluate("[...document.images].every((image) => image.alt)")
    assert shown.evaluate("[...document.querySelectorAll('input, select')].every((one) => one.labels.length === 1)")
    assert shown.evaluate("[...document.querySelectorAll('th')].every((one) => one.scope || one.ariaHidden)")
    phone = BrowserDriver.launch(BrowserOptions(viewport=Size(390, 844)))
    try:
        phone.goto((report / "index.html").as_uri())
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        phone.close()


def test_the_markdown_holds_the_same_and_no_markup_of_others(report: Path) -> None:
    text = (report / "report.md").read_text(encoding="utf-8")
    assert "**50.0% solved, 3 of 6 episodes" in text
    assert "| data\\_entry | 1 | 1/2 50.0% |" in text
    assert "- mean of task means: 41.7%" in text
    assert "Published numbers" in text
    assert not re.search(r"(?<!\\)<(script|img|b)|(?<!\\)\[a|\x1b|\u202e", text)
    again, _ = read_rows(report / "results.jsonl", EpisodeRow)
    assert report_markdown(report, androidworld.summary(PHONE, again), androidworld.wording(PHONE)) == text


def test_the_terminal_gets_nothing_that_it_would_obey() -> None:
    file = io.StringIO()
    Console(width=160, file=file).print(rendered(androidworld.summary(PHONE, ROWS), f"AndroidWorld, {HOSTILE}"))
    text = file.getvalue()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "50.0% solved, 3 of 6 episodes" in text


def test_the_command_makes_the_report_of_episodes_again(report: Path, tmp_path: Path) -> None:
    before = (report / "index.html").read_text(encoding="utf-8")
    (report / "index.html").unlink()
    done = handeye_here("bench", "report", report, "--json", "--markdown", tmp_path / "copy.md")
    assert done.returncode == 0
    assert json.loads(done.stdout)["success_rate"] == 0.5
    assert (report / "index.html").read_text(encoding="utf-8") == before
    assert (tmp_path / "copy.md").read_bytes() == (report / "report.md").read_bytes()
    assert "3 of 6 episodes" in handeye_here("bench", "report", report).stdout
    assert handeye_here("bench", "report", report, "--data", tmp_path).returncode == 2


def test_a_row_cannot_lead_out_of_the_run(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "run"
    (outside / "screens").mkdir(parents=True)
    (outside / "index.html").write_text("other")
    (outside / "episode.json").write_text('{"prompt_hash": "secret"}')
    Image.new("RGB", (20, 20)).save(outside / "screens/0.png")
    out.mkdir()
    rows = [
        row("Alpha", run="../outside", last_screen="screens/0.png"),
        row("Beta", run="x\0y", last_screen="a"),
        row("Gamma", run=str(outside)),
    ]
    page = render(out, androidworld.summary(PHONE, rows), androidworld.wording(PHONE))
    assert "outside/index.html" not in page
    assert "data:image" not in page
    assert recorded(out, rows).read == 0


def test_a_thousand_episodes_give_a_small_page_that_says_what_it_leaves_out(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (160, 120, 3), np.uint8)
    (tmp_path / "episodes").mkdir()
    Image.fromarray(noise).save(tmp_path / "episodes" / "noise.png")
    rows = [
        solved(f"task-{number % 125}", number // 125, kind="click", tags=(), difficulty="", run="episodes", last_screen="noise.png")
        if number % 3
        else row(f"task-{number % 125}", number // 125, kind="click", message="word " * 400, goal="goal " * 400, outcome="unreadable")
        for number in range(2000)
    ]
    configuration = Configuration(model="m", dialect="d")
    page = render(tmp_path, miniwob.summary(configuration, rows), miniwob.wording(configuration))
    assert page.count('<li id="e') == MOST_CARDS
    assert "500 episodes have no card here" in page
    assert 50 < page.count("data:image/jpeg") <= MOST_PICTURES
    assert len(page) < MOST_BYTES + 3_500_000


def test_steps_fall_into_tenths_of_the_budget() -> None:
    numbers = {"max_steps": 0}
    rows = [solved("a", number, steps=steps) for number, steps in enumerate((0, 1, 3, 10, 14))]
    found = budget([*rows, row("b", steps=10, outcome="step_limit"), row("c", budget=0)], numbers)
    assert found.solved_bins == (2, 0, 1, 0, 0, 0, 0, 0, 0, 2)
    assert found.failed_bins == (0,) * 9 + (1,)
    assert (found.known, found.ended_at, found.used, found.allowed, found.solved_share) == (6, 1, 38, 60, 0.3)
    assert budget(rows, {"max_steps": 28}).solved_share == pytest.approx(3 / 28)


def test_parts_failures_and_times() -> None:
    assert [one.name for one in parts(ROWS, lambda one: one.tags, ("verification",))] == ["verification", "data_entry"]
    assert [(one.kind, len(one.rows)) for one in failures(ROWS)] == [("world", 2), ("reached", 1), ("step_limit", 1)]
    assert sum(one.share or 0 for one in times(ROWS)[:3]) == pytest.approx(1)
    assert failures([row("a", outcome="")])[0].kind == "unknown"


def test_published_numbers_have_a_source_and_what_stands_against_them() -> None:
    for name in ("androidworld", "miniwob"):
        entries = published({"benchmark": name})
        assert entries
        assert all(entry.source and entry.who and 0 < entry.score <= 100 for entry in entries)
    assert published({"benchmark": "desktop", "osworld": "/osworld"})[0].benchmark == "osworld"
    assert not published({"benchmark": "desktop", "osworld": ""})
    whole = {"benchmark": "miniwob", "model": "m", "tasks": 125, "protocol": "browsergym"}
    assert of_the_run(whole) == []
    assert len(of_the_run(whole | {"tasks": 4, "protocol": "distinct", "model": "oracle"})) == 3


def test_rows_that_were_timed_in_part_have_a_report(tmp_path: Path) -> None:
    rows = [solved("Alpha", env_s=()), solved("Alpha", 1, model_s=(), env_s=(), seconds=0.0)]
    assert "Alpha" in render(tmp_path, androidworld.summary(PHONE, rows), androidworld.wording(PHONE))


def test_a_reward_that_is_no_number_is_a_damaged_row(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(PHONE.model_dump_json())
    (tmp_path / "results.jsonl").write_text('{"task": "Alpha", "kind": "easy", "index": 0, "seed": 1, "raw": NaN}\n')
    done = handeye_here("bench", "report", tmp_path)
    assert done.returncode == 2
    assert "line 1 is damaged" in done.stderr


def test_webgames_own_published_numbers_stand_beside_the_measured_one_by_their_rule(tmp_path: Path) -> None:
    configuration = webgames.Configuration(model="m", dialect="d", max_steps=20)
    numbers = webgames.summary(configuration, [row("date-picker", kind="base", raw=1.0)])
    text = report_markdown(tmp_path, numbers, webgames.wording(configuration))
    first = numbers["published"][0]
    assert f"| {100 * first['score']:.1f} | {100 * (numbers['published_rule_rate'] - first['score']):+.1f} |" in text
    assert "convergence-ai/webgames" in text


def test_an_empty_run_has_a_report(tmp_path: Path) -> None:
    page = render(tmp_path, androidworld.summary(PHONE, []), androidworld.wording(PHONE))
    assert "No episode's budget is known." in page
    Console(quiet=True).print(rendered(androidworld.summary(PHONE, []), "t"))


def test_a_real_run_says_what_it_was_made_with(tmp_path: Path) -> None:
    tasks = ["plain-0", "plain-1", "fails-0", "plain-2"]
    run_plan(light.plan(tasks, tmp_path, How()), tmp_path, Console(quiet=True))
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "25.0% solved, 1 of 4 episodes" in text
    assert re.search(r"- \d+: [\d\\-]+T", text), "the sitting's time"
    known = recorded(tmp_path, [EpisodeRow(task="plain-1", kind="", index=0, seed=1, run="episodes/plain-1/0")])
    assert len(known.prompt_digest) == 64
    assert "episodes/plain-1/0/index.html" in (tmp_path / "index.html").read_text(encoding="utf-8")
