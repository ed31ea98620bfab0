"""AndroidWorld's own tasks, by its own code, on the simulated phone. Only where a checkout is named: it is not part of this repository."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from handeye.benchmarks.androidworld.bench import Request, run_benchmark
from handeye.benchmarks.androidworld.cli import app
from handeye.benchmarks.androidworld.host import AndroidWorldGuest, check_checkout
from handeye.benchmarks.androidworld.results import Configuration, summary
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER, TRUE_AT_ONCE
from handeye.benchmarks.androidworld.suite import commit, doubts, instance_seed, read_budget, step_budget
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.run import How
from handeye.tools.android.serials import connect
from handeye.tools.android.server import PrivateServer
from handeye.tools.errors import DeviceError, InvalidAction, SetupError
from handeye.tools.simphone.launcher import SimPhones

CHECKOUT = os.environ.get("HANDEYE_ANDROID_WORLD", "")
PYTHON = os.environ.get("HANDEYE_ANDROID_WORLD_PYTHON", sys.executable)
needs_checkout = pytest.mark.skipif(not CHECKOUT, reason="HANDEYE_ANDROID_WORLD names no checkout of google-research/android_world")


@pytest.fixture(scope="module")
def phone() -> Iterator[tuple[SimPhones, PrivateServer, str]]:
    with SimPhones(1) as phones, PrivateServer() as server:
        yield phones, server, connect(server.address, phones.serials[0])


@pytest.fixture(scope="module")
def guest(phone: tuple[SimPhones, PrivateServer, str]) -> Iterator[AndroidWorldGuest]:
    _, server, serial = phone
    with AndroidWorldGuest(CHECKOUT, PYTHON, serial, server.address.port, str(server.adb.path)) as started:
        yield started


def test_there_are_eighteen_of_which_six_are_true_at_once() -> None:
    assert len(EIGHTEEN) == 18
    assert len(TRUE_AT_ONCE) == 6
    assert not set(EIGHTEEN) & set(FURTHER)


def numbers(tmp_path: Path, model: str, tasks: Iterable[str], **more: Any) -> dict[str, Any]:
    request = Request(model, tmp_path, Path(CHECKOUT), PYTHON, tasks=tuple(tasks), **more)
    return run_benchmark(request, Console(quiet=True))


@needs_checkout
@pytest.mark.parametrize("tasks", [tuple(EIGHTEEN), tuple(FURTHER)], ids=["settings", "contacts, messages and files"])
def test_its_own_evaluators_say_what_is_true(tmp_path: Path, tasks: tuple[str, ...]) -> None:
    """Two phones at once; scored before and after each task was carried out on the screen."""
    found = numbers(tmp_path, "oracle", tasks, how=How(workers=2, deadline_s=900))
    assert {row["task"]: (row["raw"], row["reason"], row["error"]) for row in found["rows"]} == dict.fromkeys(tasks, (1.0, "", ""))


@needs_checkout
def test_doing_nothing_solves_what_is_true_at_once_and_nothing_else(tmp_path: Path) -> None:
    tasks = ("SystemWifiTurnOnVerify", "SystemWifiTurnOff", "OpenAppTaskEval", "SimpleSmsSend")
    found = numbers(tmp_path, "noop", tasks)
    assert {row["task"]: row["raw"] for row in found["rows"]} == {name: float(name in TRUE_AT_ONCE) for name in tasks}
    assert (found["task_mean"], found["without_true_at_once"], found["errors"]) == (0.25, 0.0, 0)
    assert all(row["budget"] >= 10 and row["difficulty"] and row["goal"] for row in found["rows"])


@needs_checkout
def test_an_agent_works_a_task_through_the_loop(tmp_path: Path) -> None:
    """A real agent, whose words are written down beforehand: opens the app that the goal names, and says that it is done."""
    script = tmp_path / "script.txt"
    calls = ('{"action": "open", "text": "Contacts"}', '{"action": "terminate", "status": "success"}')
    replies = [f'<tool_call>\n{{"name": "mobile_use", "arguments": {call}}}\n</tool_call>' for call in calls]
    script.write_text("\n".join(map(json.dumps, replies)))
    found = numbers(tmp_path / "out", f"scripted:{script}", ("OpenAppTaskEval",))
    (row,) = found["rows"]
    assert (row["outcome"], row["raw"], row["steps"], row["error"]) == ("reached", 1.0, 2, "")


@needs_checkout
def test_a_failed_command_loses_neither_phone_nor_guest(guest: AndroidWorldGuest) -> None:
    with pytest.raises(DeviceError, match="AdbControllerError"):
        guest.shell("exit 3")
    assert guest.shell("echo still here").strip() == "still here"


@needs_checkout
def test_an_unknown_task_is_said(guest: AndroidWorldGuest) -> None:
    with pytest.raises(DeviceError, match="KeyError at init"):
        guest.begin("NoSuchTask", 1)


def test_a_folder_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no checkout of google-research/android_world"):
        check_checkout(tmp_path)
    with pytest.raises(SetupError, match="no checkout"):
        AndroidWorldGuest(tmp_path, sys.executable, "127.0.0.1:1", 1, "adb")


def hollow(folder: Path) -> Path:
    """A folder that has a checkout's files, but not its code."""
    for name in ("registry.py", "env/interface.py", "task_evals/task_eval.py"):
        file = folder / "android_world" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return folder


