"""What a run of MiniWoB++ is bound to, and what is counted from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.benchmarks.miniwob.tasks import CLASSES

BENCHMARK = "miniwob"


class Configuration(RunConfiguration):
    """All that can change a score."""

    benchmark: str = BENCHMARK
    protocol: str = "distinct"
    max_steps: int = 10
    scale: float = 4.0
    viewport: tuple[int, int] = (332, 214)
    pages: str = ""
    """Version of the `miniwob` package."""


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run. `raw > 0` is the rule of the published scores."""
    return episodes.summary(BENCHMARK, configuration, rows, CLASSES)
