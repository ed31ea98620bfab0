"""OSWorld's tasks: what is read, refused, begun and scored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.benchmarks.osworld.machine import Machine
from handeye.benchmarks.osworld.snippets import read_snippet
from handeye.benchmarks.osworld.task import Task, parse_task
from handeye.tools.errors import InvalidAction

SAVE = ["python", "-c", "import pyautogui; import time; pyautogui.hotkey('ctrl', 's');"]


def task() -> Task:
    step: dict[str, Any] = {"type": "execute", "parameters": {"command": "printf old > /home/user/a.txt", "shell": True}}
    return parse_task(
        json.dumps(
            {
                "id": "a",
                "instruction": "Write new before old",
                "config": [step, {"type": "open", "parameters": {"path": "/home/user/a.txt"}}],
                "evaluator": {
                    "postconfig": [{"type": "execute", "parameters": {"command": SAVE}}],
                    "func": "check_include_exclude",
                    "result": {"type": "vm_command_line", "command": ["cat", "/home/user/a.txt"]},
                    "expected": {"type": "rule", "rules": {"include": ["newold"]}},
                },
            }
        )
    )


@given(
    st.text(max_size=60)
    | st.recursive(st.none() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(json.dumps)
)
def test_what_is_no_task_is_our_error(text: str) -> None:
    with pytest.raises(InvalidAction):
        parse_task(text)


def test_a_snippet_with_anything_else_is_not_played() -> None:
    assert read_snippet(SAVE[2]) is not None
    assert read_snippet("import os, pyautogui; os.remove('x')") is None


def test_an_editor_is_worked_and_scored_both_ways_and_trust_is_asked() -> None:
    with Machine.start() as machine:
        with pytest.raises(InvalidAction, match="trust"):
            machine.begin(task())
        machine.begin(task(), trusted=True)
        machine.driver.type_text("new")
        assert machine.score(task(), "DONE").score == 1.0
        machine.begin(task(), trusted=True)
        assert machine.score(task(), "DONE").score == 0.0
        assert machine.score(task(), "FAIL").score == 0.0
