"""`BrowserEnv`: web pages as an environment."""

from __future__ import annotations

import time
from pathlib import Path

from handeye.envs.actions import Action, AnswerDialog, ChooseFiles, CloseTab, GoBack, Goto, SwitchTab, Wait
from handeye.envs.addresses import address
from handeye.envs.env import TimeStep
from handeye.envs.observation import Dialog, Observation, Tab
from handeye.envs.pointer import POINTER_ACTIONS, check_action, point_and_type
from handeye.envs.settle import DEFAULT_LIMITS, SettledLook, SettleLimits, settle, wait
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction

ACTION_TYPES = POINTER_ACTIONS | {"goto", "go_back", "switch_tab", "close_tab", "answer_dialog", "choose_files", "wait"}
"""The verbs of a browser."""


class BrowserEnv:
    """Pages in a browser, from `start_url` on. An `Env`; it owns the driver and closes it.

    A subclass whose episodes begin otherwise overrides `begin`.
    """

    def __init__(
        self, browser: BrowserDriver | BrowserOptions, start_url: str = "about:blank", limits: SettleLimits = DEFAULT_LIMITS
    ) -> None:
        self.start_url = address(start_url)
        self.limits = limits
        self.driver = BrowserDriver.launch(browser) if isinstance(browser, BrowserOptions) else browser
        self._started = False

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
        note = ""
        try:
            self._act(action)
        except DeviceLost:
            raise
        except DeviceTimeout:
            note = "The page did not answer to the input in time."
        except DeviceError as error:
            if not isinstance(action, Goto | GoBack):
                raise
            note = str(error)
        return self.look(time.monotonic() - start, note)

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
        check_action(action, ACTION_TYPES, self.driver.size, "a browser")
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
