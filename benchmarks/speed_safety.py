"""What safety costs: a page through the proxy beside the same page without it, an approver's look at a target, a permitted step."""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from handeye.benchmarks import speed_look, speed_look_devices
from handeye.benchmarks.speed import SpeedReport, SpeedRow, compared
from handeye.benchmarks.speed_pages import forty_served
from handeye.tools.browser import BrowserOptions, find_chromium
from handeye.tools.browser.options import DROPPED_ARGUMENTS, launch_arguments
from handeye.tools.egress import Allowed, EgressProxy

if TYPE_CHECKING:
    from playwright.async_api import Page, Playwright

LOADS = 24
"""Pairs of a load without and one through the proxy for each repeat: taken by turns, so that a busy machine slows both alike."""
WARM = 3
"""Pairs that are not counted: the first loads of a browser warm it up."""

_LOAD_MS = """() => new Promise(told => {
    const look = () => {
        const { startTime, loadEventEnd } = performance.getEntriesByType("navigation")[0];
        loadEventEnd ? told(loadEventEnd - startTime) : setTimeout(look, 1);
    };
    look();
})"""


def measure(repeats: int = 5) -> SpeedReport:
    """Medians over `repeats` rounds of everything; about 16 s for each. Looks at a desktop and a phone are left out, with a note, where
    there is none. Raises `SetupError` without a browser."""
    notes = [
        f"Medians of {repeats * LOADS} loads, {repeats * speed_look.LOOKS} looks and {repeats * speed_look.STEPS} steps of each kind, "
        "by turns, in two browsers of the same kind. Trust the ratios.",
        "Looks at a desktop are taken again and again, as before each input: the first at a place asks one thing after another.",
    ]
    if not _certificates():
        notes.append("No https row: the package cryptography, which would make the certificate, is not installed.")
    elsewhere, left_out = speed_look_devices.rows(repeats)
    rows = (*page_load(repeats), *speed_look.rows(repeats), *elsewhere)
    return SpeedReport("speed safety", rows, (), (*notes, *left_out))


def page_load(repeats: int) -> list[SpeedRow]:
    """How long a page of forty resources on loopback takes through the proxy and without it, from the navigation's start to the end of
    its load event: by http, where each request is judged, and by https, where each connection is. And how long the proxy takes to start.

    `repeats` is 1 at least.
    """
    rows = []
    for tls in (False, True) if _certificates() else (False,):
        with forty_served(tls) as url:
            start = time.perf_counter()
            with EgressProxy.start(Allowed.read([urlsplit(url).netloc])) as proxy:
                started_s = time.perf_counter() - start
                plain, proxied = asyncio.run(_loads(url, proxy.address, repeats * LOADS))
        scheme = "https" if tls else "http"
        rows.append(compared(f"page of forty resources by {scheme} (baseline: no proxy)", proxied, "s", plain))
    return [*rows, SpeedRow("start of the proxy", started_s, "s")]


def _certificates() -> bool:
    return importlib.util.find_spec("cryptography") is not None


async def _loads(url: str, proxy: str, count: int) -> tuple[float, float]:
    """Medians in seconds: without the proxy, and through it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        pages = (await _page(playwright), await _page(playwright, f"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>"))
        taken: tuple[list[float], list[float]] = ([], [])
        for turn in range(count + WARM):
            for kind in (0, 1) if turn % 2 else (1, 0):
                await pages[kind].goto(url, wait_until="load")
                load_s = float(await pages[kind].evaluate(_LOAD_MS)) / 1000
                if turn >= WARM:
                    taken[kind].append(load_s)
    return statistics.median(taken[0]), statistics.median(taken[1])


async def _page(playwright: Playwright, *arguments: str) -> Page:
    options = BrowserOptions(args=("--ignore-certificate-errors", *arguments))
    browser = await playwright.chromium.launch(
        executable_path=find_chromium(playwright.chromium.executable_path),
        args=launch_arguments(options),
        ignore_default_args=list(DROPPED_ARGUMENTS),
    )
    return await browser.new_page(viewport={"width": options.viewport.width, "height": options.viewport.height})
