"""The score of what a task left behind, by OSWorld's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handeye.benchmarks.osworld.documents import UNREADABLE
from handeye.benchmarks.osworld.getters import get
from handeye.benchmarks.osworld.metrics import METRICS, measure
from handeye.benchmarks.osworld.task import Task
from handeye.benchmarks.osworld.world import World
from handeye.tools.errors import InvalidAction

Last = Literal["DONE", "FAIL", ""]
"""What an episode ended with: the model said that it is done, that it cannot be done, or nothing (the steps ran out)."""


@dataclass(frozen=True)
class Verdict:
    """A score from 0 to 1, and why it is what it is."""

    score: float
    reason: str


def judge(world: World, task: Task, last: Last) -> Verdict:
    """Score a world whose `postconfig` has been done (xlang-ai/OSWorld:desktop_env/desktop_env.py, evaluate).

    Raises `InvalidAction` when the evaluator cannot be used here, `DeviceError` when a file cannot be had.
    """
    said_fail = last == "FAIL"
    if task.evaluator.infeasible:
        return Verdict(float(said_fail), "rightly said to be infeasible" if said_fail else "this task cannot be done, which was not said")
    if said_fail:
        return Verdict(0.0, "said to be infeasible, which it is not")
    verdicts = []
    for index in range(len(task.evaluator.func)):
        one = _measured(world, task, index)
        verdicts.append(one)
        if task.evaluator.conj == "and" and one.score == 0.0:
            return one
        if task.evaluator.conj == "or" and one.score == 1.0:
            return one
    scores = [one.score for one in verdicts]
    whole = sum(scores) / len(scores) if task.evaluator.conj == "and" else max(scores)
    return Verdict(whole, "; ".join(one.reason for one in verdicts))


def _measured(world: World, task: Task, index: int) -> Verdict:
    rules = task.evaluator
    name, options, wanted = rules.func[index], rules.options[index], rules.expected[index]
    if name not in METRICS:
        raise InvalidAction(f"there is no metric {name!r} here")
    result, expected = get(world, rules.result[index]), get(world, wanted)
    try:
        score = measure(name, result, world.mapped(expected) if _compares_paths(name) else expected, wanted is not None, options)
    except UNREADABLE as error:
        return Verdict(0.0, f"{name}: {type(error).__name__}: {error}"[:400])
    shown = f", found {str(result)[:200]!r}" if score < 1.0 else ""
    return Verdict(score, f"{name} gives {score:g}{shown}")


def _compares_paths(name: str) -> bool:
    """Whether a metric looks for paths inside of files, which name this world's home folder and not OSWorld's."""
    return name in ("check_json_settings", "check_json", "compare_config", "check_config_status", "is_vlc_recordings_folder")
