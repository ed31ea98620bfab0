"""A browser with a guard, and pages in it, for the tests of targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handeye.envs.actions import Goto
from handeye.envs.browser import BrowserEnv
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import SetupError
from tests.envs.browser_permits import Page


@pytest.fixture(scope="module")
def guarded() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch(BrowserOptions(guard=True, args=("--site-per-process",)))
    except SetupError as error:
        pytest.skip(str(error))
    yield driver
    driver.close()


@pytest.fixture
def env(guarded: BrowserDriver) -> BrowserEnv:
    env = BrowserEnv(guarded)
    env.reset()
    return env


@pytest.fixture
def page(env: BrowserEnv, site: Any) -> Page:
    """Open a page with this in its body."""

    def opened(html: str) -> None:
        env.step(Goto(url=site.page("<script>hit = 0; ok = 0</script>" + html)))
        env.driver.evaluate("document.querySelector('[autofocus]')?.focus()")

    return opened
