"""Rows of a run: one for each question and repeat, from which every number, the report and the comparison of runs are computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from handeye.benchmarks.results import Row


class SampleConfiguration(BaseModel):
    """All that can change a score. A restart with another one is refused; `handeye bench diff` says how two differ.

    The number of samples is not here: a run may be extended, and shards of several machines joined.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    """Version of these files."""
    benchmark: str
    """The name under which `handeye bench` has it."""
    model: str
    """The one string that opens the model again."""
    protocol: Mapping[str, Any]
    """How the model is asked: its `name`, and every setting that it stands for (dialect, order, forced beginning, pixel limits, ...)."""
    rules: tuple[str, ...]
    """Names of the scoring rules."""
    sampling: Mapping[str, Any]
    """Temperature and the like; the seed of repeat k is `seed + k`."""
    seed: int = 0
    data: Mapping[str, Any]
    """`sha256` of what the loaders gave (ids, instructions, targets, names of pictures), `convention`, `samples` (how many there are), and
    whatever chooses among them (language, split, ...)."""
    prompt_sha256: str = ""
    """Of the text of the first question's prompt, forced beginning included."""


class SampleRow(Row):
    """One question, one reply."""

    id: str
    repeat: int = 0
    seed: int = 0
    """What the model's sampling was given."""
    instruction: str = ""
    image: str = ""
    """The picture's name."""
    cells: Mapping[str, str] = Field(default_factory=dict)
    target: Mapping[str, Any] = Field(default_factory=dict)
    verdict: str = ""
    """Empty where there was no reply (`error` says why); such a row counts as wrong, and is counted apart."""
    correct: bool = False
    said: Mapping[str, Any] = Field(default_factory=dict)
    """See `Judgement.said`."""
    reply: str = ""
    """The model's words to the letter, without a forced beginning."""
    finish_reason: str = ""
    size: tuple[int, int] = (0, 0)
    """Width and height of the stored picture."""
    shown: tuple[int, int] = (0, 0)
    """Width and height of what the model saw."""
    prompt_sha256: str = ""
    """Of the text of this prompt (`handeye.agent.provenance.prompt_hash`)."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    prepare_s: float = 0.0
    """Reading, decoding, resizing."""
    model_s: float = 0.0
    """From asking to the reply; of a batch its whole time divided by its size."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes it this row."""
        return self.id, self.repeat
