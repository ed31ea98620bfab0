"""A whole run: the episodes that are left, on processes or on Ray, live display, results, report."""

from __future__ import annotations

import os
import shlex
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.episodes.attempts import RETRIES, Standing
from handeye.benchmarks.episodes.crew import Crew, Ended, LocalCrew
from handeye.benchmarks.episodes.family import end_family, mark_of
from handeye.benchmarks.episodes.live import LiveTable
from handeye.benchmarks.episodes.model_host import ModelHost, is_heavy
from handeye.benchmarks.episodes.remains import with_remains, write_episode_page
from handeye.benchmarks.episodes.report import Wording, write_report
from handeye.benchmarks.episodes.rows import DEADLINE, EpisodeRow, Job, RunConfiguration
from handeye.benchmarks.episodes.sittings import write_sitting
from handeye.benchmarks.episodes.spec import WorkerSpec
from handeye.benchmarks.episodes.worker import EpisodeWorker, Interrupted, Listener
from handeye.benchmarks.results import ResultsFolder, read_rows
from handeye.tools.errors import DeviceError, HandeyeError, InvalidAction, ModelError, TrajectoryError

DEADLINE_S = 3_600.0
"""When the command line ends an episode. The loop itself gives up after half an hour (`Limits.seconds`), between two steps."""

PATIENCE_S = 300.0
"""How long a model server that is away is waited for, unless the caller says otherwise."""
LOST_AFTER = 10
"""Failures of the world one after the other, with no episode that came to its end between, after which the world is taken for lost. Twice
as many as there are workers, where that is more: they fail together."""


@dataclass(frozen=True)
class How:
    """On what the episodes are run. Nothing here changes a score, as long as nothing fails."""

    workers: int = 1
    deadline_s: float = 0.0
    """When an episode is ended with all that it started; 0 for never. One worker without a deadline is this process itself."""
    retries: int = RETRIES
    """How often an episode is tried again that a failure of the world ended."""
    retry_errors: bool = False
    """Try those again whose retries are used up."""
    shard: tuple[int, int] = (1, 1)
    """(i, n): run every n-th episode, from the i-th on."""
    ray: str | None = None
    """Run on Ray: the address of a cluster, or empty for one on this machine. None: on processes."""
    patience_s: float = PATIENCE_S
    """How long a model server that does not answer, or answers that it is overloaded, is waited for within a step."""


@dataclass(frozen=True)
class Plan:
    """What is to be run, and how a benchmark counts and words it."""

    configuration: RunConfiguration
    jobs: Sequence[Job]
    spec: WorkerSpec
    count: Callable[[Sequence[EpisodeRow]], dict[str, Any]]
    """Gives the numbers of rows, as `rows.summary` does."""
    wording: Wording
    how: How = How()


def run_plan(plan: Plan, out: Path, console: Console) -> dict[str, Any]:
    """Run what is left of the plan, write results and report below `out`, and give the numbers of the plan's episodes.

    Raises `SetupError` for a missing piece or a folder with results of another configuration, `DeviceError` or `ModelError` when the
    world is lost (`LOST_AFTER`), `TrajectoryError` when `out` cannot be written. Whatever ends it, Ctrl-C too, finished rows are safe.
    """
    how = plan.how
    if how.workers < 1:
        raise InvalidAction(f"at least one worker is needed, not {how.workers}")
    if os.fsencode(out) != str(out).encode("utf-8", "replace"):
        raise InvalidAction(f"{str(out)!r} is no name in UTF-8, in which workers are told it", fix="give another --out")
    part, parts = how.shard
    if not 1 <= part <= parts:
        raise InvalidAction(f"a shard is i/n with i from 1 to n, not {part}/{parts}")
    jobs = list(plan.jobs)[part - 1 :: parts]
    keys = {job.key for job in jobs}
    results = ResultsFolder(out, plan.configuration, EpisodeRow)
    try:
        standing = Standing((row for row in results.rows if row.key in keys), how.retries, how.retry_errors)
        results.rows.clear()
        left = standing.left(jobs)
        if before := len(jobs) - len(left):
            console.print(f"[dim]{before} of {len(jobs)} episodes are there already.[/]")
        if left:
            # What a killed run has left would take this one's memory and ports. The lock says that it is not running.
            end_family(mark_of(out))
            write_sitting(out, asdict(how), len(jobs))
            live = LiveTable(console, f"{plan.wording.title}, {plan.configuration.model}", len(jobs), standing)
            _run(plan, left, standing, results, live)
    except BaseException:
        # A report that cannot be written either (a full disk) must not take the place of what ended the run.
        with suppress(TrajectoryError):
            done = {row.key for row in _report(plan, out, results)} & keys
            if done:
                # A run without --out has a folder whose name nobody has seen yet.
                again = f"the same command with --out {shlex.quote(str(out))} goes on"
                console.print(escape(f"{len(done)} of {len(jobs)} episodes are over, and safe in {out}: {again}."), soft_wrap=True)
        raise
    rows = _report(plan, out, results)
    return plan.count([row for row in rows if row.key in keys])


