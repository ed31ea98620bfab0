"""The runner under every episode benchmark: workers that die, hang and fail, deadlines, retries, shards, kills, Ray."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console
from typer.testing import CliRunner

from handeye.benchmarks.episodes.family import MARK, end_family, mark_of
from handeye.benchmarks.episodes.merge import merge
from handeye.benchmarks.episodes.merge_cli import app as merge_app
from handeye.benchmarks.episodes.ray_crew import RayCrew
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.sittings import read_sittings, unfinished
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.miniwob.bench import wording
from handeye.benchmarks.miniwob.results import Configuration as MiniWobConfiguration
from handeye.benchmarks.miniwob.results import summary
from handeye.benchmarks.results import read_rows
from handeye.tools.errors import HandeyeError, InvalidAction, SetupError, TrajectoryError
from tests.benchmarks import faulty
from tests.benchmarks.light import Configuration, Worker, plan
from tests.waiting import until

QUIET = Console(quiet=True)
ROOT = Path(__file__).parents[2]
RUN = "from tests.benchmarks.faulty import main; main()"


def family(out: Path) -> list[psutil.Process]:
    """What is alive of the run in `out`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(mark_of(out)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def rows_in(out: Path) -> list[EpisodeRow]:
    return read_rows(out / "results.jsonl", EpisodeRow)[0]


def verdicts(found: dict[str, Any]) -> dict[str, tuple[str, float]]:
    return {row["task"]: (row["outcome"], row["raw"]) for row in found["rows"]}


@pytest.mark.parametrize("how", [How(), How(workers=1, deadline_s=60), How(workers=3)], ids=["here", "one process", "three"])
def test_the_numbers_do_not_depend_on_the_workers(tmp_path: Path, how: How) -> None:
    tasks = [f"plain-{number}" for number in range(7)]
    found = run_plan(plan(tasks, tmp_path, how), tmp_path, QUIET)
    assert verdicts(found) == {task: ("reached" if seed % 3 == 0 else "env_done", float(seed % 3 != 0)) for seed, task in enumerate(tasks)}
    assert (found["episodes"], found["errors"], found["attempts"], found["failures"]) == (7, 0, 7, {"reached": 3})
    assert family(tmp_path) == []


def test_failures_of_the_world_are_tried_again_and_all_are_counted(tmp_path: Path) -> None:
    tasks = ["plain-0", "fails-1", "fails_once-2", "dies-3", "dies_once-4", "plain-5"]
    found = run_plan(plan(tasks, tmp_path, How(workers=2, retries=1)), tmp_path, QUIET)
    assert found["episodes"] == 6
    assert {row["task"]: row["attempt"] for row in found["rows"]} == {
        "plain-0": 0, "fails-1": 1, "fails_once-2": 1, "dies-3": 1, "dies_once-4": 1, "plain-5": 0,
    }  # fmt: skip
    assert (found["errors"], found["attempts"], found["failures"]) == (2, 10, {"reached": 1, "world": 2})
    told = {row["task"]: row["error"] for row in found["rows"] if row["error"]}
    assert told == {"fails-1": "the cable was pulled", "dies-3": "the worker process died (exit code 7): it said nothing"}
    assert Counter(row.task for row in rows_in(tmp_path)) == {
        "plain-0": 1, "fails-1": 2, "fails_once-2": 2, "dies-3": 2, "dies_once-4": 2, "plain-5": 1,
    }  # fmt: skip
    again = run_plan(plan(tasks, tmp_path, How(workers=2, retries=1)), tmp_path, QUIET)
    assert again == found, "what has used its retries up is over"
    more = run_plan(plan(tasks, tmp_path, How(retries=0, retry_errors=True, workers=2)), tmp_path, QUIET)
    assert {row["task"]: row["attempt"] for row in more["rows"] if row["attempt"] > 1} == {"fails-1": 2, "dies-3": 2}
    assert family(tmp_path) == []


def test_an_episode_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    found = run_plan(plan(["hangs-0"], tmp_path, How(deadline_s=1.5)), tmp_path, QUIET)
    assert verdicts(found) == {"hangs-0": ("deadline", 0.0)}
    assert (found["errors"], found["failures"], found["attempts"]) == (0, {"deadline": 1}, 1), "it is not tried again"
    assert family(tmp_path) == []


@pytest.mark.parametrize(
    ("task", "outcome", "steps"), [("stalls-0", "deadline", 1), ("unscored-0", "world_error", 2), ("torn-0", "world_error", 1)]
)
def test_what_was_cut_off_is_told_as_far_as_it_came(tmp_path: Path, task: str, outcome: str, steps: int) -> None:
    """A deadline, a score that fails and a worker that dies take neither the steps, the time, the tokens nor the way to the viewer."""
    # What an earlier run that was killed has left is nobody's: a worker that dies at once wrote none of it.
    stale = tmp_path / "episodes/dies-1/0/episode.json"
    stale.parent.mkdir(parents=True)
    stale.write_text('{"goal": "of another life"}')
    found = run_plan(plan([task, "dies-1"], tmp_path, How(deadline_s=8, retries=0)), tmp_path, QUIET)
    row, dead = (next(row for row in found["rows"] if row["task"] == name) for name in (task, "dies-1"))
    assert (row["outcome"], row["steps"], len(row["model_s"]), len(row["env_s"])) == (outcome, steps, steps, steps)
    assert (row["goal"], row["budget"], dead["goal"], dead["steps"]) == ("press the first button", 5, "", 0)
    assert (row["prompt_tokens"], row["completion_tokens"], row["cost"]) == (100 * steps, 10 * steps, 0.5 * steps)
    assert (tmp_path / row["run"] / row["last_screen"]).is_file()
    assert f'href="{row["run"]}/index.html"' in (tmp_path / "index.html").read_text()


def test_shards_are_parts_of_one_run(tmp_path: Path) -> None:
    tasks = [f"plain-{number}" for number in range(7)]
    parts = [run_plan(plan(tasks, tmp_path / str(part), How(shard=(part, 3))), tmp_path / str(part), QUIET) for part in (1, 2, 3)]
    assert [[row["task"] for row in found["rows"]] for found in parts] == [
        ["plain-0", "plain-3", "plain-6"], ["plain-1", "plain-4"], ["plain-2", "plain-5"],
    ]  # fmt: skip
    with pytest.raises(InvalidAction, match="i/n"):
        run_plan(plan(tasks, tmp_path, How(shard=(4, 3))), tmp_path, QUIET)


def test_shards_are_joined_with_their_trajectories(tmp_path: Path) -> None:
    parts = joined_parts(tmp_path)
    whole = tmp_path / "whole"
    done = CliRunner().invoke(merge_app, [str(whole), *map(str, parts), "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert [(row["task"], row["index"]) for row in found["rows"]] == [
        ("click-test", 0), ("click-test", 1), ("click-test-2", 0), ("click-test-2", 1),
    ]  # fmt: skip
    half = {"rates": [0.5, 0.5], "mean": 0.5, "sd": 0.0, "interval": [0.5, 0.5]}
    assert found["seeds"] == {"count": 2, **half, "reward": half}
    assert all((whole / row["run"] / "steps.jsonl").is_file() for row in found["rows"])
    assert (whole / "index.html").is_file()
    for told, arguments in (
        ("not empty", [whole, *parts]),
        ("at least two", [tmp_path / "new", parts[0]]),
        ("no folder of a run", [tmp_path / "new", parts[0], tmp_path]),
    ):
        with pytest.raises(HandeyeError, match=told):
            CliRunner().invoke(merge_app, list(map(str, arguments)), catch_exceptions=False)
    row = rows_in(parts[0])[0]
    (parts[1] / "results.jsonl").write_text(row.model_copy(update={"raw": 0.25}).model_dump_json() + "\n")
    with pytest.raises(SetupError, match="different rows of click-test"):
        merge(tmp_path / "new", parts)
    (parts[1] / "config.json").write_text((parts[1] / "config.json").read_text().replace('"oracle"', '"other"'))
    with pytest.raises(SetupError, match="model: 'oracle' and 'other'"):
        merge(tmp_path / "new", parts)
    (parts[1] / "config.json").write_text((parts[1] / "config.json").read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(TrajectoryError, match="newer handeye"):
        merge(tmp_path / "new", parts)


@pytest.mark.parametrize(
    "line", [b'["task"]', b'"task"', b'{"task":[1]}', b'{"task":"a","index":0}', b"[" * 100_000, b"\x00", b"", b"\xef\xbb\xbf{}", b"7"]
)
def test_a_damaged_part_is_named_and_nothing_is_made(tmp_path: Path, line: bytes) -> None:
    parts = joined_parts(tmp_path)
    with (parts[1] / "results.jsonl").open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(TrajectoryError, match=r"2/results.jsonl, line 3 is damaged"):
        merge(tmp_path / "whole", parts)
    assert not (tmp_path / "whole").exists()


def test_what_a_killed_run_left_of_another_part_s_episode_takes_no_one_s_place(tmp_path: Path) -> None:
    parts = joined_parts(tmp_path)
    row = rows_in(parts[1])[0]
    left = parts[0] / row.run
    left.mkdir(parents=True)
    (left / "steps.jsonl").write_text("of a run that was killed")
    for order, out in ((parts, tmp_path / "one"), (parts[::-1], tmp_path / "other")):
        merge(out, order)
        assert (out / row.run / "steps.jsonl").read_bytes() == (parts[1] / row.run / "steps.jsonl").read_bytes()
    assert (left / "steps.jsonl").read_text() == "of a run that was killed"
    assert (parts[1] / row.run / "steps.jsonl").read_text().startswith("{")


def test_a_full_disk_leaves_no_half_of_a_joined_run(tmp_path: Path) -> None:
    parts = joined_parts(tmp_path)
    code = (
        "import resource, sys; from pathlib import Path; from handeye.benchmarks.episodes.merge import merge\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); merge(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "whole", *parts], capture_output=True, text=True, check=False)
    assert "TrajectoryError" in done.stderr
    assert "cannot be written" in done.stderr
    assert not (tmp_path / "whole").exists()


def test_a_run_that_is_not_finished_or_not_whole_says_so(tmp_path: Path) -> None:
    tasks = [f"plain-{number}" for number in range(5)]
    parts = [tmp_path / str(part) for part in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        run_plan(pretended(part, How(shard=(number, 3))), part, QUIET)
        assert "not finished" not in (part / "index.html").read_text().lower()
    done = CliRunner().invoke(merge_app, [str(tmp_path / "two"), *map(str, parts[:2])], catch_exceptions=False)
    assert "shard 3/3 is not in it" in done.output
    assert "shard 3/3 is not in it" in (tmp_path / "two/index.html").read_text()
    done = CliRunner().invoke(merge_app, [str(tmp_path / "three"), *map(str, parts)], catch_exceptions=False)
    assert "not in it" not in done.output
    half = tmp_path / "half"
    run_plan(plan(tasks, half, How()), half, QUIET)
    lines = (half / "results.jsonl").read_bytes().splitlines(keepends=True)
    (half / "results.jsonl").write_bytes(b"".join(lines[:2]))
    run_plan(plan(tasks[:3], half, How(shard=(1, 1))), half, QUIET)
    assert "Not finished" not in (half / "report.md").read_text(), "the last command asked for no more"
    lost = run_plan(plan(tasks, half, How()), half, QUIET)
    assert lost["episodes"] == 5
    (half / "results.jsonl").write_bytes(b"".join(lines[:2]))
    sentences = unfinished(read_sittings(half), 2)
    assert sentences == ["Not finished: 3 of the 5 episodes that were asked for are missing. The numbers are of the other episodes."]


def joined_parts(folder: Path) -> list[Path]:
    """Two shards of one run."""
    parts = [folder / str(part) for part in (1, 2)]
    for number, part in enumerate(parts, 1):
        run_plan(pretended(part, How(shard=(number, 2))), part, QUIET)
    return parts


def pretended(out: Path, how: How) -> Plan:
    """The plan of a MiniWoB++ run whose episodes are light ones: its folder is a real run's."""
    configuration = MiniWobConfiguration(model="oracle", dialect="action-json")
    jobs = [Job("click-test", 0, 1), Job("click-test-2", 0, 3), Job("click-test", 1, 6), Job("click-test-2", 1, 2)]
    count = partial(summary, configuration)
    return Plan(configuration, jobs, spec_of(LightMiniWob, configuration, out), count, wording(configuration), how)


class LightMiniWob(Worker):
    """A light worker under MiniWoB++'s configuration."""

    configuration_type = MiniWobConfiguration

    def __init__(self, configuration: MiniWobConfiguration, out: Path) -> None:
        super().__init__(Configuration(model="scripted", dialect="action-json"), out)


def test_a_worker_that_cannot_begin_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    broken = plan(["plain-0"], tmp_path, How(workers=1, deadline_s=60))
    spec = broken.spec.model_copy(update={"options": {"nonsense": 1}})
    good = plan(["plain-0"], tmp_path, How(workers=1, deadline_s=60))
    with pytest.raises((SetupError, TypeError), match="nonsense"):
        run_plan(type(good)(good.configuration, good.jobs, spec, good.count, good.wording, good.how), tmp_path, QUIET)
    assert family(tmp_path) == []


def start(out: Path, count: int, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, str(out), "2", "slow", str(count)]
    environment = {**os.environ, **environment}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def expected(tasks: list[str]) -> dict[str, tuple[str, float]]:
    """What each of the faulty worker's episodes comes to that nothing disturbs."""
    return {task: ("reached", float(seed % 3 != 0)) for seed, task in enumerate(tasks)}


def finished(out: Path) -> int:
    return sum(not row.error for row in rows_in(out))


def test_workers_and_the_run_killed_at_random_twenty_times_the_table_comes_out_the_same(tmp_path: Path) -> None:
    out, count = tmp_path / "killed", 100
    chance, kills = random.Random(7), Counter[str]()
    running = start(out, count)
    try:
        while kills.total() < 20:
            had = finished(out)
            until(lambda: running.poll() is not None or finished(out) > had)  # noqa: B023 - asked before it changes
            if running.poll() is not None:
                # It was quicker than its killer: a finished run may be extended.
                assert running.returncode == 0
                count += 20
                running = start(out, count)
                continue
            time.sleep(chance.random() * 0.05)
            workers = [process for process in family(out) if "episodes.child" in told(process, "cmdline")]
            if chance.random() < 0.4 or not workers:
                running.kill()
                running.wait()
                running = start(out, count)
                kills["run"] += 1
            else:
                os.kill(chance.choice(workers).pid, signal.SIGKILL)
                kills["worker"] += 1
        assert running.wait(120) == 0
    finally:
        running.kill()
        running.wait()
    assert min(kills["run"], kills["worker"]) >= 5
    tasks = [f"slow-{number}" for number in range(count)]
    found = run_plan(faulty.plan(tasks, out, How(retry_errors=True)), out, QUIET)
    assert verdicts(found) == expected(tasks)
    assert (found["episodes"], found["errors"]) == (count, 0)
    assert len({(row.task, row.attempt) for row in rows_in(out)}) == len(rows_in(out)), "nothing is doubled"
    until(lambda: family(out) == [])


def test_ending_one_worker_ends_no_other(tmp_path: Path) -> None:
    """The mark of worker 1 is no beginning of worker 10's."""
    spared, ended = (subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: mark_of(tmp_path, number)}) for number in (10, 1))
    try:
        assert end_family(mark_of(tmp_path, 1)) == 1
        ended.wait(10)
        assert spared.poll() is None
        assert end_family(mark_of(tmp_path)) == 1
    finally:
        spared.kill()
        spared.wait()


def test_on_ray_the_table_is_the_same_whatever_dies(tmp_path: Path) -> None:
    """A worker dies, an actor is killed, a run is killed with its Ray, a cluster that was there already goes on with it; what comes out is
    what one process gives."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    out, count = tmp_path / "ray", 40
    running = start(out, count, HANDEYE_TEST_RAY="")
    try:
        until(lambda: finished(out) >= 2 or running.poll() is not None)
        actors = [process for process in family_of(running.pid) if "EpisodeActor" in told(process, "cmdline")]
        actors[0].kill()
        had = finished(out)
        until(lambda: finished(out) > had + 2 or running.poll() is not None)
        assert running.poll() is None
        running.kill()
        running.wait()
        # What is left then is Ray's own.
        until(lambda: all("ray/" in told(process, "environ") for process in family(out) if process.is_running()))
    finally:
        running.kill()
        running.wait()
    tasks = [*(f"slow-{number}" for number in range(count)), "dies_once"]
    with cluster(tmp_path / "cluster", processors=2) as there:

        def run(workers: int, *names: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-c", RUN, str(out), str(workers), *names]
            return subprocess.run(command, cwd=ROOT, env=os.environ | there, capture_output=True, text=True, timeout=200, check=False)

        assert "2 processors, too few for 3 workers" in run(3, *tasks).stderr
        went = run(2, *tasks)
        assert went.returncode == 0, went.stderr
    found = run_plan(faulty.plan(tasks, out, How(workers=2)), out, QUIET)
    assert verdicts(found) == expected(tasks)
    assert (found["errors"], found["episodes"]) == (0, len(tasks))
    until(lambda: family(out) == [])


def test_on_ray_nothing_more_is_told_of_an_episode_that_is_over(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    over: list[str] = []
    told: list[tuple[str, bool]] = []

    def listen(progress: Progress) -> None:
        told.append((progress.job.task, progress.job.task in over))
        if over and sum(task == "hangs" for task, _ in told) >= 3:
            (tmp_path / "go_on").touch()

    spec = faulty.plan((), tmp_path, How()).spec
    for ended in RayCrew(spec, 2, 60, listen, "", "").run(deque([Job("tells", 0, 0), Job("hangs", 0, 1)])):
        over.append(ended.job.task)
    assert over == ["tells", "hangs"]
    assert ("hangs", False) in told
    assert [task for task, was_over in told if was_over] == []


def test_a_cluster_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """Ray itself tries for minutes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    begun = time.monotonic()
    for address in (f"127.0.0.1:{port}", "127.0.0.1:99999", f"no-such-host.invalid:{port}"):
        with pytest.raises(SetupError, match=r"cannot be reached.*ray start --head"):
            run_plan(plan(["plain-0"], tmp_path, How(ray=address)), tmp_path, QUIET)
    assert time.monotonic() - begun < 60


@contextmanager
def cluster(folder: Path, processors: int) -> Iterator[dict[str, str]]:
    """A Ray cluster of one node that somebody else started; gives what the environment of a run on it must hold."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("ray"), "start", "--head", "--block", "--include-dashboard=false", "--disable-usage-stats"]
    options = [f"--port={port}", "--node-ip-address=127.0.0.1", f"--num-cpus={processors}", f"--object-store-memory={100_000_000}"]
    # Ray's `start` asks for a token where one was ever made on the machine, and a run on the cluster has to name it (2.60).
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
    # Ray's sockets lie in that folder; their paths must not be longer than a socket's may be.
    own = {"RAY_kill_child_processes_on_worker_exit": "0", "RAY_TMPDIR": tempfile.mkdtemp(prefix="ray")}
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        head = subprocess.Popen([*command, *options], env=os.environ | own | token, stdout=log, stderr=log)
    try:
        until(lambda: b"runtime started" in (folder / "log").read_bytes() or head.poll() is not None)
        assert head.poll() is None, (folder / "log").read_text()
        yield {"HANDEYE_TEST_RAY": f"127.0.0.1:{port}", **token}
    finally:
        everyone = family_of(head.pid)
        head.terminate()
        head.wait(60)
        psutil.wait_procs(everyone, timeout=30)
        shutil.rmtree(own["RAY_TMPDIR"])


def told(process: psutil.Process, what: str) -> str:
    """A process's command line or its environment; of one that has gone meanwhile, what nothing is looked for in."""
    try:
        return " ".join(process.cmdline()) if what == "cmdline" else process.environ().get(MARK, "")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return "ray/"


def family_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_a_spec_is_plain_json(tmp_path: Path) -> None:
    spec = spec_of(Worker, Configuration(model="scripted", dialect="d"), tmp_path)
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec
    assert isinstance(spec.open(), Worker)
