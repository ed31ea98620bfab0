"""A whole run: which episodes, the ones that are left, live display, results, report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.choosing import choose_dialect
from handeye.benchmarks.androidworld.emulators import Emulators
from handeye.benchmarks.androidworld.episode import Worker
from handeye.benchmarks.androidworld.results import Configuration, summary
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER
from handeye.benchmarks.androidworld.suite import SEED, choose, commit, instance_seed, read_budget, read_tasks
from handeye.benchmarks.episodes.registry import EpisodeBenchmark
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

SCRIPTED = ("oracle", "noop")
HOSTED = (*EIGHTEEN, *FURTHER)
"""What the simulated phone is known to host."""


@dataclass(frozen=True)
class Request:
    """What to run."""

    model: str
    """A model's name, or `oracle` or `noop`."""
    out: Path
    checkout: Path
    python: str
    """An interpreter with AndroidWorld's packages."""
    dialect: str = ""
    tasks: tuple[str, ...] = ()
    """None named: all 116, or those that a simulated phone hosts."""
    seeds: int = 1
    """Instances of each task."""
    seed: int = SEED
    """What instance seeds are made of."""
    budget: str = "official"
    max_steps: int | None = None
    serials: tuple[str, ...] = ()
    """Phones and emulators that run already."""
    emulators: Emulators | None = None
    """Emulators that are started here, one for each worker. Neither these nor serials: simulated phones."""
    screen: Size = Size(1080, 2400)
    device: str = ""
    """How the phones are called in the record; empty: `sim`, `avd NAME` or `serial`."""
    how: How = field(default_factory=How)

    def configuration(self) -> Configuration:
        """What the results are bound to. Raises `InvalidAction` for a budget that does not exist."""
        return Configuration(
            model=self.model,
            dialect="action-json" if self.model in SCRIPTED else choose_dialect(self.model, self.dialect, "phone").dialect,
            max_steps=self.max_steps or 0,
            budget=read_budget(self.budget),
            seed=self.seed,
            commit=commit(self.checkout),
            device=self.device or ("serial" if self.serials else f"avd {self.emulators.avd}" if self.emulators else "sim"),
            screen=self.screen,
            snapshot=self.emulators.snapshot if self.emulators else "",
        )

    def jobs(self) -> list[Job]:
        """Every episode, those of the first seed first. Raises `SetupError` for no checkout, `InvalidAction` for a task that is none."""
        known = read_tasks(self.checkout)
        names = choose(known, self.tasks or (() if self.serials or self.emulators else sorted(HOSTED)))
        if self.model == "oracle" and (without := [name for name in names if name not in HOSTED]):
            raise InvalidAction(f"the oracle has no solution for {', '.join(without)}", fix=f"name tasks of {', '.join(HOSTED)}")
        return [Job(name, index, instance_seed(name, index, self.seed)) for index in range(self.seeds) for name in names]


def run_benchmark(request: Request, console: Console) -> dict[str, Any]:
    """Run what is left of the request, write results and report below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece or a folder with results of another configuration. Ctrl-C leaves every finished row.
    """
    if twice := [serial for serial, count in Counter(request.serials).items() if count > 1]:
        raise InvalidAction(f"{', '.join(twice)} is named twice, and each worker needs a phone of its own", fix="name each phone once")
    if request.serials and request.how.workers > len(request.serials):
        raise InvalidAction(f"{request.how.workers} workers need as many phones, and there are {len(request.serials)}")
    configuration = request.configuration()
    options: dict[str, Any] = {"checkout": str(request.checkout.absolute()), "python": request.python, "serials": list(request.serials)}
    if request.emulators is not None:
        if request.how.ray is None:
            request.emulators.check(request.how.workers)
        options["emulators"] = request.emulators.json()
    plan = Plan(
        configuration=configuration,
        jobs=request.jobs(),
        spec=spec_of(Worker, configuration, request.out, **options),
        count=partial(summary, configuration),
        wording=wording(configuration),
        how=request.how,
    )
    return run_plan(plan, request.out, console)


def wording(configuration: Configuration) -> Wording:
    """What the report says of a run."""
    limit = f"at most {configuration.max_steps} steps" if configuration.max_steps else f"{configuration.budget} step budgets"
    phone = f"simulated phones of {Size(*configuration.screen)}" if configuration.device == "sim" else f"phones: {configuration.device}"
    if configuration.snapshot:
        phone += f" (snapshot {configuration.snapshot})"
    how = (
        f"AndroidWorld {configuration.commit}, seed {configuration.seed}, {limit}, dialect {configuration.dialect}, {phone}. "
        f"{configuration.policy}."
    )
    some = "A simulated phone hosts a part of the tasks, and its scores do not compare with published ones."
    footer = (
        some if configuration.device == "sim" else "Budgets, seeds and rules as in AndroidWorld's own runner; errors count as failures."
    )
    return Wording("AndroidWorld", how, "phone or model", full="reward of 1", solved="reward above 0", footer=footer)


BENCHMARK = EpisodeBenchmark(Configuration, summary, wording)
