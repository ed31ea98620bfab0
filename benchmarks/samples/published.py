"""Numbers that others published, with their sources, and why they may not be compared with a measured one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Published:
    """One published number. Texts are empty where the source does not tell."""

    benchmark: str
    model: str
    score: float
    """In hundredths, as printed."""
    who: str
    """Who measured it."""
    source: str
    """owner/repo:path."""
    commit: str
    """At which the number was read there by us; empty: taken over from notes, unverified."""
    average: str
    rule: str
    protocol: str
    rows: str
    """The denominator."""
    note: str
    level: str = ""
    """Of AndroidControl: high or low."""
    measure: str = "accuracy"
    """The measured number that it is like: `accuracy`, or `points` for the mean of graded steps."""


WARNING = (
    "None of these numbers was measured here. A score depends on the annotation file, the box convention, the prompt, the limits of the "
    "picture, the sampling, the rule, the average and the denominator; where a source does not tell them, equal numbers prove nothing, "
    "and neither do different ones."
)


@cache
def _entries() -> tuple[Published, ...]:
    text = (files("handeye.benchmarks.samples") / "published.json").read_text(encoding="utf-8")
    known = json.loads(text)
    blank = {"average": "", "rule": "", "protocol": "", "rows": "", "note": "", "commit": ""}
    return tuple(Published(**{**blank, **known["sources"][entry.pop("from")], **entry}) for entry in known["numbers"])


def published(benchmark: str, level: str = "") -> tuple[Published, ...]:
    """What is known about `benchmark`, in the order of the file; of one level where one is given.

    Sources that print OSWorld-G do not tell which of its two sets of instructions they mean, so both get them.
    """
    name = benchmark.removesuffix("-refined")
    return tuple(entry for entry in _entries() if entry.benchmark == name and (not level or not entry.level or entry.level == level))


def doubts(entry: Published, numbers: Mapping[str, Any]) -> list[str]:
    """Why `entry` and the measured `numbers` may not be compared; empty where nothing that is known speaks against it."""
    found = []
    told = {"prompt and picture limits": entry.protocol, "rule": entry.rule, "average": entry.average}
    if missing := [name for name, value in told.items() if not value]:
        found.append(f"not published: {', '.join(missing)}")
    protocol = str(numbers.get("protocol") or "")
    if entry.protocol and entry.protocol != protocol:
        found.append(f"another protocol ({entry.protocol})")
    if entry.rule and entry.rule not in numbers["rules"]:
        found.append(f"another rule ({entry.rule})")
    if entry.average and entry.average != "micro" and entry.measure == "accuracy":
        found.append(f"another average ({entry.average})")
    if entry.rows and entry.rows != str(numbers["total"]):
        found.append(f"its denominator is {entry.rows}, here {numbers['total']}")
    if not entry.commit:
        found.append("unverified: its source could not be read")
    return found


WHOLE = {
    "screenspot": 1272,
    "screenspot-v2": 1272,
    "screenspot-pro": 1581,
    "osworld-g": 564,
    "osworld-g-refined": 564,
    "mmbench-gui-l2": 3594,
    "ui-vision": 5479,
    "aitz": 4724,
}
"""Samples of each benchmark, as published (counted in the annotation files; AITZ: IMNearth/CoAT, its test split)."""


def part_of_it(numbers: Mapping[str, Any]) -> str:
    """A sentence where a run asked less than the whole benchmark; else empty."""
    whole, repeats = WHOLE.get(str(numbers["benchmark"])), numbers.get("repeats")
    asked = numbers["total"] // (repeats["count"] if repeats else 1)
    if whole is None or asked >= whole:
        return ""
    return f"This run has {asked} of the benchmark's {whole} samples: its number is no number of the benchmark."
