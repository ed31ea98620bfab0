"""What differs between two runs of episodes: of made-up runs whose differences are known, and of what cannot be compared."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from handeye.benchmarks.episodes.basis import Recorded
from handeye.benchmarks.episodes.diff import EpisodeSide, compare, read_side
from handeye.benchmarks.episodes.diff_tables import page, rendered, sentences
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.benchmarks.intervals import mcnemar, paired_difference
from handeye.benchmarks.miniwob.results import Configuration
from handeye.benchmarks.results import ResultsFolder
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.benchmarks.simphone.results import Configuration as PhoneConfiguration
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import SetupError, TrajectoryError
from handeye.tools.geometry import Size
from tests.command_line import handeye_here

HOSTILE = '</td><script>window.hacked=1</script><img src=x onerror="window.hacked=1"> \u202e \x1b[31m [bold]x[/] {{ 7*7 }}'


def row(task: str, won: bool = True, index: int = 0, **more: Any) -> EpisodeRow:
    known: dict[str, Any] = {"kind": "click", "seed": index + 7, "goal": f"Do {task}", "done": True, "raw": 1.0 if won else -1.0}
    known |= {"outcome": "env_done" if won else "step_limit", "steps": 3, "seconds": 5.0, "model_s": (1.0,) * 3, "env_s": (0.1,) * 3}
    return EpisodeRow(task=task, index=index, **(known | more))


def run(folder: Path, rows: Sequence[EpisodeRow], **more: Any) -> Path:
    return written(folder, rows, Configuration(**({"model": "m", "dialect": "d", "pages": "1.1.0"} | more)))


def written(folder: Path, rows: Sequence[EpisodeRow], configuration: RunConfiguration) -> Path:
    results = ResultsFolder(folder, configuration, EpisodeRow)
    for one in rows:
        results.append(one)
    results.close()
    return folder


def compared(a: Path, b: Path) -> dict[str, Any]:
    found = compare(read_side(a), read_side(b))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def shown(found: dict[str, Any]) -> str:
    file = io.StringIO()
    Console(file=file, width=200, highlight=False).print(rendered(found, 5))
    return file.getvalue()


TASKS = ["a", "b", "c", "d", "e"]
FIRST = [row("a"), row("b"), row("c"), row("d", False), row("e", False)]
SECOND = [row("a"), row("b"), row("c", False), row("d"), row("e", error="the browser is gone", outcome="world_error", raw=0.0)]


def test_one_seed_is_mcnemar_s_test_over_tasks(tmp_path: Path) -> None:
    found = compared(run(tmp_path / "a", FIRST), run(tmp_path / "b", SECOND))
    results = found["results"]
    assert (results["first"], results["second"], results["difference"]) == (0.6, 0.6, 0.0)
    assert (results["first_better"], results["second_better"], results["same"]) == (1, 1, 3)
    assert results["p_value"] == mcnemar(1, 1)
    assert results["interval"] == list(paired_difference(2, 1, 1, 1))
    assert found["comparable"]
    assert [(one["task"], one["a"], one["b"]) for one in found["tasks"]] == [("c", 1, 0), ("d", 0, 1)]
    assert found["tasks"][0]["failures"] == {"a": {}, "b": {"step_limit": 1}}
    assert found["failures"] == [{"kind": "step_limit", "a": 2, "b": 1}, {"kind": "world", "a": 0, "b": 1}]


def test_errors_of_the_world_are_failures_and_are_told(tmp_path: Path) -> None:
    found = compared(run(tmp_path / "a", [row("a"), row("b")]), run(tmp_path / "b", [row("a", raw=1.0, error="gone"), row("b")]))
    # A row with an error has no reward; one that has is counted as the summary counts it.
    broken = compared(run(tmp_path / "c", [row("a"), row("b")]), run(tmp_path / "d", [row("a", raw=0.0, error="gone"), row("b")]))
    assert broken["results"]["difference"] == -0.5
    assert any("B has 1 episodes that the world made fail" in line for line in broken["warnings"])
    assert found["results"]["b"]["errors"] == 1


def test_several_seeds_of_a_task_are_its_mean(tmp_path: Path) -> None:
    first = [row("a", index=0), row("a", False, 1), row("b", index=0), row("b", index=1)]
    second = [row("a", index=0), row("a", index=1), row("b", index=0), row("b", index=1)]
    found = compared(run(tmp_path / "a", first), run(tmp_path / "b", second))
    assert (found["results"]["tasks"], found["results"]["episodes"]) == (2, 4)
    assert (found["results"]["first"], found["results"]["second"]) == (0.75, 1.0)
    assert "sign test" in found["results"]["method"]
    assert any("not independent" in line for line in found["warnings"])


def test_parts_of_a_point_are_compared_too(tmp_path: Path) -> None:
    """AndroidWorld's figure is a mean reward: a run that gets half of the points where the other got all is worse by it, and only by it."""
    first, second = [row("a"), row("b"), row("c")], [row("a", raw=0.5), row("b", raw=0.5), row("c")]
    found = compared(run(tmp_path / "a", first), run(tmp_path / "b", second))
    assert found["results"]["difference"] == 0
    reward = found["results"]["reward"]
    assert reward["difference"] == pytest.approx(-1 / 3)
    # Student's, by hand: -0.5, -0.5 and 0 have s = 0.288675; t = 4.302653 of two degrees. Below -1 there is nothing.
    assert reward["interval"] == pytest.approx([-1.0, -1 / 3 + 4.302653 * 0.288675 / 3**0.5], abs=1e-4)
    assert any(line.startswith("Mean reward, B less A: -33.33") for line in sentences(found))
    assert not any("Mean reward" in line for line in sentences(compared(run(tmp_path / "c", first), run(tmp_path / "d", first))))


