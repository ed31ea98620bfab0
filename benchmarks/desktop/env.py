"""The world of the desktop tasks: OSWorld's machine as handeye has it, and an environment on the desktop of the task at hand."""

from __future__ import annotations

from collections.abc import Callable

from handeye.benchmarks.desktop.catalogue import Entry
from handeye.benchmarks.desktop.ui import Ui
from handeye.benchmarks.osworld.machine import Machine
from handeye.benchmarks.osworld.scoring import Last, Verdict
from handeye.envs.desktop import DESKTOP_LIMITS, DesktopEnv
from handeye.envs.desktop_work import DesktopWork
from handeye.envs.frames import FrameLimits
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.geometry import Size

HASTY = FrameLimits(quiet_s=0.03, react_s=0.06, mover_s=0.8, cap_s=5.0)
"""For policies that look at no pictures: what they look at, windows and files, they wait for themselves."""
LAST: dict[str, Last] = {"reached": "DONE", "not_reached": "FAIL"}
"""OSWorld's last word by the loop's outcome; none where the model did not end the episode itself."""


class World:
    """A machine on which one task after the other is begun."""

    def __init__(self, size: Size, limits: FrameLimits = DESKTOP_LIMITS) -> None:
        """Raises `SetupError` when a piece is missing on this machine, `DeviceError` when the desktop does not start."""
        self._limits = limits
        self._work: DesktopWork | None = None
        self._machine = Machine.start(size)

    def begin(self, entry: Entry, trusted: bool) -> DesktopEnv:
        """Make the task's world and give the environment in which it is to be done; the world owns what that works on.

        Raises `InvalidAction` for a task that runs commands and is not `trusted`, `DeviceError` when a step of it fails.
        """
        self._leave()
        self._machine.begin(entry.task, entry.assets, trusted=trusted)
        # Each task has a display of its own, and so a watch of its own.
        self._work = None if self._limits is HASTY else DesktopWork(ProgramWatch(self._machine.driver.name))
        return DesktopEnv(self._machine.driver, limits=self._limits, work=self._work, fresh=True)

    def ui(self, on_decisive: Callable[[], None] = lambda: None) -> Ui:
        """What the solution of the task sees (see `Ui`). No other policy is given this."""
        return Ui(self._machine.driver, self._machine.home, on_decisive)

    def score(self, entry: Entry, outcome: str, answer: str = "") -> Verdict:
        """Score what the episode left behind, given how the loop ended."""
        return self._machine.score(entry.task, LAST.get(outcome, ""), answer)

    def close(self) -> None:
        """End the desktop. A second call does nothing."""
        self._leave()
        self._machine.close()

    def _leave(self) -> None:
        if self._work is not None:
            self._work.close()
            self._work = None
