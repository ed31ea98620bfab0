"""`BrowserEnv`: web pages as an environment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from handeye.envs.actions import Action, AnswerDialog, ChooseFiles, CloseTab, GoBack, Goto, SwitchTab, Wait
from handeye.envs.addresses import address
from handeye.envs.browser_targets import Look, carry_out, covered, effects_held, look
from handeye.envs.env import Effect, Permit, TimeStep
from handeye.envs.observation import Dialog, Observation, Tab
from handeye.envs.permits import Permits
from handeye.envs.pointer import POINTER_ACTIONS, check_action, point_and_type
from handeye.envs.settle import DEFAULT_LIMITS, SettledLook, SettleLimits, settle, wait
from handeye.tools.browser import BrowserDriver, BrowserOptions, Cover
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction
from handeye.tools.geometry import Box
from handeye.tools.target import Target

ACTION_TYPES = POINTER_ACTIONS | {"goto", "go_back", "switch_tab", "close_tab", "answer_dialog", "choose_files", "wait"}
"""The verbs of a browser."""


class BrowserEnv:
    """Pages in a browser, from `start_url` on. A `SightedEnv`; it owns the driver and closes it. Start the browser with
    `BrowserOptions.guard` where targets will be asked for: without it pages are prepared at the first look only, after their own scripts
    ran, and permits that do not cover effects are refused.

    A subclass whose episodes begin otherwise overrides `begin`.
    """

    def __init__(
        self, browser: BrowserDriver | BrowserOptions, start_url: str = "about:blank", limits: SettleLimits = DEFAULT_LIMITS
    ) -> None:
        self.start_url = address(start_url)
        self.limits = limits
        self.driver = BrowserDriver.launch(browser) if isinstance(browser, BrowserOptions) else browser
        self._started = False
        self._permits = Permits()
        self._cover: Cover | None = None
        """What the last permit covers, until it is sent: a dialog may come between the two."""
        self._found: Look | None = None
        """What was found under the action that is just carried out with a permit."""

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of a browser."""
        return ACTION_TYPES

    def reset(self, seed: int | None = None) -> Observation:
        """A fresh page at the start. Raises `DeviceError` when the start page does not open."""
        self.driver.renew()
        self.begin(seed)
        self._started = True
        return self.look().observation

    def begin(self, seed: int | None) -> None:
        """Bring the fresh page to the start of an episode; `seed` means nothing to pages in general."""
        self.driver.goto(self.start_url)

    def step(self, action: Action) -> TimeStep:
        """Do `action` with real mouse and keyboard, wait until what it set off is done, look again."""
        self._check(action)
        start = time.monotonic()
        note = self._done(action)
        return self.look(time.monotonic() - start, note)

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action` would touch, read from the page out of reach of its scripts; what the browser itself would hit at a point."""
        self._check(action)
        return look(self.driver, action).targets

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """`step`, if the page still has what `permit` names, and while it has: real input to anything else, or to a thing that changed, is
        stopped before the page hears of it. A step of which a part was done by then says so in a note. What the page then sends is held to
        what was named, too.
        """
        self._check(action)
        found = look(self.driver, action)
        self._permits.use(permit, found.targets)
        cover = covered(self.driver, found, permit)
        if isinstance(action, AnswerDialog) and action.accept and self._cover is not None:
            cover = self._cover | (cover or Cover())
        with effects_held(self.driver, found, permit, cover) as held:
            self._found = found
            try:
                step = self.step(action)  # a subclass may make more of it
            finally:
                self._found = None
        sent = False
        if found.seen or found.held:
            sent = cover is not None and not permit.anywhere and self.driver.options.guard and self.driver.effects_sent()
            self._cover = None if sent else cover
        return replace(step, observation=_told_of(step.observation, held), held=tuple(held), sent=sent)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...]:
        """Where the page shows one of `values`, or a beginning of it, and every password field that holds something."""
        return self.driver.shown_at(values)

    def keep_out(self, values: Sequence[str]) -> None:
        """From now on a permitted step that would paste or drop one of `values` is stopped before the page hears of it."""
        self.driver.keep_out(values)

    def _done(self, action: Action) -> str:
        """Do `action`; what went wrong, in words, where the next observation is to tell it."""
        try:
            if self._found is not None:
                return carry_out(self.driver, self._found, lambda: self._act(action))
            self._act(action)
        except DeviceLost:
            raise
        except DeviceTimeout:
            return "The page did not answer to the input in time."
        except DeviceError as error:
            if not isinstance(action, Goto | GoBack):
                raise
            return str(error)
        return ""

    def look(self, act_s: float = 0.0, note: str = "") -> TimeStep:
        """Wait until the page has settled and observe it."""
        seen = settle(self.driver, self.limits)
        notes = tuple(dict.fromkeys(text for text in (*self.driver.take_notes(), note, seen.note) if text))
        return TimeStep(self._observation(seen, notes), seen.settled, act_s, seen.capture_s)

    def close(self) -> None:
        """Close the browser. A second call does nothing."""
        self._started = False
        self.driver.close()

    def _observation(self, seen: SettledLook, notes: tuple[str, ...]) -> Observation:
        driver = self.driver
        dialog = driver.dialog()
        return Observation(
            screenshot=seen.pixels,
            url=driver.url,
            title=driver.title,
            tabs=tuple(Tab(*tab) for tab in driver.tabs()),
            dialog=None if dialog is None else Dialog(*dialog),
            file_chooser=driver.file_chooser,
            downloads=driver.downloads(),
            notes=notes,
            pointer=driver.pointer,
        )

    def _check(self, action: Action) -> None:
        if not self._started:
            raise InvalidAction("call reset first")
        check_action(action, self.action_types, self.driver.size, "a browser")
        if isinstance(action, Goto):
            address(action.url)

    def _act(self, action: Action) -> None:
        driver = self.driver
        if point_and_type(driver, action):
            return
        match action:
            case Goto():
                driver.goto(address(action.url))
            case GoBack():
                driver.go_back()
            case SwitchTab():
                driver.switch_tab(action.index)
            case CloseTab():
                driver.close_tab()
            case AnswerDialog():
                driver.answer_dialog(action.accept, action.text)
            case ChooseFiles():
                driver.choose_files([Path(path) for path in action.paths])
            case Wait():
                wait(action.seconds)


def _told_of(observation: Observation, held: Sequence[Effect]) -> Observation:
    """The observation with a note of what was held back."""
    notes = tuple(
        f"Held back, because nobody allowed it: the page wanted to {one.method} to {one.url.split('?')[0][:200]}." for one in held
    )
    return replace(observation, notes=(*observation.notes, *dict.fromkeys(notes))) if held else observation
