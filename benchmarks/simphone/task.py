"""What a task is, in the form of AndroidWorld's: a goal with sampled parameters, a world of its own, a score read from the device.

(google-research/android_world: task_evals/task_eval.py has the form: template, parameters, complexity, app names, initialize_task,
is_successful, tear_down.)
"""

from __future__ import annotations

import abc
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, Look, compare, look
from handeye.envs.actions import Action

if TYPE_CHECKING:
    from handeye.benchmarks.simphone.ui import Ui

Difficulty: TypeAlias = Literal["easy", "medium", "hard"]
Steps: TypeAlias = Iterator[Action]
STEPS_A_COMPLEXITY = 10
"""Steps for each unit of complexity (google-research/android_world: suite_utils.py, `_allocate_step_budget`)."""

KINDS = (
    "settings",
    "clock",
    "people",
    "messages",
    "calendar",
    "notes and files",
    "camera and gallery",
    "calculator",
    "web and shop",
    "several apps",
)
"""Classes of tasks, for the report."""


class Task(abc.ABC):
    """One task with its parameters. A subclass is a task; its name is the class's."""

    template: ClassVar[str]
    """The goal, with the parameters' names in braces."""
    apps: ClassVar[tuple[str, ...]]
    """Labels of the apps that it is about."""
    kind: ClassVar[str]
    """One of `KINDS`."""
    difficulty: ClassVar[Difficulty]
    complexity: ClassVar[float] = 1.0
    question: ClassVar[bool] = False
    """Whether the agent has to answer something; then nothing on the phone may change."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        self._before: Look | None = None
        self.damage: tuple[str, ...] = ()
        """What was changed and was not asked for, as the last `is_successful` found it."""

    @classmethod
    def draw(cls, seed: int) -> Task:
        """The task with the parameters of this seed."""
        return cls(**cls.sample(random.Random(f"{cls.__name__} {seed}")))

    @classmethod
    @abc.abstractmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """Parameters, from this generator alone."""

    @property
    def name(self) -> str:
        """The task's name."""
        return type(self).__name__

    @property
    def goal(self) -> str:
        """What the agent is told."""
        return self.template.format(**self.params)

    @property
    def max_steps(self) -> int:
        """How many actions the agent may take."""
        return int(STEPS_A_COMPLEXITY * self.complexity)

    def initialize(self, phone: Phone) -> None:
        """Make the task's world on the phone, and remember how it looked. Raises `DeviceError` when the phone refuses."""
        self.prepare(phone)
        self._before = look(phone)

    @abc.abstractmethod
    def prepare(self, phone: Phone) -> None:
        """Make the task's world: what it is about, and what could be taken for it."""

    def is_successful(self, phone: Phone, answer: str | None = None) -> float:
        """1.0 when the goal is met and nothing else was changed, otherwise 0.0. Raises `DeviceError` when the phone refuses."""
        assert self._before is not None, "initialize comes first"
        self.conclude(phone)
        changes = compare(self._before, look(phone))
        met = self.answered(answer or "") if self.question else self.reached(phone, changes)
        self.damage = changes.rest
        return float(met and not self.damage)

    def conclude(self, phone: Phone) -> None:  # noqa: B027 - most tasks have nothing to bring to an end
        """Bring to its end what still goes on, so that it can be read."""

    def reached(self, phone: Phone, changes: Changes) -> bool:
        """Whether the goal is met; what was asked for is taken out of `changes`."""
        raise NotImplementedError(f"{self.name} is a question")

    def answered(self, answer: str) -> bool:
        """Whether this is the answer to the task's question."""
        raise NotImplementedError(f"{self.name} is no question")

    def tear_down(self, phone: Phone) -> None:
        """Bring the phone back to how it began."""
        phone.run("simphone", "reset")
        self._before = None

    @abc.abstractmethod
    def solve(self, ui: Ui) -> Steps:
        """The actions of someone who knows the way; they prove that the task can be done with actions alone."""
