"""Episodes in which nothing happens: what a runner itself costs, measured without a world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.benchmarks.episodes.rows import EpisodeRow, Job, RunConfiguration, summary
from handeye.benchmarks.episodes.worker import EpisodeWorker

if TYPE_CHECKING:
    from handeye.agent.loop import Event


class Configuration(RunConfiguration):
    """Nothing that could change a score."""

    benchmark: str = "idle"
    model: str = "none"
    dialect: str = "none"
    max_steps: int = 10


class Worker(EpisodeWorker):
    """Gives a row as long as a real one's at once."""

    configuration_type = Configuration

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        return EpisodeRow(task=job.task, kind="idle", index=job.index, seed=job.seed)

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Over at once."""
        folder.mkdir(parents=True)
        return row.model_copy(update={"goal": "Do nothing. " * 10, "outcome": "reached", "raw": 1.0, "done": True})

    def drop_world(self) -> None:
        """There is none."""


def count(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run."""
    return summary("idle", configuration, rows, ("idle",))
