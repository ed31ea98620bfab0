"""What a person can do to end a run: the pointer in the corner, and Ctrl-C. Nothing stays pressed, and the next run works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, run_episode
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.trajectory import load_trajectory
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.desktop import DesktopEnv
from handeye.envs.registry import open_env
from handeye.tools.desktop.choose import open_driver
from handeye.tools.desktop.stop import CornerStop
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError, StoppedByPerson
from handeye.tools.geometry import Point
from tests.tools.desktop.conftest import forget_pyautogui
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a virtual desktop is Xvfb's")
DRIVERS = ("x11", "pyautogui")
CORNER, ELSEWHERE = Point(0, 0), Point(640, 400)
points = st.builds(Point, st.integers(0, 50), st.integers(0, 50))


class Person:
    """Someone with a hand on the mouse of a desktop, and with eyes for what is pressed."""

    def __init__(self, name: str) -> None:
        from Xlib.display import Display

        self._display = Display(name)

    def throw(self, place: Point) -> None:
        self._display.screen().root.warp_pointer(place.x, place.y)
        self._display.sync()

    def held(self) -> tuple[int, bytes]:
        """Modifiers and buttons that are down (without Num Lock and the layout), and the keys."""
        return self._display.screen().root.query_pointer().mask & 0x1FFD & ~0x10, bytes(self._display.query_keymap())

    def button_is_down(self) -> bool:
        return bool(self.held()[0] & 0x1F00)

    def close(self) -> None:
        self._display.close()


NOTHING = (0, bytes(32))


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    forget_pyautogui()
    try:
        with VirtualDesktop.start() as started:
            yield started
    except SetupError as error:
        pytest.skip(str(error))
    finally:
        forget_pyautogui()


@pytest.fixture
def person(desktop: VirtualDesktop) -> Iterator[Person]:
    someone = Person(desktop.display)
    someone.throw(ELSEWHERE)
    yield someone
    someone.close()


def opened(kind: str, desktop: VirtualDesktop) -> DesktopEnv:
    """A desktop environment as it is on a person's own screen."""
    env = open_env("desktop", {"driver": kind, "display": desktop.display})
    assert isinstance(env, DesktopEnv)
    return env


@pytest.mark.parametrize("kind", DRIVERS)
def test_the_pointer_thrown_into_the_corner_stops_once_and_bricks_nothing(kind: str, desktop: VirtualDesktop, person: Person) -> None:
    driver = open_driver(kind, display=desktop.display, own=True)
    try:
        driver.click(Point(300, 300))
        person.throw(CORNER)
        with pytest.raises(StoppedByPerson, match="corner"):
            driver.press_keys(["a"])
        assert person.held() == NOTHING
        driver.press_keys(["a"])
        driver.click(Point(310, 300))
        assert driver.pointer == Point(310, 300)
        person.throw(Point(1, 0))
        with pytest.raises(StoppedByPerson):
            driver.title()
    finally:
        driver.close()


@pytest.mark.parametrize("kind", DRIVERS)
def test_a_click_of_the_models_own_in_the_corner_stops_nothing(kind: str, desktop: VirtualDesktop, person: Person) -> None:
    driver = open_driver(kind, display=desktop.display, own=True)
    try:
        driver.click(ELSEWHERE)
        driver.click(CORNER)
        driver.press_keys(["a"])
        driver.drag((CORNER, Point(50, 50), CORNER))
        driver.type_text("x")
        driver.move(Point(9, 9))
        assert driver.pointer == Point(9, 9)
    finally:
        driver.close()


@pytest.mark.parametrize("kind", DRIVERS)
def test_a_pointer_that_was_in_the_corner_before_or_a_desktop_of_its_own_stops_nothing(
    kind: str, desktop: VirtualDesktop, person: Person
) -> None:
    person.throw(CORNER)
    for own in (True, False):
        driver = open_driver(kind, display=desktop.display, own=own)
        try:
            driver.press_keys(["a"])
            if not own:
                driver.move(ELSEWHERE)
                person.throw(CORNER)
                driver.press_keys(["a"])
        finally:
            driver.close()


def test_a_drag_under_way_is_stopped_and_lets_go(desktop: VirtualDesktop, person: Person) -> None:
    driver = open_driver("pyautogui", display=desktop.display, own=True)
    raised: list[BaseException] = []

    def drag() -> None:
        try:
            driver.drag((Point(200, 200), Point(900, 600)), duration_s=60.0)
        except StoppedByPerson as stop:
            raised.append(stop)

    thread = threading.Thread(target=drag)
    thread.start()
    until(person.button_is_down)
    while thread.is_alive():
        # The next point of the drag may come before the driver looks.
        person.throw(CORNER)
        thread.join(0.02)
    assert raised
    assert person.held() == NOTHING
    driver.click(ELSEWHERE)
    driver.close()


@pytest.mark.parametrize("kind", DRIVERS)
def test_a_run_that_is_stopped_says_so_and_the_next_one_works(kind: str, desktop: VirtualDesktop, person: Person, tmp_path: Path) -> None:
    env = opened(kind, desktop)
    dialect = open_dialect("qwen2.5-vl/computer_use", env.action_types | LOOP_ACTIONS)

    def call(**arguments: object) -> str:
        return f"<tool_call>{json.dumps({'name': 'computer_use', 'arguments': arguments})}</tool_call>"

    click, key = call(action="left_click", coordinate=[300, 300]), call(action="key", keys=["a"])
    done = call(action="terminate", status="success")

    def replies() -> Iterator[str]:
        yield click
        person.throw(CORNER)
        yield key
        yield key

    try:
        stopped = run_episode("Click", env, Agent(ScriptedModel(replies()), dialect), tmp_path / "stopped")
        assert (stopped.outcome, stopped.success) == ("interrupted", False)
        assert "corner" in stopped.message
        run = load_trajectory(tmp_path / "stopped")
        assert run.result == stopped
        assert [bool(row.error) for row in run.steps] == [False, True]
        assert person.held() == NOTHING
        again = run_episode("Click", env, Agent(ScriptedModel([click, done]), dialect), tmp_path / "again")
        assert again.outcome == "reached"
    finally:
        env.close()


DRAG = """
import sys
from handeye.tools.desktop.choose import open_driver
from handeye.tools.geometry import Point
driver = open_driver(sys.argv[1], own=True)
try:
    driver.drag((Point(200, 200), Point(900, 600)), duration_s=float(sys.argv[2]))
finally:
    driver.close()
"""


@pytest.mark.parametrize(("kind", "seconds"), [("x11", 2.0), ("pyautogui", 60.0)])
def test_ctrl_c_in_the_middle_of_a_drag_leaves_nothing_pressed(kind: str, seconds: float, desktop: VirtualDesktop, person: Person) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DRAG, kind, str(seconds)], env={**os.environ, "DISPLAY": desktop.display}, stderr=subprocess.PIPE, text=True
    )
    try:
        until(person.button_is_down)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "KeyboardInterrupt" in said
    until(lambda: person.held() == NOTHING, 20)


@given(st.lists(st.tuples(st.booleans(), points), max_size=20))
def test_it_is_never_raised_twice_without_a_move_in_between(happenings: list[tuple[bool, Point]]) -> None:
    stop = CornerStop((Point(0, 0), Point(30, 0)))
    put: Point | None = None
    for by_driver, place in happenings:
        if by_driver:
            stop.moved(place)
            put = place
            stop.check(place)
            continue
        try:
            stop.check(place)
        except StoppedByPerson:
            assert put is not None
            assert min(max(abs(place.x - x), abs(place.y)) for x in (0, 30)) <= 2
            put = None
            stop.check(place)
