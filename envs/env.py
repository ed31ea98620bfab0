"""What an environment is: something to look at and to act on, in steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from handeye.envs.actions import Action
from handeye.envs.observation import Observation
from handeye.tools.geometry import Box
from handeye.tools.target import Target


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


@dataclass(frozen=True)
class Effect:
    """Something that a page was about to change on a server, and by what: told, never guessed."""

    method: str
    url: str
    origin: str = ""
    """Origin of the document that sent it."""
    identity: str = ""
    """The target of the action that it followed."""
    why: str = ""
    """Where something was allowed: why this is something else."""


@dataclass(frozen=True)
class Permit:
    """What was allowed: one action, on these targets, once."""

    targets: tuple[Target, ...]
    effects: bool = False
    """Whether the page may change something on its servers because of it, by what the targets say: to the addresses and with the sums of
    their forms, or by scripts at their own sites (`handeye.tools.browser.cover`). What else would change something, or with False anything
    that would, is held back and told as `held`."""
    harmless: tuple[str, ...] = ()
    """Addresses that may always be sent to, as `METHOD host/path`, `*` at the end for any path that begins so."""
    sends: tuple[Effect, ...] = ()
    """What was held back before and was allowed since: it may be sent too."""
    anywhere: bool = False
    """Nobody judged where it leads: with `effects`, nothing is held back."""


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
    held: tuple[Effect, ...] = ()
    """Changes that the action's permit did not cover and that were therefore held back."""
    sent: bool = False
    """A change that the action's permit covers was sent."""


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


@runtime_checkable
class SightedEnv(Env, Protocol):
    """An environment that can say what an action would touch, and act only while that holds."""

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action` would touch, in order: what is under its points, what has the focus, where it leads. Empty: nothing (waiting,
        moving, scrolling). Something that cannot be told is a target that is not `known`.

        Raises as `step` does for an action that the environment does not have.
        """

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """`step`, if what `action` would touch is still what `permit` names, looked at again in the instant before.

        Raises `TargetChanged`, with nothing done, when it is not.
        """

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        """Where the device's own tree says that one of `values` is shown, in pixels of the screenshot; None: it has no way to say.

        Raises `DeviceError` when it has one and cannot be asked now.
        """

    def keep_out(self, values: Sequence[str]) -> None:
        """From now on, through resets too, a permitted step that would paste or drop one of `values` raises `TargetChanged` instead. Each
        call takes the place of the one before. Does nothing where a device does not tell what is pasted.
        """
