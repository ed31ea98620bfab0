"""`PhoneEnv`: an Android phone as an environment, a real one or a simulated one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from handeye.envs.actions import Action, Click, Drag, LongPress, PressKeys, Scroll, Swipe, TypeText
from handeye.envs.addresses import address
from handeye.envs.env import Permit, TimeStep
from handeye.envs.fingers import PHONE_ACTIONS, check_touch, touch
from handeye.envs.frames import DEFAULT_FRAME_LIMITS, Frame, FrameLimits, SettledFrame, Settling
from handeye.envs.observation import Observation
from handeye.envs.permits import Permits
from handeye.envs.phone_apps import AllowedApps
from handeye.envs.phone_hosts import AllowedHosts
from handeye.envs.phone_notes import notes_of
from handeye.envs.phone_targets import PhoneSight
from handeye.tools.android import AndroidDriver, Foreground
from handeye.tools.android.app_names import usual_name
from handeye.tools.android.glance import Glance, Glances
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Box
from handeye.tools.target import Target

ACTION_TYPES = PHONE_ACTIONS
"""The verbs of a phone."""
_AIMED = (Click, LongPress, Swipe, Drag, Scroll, TypeText, PressKeys)
"""Actions that are meant for what the model saw, and for nothing that came before it meanwhile."""


class PhoneEnv:
    """A phone, from its home screen or `start_app` on. A `SightedEnv`; it owns the driver, and what else `owned` holds, and closes it.

    Points are pixels of the last screenshot. A screen that was turned since, or a window that came to the front, would get a touch that
    was meant for something else: it is not carried out, and the observation that follows says so and shows what is there now. (To map
    the point would be to guess: a page that is turned is laid out anew.)
    """

    def __init__(
        self,
        driver: AndroidDriver,
        start_app: str = "",
        start_url: str = "",
        *,
        limits: FrameLimits = DEFAULT_FRAME_LIMITS,
        restore: Callable[[], None] | None = None,
        owned: ExitStack | None = None,
        apps: Sequence[str] | None = None,
        hosts: AllowedHosts | None = None,
        put_back: Callable[[], None] | None = None,
    ) -> None:
        """`restore` brings a phone back to how it began, where it can be: it is called by each `reset`. `apps` are the packages or labels
        that may be opened and touched (None: all); `hosts` the addresses that may be opened (None: all). `put_back` undoes
        what was set on the phone for this environment: `close` calls it while the phone can still be reached.

        Raises `SetupError` for a list of apps that is empty, or names one that is not on the phone.
        """
        self.start_app = start_app
        self.start_url = address(start_url) if start_url else ""
        self.driver = driver
        self._settling = Settling(limits)
        self._glances = Glances(driver.shell)
        self._sight = PhoneSight(driver)
        self._apps = None if apps is None else AllowedApps(driver, self._sight, apps)
        self._hosts = hosts
        self._permits = Permits()
        self._put_back = put_back
        self._restore = restore
        self._owned = owned or ExitStack()
        self._beside = ThreadPoolExecutor(1, "handeye phone")
        self._glance = Glance(Foreground())
        self._labels: dict[str, str] = {}
        self._seen: Observation | None = None
        self._seen_glance = self._glance

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of a phone."""
        return ACTION_TYPES

    def reset(self, seed: int | None = None) -> Observation:
        """Bring a simulated phone back to its beginning; wake any, go to its home screen and open what the episode begins with.

        Raises `DeviceError` when that fails. `seed` means nothing to a phone: what is on a simulated one was chosen when it was made.
        """
        self._seen = None
        if self._apps is not None:
            self._apps.forget()
        if self._restore:
            self._restore()
        self.driver.wake()
        self.driver.press_button("home")
        if self.start_app or self.start_url:
            self._settling.settle(self)
        if self.start_app:
            self.driver.open_app(self.start_app)
        if self.start_url:
            self.driver.open_url(self.start_url)
        return self._look(None).observation

    def step(self, action: Action) -> TimeStep:
        """Do `action` with fingers and keys, wait until what it set off is done, look again.

        Raises `NotPermitted` beside what `Env.step` raises, with nothing done, for an app or an address outside of the lists.
        """
        self._check(action)
        assert self._seen is not None
        begun = time.monotonic()
        note = self._in_the_way(action)
        if not note:
            self._need_permission(action)
            note = touch(self.driver, action, self._seen.size)
        return self._look(self._seen, time.monotonic() - begun, note)

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action` would touch, from the views and windows of the phone; on a real one that takes about a second (`uiautomator`)."""
        self._check(action)
        return self._sight.targets(action)

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """`step`, if what `action` would touch is still what `permit` names, looked at again right before the touch.

        Raises `TargetChanged`, with nothing done, when it is not, and `NotPermitted` for a permit that was used before. Between this look
        and the touch, a few hundredths of a second, an app may still change what it shows: that cannot be prevented from outside of
        Android. A phone cannot hold back what its apps send, so `permit.effects` means nothing here.
        """
        self._permits.use(permit, self.targets(action))
        return self.step(action)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...]:
        """Where views show one of `values`, or a beginning of it, and every password field that holds something."""
        return self.driver.shown_at(values)

    def keep_out(self, values: Sequence[str]) -> None:
        """Nothing: Android does not tell adb what is on its clipboard, nor what an app pastes."""

    def look(self) -> Frame:
        """The screen and its windows as they are now, asked for side by side."""
        glance = self._beside.submit(self._glances.take)
        pixels = self.driver.screenshot()
        self._glance = glance.result()
        return Frame(pixels, _window(self._glance), self._glance.opening)

    def close(self) -> None:
        """Let go of the phone, and end it if it was started for this environment. A second call does nothing."""
        self._seen = None
        put_back, self._put_back = self._put_back, None
        with self._owned:
            self._beside.shutdown(wait=False, cancel_futures=True)
            if put_back is not None:
                put_back()
            self.driver.close()

    def _look(self, before: Observation | None, act_s: float = 0.0, note: str = "") -> TimeStep:
        seen = self._settling.settle(self, None if before is None else before.screenshot)
        if self._apps is not None and self._apps.sends_away(self._glance):
            note = " ".join(text for text in (note, self._apps.bring_back(self._glance)) if text)
            seen = self._settling.settle(self)
            self._apps.sends_away(self._glance)
        observation = self._observation(seen, before, note)
        self._seen, self._seen_glance = observation, self._glance
        return TimeStep(observation, seen.settled, act_s, seen.capture_s)

    def _observation(self, seen: SettledFrame, before: Observation | None, note: str) -> Observation:
        glance = self._glance
        notes = notes_of(glance, None if before is None else self._seen_glance, self.driver.blank)
        front = glance.front
        return Observation(
            screenshot=seen.frame.pixels,
            app=self._label(front.package),
            title=front.activity,
            notes=tuple(text for text in (note, *notes) if text),
            extra={
                "package": front.package,
                "activity": front.activity,
                "window": front.window,
                "serial": self.driver.serial,
                "rotation": str(glance.rotation),
            },
        )

    def _label(self, package: str) -> str:
        """What the app is called; its package where neither the phone nor our table of names tells."""
        if package and package not in self._labels:
            self._labels.update({app.package: app.label for app in self.driver.apps()})
        return self._labels.setdefault(package, "") or usual_name(package) or package

    def _check(self, action: Action) -> None:
        if self._seen is None:
            raise InvalidAction("call reset first")
        check_touch(action, ACTION_TYPES, self._seen.size)

    def _need_permission(self, action: Action) -> None:
        """Raise `NotPermitted` for what is outside of the lists of this run."""
        assert self._seen is not None
        if self._hosts is not None:
            self._hosts.check(action, self._sight)
        if self._apps is not None:
            self._apps.check(action, self._seen.size)

    def _in_the_way(self, action: Action) -> str:
        """Why the screen is not the one that the action was meant for; empty if it is."""
        if not isinstance(action, _AIMED):
            return ""
        now, seen = self._glances.take(), self._seen_glance
        left_out = "so the action was not carried out. Look again."
        if now.rotation != seen.rotation:
            return f"The screen was turned after the last picture, {left_out}"
        if now.front.window != seen.front.window and not now.opening and now.awake:
            return f"{now.front.window or 'Another window'} came to the front after the last picture, {left_out}"
        if seen.awake and not now.awake:
            return f"The screen went off after the last picture, {left_out}"
        return ""


def _window(glance: Glance) -> str:
    return f"{glance.front.component} {glance.front.window} {glance.rotation} {glance.keyboard} {glance.locked}"
