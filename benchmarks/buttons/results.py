"""What is known of each page after its episode, and what is counted from that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.results import Row
from handeye.tools.geometry import Box, Point

BENCHMARK = "buttons"

Verdict: TypeAlias = Literal["inside", "outside", "no click", "unreadable", "error"]
VERDICTS: tuple[Verdict, ...] = ("inside", "outside", "no click", "unreadable", "error")


class Configuration(BaseModel):
    """All that can change a score. The number of pages is not here: a finished run may be extended by more of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    dialect: str
    seed: int
    """Which series of pages."""
    constrain: bool
    steps: int
    """Actions in which the click must come."""
    max_new_tokens: int


class PageRow(Row):
    """One page."""

    page: int
    """Which of the series, from 0."""
    goal: str
    target: Box
    hits: tuple[int, ...] = ()
    """What the page was clicked on: indices of buttons, -1 beside all of them."""
    click: Point | None = None
    """Where the click was aimed."""
    distance: float | None = None
    """Pixels from there to the middle of the target."""
    reward: float = 0.0
    """1: the page got one click, on the target."""
    outcome: str = ""
    """How the loop ended (`handeye.agent.trajectory.Outcome`); empty when it did not begin."""
    reply: str = ""
    """The model's last words."""
    attempts: int = 0
    """Calls of the model."""
    seconds: float = 0.0
    """The whole episode, loading the page included."""
    model_s: float = 0.0
    """Of the model, reading its replies included."""
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds of the model by phase, as far as the backend tells them."""
    env_s: tuple[float, ...] = ()
    """Seconds of the environment (act, settle, capture) in each step that was carried out."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompts', those that were not computed again."""
    run: str = ""
    """The trajectory's folder, relative to the results; empty if it was not kept."""

    @property
    def verdict(self) -> Verdict:
        """How the page ended, in a word."""
        if self.error:
            return "error"
        if self.reward == 1:
            return "inside"
        if self.click is not None or self.hits:
            return "outside"
        return "unreadable" if self.outcome == "unreadable" else "no click"


def summary(configuration: Configuration, rows: Sequence[PageRow]) -> dict[str, Any]:
    """The numbers of a run, JSON values only. Every page is a task of its own; failures of the world count as not solved."""
    ordered = sorted(rows, key=lambda row: row.page)
    count = len(ordered)
    counts = {verdict: sum(row.verdict == verdict for row in ordered) for verdict in VERDICTS}
    prompt = sum(row.prompt_tokens for row in ordered)
    phases = dict.fromkeys(phase for row in ordered for phase in row.timings)
    return {
        "benchmark": BENCHMARK,
        **configuration.model_dump(mode="json"),
        "tasks": count,
        "episodes": count,
        "success_rate": counts["inside"] / count if count else 0.0,
        "interval": wilson(counts["inside"], count),
        "verdicts": counts,
        "median_distance": _median(row.distance for row in ordered if row.distance is not None),
        "median_model_s": _median(row.model_s for row in ordered if row.attempts),
        "median_phases": {phase: _median(row.timings[phase] for row in ordered if phase in row.timings) for phase in phases},
        "median_step_env_s": _median(second for row in ordered for second in row.env_s),
        "cached_share": sum(row.cached_tokens for row in ordered) / prompt if prompt else None,
        "rows": [{**row.model_dump(mode="json"), "verdict": row.verdict, "success": row.verdict == "inside"} for row in ordered],
    }


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(median(found), 4) if found else None
