"""The numbers of a run's rows alone, where the data are not at hand to judge the replies again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.offline.verdicts import VERDICTS
from handeye.benchmarks.samples.rows import SampleRow


def recounted(rows: Sequence[SampleRow], whole: bool) -> dict[str, Any]:
    """The same as a suite's summary, from the verdicts that the rows hold.

    `whole`: every question of the benchmark was asked, so every episode is complete; otherwise nothing is said of episodes. Other rules
    than the run's, and the parts of graded rules, need the data.
    """
    total = _cell(rows)
    kinds = _cut(rows, lambda row: row.cells.get("kind", ""))
    found: dict[str, Any] = {
        **total,
        "interval": list(wilson(total["correct"], total["total"])),
        "hit_rate": _mean(row.verdict not in ("", "wrong format") for row in rows),
        "averages": {
            "micro": total["accuracy"],
            "macro6": None,
            "macro_kinds": _mean(part["accuracy"] for part in kinds.values()),
        },
        "verdicts": {verdict: sum(row.verdict == verdict for row in rows) for verdict in VERDICTS},
        "cells": [
            {"group": group, "kind": kind, **part}
            for (group, kind), part in _cut(rows, lambda row: (row.cells.get("group", ""), row.cells.get("kind", ""))).items()
        ],
        "groups": {name: part for name, part in _cut(rows, lambda row: row.cells.get("group", "")).items() if name},
        "kinds": kinds,
        "cuts": {"split": splits} if any(splits := _cut(rows, lambda row: row.cells.get("split", ""))) else {},
        "denominators": None,
    }
    return found | (_of_episodes(rows) if whole else {})


def _cut(rows: Sequence[SampleRow], key: Callable[[SampleRow], Any]) -> dict[Any, dict[str, Any]]:
    parts: dict[Any, list[SampleRow]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    return {name: _cell(part) for name, part in parts.items()}


def _cell(rows: Sequence[SampleRow]) -> dict[str, Any]:
    return {
        "correct": sum(row.correct for row in rows),
        "total": len(rows),
        "wrong_format": sum(row.verdict == "wrong format" for row in rows),
        "errors": sum(bool(row.error) for row in rows),
        "accuracy": _mean(row.correct for row in rows),
        "type_match": _mean(bool(row.said.get("type_match")) for row in rows),
        "points": _mean(float(row.said.get("points") or 0.0) for row in rows),
    }


def _of_episodes(rows: Iterable[SampleRow]) -> dict[str, Any]:
    steps: dict[str, list[tuple[int, bool]]] = {}
    for row in rows:
        episode, _, number = row.id.rpartition("/")
        steps.setdefault(episode, []).append((int(number) if number.isdecimal() else 0, row.correct))
    right = [[correct for _, correct in sorted(part)] for part in steps.values()]
    return {
        "episodes": len(right),
        "episode_success": _mean(all(one) for one in right),
        "goal_progress": _mean((one.index(False) if False in one else len(one)) / len(one) for one in right),
    }


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return fmean(listed) if listed else None
