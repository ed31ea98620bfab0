"""`MiniWobEnv`: one MiniWoB++ task as an environment. The policy sees the pixels of the task area and nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from handeye.benchmarks.miniwob.oracle import Page
from handeye.benchmarks.miniwob.tasks import find_task, page_url
from handeye.envs.actions import Action
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import TimeStep
from handeye.envs.observation import Observation
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import DeviceError, InvalidAction
from handeye.tools.geometry import Box, Size

AREA = Size(160, 210)
"""The task's part of the page in CSS pixels; what upstream's pages show beside it is for people."""
VIEWPORT = Size(332, 214)
"""BrowserGym's window in CSS pixels (miniwob/base.py). At 160x210 jQuery UI would centre its dialogs off the screen."""
SCALE = 4.0
"""Device scale factor: 640x840 pixels, a few hundred visual tokens; unscaled, the area is about 6 x 8 of them."""
TIME_LIMIT_S = 1_000.0
"""In place of the pages' 7 to 30 s, which are meant for reflexes (as in Farama-Foundation/miniwob-plusplus: selenium_instance.py)."""

ACTION_TYPES = frozenset({"click", "move", "long_press", "drag", "scroll", "type_text", "press_keys", "wait"})
"""Mouse and keyboard: the verbs that cannot leave the page on purpose."""

# The countdown ticks beside the task area, for people: without it the page is at rest, and settling need not find out what ticks.
_START = """async ({seed, limit}) => {
  while (document.readyState !== 'complete' || !core.cover_div) await new Promise((done) => setTimeout(done, 5));
  Math.seedrandom(seed);
  core.EPISODE_MAX_TIME = limit;
  core.startEpisodeReal();
  core.clearTimer();
  while (!WOB_TASK_READY) await new Promise((done) => setTimeout(done, 5));
  const said = core.getUtterance();
  return typeof said === 'string' ? said : said.utterance;
}"""

# A page that was opened again, in this tab or another, has not started an episode.
_SCORE = """() => typeof core === 'undefined' || core.ept0 === null ? null : {
  done: WOB_DONE_GLOBAL, raw: WOB_RAW_REWARD_GLOBAL, decayed: WOB_REWARD_GLOBAL, reason: String(WOB_REWARD_REASON || ''),
}"""


@dataclass(frozen=True)
class Score:
    """What the page says of the episode."""

    done: bool = False
    raw: float = 0.0
    """Without the discount for time."""
    decayed: float = 0.0
    """With it, where the task asks for one."""
    reason: str = ""
    left: bool = False
    """The page was left, which ends the episode with 0."""


def launch(scale: float = SCALE, viewport: tuple[int, int] = VIEWPORT) -> BrowserDriver:
    """A browser that shows the task area; it serves any number of environments, one after the other.

    Raises `SetupError` when Playwright or a Chromium is missing, `DeviceError` when the browser does not start.
    """
    return BrowserDriver.launch(BrowserOptions(viewport=Size(*viewport), scale=scale, clip=Box(0, 0, *AREA)))


class MiniWobEnv(BrowserEnv):
    """One task. `reset(seed)` loads its page anew: the same seed is the same task. An `Env`.

    Screenshots have the task area times `scale` pixels. The goal is known once the page is there: `load` it first, or read `goal`
    after `reset`. The reward of a step is 0 until the page ends the episode, then the page's raw reward.
    """

    def __init__(self, task: str, driver: BrowserDriver | None = None, scale: float = SCALE, time_limit_s: float = TIME_LIMIT_S) -> None:
        """Use `driver` (from `launch`, with the same `scale`) and leave it open, or start a browser of its own.

        Raises `InvalidAction` for a task that does not exist, `SetupError` when the pages or a browser are missing.
        """
        self.task = find_task(task)
        url = page_url(self.task)
        super().__init__(driver or launch(scale), url)
        self.goal = ""
        """What is to be done, in the page's words."""
        self._scale = scale
        self._time_limit_s = time_limit_s
        self._owned = driver is None
        self._loaded: tuple[int, Observation] | None = None
        self._over = False

    @property
    def action_types(self) -> frozenset[str]:
        """Mouse, keyboard and waiting."""
        return ACTION_TYPES

    def load(self, seed: int) -> str:
        """Load the task and give its goal; a `reset` with the same seed right after it uses the page that is there."""
        self._loaded = None
        self._loaded = seed, self.reset(seed)
        return self.goal

    def reset(self, seed: int | None = None) -> Observation:
        """The task of this seed (None: any), at its start. Raises `DeviceError` when the page does not start."""
        if self._loaded is not None and self._loaded[0] == seed:
            observation, self._loaded = self._loaded[1], None
            return observation
        self._loaded = None
        self._over = False
        return _blind(super().reset(random.randrange(1_000_000) if seed is None else seed))

    def begin(self, seed: int | None) -> None:
        """Open the page and start its episode."""
        super().begin(seed)
        self.goal = str(self.driver.evaluate(_START, {"seed": seed, "limit": self._time_limit_s * 1000}))

    def step(self, action: Action) -> TimeStep:
        """Do `action`. After the end of the episode it is an `InvalidAction`, so that nothing can begin another one."""
        if action.type not in ACTION_TYPES:
            raise InvalidAction(f"{action.type} is not possible here; {', '.join(sorted(ACTION_TYPES))} are")
        if self._over:
            raise InvalidAction("the episode is over; call reset")
        self._loaded = None
        after = super().step(action)
        score = self.score()
        self._over = score.done or score.left
        return replace(after, observation=_blind(after.observation), reward=score.raw, done=self._over)

    def score(self) -> Score:
        """What the page says now; nothing done while it shows a dialog or does not answer."""
        try:
            said = self.driver.evaluate(_SCORE)
        except (InvalidAction, DeviceError):
            return Score()
        if said is None:
            return Score(left=True)
        # Before its end an episode has no reward, whatever a page has left in the variable.
        return Score(True, float(said["raw"] or 0), float(said["decayed"] or 0), said["reason"]) if said["done"] else Score()

    def page(self, goal: str) -> Page:
        """The page as the oracle reads it. No other policy is given this."""
        return Page(self.driver.evaluate, goal, AREA, self._scale)

    def close(self) -> None:
        """Close the browser if it was started here. A second call does nothing."""
        self._started = False
        if self._owned:
            super().close()


def _blind(observation: Observation) -> Observation:
    """Without address, title and tabs: they hold the name of the task."""
    return replace(observation, url="", title="", tabs=())
