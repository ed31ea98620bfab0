"""What the tests share: pages on loopback, and one browser for each file."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest
from hypothesis import settings

from handeye.benchmarks.settle_pages import Reply, served
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import SetupError

# No test may fail because the machine is busy.
settings.register_profile("handeye", deadline=None)
settings.load_profile("handeye")

# Dozens of tests start a Python of their own. uv leaves compiling to the first import, and under this variable (common in containers)
# nothing keeps the result: importing torch and transformers then costs 7 s more each time. Here, so that workers inherit it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell starts what runs in its background with Ctrl+C ignored, and every program that a test interrupts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHELL = shutil.which("chromium-headless-shell")
# The browser without windows draws the same pixels as the whole one for a third of its work and opens a fresh page for an eighth
# (measured, Chromium 156). Here, so that workers and the programs that tests start inherit it; `whole_browser` takes it away.
if SHELL is not None:
    os.environ.setdefault("HANDEYE_CHROMIUM", SHELL)


WORKER_BYTES = 3 << 30
"""What a worker takes when it has come to torch, a browser and an office program."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor that is ours, as far as there is memory for them: more than half of the tests' time goes by in waiting for
    browsers, phones and desktops to come to rest (all are some 1,300 s of processor time, and two workers on two processors took 1,500 s
    for them). With psutil installed, xdist's own `auto` counts physical cores."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(2 * processors, psutil.virtual_memory().total // WORKER_BYTES))


def pytest_collection() -> None:
    """Nothing that collecting makes can be thrown away: looking for it again and again is a sixth of the work."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays, so that the tests' own garbage is looked for among less."""
    gc.freeze()
    gc.enable()


class Site:
    """Pages on loopback, added as a test needs them."""

    def __init__(self, base: str, replies: dict[str, Reply]) -> None:
        self.base = base
        self.replies = replies

    def page(self, html: str, path: str = "/page", **more: object) -> str:
        self.replies[path] = Reply("<!doctype html><meta charset=utf-8><body style='margin:0'>" + html, **more)  # type: ignore[arg-type]
        return self.base + path


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    replies: dict[str, Reply] = {}
    with served(replies) as base:
        yield Site(base, replies)


@pytest.fixture(scope="module")
def whole_browser() -> Iterator[None]:
    """The browser that users have, with windows: for tests of starting, joining, keeping and ending one."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("HANDEYE_CHROMIUM") == SHELL:
            patch.delenv("HANDEYE_CHROMIUM", raising=False)
        yield


@pytest.fixture(scope="module")
def shared() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch()
    except SetupError as error:
        pytest.skip(str(error))
    yield driver
    driver.close()


@pytest.fixture
def driver(shared: BrowserDriver) -> BrowserDriver:
    """A fresh page in a browser that the tests of a file share."""
    shared.renew()
    return shared


@pytest.fixture
def at() -> Callable[[str], str]:
    """The style that puts an element's top left corner at a place."""
    return lambda place: "position:absolute;left:{}px;top:{}px".format(*place.split(","))
