"""Working a simulated phone by what its own tree says, as a person would by what is written on the screen."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from handeye.tools.browser.loop import LoopThread
from handeye.tools.simphone import chromium, tasks
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.screen import Screen
from handeye.tools.simphone.seeding import fill
from handeye.tools.simphone.state import DeviceState

LIMIT_S = 20
PATIENCE_S = 5
BACK, ENTER = 4, 66


@dataclass(frozen=True)
class Node:
    """One line of the tree; lengths are pixels."""

    text: str
    description: str
    identifier: str
    kind: str
    bounds: tuple[int, int, int, int]
    flags: frozenset[str]

    @property
    def centre(self) -> tuple[float, float]:
        left, top, right, bottom = self.bounds
        return (left + right) / 2, (top + bottom) / 2

    def is_labelled(self, label: str) -> bool:
        """Whether this is called so; a label that ends in `…` is how the name begins."""
        names = (self.text, self.description)
        return any(name.startswith(label[:-1]) for name in names) if label.endswith("…") else label in names


class Driven:
    """A phone with a screen, without adb. Every call returns when the screen has answered."""

    def __init__(self, loop: LoopThread, state: DeviceState, screen: Screen) -> None:
        self.loop, self.state, self.screen = loop, state, screen
        self._boot = state.snapshot()

    def run(self, coroutine: Any) -> Any:
        return self.loop.run(coroutine, LIMIT_S)

    def reset(self) -> None:
        """As it was at first."""

        async def again() -> None:
            self.state.restore(self._boot)
            await self.screen.restart()

        self.run(again())

    def open(self, package: str, **intent: Any) -> None:
        async def start() -> None:
            if intent:
                assert self.screen.start({"package": package, **intent})
            else:
                assert tasks.open_package(self.state, package) is not None
            await self.screen.sync()

        self.run(start())

    @property
    def front(self) -> str:
        """The activity in front, as `package/class`; empty at home."""
        task = self.state.front
        return "" if task is None else f"{task.package}/{task.activity}"

    def nodes(self) -> list[Node]:
        found = []
        for element in ET.fromstring(self.run(self.screen.tree())).iter("node"):
            left, top, right, bottom = (int(number) for number in re.findall(r"-?\d+", element.attrib["bounds"]))
            flags = frozenset(name for name in ("checked", "selected", "enabled", "focused") if element.attrib[name] == "true")
            names = (element.attrib[name] for name in ("text", "content-desc", "resource-id", "class"))
            found.append(Node(*names, (left, top, right, bottom), flags))
        return found

    def sees(self, label: str) -> bool:
        """Whether something of that name is shown now."""
        return any(node.is_labelled(label) for node in self.nodes())

    def find(self, label: str) -> Node:
        """The last thing of that name, which is the uppermost; waits for it."""
        end = time.monotonic() + PATIENCE_S
        while True:
            nodes = self.nodes()
            if found := [node for node in nodes if node.is_labelled(label)]:
                return found[-1]
            if time.monotonic() > end:
                shown = [node.text or node.description for node in nodes if node.text or node.description]
                raise AssertionError(f"nothing is labelled {label!r}; there are {shown}")
            time.sleep(0.05)

    def tap(self, *labels: str) -> None:
        for label in labels:
            self.run(self.screen.tap(*self.find(label).centre))

    def hold(self, label: str) -> None:
        self.run(self.screen.tap(*self.find(label).centre, hold_ms=700))

    def swipe(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.run(self.screen.swipe(*start, *end, 200))

    def type(self, text: str) -> None:
        assert self.run(self.screen.text(text)), "nothing has the focus"

    def enter(self, label: str, text: str) -> None:
        """Tap a field, then type."""
        self.tap(label)
        self.type(text)

    def key(self, *codes: int) -> None:
        self.run(self.screen.keys(codes))

    def back(self) -> None:
        self.key(BACK)

    def until(self, test: Any) -> Any:
        """What `test()` gives once it gives something true."""
        end = time.monotonic() + PATIENCE_S
        while not (value := test()):
            assert time.monotonic() < end, "it did not become true"
            time.sleep(0.03)
        return value

    def sql(self, path: str, statement: str) -> list[dict[str, Any]]:
        async def ask() -> list[dict[str, Any]]:
            return self.state.databases.run(path, statement)

        rows: list[dict[str, Any]] = self.run(ask())
        return rows

    def write(self, path: str, data: bytes) -> None:
        async def work() -> None:
            self.state.files.write(path, data)

        self.run(work())

    def read(self, path: str) -> bytes:
        return self.state.files.read(path)

    def exists(self, path: str) -> bool:
        return self.state.files.get(path) is not None

    def names(self, path: str) -> list[str]:
        return list(self.state.files.children(path))


@contextmanager
def driven(options: PhoneOptions | None = None) -> Iterator[Driven]:
    """A phone at its home screen, in a Chromium of its own."""
    from playwright.async_api import async_playwright

    loop = LoopThread("driven phone")

    async def begin() -> tuple[Any, Any, DeviceState, Screen]:
        playwright = await async_playwright().start()
        browser = await chromium.launch(playwright)
        state = DeviceState(options or PhoneOptions())
        fill(state)
        screen = Screen(state)
        await screen.open(await chromium.new_context(browser))
        return playwright, browser, state, screen

    playwright, browser, state, screen = loop.run(begin(), 60)
    try:
        yield Driven(loop, state, screen)
    finally:

        async def end() -> None:
            await screen.close()
            await browser.close()
            await playwright.stop()

        loop.run(end(), 30)
        loop.stop()
