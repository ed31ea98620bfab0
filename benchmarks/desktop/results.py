"""What a run of the desktop tasks is bound to, and what is counted from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handeye.benchmarks.desktop.catalogue import DOMAINS, GUIDED
from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration

BENCHMARK = "desktop"
POLICY = "What is left behind is scored by OSWorld's rules; a task that cannot be done is solved by saying so"


class Configuration(RunConfiguration):
    """All that can change a score."""

    benchmark: str = BENCHMARK
    max_steps: int = 0
    """0: each task's own limit."""
    policy: str = POLICY
    screen: tuple[int, int] = (1280, 800)
    """Pixels of the screen."""
    osworld: str = ""
    """Folder of the OSWorld checkout whose tasks are run; empty: our own tasks."""


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run, and the mean score: OSWorld gives parts of a point."""
    own = (*DOMAINS, GUIDED)
    kinds = own if not configuration.osworld else sorted({row.kind for row in rows})
    numbers = episodes.summary(BENCHMARK, configuration, rows, kinds)
    return {**numbers, "mean_score": sum(row.raw for row in rows) / len(rows) if rows else 0.0}
