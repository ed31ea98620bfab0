"""Which episodes are left, which are tried again, and which attempt counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from handeye.benchmarks.episodes.rows import DEADLINE, EpisodeRow, Job

RETRIES = 1
"""How often an episode that a failure of the world ended is tried again, unless the caller says otherwise."""


@dataclass(frozen=True)
class Outcome:
    """What is kept of an episode while the others run: little, since there may be thousands."""

    attempt: int
    success: bool
    strict: bool
    error: bool
    late: bool
    steps: int
    tokens: int
    cost: float


class Standing:
    """How the episodes of a run stand."""

    def __init__(self, rows: Iterable[EpisodeRow] = (), retries: int = RETRIES, fresh: bool = False) -> None:
        """`rows` are those of earlier sittings. `fresh`: episodes that failures of the world ended get all their retries anew."""
        self._retries, self._fresh = retries, fresh
        self._tried: dict[tuple[str, int], int] = {}
        """Attempts of this count's beginning: those before it do not use retries up."""
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        self.extra = 0
        """Attempts beyond the first of each episode."""
        for row in rows:
            self.add(row)
        if fresh:
            self._tried = {key: outcome.attempt + 1 for key, outcome in self.outcomes.items() if outcome.error}

    def add(self, row: EpisodeRow) -> None:
        """An attempt is over."""
        before = self.outcomes.get(row.key)
        self.extra += before is not None
        if before is None or row.attempt >= before.attempt:
            tokens = row.prompt_tokens + row.completion_tokens
            late = row.outcome == DEADLINE
            self.outcomes[row.key] = Outcome(row.attempt, row.success, row.strict, bool(row.error), late, row.steps, tokens, row.cost)

    def again(self, job: Job) -> Job | None:
        """The next attempt at an episode; None when it is over."""
        outcome = self.outcomes.get(job.key)
        if outcome is None:
            return job
        used = outcome.attempt + 1 - self._tried.get(job.key, 0)
        return replace(job, attempt=outcome.attempt + 1) if outcome.error and used <= self._retries else None

    def left(self, jobs: Iterable[Job]) -> deque[Job]:
        """What is to be run, in order."""
        return deque(job for one in jobs if (job := self.again(one)) is not None)