def test_the_last_attempt_counts(tmp_path: Path) -> None:
    again = [row("a", False, error="gone", raw=0.0), row("a", attempt=1)]
    found = compared(run(tmp_path / "a", again), run(tmp_path / "b", [row("a")]))
    assert found["results"]["difference"] == 0
    assert found["a"]["attempts"] == 2
    assert any("A tried 1 episodes again" in line for line in found["warnings"])


def test_what_is_in_one_alone_is_left_out_and_told(tmp_path: Path) -> None:
    found = compared(run(tmp_path / "a", FIRST), run(tmp_path / "b", [*SECOND[:2], row("z")]))
    assert found["only_a"] == [["c", 0], ["d", 0], ["e", 0]]
    assert found["only_b"] == [["z", 0]]
    assert found["results"]["tasks"] == 2
    assert any("3 episodes are only in A" in line for line in found["warnings"])


def test_steps_time_tokens_and_money_side_by_side(tmp_path: Path) -> None:
    one = [row("a", prompt_tokens=100, completion_tokens=10, cost=0.5), row("b")]
    two = [row("a", prompt_tokens=300, completion_tokens=10), row("b", seconds=9.0), row("c", seconds=1000.0)]
    found = compared(run(tmp_path / "a", one), run(tmp_path / "b", two))
    assert found["spent"]["a"]["prompt_tokens"] == 100
    assert (found["spent"]["b"]["seconds"], found["spent"]["b"]["beside_s"]) == (14.0, 7.4)
    text = shown(found)
    assert re.search(r"tokens of prompts +100 +300", text)
    assert re.search(r"time of all episodes +10\.0 s +14\.0 s", text)
    assert re.search(r"money +0\.5 +0", text)


def test_configuration_versions_and_prompts(tmp_path: Path) -> None:
    a = run(tmp_path / "a", [row("a", run="episodes/a/0"), row("b", run="episodes/b/0")], max_steps=10)
    b = run(tmp_path / "b", [row("a", run="episodes/a/0"), row("b", run="episodes/b/0")], max_steps=20, model="other")
    for folder, version, prompts in ((a, "1.0", "xy"), (b, "2.0", "xz")):
        for task, prompt in zip("ab", prompts, strict=True):
            (folder / "episodes" / task / "0").mkdir(parents=True)
            known = {"prompt_hash": prompt, "versions": {"torch": version}}
            (folder / "episodes" / task / "0" / "episode.json").write_text(json.dumps(known))
    found = compared(a, b)
    assert [(one["field"], one["a"], one["b"]) for one in found["configuration"]] == [("max_steps", 10, 20), ("model", "m", "other")]
    assert found["record"] == [{"field": "versions.torch", "a": "1.0", "b": "2.0"}]
    assert (found["prompt"]["known"], found["prompt"]["other"]) == (2, 1)
    assert any("Another step limit: 10 in A, 20 in B" in line for line in found["warnings"])
    assert found["comparable"]


def test_other_seeds_and_other_benchmarks_cannot_be_compared(tmp_path: Path) -> None:
    a = run(tmp_path / "a", FIRST)
    with pytest.raises(TrajectoryError, match="other seeds in all 5 episodes"):
        compared(a, run(tmp_path / "b", [one.model_copy(update={"seed": 99}) for one in FIRST]))
    some = compared(a, run(tmp_path / "c", [FIRST[0].model_copy(update={"seed": 99}), *FIRST[1:]]))
    assert not some["comparable"]
    assert some["results"]["tasks"] == 4
    phone = PhoneConfiguration(model="m", dialect="d")
    with pytest.raises(TrajectoryError, match=r"a run of miniwob, .* of simphone"):
        compared(a, written(tmp_path / "d", [row("z")], phone))
    # The same names by chance: the numbers are given, and that they mean nothing.
    assert "Another benchmark" in compared(a, written(tmp_path / "e", FIRST, phone))["against"][0]


