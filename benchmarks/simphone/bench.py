"""A whole run: which episodes, the ones that are left, live display, results, report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.choosing import choose_dialect
from handeye.benchmarks.episodes.registry import EpisodeBenchmark
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.simphone.catalogue import jobs
from handeye.benchmarks.simphone.episode import Worker
from handeye.benchmarks.simphone.results import Configuration, summary
from handeye.tools.geometry import Size

ORACLE_STEPS = 120
"""The oracle scrolls a page at a time and taps each digit."""
SCRIPTED = ("oracle", "noop")


@dataclass(frozen=True)
class Request:
    """What to run."""

    model: str
    """A model's name, or `oracle` or `noop`."""
    out: Path
    dialect: str = ""
    tasks: tuple[str, ...] = ()
    """None named: all."""
    seeds: int = 1
    max_steps: int | None = None
    screen: Size = Size(1080, 2400)
    how: How = field(default_factory=How)

    def configuration(self) -> Configuration:
        """What the results are bound to."""
        return Configuration(
            model=self.model,
            dialect="action-json" if self.model in SCRIPTED else choose_dialect(self.model, self.dialect, "phone").dialect,
            max_steps=self.max_steps or (ORACLE_STEPS if self.model == "oracle" else 0),
            screen=self.screen,
        )


def run_benchmark(request: Request, console: Console, chosen: Iterable[Job] | None = None, title: str = "Phone tasks") -> dict[str, Any]:
    """Run what is left of the request (or of the jobs `chosen`), write results and report below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece or a folder with results of another configuration. Ctrl-C leaves every finished row.
    """
    configuration = request.configuration()
    plan = Plan(
        configuration=configuration,
        jobs=list(chosen) if chosen is not None else jobs(request.tasks, request.seeds),
        spec=spec_of(Worker, configuration, request.out),
        count=partial(summary, configuration),
        wording=wording(configuration, title),
        how=request.how,
    )
    return run_plan(plan, request.out, console)


def wording(configuration: Configuration, title: str = "Phone tasks") -> Wording:
    """What the report says of a run."""
    limit = f"At most {configuration.max_steps} steps" if configuration.max_steps else "10 steps for each unit of a task's complexity"
    how = f"{configuration.policy}. {limit}, dialect {configuration.dialect}, screenshots of {Size(*configuration.screen)}."
    footer = "Tasks are handeye's own, in the form of AndroidWorld's; they are not AndroidWorld's tasks, and scores do not compare."
    return Wording(
        title, how, "phone or model", full="goal met, nothing else changed", solved="goal met, nothing else changed", footer=footer
    )


BENCHMARK = EpisodeBenchmark(Configuration, summary, wording)
