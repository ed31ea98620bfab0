"""What an approver's look at a target costs on a virtual desktop and on the simulated phone."""

from __future__ import annotations

import itertools
import shutil
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from handeye.benchmarks.speed import SpeedRow, compared
from handeye.envs.actions import Click, OpenApp, PressKeys, Wait
from handeye.envs.desktop import DesktopEnv
from handeye.envs.desktop_open import open_desktop
from handeye.envs.phone_open import open_phone
from handeye.envs.settle import wait
from handeye.tools.android import AndroidDriver
from handeye.tools.android.look import look
from handeye.tools.android.transport import ShellResult
from handeye.tools.errors import DeviceTimeout, SetupError
from handeye.tools.geometry import Point
from handeye.tools.target import Target

DIALOG = ("zenity", "--question", "--title=Clean up", "--text=Delete all photos?")
LOOKS = 15
"""Looks of each kind for each repeat."""
SHOWN_S = 20.0
"""Longest wait for a program to tell what it shows."""
ENTER = PressKeys(keys=("enter",))
APPS = {"home": "", "settings": "com.android.settings"}
"""What the phone shows."""


def rows(repeats: int) -> tuple[list[SpeedRow], list[str]]:
    """Medians of looks (ms), and a note for each device that is not here. `repeats` is 1 at least."""
    found: list[SpeedRow] = []
    notes: list[str] = []
    for name, measured in (("virtual desktop", desktop_looks), ("simulated phone", phone_looks)):
        try:
            found += measured(repeats)
        except SetupError as error:
            notes.append(f"No look on a {name}: {error}")
    return found, notes


def desktop_looks(repeats: int) -> list[SpeedRow]:
    """Looks at a dialog of GTK: at one button again and again, at two by turns, and at what Enter acts on.

    Raises `SetupError` where there is no virtual desktop, no accessibility bus or no zenity.
    """
    if shutil.which(DIALOG[0]) is None:
        raise SetupError(f"{DIALOG[0]} is not installed.", fix=f"apt-get install -y {DIALOG[0]}")
    with ExitStack() as stack:
        env = open_desktop({"virtual": True, "size": "1280x800", "guard": True})
        stack.callback(env.close)
        env.reset()
        assert env.virtual is not None
        env.virtual.run(DIALOG, window=True)
        yes = _shown(env)
        assert yes.box is not None
        box = yes.box
        button = Click(point=box.center)
        other = Click(point=Point(box.left - box.width // 2, box.center.y))
        turns = itertools.cycle((button, other))
        kinds: dict[str, Callable[[], object]] = {
            "a button": partial(env.targets, button),
            "two buttons by turns": lambda: env.targets(next(turns)),
            "the focus before Enter": partial(env.targets, ENTER),
        }
        return [SpeedRow(f"look at {kind}, virtual desktop", _median(look_, LOOKS * repeats), "ms") for kind, look_ in kinds.items()]


def phone_looks(repeats: int) -> list[SpeedRow]:
    """Looks at what a tap would touch, each beside what the phone itself takes of it. Raises `SetupError` without adb or a browser."""
    found = []
    with ExitStack() as stack:
        env = open_phone({"device": "sim", "clock": "steps"})
        stack.callback(env.close)
        env.reset()
        for name, package in APPS.items():
            if package:
                env.step(OpenApp(name=package))
            middle = Click(point=Point(env.driver.size.width // 2, env.driver.size.height // 2))
            whole, own = [], []
            for _ in range(LOOKS * repeats):
                whole.append(_ms(partial(env.targets, middle)))
                own.append(_answer_ms(env.driver))
            row = f"look at what a tap touches, simulated phone, {name} (baseline: the phone's own answer)"
            found.append(compared(row, statistics.median(whole), "ms", statistics.median(own)))
    return found


def _answer_ms(driver: AndroidDriver) -> float:
    """What the phone takes to answer what one look asks."""
    taken = 0.0

    def shell(command: str, limit_s: float | None = None) -> ShellResult:
        nonlocal taken
        start = time.perf_counter()
        result = driver.ask(command, limit_s)
        taken += (time.perf_counter() - start) * 1000
        return result

    look(shell)
    return taken


def _shown(env: DesktopEnv) -> Target:
    """What Enter acts on in the dialog, once the dialog is there."""
    end = time.monotonic() + SHOWN_S
    while time.monotonic() < end:
        env.step(Wait(seconds=0.0))
        target = env.targets(ENTER)[-1]
        if target.known and target.box is not None and target.role == "push button":
            return target
        wait(0.1)
    raise DeviceTimeout("The dialog did not come up on the virtual desktop.")


def _median(work: Callable[[], object], times: int) -> float:
    return statistics.median(_ms(work) for _ in range(times))


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
