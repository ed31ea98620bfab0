"""What a worker process says to the one who started it: one of these a line, as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from handeye.benchmarks.episodes.rows import EpisodeRow


class Step(BaseModel):
    """How far the episode is. See `rows.Progress`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int
    text: str
    tokens: int = 0
    cost: float = 0.0


class Said(BaseModel):
    """One line; exactly one of its parts is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ready: bool = False
    """It has begun and takes episodes."""
    setup: str = ""
    """The message of a `SetupError`."""
    fix: str | None = None
    """What mends that."""
    step: Step | None = None
    row: EpisodeRow | None = None
    """The episode is over."""
