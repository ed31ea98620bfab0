"""A benchmark as the runner takes it: questions, what they are asked with, and how rows become numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from handeye.agent.models.base import Sampling
from handeye.benchmarks.samples.question import Questions
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow


@dataclass(frozen=True, eq=False)
class Suite:
    """One benchmark, loaded, with the protocol and the rules that were chosen."""

    title: str
    """For people: `ScreenSpot-v2`."""
    questions: Questions
    configuration: SampleConfiguration
    sampling: Sampling
    summary: Callable[[Sequence[SampleRow]], dict[str, Any]]
    """The benchmark's own numbers of the rows of one repeat, JSON values only: at least `correct`, `total`, `wrong_format`, `errors`,
    `accuracy`, `interval`, `cells`, `averages`, `denominators`. `total` counts rows with an error too."""
    notes: tuple[str, ...] = ()
    """What the loader counted and let pass."""
