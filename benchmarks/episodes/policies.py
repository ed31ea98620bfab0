"""Policies that are no models, spoken through the same loop as any model: the oracle, and one that does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from handeye.agent.dialects.base import PastStep, Reply
from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.envs.actions import LOOP_ACTIONS, Action, Finish, Wait, read_action
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ModelError, ParseError
from handeye.tools.geometry import Size


class OracleError(ModelError):
    """The oracle does not find on the screen what its solver looks for."""


class ActionDialect:
    """Actions as their own JSON: no model speaks it, no detail of an action is lost."""

    name = "action-json"
    history_pictures = 0
    stop = ()

    def __init__(self, action_types: frozenset[str]) -> None:
        self.action_types = action_types | LOOP_ACTIONS

    def picture_size(self, size: Size) -> Size:
        """The screenshot as it is."""
        return size

    def constraint(self, size: Size) -> Constraint | None:
        """None: no model writes this."""
        return None

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The goal; the policies look for themselves."""
        return (Message("user", (goal,)),)

    def parse(self, text: str, size: Size) -> Reply:
        """Read one action. Raises `ParseError` when it is none."""
        try:
            return Reply("", (read_action(text),))
        except InvalidAction as error:
            raise ParseError(str(error)) from error

    def format(self, action: Action, size: Size) -> str:
        """The action's JSON."""
        return action.model_dump_json()


class OracleModel:
    """Says what a solver does next. Raises `OracleError` (a `ModelError`) where the solver finds the screen other than it thinks."""

    name = "oracle"

    def __init__(self, steps: Iterator[Action]) -> None:
        """`steps` is resumed when the environment has carried out what it gave, and looks at the world by itself."""
        self._steps = steps

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The next action; `finish` when the solver has no more."""
        try:
            action = next(self._steps, None)
        except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            raise OracleError(f"the solver does not fit this screen ({type(error).__name__}: {error})") from error
        return Completion((action or Finish(message="The solver has done all that it knows.")).model_dump_json())

    def close(self) -> None:
        """Nothing to let go of."""


class NoopModel:
    """Waits, and touches nothing."""

    name = "noop"

    def __init__(self, waits: int | None = None) -> None:
        """With `waits`, it says after so many that it is done."""
        self._left = waits

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """Wait for no time, or say that all is done."""
        if self._left is None:
            return Completion(Wait(seconds=0.0).model_dump_json())
        self._left -= 1
        action = Wait(seconds=0.0) if self._left >= 0 else Finish(message="Nothing was done.")
        return Completion(action.model_dump_json())

    def close(self) -> None:
        """Nothing to let go of."""
