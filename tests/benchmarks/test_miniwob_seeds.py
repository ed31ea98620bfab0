"""The list of tasks and the seeds of both protocols."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.benchmarks.miniwob import tasks
from handeye.benchmarks.miniwob.seeds import episodes, page_seeds, task_seeds
from handeye.benchmarks.miniwob.tasks import CLASSES, LEFT_OUT, TASKS, find_task, html_root
from handeye.tools.errors import InvalidAction, SetupError

NAMES = st.sampled_from(sorted(TASKS))


def test_the_125_tasks_are_the_pages_without_the_five(pages: None) -> None:
    shipped = {page.stem for page in (html_root() / "miniwob").glob("*.html")}
    assert len(TASKS) == 125
    assert shipped == set(TASKS) | set(LEFT_OUT)
    assert sum(map(len, CLASSES.values())) == 125, "a task has one class"
    assert list(TASKS) == sorted(TASKS)


def test_time_limits_are_those_in_the_pages(pages: None) -> None:
    for task in TASKS.values():
        source = (html_root() / "miniwob" / f"{task.name}.html").read_text(encoding="utf-8")
        said = re.search(r"EPISODE_MAX_TIME\s*=\s*(\d+)", source)
        assert task.limit_s * 1000 == (int(said[1]) if said else 10_000), task.name


@pytest.mark.parametrize(("name", "hint"), [("click-buton", "click-button"), ("simon-says", "clock"), ("x", "x")])
def test_an_unknown_task_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(InvalidAction, match=hint):
        find_task(name)


def test_without_the_package_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_PACKAGE", "no_package_of_this_name")
    with pytest.raises(SetupError, match="pip install --no-deps miniwob"):
        html_root()


def test_the_published_seeds_are_reproduced() -> None:
    assert task_seeds("ascending-numbers") == (28, 14, 7, 20, 18)
    assert page_seeds("ascending-numbers", 5, "browsergym") == (42241, 117355, 585903, 879066, 978218)
    assert task_seeds("bisect-angle") == (22, 10, 10, 23, 23)
    assert task_seeds("visual-addition") == (20, 5, 0, 4, 11)


def test_the_published_seeds_repeat_themselves() -> None:
    pairs = {(name, seed) for name in TASKS for seed in task_seeds(name)}
    assert len(pairs) == 590
    assert sum(len(set(task_seeds(name))) < 5 for name in TASKS) == 33


@given(NAMES, st.integers(1, 60))
def test_distinct_seeds_differ_and_do_not_depend_on_how_many_are_asked_for(name: str, count: int) -> None:
    seeds = page_seeds(name, count)
    assert len(set(seeds)) == count
    assert all(0 <= seed < 1_000_000 for seed in seeds)
    assert page_seeds(name, count + 1)[:count] == seeds


def test_distinct_seeds_are_the_same_everywhere() -> None:
    assert page_seeds("click-test") == (588516, 365555, 824084, 143387, 778675)


def test_episodes_take_every_task_before_the_second_seed() -> None:
    assert [one[:2] for one in episodes(["click-test", "enter-text"], 2, "distinct")] == [
        ("click-test", 0),
        ("enter-text", 0),
        ("click-test", 1),
        ("enter-text", 1),
    ]


@pytest.mark.parametrize(("count", "protocol"), [(0, "distinct"), (6, "browsergym")])
def test_an_impossible_number_of_seeds_is_refused(count: int, protocol: str) -> None:
    with pytest.raises(InvalidAction, match=r"seeds?"):
        page_seeds("click-test", count, protocol)  # type: ignore[arg-type]
