"""Phones for tests: without a screen, so without Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from handeye.tools.browser.loop import LoopThread
from handeye.tools.simphone.adbd import Adbd
from handeye.tools.simphone.faults import Faults
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.skeleton import lay_out
from handeye.tools.simphone.state import DeviceState


class ScreenlessPhone:
    """What adbd and the shell need of a phone."""

    def __init__(self, options: PhoneOptions | None = None) -> None:
        self.options = options or PhoneOptions(clock="steps")
        self.state = DeviceState(self.options)
        self.faults = Faults()
        lay_out(self.state.files)


class Listening:
    """A phone with its adbd on a thread."""

    def __init__(self, loop: LoopThread) -> None:
        self.loop = loop
        self.phone = ScreenlessPhone()
        self.adbd = Adbd(self.phone)  # type: ignore[arg-type]
        self.port = loop.run(self.adbd.start(), 10)
        self.serial = f"127.0.0.1:{self.port}"

    def fault(self, name: str, value: float = 1) -> None:
        async def set_it() -> None:
            self.phone.faults.set(name, value)

        self.loop.run(set_it(), 10)


@contextlib.contextmanager
def listening() -> Iterator[Listening]:
    loop = LoopThread("simphone")
    phone = Listening(loop)
    try:
        yield phone
    finally:
        loop.run(phone.adbd.close(), 10)
        loop.stop()
