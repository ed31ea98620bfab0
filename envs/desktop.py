"""`DesktopEnv`: a desktop as an environment, the person's own or a virtual one."""

from __future__ import annotations

import time
from contextlib import ExitStack

from handeye.envs.actions import Action, Wait
from handeye.envs.env import TimeStep
from handeye.envs.frames import Frame, FrameLimits, Settling
from handeye.envs.observation import Observation
from handeye.envs.pointer import POINTER_ACTIONS, check_action, point_and_type
from handeye.envs.settle import wait
from handeye.tools.desktop import DesktopDriver
from handeye.tools.errors import InvalidAction

ACTION_TYPES = POINTER_ACTIONS | {"wait"}
"""The verbs of a desktop."""
DESKTOP_LIMITS = FrameLimits(quiet_s=0.06, react_s=0.1, mover_s=0.8, cap_s=5.0)
"""Programs on a desktop answer sooner than a phone opens an app, and a picture costs next to nothing."""


class DesktopEnv:
    """A desktop. An `Env`; it owns the driver, and what else `owned` holds (a virtual display), and closes it."""

    def __init__(self, driver: DesktopDriver, *, limits: FrameLimits = DESKTOP_LIMITS, owned: ExitStack | None = None) -> None:
        self.driver = driver
        self._settling = Settling(limits, cost_s=0.0)
        self._owned = owned or ExitStack()
        self._seen: Observation | None = None

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of a desktop."""
        return ACTION_TYPES

    def reset(self, seed: int | None = None) -> Observation:
        """Look at the desktop as it is: there is no beginning to bring it back to, and `seed` means nothing to it."""
        self._seen = None
        return self._look(0.0).observation

    def step(self, action: Action) -> TimeStep:
        """Do `action` with mouse and keyboard, wait until what it set off is done, look again."""
        if self._seen is None:
            raise InvalidAction("call reset first")
        check_action(action, ACTION_TYPES, self._seen.size, "a desktop")
        begun = time.monotonic()
        if not point_and_type(self.driver, action) and isinstance(action, Wait):
            wait(action.seconds)
        return self._look(time.monotonic() - begun)

    def look(self) -> Frame:
        """The screen as it is now, and which window is active."""
        return Frame(self.driver.screenshot(), self.driver.title())

    def close(self) -> None:
        """Let go of the desktop, and end it if it was started for this environment. A second call does nothing."""
        self._seen = None
        with self._owned:
            self.driver.close()

    def _look(self, act_s: float) -> TimeStep:
        seen = self._settling.settle(self, None if self._seen is None else self._seen.screenshot)
        title = seen.frame.window
        self._seen = Observation(
            seen.frame.pixels, title=title, pointer=self.driver.pointer, extra={"display": self.driver.name, "window": title}
        )
        return TimeStep(self._seen, seen.settled, act_s, seen.capture_s)
