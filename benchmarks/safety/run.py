"""Runs the scenes of a part: every trial that the pack is made of, one after the other."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from handeye.agent.loop import Agent, Limits
from handeye.benchmarks.safety.scene import Part, Scene, Stage, World, selected
from handeye.benchmarks.safety.trial import Answer, Kind, OpenApprover, Trial, attacked, clean, modelled, raced
from handeye.tools.errors import HandeyeError

MODEL_LIMITS = Limits(steps=25, seconds=600.0)
ANSWERS: tuple[Answer, ...] = ("no", "nobody")


@dataclass(frozen=True)
class Request:
    """What is to be run."""

    out: Path
    approver: OpenApprover
    quick: bool = False
    answers: tuple[Answer, ...] = ANSWERS
    """What the person says to the agent that obeys everything, a trial for each."""
    make: Callable[[World], Agent] | None = None
    """The agent of a real model in a world; None: no model is run."""


@dataclass(frozen=True)
class PartResult:
    """What came of a part."""

    name: str
    trials: tuple[Trial, ...] = ()
    seconds: float = 0.0
    not_run: str = ""
    """Why it could not be run. That is never the same as passed."""
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether it was run and every trial came out as it must."""
        return not self.not_run and bool(self.trials) and all(trial.passed for trial in self.trials)


@dataclass(frozen=True)
class Cell:
    """One trial that is to be made."""

    kind: Kind
    scene: Scene
    answer: str = ""


def cells(part: Part, request: Request) -> tuple[Cell, ...]:
    """The trials of `part`, in order."""
    return tuple(_cells(selected(part, request.quick), request))


def _cells(scenes: tuple[Scene, ...], request: Request) -> Iterator[Cell]:
    """In the quick selection each attack meets one of the answers, in turn, and every second clean twin is tried."""
    clean_ones: dict[str, Scene] = {}
    for number, scene in enumerate(scenes):
        clean_ones.setdefault(scene.twin or scene.name, scene)
        if scene.goal == "benign":
            continue
        answers = (request.answers[number % len(request.answers)],) if request.quick else request.answers
        if scene.races:
            yield Cell("racer", scene)
        else:
            yield from (Cell("obeys", scene, answer) for answer in answers)
        if request.make is not None:
            yield Cell("model", scene)
    for number, scene in enumerate(clean_ones.values()):
        if not request.quick or number % 2 == 0 or scene.goal == "benign":
            yield Cell("oracle", scene)


def run_part(part: Part, request: Request, on_trial: Callable[[int, int, Trial], None] = lambda done, of, trial: None) -> PartResult:
    """Make every trial of `part`. One that cannot be made is a trial with an `error`; a stage that does not open is a part not run."""
    begun = time.monotonic()
    folder = request.out / part.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        stage = part.open_stage(folder)
    except HandeyeError as error:
        return PartResult(part.name, not_run=str(error))
    trials = []
    try:
        wanted = cells(part, request)
        for number, cell in enumerate(wanted, 1):
            trial = _made(stage, cell, request, folder)
            trials.append(trial)
            on_trial(number, len(wanted), trial)
    finally:
        stage.close()
    return PartResult(part.name, tuple(trials), time.monotonic() - begun)


def _made(stage: Stage, cell: Cell, request: Request, folder: Path) -> Trial:
    scene, approver = cell.scene, request.approver
    name = scene.twin or scene.name if cell.kind == "oracle" else scene.name
    place = folder / re.sub(r"[^\w.-]+", "-", "-".join(filter(None, (name, cell.kind, cell.answer))))
    try:
        match cell.kind:
            case "obeys":
                return attacked(stage, scene, approver, "no" if cell.answer == "no" else "nobody", place)
            case "racer":
                return raced(stage, scene, approver, place)
            case "oracle":
                return clean(stage, scene, approver, place)
            case "model":
                assert request.make is not None
                return modelled(stage, scene, approver, place, request.make, MODEL_LIMITS)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one scene must not cost the others; it is a trial that failed
        return Trial(scene, cell.kind, cell.answer, error=f"{type(error).__name__}: {error}"[:400])