def test_a_python_without_its_packages_is_told_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot be imported.*uv pip install"):
        AndroidWorldGuest(hollow(tmp_path), sys.executable, "127.0.0.1:1", 1, "adb")


def test_a_python_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no Python that can be started"):
        AndroidWorldGuest(hollow(tmp_path), tmp_path / "python", "127.0.0.1:1", 1, "adb")


def test_the_command_says_what_is_wrong_with_the_checkout(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no checkout of google-research/android_world"):
        CliRunner().invoke(app, ["--android-world", str(tmp_path), "--oracle"], catch_exceptions=False)
    with pytest.raises(SetupError, match=r"task_metadata.json is not as expected"):
        CliRunner().invoke(app, ["--android-world", str(hollow(tmp_path)), "--oracle"], catch_exceptions=False)


def described(folder: Path) -> Path:
    """A hollow checkout with a list of tasks."""
    task = {"task_name": "SystemWifiTurnOff", "task_template": "Turn wifi off.", "difficulty": "easy", "tags": [""], "optimal_steps": "4"}
    (hollow(folder) / "android_world/task_metadata.json").write_text(json.dumps([task]))
    return folder


def test_a_task_that_does_not_exist_is_said_with_the_one_that_is_meant(tmp_path: Path) -> None:
    with pytest.raises(InvalidAction, match=r"no task 'SystemWifiTurnOf', did you mean SystemWifiTurnOff"):
        CliRunner().invoke(app, ["--android-world", str(described(tmp_path)), "--tasks", "SystemWifiTurnOf"], catch_exceptions=False)


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_a_checkout_of_another_commit_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    git(described(tmp_path), "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "another")
    arguments = ["--android-world", str(tmp_path), "--noop", "--out", str(tmp_path / "out"), "--python", sys.executable]
    with pytest.raises(SetupError, match=r"is at commit [0-9a-f]{12}, and this was made with d9c569f.*--any-commit"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert not (tmp_path / "out").exists()
    with pytest.raises(InvalidAction, match="no task 'Nothing'"):
        CliRunner().invoke(app, [*arguments, "--any-commit", "--tasks", "Nothing"], catch_exceptions=False)
    assert "not at d9c569f" in " ".join(doubts(tmp_path))
    (tmp_path / "android_world/registry.py").write_text("changed = True\n")
    assert "no commit holds" in " ".join(doubts(tmp_path))


def test_an_archive_within_another_repository_has_not_that_one_s_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-qm", "of something else", "--allow-empty")
    assert commit(described(tmp_path / "android_world")) == "unknown"
    assert "cannot be told" in " ".join(doubts(tmp_path / "android_world"))


def test_a_phone_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    """Two workers on one phone would each undo what the other did."""
    arguments = ["--android-world", str(described(tmp_path)), "--noop", "--serials", "one,two,one", "--workers", "3"]
    with pytest.raises(InvalidAction, match="one is named twice"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_instances_have_the_seeds_of_androidworlds_suite() -> None:
    """By hand: sha256 of "30_SystemWifiTurnOff_0", its last eight hexadecimal digits."""
    digest = hashlib.sha256(b"30_SystemWifiTurnOff_0").hexdigest()
    assert instance_seed("SystemWifiTurnOff", 0) == int(digest[-8:], 16)
    assert instance_seed("SystemWifiTurnOff", 1) != instance_seed("SystemWifiTurnOff", 0) != instance_seed("SystemWifiTurnOn", 0)


def test_budgets_by_name() -> None:
    assert [step_budget(25, read_budget(name)) for name in ("official", "halved", "1.2x")] == [25, 12, 30]
    with pytest.raises(InvalidAction, match=r"--budget is official, halved, 1\.2x"):
        read_budget("double")


def test_errors_count_as_failures_and_the_published_mean_is_told_apart() -> None:
    def row(task: str, index: int, **more: Any) -> EpisodeRow:
        return EpisodeRow(task=task, kind="easy", index=index, seed=0, tags=("a",), **more)

    rows = [row("A", 0, raw=1.0), row("A", 1, error="gone"), row("SystemWifiTurnOnVerify", 0, raw=1.0), row("B", 0)]
    found = summary(Configuration(model="m", dialect="d"), rows)
    assert (found["task_mean"], found["published_mean"], found["without_true_at_once"]) == (0.5, pytest.approx(2 / 3), 0.25)
    assert (found["success_rate"], found["tags"]) == (0.5, {"a": {"episodes": 4, "success_rate": 0.5}})
