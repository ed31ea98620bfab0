"""How far a rate that was measured on a sample, or in a few runs, may be from the true one."""

from __future__ import annotations

from collections.abc import Sequence
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
