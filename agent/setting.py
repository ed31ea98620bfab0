"""What the loop is given, and what it gives while it runs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from handeye.agent.approval import Approver, Asker, Door, allow_all
from handeye.agent.dialects.base import Dialect
from handeye.agent.models.base import Model, Sampling
from handeye.agent.trajectory import Result, StepRow
from handeye.envs.actions import Action
from handeye.envs.env import Permit, TimeStep
from handeye.envs.secrets.vault import NO_SECRETS, Vault, asks_for_secret
from handeye.tools.target import Target


@dataclass(frozen=True)
class Limits:
    """When to give up."""

    steps: int = 40
    seconds: float = 1_800.0
    """Checked before each turn; a call of the model that is under way is not cut off. While a person is asked the clock stands still."""
    parse_retries: int = 3
    """How often in one turn the model may try again after a reply that cannot be read."""
    repeats: int = 4
    """How often the same action may be proposed on the same screen; at this count the episode stops."""
    denials: int = 3
    """How often in a row the same thing may be denied; at this count the episode stops."""
    cost: float | None = None
    """What the model's calls may cost, in the currency of its prices. Checked before each call. A call whose cost nobody can tell (the
    model does not say, and there are no `prices`) ends the episode too."""
    prices: tuple[float, float] | None = None
    """Of a million tokens of prompt and of reply, where the model itself does not say what a call cost."""


@dataclass(frozen=True, eq=False)
class Agent:
    """Who acts: a model, the dialect that it speaks, and who may say no."""

    model: Model
    dialect: Dialect
    sampling: Sampling = field(default_factory=Sampling)
    """Where it names no `stop`, the dialect's end a reply."""
    approver: Approver = allow_all
    asker: Asker | Door | None = None
    """The way to the person: for what the approver asks, and for what the model asks."""
    constrain: bool = False
    """Hold replies to the dialect's form, where it has one. No thought comes before a call then."""
    secrets: Vault | None = None
    """Secrets of which the model knows the names: whatever it says is judged and written down without their values. The environment must
    then be a `SecretEnv` with the same ones."""

    def __post_init__(self) -> None:
        """Raises `SetupError` for a secret whose value is in words that records and rules need."""
        if self.secrets is not None:
            from handeye.agent.safety.own_words import check_values

            check_values(self.secrets)

    def redact(self, text: str) -> str:
        """`text` without the values of secrets."""
        return self.secrets.redact(text) if self.secrets else text

    def why_unsaid(self, action: Action) -> str:
        """Why `action` may not even be looked at: it holds a value, or a placeholder where none may stand; empty: it may."""
        return NO_SECRETS if self.secrets is None and asks_for_secret(action) else self.secrets.why_unsaid(action) if self.secrets else ""

    def redacted(self, action: Action) -> Action:
        """`action` without the values of secrets."""
        return self.secrets.redacted(action) if self.secrets else action

    def scrubbing(self) -> AbstractContextManager[None]:
        """What is raised inside leaves without the values of secrets."""
        return self.secrets.redact.scrubbing() if self.secrets else nullcontext()


@dataclass(frozen=True)
class Setting:
    """What opens the environment and the dialect again, as JSON values: recorded, and used by a replay."""

    env: str = ""
    env_options: dict[str, Any] = field(default_factory=dict)
    dialect_options: dict[str, Any] = field(default_factory=dict)
    dialect: str = ""
    """The place of a dialect of the user's own; empty: its name opens it."""
    notes: tuple[str, ...] = ()
    """What is doubtful about the set-up, in sentences: recorded."""


@dataclass(frozen=True)
class Event:
    """What goes on, for live progress. `row` is there when a step is complete, `thought` from the moment the model has spoken."""

    phase: Literal["thinking", "acting", "step"]
    index: int
    thought: str = ""
    action: Action | None = None
    row: StepRow | None = None


@dataclass(frozen=True)
class Act:
    """An action that is now to be carried out, and the model's words to the letter (none for the later actions of one reply)."""

    action: Action
    said: str = ""
    permit: Permit | None = None
    """What it may be done to, where somebody looked; it is good for this one action."""


Acts: TypeAlias = Generator[Act, TimeStep, Result]
Look: TypeAlias = Callable[[Action], tuple[Target, ...]]
"""What an action would touch, as `SightedEnv.targets` says it."""


class EpisodeStopped(Exception):
    """Thrown into `episode_acts` by one who carries actions out no further; the message becomes the result's."""
