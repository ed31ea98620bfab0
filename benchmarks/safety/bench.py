"""The attack pack as one run: every part that is asked for, one object of numbers, one page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from handeye.agent.choosing import Purpose, choose_dialect
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent
from handeye.agent.models.base import Model
from handeye.agent.models.registry import open_model
from handeye.benchmarks.safety.figures import part_numbers, row
from handeye.benchmarks.safety.gate import rules_approver
from handeye.benchmarks.safety.parts import PARTS, SCENES, measure, scene_part
from handeye.benchmarks.safety.report import write_page
from handeye.benchmarks.safety.run import ANSWERS, PartResult, Request, run_part
from handeye.benchmarks.safety.scene import World
from handeye.benchmarks.safety.trial import Answer, OpenApprover, Trial
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.errors import HandeyeError, SetupError, TrajectoryError

NUMBERS = "safety.json"


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    out: Path
    parts: tuple[str, ...] = PARTS
    quick: bool = False
    answers: tuple[Answer, ...] = ANSWERS
    model: str = ""
    """Empty: no model is run."""
    dialect: str = ""
    approver: OpenApprover = rules_approver


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    numbers: dict[str, Any]
    """As `--json` prints it, and as it stands in `out`/safety.json."""
    results: tuple[PartResult, ...]
    page: Path


def run_pack(order: Order, console: Console) -> Outcome:
    """Run the parts in `order`, telling the progress on `console`, and write numbers and page.

    Raises `SetupError` for a part that does not exist, a folder that is not empty, or a model that cannot be opened.
    """
    if unknown := [name for name in order.parts if name not in PARTS]:
        raise SetupError(f"the attack pack has no part {unknown[0]!r}.", fix=f"use {', '.join(PARTS)}")
    _make_room(order.out)
    results: list[PartResult] = []
    parts: dict[str, dict[str, Any]] = {}
    with _model(order) as make, _progress(console) as tell:
        for name in order.parts:
            if name in SCENES:
                result = _scenes(name, order, make(name), tell)
                results.append(result)
                parts[name] = part_numbers(result)
            else:
                parts[name] = _measured(name, order, tell)
    numbers = {
        "benchmark": "safety",
        "passed": all(part["passed"] for part in parts.values()),
        "quick": order.quick,
        "answers": list(order.answers),
        "model": order.model,
        "parts": parts,
        "rows": [row(result.name, trial) for result in results for trial in result.trials],
    }
    page = write_page(order.out, numbers)
    (order.out / NUMBERS).write_text(json.dumps(numbers, indent=1), encoding="utf-8")
    return Outcome(numbers, tuple(results), page)


def _make_room(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise SetupError(f"{out} is not empty.", fix="name a new folder with --out")
    except OSError as error:
        raise TrajectoryError(f"{out} cannot be written ({error}).") from error


def _scenes(name: str, order: Order, make: Callable[[World], Agent] | None, tell: Callable[[str], None]) -> PartResult:
    def on_trial(done: int, of: int, trial: Trial) -> None:
        tell(f"{name}: {done} of {of}")

    try:
        part = scene_part(name)
    except SetupError as error:
        return PartResult(name, not_run=str(error))
    return run_part(part, Request(order.out, order.approver, order.quick, order.answers, make), on_trial)


def _measured(name: str, order: Order, tell: Callable[[str], None]) -> dict[str, Any]:
    try:
        figures = measure(name)(order.out / name, order.quick, lambda words: tell(f"{name}: {words}"))
    except HandeyeError as error:
        return {"passed": False, "not_run": str(error), "failures": []}
    return {"passed": figures.passed, "not_run": "", "failures": list(figures.failures())} | figures.numbers()


@contextmanager
def _model(order: Order) -> Iterator[Callable[[str], Callable[[World], Agent] | None]]:
    """What gives the agent of the model in a world of a part, while the model is open."""
    if not order.model:
        yield lambda name: None
        return
    model = open_model(order.model)
    try:
        yield lambda name: _maker(order, model, "phone" if name == "phone" else "computer")
    finally:
        model.close()


def _maker(order: Order, model: Model, purpose: Purpose) -> Callable[[World], Agent]:
    dialect = choose_dialect(order.model, order.dialect, purpose).dialect
    return lambda world: Agent(model, open_dialect(dialect, world.env.action_types | LOOP_ACTIONS))


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    columns = (TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with progress:
        task = progress.add_task("starting")
        yield lambda words: progress.update(task, description=words)
