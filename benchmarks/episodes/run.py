"""A whole run: the episodes that are left, live display, results, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.benchmarks.episodes.live import LiveTable
from handeye.benchmarks.episodes.pool import OpenWorker, run_jobs
from handeye.benchmarks.episodes.report import Wording, write_report
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, RunConfiguration
from handeye.benchmarks.results import ResultsFolder
from handeye.tools.errors import InvalidAction


@dataclass(frozen=True)
class Plan:
    """What is to be run, and how a benchmark counts and words it."""

    configuration: RunConfiguration
    jobs: Sequence[Job]
    open_worker: OpenWorker
    count: Callable[[Sequence[EpisodeRow]], dict[str, Any]]
    """Gives the numbers of rows, as `rows.summary` does."""
    wording: Wording
    workers: int = 1
    retry_errors: bool = False


def run_plan(plan: Plan, out: Path, console: Console) -> dict[str, Any]:
    """Run what is left of the plan, write results and report below `out`, and give the numbers of the plan's episodes.

    Raises `SetupError` for a missing piece or a folder with results of another configuration. Ctrl-C leaves every finished row.
    """
    if plan.workers < 1:
        raise InvalidAction(f"at least one worker is needed, not {plan.workers}")
    results = ResultsFolder(out, plan.configuration, EpisodeRow, plan.retry_errors)
    try:
        keys = {(job.task, job.index) for job in plan.jobs}
        before = [row for row in results.rows if row.key in keys]
        done = {row.key for row in before}
        left = [job for job in plan.jobs if (job.task, job.index) not in done]
        if before:
            console.print(f"[dim]{len(before)} of {len(plan.jobs)} episodes are there already.[/]")
        with LiveTable(console, f"{plan.wording.title}, {plan.configuration.model}", len(plan.jobs), before) as live:
            running = run_jobs(left, plan.open_worker, plan.workers, live.progress)
            with closing(running):  # type: ignore[type-var]
                for row in running:
                    results.append(row)
                    live.finished(row)
    finally:
        results.close()
        write_report(out, plan.count(results.rows), plan.wording)
    return plan.count([row for row in results.rows if row.key in keys])