def test_other_rules_pages_and_goals_cannot_be_compared(tmp_path: Path) -> None:
    a, b = run(tmp_path / "a", FIRST), run(tmp_path / "b", [FIRST[0].model_copy(update={"goal": "other"})], pages="1.0.0")
    against = compared(a, b)["against"]
    assert any(line.startswith("Another version of the tasks' pages") for line in against)
    assert any(line.startswith("Another goal under the same task and seed: 1") for line in against)
    done = handeye_here("bench", "diff", a, b, "--fail-if-worse", "5")
    assert done.returncode == 1
    assert "Cannot be compared." in done.stdout


def test_the_command(tmp_path: Path) -> None:
    a, b = run(tmp_path / "a", FIRST), run(tmp_path / "b", [row(task, False) for task in TASKS])
    done = handeye_here("bench", "diff", a, b, "--json", "--html", tmp_path / "diff.html", "--fail-if-worse", "5")
    assert done.returncode == 1
    assert json.loads(done.stdout)["results"]["difference"] == -0.6
    assert "points" in (tmp_path / "diff.html").read_text()
    assert handeye_here("bench", "diff", a, a, "--fail-if-worse", "0").returncode == 0


def test_runs_of_two_sorts_empty_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    a = run(tmp_path / "a", FIRST)
    samples = ResultsFolder(tmp_path / "s", SampleConfiguration(benchmark="screenspot-v2", model="m", protocol={}, rules=(), sampling={},
                                                               data={}, prompt_sha256=""), SampleRow)  # fmt: skip
    samples.close()
    for one, other in ((a, tmp_path / "s"), (tmp_path / "s", a), (a, tmp_path / "nothing")):
        done = handeye_here("bench", "diff", one, other)
        assert done.returncode == 2
        assert "is a run of episodes" in done.stderr
    with pytest.raises(TrajectoryError, match="holds no row"):
        read_side(run(tmp_path / "empty", []))
    newer = run(tmp_path / "newer", FIRST)
    (newer / "config.json").write_text((newer / "config.json").read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(TrajectoryError, match="newer handeye"):
        read_side(newer)
    cut = run(tmp_path / "cut", FIRST)
    with (cut / "results.jsonl").open("a") as file:
        file.write('{"task": "z", "kin')
    assert any("cut off" in line for line in compared(cut, a)["warnings"])
    with (cut / "results.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(TrajectoryError, match="line 6 is damaged"):
        read_side(cut)


def test_hostile_texts_stay_inert(tmp_path: Path) -> None:
    rows = [row(f"t{number}", number % 2 == 0, goal=HOSTILE, message=HOSTILE, done=False) for number in range(4)]
    a = run(tmp_path / "a", rows, model=HOSTILE)
    b = run(
        tmp_path / "b",
        [row(HOSTILE.replace("/", ""), False), *(row(f"t{number}", False, goal=HOSTILE, reason=HOSTILE) for number in range(4))],
    )
    found = compared(a, b)
    text = shown(found)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/]" in text
    html = page(found)
    assert "<script" not in html
    assert "<img" not in html
    assert "U+202E" in html
    try:
        browser = BrowserDriver.launch(BrowserOptions(viewport=Size(390, 844)))
    except SetupError as error:
        pytest.skip(str(error))
    try:
        (tmp_path / "diff.html").write_text(html, encoding="utf-8")
        browser.goto((tmp_path / "diff.html").as_uri())
        assert browser.evaluate("typeof window.hacked") == "undefined"
        assert browser.evaluate("document.documentElement.scrollWidth") <= 390
        assert browser.evaluate("performance.getEntriesByType('resource').length") == 0
        assert browser.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "auto"
    finally:
        browser.close()


outcomes = st.lists(st.tuples(st.sampled_from(TASKS), st.integers(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=12)


@given(outcomes, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_exchanging_the_two_turns_every_sign(given_rows: list[tuple[str, int, bool, bool]], chance: random.Random) -> None:
    unique = {(task, index): (one, two) for task, index, one, two in given_rows}
    sides = []
    for which in (0, 1):
        rows = {key: row(key[0], won[which], key[1]) for key, won in unique.items()}
        items = list(rows.items())
        chance.shuffle(items)
        sides.append(EpisodeSide(f"run {which}", "t", {"benchmark": "x"}, dict(items), len(rows), Recorded()))
    there, back = compare(*sides), compare(*reversed(sides))
    assert there["results"]["difference"] == pytest.approx(-back["results"]["difference"])
    assert there["results"]["interval"] == pytest.approx([-end for end in reversed(back["results"]["interval"])])
    assert there["results"]["p_value"] == back["results"]["p_value"]
    assert {(one["task"], one["a"], one["b"]) for one in there["tasks"]} == {(one["task"], one["b"], one["a"]) for one in back["tasks"]}
    assert there["spent"]["a"] == back["spent"]["b"]
    assert sum(one["a"] for one in there["failures"]) == there["results"]["episodes"] - there["results"]["a"]["solved"]
