"""The numbers of a run, computed from its rows alone: neither their order, nor batches, nor how often the run was killed matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from statistics import fmean, stdev
from typing import Any

from handeye.benchmarks.intervals import student
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import TrajectoryError

WILSON = "Wilson, 95%: how far another choice of questions may move the accuracy"
"""What the interval of one repeat is."""
STUDENT = "Student t over {count} repeats, 95%: how far the model's sampling moves the accuracy on these questions"
"""What the interval of several is."""


def run_numbers(suite: Suite, rows: Sequence[SampleRow]) -> dict[str, Any]:
    """Every number of the rows of a run, JSON values only.

    With several repeats counts are sums over them and rates are means; the interval is Student's. A repeat that has not the same questions
    as the largest (it was interrupted) is left out, and a note says so. Raises `TrajectoryError` for rows that are there twice, or that
    belong to none of the suite's questions.
    """
    place = {question.id: number for number, question in enumerate(suite.questions)}
    check_rows(rows, place.keys())
    by_repeat: dict[int, list[SampleRow]] = {}
    for row in sorted(rows, key=lambda row: (row.repeat, place[row.id])):
        by_repeat.setdefault(row.repeat, []).append(row)
    whole, notes = _whole(by_repeat)
    configuration = suite.configuration
    parts = [suite.summary(part) for part in whole] or [suite.summary([])]
    counted = [row for part in whole for row in part]
    numbers: dict[str, Any] = {
        "benchmark": configuration.benchmark,
        "title": suite.title,
        "model": configuration.model,
        "protocol": configuration.protocol.get("name"),
        "rules": list(configuration.rules),
        "convention": configuration.data.get("convention"),
        "configuration": configuration.model_dump(mode="json"),
        **_merged(parts),
        "interval_method": WILSON,
        "repeats": None,
        "samples": configuration.data.get("samples"),
        "notes": [*suite.notes, *notes],
        "prompt_tokens": sum(row.prompt_tokens for row in counted),
        "completion_tokens": sum(row.completion_tokens for row in counted),
        "cached_tokens": sum(row.cached_tokens for row in counted),
    }
    if len(parts) > 1:
        numbers |= _over_repeats([float(part["accuracy"] or 0.0) for part in parts])
    return numbers


def check_rows(rows: Sequence[SampleRow], ids: Container[str]) -> None:
    """Raises `TrajectoryError` for rows that are there twice or belong to none of `ids`."""
    keys = Counter(row.key for row in rows)
    for name, repeat in keys:
        if keys[name, repeat] > 1:
            raise TrajectoryError(
                f"the results hold question {name!r}, repeat {repeat}, {keys[name, repeat]} times.", fix="remove all but one of these rows"
            )
        if name not in ids:
            raise TrajectoryError(f"the results hold question {name!r}, which the data do not have.", fix="give the data of that run")


def _whole(by_repeat: dict[int, list[SampleRow]]) -> tuple[list[list[SampleRow]], list[str]]:
    """The repeats that have the questions of the largest, and what is said about the others."""
    if not by_repeat:
        return [], []
    most = max(by_repeat.values(), key=len)
    ids = {row.id for row in most}
    whole = [part for part in by_repeat.values() if {row.id for row in part} == ids]
    notes = [
        f"Repeat {repeat} has {len(part)} rows where the largest has {len(most)}: it is not counted."
        for repeat, part in by_repeat.items()
        if {row.id for row in part} != ids
    ]
    return whole, notes


def _over_repeats(accuracies: Sequence[float]) -> dict[str, Any]:
    interval = list(student(accuracies))
    repeats = {
        "count": len(accuracies),
        "accuracies": list(accuracies),
        "mean": fmean(accuracies),
        "sd": stdev(accuracies),
        "interval": interval,
    }
    return {
        "accuracy": repeats["mean"],
        "interval": interval,
        "interval_method": STUDENT.format(count=len(accuracies)),
        "repeats": repeats,
    }


def _merged(parts: Sequence[Any]) -> Any:
    """JSON values of the same shape as one: whole numbers are added, fractions averaged, texts taken from the first."""
    first: Any = next((part for part in parts if part is not None), None)
    known = [part for part in parts if type(part) is type(first)]
    if len(parts) == 1 or isinstance(first, bool | str | None):
        return first
    if isinstance(first, dict):
        names = dict.fromkeys(name for part in known for name in part)
        return {name: _merged([part[name] for part in known if name in part]) for name in names}
    if isinstance(first, list | tuple):
        return [_merged(values) for values in zip(*known, strict=True)] if len({len(part) for part in known}) == 1 else list(first)
    if all(isinstance(part, int) for part in parts):
        return sum(parts)
    return fmean(part for part in parts if isinstance(part, int | float))
