"""What a run leaves behind: one JSON row for each episode, and what is counted from the rows.

OUT/config.json     how the episodes are run; a restart with another configuration is refused
OUT/results.jsonl   one row an episode, appended and flushed the moment it ends
OUT/episodes/       the trajectory of each episode
OUT/index.html      the report
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict

from handeye.benchmarks import results
from handeye.benchmarks.miniwob.tasks import CLASSES
from handeye.benchmarks.results import ResultsFolder, Row

BENCHMARK = "miniwob"


class Configuration(BaseModel):
    """All that can change a score. Tasks and seeds are not here: a finished run may be extended by more of both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """A model's name, or `oracle` or `noop`."""
    dialect: str
    protocol: str = "distinct"
    max_steps: int = 10
    scale: float = 4.0
    viewport: tuple[int, int] = (332, 214)
    pages: str = ""
    """Version of the `miniwob` package."""


class EpisodeRow(Row):
    """One episode."""

    task: str
    kind: str
    index: int
    """Which of the task's seeds, from 0."""
    seed: int
    goal: str = ""
    raw: float = 0.0
    """The page's reward without its discount for time; 0 when the page did not end the episode."""
    decayed: float = 0.0
    """The page's reward with its discount, as the raised time limit gives it."""
    reason: str = ""
    done: bool = False
    """The page ended the episode."""
    outcome: str = ""
    """How the loop ended (`handeye.agent.trajectory.Outcome`), or `world_error`."""
    message: str = ""
    steps: int = 0
    seconds: float = 0.0
    model_s: tuple[float, ...] = ()
    """Seconds of the model in each step, reading its reply included."""
    env_s: tuple[float, ...] = ()
    """Seconds of the environment (act, settle, capture) in each step."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    run: str = ""
    """The trajectory's folder, relative to the results."""
    last_screen: str = ""
    """The last screenshot, relative to the trajectory's folder."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes an episode this one."""
        return self.task, self.index

    @property
    def success(self) -> bool:
        """The rule of the published scores: any reward above 0."""
        return self.raw > 0

    @property
    def strict(self) -> bool:
        """Full reward only."""
        return self.raw == 1.0


def score(row: EpisodeRow) -> str:
    """The raw reward for people; what falls short of 1 is never shown as 1."""
    return f"{row.raw:.2f}" if row.raw == 1.0 or row.raw < 0.995 else f"{min(row.raw, 0.9999):.4f}"


class Results(ResultsFolder[EpisodeRow]):
    """The rows in a folder. One process at a time may write them."""

    def __init__(self, out: Path, configuration: Configuration, retry_errors: bool = False) -> None:
        super().__init__(out, configuration, EpisodeRow, retry_errors)


def read_rows(path: Path) -> tuple[list[EpisodeRow], int]:
    """The complete rows of a `results.jsonl` and how many bytes they take. Raises `TrajectoryError` for a damaged row."""
    return results.read_rows(path, EpisodeRow)


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run, JSON values only: rates by `raw > 0` and by `raw == 1`, in all and by class."""
    ordered = sorted(rows, key=lambda row: row.key)
    classes = {kind: [row for row in ordered if row.kind == kind] for kind in CLASSES}
    return {
        "benchmark": BENCHMARK,
        **configuration.model_dump(mode="json"),
        "tasks": len({row.task for row in ordered}),
        **_rates(ordered),
        "classes": {kind: {"tasks": len({row.task for row in of}), **_rates(of)} for kind, of in classes.items() if of},
        "median_step_model_s": _median(second for row in ordered for second in row.model_s),
        "median_step_env_s": _median(second for row in ordered for second in row.env_s),
        "rows": [{**row.model_dump(mode="json"), "success": row.success, "strict": row.strict} for row in ordered],
    }


def _rates(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    count = len(rows)
    return {
        "episodes": count,
        "success_rate": sum(row.success for row in rows) / count if count else 0.0,
        "success_rate_strict": sum(row.strict for row in rows) / count if count else 0.0,
        "errors": sum(bool(row.error) for row in rows),
    }


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(median(found), 4) if found else None