def _report(plan: Plan, out: Path, results: ResultsFolder[EpisodeRow]) -> list[EpisodeRow]:
    """Let the folder go, and write the report of all rows in it."""
    results.close()
    rows, _ = read_rows(results.path, EpisodeRow)
    write_report(out, plan.count(rows), plan.wording)
    return rows


def _run(plan: Plan, left: deque[Job], standing: Standing, results: ResultsFolder[EpisodeRow], live: LiveTable) -> None:
    blank = plan.spec.open()
    for job in left:
        _clear(blank, job)
    lost_after, failures = max(LOST_AFTER, 2 * plan.how.workers), 0
    with live, _crew(plan, len(left), live.progress) as crew:
        running = crew.run(left)
        with closing(running):  # type: ignore[type-var]
            for ended in running:
                row = ended.row or _lost(blank, ended, plan.how)
                results.write(row)
                standing.add(row)
                live.finished(row)
                if (again := standing.again(ended.job)) is not None:
                    _clear(blank, again)
                    left.append(again)
                failures = failures + 1 if row.error else failures if ended.late else 0
                if failures >= lost_after:
                    raise _world_is_lost(failures, row)


def _clear(blank: EpisodeWorker, job: Job) -> None:
    """What a killed run left of an episode has no row and never counted. A worker that dies at once must not be taken for its author."""
    shutil.rmtree(blank.out / job.folder, ignore_errors=True)


def _world_is_lost(failures: int, row: EpisodeRow) -> HandeyeError:
    kind = ModelError if row.outcome == "model_error" else DeviceError
    return kind(
        f"{failures} episodes one after the other failed for what is not the agent's doing, the last so: {row.error}",
        fix="mend that; the finished rows are safe, and the same command with --retry-errors goes on",
    )


def _lost(blank: EpisodeWorker, ended: Ended, how: How) -> EpisodeRow:
    """The row of an episode whose worker was ended, or died, with what it left on disk."""
    told = (
        {"outcome": DEADLINE, "message": f"It was ended after {how.deadline_s:g} s."}
        if ended.late
        else {"outcome": "world_error", "error": ended.lost}
    )
    folder = blank.out / ended.job.folder
    write_episode_page(folder)
    row = with_remains(blank.blank(ended.job), folder)
    return row.model_copy(update={**told, "attempt": ended.job.attempt, "seconds": round(ended.seconds, 3)})


@contextmanager
def _crew(plan: Plan, jobs: int, listen: Listener) -> Iterator[Crew]:
    how, spec = plan.how, plan.spec.model_copy(update={"patience_s": plan.how.patience_s})
    workers = max(1, min(how.workers, jobs))
    if how.ray is not None:
        from handeye.benchmarks.episodes.ray_crew import RayCrew

        yield RayCrew(spec, workers, how.deadline_s, listen, how.ray, plan.configuration.model)
    elif workers == 1 and not how.deadline_s:
        yield HereCrew(spec, listen)
    elif is_heavy(plan.configuration.model):
        # One worker alone has it in a process of its own too: the weights outlive an episode that is ended at its deadline.
        with ModelHost(plan.configuration.model, callers=workers) as host:
            yield LocalCrew(spec.model_copy(update={"model_at": host.address}), workers, how.deadline_s, listen)
    else:
        yield LocalCrew(spec, workers, how.deadline_s, listen)


class HereCrew:
    """One worker in this process. See `Crew`."""

    def __init__(self, spec: WorkerSpec, listen: Listener) -> None:
        self._spec, self._listen = spec, listen

    def run(self, left: deque[Job]) -> Iterator[Ended]:
        """See `Crew`."""
        worker = self._spec.open()
        try:
            while left:
                job = left.popleft()
                row = worker.run(job, self._listen)
                yield Ended(job, row, seconds=row.seconds)
        except Interrupted:
            raise KeyboardInterrupt from None
        finally:
            worker.close()
