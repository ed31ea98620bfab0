"""What the tests share: pages on loopback, and one browser for each file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

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
