"""`DesktopEnv` where the screen is more than one, changes its size, or is worked by pyautogui; and with a program that starts slowly."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from handeye.envs.actions import Click, TypeText, Wait
from handeye.envs.desktop import DesktopEnv
from handeye.envs.desktop_open import open_desktop
from handeye.envs.desktop_work import DesktopWork
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.first_start import furnish
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Point, Size
from tests.agent.desk import OFFICE, until


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def started(size: Size = Size(1280, 800)) -> VirtualDesktop:
    try:
        return VirtualDesktop.start(size)
    except SetupError as error:
        pytest.skip(str(error))


def test_one_of_two_monitors_and_a_screen_that_is_resized(tmp_path: Path) -> None:
    needs("xrandr", "xterm")
    with started() as desktop:

        def xrandr(*words: str) -> None:
            subprocess.run(["xrandr", "-d", desktop.display, *words], check=True)

        xrandr("--setmonitor", "left", "640/169x800/211+0+0", "screen")
        xrandr("--setmonitor", "right", "640/169x800/211+640+0", "none")
        driver = X11Driver.open(desktop.display, monitor=1)
        with closing(DesktopEnv(driver, work=DesktopWork(ProgramWatch(desktop.display)))) as env:
            desktop.run(["xterm", "-T", "Left", "-geometry", "40x10+100+200", "-e", "sh"], window=True)
            desktop.run(["xterm", "-T", "Right", "-geometry", "40x10+740+200", "-e", "sh"], window=True)
            assert env.reset().size == (640, 800)
            # A point is one of the monitor's picture; another window came up at that place of the other monitor, which is no hindrance.
            desktop.run(["xterm", "-T", "Other", "-geometry", "40x10+100+200", "-e", "sh"], window=True)
            step = env.step(Click(point=Point(150, 270)))
            assert step.observation.title == "Right"
            assert not [note for note in step.observation.notes if "not carried out" in note]
            env.step(TypeText(text=f"echo here > {tmp_path / 'made'}\n"))
            until(lambda: (tmp_path / "made").exists() and (tmp_path / "made").read_text() == "here\n")
            # At the place of the click, on this monitor, one does get in the way.
            desktop.run(["xterm", "-T", "Over", "-geometry", "40x10+740+200", "-e", "sh"], window=True)
            step = env.step(Click(point=Point(150, 270)))
            assert any('"Over" came up' in note and "not carried out" in note for note in step.observation.notes)

        with closing(DesktopEnv(X11Driver.open(desktop.display), work=DesktopWork(ProgramWatch(desktop.display)))) as env:
            assert env.reset().size == (1280, 800)
            for words in ("--newmode small 0 800 0 0 800 600 0 0 600", "--addmode screen small", "--output screen --mode small"):
                xrandr(*words.split())
            step = env.step(Wait(seconds=0.2))
            assert (step.observation.size, step.observation.screenshot.shape) == ((800, 600), (600, 800, 3))
            assert "The screen is 800x600 pixels now." in step.observation.notes
            with pytest.raises(InvalidAction, match="outside"):
                env.step(Click(point=Point(1000, 700)))
            assert not env.step(Click(point=Point(700, 500))).settled.capped


def test_pyautogui_conforms() -> None:
    needs("xterm")
    code = (
        "from handeye.envs.check import check_env\n"
        "from handeye.envs.desktop_open import open_desktop\n"
        "check_env(open_desktop({'virtual': True, 'size': '640x480', 'driver': 'pyautogui', 'program': ['xterm -e sh']}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    if "SetupError" in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr


def test_an_office_that_is_started_for_the_first_time_asks_and_tells_nothing() -> None:
    needs("soffice")
    with closing(open_desktop({"virtual": True, "program": ["soffice --calc"]})) as env:
        env.reset()
        seen = env.step(Wait(seconds=1.0)).observation
        assert [window["app"].lower() for window in json.loads(seen.extra["windows"])] == ["libreoffice-calc"]


def test_the_first_look_shows_a_document_that_takes_long_to_load(tmp_path: Path) -> None:
    needs("soffice")
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(3_000):
        sheet.append([number, number * 2, f"some text {number}", f"=A{number + 1}*3"])
    book.save(tmp_path / "large.xlsx")
    furnish(tmp_path / "home")
    line = " ".join((*OFFICE, "--calc", str(tmp_path / "large.xlsx")))
    with closing(open_desktop({"virtual": True, "program": [line], "home": str(tmp_path / "home")})) as env:
        first = env.reset()
        assert first.title.startswith("large.xlsx")
        later = env.step(Wait(seconds=2)).observation
    assert np.mean((first.screenshot != later.screenshot).any(axis=2)) < 0.02
