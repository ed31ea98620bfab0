"""AndroidWorld's suite as its checkout describes it: tasks, difficulties, step budgets, and the seeds of their instances."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from handeye.benchmarks.androidworld.host import check_checkout
from handeye.tools.errors import InvalidAction, SetupError

SEED = 30
"""AndroidWorld's own default (google-research/android_world: run.py, `task_random_seed`)."""
Budget: TypeAlias = Literal["official", "halved", "1.2x"]
BUDGETS: Mapping[Budget, float] = {"official": 1.0, "halved": 0.5, "1.2x": 1.2}
"""Factors to int(10 x complexity) steps (suite_utils.py, `_allocate_step_budget`). Until 2024-11-18 budgets were about half of today's, and
older scores do not compare; MadeAgents/mobile-use takes 1.2 times."""
METADATA = "android_world/task_metadata.json"
TRIED = "d9c569f"
"""The commit that all of this was tried with. Tasks, their budgets and what their evaluators ask for are others at another."""


@dataclass(frozen=True)
class TaskFacts:
    """What the checkout says of a task."""

    name: str
    template: str
    difficulty: str
    tags: tuple[str, ...]
    human_steps: int
    """Steps that a person took."""


def read_tasks(checkout: Path) -> dict[str, TaskFacts]:
    """Every task by its name, as `task_metadata.json` lists them. Raises `SetupError` for a folder that is no checkout."""
    check_checkout(checkout)
    try:
        found = json.loads((checkout / METADATA).read_bytes())
        return {facts.name: facts for facts in map(_facts, found)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = f"check out google-research/android_world at {TRIED}, with which this was tried"
        raise SetupError(f"{checkout / METADATA} is not as expected ({error!r}).", fix=fix) from error


def _facts(row: Mapping[str, Any]) -> TaskFacts:
    tags = tuple(str(tag) for tag in row["tags"] if tag)
    return TaskFacts(str(row["task_name"]), str(row["task_template"]), str(row["difficulty"]), tags, int(row["optimal_steps"] or 0))


def choose(tasks: Mapping[str, TaskFacts], names: Sequence[str]) -> list[str]:
    """The names, checked, each once, or all. Raises `InvalidAction` for one that does not exist, with those that come close."""
    for name in names:
        if name not in tasks:
            close = get_close_matches(name, tasks, n=1)
            raise InvalidAction(f"AndroidWorld has no task {name!r}" + (f", did you mean {close[0]}?" if close else ""))
    return list(dict.fromkeys(names)) if names else sorted(tasks)


def instance_seed(task: str, index: int, seed: int = SEED) -> int:
    """The seed of instance `index` of a task (suite_utils.py, `create_suite`): its parameters are drawn by it."""
    return int(hashlib.sha256(f"{seed}_{task}_{index}".encode()).hexdigest(), 16) % 2**32


def step_budget(complexity_steps: int, budget: Budget) -> int:
    """Steps that an agent has, from the int(10 x complexity) of the task."""
    return max(1, int(complexity_steps * BUDGETS[budget]))


def read_budget(text: str) -> Budget:
    """A name of `BUDGETS`. Raises `InvalidAction`."""
    for name in get_args(Budget):
        if name == text:
            return name  # type: ignore[no-any-return]
    raise InvalidAction(f"--budget is {', '.join(BUDGETS)}, not {text!r}")


def commit(checkout: Path) -> str:
    """The checkout's commit, with a + when files were changed; `unknown` for a folder that is no root of a git checkout."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True, timeout=30, check=True)
        return done.stdout.strip()

    try:
        # An archive that was unpacked within another repository has not that one's commit.
        if Path(git("rev-parse", "--show-toplevel")).resolve() != checkout.resolve():
            return "unknown"
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def check_commit(checkout: Path, other: bool = False) -> None:
    """Raises `SetupError` for a folder that is no checkout, and, unless `other` is allowed, for one of another commit than `TRIED`.

    A commit that cannot be told is let through: the results say `unknown`.
    """
    check_checkout(checkout)
    found = commit(checkout)
    if found != "unknown" and not found.startswith(TRIED) and not other:
        raise SetupError(
            f"{checkout} is at commit {found}, and this was made with {TRIED}: tasks, budgets and rules are others at another commit.",
            fix=f"git -C {shlex.quote(str(checkout))} checkout {TRIED}; or --any-commit, and the results say which it was",
        )


def doubts(checkout: Path) -> list[str]:
    """What a user must know of the code that will score, in sentences."""
    found = commit(checkout)
    if found == "unknown":
        return [f"{checkout} is no git checkout: whether it is AndroidWorld's {TRIED} cannot be told, and the results say 'unknown'."]
    told = [] if found.startswith(TRIED) else [f"{checkout} is at {found.rstrip('+')}, and not at {TRIED}: the numbers do not compare."]
    return told + ([f"{checkout} has changes that no commit holds: the results call it {found}."] if found.endswith("+") else [])
