"""What the doctor says of a desktop, on this machine and on machines made up from it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from handeye.agent import install_commands
from handeye.agent.check_result import Check
from handeye.agent.doctor_desktop import check_desktop
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has displays to choose from")


def told(monkeypatch: pytest.MonkeyPatch, path: str | None = None, **environment: str) -> dict[str, Check]:
    """What it says with these variables, and with this PATH."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if path is not None:
        monkeypatch.setenv("PATH", path)
    checks = check_desktop(deep=False)
    for check in checks:
        assert check.detail
        assert bool(check.fix) is not check.ok
    return {check.name: check for check in checks}


def program(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_a_display_is_told_with_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        desktop = VirtualDesktop.start(window_manager=None)
    except SetupError as error:
        pytest.skip(str(error))
    with desktop:
        checks = told(monkeypatch, DISPLAY=desktop.display)
        assert checks["display"].detail == f"X11 at {desktop.display}"
        assert checks["xtest"].ok
        bridged = told(monkeypatch, DISPLAY=desktop.display, WAYLAND_DISPLAY="wayland-0")["display"]
        assert bridged.ok
        assert "XWayland" in bridged.detail


def test_no_display_a_dead_one_and_wayland_alone_name_a_virtual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for environment, said in (
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ":4242"}, "no X server"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "Wayland"),
    ):
        checks = told(monkeypatch, **environment)
        assert said in checks["display"].detail
        assert "--virtual" in (checks["display"].fix or "")
        assert "xtest" not in checks


def test_a_server_that_lets_nobody_in_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path("/tmp/.X11-unix/X4243")
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        pytest.skip("something is there")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(place))
    try:
        check = told(monkeypatch, DISPLAY=":4243")["display"]
        assert not check.ok
        assert "lets nobody in" in check.detail
    finally:
        place.unlink()


@pytest.mark.parametrize(
    ("tool", "commands"),
    [
        ("apt-get", {"Xvfb": "xvfb", "window manager": "openbox", "show": "x11vnc novnc websockify", "clipboard": "xclip"}),
        ("dnf", {"Xvfb": "xorg-x11-server-Xvfb", "window manager": "openbox", "show": "x11vnc novnc", "clipboard": "xclip"}),
        ("pacman", {"Xvfb": "xorg-server-xvfb", "window manager": "openbox", "show": "x11vnc", "clipboard": "xclip"}),
    ],
)
def test_what_is_missing_names_the_systems_own_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tool: str, commands: dict[str, str]
) -> None:
    checks = told(monkeypatch, program(tmp_path, tool))
    for name, packages in commands.items():
        if name in checks:
            assert not checks[name].ok
            assert (checks[name].fix or "").endswith(f" {packages}")
            assert tool in (checks[name].fix or "")


def test_what_is_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checks = told(monkeypatch, program(tmp_path, "Xvfb", "icewm", "xsel"))
    assert checks["Xvfb"] == Check("desktop", "Xvfb", True, str(tmp_path / "Xvfb"))
    assert checks["window manager"].detail == "icewm"
    if "clipboard" in checks:
        assert checks["clipboard"].detail == "xsel"
    assert "x11vnc" in checks["show"].detail


def test_tkinter_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "tkinter" not in told(monkeypatch)
    assert "tkinter" not in install_commands.APT_NAMES
