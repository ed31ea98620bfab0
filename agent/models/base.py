"""What a model backend is: messages in, one completion out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from handeye.agent.messages import Message


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. The defaults are greedy, so that a run can be repeated."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    """0: all tokens stand."""
    repetition_penalty: float = 1.0
    """1 is none. Said to every backend, since the checkpoints' own generation_config.json carries 1.05, which both transformers and vLLM
    apply without a word."""
    max_new_tokens: int = 2048
    """The limit of Qwen2.5-VL's cookbooks (QwenLM/Qwen2.5-VL:cookbooks/computer_use.ipynb)."""
    seed: int | None = None
    stop: tuple[str, ...] = ()
    """Texts after which the reply is complete. The one that was met stays in the reply, unlike with a server's own `stop`."""


@dataclass(frozen=True)
class Constraint:
    """The form that a reply must have: `before`, then JSON that obeys `schema`, then `after`, and nothing else."""

    schema: Mapping[str, Any]
    """A JSON schema (draft 2020-12)."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens that one call took; 0 where the backend does not count."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Those of the prompt that were not computed again."""


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

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The model's reply to `messages`; where the last turn is the assistant's, what the model says on from it, without that turn.

        A `constraint` is for what is said, not for what it goes on from. Raises `ModelError` when there is no reply, and `SetupError`
        where a server cannot go on from a text: it is never asked something else.
        """

    def close(self) -> None:
        """Let go of memory and connections. A second call does nothing."""


@runtime_checkable
class DescribedModel(Model, Protocol):
    """A model that can say what it is beyond its name, for the record of a run."""

    def describe(self) -> dict[str, Any]:
        """What can change its replies (weights, precision, what the server says of itself), JSON values only, without secrets."""


@runtime_checkable
class BatchModel(Model, Protocol):
    """A model that answers several prompts faster together than one by one."""

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        """The reply to each prompt, in order. Raises `ModelError` when there is none for any of them."""


@runtime_checkable
class ConcurrentModel(Model, Protocol):
    """A model that may be asked from several threads, and answers more questions a second for it."""

    @property
    def concurrency(self) -> int:
        """How many calls of `generate` are worth making at the same time, at least 1."""


@runtime_checkable
class SharedModel(Model, Protocol):
    """A model that keeps something of each conversation."""

    def take_turns(self, conversations: int) -> None:
        """So many conversations will be asked for by turns."""


@runtime_checkable
class PatientModel(Model, Protocol):
    """A model behind a server that may be away for a while."""

    patience_s: float
    """Seconds from the beginning of a call for which a failure that may pass is tried again, beyond the backend's own tries."""
