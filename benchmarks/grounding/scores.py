"""What is counted from verdicts: totals, cells, averages, denominators. One way for rows of a run and for outputs scored again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any, Protocol

from handeye.benchmarks.grounding.rules import (
    CORRECT,
    VERDICTS,
    Answer,
    Boxed,
    Pointed,
    Refused,
    Rules,
    Unreadable,
    Verdict,
)
from handeye.benchmarks.grounding.sample import SEVERAL, RefusalTarget, Sample
from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.samples.rows import SampleRow

SIX = tuple((group, kind) for group in ("mobile", "desktop", "web") for kind in ("text", "icon"))
"""The cells of ScreenSpot's own table."""


class Scored(Protocol):
    """What is counted of a sample with a verdict."""

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`; empty where there was no reply."""

    @property
    def group(self) -> str:
        """The sample's group."""

    @property
    def kind(self) -> str | None:
        """text, icon, or None."""

    @property
    def cells(self) -> Mapping[str, str]:
        """What else tables are cut by."""

    @property
    def to_refuse(self) -> bool:
        """Nothing on the screen is meant."""


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

    @property
    def group(self) -> str:
        """See `Scored`."""
        return self.sample.group

    @property
    def kind(self) -> str | None:
        """See `Scored`."""
        return self.sample.kind

    @property
    def cells(self) -> Mapping[str, str]:
        """See `Scored`."""
        return self.sample.cells

    @property
    def to_refuse(self) -> bool:
        """See `Scored`."""
        return isinstance(self.sample.target, RefusalTarget)


@dataclass(frozen=True)
class JudgedRow:
    """A row of a run."""

    row: SampleRow

    @property
    def verdict(self) -> str:
        """See `Scored`."""
        return self.row.verdict

    @property
    def group(self) -> str:
        """See `Scored`."""
        return self.row.cells.get("group", "")

    @property
    def kind(self) -> str | None:
        """See `Scored`."""
        return self.row.cells.get("kind") or None

    @property
    def cells(self) -> Mapping[str, str]:
        """See `Scored`."""
        return {name: value for name, value in self.row.cells.items() if name not in ("group", "kind")}

    @property
    def to_refuse(self) -> bool:
        """See `Scored`."""
        return bool(self.row.target.get("refusal"))


def judge(sample: Sample, answer: Answer, rules: Rules) -> Judged:
    """The verdict on an answer."""
    return Judged(sample, answer, rules.judge(sample.target, answer))


def said(answer: Answer) -> dict[str, Any]:
    """What an answer says, for rows: `point` and `box` in pixels of the stored picture, `refused`, or `why` there is no place."""
    if isinstance(answer, Pointed):
        return {"point": [answer.x, answer.y]}
    if isinstance(answer, Boxed):
        return {"point": [answer.centre.x, answer.centre.y], "box": [answer.left, answer.top, answer.right, answer.bottom]}
    if isinstance(answer, Refused):
        return {"refused": True}
    return {"why": answer.why if isinstance(answer, Unreadable) else "the place lies outside of the image"}


def tally(judged: Sequence[Scored]) -> dict[str, Any]:
    """Correct, total, wrong format (kept in the total, counted as wrong) and the rate; None for a rate of nothing."""
    correct = sum(one.verdict in CORRECT for one in judged)
    wrong_format = sum(one.verdict == "wrong format" for one in judged)
    rate = correct / len(judged) if judged else None
    return {"correct": correct, "total": len(judged), "wrong_format": wrong_format, "accuracy": rate}


def cut(judged: Sequence[Scored], keys: Callable[[Scored], Sequence[str]]) -> dict[str, dict[str, Any]]:
    """A tally for each value that `keys` gives, in the order in which they come; a sample may count under several."""
    parts = dict[str, list[Scored]]()
    for one in judged:
        for key in keys(one):
            parts.setdefault(key, []).append(one)
    return {name: tally(part) for name, part in parts.items()}


def cells(judged: Sequence[Scored]) -> list[dict[str, Any]]:
    """A tally for each group and kind, the cells of a benchmark's own table."""
    parts = dict[tuple[str, str | None], list[Scored]]()
    for one in judged:
        parts.setdefault((one.group, one.kind), []).append(one)
    return [{"group": group, "kind": kind, **tally(part)} for (group, kind), part in parts.items()]


def macro6(found: Sequence[dict[str, Any]]) -> float | None:
    """The mean of ScreenSpot's six cells, as SeeClick, UGround and OS-Atlas report it; None unless these six and no others are there."""
    rates = {(cell["group"], cell["kind"]): cell["accuracy"] for cell in found}
    return fmean(rates.values()) if rates.keys() == set(SIX) else None


def summary(judged: Sequence[Scored]) -> dict[str, Any]:
    """Every number of a scored benchmark, JSON values only.

    Where some rows must be refused there are two denominators: all rows, and those that have a target (564 and 510 for OSWorld-G), up
    to ten points apart for a model that never refuses. `errors` are rows without a reply: in every total, and never right.
    """
    total, found = tally(judged), cells(judged)
    groundable = [one for one in judged if not one.to_refuse]
    names = dict.fromkeys(name for one in judged for name in one.cells)
    return {
        **total,
        "errors": sum(not one.verdict for one in judged),
        "interval": wilson(total["correct"], total["total"]),
        "verdicts": {verdict: sum(one.verdict == verdict for one in judged) for verdict in VERDICTS},
        "averages": {"micro": total["accuracy"], "macro6": macro6(found)},
        "denominators": {"all": total, "groundable": tally(groundable)} if len(groundable) < len(judged) else None,
        "cells": found,
        "groups": cut(judged, lambda one: [one.group]),
        "kinds": cut(judged, lambda one: [one.kind or ""]),
        "cuts": {name: cut(judged, partial(_cell, name)) for name in names},
    }


def row_summary(rows: Sequence[SampleRow]) -> dict[str, Any]:
    """`summary` of the rows of a run."""
    return summary([JudgedRow(row) for row in rows])


def _cell(name: str, one: Scored) -> list[str]:
    value = one.cells.get(name, "")
    return value.split(", ") if name in SEVERAL else [value]
