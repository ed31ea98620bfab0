"""What is wrong with a folder, a worker or the world: each is told in words, and the finished rows are safe."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from handeye.benchmarks.desktop import cli as desktop
from handeye.benchmarks.episodes.crew import LocalCrew
from handeye.benchmarks.episodes.family import MARK, mark_of
from handeye.benchmarks.episodes.registry import open_folder
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.run import LOST_AFTER, How, run_plan
from handeye.benchmarks.miniwob import cli as miniwob
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.simphone import cli as simphone
from handeye.tools.errors import DeviceError, HandeyeError, InvalidAction, SetupError, TrajectoryError
from tests.benchmarks.faulty import DiesAtImport, KilledOnceAtStart, plan
from tests.waiting import until

QUIET = Console(quiet=True)
ROOT = Path(__file__).parents[2]
PLAIN = [f"plain-{number}" for number in range(4)]


def family(out: Path) -> list[int]:
    """What is alive of the run in `out`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(mark_of(out)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def rows_in(out: Path) -> list[EpisodeRow]:
    return read_rows(out / "results.jsonl", EpisodeRow)[0]


def start(out: Path, workers: int, *tasks: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from tests.benchmarks.faulty import main; main()", str(out), str(workers), *tasks]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_a_row_that_was_cut_off_is_run_again_and_no_other(tmp_path: Path) -> None:
    whole = run_plan(plan(PLAIN, tmp_path, How()), tmp_path, QUIET)
    path = tmp_path / "results.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    again = run_plan(plan(PLAIN, tmp_path, How()), tmp_path, QUIET)
    assert [row["raw"] for row in again["rows"]] == [row["raw"] for row in whole["rows"]]
    assert path.read_bytes().startswith(data[: data[:-1].rindex(b"\n") + 1])
    assert len(rows_in(tmp_path)) == 4


def test_a_last_row_without_the_end_of_its_line_is_a_row(tmp_path: Path) -> None:
    """An editor that takes the last newline away must not cost an episode, nor let the row go on under another configuration."""
    run_plan(plan(PLAIN[:1], tmp_path, How()), tmp_path, QUIET)
    path = tmp_path / "results.jsonl"
    data = path.read_bytes()
    path.write_bytes(data.rstrip())
    assert [row.task for row in rows_in(tmp_path)] == PLAIN[:1]
    with pytest.raises(SetupError, match="another configuration"):
        run_plan(plan(PLAIN, tmp_path, How(), model="another"), tmp_path, QUIET)
    run_plan(plan(PLAIN[:2], tmp_path, How()), tmp_path, QUIET)
    assert path.read_bytes().startswith(data)
    assert [row.task for row in rows_in(tmp_path)] == PLAIN[:2]


def of_another_benchmark(out: Path) -> None:
    (out / "config.json").write_text(json.dumps({"benchmark": "screenspot", "model": "ocr", "format": 1}))
    (out / "results.jsonl").write_text(SampleRow(id="q1", image="a.png", instruction="here").model_dump_json() + "\n")


def of_a_newer_format(out: Path) -> None:
    found = json.loads((out / "config.json").read_text())
    (out / "config.json").write_text(json.dumps(found | {"format": 7, "weather": "fine"}))


def of_another_model(out: Path) -> None:
    found = json.loads((out / "config.json").read_text())
    (out / "config.json").write_text(json.dumps(found | {"model": "ocr"}))


def without_a_configuration(out: Path) -> None:
    (out / "config.json").unlink()


def damaged(out: Path) -> None:
    path = out / "results.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"plain-1"', b'"pl\xffain-1', 1))


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (of_another_benchmark, SetupError, "another configuration .benchmark screenspot there, idle now"),
        (of_another_model, SetupError, "another configuration .model ocr there, none now"),
        (of_a_newer_format, TrajectoryError, "newer handeye .format 7, this one reads 1"),
        (without_a_configuration, SetupError, "what they were run with cannot be read"),
        (damaged, TrajectoryError, "line 2 is damaged"),
    ],
)
def test_a_folder_of_something_else_is_refused_and_left_as_it_is(
    tmp_path: Path, change: Callable[[Path], None], error: type[HandeyeError], told: str
) -> None:
    run_plan(plan(PLAIN, tmp_path, How()), tmp_path, QUIET)
    change(tmp_path)
    before = (tmp_path / "results.jsonl").read_bytes()
    with pytest.raises(error, match=told):
        run_plan(plan([*PLAIN, "plain-9"], tmp_path, How()), tmp_path, QUIET)
    assert (tmp_path / "results.jsonl").read_bytes() == before


