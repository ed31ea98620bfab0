"""A private adb server, and phones without a screen (adbd, files, shell), for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from handeye.tools.android import serials
from handeye.tools.android.server import PrivateServer
from handeye.tools.android.transport import DeviceLink
from handeye.tools.browser.loop import LoopThread
from handeye.tools.errors import HandeyeError, SetupError
from handeye.tools.simphone.adbd import Adbd
from handeye.tools.simphone.faults import Faults
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.skeleton import lay_out
from handeye.tools.simphone.state import DeviceState


class ScreenlessPhone:
    """What adbd and the shell need of a phone, and its adbd on a thread."""

    def __init__(self) -> None:
        self.options = PhoneOptions(clock="steps")
        self.state = DeviceState(self.options)
        self.faults = Faults()
        lay_out(self.state.files)
        self._loop = LoopThread("simphone")
        self._adbd = Adbd(self)  # type: ignore[arg-type]
        self.serial = f"127.0.0.1:{self._loop.run(self._adbd.start(), 10)}"

    def fault(self, name: str, value: float = 1) -> None:
        async def set_it() -> None:
            self.faults.set(name, value)

        self._loop.run(set_it(), 10)

    def go_away(self) -> None:
        self._loop.run(self._adbd.close(), 10)

    def come_back(self) -> None:
        self._loop.run(self._adbd.start(int(self.serial.rpartition(":")[2])), 10)

    def close(self) -> None:
        self.go_away()
        self._loop.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateServer]:
    try:
        private = PrivateServer()
    except SetupError as error:
        pytest.skip(str(error))
    with private:
        yield private


@pytest.fixture
def another() -> Iterator[Callable[[], ScreenlessPhone]]:
    """Makes phones that adb's server does not know yet."""
    with ExitStack() as stack:

        def make() -> ScreenlessPhone:
            phone = ScreenlessPhone()
            stack.callback(phone.close)
            return phone

        yield make


@pytest.fixture
def phone(another: Callable[[], ScreenlessPhone]) -> ScreenlessPhone:
    return another()


@pytest.fixture
def link(server: PrivateServer, phone: ScreenlessPhone) -> Iterator[DeviceLink]:
    serials.choose(server.address, phone.serial)
    yield DeviceLink(server.address, phone.serial)
    with suppress(HandeyeError):
        serials.disconnect(server.address, phone.serial)
