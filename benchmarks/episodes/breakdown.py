"""Where a run of episodes did well, where it failed, how far it came with its steps, and where time, tokens and money went.

Everything is computed from the rows that count: the last attempt of each episode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean, median
from typing import Any

from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.intervals import wilson

FAILURES: Mapping[str, str] = {
    "world": "browser, phone, desktop, model or worker failed; counted as not solved",
    "deadline": "ended from outside, since it took too long",
    "reached": "the agent said that the goal is reached, and it was not",
    "not_reached": "the agent gave up, or said that it cannot be done",
    "step_limit": "all steps of the budget were used",
    "time_limit": "the agent's own time was over",
    "cost_limit": "the model's calls cost as much as they may",
    "denied": "the same thing was denied again and again",
    "repeating": "the same action on the same screen, again and again",
    "unreadable": "no reply could be read",
    "env_done": "the environment ended it without success",
    "interrupted": "stopped by a person",
}
"""Kinds of failure (`EpisodeRow.failure`) in words."""
TENTHS = 10


@dataclass(frozen=True)
class Part:
    """The episodes of one task, class, tag, ..."""

    name: str
    tasks: int
    episodes: int
    solved: int
    """Any reward above 0."""
    full: int
    """Full reward."""
    reward: float
    """Mean raw reward."""
    errors: int
    interval: tuple[float, float]
    """Wilson's, 95 %, of the rate of solved episodes, as if they were independent of each other."""
    steps: float
    """Median."""

    @property
    def rate(self) -> float:
        """Share of solved episodes."""
        return self.solved / self.episodes

    @property
    def rate_full(self) -> float:
        """Share of episodes with full reward."""
        return self.full / self.episodes


def part(name: str, rows: Sequence[EpisodeRow]) -> Part:
    """At least one row."""
    solved = sum(row.success for row in rows)
    return Part(
        name=name,
        tasks=len({row.task for row in rows}),
        episodes=len(rows),
        solved=solved,
        full=sum(row.strict for row in rows),
        reward=fmean(row.raw for row in rows),
        errors=sum(bool(row.error) for row in rows),
        interval=wilson(solved, len(rows)),
        steps=median(row.steps for row in rows),
    )


def parts(rows: Sequence[EpisodeRow], names: Callable[[EpisodeRow], Sequence[str]], first: Sequence[str] = ()) -> list[Part]:
    """One part for each name that a row gives, those of `first` in their order, the others by the alphabet. Empty names are left out."""
    found: dict[str, list[EpisodeRow]] = {}
    for row in rows:
        for name in dict.fromkeys(names(row)):
            found.setdefault(name, []).append(row)
    order = [*(name for name in first if name in found), *sorted(found.keys() - set(first))]
    return [part(name, found[name]) for name in order if name]


@dataclass(frozen=True)
class Failures:
    """The episodes that failed in one way."""

    kind: str
    meaning: str
    rows: tuple[EpisodeRow, ...]

    @property
    def name(self) -> str:
        """The kind for people: a failure that is only called `reached` reads like a success."""
        return kind_name(self.kind)


def kind_name(kind: str) -> str:
    """A kind of failure for people."""
    return {"reached": "reached, but not", "env_done": "ended by environment"}.get(kind, kind.replace("_", " "))


def failures(rows: Sequence[EpisodeRow]) -> list[Failures]:
    """The kinds of failure, the most frequent first."""
    found: dict[str, list[EpisodeRow]] = {}
    for row in rows:
        if not row.success:
            found.setdefault(row.failure, []).append(row)
    named = [Failures(kind or "unknown", FAILURES.get(kind, ""), tuple(of)) for kind, of in found.items()]
    return sorted(named, key=lambda one: (-len(one.rows), one.kind))


def budget_of(row: EpisodeRow, numbers: Mapping[str, Any]) -> int:
    """Steps that the episode might take: the run's own limit, else the task's; 0 where neither is known."""
    return int(numbers.get("max_steps") or 0) or row.budget


@dataclass(frozen=True)
class Budget:
    """Steps that were used against those that there were."""

    known: int
    """Episodes whose budget is known."""
    ended_at: int
    """Episodes that their budget ended (`step_limit`)."""
    solved_bins: tuple[int, ...]
    """Solved episodes by the share of the budget that they used, in tenths; what is beyond its budget counts in the last."""
    failed_bins: tuple[int, ...]
    solved_share: float | None
    """Median share of the budget that solved episodes used."""
    failed_share: float | None
    used: int
    """Steps, of the episodes whose budget is known."""
    allowed: int


def budget(rows: Sequence[EpisodeRow], numbers: Mapping[str, Any]) -> Budget:
    """How the steps of `rows` stand against their budgets."""
    known = [(row, limit) for row in rows if (limit := budget_of(row, numbers)) > 0]
    shares = {won: [row.steps / limit for row, limit in known if row.success == won] for won in (True, False)}
    return Budget(
        known=len(known),
        ended_at=sum(row.outcome == "step_limit" for row in rows),
        solved_bins=_bins(shares[True]),
        failed_bins=_bins(shares[False]),
        solved_share=median(shares[True]) if shares[True] else None,
        failed_share=median(shares[False]) if shares[False] else None,
        used=sum(row.steps for row, _ in known),
        allowed=sum(limit for _, limit in known),
    )


def _bins(shares: Sequence[float]) -> tuple[int, ...]:
    """How many of `shares` lie in (0, 0.1], (0.1, 0.2], ...; nothing used counts in the first."""
    counts = [0] * TENTHS
    for share in shares:
        # 3 of 10 steps are 0.30000000000000004 of something: a part of a step less than the next tenth is none.
        counts[min(TENTHS - 1, max(0, ceil(share * TENTHS - 1e-9) - 1))] += 1
    return tuple(counts)


@dataclass(frozen=True)
class Spent:
    """One thing that episodes took."""

    name: str
    unit: str
    """`s`, `tokens` or empty (steps, money)."""
    total: float
    median: float
    high: float
    """The least that 90 of 100 episodes do not exceed."""
    share: float | None = None
    """Of the time of all episodes together."""


def times(rows: Sequence[EpisodeRow]) -> list[Spent]:
    """Seconds of the model, of the environment, and beside the steps (making the world, scoring); then all of it. Of each episode."""
    model = [sum(row.model_s) for row in rows]
    env = [sum(row.env_s) for row in rows]
    whole = [row.seconds for row in rows]
    beside = [max(0.0, all_s - one - two) for all_s, one, two in zip(whole, model, env, strict=True)]
    together = sum(whole)
    named = (("model", model), ("environment", env), ("beside steps", beside), ("whole episode", whole))
    return [_spent(name, "s", values, together) for name, values in named if rows]


def tokens(rows: Sequence[EpisodeRow]) -> list[Spent]:
    """Tokens of prompts and replies and money, of each episode; nothing of what no backend told."""
    named = (
        ("prompt tokens", "tokens", [float(row.prompt_tokens) for row in rows]),
        ("reply tokens", "tokens", [float(row.completion_tokens) for row in rows]),
        ("money", "", [row.cost for row in rows]),
    )
    return [_spent(name, unit, values) for name, unit, values in named if any(values)]


def _spent(name: str, unit: str, values: Sequence[float], whole: float | None = None) -> Spent:
    high = sorted(values)[min(len(values) - 1, len(values) * 9 // 10)]
    return Spent(name, unit, sum(values), median(values), high, None if not whole else sum(values) / whole)
