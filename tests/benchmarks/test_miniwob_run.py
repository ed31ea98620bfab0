"""Whole runs through the command line, in real browsers: output, resuming after a kill, several workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console
from typer.testing import CliRunner

from handeye.agent.trajectory import load_trajectory
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.miniwob.bench import Request, run_benchmark
from handeye.benchmarks.miniwob.cli import app
from handeye.benchmarks.miniwob.episode import Worker
from handeye.benchmarks.results import read_rows
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import HandeyeError
from tests.command_line import handeye_here

COMMAND = (sys.executable, "-c", "from handeye.agent.cli import main; main()", "bench", "miniwob")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command says here; `COMMAND` is the same in a process, which can be killed."""
    return handeye_here(*COMMAND[3:], *arguments)


def numbers(*arguments: str) -> dict[str, Any]:
    done = bench("--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_oracle_run_prints_one_object_and_leaves_trajectories(driver: BrowserDriver, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = numbers("--oracle", "--tasks", "click-test,enter-text", "--seeds", "1", "--workers", "2", "--out", str(out))
    assert {name: found[name] for name in ("benchmark", "model", "tasks", "episodes", "success_rate", "success_rate_strict", "errors")} == {
        "benchmark": "miniwob", "model": "oracle", "tasks": 2, "episodes": 2, "success_rate": 1.0, "success_rate_strict": 1.0, "errors": 0,
    }  # fmt: skip
    for row in found["rows"]:
        run = load_trajectory(out / row["run"])
        assert run.result is not None
        assert (len(run.steps), run.result.reward, run.episode.goal) == (row["steps"], row["raw"], row["goal"])
        assert len(row["model_s"]) == len(row["env_s"]) == row["steps"]
        assert (out / row["run"] / "index.html").is_file()
        assert (out / row["run"] / row["last_screen"]).is_file()
    assert (out / "index.html").is_file()


def test_the_embedded_model_solves_tasks_from_pixels(driver: BrowserDriver, tmp_path: Path) -> None:
    """One task of each kind that it can do: words, fields, a list that opens, and an icon beside a name."""
    tasks = ("click-button", "login-user", "choose-list", "email-inbox-delete")
    found = run_benchmark(Request("ocr", tmp_path / "out", tasks=tasks, seeds=1), Console(quiet=True))
    assert {row["task"]: row["raw"] for row in found["rows"]} == dict.fromkeys(tasks, 1.0)


def test_doing_nothing_scores_nothing(driver: BrowserDriver, tmp_path: Path) -> None:
    request = Request("noop", tmp_path / "out", tasks=("click-test", "tic-tac-toe", "click-checkboxes"), seeds=1)
    found = run_benchmark(request, Console(quiet=True))
    assert (found["episodes"], found["success_rate"], found["errors"]) == (3, 0.0, 0)
    assert all(row["outcome"] == "step_limit" and not row["done"] for row in found["rows"])


def test_a_failure_of_the_world_is_a_row_and_the_next_episode_runs(driver: BrowserDriver, tmp_path: Path) -> None:
    (tmp_path / "episodes").mkdir()
    (tmp_path / "episodes" / "click-test").write_text("in the way of a folder")
    worker = Worker(Request("oracle", tmp_path).configuration(), tmp_path)
    try:
        broken = worker.run(Job("click-test", 0, 1))
        fine = worker.run(Job("click-test-2", 0, 1))
    finally:
        worker.close()
    assert (broken.outcome, broken.raw, bool(broken.error)) == ("world_error", 0.0, True)
    assert (fine.outcome, fine.raw, fine.error) == ("env_done", 1.0, "")


def test_killed_and_started_again_nothing_is_lost_or_doubled(driver: BrowserDriver, tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = "click-test,click-test-2,click-button,enter-text,click-link"
    arguments = ("--oracle", "--tasks", names, "--seeds", "1", "--out", str(out))
    running = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while len(read_rows(out / "results.jsonl", EpisodeRow)[0]) < 2:
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(timeout=0.02)
        family = psutil.Process(running.pid).children(recursive=True)
        os.kill(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.wait()
    before = read_rows(out / "results.jsonl", EpisodeRow)[0]
    assert 2 <= len(before) < 5
    # The next episode had begun: its folder is there, its row is not.
    (out / "episodes" / "click-link" / "0").mkdir(parents=True, exist_ok=True)
    (out / "episodes" / "click-link" / "0" / "left-over").touch()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == [], f"left running: {[process.name() for process in alive]}"
    found = numbers(*arguments)
    after = read_rows(out / "results.jsonl", EpisodeRow)[0]
    assert after[: len(before)] == before
    assert sorted(row.task for row in after) == sorted(names.split(","))
    assert (found["episodes"], found["success_rate"]) == (5, 1.0)
    assert not (out / "episodes" / "click-link" / "0" / "left-over").exists()
    other = bench("--noop", "--tasks", names, "--out", str(out))
    assert (other.returncode, "another configuration" in other.stderr) == (2, True)


def test_a_bad_request_is_one_line_and_exit_code_2(pages: None, tmp_path: Path) -> None:
    done = bench("--tasks", "click-tset", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean click-test" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--oracle", "--noop"), "exclude"),
        (("--protocol", "other"), "distinct or browsergym"),
        (("--oracle", "--protocol", "browsergym", "--seeds", "9"), "5 seeds"),
        (("--model", "nonesuch", "--tasks", "click-test", "--seeds", "1"), "no model backend"),
    ],
)
def test_bad_requests_are_refused(arguments: tuple[str, ...], told: str, driver: BrowserDriver, tmp_path: Path) -> None:
    with pytest.raises(HandeyeError, match=told):
        CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
