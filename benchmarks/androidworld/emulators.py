"""AndroidWorld on emulators that a run starts itself: which virtual device, which snapshot, and the first-time setup that makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from handeye.benchmarks.androidworld.host import GuestFailed
from handeye.benchmarks.androidworld.world import World
from handeye.tools.android.emulator import FIRST_PORT, LAST_PORT, EmulatorOptions, port_of
from handeye.tools.android.sdk import Avd, find_sdk
from handeye.tools.errors import DeviceError, InvalidAction, SetupError

SNAPSHOT = "androidworld"
"""What the first-time setup saves under, and a run loads before each task."""
NO_SNAPSHOT = "none"
"""Boot the virtual device as it is, and bring nothing back between tasks but what AndroidWorld itself does, as its own runner."""
LEVEL = 33
"""AndroidWorld is made for a Pixel 6 with this API level (google-research/android_world: env_launcher.py)."""


@dataclass(frozen=True)
class Emulators:
    """What every emulator of a run is started from."""

    avd: str
    snapshot: str = SNAPSHOT
    """Or `none`."""
    first_port: int = FIRST_PORT
    """Console port of the first worker's; each further one has the next but one."""
    arguments: tuple[str, ...] = ()
    """What else the emulator is told."""

    def options(self, number: int) -> EmulatorOptions:
        """How the emulator of worker `number` is started. Raises `InvalidAction`."""
        snapshot = "" if self.snapshot == NO_SNAPSHOT else self.snapshot
        return EmulatorOptions(self.avd, snapshot, port_of(number, self.first_port), arguments=tuple(self.arguments))

    def check(self, workers: int) -> Avd:
        """Look whether it can work, before anything is started: SDK, virtual device, snapshot, ports.

        Raises `SetupError` for what is missing on this machine, `InvalidAction` for more emulators than ports.
        """
        if workers > (most := (LAST_PORT - self.first_port) // 2 + 1):
            raise InvalidAction(f"from port {self.first_port} on there is room for {max(0, most)} emulators, not {workers}")
        options = self.options(0)
        avd = find_sdk().avd(self.avd)
        if options.snapshot and options.snapshot not in avd.snapshots:
            raise SetupError(
                f"The AVD {self.avd} has no snapshot {options.snapshot!r}: AndroidWorld's apps are put on it once, and kept in one.",
                fix=f"the same command with --setup, once; or --snapshot {NO_SNAPSHOT} to boot it as it is",
            )
        return avd

    def json(self) -> dict[str, Any]:
        """As a worker's spec carries it."""
        return asdict(self)


@dataclass(frozen=True)
class AppResult:
    """What became of one app of the first-time setup."""

    serial: str
    app: str
    warnings: tuple[str, ...] = ()
    """What has to be done by hand."""
    error: str = ""


Listener = Callable[[AppResult], None]


def set_up_avd(emulators: Emulators, checkout: Path, python: str, listen: Listener) -> list[AppResult]:
    """Start the virtual device so that it can be written to, have AndroidWorld install and prepare its apps, and save the snapshot.

    The snapshot is saved when every app was installed. Raises `SetupError` for a missing piece or another emulator that uses the virtual
    device, `InvalidAction` without a snapshot's name, `DeviceError` when it does not start.
    """
    if emulators.snapshot == NO_SNAPSHOT:
        raise InvalidAction("the setup is kept in a snapshot, which needs a name", fix="leave out --snapshot, or name one")
    options = EmulatorOptions(emulators.avd, "", emulators.first_port, read_only=False, arguments=tuple(emulators.arguments))
    world = World(checkout, python, emulator=options)
    try:
        results = _set_up(world, listen)
        if not any(result.error for result in results):
            world.save(emulators.snapshot)
    finally:
        world.close()
    return results


def set_up_serials(serials: Sequence[str], checkout: Path, python: str, listen: Listener) -> list[AppResult]:
    """Have AndroidWorld install and prepare its apps on phones that run already, one after the other. Raises as `World` does."""
    results = []
    for serial in serials:
        world = World(checkout, python, serial)
        try:
            results += _set_up(world, listen)
        finally:
            world.close()
    return results


def _set_up(world: World, listen: Listener) -> list[AppResult]:
    """One app after the other: one that fails does not keep the others from being installed, and from being cached."""
    results = []
    for app in world.guest.apps():
        try:
            result = AppResult(world.serial, app, tuple(world.guest.set_up(app)))
        except GuestFailed as error:
            result = AppResult(world.serial, app, error=str(error.args[0]))
        except DeviceError as error:
            raise DeviceError(
                f"The setup stopped at {app}: {error.args[0]}", fix="the same command again: what was downloaded is kept"
            ) from error
        listen(result)
        results.append(result)
    return results
