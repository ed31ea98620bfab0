"""What a run of the phone tasks is bound to, and what is counted from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.benchmarks.simphone.task import KINDS

BENCHMARK = "simphone"
POLICY = "An episode counts only if the agent ended it itself, with success or an answer"
"""AndroidWorld's rule (google-research/android_world: suite_utils.py, `_run_task`), said with every score."""


class Configuration(RunConfiguration):
    """All that can change a score."""

    benchmark: str = BENCHMARK
    max_steps: int = 0
    """0: each task's own budget."""
    policy: str = POLICY
    screen: tuple[int, int] = (1080, 2400)
    """Pixels of the phone's screen."""


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run, and the rate by difficulty."""
    from handeye.benchmarks.simphone.catalogue import find_task

    numbers = episodes.summary(BENCHMARK, configuration, rows, KINDS)
    levels: dict[str, Any] = {}
    for level in ("easy", "medium", "hard"):
        of = [row for row in rows if find_task(row.task).difficulty == level]
        levels[level] = {"episodes": len(of), "success_rate": sum(row.success for row in of) / len(of) if of else 0.0}
    return {**numbers, "difficulties": levels}
