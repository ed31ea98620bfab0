"""What stands against comparing two runs, and what most likely explains the gap between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from handeye.benchmarks.samples.pairs import FIRST, SECOND, Pair, point
from handeye.benchmarks.samples.record import Sitting
from handeye.benchmarks.samples.sides import Side

EXPLAINS = 1 / 3
"""A cause is named when it covers at least so much of the gap."""
SCALED, OFF, MANY = 0.02, 0.03, 2 / 3
"""Points are scaled when B's are A's times a factor further from 1 than the first, within the second of it for the third of the samples."""
FEWEST = 8
"""Fewer points say nothing about a factor."""

FIELDS: tuple[tuple[str, str], ...] = (
    ("data.convention", "another convention of boxes: read wrongly, published runs moved by one to six points"),
    ("rules", "other scoring rules: what they measure is not the same"),
    ("protocol.dialect", "another dialect, and with it how coordinates are said and read"),
    ("data.", "other data, or another choice of them"),
    ("protocol.", "another protocol: published ones for the same 3B weights are 22 points apart on ScreenSpot"),
    ("prompt_sha256", "another prompt"),
    ("model", "another model"),
    ("sampling.", "another sampling"),
    ("seed", "another seed"),
)
"""Fields of the configuration by how much they have moved scores, the most first. Sources: lll6gg/UI-R1#10 (boxes); Qwen2.5-VL 3B in
QwenLM/Qwen2.5-VL:README.md and ZJU-REAL/CANL (protocols)."""
RECORD: tuple[tuple[str, str], ...] = (
    ("model", "the model says other things of itself (weights, precision, attention, server)"),
    ("code", "another state of the code"),
    ("versions", "other versions of packages"),
    ("machine.gpus", "other GPUs"),
    ("machine", "another machine"),
    ("options", "other options of the run (batches change the last bits of logits)"),
)
"""Parts of the record, likewise."""


def not_comparable(a: Side, b: Side, found: Mapping[str, Any]) -> list[str]:
    """Why the two rates do not measure the same thing; empty where they do."""
    told = []
    one, two = (str(side.configuration.get("benchmark")) for side in (a, b))
    if one.lower() != two.lower():
        told.append(f"Another benchmark: {one} and {two}.")
    rules = [side.configuration.get("rules") for side in (a, b)]
    sets = [{*map(str, given)} if isinstance(given, list | tuple) else set[str]() for given in rules]
    # Of rescored outputs only the rules are told that had targets to judge.
    if all(sets) and not (sets[0] <= sets[1] or sets[1] <= sets[0]):
        told.append(f"Other scoring rules: {', '.join(sorted(sets[0]))} and {', '.join(sorted(sets[1]))}.")
    conventions = [side.configuration.get("data", {}).get("convention") for side in (a, b)]
    if all(conventions) and conventions[0] != conventions[1]:
        told.append(f"Another convention of boxes: {conventions[0]} and {conventions[1]}.")
    data = found["data"]
    changed = {field: sum(row["field"] == field for row in data["changed"]) for field in ("instruction", "target", "size", "image")}
    if any(changed.values()):
        what = ", ".join(f"{count} with another {field}" for field, count in changed.items() if count)
        told.append(f"Other data under the same ids: {what}.")
    elif data["same"] is False:
        told.append("Other data: the sha256 of what the loaders gave differ.")
    return told


def worth_knowing(a: Side, b: Side, found: Mapping[str, Any]) -> list[str]:
    """What does not forbid the comparison, and yet should be known."""
    told: list[str] = []
    for name, side in (("A", a), ("B", b)):
        told.extend(f"{name}: {note}." for note in side.notes)
        if errors := sum(bool(row.error) for row in side.all_rows()):
            told.append(f"{name} has {errors} rows without a reply, which count as wrong; --retry-errors asks them again.")
        alone = found["data"]["only_a" if name == "A" else "only_b"]
        if alone:
            told.append(f"{len(alone)} samples are only in {name} and are left out of every rate here.")
        told.extend(_of_sittings(name, side))
    if a.repeats != b.repeats:
        told.append(f"A asked up to {a.repeats} times, B up to {b.repeats}: rates are means over each sample's repeats.")
    return told


def _of_sittings(name: str, side: Side) -> Iterator[str]:
    sittings = side.record.sittings if side.record else ()
    parts: tuple[tuple[str, Callable[[Sitting], Any]], ...] = (
        ("code", lambda one: one.code),
        ("versions", lambda one: one.versions),
        ("model", lambda one: one.model),
        ("machine", lambda one: one.machine),
    )
    other = [part for part, of in parts if any(of(one) != of(sittings[-1]) for one in sittings[:-1])]
    if other:
        yield f"{name} was made in {len(sittings)} sittings that differ in {', '.join(other)}; only the last is compared."
    if sittings and sittings[-1].code.get("dirty"):
        yield f"{name} was made with changes to the code that no commit holds."


def likely(found: Mapping[str, Any], pairs: Sequence[Pair]) -> list[str]:
    """What explains the gap, the likeliest first: what the samples show, then what differs in configuration and record."""
    if not found["samples"]:
        return []
    shown = [*_shown_by_samples(found, pairs)]
    fields = [row["field"] for row in found["configuration"] if row["a"] is not None and row["b"] is not None]
    told = [*_by_field(fields, FIELDS)]
    if found["prompt"]["diff"] and not any("prompt" in line for line in told):
        told.append("another prompt.")
    told += [*_by_field([row["field"] for row in found["record"] if not row["field"].startswith("command")], RECORD)]
    if len(fields) == 1 and told:
        told[0] = f"the only difference of configuration: {told[0]}"
    if not shown and not told:
        told = ["nothing that was recorded differs: chance (sampling, order of sums on a GPU), or a server that changed."]
    return [line[:1].upper() + line[1:] for line in (*shown, *told)]


def _by_field(fields: Sequence[str], table: Sequence[tuple[str, str]]) -> Iterator[str]:
    left = list(fields)
    for prefix, meaning in table:
        named = [field for field in left if field == prefix or field.startswith(prefix if prefix.endswith(".") else f"{prefix}.")]
        left = [field for field in left if field not in named]
        if named:
            more = f" and {len(named) - 4} more" if len(named) > 4 else ""
            yield f"{meaning} ({', '.join(named[:4])}{more})."


def _shown_by_samples(found: Mapping[str, Any], pairs: Sequence[Pair]) -> Iterator[str]:
    """Causes that cover a part of the samples, with how many of those that turned they cover."""
    turned = [pair for pair in pairs if pair.change in (FIRST, SECOND)]
    changed = {row["id"] for row in found["data"]["changed"]}
    factor = scale(pairs)
    causes: list[tuple[str, Callable[[Pair], bool]]] = [
        ("have no reply on one side", lambda pair: bool(pair.a.error) != bool(pair.b.error)),
        ("are of another instruction, target or picture", lambda pair: pair.a.id in changed),
        ("are the same reply, judged otherwise (rule, data or reader)", lambda pair: pair.same_reply is True),
        ("are in a wrong format on one side", lambda pair: _unreadable(pair.a) != _unreadable(pair.b)),
    ]
    if factor is not None:
        across, down = factor
        told = f"B's points are A's times {across:.3g} across and {down:.3g} down: another space of coordinates."
        if turned:
            yield told
    if found["sizes"]["other"]:
        causes.append(("were shown in another size", lambda pair: pair.a.shown != pair.b.shown and 0 not in (*pair.a.shown, *pair.b.shown)))
    for what, holds in causes:
        covered = sum(map(holds, turned))
        if turned and covered >= EXPLAINS * len(turned):
            share = f"{covered} of the {len(turned)} samples that turned"
            yield f"{share} from right to wrong or back {what} ({sum(map(holds, pairs))} of all {len(pairs)})."


def _unreadable(row: Any) -> bool:
    return bool(row.verdict == "wrong format")


def scale(pairs: Sequence[Pair]) -> tuple[float, float] | None:
    """The factors across and down that make A's points B's; None where there are none, or where they are 1."""
    both = [(one, two) for pair in pairs if (one := point(pair.a)) and (two := point(pair.b)) and min(*one, *two) > 0]
    if len(both) < FEWEST:
        return None
    factors = tuple(median(two[axis] / one[axis] for one, two in both) for axis in (0, 1))
    if all(abs(factor - 1) <= SCALED for factor in factors):
        return None
    fitting = sum(all(abs(two[axis] / (one[axis] * factors[axis]) - 1) <= OFF for axis in (0, 1)) for one, two in both)
    return (factors[0], factors[1]) if fitting >= MANY * len(both) else None
