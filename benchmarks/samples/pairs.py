"""The two rows of one sample, and how they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.sides import Side

FIRST, SECOND, OTHER = "right in A alone", "right in B alone", "other verdict"
"""The ways in which two rows of a sample disagree."""

FAR = 1e9
"""Pixels; models have said numbers of a hundred digits."""


@dataclass(frozen=True, eq=False)
class Pair:
    """The rows of one sample and repeat in both."""

    a: SampleRow
    b: SampleRow

    @property
    def change(self) -> str:
        """How they disagree; empty where they do not."""
        if self.a.correct != self.b.correct:
            return FIRST if self.a.correct else SECOND
        return OTHER if verdict(self.a) != verdict(self.b) else ""

    @property
    def distance(self) -> float | None:
        """Pixels of the stored picture between the two points; None where one has none."""
        one, two = point(self.a), point(self.b)
        return None if one is None or two is None else hypot(one[0] - two[0], one[1] - two[1])

    @property
    def same_reply(self) -> bool | None:
        """Whether the model said the same to the letter; None where a side did not keep its words."""
        return self.a.reply == self.b.reply if self.a.reply and self.b.reply else None


def verdict(row: SampleRow) -> str:
    """The verdict, or that there was no reply to judge."""
    return row.verdict or "no reply"


def point(row: SampleRow) -> tuple[float, float] | None:
    """The place that the model named; None where it named none, or none that can be one."""
    found = row.said.get("point")
    if not isinstance(found, list | tuple) or len(found) != 2:
        return None
    return (float(found[0]), float(found[1])) if all(map(is_pixel, found)) else None


def is_pixel(value: object) -> bool:
    """Whether a value of JSON can be a place on a screen: a number, and neither NaN nor beyond `FAR`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -FAR < value < FAR


def pairs_of(a: Side, b: Side) -> list[Pair]:
    """The rows that both have, by id and repeat, in the order of the ids."""
    pairs: list[Pair] = []
    for key in sorted(a.rows.keys() & b.rows.keys()):
        others = {row.repeat: row for row in b.rows[key]}
        pairs.extend(Pair(row, others[row.repeat]) for row in a.rows[key] if row.repeat in others)
    return pairs
