"""The phone tasks on paper: parameters, goals, answers, and what counts as a change."""

from __future__ import annotations

from typing import Any

import pytest

from handeye.benchmarks.simphone.answers import names, tells_number, tells_phone, tells_time
from handeye.benchmarks.simphone.catalogue import GUIDED, TASKS, find_task, jobs, task_seed
from handeye.benchmarks.simphone.stores import Look, compare, dialled
from handeye.benchmarks.simphone.task import KINDS
from handeye.tools.errors import InvalidAction

APPS = "Settings Clock Contacts Phone Messages Calendar Notes Files Camera Gallery Calculator Browser Shop".split()


@pytest.mark.parametrize("name", [*TASKS, *GUIDED])
def test_a_task_is_its_seed_and_nothing_else(name: str) -> None:
    task, again = find_task(name).draw(5), find_task(name).draw(5)
    assert (task.goal, task.params) == (again.goal, again.params)
    assert "{" not in task.goal
    assert task.kind in KINDS
    assert set(task.apps) <= set(APPS)
    assert task.max_steps == int(10 * task.complexity) >= 10
    if task.params and name != "GuidedWifi":
        assert (
            len({find_task(name).draw(seed).goal for seed in range(40)} | {str(find_task(name).draw(seed).params) for seed in range(40)})
            > 2
        )


def test_the_tasks_are_of_many_kinds() -> None:
    tasks = list(TASKS.values())
    assert len(tasks) >= 34
    assert {app for task in tasks for app in task.apps} == set(APPS)
    assert sum(len(task.apps) > 1 for task in tasks) >= 8
    assert sum(task.question for task in tasks) >= 4
    assert {task.kind for task in tasks} == set(KINDS)
    assert {task.difficulty for task in tasks} == {"easy", "medium", "hard"}


def test_seeds_depend_on_the_task_alone() -> None:
    assert task_seed("ClockAddAlarm", 0) != task_seed("ClockAddAlarm", 1) != task_seed("ContactsAdd", 1)
    chosen = jobs(["ContactsAdd", "ClockAddAlarm", "ContactsAdd"], 2)
    assert [(job.task, job.index) for job in chosen] == [("ContactsAdd", 0), ("ClockAddAlarm", 0), ("ContactsAdd", 1), ("ClockAddAlarm", 1)]
    assert chosen[1].seed == next(job.seed for job in jobs((), 1) if job.task == "ClockAddAlarm")
    with pytest.raises(InvalidAction, match="did you mean ClockAddAlarm"):
        jobs(["ClockAddAlarms"], 1)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (names("It is Redwood.", "Redwood", ["Kingsley"]), True),
        (names("Redwood or Kingsley", "Redwood", ["Kingsley"]), False),
        (names("Redwoods", "Redwood", []), False),
        (names("", "Redwood", []), False),
        (names("contract.txt", "contract.txt", ["contract_draft.txt"]), True),
        (names("contract_draft.txt", "contract.txt", ["contract_draft.txt"]), False),
        (tells_time("09:30", 9, 30), True),
        (tells_time("It starts at 9:30 AM.", 9, 30), True),
        (tells_time("9:30 p.m.", 21, 30), True),
        (tells_time("12 am", 0, 0), True),
        (tells_time("09:30 or 10:30", 9, 30), False),
        (tells_time("half past nine", 9, 30), False),
        (tells_number("$1,249.50", 1249.5), True),
        (tells_number("12", 12.0), True),
        (tells_number("12 of 13", 12), False),
        (tells_phone("+1 (555) 123-4567", "+15551234567"), True),
        (tells_phone("555 123 4567", "+15551234567"), True),
        (tells_phone("4567", "+15551234567"), False),
    ],
)
def test_answers_are_compared_by_what_they_say(said: bool, right: bool) -> None:
    assert said is right


def test_numbers_are_the_same_with_and_without_a_country_code() -> None:
    test = dialled("+15551234567")
    assert [test(number) for number in ("+1 555 123 4567", "5551234567", "1234567", "34567", "5551234568", "")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def looked(people: dict[int, dict[str, Any]], settings: dict[str, str], files: dict[str, str]) -> Look:
    return Look({"contacts": people}, {("global", key): value for key, value in settings.items()}, files)


def test_whatever_a_task_did_not_ask_for_is_left_over() -> None:
    ada, bob = {"display_name": "Ada", "number": "1"}, {"display_name": "Bob", "number": "2"}
    before = looked({1: ada, 2: bob}, {"wifi_on": "1", "data": "1"}, {"/a": "x", "/b": "y"})
    after = looked({1: {**ada, "number": "3"}, 3: {"display_name": "Cy", "number": "4"}}, {"wifi_on": "0"}, {"/c": "x", "/b": "z"})
    changes = compare(before, after)
    assert len(changes.rest) == 8
    assert changes.edited("contacts", {"display_name": "ada "}, number="3")
    assert changes.added("contacts", display_name=lambda name: name.startswith("C"))
    assert not changes.added("contacts", display_name="Cy")
    assert changes.removed("contacts", number="2")
    assert changes.set("global", "wifi_on", "0")
    assert changes.file_moved("/a", "/c")
    assert changes.rest == ("global/data: 1 became -", "/b changed")
    changes.follows("data")
    assert changes.file_changed("/b")
    assert changes.rest == ()


def test_a_row_that_changed_in_another_column_too_is_not_what_was_asked_for() -> None:
    row = {"display_name": "Ada", "number": "1"}
    changes = compare(looked({1: row}, {}, {}), looked({1: {"display_name": "Eve", "number": "3"}}, {}, {}))
    assert not changes.edited("contacts", {"display_name": "Ada"}, number="3")
