"""The phone that one worker drives, simulated, emulated or real, with AndroidWorld's code beside it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from handeye.benchmarks.androidworld.host import AndroidWorldGuest, Begun
from handeye.envs.frames import DEFAULT_FRAME_LIMITS, FrameLimits
from handeye.envs.phone import PhoneEnv
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.android.binary import AdbBinary
from handeye.tools.android.emulator import Emulator, EmulatorOptions
from handeye.tools.android.sdk import find_sdk
from handeye.tools.android.serials import connect
from handeye.tools.android.server import client_for, running_server
from handeye.tools.android.transport import ServerAddress
from handeye.tools.errors import DeviceError, SetupError
from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions


class World:
    """A phone, our driver for the agent, and AndroidWorld's process, which reaches the same phone through the same adb server."""

    def __init__(
        self, checkout: Path, python: str, serial: str = "", server: ServerAddress | None = None, size: Size = Size(1080, 2400),
        limits: FrameLimits = DEFAULT_FRAME_LIMITS, emulator: EmulatorOptions | None = None,
    ) -> None:  # fmt: skip
        """`serial`: a phone that runs already, known to the adb `server` (None: the user's); `emulator`: one that is started here and
        ends with this; neither: a simulated phone of `size` is.

        Raises `SetupError` when a piece is missing on this machine, `DeviceError` when the phone does not start or answer.
        """
        with ExitStack() as stack:
            self._phones: SimPhones | None = None
            self._emulator: Emulator | None = None
            if serial:
                address = server or running_server()
                adb = client_for(address, sdk_adb())
            elif emulator is not None:
                own = stack.enter_context(PrivateServer(users_key=True))
                self._emulator = stack.enter_context(Emulator(find_sdk(), emulator, own))
                address, adb, serial = own.address, own.adb, self._emulator.serial
            else:
                self._phones = stack.enter_context(SimPhones(1, PhoneOptions(size=size, density=480 * size.width // 1080)))
                own = stack.enter_context(PrivateServer())
                address, adb = own.address, own.adb
                serial = connect(address, self._phones.serials[0])
            self.serial = serial
            self.guest = stack.enter_context(AndroidWorldGuest(checkout, python, serial, address.port, adb.path))
            driver = AndroidDriver.connect(serial, AndroidOptions(server=address))
            self.env = PhoneEnv(driver, limits=limits, owned=stack.pop_all())

    def begin(self, task: str, seed: int) -> Begun:
        """Bring the phone back to its beginning, and have the task prepare it. Raises `DeviceError`.

        A simulated phone is reset, an emulator loads its snapshot; a phone that runs already has what AndroidWorld itself restores.
        """
        if self._phones is not None:
            done = self._phones.run(self.serial, "simphone reset")
            if done.returncode:
                raise DeviceError(f"The simulated phone was not reset: {done.stderr.decode(errors='replace').strip()}")
        # Before the first task too: an emulator that cannot start from a snapshot boots instead, and says so to nobody.
        if self._emulator is not None and self._emulator.options.snapshot:
            self._emulator.load(self._emulator.options.snapshot)
        return self.guest.begin(task, seed)

    def save(self, snapshot: str) -> None:
        """Keep the emulator as it is under that name. Raises `DeviceError` when it refuses."""
        assert self._emulator is not None
        self._emulator.save(snapshot)

    def close(self) -> None:
        """End the phone, if it was started here, and AndroidWorld's process. A second call does nothing."""
        self.env.close()


def sdk_adb() -> list[AdbBinary]:
    """The adb of an installed SDK, if there is one."""
    with suppress(SetupError):
        sdk = find_sdk()
        if sdk.adb is not None:
            return [AdbBinary(str(sdk.adb), sdk.source)]
    return []
