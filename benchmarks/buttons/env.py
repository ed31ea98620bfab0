"""`ButtonsPageEnv`: pages of coloured buttons in a real browser; one click decides."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import quote

from handeye.benchmarks.buttons.screens import VIEWPORT, Task, make_task, page
from handeye.envs.actions import Action
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import TimeStep
from handeye.envs.observation import Observation
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import InvalidAction

_HITS = "() => typeof hits === 'undefined' ? null : hits"


def task_of(series: int, index: int) -> Task:
    """Page `index` of a series. The training draws from generators that were seeded with whole numbers; these are seeded with a text
    of their own, so that no stream of the one is a stream of the other."""
    return make_task(random.Random(f"page {series} {index}"))


def launch() -> BrowserDriver:
    """A browser of the pages' size; it serves any number of environments, one after the other.

    Raises `SetupError` when Playwright or a Chromium is missing, `DeviceError` when the browser does not start.
    """
    return BrowserDriver.launch(BrowserOptions(viewport=VIEWPORT))


class ButtonsPageEnv(BrowserEnv):
    """The pages of one series. `reset(seed)` shows page `seed` of it; the first click ends the episode. An `Env`.

    The reward is 1 when the page itself was clicked once, on the button that the goal means, else 0. Address and title are not in
    the observation: each page is a `data:` address that spells out the page.
    """

    def __init__(self, series: int = 0, driver: BrowserDriver | None = None) -> None:
        """Use `driver` (from `launch`) and leave it open, or start a browser of its own."""
        super().__init__(driver or launch())
        self.series = series
        self.task = task_of(series, 0)
        """What is on the screen and what is to be clicked."""
        self.hits: tuple[int, ...] = ()
        """What the page was clicked on, in order: the index of a button, or -1 beside all of them."""
        self._owned = driver is None
        self._over = False

    def reset(self, seed: int | None = None) -> Observation:
        """Page `seed` of the series (None: any). Raises `DeviceError` when it does not open."""
        self.task = task_of(self.series, random.randrange(1_000_000) if seed is None else seed)
        self.hits, self._over = (), False
        return _blind(super().reset(seed))

    def begin(self, seed: int | None) -> None:
        """Open the page."""
        self.driver.goto("data:text/html;charset=utf-8," + quote(page(self.task.screen)))

    def step(self, action: Action) -> TimeStep:
        """Do `action`. Whatever clicks, and leaving the page, ends the episode; after that it is an `InvalidAction`."""
        if self._over:
            raise InvalidAction("the episode is over; call reset")
        after = super().step(action)
        hits = self._page_hits()
        self.hits = tuple(hits or ())
        self._over = hits is None or bool(hits) or action.type == "click"
        reward = float(self.hits == (self.task.target,))
        return replace(after, observation=_blind(after.observation), reward=reward, done=self._over)

    def _page_hits(self) -> list[int] | None:
        """What the page has kept; None when another page is there."""
        try:
            hits: list[int] | None = self.driver.evaluate(_HITS)
        except InvalidAction:
            # A dialog is open, which these pages have none of.
            return None
        return hits

    def close(self) -> None:
        """Close the browser if it was started here. A second call does nothing."""
        self._started = False
        if self._owned:
            super().close()


def _blind(observation: Observation) -> Observation:
    return replace(observation, url="", title="", tabs=())
