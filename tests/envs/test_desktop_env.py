"""`DesktopEnv` on a virtual desktop with real programs: it looks when all is done, whatever moves on beside, and says what came."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.envs.actions import Click, Drag, Move, PressKeys, TypeText, Wait
from handeye.envs.check import check_env
from handeye.envs.desktop import DesktopEnv
from handeye.envs.desktop_open import open_desktop
from handeye.envs.env import TimeStep
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Box, Point
from tests.waiting import until

SCENE = Path(__file__).parent / "desktop_scene.py"
PYTHON = "/usr/bin/python3"
"""The system's, which has tkinter where Debian's python3-tk is installed."""
PLACES = {
    "nothing": (60, 30),
    "menu": (180, 30),
    "timer": (300, 30),
    "start": (420, 30),
    "dialog": (60, 90),
    "slow": (180, 90),
    "page": (300, 90),
    "work": (420, 90),
    "entry": (120, 160),
}
"""As in `desktop_scene.py`, which cannot be imported without tkinter."""
PAGE, PROGRESS, MENU = Box(25, 205, 215, 345), Box(252, 202, 468, 218), Box(150, 180, 190, 240)


def opened(*programs: str, **options: Any) -> DesktopEnv:
    for line in programs:
        if shutil.which(line.split()[0]) is None:
            pytest.skip(f"{line.split()[0]} is not installed")
    try:
        return open_desktop({"virtual": True, "program": list(programs), **options})
    except SetupError as error:
        pytest.skip(str(error))


@dataclass
class Stage:
    """The scene on its desktop."""

    env: DesktopEnv
    log: Path

    @property
    def box(self) -> Box:
        return next(window.box for window in self.env.driver.windows() if window.title == "Scene")  # type: ignore[attr-defined]

    def place(self, name: str) -> Point:
        return Point(self.box.left + PLACES[name][0], self.box.top + PLACES[name][1])

    def click(self, name: str) -> TimeStep:
        return self.env.step(Click(point=self.place(name)))

    def cut(self, step: TimeStep, part: Box) -> Any:
        box = Box(self.box.left + part.left, self.box.top + part.top, self.box.left + part.right, self.box.top + part.bottom)
        return step.observation.screenshot[box.top : box.bottom, box.left : box.right].astype(int)

    def second_comes(self) -> None:
        """After a click on `timer`: the second window comes up by itself, now that no picture is being taken."""
        Path(f"{self.log}.go").touch()
        until(lambda: any(window.title == "Second" and window.active for window in self.env.driver.windows()))  # type: ignore[attr-defined]

    def told(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []


@pytest.fixture(scope="module", params=["spinner", "clock"])
def desktop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DesktopEnv, Path]]:
    log = tmp_path_factory.mktemp("scene") / "log"
    env = opened(f"{PYTHON} {SCENE} {request.param} {log}")
    if env.reset().app != "Scene":
        env.close()
        pytest.skip("python3-tk is not installed")
    yield env, log
    env.close()


@pytest.fixture
def stage(desktop: tuple[DesktopEnv, Path]) -> Stage:
    env, log = desktop
    log.write_text("")
    env.step(Wait(seconds=0))
    return Stage(env, log)


def windows(step: TimeStep) -> list[str]:
    return [row["title"] for row in json.loads(step.observation.extra["windows"])]


def test_a_click_that_changes_nothing(stage: Stage) -> None:
    for _ in range(3):
        step = stage.click("nothing")
        assert not step.settled.capped
        assert (step.observation.app, step.observation.title, step.observation.notes) == ("Scene", "Scene", ())
        assert step.observation.pointer == stage.place("nothing")
    assert stage.told() == ["nothing"] * 3


def test_a_change_and_a_menu(stage: Stage) -> None:
    step = stage.click("page")
    assert (stage.cut(step, PAGE) == (0, 170, 0)).all()
    before = stage.cut(step, MENU)
    step = stage.click("menu")
    assert (stage.cut(step, MENU) != before).any()
    assert not step.settled.capped
    stage.env.step(PressKeys(keys=("Down",)))
    stage.env.step(PressKeys(keys=("Enter",)))
    assert stage.told()[-1] == "One"


def test_a_progress_animation_and_a_program_at_work_are_waited_for(stage: Stage) -> None:
    step = stage.click("slow")
    assert (stage.cut(step, PROGRESS) == (0, 0, 255)).all()
    assert "motion" in step.settled.waited_for
    step = stage.click("work")
    assert (stage.cut(step, PAGE) == (170, 0, 0)).all()
    assert not step.settled.capped


def test_a_program_that_is_started_is_waited_for(stage: Stage) -> None:
    step = stage.click("start")
    assert 'A new window came up: "Late".' in step.observation.notes
    box = next(window.box for window in stage.env.driver.windows() if window.title == "Late")  # type: ignore[attr-defined]
    assert (step.observation.screenshot[box.top : box.bottom, box.left : box.right] == (0, 0, 255)).all()
    step = stage.env.step(PressKeys(keys=("alt", "F4")))
    assert 'The window "Late" is closed.' in step.observation.notes


def test_a_dialog_is_told(stage: Stage) -> None:
    step = stage.click("dialog")
    assert 'A new window came up: "Notice".' in step.observation.notes
    assert step.observation.title == "Notice"
    step = stage.env.step(PressKeys(keys=("Enter",)))
    assert windows(step) == ["Scene"]


def test_what_comes_up_between_picture_and_action_does_not_get_it(stage: Stage) -> None:
    stage.click("timer")
    stage.second_comes()
    seen = stage.told()
    step = stage.click("nothing")
    assert any('"Second" came up' in note and "not carried out" in note for note in step.observation.notes) or "Second" in windows(step)
    assert stage.told() == seen
    step = stage.click("nothing")
    assert stage.told() == [*seen, "second"]
    stage.env.step(PressKeys(keys=("alt", "F4")))


def test_typing_does_not_go_to_a_window_that_was_not_seen(stage: Stage) -> None:
    stage.click("entry")
    stage.env.step(TypeText(text="abc"))
    stage.click("timer")
    stage.second_comes()
    step = stage.env.step(TypeText(text="def"))
    assert step.observation.title == "Second"
    assert any("not carried out" in note for note in step.observation.notes)
    stage.env.step(PressKeys(keys=("alt", "F4")))


def test_a_window_is_dragged_by_its_title_bar(stage: Stage) -> None:
    before = stage.box
    stage.env.step(Drag(start=Point(before.left + 200, before.top - 10), end=Point(before.left + 260, before.top + 70)))
    assert stage.box == Box(before.left + 60, before.top + 80, before.right + 60, before.bottom + 80)


@pytest.mark.parametrize("program", ["mousepad", "featherpad", f"{PYTHON} {SCENE} plain"])
def test_carets_that_blink(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    env = opened(program)
    try:
        seen = env.reset()
        if program.startswith(PYTHON):
            box = next(row["box"] for row in json.loads(seen.extra["windows"]))
            env.step(Click(point=Point(box[0] + PLACES["entry"][0], box[1] + PLACES["entry"][1])))
        pictures = []
        for text in ("a", "b", "c", "d"):
            step = env.step(TypeText(text=text))
            assert not step.settled.capped
            pictures.append(step.observation.screenshot)
        assert all((one != other).any() for one, other in itertools.pairwise(pictures))
        for _ in range(4):
            step = env.step(Wait(seconds=0.2))
            assert not step.settled.capped
            assert not step.settled.left_out
    finally:
        env.close()


def test_conforms_and_begins_anew(tmp_path: Path) -> None:
    check_env(opened("xterm -e sh", size="640x480"))
    env = opened("xterm -e sh", size="640x480")
    try:
        env.reset()
        env.step(TypeText(text=f"touch {tmp_path}/made\n"))
        until((tmp_path / "made").exists)
        env.step(TypeText(text="exit\n"))
        until(lambda: env.step(Wait(seconds=0)).observation.app == "desktop")
        assert env.reset().app == "XTerm"
    finally:
        env.close()


def test_the_pointer_is_in_the_picture_when_asked_for() -> None:
    env = opened(size="320x240", cursor=True)
    try:
        empty = env.reset().screenshot
        near = env.step(Move(point=Point(200, 150))).observation.screenshot
        assert np.argwhere((empty != near).any(axis=2)).max(axis=0)[0] >= 150
        plain = open_desktop({"display": env.driver.name})
        assert not (plain.reset().screenshot != plain.step(Move(point=Point(30, 30))).observation.screenshot).any()
        plain.close()
    finally:
        env.close()


def test_a_program_that_ends_without_a_window_is_an_error_unless_it_is_not_waited_for() -> None:
    with pytest.raises(DeviceError, match=r"without showing a window.*no-such-thing"):
        opened("ls --no-such-thing", size="320x240")
    with pytest.raises(SetupError, match="no program 'no-such-program'"):
        open_desktop({"virtual": True, "size": "320x240", "program": ["no-such-program"]})
    env = opened("sleep 1000 &", "true &", size="320x240")
    try:
        seen = env.reset()
        assert (seen.app, seen.notes) == ("desktop", ())
    finally:
        env.close()


def test_a_display_that_dies() -> None:
    env = opened(size="320x240")
    try:
        env.reset()
        os.kill(server_of(env.driver.name), signal.SIGKILL)
        with pytest.raises(DeviceLost):
            until(lambda: env.step(Wait(seconds=0)) and False)
        with pytest.raises(DeviceError):
            env.step(Click(point=Point(5, 5)))
    finally:
        env.close()
    with pytest.raises(InvalidAction):
        env.step(Wait(seconds=0))


def server_of(name: str) -> int:
    """The process of the X server, as it says itself: its own client is number 0."""
    from Xlib.display import Display

    display = Display(name)
    told = display.res_query_client_ids([{"client": 0, "mask": 2}]).ids
    display.close()
    return int(next(one.value[0] for one in told if one.spec.client == 0))
