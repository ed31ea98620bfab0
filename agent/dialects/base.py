"""What a dialect is: the wire format between our actions and one family of models. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from handeye.agent.messages import Message
from handeye.agent.models.base import Constraint
from handeye.envs.actions import Action
from handeye.envs.observation import Observation
from handeye.tools.geometry import Size


@dataclass(frozen=True)
class Reply:
    """A reply, read."""

    thought: str
    """What the model said around its calls; may be empty."""
    actions: tuple[Action, ...]
    """At least one, in order; points are pixels of the screenshot, clamped into it."""
    repairs: tuple[str, ...] = ()
    """What had to be mended to read it, in words (a fence removed, a point clamped, ...); empty for a well-formed reply."""


@dataclass(frozen=True, eq=False)
class PastStep:
    """One earlier step, as the history shows it to the model."""

    thought: str
    action: Action
    size: Size
    """Size of the screenshot that the action's points belong to."""
    observation: Observation | None = None
    """What the model saw then, kept only for as many steps as the dialect's `history_pictures` asks for."""
    error: str = ""
    """Why the action failed or was refused; empty if it was carried out."""
    reply: str = ""
    """The model's words to the letter; empty for the later actions of one reply, and where they are not known."""
    notes: tuple[str, ...] = ()
    """The sentences of the loop that stood in the prompt."""
    answer: str | None = None
    """What the person said to a question; None where none was put, or nobody answered."""


@runtime_checkable
class Dialect(Protocol):
    """A pure wire format. `handeye.agent.dialects.check.check_dialect` tests an implementation."""

    @property
    def name(self) -> str:
        """The name under which the registry has it."""

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs that can be said here: what the environment accepts and the loop's own, less what the format has no words for."""

    @property
    def history_pictures(self) -> int:
        """How many earlier screenshots `render` shows at most."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts after which a reply is complete, for a model that would go on; empty if it ends its turn by itself."""

    def constraint(self, size: Size) -> Constraint | None:
        """The form of a reply to a screenshot of `size` that `parse` is sure to read; None where the format has none."""

    def picture_size(self, size: Size) -> Size:
        """The size of the picture that the model sees of a screenshot of `size`."""

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The messages that ask for the next action. `notes` are sentences of the loop (nothing changed, a reply could not be read)."""

    def parse(self, text: str, size: Size) -> Reply:
        """Read a reply to a screenshot of `size`. Raises `ParseError`, and nothing else, for one that cannot be read."""

    def format(self, action: Action, size: Size) -> str:
        """The reply that means `action` on a screenshot of `size`. Raises `InvalidAction` for a verb outside of `action_types`,
        and for particulars of an action (a third click, a chord of five keys) that the format has no words for."""
