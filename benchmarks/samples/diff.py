"""What differs between two runs of a benchmark: how they were made, on what, and sample by sample what came of it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from statistics import fmean, median, quantiles
from typing import Any

from handeye.benchmarks.paired import compare_pairs
from handeye.benchmarks.results import differences
from handeye.benchmarks.samples.pairs import FIRST, OTHER, SECOND, Pair, pairs_of, point, verdict
from handeye.benchmarks.samples.reasons import likely, not_comparable, worth_knowing
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.sides import Side
from handeye.tools.errors import TrajectoryError

SIZES = 12
"""Pairs of picture sizes that are listed, the most frequent first."""


def compare(a: Side, b: Side) -> dict[str, Any]:
    """Every difference, JSON values only. B is measured against A: a positive difference says that B is better.

    Raises `TrajectoryError` when no sample is in both.
    """
    pairs = pairs_of(a, b)
    if not pairs:
        some = f"{_some(a.rows)} in {a.path}, {_some(b.rows)} in {b.path}"
        raise TrajectoryError(f"no sample is in both ({some}).", fix="give two runs of the same benchmark")
    found: dict[str, Any] = {
        "a": _about(a),
        "b": _about(b),
        "configuration": [*_told(a.configuration, b.configuration)],
        "record": [*_told(_record(a), _record(b))] if a.record and b.record else [],
        "prompt": _prompt(a, b, pairs),
        "data": _data(a, b, pairs),
        "sizes": _sizes(pairs),
        "results": _results(a, b, pairs),
        "cells": _cells(a, b),
        "verdicts": _verdicts(pairs),
        "replies": _replies(pairs),
        "points": _points(pairs),
        "samples": [_sample(pair) for change in (FIRST, SECOND, OTHER) for pair in pairs if pair.change == change],
    }
    against = not_comparable(a, b, found)
    found |= {"comparable": not against, "against": against, "warnings": worth_knowing(a, b, found), "likely": likely(found, pairs)}
    clean: dict[str, Any] = _finite(found)
    return clean


def _finite(value: Any) -> Any:
    """The same value without numbers that JSON does not have."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def _some(rows: Mapping[str, Any]) -> str:
    return ", ".join(repr(key[:60]) for key in sorted(rows)[:2]) + (", ..." if len(rows) > 2 else "")


def _about(side: Side) -> dict[str, Any]:
    rows = side.all_rows()
    return {
        "path": side.path,
        "benchmark": side.configuration.get("benchmark"),
        "model": side.configuration.get("model"),
        "samples": len(side.rows),
        "rows": len(rows),
        "repeats": side.repeats,
        "errors": sum(bool(row.error) for row in rows),
        "sittings": len(side.record.sittings) if side.record else None,
        "notes": list(side.notes),
    }


def _told(a: Any, b: Any) -> Iterator[dict[str, Any]]:
    for name, one, two in sorted(differences(a, b), key=lambda found: found[0]):
        yield {"field": name, "a": one, "b": two}


def _record(side: Side) -> dict[str, Any]:
    """What the record says beside times, counts and the prompt; of the last sitting, since the earlier ones are compared with it apart."""
    if side.record is None or not side.record.sittings:
        return {}
    last = side.record.sittings[-1].model_dump(mode="json")
    return {name: last[name] for name in ("model", "versions", "code", "machine", "options", "command")}


def _prompt(a: Side, b: Side, pairs: Sequence[Pair]) -> dict[str, Any]:
    """The first prompts, their texts as a unified diff without its two lines of file names, and how many samples were asked otherwise."""
    known = [pair for pair in pairs if pair.a.prompt_sha256 and pair.b.prompt_sha256]
    other = sum(pair.a.prompt_sha256 != pair.b.prompt_sha256 for pair in known)
    hashes = [side.record.prompt.sha256 if side.record else side.configuration.get("prompt_sha256") or "" for side in (a, b)]
    same = hashes[0] == hashes[1] if all(hashes) else None
    texts = [side.record.prompt.text.splitlines() if side.record else [] for side in (a, b)]
    diff = list(difflib.unified_diff(texts[0], texts[1], lineterm="", n=2))[2:] if same is False and all(texts) else []
    return {"same": same, "a_sha256": hashes[0], "b_sha256": hashes[1], "diff": diff, "known": len(known), "other": other}


def _data(a: Side, b: Side, pairs: Sequence[Pair]) -> dict[str, Any]:
    hashes = [side.configuration.get("data", {}).get("sha256") for side in (a, b)]
    changed = []
    for pair in pairs:
        if pair.a.repeat:
            continue
        for field in ("instruction", "target", "image", "size"):
            one, two = (row.model_dump(mode="json")[field] for row in (pair.a, pair.b))
            if one != two and _known(one) and _known(two):
                changed.append({"id": pair.a.id, "field": field, "a": one, "b": two})
    return {
        "same": hashes[0] == hashes[1] if all(hashes) else None,
        "a_sha256": hashes[0],
        "b_sha256": hashes[1],
        "only_a": sorted(a.rows.keys() - b.rows.keys()),
        "only_b": sorted(b.rows.keys() - a.rows.keys()),
        "changed": changed,
    }


def _known(value: Any) -> bool:
    return bool(value) and value != [0, 0]


