"""From answers to the numbers that a table has: every step judged by a named rule, and what is counted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.offline.answers import Reader
from handeye.benchmarks.offline.rules.registry import Rule
from handeye.benchmarks.offline.rules.said import WRONG, Prediction, Verdict
from handeye.benchmarks.offline.step import OfflineEpisode, OfflineStep
from handeye.tools.errors import ParseError


@dataclass(frozen=True)
class StepScore:
    """One step and the verdict on it."""

    step: OfflineStep
    group: str
    response: str | None
    prediction: Prediction | None
    """None where the answer could not be read."""
    verdict: Verdict
    fault: str = ""
    """Why the answer could not be read; it counts as wrong, and is counted apart."""
    failed: bool = False
    """The world failed, so there is no answer; counted as wrong and apart from answers that cannot be read."""

    @property
    def kind(self) -> str:
        """The kind of gold action; several with + between."""
        return "+".join(gold.kind for gold in self.step.gold)

    def row(self) -> dict[str, Any]:
        """For a JSON Lines file."""
        read = [] if self.prediction is None else [action.model_dump(mode="json") for action in self.prediction.actions]
        return {
            "episode": self.step.episode,
            "step": self.step.number,
            "kind": self.kind,
            "group": self.group,
            "type_match": self.verdict.type_match,
            "correct": self.verdict.exact,
            "score": self.verdict.points,
            "wrong_format": self.fault,
            "actions": read,
            "gold": [dict(gold.record) for gold in self.step.gold],
            "response": self.response,
            "source": str(self.step.source),
        }


Answerer = Callable[[OfflineStep], str | None]
"""The reply to a step, or None where there is an error instead."""


def predict(step: OfflineStep, response: str | None, read: Reader) -> tuple[Prediction | None, str]:
    """The prediction that `response` holds, or None and why it cannot be read."""
    if response is None:
        return None, "the run had an error"
    try:
        return read(response, step.size), ""
    except ParseError as error:
        return None, str(error)


Scores = dict[str, StepScore]
"""One step's scores by the names of the rules."""


def score_steps(episodes: Iterable[OfflineEpisode], answer: Answerer, read: Reader, rules: Iterable[Rule]) -> Iterator[Scores]:
    """For each step, its score under each of `rules` by name. Each answer is read once."""
    judges = tuple(rules)
    for episode in episodes:
        for step in episode.steps:
            yield score(step, episode.group, answer(step), read, judges)


def score(step: OfflineStep, group: str, response: str | None, read: Reader, rules: Iterable[Rule], failed: bool = False) -> Scores:
    """One answer under each of `rules` by name; `failed` where there is none because the world failed."""
    prediction, fault = predict(step, response, read)
    return {
        rule.name: StepScore(
            step, group, response, prediction, WRONG if prediction is None else rule.judge(step, prediction), fault, failed
        )
        for rule in rules
    }


def table(scores: Iterable[StepScore], lengths: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The numbers of a table; a rate of nothing is None.

    `correct`, `total` and `accuracy` are exact matches, the micro average, with its 95 % `interval`; `macro` is the mean of the kinds'
    accuracies. `hit_rate` is the share of answers that could be read. `episode_success` is the share of episodes whose every step is
    right, `goal_progress` the mean share of steps before the first wrong one (IMNearth/CoAT:coat/evaluate.py, compute_episode_metrics;
    the same as UI-S1's progress). Where `lengths` gives the steps of each episode, an episode of which not every step was scored is left
    out of both and counted in `incomplete_episodes`. `points` is the mean of the graded scores, equal to `accuracy` for rules that give
    none. `cells` and `groups` break the steps down by kind of gold action and by the benchmark's groups; `parts` by kind of single gold
    action, for graded rules.
    """
    steps = list(scores)
    cells = {kind: cell([one for one in steps if one.kind == kind]) for kind in sorted({one.kind for one in steps})}
    groups = {name: cell([one for one in steps if one.group == name]) for name in sorted({one.group for one in steps if one.group})}
    total = cell(steps)
    return {
        **total,
        "interval": wilson(total["correct"], total["total"]),
        "macro": _mean([one["accuracy"] for one in cells.values()]),
        "hit_rate": _mean([not one.fault for one in steps]),
        **_of_episodes(steps, lengths),
        "assumed_sizes": sum(one.step.assumed_size for one in steps),
        "cells": cells,
        "groups": groups,
        "parts": _parts(steps),
    }


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return fmean(listed) if listed else None


def cell(steps: Sequence[StepScore]) -> dict[str, Any]:
    """The counts and rates of some steps."""
    return {
        "correct": sum(one.verdict.exact for one in steps),
        "total": len(steps),
        "wrong_format": sum(bool(one.fault) and not one.failed for one in steps),
        "errors": sum(one.failed for one in steps),
        "accuracy": _mean([one.verdict.exact for one in steps]),
        "type_match": _mean([one.verdict.type_match for one in steps]),
        "points": _mean([one.verdict.points for one in steps]),
    }


def _of_episodes(steps: list[StepScore], lengths: Mapping[str, int] | None) -> dict[str, Any]:
    found: dict[str, list[bool]] = {}
    for one in sorted(steps, key=lambda one: one.step.number):
        found.setdefault(one.step.episode, []).append(one.verdict.exact)
    episodes = {name: right for name, right in found.items() if lengths is None or len(right) == lengths[name]}
    progress = [(right.index(False) if False in right else len(right)) / len(right) for right in episodes.values()]
    return {
        "episodes": len(episodes),
        "incomplete_episodes": len(found) - len(episodes),
        "episode_success": _mean([all(right) for right in episodes.values()]),
        "goal_progress": _mean(progress),
    }


def _parts(steps: list[StepScore]) -> dict[str, float | None]:
    kinds: dict[str, list[float]] = {}
    for one in steps:
        for kind, points in one.verdict.parts.items():
            kinds.setdefault(kind, []).append(points)
    return {kind: _mean(points) for kind, points in sorted(kinds.items())}
