"""What others reached on WebGames, with their source, and whether a run has the same games."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def published(games: Mapping[str, int]) -> list[dict[str, Any]]:
    """A row for each model and person: solved and total on the variants of a run, `score` between 0 and 1, protocol, source, whether we
    read the source ourselves (`verified`), and `doubt`, why it may not be compared; empty where nothing that is known speaks against it.

    `games`: how many games of each variant the run has. Rows that are not known by variant are given with runs that have all of theirs.
    """
    known = json.loads((files("handeye.benchmarks.webgames") / "published.json").read_text(encoding="utf-8"))
    return [row for entry in known["numbers"] if (row := _row(entry, known["sources"][entry["from"]], games)) is not None]


def _row(entry: Mapping[str, Any], source: Mapping[str, Any], games: Mapping[str, int]) -> dict[str, Any] | None:
    totals: dict[str, int] = source["games"]
    told = {name: source[name] for name in ("source", "commit", "protocol", "verified")}
    if "solved" not in entry:
        if set(games) != set(totals):
            return None
        return {"model": entry["model"], "solved": None, "total": sum(totals.values()), "score": entry["score"], **told,
                "doubt": _doubt(games, totals)}  # fmt: skip
    mine = {kind: total for kind, total in totals.items() if kind in games}
    if not mine:
        return None
    solved, total = sum(entry["solved"][kind] for kind in mine), sum(mine.values())
    return {"model": entry["model"], "solved": solved, "total": total, "score": solved / total, **told, "doubt": _doubt(games, mine)}


def _doubt(games: Mapping[str, int], totals: Mapping[str, int]) -> str:
    if dict(games) == dict(totals):
        return ""
    return f"it has {sum(totals.values())} games, this run {sum(games.values())}"
