"""What a model backend is: messages in, one completion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from handeye.agent.messages import Message


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. The defaults are greedy, so that a run can be repeated."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int = 2048
    """The limit of Qwen2.5-VL's cookbooks (QwenLM/Qwen2.5-VL:cookbooks/computer_use.ipynb)."""
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usage:
    """Tokens that one call took; 0 where the backend does not count."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class Completion:
    """What the model said."""

    text: str
    usage: Usage = Usage()
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by phase, as far as the backend knows them."""
    details: dict[str, Any] = field(default_factory=dict)
    """What else is worth recording (JSON values only)."""


@runtime_checkable
class Model(Protocol):
    """A model that answers. Not thread safe unless an implementation says so."""

    @property
    def name(self) -> str:
        """The one string that opens this model again (`ocr`, `replay:RUN`, ...)."""

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling()) -> Completion:
        """The model's reply to `messages`. Raises `ModelError` when there is none."""

    def close(self) -> None:
        """Let go of memory and connections. A second call does nothing."""
