"""What the page shows of each step and of the end: a trajectory's rows, put into words and numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handeye.agent.describe import describe
from handeye.agent.trajectory import Outcome, Result, StepRow, Timings, Trajectory
from handeye.agent.viewer.marks import Mark, marks_of, pointers
from handeye.agent.viewer.pictures import Album, EmbeddedPicture
from handeye.envs.actions import Action
from handeye.tools.geometry import Size

Tone: TypeAlias = Literal["good", "bad", "warn", "plain"]

_NO_PICTURE = EmbeddedPicture("", problem="None was recorded here.")
_LARGEST = 20_000
"""Pixels to a side beyond which a recorded size is not believed (it only shapes the page)."""

_OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "reached": ("Reached", "The model says that the goal is reached."),
    "not_reached": ("Not reached", "The model says that the goal cannot be reached."),
    "step_limit": ("Step limit", "The limit of steps was used up."),
    "time_limit": ("Time limit", "The limit of seconds was used up."),
    "cost_limit": ("Cost limit", "The limit on what the model's calls may cost was reached."),
    "denied": ("Denied", "The same thing was denied again and again."),
    "repeating": ("Repeating", "The same action without effect was repeated until the loop stopped it."),
    "unreadable": ("Unreadable", "The model's replies could not be read as actions."),
    "env_done": ("Ended by the environment", "The environment says that the episode is over."),
    "device_error": ("Device error", "The device failed."),
    "model_error": ("Model error", "The model failed."),
    "interrupted": ("Interrupted", "The run was stopped from outside."),
}


@dataclass(frozen=True)
class Phase:
    """A part of a step's time."""

    name: str
    seconds: float
    start: float
    """Where it begins and how long it is, in thousandths of the step."""
    length: float


@dataclass(frozen=True)
class Chip:
    """A short remark on a step."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class StepView:
    """One step of the page."""

    number: int
    """Position in the run, from 1."""
    row: StepRow
    words: str
    size: Size
    before: EmbeddedPicture
    new_picture: bool
    """Whether no earlier step shows the same screenshot: the page holds each only once."""
    after: EmbeddedPicture | None
    marks: tuple[Mark, ...]
    chips: tuple[Chip, ...]
    phases: tuple[Phase, ...]
    seconds: float
    action_json: str
    permission: tuple[str, ...]
    """Who decided whether it might be done, and on which facts."""
    same_reply: int | None
    """Number of the step whose reply this action came from too."""


@dataclass(frozen=True)
class EndView:
    """How the run ended, in words."""

    word: str
    sentence: str
    tone: Tone
    picture: EmbeddedPicture
    new_picture: bool
    size: Size


def step_views(trajectory: Trajectory, album: Album) -> Iterator[StepView]:
    """The steps in order."""
    rows = trajectory.steps
    first_of_turn: dict[int, int] = {}
    shown: set[str] = set()
    for position, (row, pointer) in enumerate(zip(rows, pointers(rows), strict=True)):
        size = _shape(row.size)
        phases = tuple(_phases(row.timings))
        first = first_of_turn.setdefault(row.turn, position + 1)
        yield StepView(
            number=position + 1,
            row=row,
            words=describe(row.action) if row.action is not None else "no action: the reply could not be read",
            size=size,
            before=album.pictures.get(row.screen, _NO_PICTURE),
            new_picture=row.screen not in shown,
            after=album.pictures.get(name) if (name := _screen_after(trajectory, position)) else None,
            marks=marks_of(row.action, pointer, size) if row.action is not None else (),
            chips=tuple(_chips(row)),
            phases=phases,
            seconds=sum(phase.seconds for phase in phases),
            action_json=_json(row.action) if row.action is not None else "",
            permission=tuple(_permission(row)),
            same_reply=first if first != position + 1 and not row.attempts else None,
        )
        shown.add(row.screen)


def end_view(trajectory: Trajectory, album: Album) -> EndView:
    """The end, also of a run that has none."""
    result = trajectory.result
    name = result.last_screen if result else ""
    picture = album.pictures.get(name, _NO_PICTURE)
    new = all(row.screen != name for row in trajectory.steps)
    size = _shape(picture.size if picture.size else trajectory.steps[-1].size if trajectory.steps else Size(1280, 800))
    if result is None:
        return EndView("Unfinished", "This run has no result: it was cut off, or it is still going.", "warn", picture, new, size)
    word, sentence = _OUTCOMES[result.outcome]
    return EndView(word, sentence, _tone(result), picture, new, size)


def screens_of(trajectory: Trajectory) -> list[str]:
    """Every screenshot that the run names, in order."""
    return [*(row.screen for row in trajectory.steps), trajectory.result.last_screen if trajectory.result else ""]


def _screen_after(trajectory: Trajectory, position: int) -> str:
    if position + 1 < len(trajectory.steps):
        return trajectory.steps[position + 1].screen
    return trajectory.result.last_screen if trajectory.result else ""


def _tone(result: Result) -> Tone:
    if result.success:
        return "good"
    return "warn" if result.outcome in ("step_limit", "time_limit", "cost_limit", "denied", "repeating", "interrupted") else "bad"


def _permission(row: StepRow) -> Iterator[str]:
    if (decision := row.decision) is None:
        return
    took = f", after {decision.asked_s:.1f} s" if decision.by == "person" else ""
    yield f"{decision.verdict.replace('_', ' ')}, by {decision.by}{took}{' (void: what it was for was gone)' if decision.voided else ''}"
    if decision.reason:
        yield decision.reason
    yield from (f"{label}: {value}" for label, value in decision.facts.items())
    for effect in row.held:
        why = f" ({effect['why']})" if effect.get("why") else ""
        yield f"held back: {effect.get('method', '')} {effect.get('url', '')}{why}"


def _chips(row: StepRow) -> Iterator[Chip]:
    if row.error:
        yield Chip("not carried out", "bad")
    if row.action is None:
        yield Chip("unreadable reply", "bad")
    if row.approval:
        yield Chip("approval", "warn")
    if row.held:
        yield Chip("held back", "warn")
    if (unread := sum(bool(attempt.error) for attempt in row.attempts)) and row.action is not None:
        yield Chip(f"{unread} unreadable {'reply' if unread == 1 else 'replies'} before", "warn")
    if row.repairs:
        yield Chip("reply repaired", "warn")
    if row.settled.capped:
        yield Chip("did not settle", "warn")
    if row.changed is not None:
        yield Chip("screen changed" if row.changed else "no visible change", "plain" if row.changed else "warn")
    if row.reward is not None:
        yield Chip(f"reward {row.reward:g}", "good" if row.reward > 0 else "plain")


def _phases(timings: Timings) -> Iterator[Phase]:
    parts = [(name.removesuffix("_s"), seconds if math.isfinite(seconds) and seconds > 0 else 0.0) for name, seconds in timings]
    total = sum(seconds for _, seconds in parts)
    start = 0.0
    for name, seconds in parts:
        length = 1000 * seconds / total if total else 0.0
        yield Phase(name, seconds, round(start, 2), round(length, 2))
        start += length


def _json(action: Action) -> str:
    fields = action.model_dump(mode="json").items()
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields) + "\n}"


def _shape(size: Size) -> Size:
    return Size(min(max(size.width, 1), _LARGEST), min(max(size.height, 1), _LARGEST))
