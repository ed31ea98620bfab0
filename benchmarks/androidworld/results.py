"""What a run of AndroidWorld is bound to, and what is counted from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handeye.benchmarks.androidworld.solutions import TRUE_AT_ONCE
from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration, final_rows

BENCHMARK = "androidworld"
POLICY = "An episode counts only if the agent ended it itself"
"""AndroidWorld's rule (google-research/android_world: suite_utils.py, `_run_task`). Nobody says `done` for an agent whose budget ends."""
DIFFICULTIES = ("easy", "medium", "hard")


class Configuration(RunConfiguration):
    """All that can change a score."""

    benchmark: str = BENCHMARK
    max_steps: int = 0
    """0: each task's budget."""
    budget: str = "official"
    policy: str = POLICY
    seed: int = 30
    """What instance seeds are made of."""
    commit: str = ""
    """Of the checkout."""
    device: str = "sim"
    """`sim`, `avd NAME`, or `serial` for phones and emulators that run already."""
    screen: tuple[int, int] = (1080, 2400)
    """Pixels of a simulated phone's screen."""
    snapshot: str = ""
    """What emulators load before each task; `none`: they boot once, and only AndroidWorld itself brings things back."""


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run.

    `task_mean` is the mean of the tasks' own means, as AndroidWorld reports it; partial rewards of composite tasks count in it.
    `published_mean` leaves out episodes that an error ended, as AndroidWorld's runner does, and is here to compare with: such episodes
    count as failures everywhere else. `without_true_at_once` leaves out the tasks that are done as they begin (issue 315).
    """
    counted = final_rows(rows)
    numbers = episodes.summary(BENCHMARK, configuration, rows, DIFFICULTIES)
    tags = sorted({tag for row in counted for tag in row.tags})
    return {
        **numbers,
        "task_mean": task_mean(counted),
        "published_mean": task_mean([row for row in counted if not row.error]),
        "without_true_at_once": task_mean([row for row in counted if row.task not in TRUE_AT_ONCE]),
        "tags": {tag: _part([row for row in counted if tag in row.tags]) for tag in tags},
    }


def task_mean(rows: Sequence[EpisodeRow]) -> float | None:
    """Mean over tasks of the mean reward; None for no rows."""
    tasks: dict[str, list[float]] = {}
    for row in rows:
        tasks.setdefault(row.task, []).append(row.raw)
    return sum(sum(raws) / len(raws) for raws in tasks.values()) / len(tasks) if tasks else None


def _part(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    return {"episodes": len(rows), "success_rate": sum(row.success for row in rows) / len(rows)}
