"""Rows on disk: nothing lost, nothing doubled, nothing mixed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.miniwob.results import Configuration, summary
from handeye.benchmarks.results import ResultsFolder, read_rows
from handeye.tools.errors import SetupError, TrajectoryError

CONFIGURATION = Configuration(model="m", dialect="d", pages="1")


def row(task: str, index: int, **more: object) -> EpisodeRow:
    return EpisodeRow(task=task, kind="click", index=index, seed=index, **more)  # type: ignore[arg-type]


def test_rows_come_back(tmp_path: Path) -> None:
    rows = [row("a", 0, raw=1.0, goal='say "ö"\n'), row("b", 1, error="gone", model_s=(0.5, 1.5))]
    results = ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow)
    for one in rows:
        results.append(one)
        assert read_rows(tmp_path / "results.jsonl", EpisodeRow)[0][-1] == one, "flushed the moment it is appended"
    results.close()
    assert ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow).rows == rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(cut=st.integers(0, 10_000))
def test_cut_off_anywhere_the_next_run_goes_on_from_the_last_whole_row(tmp_path: Path, cut: int) -> None:
    folder = tmp_path / str(cut)
    rows = [row("a", index, goal="x" * index) for index in range(5)]
    data = b"".join(one.model_dump_json().encode() + b"\n" for one in rows)
    cut %= len(data) + 1
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(CONFIGURATION.model_dump_json())
    (folder / "results.jsonl").write_bytes(data[:cut])
    results = ResultsFolder(folder, CONFIGURATION, EpisodeRow)
    # One that lacks nothing but the end of its line is whole: editors take that away.
    whole = data[:cut].count(b"}")
    assert results.rows == rows[:whole]
    results.append(rows[-1])
    results.close()
    assert read_rows(folder / "results.jsonl", EpisodeRow)[0] == [*rows[:whole], rows[-1]]


def test_another_configuration_is_refused_in_words(tmp_path: Path) -> None:
    other = CONFIGURATION.model_copy(update={"model": "other"})
    ResultsFolder(tmp_path, other, EpisodeRow).close()
    results = ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow)
    results.append(row("a", 0))
    results.close()
    with pytest.raises(SetupError, match=r"model m there, other now.*give another --out"):
        ResultsFolder(tmp_path, other, EpisodeRow)


@pytest.mark.parametrize("config", [None, b"", b"{", b"[]", b"{}"])
def test_rows_of_an_unknown_configuration_are_not_added_to(tmp_path: Path, config: bytes | None) -> None:
    (tmp_path / "results.jsonl").write_bytes(row("a", 0).model_dump_json().encode() + b"\n")
    if config is not None:
        (tmp_path / "config.json").write_bytes(config)
    with pytest.raises(SetupError, match="give another --out"):
        ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow)


def test_a_damaged_row_is_named(tmp_path: Path) -> None:
    ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow).close()
    (tmp_path / "results.jsonl").write_bytes(row("a", 0).model_dump_json().encode() + b"\n{}\n")
    with pytest.raises(TrajectoryError, match="line 2 is damaged"):
        ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow)


def test_failures_of_the_world_are_kept_unless_they_are_to_be_tried_again(tmp_path: Path) -> None:
    results = ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow)
    for one in (row("a", 0), row("a", 1, error="gone"), row("a", 2)):
        results.append(one)
    results.close()
    assert len(ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow).rows) == 3
    again = ResultsFolder(tmp_path, CONFIGURATION, EpisodeRow, retry_errors=True)
    assert [one.index for one in again.rows] == [0, 2]
    again.append(row("a", 1, raw=1.0))
    again.close()
    assert [one.index for one in read_rows(tmp_path / "results.jsonl", EpisodeRow)[0]] == [0, 2, 1]


def test_the_summary_counts_both_rules_and_every_error() -> None:
    rows = [
        row("b", 0, raw=1.0, done=True, model_s=(1.0, 3.0), env_s=(0.2,)),
        row("a", 0, raw=0.25, done=True, model_s=(2.0,)),
        row("a", 1, raw=-1.0, done=True),
        row("a", 2, error="gone"),
        EpisodeRow(task="c", kind="drag", index=0, seed=0),
    ]
    numbers = summary(CONFIGURATION, rows)
    assert (numbers["benchmark"], numbers["model"], numbers["tasks"], numbers["episodes"]) == ("miniwob", "m", 3, 5)
    assert (numbers["success_rate"], numbers["success_rate_strict"], numbers["errors"]) == (0.4, 0.2, 1)
    click = {"tasks": 2, "episodes": 4, "success_rate": 0.5, "success_rate_strict": 0.25, "errors": 1}
    assert numbers["classes"]["click"].items() >= click.items()
    assert numbers["classes"]["click"]["interval"] == list(wilson(2, 4))
    assert (numbers["median_step_model_s"], numbers["median_step_env_s"]) == (2.0, 0.2)
    assert [(one["task"], one["index"]) for one in numbers["rows"]] == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("c", 0)]
    assert json.loads(json.dumps(numbers)) == numbers


def test_no_rows_are_no_rate() -> None:
    numbers = summary(CONFIGURATION, [])
    assert (numbers["episodes"], numbers["success_rate"], numbers["median_step_model_s"]) == (0, 0.0, None)
