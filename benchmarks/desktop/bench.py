"""A whole run: which episodes, the ones that are left, live display, results, report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.choosing import choose_dialect
from handeye.benchmarks.desktop.catalogue import jobs
from handeye.benchmarks.desktop.episode import Worker
from handeye.benchmarks.desktop.results import Configuration, summary
from handeye.benchmarks.episodes.registry import EpisodeBenchmark
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

ORACLE_STEPS = 300
"""A solution waits for windows, a step for each look."""
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
    domains: tuple[str, ...] = ()
    """None named: all."""
    repeats: int = 1
    max_steps: int | None = None
    screen: Size = Size(1280, 800)
    how: How = field(default_factory=How)
    osworld: Path | None = None
    """An OSWorld checkout; None: our own tasks."""
    trusted: bool = False
    """Whether the checkout's tasks may run their commands on this machine."""

    def configuration(self) -> Configuration:
        """What the results are bound to."""
        return Configuration(
            model=self.model,
            dialect="action-json" if self.model in SCRIPTED else choose_dialect(self.model, self.dialect, "computer").dialect,
            max_steps=self.max_steps or (ORACLE_STEPS if self.model == "oracle" else 0),
            screen=self.screen,
            osworld=str(self.osworld.resolve()) if self.osworld else "",
        )


def run_benchmark(request: Request, console: Console, chosen: Iterable[Job] | None = None, title: str = "Desktop tasks") -> dict[str, Any]:
    """Run what is left of the request (or of the jobs `chosen`), write results and report below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece or a folder with results of another configuration, `InvalidAction` for a task that is none
    or is not trusted. Ctrl-C leaves every finished row.
    """
    if request.osworld and request.model == "oracle":
        raise InvalidAction("there are no solutions for OSWorld's own tasks", fix="name a --model")
    if request.osworld and not request.trusted:
        raise InvalidAction("OSWorld's tasks run commands on this machine, as you", fix="read them, and say --trust, best in a container")
    configuration = request.configuration()
    plan = Plan(
        configuration=configuration,
        jobs=list(chosen) if chosen is not None else jobs(request.tasks, request.domains, request.osworld, request.repeats),
        spec=spec_of(Worker, configuration, request.out, trusted=request.trusted),
        count=partial(summary, configuration),
        wording=wording(configuration, title),
        how=request.how,
    )
    return run_plan(plan, request.out, console)


def wording(configuration: Configuration, title: str = "Desktop tasks") -> Wording:
    """What the report says of a run."""
    limit = f"At most {configuration.max_steps} steps" if configuration.max_steps else "15 steps, 50 for tasks with several programs"
    how = f"{configuration.policy}. {limit}, dialect {configuration.dialect}, screenshots of {Size(*configuration.screen)}."
    own = "Tasks are handeye's own, in the form of OSWorld's; they are not OSWorld's tasks, and scores do not compare."
    other = f"Tasks of {configuration.osworld} that need no virtual machine, on handeye's virtual desktop; scores do not compare."
    footer = other if configuration.osworld else own
    return Wording(title, how, "desktop or model", full="score of 1", solved="score above 0", footer=footer, wide=True)


BENCHMARK = EpisodeBenchmark(Configuration, summary, wording)
