"""Which driver a desktop gets, and what is said where it can get none: each in a process of its own, with its own surroundings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from handeye.tools.desktop.choose import DRIVERS, choose_driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a virtual desktop is Xvfb's")
OPEN = """
import json, sys
from handeye.envs.registry import open_env
from handeye.tools.errors import SetupError
try:
    env = open_env("desktop", json.loads(sys.argv[1]))
    print(type(env.driver).__name__, env.driver.name, "stop" if env.driver.stop else "no stop")
    env.close()
except SetupError as error:
    print("refused:", error)
"""
CLEARED = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    try:
        with VirtualDesktop.start() as started:
            yield started
    except SetupError as error:
        pytest.skip(str(error))


def opened(options: dict[str, object], **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in CLEARED}
    command = [sys.executable, "-c", OPEN, json.dumps(options)]
    done = subprocess.run(command, env={**clean, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("driver", "kind"), [(None, "X11Driver"), ("auto", "X11Driver"), ("x11", "X11Driver"), ("pyautogui", "PyAutoGuiDriver")]
)
def test_each_name_opens_its_driver_with_a_stop_for_the_person(driver: str | None, kind: str, desktop: VirtualDesktop) -> None:
    assert opened({"driver": driver} if driver else {}, DISPLAY=desktop.display) == f"{kind} {desktop.display} stop"


def test_a_virtual_desktop_has_no_stop(desktop: VirtualDesktop) -> None:
    assert opened({"virtual": True, "driver": "pyautogui"}).endswith("no stop")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "DISPLAY is not set"), ({"WAYLAND_DISPLAY": "wayland-0"}, "Wayland"), ({"DISPLAY": ":4242"}, "cannot be opened")],
)
def test_without_a_display_each_says_what_helps(driver: str, environment: dict[str, str], said: str) -> None:
    told = opened({"driver": driver}, **environment)
    assert told.startswith("refused:")
    assert said in told
    assert "Fix:" in told
    if ":4242" not in environment.values():
        assert "--virtual" in told


def test_a_driver_that_there_is_not_is_refused() -> None:
    with pytest.raises(SetupError, match="auto, x11, pyautogui"):
        choose_driver("xdotool")


def test_linux_takes_x11_unless_told_otherwise() -> None:
    assert [choose_driver(name) for name in DRIVERS] == ["x11", "x11", "pyautogui"]
    assert choose_driver(display=":7") == "x11"


def test_the_command_line_takes_the_name_of_a_driver(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name not in CLEARED}
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", "run", "Look", "--env", "desktop"]
    for name, said in (("pyautogui", "DISPLAY is not set"), ("nope", "no driver 'nope'")):
        done = subprocess.run(
            [*command, "--driver", name, "--out", str(tmp_path / name)], env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert said in done.stderr