def test_a_folder_of_a_newer_format_is_not_read_for_a_report(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"benchmark": "miniwob", "format": 9}))
    with pytest.raises(TrajectoryError, match="newer handeye"):
        open_folder(tmp_path)


def test_a_worker_that_dies_at_its_import_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"could not begin: .*exit code 1.*RuntimeError: libnothing\.so\.6 is missing"):
        run_plan(plan(PLAIN, tmp_path, How(workers=2), DiesAtImport), tmp_path, QUIET)
    assert (rows_in(tmp_path), family(tmp_path)) == ([], [])


def test_a_worker_that_is_killed_while_it_starts_does_not_end_the_run(tmp_path: Path) -> None:
    found = run_plan(plan(PLAIN, tmp_path, How(workers=2), KilledOnceAtStart), tmp_path, QUIET)
    assert (found["episodes"], found["errors"], found["attempts"]) == (4, 0, 5)
    assert [row.error for row in rows_in(tmp_path) if row.error] == ["the worker process died (SIGKILL): it said nothing"]


@pytest.mark.parametrize("app", [miniwob.app, simphone.app, desktop.app], ids=["miniwob", "simphone", "desktop"])
def test_a_task_that_does_not_exist_is_told_before_anything_is_written(tmp_path: Path, app: Typer) -> None:
    command = ["--noop", "--tasks", "click-nothing", "--out", str(tmp_path / "out")]
    with pytest.raises((InvalidAction, SetupError), match="click-nothing"):
        CliRunner().invoke(app, command, catch_exceptions=False)
    assert not (tmp_path / "out").exists()


def test_the_second_run_in_a_folder_is_refused_and_the_first_keeps_its_workers(tmp_path: Path) -> None:
    first = start(tmp_path, 2, "hangs", "plain-1", "plain-2")
    try:
        until(lambda: len(rows_in(tmp_path)) == 2 and len(family(tmp_path)) == 3)
        alive = set(family(tmp_path))
        second = start(tmp_path, 2, "hangs", "plain-1", "plain-2")
        words = second.communicate()[1].decode()
        assert second.returncode == 1
        assert "another process is writing" in words
        assert set(family(tmp_path)) == alive
        (tmp_path / "go_on").touch()
        assert (first.wait(120), len(rows_in(tmp_path))) == (0, 3)
        assert not any(row.error for row in rows_in(tmp_path))
    finally:
        first.kill()
        first.communicate()


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    running = start(tmp_path, 1, "plain", "60", HANDEYE_TEST_BYTES="2500")
    words = running.communicate()[1].decode()
    assert running.returncode == 1
    assert "cannot be written" in words.splitlines()[-1]
    assert "the rows so far are safe" in words.splitlines()[-1]
    had = len(rows_in(tmp_path))
    assert 0 < had < 60
    found = run_plan(plan([f"plain-{number}" for number in range(60)], tmp_path, How()), tmp_path, QUIET)
    assert (found["episodes"], found["attempts"], found["errors"]) == (60, 60, 0)


@pytest.mark.parametrize("workers", [1, 2], ids=["here", "processes"])
def test_what_no_file_can_hold_costs_its_own_episode_only(tmp_path: Path, workers: int) -> None:
    tasks = ["nan", "surrogate", "plain"]
    found = run_plan(plan(tasks, tmp_path, How(workers=workers, retries=0)), tmp_path, QUIET)
    rows = {row.task: row for row in rows_in(tmp_path)}
    assert (found["episodes"], found["errors"]) == (3, 1)
    assert "raw" in rows["nan"].error
    assert (rows["surrogate"].goal, rows["surrogate"].raw) == ("half a pair: ?", 1.0)


