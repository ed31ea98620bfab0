"""A virtual desktop that tests share: they start programs on it and work them through the loop."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from handeye.agent import Agent, Result, ScriptedModel, Trajectory, load_trajectory, open_dialect, run_episode
from handeye.agent.loop import Limits
from handeye.envs.actions import LOOP_ACTIONS, Action, Finish
from handeye.envs.desktop import ACTION_TYPES, DesktopEnv
from handeye.envs.desktop_work import DesktopWork
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.first_start import furnish
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.desktop.windows import Window
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size
from tests.waiting import until

DIALECT = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES | LOOP_ACTIONS)
OFFICE = ("soffice", "--norestore", "--nologo", "--nofirststartwizard")
CHROMIUM = (
    *("chromium", "--no-sandbox", "--test-type", "--no-first-run", "--no-default-browser-check", "--password-store=basic"),
    *("--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync", "--disable-component-update"),
)
"""The browser's own window, by root and with nobody to ask."""


@dataclass(eq=False)
class Played:
    """An episode that has ended."""

    result: Result
    run: Trajectory
    model: ScriptedModel

    @property
    def refused(self) -> list[str]:
        """What the desktop, or the loop, did not carry out, and why."""
        notes = [note for row in self.run.steps for note in row.seen if "not carried out" in note]
        return notes + [row.error for row in self.run.steps if row.error]

    @property
    def notes(self) -> list[str]:
        return [note for row in self.run.steps for note in row.seen]


@dataclass(eq=False)
class Desk:
    """A desktop, an environment that works on it, and the programs of the test that runs now."""

    desktop: VirtualDesktop
    home: Path
    driver: X11Driver
    env: DesktopEnv
    programs: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, home: Path, size: str = "1280x800") -> Desk:
        furnish(home)
        try:
            desktop = VirtualDesktop.start(Size(*map(int, size.split("x"))), home=home)
        except SetupError as error:
            pytest.skip(str(error))
        driver = X11Driver.open(desktop.display)
        return cls(desktop, home, driver, DesktopEnv(driver, work=DesktopWork(ProgramWatch(driver.name))))

    def run(self, *command: object) -> int:
        """Start a program and wait for its window; skip the test where it is not installed."""
        if shutil.which(str(command[0])) is None:
            pytest.skip(f"{command[0]} is not installed")
        env = {"GSETTINGS_BACKEND": "keyfile", "SAL_USE_VCLPLUGIN": "gtk3"}
        pid = self.desktop.run([str(word) for word in command], self.home, env, window=True)
        self.programs.append(pid)
        return pid

    def end_programs(self) -> None:
        """Kill what the test has started, so that the next one finds an empty desktop."""
        for pid in self.programs:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self.programs.clear()
        until(lambda: not self.driver.windows())

    def window(self, title: str = "") -> Window:
        """The window, the uppermost one, with `title` in its title, waited for; without one the active window."""

        def found() -> Window | None:
            return next((one for one in reversed(self.driver.windows()) if (title in one.title if title else one.active)), None)

        return until(found)

    def at(self, title: str, x: int, y: int) -> Point:
        """A point in a window: from its left upper corner, or with negative numbers from the right or the bottom."""
        box = self.window(title).box
        return Point((box.left if x >= 0 else box.right) + x, (box.top if y >= 0 else box.bottom) + y)

    def play(self, out: Path, actions: Iterable[Action | tuple[Action, ...]], *, limits: Limits = Limits()) -> Played:
        """An episode in which the model says `actions`, one or some at a time, and that it is done. They may be made as they are wanted."""
        return self.talk(out, (self.say(one) for one in _ended(actions)), limits)

    def say(self, actions: Action | tuple[Action, ...]) -> str:
        """The reply that means `actions`, in the dialect's words, places as in the picture that the model is shown."""
        return "\n".join(DIALECT.format(one, self.driver.size) for one in (actions if isinstance(actions, tuple) else (actions,)))

    def talk(self, out: Path, replies: Iterator[str], limits: Limits = Limits()) -> Played:
        """An episode with these replies."""
        model = ScriptedModel(replies)
        result = run_episode("Do what you were told", self.env, Agent(model, DIALECT), out, limits=limits)
        return Played(result, load_trajectory(out), model)

    def close(self) -> None:
        self.env.close()
        self.desktop.close()


def _ended(actions: Iterable[Any]) -> Iterator[Any]:
    yield from actions
    yield Finish()
