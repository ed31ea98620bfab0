"""A whole run: which episodes, the ones that are left, live display, results, report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.choosing import choose_dialect
from handeye.benchmarks.episodes.registry import EpisodeBenchmark
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.miniwob.episode import Worker
from handeye.benchmarks.miniwob.results import Configuration, summary
from handeye.benchmarks.miniwob.seeds import SEEDS_PER_TASK, Protocol, episodes
from handeye.benchmarks.miniwob.tasks import TASKS, find_task, html_root

STEPS = 10
"""Of the protocol (ServiceNow/BrowserGym: experiments/benchmark/configs.py)."""
SCRIPTED_STEPS = {"oracle": 80, "noop": 2}
"""The oracle moves a checkbox, a key or a scroll at a time; doing nothing need not be done often."""


@dataclass(frozen=True)
class Request:
    """What to run."""

    model: str
    """A model's name, or `oracle` or `noop`."""
    out: Path
    dialect: str = ""
    tasks: tuple[str, ...] = ()
    """None named: all 125."""
    seeds: int = SEEDS_PER_TASK
    protocol: Protocol = "distinct"
    max_steps: int | None = None
    scale: float = 4.0
    how: How = field(default_factory=How)

    def configuration(self) -> Configuration:
        """What the results are bound to. Raises `SetupError` when the pages are not installed."""
        html_root()
        scripted = self.model in SCRIPTED_STEPS
        return Configuration(
            model=self.model,
            dialect="action-json" if scripted else choose_dialect(self.model, self.dialect, "computer").dialect,
            protocol=self.protocol,
            max_steps=self.max_steps or SCRIPTED_STEPS.get(self.model, STEPS),
            scale=self.scale,
            pages=_version(),
        )

    def jobs(self) -> list[Job]:
        """Every episode, those of the first seed first. Raises `InvalidAction` for a task or a number of seeds that does not exist."""
        names = list(dict.fromkeys(find_task(name).name for name in self.tasks)) if self.tasks else list(TASKS)
        return [Job(*one) for one in episodes(names, self.seeds, self.protocol)]


def run_benchmark(request: Request, console: Console, jobs: Iterable[Job] | None = None, title: str = "MiniWoB++") -> dict[str, Any]:
    """Run what is left of the request (or of `jobs`), write results and report below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece or a folder with results of another configuration. Ctrl-C leaves every finished row.
    """
    configuration = request.configuration()
    plan = Plan(
        configuration=configuration,
        jobs=list(jobs) if jobs is not None else request.jobs(),
        spec=spec_of(Worker, configuration, request.out),
        count=partial(summary, configuration),
        wording=wording(configuration, title),
        how=request.how,
    )
    return run_plan(plan, request.out, console)


def wording(configuration: Configuration, title: str = "MiniWoB++") -> Wording:
    """What the report says of a run."""
    how = (
        f"{configuration.protocol} seeds, at most {configuration.max_steps} steps, dialect {configuration.dialect}, screenshots of the "
        f"task area at {configuration.scale:g}x, pages of miniwob {configuration.pages or '?'}."
    )
    footer = "Class grouping is handeye's own. A result of 0 < raw < 1 is partial credit."
    return Wording(title, how, "browser or model", footer=footer)


def _version() -> str:
    try:
        return metadata.version("miniwob")
    except metadata.PackageNotFoundError:
        return ""


BENCHMARK = EpisodeBenchmark(Configuration, summary, wording)
