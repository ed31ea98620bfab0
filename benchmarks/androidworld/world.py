"""The phone that one worker drives, simulated or real, with AndroidWorld's code beside it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from handeye.benchmarks.androidworld.host import AndroidWorldGuest, Begun
from handeye.envs.frames import DEFAULT_FRAME_LIMITS, FrameLimits
from handeye.envs.phone import PhoneEnv
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.android.binary import find_adb
from handeye.tools.android.serials import connect
from handeye.tools.android.server import running_server
from handeye.tools.android.transport import ServerAddress
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions


class World:
    """A phone, our driver for the agent, and AndroidWorld's process, which reaches the same phone through the same adb server."""

    def __init__(
        self, checkout: Path, python: str, serial: str = "", server: ServerAddress | None = None, size: Size = Size(1080, 2400),
        limits: FrameLimits = DEFAULT_FRAME_LIMITS,
    ) -> None:  # fmt: skip
        """`serial`: a phone that runs already, known to the adb `server` (None: the user's); empty: a simulated phone of `size` is started.

        Raises `SetupError` when a piece is missing on this machine, `DeviceError` when the phone does not start or answer.
        """
        with ExitStack() as stack:
            self._phones: SimPhones | None = None
            if serial:
                address = server or running_server()
            else:
                self._phones = stack.enter_context(SimPhones(1, PhoneOptions(size=size, density=480 * size.width // 1080)))
                address = stack.enter_context(PrivateServer()).address
                serial = connect(address, self._phones.serials[0])
            self.serial = serial
            adb = str(find_adb().path)
            self.guest = stack.enter_context(AndroidWorldGuest(checkout, python, serial, address.port, adb))
            driver = AndroidDriver.connect(serial, AndroidOptions(server=address))
            self.env = PhoneEnv(driver, limits=limits, owned=stack.pop_all())

    def begin(self, task: str, seed: int) -> Begun:
        """Bring a simulated phone back to its beginning, and have the task prepare the phone. Raises `DeviceError`."""
        if self._phones is not None:
            done = self._phones.run(self.serial, "simphone reset")
            if done.returncode:
                raise DeviceError(f"The simulated phone was not reset: {done.stderr.decode(errors='replace').strip()}")
        return self.guest.begin(task, seed)

    def close(self) -> None:
        """End the phone, if it was started here, and AndroidWorld's process. A second call does nothing."""
        self.env.close()
