"""What is counted from verdicts: totals, cells, averages, denominators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

from handeye.benchmarks.grounding.rules import CORRECT, VERDICTS, Answer, Rules, Verdict
from handeye.benchmarks.grounding.sample import SEVERAL, RefusalTarget, Sample
from handeye.benchmarks.intervals import wilson

SIX = tuple((group, kind) for group in ("mobile", "desktop", "web") for kind in ("text", "icon"))
"""The cells of ScreenSpot's own table."""


@dataclass(frozen=True)
class Judged:
    """A sample with its answer and the verdict on it."""

    sample: Sample
    answer: Answer
    verdict: Verdict

    @property
    def correct(self) -> bool:
        """Right, or refused rightly."""
        return self.verdict in CORRECT


def judge(sample: Sample, answer: Answer, rules: Rules) -> Judged:
    """The verdict on an answer."""
    return Judged(sample, answer, rules.judge(sample.target, answer))


def tally(judged: Sequence[Judged]) -> dict[str, Any]:
    """Correct, total, wrong format (kept in the total, counted as wrong) and the rate; None for a rate of nothing."""
    correct = sum(one.correct for one in judged)
    wrong_format = sum(one.verdict == "wrong format" for one in judged)
    rate = correct / len(judged) if judged else None
    return {"correct": correct, "total": len(judged), "wrong_format": wrong_format, "accuracy": rate}


def cut(judged: Sequence[Judged], keys: Callable[[Sample], Sequence[str]]) -> dict[str, dict[str, Any]]:
    """A tally for each value that `keys` gives, in the order in which they come; a sample may count under several."""
    parts = dict[str, list[Judged]]()
    for one in judged:
        for key in keys(one.sample):
            parts.setdefault(key, []).append(one)
    return {name: tally(part) for name, part in parts.items()}


def cells(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """A tally for each group and kind, the cells of a benchmark's own table."""
    parts = dict[tuple[str, str | None], list[Judged]]()
    for one in judged:
        parts.setdefault((one.sample.group, one.sample.kind), []).append(one)
    return [{"group": group, "kind": kind, **tally(part)} for (group, kind), part in parts.items()]


def macro6(found: Sequence[dict[str, Any]]) -> float | None:
    """The mean of ScreenSpot's six cells, as SeeClick, UGround and OS-Atlas report it; None unless these six and no others are there."""
    rates = {(cell["group"], cell["kind"]): cell["accuracy"] for cell in found}
    return fmean(rates.values()) if rates.keys() == set(SIX) else None


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """Every number of a scored benchmark, JSON values only.

    Where some rows must be refused there are two denominators: all rows, and those that have a target (564 and 510 for OSWorld-G), up
    to ten points apart for a model that never refuses.
    """
    total, found = tally(judged), cells(judged)
    groundable = [one for one in judged if not isinstance(one.sample.target, RefusalTarget)]
    names = dict.fromkeys(name for one in judged for name in one.sample.cells)
    return {
        **total,
        "interval": wilson(total["correct"], total["total"]),
        "verdicts": {verdict: sum(one.verdict == verdict for one in judged) for verdict in VERDICTS},
        "averages": {"micro": total["accuracy"], "macro6": macro6(found)},
        "denominators": {"all": total, "groundable": tally(groundable)} if len(groundable) < len(judged) else None,
        "cells": found,
        "groups": cut(judged, lambda sample: [sample.group]),
        "kinds": cut(judged, lambda sample: [sample.kind or ""]),
        "cuts": {name: cut(judged, partial(_cell, name)) for name in names},
    }


def _cell(name: str, sample: Sample) -> list[str]:
    value = sample.cells.get(name, "")
    return value.split(", ") if name in SEVERAL else [value]
