"""Two policies on the same things (samples, tasks): how far apart they are, and how likely that is by chance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any, TypeVar

from handeye.benchmarks.intervals import mcnemar, paired_difference, t_quantile

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class Paired:
    """What `compare_pairs` found. Rates and the difference (the second's less the first's) are None where nothing is in both."""

    common: int
    first: float | None
    second: float | None
    difference: float | None
    interval: tuple[float, float] | None
    """95 %, of the difference."""
    p_value: float | None
    """Exact, two-sided: McNemar's test where outcomes are 0 or 1, else the sign test, which is the same of better and worse."""
    first_better: int
    second_better: int
    same: int
    method: str
    """How the interval and the p-value were found."""

    def as_dict(self) -> dict[str, Any]:
        """JSON values only."""
        return asdict(self)


def compare_pairs(first: Mapping[KeyT, float], second: Mapping[KeyT, float]) -> Paired:
    """Compare outcomes from 0 to 1 over the keys that are in both.

    Where all are 0 or 1 the interval is Newcombe's; else it is Student's of the mean of the differences.
    Several runs of one key are not independent of each other: give their mean as the outcome.
    """
    keys = [key for key in first if key in second]
    if not keys:
        return Paired(0, None, None, None, None, None, 0, 0, 0, "nothing is in both")
    pairs = [(float(first[key]), float(second[key])) for key in keys]
    one, two = fmean(a for a, _ in pairs), fmean(b for _, b in pairs)
    better, worse = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
    same = len(pairs) - better - worse
    if all(value in (0.0, 1.0) for pair in pairs for value in pair):
        both = sum(a == b == 1 for a, b in pairs)
        interval = paired_difference(both, better, worse, same - both)
        method = "Newcombe's paired interval (1998, method 10), McNemar's exact test"
    else:
        interval = _of_means([b - a for a, b in pairs])
        method = "Student's interval of the mean of the differences, exact sign test"
    return Paired(len(pairs), one, two, two - one, interval, mcnemar(better, worse), better, worse, same, method)


def _of_means(differences: list[float]) -> tuple[float, float]:
    if len(differences) < 2:
        return -1.0, 1.0
    middle = fmean(differences)
    spread = t_quantile(0.975, len(differences) - 1) * stdev(differences) / sqrt(len(differences))
    return max(-1.0, middle - spread), min(1.0, middle + spread)