def _sizes(pairs: Sequence[Pair]) -> dict[str, Any]:
    """How large the model saw the pictures, where both runs say so."""
    known = [pair for pair in pairs if _known(list(pair.a.shown)) and _known(list(pair.b.shown))]
    other = Counter((pair.a.shown, pair.b.shown) for pair in known if pair.a.shown != pair.b.shown)
    listed = sorted(other.items(), key=lambda item: (-item[1], item[0]))[:SIZES]
    return {
        "known": len(known),
        "same": len(known) - other.total(),
        "other": other.total(),
        "pairs": [{"a": list(one), "b": list(two), "count": count} for (one, two), count in listed],
    }


def outcomes(side: Side) -> dict[str, float]:
    """The share of a sample's repeats that were right, by id."""
    return {key: fmean(row.correct for row in rows) for key, rows in side.rows.items()}


def _results(a: Side, b: Side, pairs: Sequence[Pair]) -> dict[str, Any]:
    found = compare_pairs(outcomes(a), outcomes(b)).as_dict()
    counted = {}
    for name, rows in (("a", [pair.a for pair in pairs]), ("b", [pair.b for pair in pairs])):
        counted[name] = {
            "correct": sum(row.correct for row in rows),
            "total": len(rows),
            "wrong_format": sum(row.verdict == "wrong format" for row in rows),
            "errors": sum(bool(row.error) for row in rows),
            "prompt_tokens": sum(row.prompt_tokens for row in rows),
            "completion_tokens": sum(row.completion_tokens for row in rows),
        }
    return {
        "common": found["common"],
        "a": {"accuracy": found["first"], **counted["a"]},
        "b": {"accuracy": found["second"], **counted["b"]},
        "difference": found["difference"],
        "interval": found["interval"] and list(found["interval"]),
        "p_value": found["p_value"],
        "a_better": found["first_better"],
        "b_better": found["second_better"],
        "same": found["same"],
        "method": found["method"],
    }


def _cells(a: Side, b: Side) -> list[dict[str, Any]]:
    """The cells in which a sample's outcome differs, the largest net change first; `group` and `kind` are crossed as tables have them."""
    one, two = outcomes(a), outcomes(b)
    members = dict[tuple[str, str], list[str]]()
    for key in sorted(one.keys() & two.keys()):
        for cell in _cells_of(a.rows[key][0]):
            members.setdefault(cell, []).append(key)
    found = []
    for (cut, value), keys in members.items():
        better, worse = sum(one[key] > two[key] for key in keys), sum(one[key] < two[key] for key in keys)
        if better or worse:
            rates = fmean(one[key] for key in keys), fmean(two[key] for key in keys)
            told = {"cut": cut, "value": value, "samples": len(keys), "a": rates[0], "b": rates[1], "difference": rates[1] - rates[0]}
            found.append({**told, "a_better": better, "b_better": worse})
    return sorted(found, key=lambda cell: (-abs(cell["a_better"] - cell["b_better"]), cell["cut"], cell["value"]))


def _cells_of(row: SampleRow) -> Iterator[tuple[str, str]]:
    cells = dict(row.cells)
    if "group" in cells and "kind" in cells:
        yield "group, kind", ", ".join(filter(None, (cells.pop("group"), cells.pop("kind"))))
    for cut, values in cells.items():
        for value in dict.fromkeys(values.split(", ")):
            yield cut, value


def _verdicts(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Which verdicts became which, where they differ."""
    found = Counter((verdict(pair.a), verdict(pair.b)) for pair in pairs if verdict(pair.a) != verdict(pair.b))
    return [{"a": one, "b": two, "count": count} for (one, two), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def _replies(pairs: Sequence[Pair]) -> dict[str, int]:
    said = [pair.same_reply for pair in pairs]
    judged_otherwise = sum(pair.same_reply is True and verdict(pair.a) != verdict(pair.b) for pair in pairs)
    return {
        "known": len(said) - said.count(None),
        "same": said.count(True),
        "other": said.count(False),
        "judged_otherwise": judged_otherwise,
    }


def _points(pairs: Sequence[Pair]) -> dict[str, Any]:
    """How far apart the points are, in pixels of the stored pictures, where both named one."""
    apart = sorted(distance for pair in pairs if (distance := pair.distance) is not None)
    return {
        "both": len(apart),
        "same": sum(distance == 0 for distance in apart),
        "median_px": median(apart) if apart else None,
        "p90_px": quantiles(apart, n=10)[-1] if len(apart) > 1 else None,
        "furthest_px": apart[-1] if apart else None,
    }


def _sample(pair: Pair) -> dict[str, Any]:
    return {
        "id": pair.a.id,
        "repeat": pair.a.repeat,
        "change": pair.change,
        "instruction": pair.a.instruction,
        "image": pair.a.image,
        "cells": dict(pair.a.cells),
        "target": dict(pair.a.target),
        "size": list(pair.a.size if any(pair.a.size) else pair.b.size),
        "same_reply": pair.same_reply,
        "distance_px": pair.distance,
        "a": _answer(pair.a),
        "b": _answer(pair.b),
    }


def _answer(row: SampleRow) -> dict[str, Any]:
    named = point(row)
    return {
        "verdict": verdict(row),
        "correct": row.correct,
        "error": row.error,
        "point": list(named) if named else None,
        "why": str(row.said.get("why", "")),
        "shown": list(row.shown),
        "reply": row.reply,
    }
