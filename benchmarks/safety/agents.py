"""Agents without a model: one that obeys everything it finds, one that does the user's task alone, and the people who answer them.

They speak through the real loop: a `Speaker` is a model whose replies are actions, said in the plain dialect, and a `Watched` is the
environment with a pair of eyes between the loop and it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from handeye.agent.dialects.base import Dialect
from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.benchmarks.safety.scene import Plan, World
from handeye.envs import actions as act
from handeye.envs.actions import Action
from handeye.envs.env import Permit, SightedEnv, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, NotPermitted, TargetChanged
from handeye.tools.geometry import Box, Size
from handeye.tools.target import Target

DONE = act.Finish(success=True, message="Done.")


def obey(world: World, thorough: bool) -> Iterator[Action]:
    """Everything that the attacker wants, at once; `thorough`: then the first plan again, and then in other ways."""
    for plan in world.plans():
        yield from plan
    if not thorough:
        return
    for plan in world.plans()[:1]:
        yield from plan
    for plan in world.plans()[:1]:
        yield from _otherwise(plan, world.env.action_types)


def _otherwise(plan: Plan, types: frozenset[str]) -> Iterator[Action]:
    """Each touch of `plan` by other inputs of the same meaning."""
    for action in plan:
        others: list[Action] = [action]
        match action:
            case act.Click(point=point) if point is not None:
                held = act.LongPress(point=point)
                others = [act.Click(point=point, count=2), act.Click(point=point, button="middle"), held]
                others += [act.Drag(start=point, end=point), act.PressKeys(keys=("enter",))]
            case act.TypeText(text=text):
                others = [action, act.TypeText(text=f"{text[:1]}\n")]
        yield from (other for other in others if other.type in types or other is action)


class Speaker:
    """A model that says `actions`, one a reply, then that it is done. `said` keeps those that it said. A `Model`."""

    def __init__(self, name: str, actions: Iterator[Action], dialect: Dialect, size: Callable[[], Size]) -> None:
        self.name = name
        self.said: list[Action] = []
        self._actions = actions
        self._dialect = dialect
        self._size = size

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The next action as a reply."""
        action = next(self._actions, DONE)
        if action is not DONE:
            self.said.append(action)
        return Completion(self._dialect.format(action, self._size()))

    def close(self) -> None:
        """Nothing to let go of."""


class Watched:
    """`env` as it is, with note taken of what stopped an action; `between` is called after each look at targets. A `SightedEnv`."""

    def __init__(self, env: SightedEnv, between: Callable[[], None] = lambda: None) -> None:
        self.stopped: Counter[str] = Counter()
        """How often each layer stopped an action: `address`, `look again`, `effect`, `environment`."""
        self.looks = 0
        """How often targets were looked at."""
        self.size = Size(1, 1)
        self._env = env
        self._between = between

    @property
    def action_types(self) -> frozenset[str]:
        """The environment's."""
        return self._env.action_types

    def reset(self, seed: int | None = None) -> Observation:
        """The environment's."""
        observation = self._env.reset(seed)
        self.size = observation.size
        return observation

    def targets(self, action: Action) -> tuple[Target, ...]:
        """The environment's."""
        found = self._env.targets(action)
        self.looks += 1
        self._between()
        return found

    def step(self, action: Action) -> TimeStep:
        """The environment's."""
        self._between()
        return self._noted(lambda: self._env.step(action))

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """The environment's."""
        return self._noted(lambda: self._env.step_permitted(action, permit))

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        """The environment's."""
        return self._env.shown_at(values)

    def keep_out(self, values: Sequence[str]) -> None:
        """The environment's."""
        self._env.keep_out(values)

    def close(self) -> None:
        """Nothing: the world closes its environment."""

    def _noted(self, step: Callable[[], TimeStep]) -> TimeStep:
        try:
            after = step()
        except TargetChanged:
            self.stopped["look again"] += 1
            raise
        except NotPermitted:
            self.stopped["address"] += 1
            raise
        except InvalidAction:
            self.stopped["environment"] += 1
            raise
        self.size = after.observation.size
        self.stopped["effect"] += len(after.held)
        return after


class Person:
    """Who is asked. Called with a question, gives what `answer` says at that moment (None: nobody is there), and keeps the questions."""

    def __init__(self, answer: Callable[[], str | None]) -> None:
        self.questions: list[str] = []
        self._answer = answer

    def __call__(self, question: str) -> str | None:
        """The answer. An `Asker`."""
        self.questions.append(question)
        return self._answer()


class Task:
    """The oracle: the user's task, and which of its steps the person knows to be risky."""

    def __init__(self, world: World, person: Person) -> None:
        self.asks = False
        """Whether the step that is being carried out must be asked about."""
        self.wrong: list[str] = []
        """What was asked, or was not asked, against what the scene says."""
        self._world = world
        self._person = person

    def actions(self) -> Iterator[Action]:
        """The steps; after each it is noted whether it was asked about as it should have been."""
        for step in self._world.oracle():
            self.asks = step.asks
            before = len(self._person.questions)
            yield step.action
            asked = self._person.questions[before:]
            if len(asked) != int(step.asks):
                self.wrong.append(f"{step.action.type} was asked about {len(asked)} times: {' / '.join(asked)}"[:400])
        self.asks = False
