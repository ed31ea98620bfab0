"""How far a rate that was measured on a sample may be from the true one."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist


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
