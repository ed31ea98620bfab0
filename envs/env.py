"""What an environment is: something to look at and to act on, in steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from handeye.envs.actions import Action
from handeye.envs.observation import Observation


@dataclass(frozen=True)
class Settled:
    """What an environment waited for after an action."""

    waited_s: float = 0.0
    waited_for: tuple[str, ...] = ()
    """Kinds of cause that were waited for: timers, requests, navigation, mutations, animations, ..."""
    left_out: tuple[str, ...] = ()
    """Perpetual movers that were recognised and not waited for, in words."""
    capped: bool = False
    """The limit was reached before everything was quiet."""


@dataclass(frozen=True, eq=False)
class TimeStep:
    """What `step` gives: the next observation and how it came about."""

    observation: Observation
    settled: Settled = Settled()
    act_s: float = 0.0
    """Seconds that the input itself took."""
    capture_s: float = 0.0
    """Seconds that the screenshot took."""
    reward: float | None = None
    """A score, where the environment keeps one."""
    done: bool = False
    """The environment says that the episode is over."""


@runtime_checkable
class Env(Protocol):
    """A world that can be reset, looked at and acted on. `handeye.envs.check.check_env` tests an implementation."""

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs (`Action.type`) that `step` accepts, without those of `LOOP_ACTIONS`."""

    def reset(self, seed: int | None = None) -> Observation:
        """Bring the world to its start and look at it. Raises `DeviceError` when it cannot be brought there."""

    def step(self, action: Action) -> TimeStep:
        """Do `action`, wait until what it set off is done, look again.

        Raises `InvalidAction` for a verb outside of `action_types` or a point outside of the screenshot, before anything is touched;
        `DeviceError` when the world fails. Calling it before `reset` is an `InvalidAction`.
        """

    def close(self) -> None:
        """Let go of everything. A second call does nothing."""
