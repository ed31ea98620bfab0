"""How far a rate that was measured on a sample, or in a few runs, may be from the true one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import cos, pi, sin, sqrt, tan
from statistics import NormalDist, fmean, stdev


def wilson(successes: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a rate of `successes` of `count`, both in 0..1; (0, 1) when nothing was measured.

    (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.) Unlike the normal
    approximation it stays in 0..1 and means something at 200 of 200.
    """
    if count == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / count
    middle = rate + z * z / (2 * count)
    spread = z * sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def student(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student's interval for the mean of at least two independent measurements (W. S. Gosset, "The probable error of a mean", 1908).

    For rates: it is cut off at 0 and 1.
    """
    freedom = len(values) - 1
    spread = t_quantile((1 + confidence) / 2, freedom) * stdev(values) / sqrt(len(values))
    return max(0.0, fmean(values) - spread), min(1.0, fmean(values) + spread)


def t_quantile(probability: float, freedom: int) -> float:
    """Where Student's distribution of `freedom` (at least 1) degrees reaches `probability` (from 0.5 to below 1)."""
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _two_sided(middle, freedom) < 2 * probability - 1 else (low, middle)
    return sqrt(freedom) * tan(low)


def _two_sided(angle: float, freedom: int) -> float:
    """Chance of a value between -t and t, where t = sqrt(freedom) tan(angle).

    The closed forms of Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
    """
    term = total = 0.0
    if freedom > 1:
        term = total = cos(angle) if freedom % 2 else 1.0
        for step in range(3 if freedom % 2 else 2, freedom, 2):
            term *= cos(angle) ** 2 * (step - 1) / step
            total += term
    return 2 / pi * (angle + sin(angle) * total) if freedom % 2 else sin(angle) * total


def paired_difference(both: int, first: int, second: int, neither: int, confidence: float = 0.95) -> tuple[float, float]:
    """Newcombe's interval for how much the second rate is above the first, both measured on the same things; in -1..1.

    `both` succeeded twice, `first` and `second` in that one alone, `neither` never; (-1, 1) when nothing was measured. (R. G. Newcombe,
    "Improved confidence intervals for the difference between binomial proportions based on paired data", Statistics in Medicine 17,
    1998, method 10: Wilson's limits of both rates, joined under their correlation.)
    """
    count = both + first + second + neither
    if count == 0:
        return -1.0, 1.0
    one, two = (both + first) / count, (both + second) / count
    low_1, high_1 = wilson(both + first, count, confidence)
    low_2, high_2 = wilson(both + second, count, confidence)
    phi = _corrected_phi(both, first, second, neither)
    below = _joined(two - low_2, high_1 - one, phi)
    above = _joined(high_2 - two, one - low_1, phi)
    return max(-1.0, two - one - below), min(1.0, two - one + above)


def mcnemar(first: int, second: int) -> float:
    """The exact two-sided p-value of McNemar's test: how likely at least so unequal counts are if either was as likely as the other.

    `first` and `second` count what succeeded in that one alone. (Q. McNemar, "Note on the sampling error of the difference between
    correlated proportions or percentages", Psychometrika 12, 1947; exact by the binomial distribution, which makes it a sign test.)
    """
    count, fewer = first + second, min(first, second)
    tail, term = 0, 1
    for index in range(fewer + 1):
        tail += term
        term = term * (count - index) // (index + 1)
    # Whole numbers to the end: the ratio of two integers is exact where their floats would overflow.
    return min(1.0, float(Fraction(2 * tail, 1 << count)))


def _joined(one: float, other: float, phi: float) -> float:
    return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _corrected_phi(both: int, first: int, second: int, neither: int) -> float:
    """The correlation of two successes, a positive one made smaller by half a count as Newcombe's method 10 has it."""
    product = (both + first) * (second + neither) * (both + second) * (first + neither)
    if product == 0:
        return 0.0
    cross: float = both * neither - first * second
    if cross > 0:
        cross = max(cross - (both + first + second + neither) / 2, 0)
    return cross / sqrt(product)