def test_workers_that_say_what_no_worker_says_are_replaced(tmp_path: Path) -> None:
    tasks = ["nonsense", "stranger", "floods", "floods_and_dies", "plain"]
    found = run_plan(plan(tasks, tmp_path, How(workers=2, retries=0)), tmp_path, QUIET)
    told = {row["task"]: row["error"] for row in found["rows"]}
    assert (found["episodes"], found["errors"]) == (5, 3)
    assert "said what no worker says: b'\\xff\\xfe no JSON\\n'" in told["nonsense"]
    assert "a row that it was not asked for (another, 0)" in told["stranger"]
    assert told["floods_and_dies"] == "the worker process died (exit code 9): out of luck"
    assert told["floods"] == told["plain"] == ""
    assert family(tmp_path) == []


def test_a_row_that_waited_while_the_run_was_stopped_was_in_time(tmp_path: Path) -> None:
    """Ctrl-Z for longer than the deadline: what the worker had done by then counts."""
    made = plan(["plain-0", "slow-1"], tmp_path, How())
    tmp_path.mkdir(exist_ok=True)
    crew = LocalCrew(made.spec, 2, 0.5, lambda progress: None)
    running = crew.run(deque(made.jobs))
    ends = [next(running)]
    time.sleep(1.0)
    ends += running
    assert [(ended.late, ended.lost) for ended in ends] == [(False, "")] * 2


def test_a_world_that_is_lost_ends_the_run_and_the_rows_are_safe(tmp_path: Path) -> None:
    tasks = ["plain", *(f"broken-{number}" for number in range(40))]
    told = io.StringIO()
    with pytest.raises(DeviceError, match=rf"{LOST_AFTER} episodes one after the other.*no server answers.*--retry-errors"):
        run_plan(plan(tasks, tmp_path, How()), tmp_path, Console(file=told))
    assert f"{LOST_AFTER + 1} of 41 episodes are over, and safe in {tmp_path}: the same command with --out" in told.getvalue()
    assert [bool(row.error) for row in rows_in(tmp_path)] == [False] + [True] * LOST_AFTER
    assert (tmp_path / "index.html").is_file()
    (tmp_path / "mended").touch()
    found = run_plan(plan(tasks, tmp_path, How(retry_errors=True)), tmp_path, QUIET)
    assert (found["episodes"], found["errors"], found["attempts"]) == (41, 0, 41 + LOST_AFTER)


def test_failures_of_the_world_that_are_fewer_end_no_run(tmp_path: Path) -> None:
    tasks = [f"broken-{number}" for number in range(LOST_AFTER - 1)]
    found = run_plan(plan([*tasks, "plain", *(f"broken-{number}" for number in range(20, 25))], tmp_path, How(retries=0)), tmp_path, QUIET)
    assert (found["episodes"], found["errors"]) == (LOST_AFTER + 5, LOST_AFTER + 4)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_whatever_ends_the_run_nothing_is_left(tmp_path: Path, number: signal.Signals) -> None:
    running = start(tmp_path, 2, "slow-0", "hangs-1", "hangs-2")
    try:
        until(lambda: rows_in(tmp_path) and len(family(tmp_path)) >= 4)
        running.send_signal(number)
        running.communicate()
    finally:
        running.kill()
    until(lambda: family(tmp_path) == [])
    assert [row.task for row in rows_in(tmp_path)] == ["slow-0"]
    (tmp_path / "go_on").touch()
    found = run_plan(plan(["slow-0", "hangs-1", "hangs-2"], tmp_path, How()), tmp_path, QUIET)
    assert (found["attempts"], found["errors"]) == (3, 0)


def test_a_folder_whose_name_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe"))
    with pytest.raises(InvalidAction, match="no name in UTF-8"):
        run_plan(plan(PLAIN, out, How(workers=2)), out, QUIET)
    assert not out.exists()


def test_a_run_without_workers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidAction, match="at least one worker"):
        run_plan(plan(PLAIN, tmp_path, How(workers=0)), tmp_path, QUIET)


def test_a_worker_gives_its_model_the_patience_of_the_run(tmp_path: Path) -> None:
    made = plan(PLAIN, tmp_path, How(), model="openai:none@http://127.0.0.1:9/v1")
    assert made.spec.model_copy(update={"patience_s": 42.0}).open().model().patience_s == 42.0  # type: ignore[attr-defined]
