"""The phone tasks on the simulated phone: nothing scores by itself, every solution scores, damage and wrong answers do not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from handeye.agent.loop import Agent, Limits, run_episode
from handeye.agent.trajectory import load_trajectory
from handeye.benchmarks.episodes.policies import ActionDialect, OracleModel
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.simphone.catalogue import GUIDED, TASKS, find_task, task_seed
from handeye.benchmarks.simphone.env import HASTY, World
from handeye.benchmarks.simphone.people import Person
from handeye.benchmarks.simphone.phone import NOTES, Phone
from handeye.benchmarks.simphone.stores import STORES
from handeye.benchmarks.simphone.tasks.files import DOWNLOADS
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.command_line import handeye_here

SMALL = Size(360, 800)
COMMAND = (sys.executable, "-c", "from handeye.agent.cli import main; main()", "bench", "simphone", "--size", str(SMALL))


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """One phone for all; without a Chromium or an adb the test is skipped."""
    try:
        opened = World(SMALL, HASTY)
    except SetupError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", [*TASKS, *GUIDED])
def test_a_task_scores_when_its_solution_was_carried_out_and_not_before(world: World, name: str, tmp_path: Path) -> None:
    task = find_task(name).draw(task_seed(name, 0))
    world.begin(task)
    assert task.is_successful(world.phone) == 0.0
    assert task.is_successful(world.phone, "I do not know.") == 0.0
    assert task.damage == ()
    agent = Agent(OracleModel(task.solve(world.ui())), ActionDialect(world.env.action_types))
    result = run_episode(task.goal, world.env, agent, tmp_path / "run", limits=Limits(steps=120, repeats=1_000))
    assert result.outcome == "reached", result.message
    assert task.is_successful(world.phone, result.answer) == 1.0, task.damage


def sql(phone: Phone, store: str, statement: str) -> None:
    phone.run("sqlite3", STORES[store].path, statement)


def delete_contact(phone: Phone, name: str) -> None:
    sql(phone, "contacts", f"DELETE FROM contacts WHERE display_name = '{name}'")


def delete_contacts(phone: Phone, *people: Person) -> None:
    for person in people:
        delete_contact(phone, person.name)


# By task: what is done, right and wrong. `task.params` has the names.
DEEDS: list[tuple[str, str, Callable[[Phone, dict[str, Any]], object], float]] = [
    ("ContactsDelete", "the right one", lambda phone, given: delete_contact(phone, given["person"].name), 1.0),
    ("ContactsDelete", "the one with a similar name", lambda phone, given: delete_contact(phone, given["others"][-1].name), 0.0),
    (
        "ContactsDelete",
        "both",
        lambda phone, given: delete_contacts(phone, given["person"], given["others"][-1]),
        0.0,
    ),
    ("ContactsDelete", "all", lambda phone, given: sql(phone, "contacts", "DELETE FROM contacts"), 0.0),
    ("NotesDelete", "the right one", lambda phone, given: phone.run("rm", f"{NOTES}/{given['name']}"), 1.0),
    ("NotesDelete", "the whole folder", lambda phone, given: phone.clear_folder(NOTES), 0.0),
    ("NotesAppend", "the line", lambda phone, given: phone.write(f"{NOTES}/{given['name']}", f"{given['text']}\n{given['line']}"), 1.0),
    ("NotesAppend", "the line alone", lambda phone, given: phone.write(f"{NOTES}/{given['name']}", given["line"]), 0.0),
    (
        "FilesMove",
        "moved",
        lambda phone, given: phone.run("mv", f"{DOWNLOADS}/{given['name']}", "/sdcard/Documents/" + given["name"]),
        1.0,
    ),
    (
        "FilesMove",
        "copied",
        lambda phone, given: phone.run("cp", f"{DOWNLOADS}/{given['name']}", "/sdcard/Documents/" + given["name"]),
        0.0,
    ),
    ("SettingsScreenTimeout", "another time", lambda phone, given: phone.put_setting("system", "screen_off_timeout", 45_000), 0.0),
    ("CalendarDelete", "both", lambda phone, given: sql(phone, "events", f"DELETE FROM events WHERE title = '{given['title']}'"), 0.0),
    (
        "MessagesSend",
        "to somebody else",
        lambda phone, given: sql(phone, "sms", f"INSERT INTO sms (address, body, type) VALUES ('+15550000000', '{given['text']}', 2)"),
        0.0,
    ),
]


@pytest.mark.parametrize(("name", "what", "deed", "score"), DEEDS, ids=[f"{name}: {what}" for name, what, *_ in DEEDS])
def test_the_right_change_scores_and_damage_does_not(
    world: World, name: str, what: str, deed: Callable[[Phone, dict[str, Any]], object], score: float
) -> None:
    task = find_task(name).draw(3)
    world.begin(task)
    deed(world.phone, task.params)
    assert task.is_successful(world.phone) == score
    if score:
        world.phone.put_setting("system", "screen_brightness", 7)
        assert task.is_successful(world.phone) == 0.0
        assert any("screen_brightness" in each for each in task.damage)


def test_a_right_answer_after_damage_is_none(world: World) -> None:
    task = find_task("ContactsCompany").draw(3)
    world.begin(task)
    company = task.params["person"].company
    assert task.is_successful(world.phone, company) == 1.0
    assert task.is_successful(world.phone, "Nowhere Ltd") == 0.0
    delete_contact(world.phone, task.params["person"].name)
    assert task.is_successful(world.phone, company) == 0.0


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command says here; `COMMAND` is the same in a process, which can be killed."""
    return handeye_here(*COMMAND[3:], *arguments)


def test_killed_and_started_again_the_rest_is_run(world: World, tmp_path: Path) -> None:
    out, names = tmp_path / "out", "ClockStopwatch,ContactsCompany,MessagesCode"
    arguments = ("--oracle", "--tasks", names, "--out", str(out))
    running = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while len(read_rows(out / "results.jsonl", EpisodeRow)[0]) < 1:
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(timeout=0.02)
        family = psutil.Process(running.pid).children(recursive=True)
        os.kill(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == [], f"left running: {[process.name() for process in alive]}"
    before = read_rows(out / "results.jsonl", EpisodeRow)[0]
    done = bench("--json", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["benchmark"], found["episodes"], found["success_rate"], found["errors"]) == ("simphone", 3, 1.0, 0)
    assert read_rows(out / "results.jsonl", EpisodeRow)[0][: len(before)] == before
    assert "agent ended it itself" in (out / "index.html").read_text(encoding="utf-8")
    for row in found["rows"]:
        run = load_trajectory(out / row["run"])
        assert run.result is not None
        assert (len(run.steps), run.episode.goal) == (row["steps"], row["goal"])
        assert (out / row["run"] / "index.html").is_file()
    other = bench("--noop", "--tasks", names, "--out", str(out))
    assert (other.returncode, "another configuration" in other.stderr) == (2, True)


def test_the_command_lists_tasks_and_refuses_nonsense(tmp_path: Path) -> None:
    listed = bench("--list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert {row["task"] for row in json.loads(listed.stdout)["tasks"]} == set(TASKS)
    wrong = bench("--tasks", "ClockAddAlarn", "--out", str(tmp_path / "out"))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean ClockAddAlarm" in wrong.stderr
    assert "Traceback" not in wrong.stderr
