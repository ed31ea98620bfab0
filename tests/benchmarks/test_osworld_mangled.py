"""OSWorld's tasks from outside: mangled ones end in our errors, what keeps one from running is said, a real checkout is read whole."""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.benchmarks.desktop.catalogue import EXAMPLES, TASKS, of_osworld
from handeye.benchmarks.osworld.machine import commands_of
from handeye.benchmarks.osworld.programs import find, has_office_part
from handeye.benchmarks.osworld.support import counted, obstacles
from handeye.benchmarks.osworld.task import Task, parse_task, read_task, why_not
from handeye.tools.errors import InvalidAction

VALID = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(TASKS.glob("*/*.json"))]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside of a JSON value."""
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(data[key], (*path, key))


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A valid task with some values replaced or dropped."""
    task = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(task))
        if not ways:
            break
        *above, last = draw(st.sampled_from(ways))
        owner = task
        for key in above:
            owner = owner[key]
        if draw(st.booleans()):
            owner[last] = draw(JUNK)
        else:
            del owner[last]
    return json.dumps(task)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mangled())
def test_a_mangled_task_ends_in_our_error_or_is_one(text: str) -> None:
    try:
        task = parse_task(text)
    except InvalidAction:
        return
    assert isinstance(why_not(task), str)
    assert isinstance(commands_of(task), str)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, b"\0"])
def test_a_file_that_is_no_task_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(InvalidAction, match=r"odd\.json"):
        read_task(path)
    with pytest.raises(InvalidAction, match="cannot be read"):
        read_task(tmp_path / "none.json")


def built(**more: Any) -> Task:
    evaluator = {"func": "exact_match", "result": {"type": "vm_command_line", "command": "pwd"}} | more.pop("evaluator", {})
    return parse_task(json.dumps({"id": "t", "instruction": "do", "evaluator": evaluator, **more}))


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (built(), ""),
        (built(config=[{"type": "googledrive", "parameters": {}}]), "config step googledrive"),
        (built(evaluator={"func": "compare_videos"}), "metric compare_videos"),
        (built(evaluator={"result": {"type": "vm_wallpaper"}}), "getter vm_wallpaper"),
        (built(evaluator={"expected": {"type": "pdf_from_url"}}), "getter pdf_from_url"),
        (built(evaluator={"func": "infeasible", "result": {"type": "nothing"}}), ""),
        (built(evaluator={"func": "check_json", "options": {"is_yaml": True}}), "YAML"),
        (built(proxy=True), "proxy"),
        (built(config=[{"type": "execute", "parameters": {"command": "sudo ls", "shell": True}}]), "administrator"),
        (built(config=[{"type": "execute", "parameters": {"command": ["gsettings", "list"]}}]), "GNOME"),
    ],
)
def test_what_keeps_a_task_from_running_is_said(task: Task, reason: str) -> None:
    assert reason in why_not(task) if reason else why_not(task) == ""


@pytest.mark.parametrize("program", ["gimp", "thunderbird", "vlc"])
def test_a_program_that_is_missing_is_named(program: str) -> None:
    words = why_not(built(related_apps=[program]))
    assert (f"program {program} is not installed" in words) == (not find(program))
    assert words == why_not(built(config=[{"type": "launch", "parameters": {"command": [program]}}]))


def test_a_part_of_libreoffice_that_is_missing_is_named_with_its_package() -> None:
    for part, ending in (("calc", "xlsx"), ("writer", "docx"), ("impress", "pptx")):
        by_name = why_not(built(related_apps=[f"libreoffice_{part}"]))
        by_file = why_not(built(config=[{"type": "open", "parameters": {"path": f"/home/user/a.{ending}"}}]))
        assert by_name == by_file
        assert (f"apt-get install libreoffice-{part}" in by_name) == (not has_office_part(part))


def test_reasons_are_counted() -> None:
    tasks = [built(proxy=True), built(proxy=True, evaluator={"func": "compare_videos"}), built()]
    assert counted(tasks) == [("needs a proxy to live web sites", 2, 1), ("metric compare_videos", 1, 0)]


def test_all_of_a_real_checkout_is_read_and_what_cannot_run_says_why() -> None:
    named = os.environ.get("HANDEYE_OSWORLD", "")
    if not named:
        pytest.skip("set HANDEYE_OSWORLD to a checkout of xlang-ai/OSWorld")
    checkout = Path(named)
    root = next(checkout / place for place in EXAMPLES if any((checkout / place).glob("*/*.json")))
    entries = of_osworld(checkout)
    assert Counter(entry.domain for entry in entries.values()) == Counter(path.parent.name for path in root.glob("*/*.json"))
    assert {"chrome", "libreoffice_calc", "multi_apps", "os"} <= {entry.domain for entry in entries.values()}
    for entry in entries.values():
        assert (why_not(entry.task) == "") == (not list(obstacles(entry.task)))
    # No step, getter or metric of spreadsheets, documents and slides is missing, whatever programs are installed.
    office = [entry.task for entry in entries.values() if entry.domain.startswith(("libreoffice_calc", "libreoffice_writer"))]
    assert not [task.id for task in office if any(reason.startswith(("config step", "metric", "getter")) for reason in obstacles(task))]
