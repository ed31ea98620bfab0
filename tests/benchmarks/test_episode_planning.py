"""Forecasts of larger runs: against times worked out by hand, against laws, and against a run that was really made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from handeye.benchmarks.episodes.plan_cli import app
from handeye.benchmarks.episodes.planning import Recorded, Setup, forecast, recorded
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.run import How, run_plan
from handeye.benchmarks.miniwob.results import Configuration
from handeye.benchmarks.results import read_rows
from handeye.tools.errors import InvalidAction, SetupError
from tests.benchmarks.light import plan

ONE = Recorded(steps=((1.0, 0.5), (1.0, 0.5)), beside_s=2.0, cost=0.25, tokens=100)
"""Five seconds alone."""


@pytest.mark.parametrize(
    ("workers", "replicas", "seconds", "wait_s"),
    [
        # Alone: 4 x 5 s.
        (1, 1, 20.0, 0.0),
        # Two rounds of two at two places: 2 x 5 s.
        (2, 2, 10.0, 0.0),
        # One place for two. Both ask at 2: one is served 2..3, the other 3..4; the first asks again at 3.5, waits to 4, the second at
        # 4.5, waits to 5; they end at 5.5 and 6.5. The second round begins a second apart: 7.5 and 8.5 they ask, 7.5..8.5, 8.5..9.5;
        # at 9 the first waits to 9.5, served to 10.5, ends at 11; the second asks at 10, waits to 10.5, served to 11.5, ends at 12.
        (2, 1, 12.0, (1 + 0.5 + 0.5 + 0.5 + 0.5) / 8),
    ],
)
def test_times_by_hand(workers: int, replicas: int, seconds: float, wait_s: float) -> None:
    found = forecast([ONE], Setup(4, workers, replicas, replica_hour=3600.0))
    assert (found.seconds, found.low, found.high) == (seconds, seconds, seconds)
    assert found.wait_s == pytest.approx(wait_s)
    assert found.replicas_busy == pytest.approx(8 / (seconds * replicas))
    assert found.workers_busy == pytest.approx(20 / (seconds * workers))
    assert (found.tokens, found.cost) == (400, pytest.approx(seconds * replicas + 1.0))


STEPS = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), max_size=6).map(tuple)
EPISODES = st.lists(st.builds(Recorded, STEPS, st.floats(0, 5), st.just(0.0), st.just(0)), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@given(EPISODES, st.integers(1, 20), st.integers(1, 8), st.integers(1, 3))
def test_no_run_is_faster_than_its_work_allows(episodes: list[Recorded], count: int, workers: int, replicas: int) -> None:
    found = forecast(episodes, Setup(count, workers, replicas))
    alone = forecast(episodes, Setup(count, 1, 1))
    assert alone.seconds / workers - 1e-6 <= found.seconds <= alone.seconds + 1e-6
    assert 0 <= found.workers_busy <= 1 + 1e-9
    assert 0 <= found.replicas_busy <= 1 + 1e-9


def test_the_forecast_for_two_workers_is_what_two_workers_take(tmp_path: Path) -> None:
    """The model takes 0.3 s a step, which a busy machine changes little."""
    tasks = [f"plain-{number}" for number in range(12)]
    run_plan(plan(tasks, tmp_path / "one", How(), pause_s=0.3), tmp_path / "one", Console(quiet=True))
    episodes = recorded(read_rows(tmp_path / "one/results.jsonl", EpisodeRow)[0])
    told = forecast(episodes, Setup(len(tasks), 2, 2)).seconds
    run_plan(plan(tasks, tmp_path / "two", How(workers=2), pause_s=0.3), tmp_path / "two", Console(quiet=True))
    took = sum(row.seconds for row in read_rows(tmp_path / "two/results.jsonl", EpisodeRow)[0]) / 2
    assert told == pytest.approx(took, rel=0.4)


def test_the_command_prints_a_row_for_each_pair(tmp_path: Path) -> None:
    row = EpisodeRow(task="a", kind="click", index=0, seed=0, raw=1.0, seconds=5.0, model_s=(1.0, 1.0), env_s=(0.5, 0.5))
    (tmp_path / "config.json").write_text(Configuration(model="m", dialect="d").model_dump_json())
    (tmp_path / "results.jsonl").write_text(row.model_dump_json() + "\n")
    arguments = ["--from", str(tmp_path), "--tasks", "2", "--seeds", "2", "--workers", "1,2", "--replicas", "1,2"]
    found = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout)
    assert [(one["setup"]["workers"], one["setup"]["replicas"], one["seconds"]) for one in found["rows"]] == [
        (1, 1, 20.0), (2, 1, 12.0), (1, 2, 20.0), (2, 2, 10.0),
    ]  # fmt: skip
    assert "12 s" in CliRunner().invoke(app, arguments, catch_exceptions=False).stdout
    with pytest.raises(InvalidAction, match="--workers is numbers"):
        CliRunner().invoke(app, [*arguments[:-4], "--workers", "1,x"], catch_exceptions=False)


def test_a_run_without_steps_is_nothing_to_plan_from() -> None:
    with pytest.raises(SetupError, match="no finished episode"):
        recorded([EpisodeRow(task="a", kind="k", index=0, seed=0, error="gone", model_s=(1.0,), env_s=(1.0,))])


def test_episodes_that_their_deadline_ended_are_drawn_too() -> None:
    """To leave out the longest ones would promise a shorter run than there will be."""
    late = EpisodeRow(task="a", kind="k", index=0, seed=0, outcome="deadline", seconds=60.0)
    part = EpisodeRow(task="b", kind="k", index=0, seed=0, outcome="deadline", seconds=60.0, model_s=(1.0, 2.0), env_s=(0.5,))
    assert [(one.steps, one.beside_s) for one in recorded([late, part])] == [((), 60.0), (((1.0, 0.5),), 58.5)]
    assert forecast(recorded([late]), Setup(4, 2, 1)).seconds == 120.0
