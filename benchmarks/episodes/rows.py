"""One episode of a benchmark: what is to be run, how far it is, and what is known of it afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from handeye.benchmarks.intervals import student, wilson
from handeye.benchmarks.results import Row

DEADLINE = "deadline"
"""The outcome of an episode that was ended because it took too long. It is the episode's own failure, and is not tried again."""


class RunConfiguration(BaseModel):
    """All that can change a score. Tasks and seeds are not here: a finished run may be extended by more of both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    """Version of the files of a run."""
    benchmark: str
    """The name under which `handeye bench` has it."""
    model: str
    """A model's name, or `oracle` or `noop`."""
    dialect: str
    max_steps: int

    @property
    def scripted(self) -> bool:
        """Whether no model acts."""
        return self.model in ("oracle", "noop")


@dataclass(frozen=True)
class Job:
    """An episode that is to be run."""

    task: str
    index: int
    """Which of the task's seeds, from 0."""
    seed: int
    attempt: int = 0
    """How often it was tried before, each time with a failure of the world."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes the episode this one, whatever the attempt."""
        return self.task, self.index

    @property
    def folder(self) -> str:
        """Where its trajectory goes, relative to the results."""
        return f"episodes/{self.task}/{self.index}" + (f"-{self.attempt}" if self.attempt else "")


@dataclass(frozen=True)
class Progress:
    """What an episode is about, for live display."""

    job: Job
    step: int
    text: str
    worker: int = 0
    tokens: int = 0
    """Of the episode so far, prompts and replies."""
    cost: float = 0.0
    """Money so far, where the backend tells."""


class EpisodeRow(Row):
    """One episode."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    task: str
    kind: str
    """The class of the task, for reporting."""
    index: int
    """Which of the task's seeds, from 0."""
    seed: int
    attempt: int = 0
    """How often it was tried before; the last attempt counts."""
    difficulty: str = ""
    """As the benchmark grades its tasks; empty if it does not."""
    tags: tuple[str, ...] = ()
    """What the benchmark says of the task in words of its own."""
    budget: int = 0
    """Steps that the agent might take; 0 where it was not known."""
    goal: str = ""
    raw: float = 0.0
    """The task's reward; 0 when the episode did not come to a score."""
    decayed: float = 0.0
    """The reward with a discount for time, where the benchmark has one."""
    reason: str = ""
    done: bool = False
    """The environment ended the episode, or its score is that of an episode that came to its end."""
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
    cost: float = 0.0
    """Money, where the backend tells."""
    run: str = ""
    """The trajectory's folder, relative to the results."""
    last_screen: str = ""
    """The last screenshot, relative to the trajectory's folder."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes an episode this one."""
        return self.task, self.index

    @property
    def failure(self) -> str:
        """Whose failure it was, in a word: `world` (browser, phone, model, worker), `deadline`, or how the agent's episode ended (`reached`
        though it was not, `step_limit`, `gave_up`, ...); empty for a success."""
        return "world" if self.error else "" if self.success else self.outcome

    @property
    def success(self) -> bool:
        """Any reward above 0."""
        return self.raw > 0

    @property
    def strict(self) -> bool:
        """Full reward only."""
        return self.raw == 1.0


RowT = TypeVar("RowT", bound=EpisodeRow)


def score(row: EpisodeRow) -> str:
    """The raw reward for people; what falls short of 1 is never shown as 1."""
    return f"{row.raw:.2f}" if row.raw == 1.0 or row.raw < 0.995 else f"{min(row.raw, 0.9999):.4f}"


def summary(benchmark: str, configuration: RunConfiguration, rows: Sequence[EpisodeRow], kinds: Iterable[str]) -> dict[str, Any]:
    """The numbers of a run, JSON values only: rates by `raw > 0` and by `raw == 1` with Wilson's 95 % intervals, in all and by class."""
    ordered = sorted(final_rows(rows), key=lambda row: row.key)
    classes = {kind: [row for row in ordered if row.kind == kind] for kind in kinds}
    return {
        "benchmark": benchmark,
        **configuration.model_dump(mode="json"),
        "tasks": len({row.task for row in ordered}),
        **_rates(ordered),
        "seeds": by_seed(ordered),
        "attempts": len(rows),
        "retried": [_earlier(row) for row in earlier_rows(rows)],
        "failures": dict(Counter(row.failure for row in ordered if row.failure)),
        "prompt_tokens": sum(row.prompt_tokens for row in ordered),
        "completion_tokens": sum(row.completion_tokens for row in ordered),
        "cost": round(sum(row.cost for row in rows), 6),
        "classes": {kind: {"tasks": len({row.task for row in of}), **_rates(of)} for kind, of in classes.items() if of},
        "median_step_model_s": _median(second for row in ordered for second in row.model_s),
        "median_step_env_s": _median(second for row in ordered for second in row.env_s),
        "rows": [{**row.model_dump(mode="json"), "success": row.success, "strict": row.strict} for row in ordered],
    }


def final_rows(rows: Iterable[RowT]) -> list[RowT]:
    """The last attempt of each episode: what a score is made of."""
    last: dict[tuple[str, int], RowT] = {}
    for row in rows:
        if row.key not in last or row.attempt >= last[row.key].attempt:
            last[row.key] = row
    return list(last.values())


def earlier_rows(rows: Iterable[RowT]) -> list[RowT]:
    """The attempts that do not count, since a later one does."""
    found = list(rows)
    counted = {id(row) for row in final_rows(found)}
    return [row for row in found if id(row) not in counted]


def by_seed(rows: Sequence[EpisodeRow]) -> dict[str, Any] | None:
    """The rates of complete passes over the tasks, one for each seed, with their mean, standard deviation and Student's 95 % interval.

    `reward` has the same of the mean rewards, which is AndroidWorld's figure: a part of a point is a part of a success there. None where a
    reward is not within 0 and 1. All is None with fewer than two seeds, or while not every task has all of them.
    """
    tasks = {row.task for row in rows}
    passes = [[row for row in rows if row.index == index] for index in sorted({row.index for row in rows})]
    if len(passes) < 2 or any({row.task for row in one} != tasks for one in passes):
        return None
    graded = all(0 <= row.raw <= 1 for row in rows)
    return {
        "count": len(passes),
        **_over([fmean(row.success for row in one) for one in passes]),
        "reward": _over([fmean(row.raw for row in one) for one in passes]) if graded else None,
    }


def _over(rates: Sequence[float]) -> dict[str, Any]:
    return {"rates": rates, "mean": fmean(rates), "sd": stdev(rates), "interval": list(student(rates))}


def _earlier(row: EpisodeRow) -> dict[str, Any]:
    return {"task": row.task, "index": row.index, "attempt": row.attempt, "error": row.error, "run": row.run, "seconds": row.seconds}


def _rates(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    count, solved, full = len(rows), sum(row.success for row in rows), sum(row.strict for row in rows)
    return {
        "episodes": count,
        "success_rate": solved / count if count else 0.0,
        "success_rate_strict": full / count if count else 0.0,
        "interval": list(wilson(solved, count)),
        "interval_strict": list(wilson(full, count)),
        "errors": sum(bool(row.error) for row in rows),
    }


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(median(found), 4) if found else None
