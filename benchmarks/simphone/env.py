"""The world of the phone tasks: one simulated phone, its adb server, and an environment that leaves the task's world alone."""

from __future__ import annotations

from contextlib import ExitStack

from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.task import Task
from handeye.benchmarks.simphone.ui import Ui
from handeye.envs.frames import DEFAULT_FRAME_LIMITS, FrameLimits
from handeye.envs.phone import PhoneEnv
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions

FULL = Size(1080, 2400)
"""Pixels of the screen that scores are measured with."""


def options(size: Size = FULL) -> PhoneOptions:
    """A phone that shows the same at any width: 360 by 800 of Android's density-independent pixels.

    Each input takes one second of the phone's clock and nothing else any, so that an episode runs the same way again.
    """
    return PhoneOptions(size=size, density=480 * size.width // FULL.width, clock="steps")


HASTY = FrameLimits(quiet_s=0.03, react_s=0.06)
"""For policies that look at no pictures: what they look at, the tree of views, waits for the phone itself."""


class World:
    """A phone that is started once and brought back to its beginning for each task."""

    def __init__(self, size: Size = FULL, limits: FrameLimits = DEFAULT_FRAME_LIMITS) -> None:
        """Raises `SetupError` when a piece is missing on this machine, `DeviceError` when the phone does not start."""
        with ExitStack() as stack:
            self._phones = stack.enter_context(SimPhones(1, options(size)))
            server = stack.enter_context(PrivateServer())
            self._driver = AndroidDriver.connect(self._phones.serials[0], AndroidOptions(server=server.address))
            self.env = PhoneEnv(self._driver, limits=limits, owned=stack.pop_all())
        self.phone = Phone(self._shell)
        """The state, for tasks."""

    def begin(self, task: Task) -> None:
        """Bring the phone back to its beginning and make the task's world. Raises `DeviceError`."""
        done = self._phones.run(self._driver.serial, "simphone reset")
        if done.returncode:
            raise DeviceError(f"The simulated phone was not reset: {done.stderr.decode(errors='replace').strip()}")
        task.initialize(self.phone)

    def ui(self) -> Ui:
        """The screen as the oracle reads it. No other policy is given this."""
        return Ui(self._driver.ui_tree)

    def close(self) -> None:
        """End the phone. A second call does nothing."""
        self.env.close()

    def _shell(self, line: str) -> bytes:
        done = self._driver.shell(line)
        if done.code:
            raise DeviceError(f"The phone refused {line[:200]!r} (exit code {done.code}): {done.all_text.strip()[:400]}")
        return done.stdout
