"""How long a step takes in the browser without the model, and how long pages take to settle; each beside a baseline of the same run."""

from __future__ import annotations

import asyncio
import base64
import io
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handeye.benchmarks.settle_pages import BUTTON, GREEN, SCENARIOS, SQUARE, Scenario, served, settled_right
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, compared
from handeye.envs.actions import Click, Goto
from handeye.envs.browser import BrowserEnv
from handeye.envs.settle import wait
from handeye.tools.browser import BrowserOptions, find_chromium
from handeye.tools.browser.options import DROPPED_ARGUMENTS, launch_arguments
from handeye.tools.geometry import Point

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page, Request

ROUNDS = 8
"""Pairs of a bare step and one of ours for each repeat: taken by turns, so that a busy machine slows both alike."""
CAP_S = 3.0
IDLE_S = 0.5


@dataclass(frozen=True)
class SettleResult:
    """One strategy on one scenario."""

    seconds: tuple[float, ...]
    right: int
    capped: int


class Bare:
    """The same browser driven with nothing around it: Playwright's own calls on an event loop of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stop: Callable[[], Awaitable[None]] | None = None
        self.page: Page
        self.cdp: CDPSession

    def __enter__(self) -> Bare:
        self._loop.run_until_complete(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        if self._stop is not None:
            self._loop.run_until_complete(self._stop())
        self._loop.close()

    def run(self, work: Awaitable[Any]) -> Any:
        """What `work` gives."""
        return self._loop.run_until_complete(work)

    async def click_and_capture(self, point: Point) -> bytes:
        """A click and a lossless capture over CDP: the least that a step can be."""
        await self.page.mouse.click(*point)
        reply = await self.cdp.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return base64.b64decode(reply["data"])

    async def _open(self) -> None:
        from playwright.async_api import async_playwright

        options = BrowserOptions()
        playwright = await async_playwright().start()
        self._stop = playwright.stop
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright.chromium.executable_path),
            args=launch_arguments(options),
            ignore_default_args=list(DROPPED_ARGUMENTS),
        )
        self.page = await browser.new_page(viewport={"width": options.viewport.width, "height": options.viewport.height})
        self.cdp = await self.page.context.new_cdp_session(self.page)


def measure(repeats: int = 5, scenarios: Sequence[Scenario] = SCENARIOS) -> SpeedReport:
    """Medians over `repeats` rounds of everything; about 30 s for each.

    `repeats` is 1 at least. Raises `SetupError` without a browser.
    """
    with served() as base, Bare() as bare:
        env = BrowserEnv(BrowserOptions(), f"{base}/cards")
        try:
            env.reset()
            step = _step_rows(env, bare, base, repeats)
            table, rows = _settle_table(env, bare, base, repeats, scenarios)
        finally:
            env.close()
    notes = (
        f"Medians of {repeats * ROUNDS} steps and of {repeats} runs of each scenario, headless, 1280x800. Trust the ratios.",
        "A step is click, settling, lossless capture, decoding, observation; the bare pair is a click and the same capture, not decoded.",
        "Right: the screenshot shows the page's final state. Baselines wait after the click, then look; networkidle has a cap of 3 s.",
    )
    return SpeedReport("speed browser", (*step, *rows), (table,), notes)


def _step_rows(env: BrowserEnv, bare: Bare, base: str, repeats: int) -> tuple[SpeedRow, ...]:
    bare.run(bare.page.goto(f"{base}/cards"))
    ours: list[float] = []
    theirs: list[float] = []
    parts: list[tuple[float, float, float]] = []
    for number in range(repeats * ROUNDS + 2):
        point = Point(100 + 110 * (number % 10), 100 + 60 * (number % 7))
        start = time.perf_counter()
        bare.run(bare.click_and_capture(point))
        middle = time.perf_counter()
        step = env.step(Click(point=point))
        end = time.perf_counter()
        if number >= 2:  # the first captures of a page warm it up
            theirs.append(middle - start)
            ours.append(end - middle)
            parts.append((step.act_s, step.settled.waited_s, step.capture_s))
    bare_s = statistics.median(theirs)
    names = ("of it: act", "of it: settle", "of it: capture and quiet check")
    return (
        compared("step without the model (baseline: bare click + capture)", statistics.median(ours), "s", bare_s),
        *(SpeedRow(name, statistics.median(part), "s") for name, part in zip(names, zip(*parts, strict=True), strict=True)),
    )


def _settle_table(
    env: BrowserEnv, bare: Bare, base: str, repeats: int, scenarios: Sequence[Scenario]
) -> tuple[SpeedTable, tuple[SpeedRow, ...]]:
    lines: list[tuple[str, ...]] = []
    rows: list[SpeedRow] = []
    for scenario in scenarios:
        url = f"{base}/scenario/{SCENARIOS.index(scenario)}"
        ours = _ours(env, url, repeats)
        sleep = bare.run(_waiting(bare, url, repeats, _sleep_1_s))
        idle = bare.run(_waiting(bare, url, repeats, _network_idle))
        lines.append((scenario.name, *_cells(ours), *_cells(sleep), *_cells(idle)))
        rows.append(
            compared(
                f"settle: {scenario.name} (baseline: sleep 1 s)", statistics.median(ours.seconds), "s", statistics.median(sleep.seconds)
            )
        )
    columns = (
        "click to settled look",
        *(f"{name} {what}" for name in ("handeye", "sleep 1 s", "networkidle") for what in ("s", "right", "capped")),
    )
    return SpeedTable("Settling", columns, tuple(lines)), tuple(rows)


def _cells(result: SettleResult) -> tuple[str, str, str]:
    return f"{statistics.median(result.seconds):.3f}", f"{result.right}/{len(result.seconds)}", str(result.capped)


def _ours(env: BrowserEnv, url: str, repeats: int) -> SettleResult:
    seconds: list[float] = []
    right = capped = 0
    for _ in range(repeats):
        env.step(Goto(url=url))
        start = time.perf_counter()
        step = env.step(Click(point=BUTTON))
        seconds.append(time.perf_counter() - start)
        right += settled_right(step.observation.screenshot)
        capped += step.settled.capped
    return SettleResult(tuple(seconds), right, capped)


async def _waiting(bare: Bare, url: str, repeats: int, until: Callable[[Traffic], Awaitable[bool]]) -> SettleResult:
    seconds: list[float] = []
    right = capped = 0
    with Traffic(bare.page) as traffic:
        for _ in range(repeats):
            await bare.page.goto(url)
            traffic.open.clear()
            start = time.perf_counter()
            await bare.page.mouse.click(*BUTTON)
            capped += not await until(traffic)
            right += await _shows_end(bare)
            seconds.append(time.perf_counter() - start)
    return SettleResult(tuple(seconds), right, capped)


async def _shows_end(bare: Bare) -> bool:
    from PIL import Image
    from playwright.async_api import Error

    try:
        reply = await bare.cdp.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    except Error:  # in the middle of a navigation there is nothing to capture: the strategy looked at the wrong moment
        return False
    with Image.open(io.BytesIO(base64.b64decode(reply["data"]))) as image:
        return image.convert("RGB").getpixel(SQUARE) == GREEN


async def _sleep_1_s(_: Traffic) -> bool:
    wait(1.0)
    return True


async def _network_idle(traffic: Traffic) -> bool:
    """No request for 500 ms. (Playwright's own `networkidle` is of a document, and does not begin anew at a click.)"""
    start = traffic.last = time.perf_counter()
    while (now := time.perf_counter()) - start < CAP_S:
        quiet = now - traffic.last
        if not traffic.open and quiet >= IDLE_S:
            return True
        await traffic.next(min(IDLE_S if traffic.open else IDLE_S - quiet, start + CAP_S - now))
    return False


class Traffic:
    """The requests that a page has open, from its events."""

    def __init__(self, page: Page) -> None:
        self.open: set[Request] = set()
        self.last = 0.0
        self._news = asyncio.Event()
        # A body that the page does not read never finishes: a response counts as the end.
        self._events: dict[str, Any] = {
            "request": self._begin,
            "response": lambda response: self._end(response.request),
            "requestfinished": self._end,
            "requestfailed": self._end,
        }
        self._page = page

    def __enter__(self) -> Traffic:
        for name, listener in self._events.items():
            self._page.on(name, listener)  # type: ignore[call-overload]
        return self

    def __exit__(self, *_: object) -> None:
        for name, listener in self._events.items():
            self._page.remove_listener(name, listener)

    async def next(self, limit_s: float) -> None:
        """Wait for the next event, for `limit_s` at most."""
        self._news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), max(0.001, limit_s))

    def _begin(self, request: Request) -> None:
        self.open.add(request)
        self._changed()

    def _end(self, request: Request) -> None:
        self.open.discard(request)
        self._changed()

    def _changed(self) -> None:
        self.last = time.perf_counter()
        self._news.set()
