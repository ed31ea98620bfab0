"""What tests of apps do beside tapping labels: open apps by package, type on, wait for a fact, look at files and databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from handeye.tools.simphone import tasks
from tests.tools.simphone.labels import BACK, Driver

T = TypeVar("T")
PATIENCE_S = 8.0
"""How long a fact may take to become true."""


class Driven(Driver):
    """A phone that is worked by its labels and looked into from outside."""

    def start(self, package: str, **intent: Any) -> None:
        """Open an app by its icon, or with an intent (`action`, `data`, `extras`)."""

        async def work() -> None:
            if intent:
                assert self.screen.start({"package": package, **intent})
            else:
                assert tasks.open_package(self.state, package) is not None
            await self.screen.sync()

        self.shell.wait(work())

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.write(text)

    def back(self) -> None:
        """Leave what is shown."""
        self.key(BACK)

    def swipe(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.shell.wait(self.screen.swipe(*start, *end, 200))

    def until(self, test: Callable[[], T]) -> T:
        """What `test()` gives once it gives something true."""
        end = time.monotonic() + PATIENCE_S
        while not (value := test()):
            assert time.monotonic() < end, f"it did not become true; there is {self.texts()}"
            time.sleep(0.03)
        return value

    def put(self, path: str, data: bytes) -> None:
        """Write a file, as from outside."""

        async def work() -> None:
            self.state.files.write(path, data)

        self.shell.wait(work())

    def remove(self, path: str) -> None:
        async def work() -> None:
            self.state.files.remove(path)

        self.shell.wait(work())

    def read(self, path: str) -> bytes:
        return self.state.files.read(path)

    def exists(self, path: str) -> bool:
        return self.state.files.get(path) is not None

    def names(self, path: str) -> list[str]:
        """What a folder holds."""
        return list(self.state.files.children(path))
