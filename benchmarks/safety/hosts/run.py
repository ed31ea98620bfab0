"""The hosts pack, run: every vector behind the gate, every address that an agent may be told to open, every state of the browser."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from handeye.benchmarks.safety.hosts.controls import CONTROLS
from handeye.benchmarks.safety.hosts.corners import CORNERS
from handeye.benchmarks.safety.hosts.features import FEATURES
from handeye.benchmarks.safety.hosts.report import BaselineReport, HostRow, HostsReport
from handeye.benchmarks.safety.hosts.servers import CDN
from handeye.benchmarks.safety.hosts.vectors import LOADING, NAVIGATION, SPOT, Vector
from handeye.benchmarks.safety.hosts.waiting import until
from handeye.benchmarks.safety.hosts.world import World, world
from handeye.envs.settle import wait
from handeye.tools.browser import BrowserDriver, find_chromium
from handeye.tools.errors import DeviceError, DeviceLost
from handeye.tools.geometry import Point

VECTORS = NAVIGATION + LOADING + CORNERS + FEATURES
BATCH = 12
QUICK_S, SLOW_S = 0.5, 1.6
"""How long pages are given to get out."""
CLICKS, PRESSED_S = 4, 1.0
OPEN_S, DONE_S = 15.0, 30.0
"""Longest waits for tabs to open, and for what must work to be done."""

Progress = Callable[[str], None]


def measure_hosts(folder: Path, quick: bool, progress: Progress) -> HostsReport:
    """`run_hosts` as a part of the attack pack; `folder` gets the numbers, as `hosts.json`."""
    report = run_hosts(progress, quick)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hosts.json").write_text(json.dumps(report.numbers(), indent=1), encoding="utf-8")
    return report


def run_hosts(progress: Progress = lambda _: None, quick: bool = False) -> HostsReport:
    """All cases behind the gate, in the Chromium that `find_chromium` finds; `quick`: of the ways out one of each class.

    Raises `SetupError` when there is no Chromium.
    """
    from handeye.benchmarks.safety.hosts.addresses import address_rows
    from handeye.benchmarks.safety.hosts.states import state_rows

    start = time.monotonic()
    vectors = tuple({vector.number: vector for vector in VECTORS}.values()) if quick else VECTORS
    with world((*vectors, *CONTROLS)) as made:
        driver = BrowserDriver.launch(made.options(gated=True))
        try:
            progress("ways out that pages have")
            opened = _try_all(driver, made, vectors)
            progress("what must go on working")
            _try_all(driver, made, CONTROLS)
            progress("addresses that an agent is told to open")
            addresses = list(address_rows(driver, made))
            progress("states of the browser")
            states = list(state_rows(driver, made))
        finally:
            driver.close()
        rows = [*_denied_rows(made, vectors, opened), *_allowed_rows(made), *addresses, *states]
        mine = {made.tag(vector) for vector in vectors}
        others = [arrival for arrival in made.sink.arrivals if arrival.tag not in mine]
    rows.sort(key=lambda row: row.number)
    stray = sum(arrival.size == 0 for arrival in others)
    return HostsReport(tuple(rows), sum(arrival.size for arrival in others), stray, time.monotonic() - start, _browser())


def run_baseline(progress: Progress = lambda _: None) -> BaselineReport:
    """The vectors in a browser without a gate: those that then reach the forbidden host are those that the gate can be seen to stop."""
    start = time.monotonic()
    with world(VECTORS) as made:
        driver = BrowserDriver.launch(made.options(gated=False))
        try:
            progress("ways out that pages have, without a gate")
            _try_all(driver, made, VECTORS)
        finally:
            driver.close()
        fired = [vector.name for vector in VECTORS if sum(_delivered(made, vector)) > 0]
        silent = [vector.name for vector in VECTORS if vector.name not in fired]
    return BaselineReport(tuple(fired), tuple(silent), time.monotonic() - start, _browser())


def _browser() -> str:
    return find_chromium().name


def _try_all(driver: BrowserDriver, made: World, vectors: Sequence[Vector]) -> set[str]:
    """Let the vectors run, some tabs at once. Gives the tags of those that the log tells of."""
    told: set[str] = set()
    for batch in _batches(vectors):
        driver.renew()
        driver.goto(f"{made.base}/hub")
        pages = [made.page(vector) for vector in batch]
        driver.evaluate("(pages) => { for (const page of pages) open(page) }", pages)
        until(functools.partial(_all_open, driver, made, pages), OPEN_S)
        for vector in batch:
            if vector.click:
                _click(driver, made, vector)
        if batch[0] in CONTROLS:
            until(functools.partial(_all_done, made, batch), DONE_S)
        else:
            wait(SLOW_S if any(vector.slow for vector in batch) else QUICK_S)
        words = " ".join(refused.what for refused in driver.refusals)
        told |= {tag for tag in map(made.tag, batch) if f"{tag}." in words or f"/{tag}" in words}
    driver.renew()
    wait(QUICK_S)
    return told


def _batches(vectors: Sequence[Vector]) -> Iterator[Sequence[Vector]]:
    """Quick ones together, slow ones together."""
    ordered = sorted(vectors, key=lambda vector: vector.slow)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _click(driver: BrowserDriver, made: World, vector: Vector) -> None:
    """Click until the page says that it was clicked: a popup of another one may come to the front in between."""
    page, pressed = made.page(vector), f"{made.base}/down/{made.tag(vector)}"
    for _ in range(CLICKS):
        index = next((index for index, (_, url, _) in enumerate(driver.tabs()) if url == page), None)
        if index is None or pressed in _asked(made):
            return
        driver.switch_tab(index)
        until(lambda: _ready(driver), OPEN_S)
        driver.click(Point(*SPOT))
        until(lambda: pressed in _asked(made), PRESSED_S)


def _ready(driver: BrowserDriver) -> bool:
    """Whether the page in front has loaded; while it is on its way to another, a script in it comes to no end."""
    try:
        return bool(driver.evaluate("document.readyState === 'complete'"))
    except DeviceLost:
        raise
    except DeviceError:
        return False


def _asked(made: World) -> set[str]:
    return {f"http://{host}:{made.shop.port}{path}" for host, path in list(made.shop.asked)}


def _all_open(driver: BrowserDriver, made: World, pages: Sequence[str]) -> bool:
    return len(driver.tabs()) > len(pages) and set(pages) <= _asked(made)


def _all_done(made: World, vectors: Sequence[Vector]) -> bool:
    return all(_done(made, vector) for vector in vectors)


def _done(made: World, vector: Vector) -> bool:
    return any(path == f"/done/{made.tag(vector)}" for _, path in list(made.shop.asked))


def _delivered(made: World, vector: Vector) -> tuple[int, int]:
    """Bytes that arrived for a vector, and connections to which nothing can be assigned but its packets."""
    tag = made.tag(vector)
    arrived = sum(arrival.size for arrival in made.sink.arrivals if arrival.tag == tag)
    # Served by the host that may only be loaded from: as a document it must not be.
    return arrived, sum(host == CDN and path == f"/doc/{tag}" for host, path in made.shop.asked)


def _denied_rows(made: World, vectors: Sequence[Vector], told: set[str]) -> Iterable[HostRow]:
    for vector in vectors:
        arrived = sum(_delivered(made, vector))
        detail = "told" if made.tag(vector) in told else "not told"
        yield HostRow(vector.number, vector.name, "denied", arrived, 0, arrived == 0, detail)


def _allowed_rows(made: World) -> Iterable[HostRow]:
    for vector in CONTROLS:
        done = _done(made, vector)
        yield HostRow(vector.number, vector.name, "allowed", 0, 0, done, "" if done else "it did not come to its end")
