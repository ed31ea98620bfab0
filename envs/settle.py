"""When a page has settled: what the last action set off is done, perpetual movers left out, under a cap. No grace period.

The page is asked what is pending (timers, requests, animations, a navigation, ...). Once nothing is, it is captured, and watched
during the capture: if something changed meanwhile, it is asked again and captured again. So a quiet page costs one capture.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from handeye.envs.env import Settled
from handeye.tools.browser.activity import Activity
from handeye.tools.device import Pixels

BLOCKED = {
    "dialog": "The picture is from before the dialog opened: browsers draw nothing while one waits.",
    "crash": "The picture is from before the page crashed.",
    "hang": "The page does not answer (a script in it runs on and on); the picture is from before. Open an address to get away.",
}
"""What to tell about a picture that could not be taken, by the reason."""


@dataclass(frozen=True)
class SettleLimits:
    """Bounds of a wait, in seconds."""

    cap_s: float = 3.0
    """Longest wait for what an action set off."""
    navigation_s: float = 15.0
    """Longest wait for another document, which servers decide about."""
    quiet_s: float = 0.035
    """How long nothing may change after the page was found done: two frames at 60 Hz; a capture takes about as long."""


DEFAULT_LIMITS = SettleLimits()


class Watched(Protocol):
    """What settling needs of a driver; `BrowserDriver` has it."""

    def activity(self, wait_s: float, navigation_s: float) -> Activity:
        """Wait until nothing is pending, and say what was."""

    def screenshot_watched(self, mark: str, quiet_s: float) -> tuple[Pixels, Activity]:
        """A picture, and whether the page stayed as `mark` says."""


@dataclass(frozen=True, eq=False)
class SettledLook:
    """A picture of a settled page and how it came about."""

    pixels: Pixels
    settled: Settled
    capture_s: float
    """Seconds that the last capture took."""
    note: str = ""
    """Why the picture is an old one, if it is."""


def settle(device: Watched, limits: SettleLimits = DEFAULT_LIMITS) -> SettledLook:
    """Wait until the page has settled and give the picture of it."""
    start = time.monotonic()
    waited_for: dict[str, None] = {}
    left_out: dict[str, None] = {}
    arrived = start
    while True:
        left = max(0.0, arrived + limits.cap_s - time.monotonic())
        seen = device.activity(left, max(0.0, start + limits.navigation_s - time.monotonic()))
        if "navigation" in seen.waited_for and not seen.navigating:
            arrived = time.monotonic()
        before = time.monotonic()
        pixels, after = device.screenshot_watched(seen.mark, limits.quiet_s)
        now = time.monotonic()
        for one in (seen, after):
            waited_for.update(dict.fromkeys(one.waited_for))
            left_out.update(dict.fromkeys(one.left_out))
        blocked = after.blocked or seen.blocked
        quiet = not after.pending and after.mark == seen.mark
        over = now >= (start + limits.navigation_s if after.navigating else arrived + limits.cap_s)
        if blocked or quiet or over:
            capped = not blocked and not quiet
            settled = Settled(max(0.0, before - start), tuple(waited_for), tuple(left_out), capped)
            return SettledLook(pixels, settled, now - before, BLOCKED.get(blocked, ""))
        waited_for.update(dict.fromkeys(after.pending or ("changes",)))


def wait(seconds: float) -> None:
    """Do nothing for `seconds`: what the action `wait` asks for. Every sleep of handeye is in this file."""
    time.sleep(seconds)
