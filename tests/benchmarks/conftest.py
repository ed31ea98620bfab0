"""What the tests of the benchmarks share: one browser for all of a process's tests, since starting it is what takes time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handeye.benchmarks.miniwob import tasks
from handeye.benchmarks.miniwob.env import launch
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import SetupError


@pytest.fixture(scope="session")
def pages() -> None:
    """The MiniWoB++ pages; without them the test is skipped."""
    try:
        tasks.html_root()
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def driver(pages: None) -> Iterator[BrowserDriver]:
    """A browser that shows the task area; without a Chromium the test is skipped."""
    try:
        browser = launch()
    except SetupError as error:
        pytest.skip(str(error))
    yield browser
    browser.close()
