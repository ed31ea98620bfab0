"""A desktop of its own: what programs find on it, what is said when one does not start, and that it leaves the person's own alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Size
from tests.waiting import until

NEEDED = ("Xvfb", "openbox", "xterm")
pytestmark = pytest.mark.skipif(any(shutil.which(name) is None for name in NEEDED), reason=f"needs {', '.join(NEEDED)}")
SMALL = Size(640, 480)


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    with VirtualDesktop.start(SMALL) as desktop:
        yield desktop


def told(desktop: VirtualDesktop, script: str, tmp_path: Path, **env: str) -> str:
    """What a shell script that runs on the desktop writes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    desktop.run(["sh", "-c", f"({script}) > {pipe} 2>&1"], env=env)
    try:
        return pipe.read_text()
    finally:
        pipe.unlink()


def wait_for_end(desktop: VirtualDesktop, pid: int) -> int:
    """Exit code of a program that ends by itself."""
    until(lambda: desktop.status(pid) is not None)
    code = desktop.status(pid)
    assert code is not None
    return code


def test_several_at_once_each_have_a_display(desktop: VirtualDesktop) -> None:
    with ThreadPoolExecutor(3) as pool:
        others = list(pool.map(lambda _: VirtualDesktop.start(SMALL, window_manager=None), range(3)))
    try:
        assert len({other.display for other in others} | {desktop.display}) == 4
    finally:
        for other in others:
            other.close()


def test_programs_see_nothing_of_the_session_of_the_person(
    desktop: VirtualDesktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "DISPLAY": ":77",
        "XAUTHORITY": "/theirs/xauthority",
        "WAYLAND_DISPLAY": "wayland-0",
        "XDG_RUNTIME_DIR": "/theirs/run",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/theirs/bus",
        "XDG_CONFIG_HOME": "/theirs/config",
        "GTK_IM_MODULE": "theirs",
        "HOME": "/theirs",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    with VirtualDesktop.start(SMALL, window_manager=None) as other:
        environment = told(other, "env", tmp_path)
        folder = str(other.folder)
    assert not [line for line in environment.splitlines() if "theirs" in line or "wayland" in line or line == "DISPLAY=:77"]
    assert f"DISPLAY={other.display}\n" in environment
    assert f"XDG_RUNTIME_DIR={folder}" in environment
    assert os.environ["DISPLAY"] == ":77"
    assert not Path(folder).exists()


def test_a_home_of_the_desktops_own_goes_with_it_and_another_stays(tmp_path: Path) -> None:
    with VirtualDesktop.start(SMALL, window_manager=None) as desktop:
        private = desktop.home
        assert told(desktop, "touch ~/mine; pwd; echo $HOME", tmp_path).split() == [os.getcwd(), str(private)]
        assert (private / "mine").exists()
        assert private.stat().st_mode & 0o077 == 0
    assert not private.exists()
    kept = tmp_path / "a" / "home"
    with VirtualDesktop.start(SMALL, window_manager=None, home=kept) as desktop:
        assert told(desktop, "touch ~/mine; echo $HOME", tmp_path).split() == [str(kept)]
    assert (kept / "mine").exists()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")
def test_qt_programs_begin_although_opencv_was_imported(tmp_path: Path) -> None:
    if shutil.which("featherpad") is None:
        pytest.skip("featherpad is not installed")
    imported = "import cv2\nfrom handeye.tools.desktop.virtual import VirtualDesktop\n"
    started = "with VirtualDesktop.start() as desktop:\n    desktop.run(['featherpad', 'new.txt'], window=True)\n"
    done = subprocess.run(
        [sys.executable, "-c", imported + started], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_session_bus_is_the_desktops_own(desktop: VirtualDesktop, tmp_path: Path) -> None:
    address = told(desktop, "echo $DBUS_SESSION_BUS_ADDRESS", tmp_path).strip()
    assert address == f"unix:path={desktop.folder}/run/bus"
    assert "org.freedesktop.DBus" in told(
        desktop, "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames", tmp_path
    )


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv, to be another user")
def test_other_users_cannot_connect(desktop: VirtualDesktop) -> None:
    looking = "import sys; from Xlib.display import Display; Display(sys.argv[1])"
    own = [sys.executable, "-c", looking, desktop.display]
    assert subprocess.run(own, check=False).returncode == 0
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    refused = subprocess.run([*nobody, *own], capture_output=True, text=True, check=False)
    if "No module named" in refused.stderr or "Permission denied" in refused.stderr:
        pytest.skip("another user cannot read this Python environment")
    assert "Authorization required" in refused.stderr


def test_the_keyboard_is_american_and_the_resources_tell_the_resolution(tmp_path: Path) -> None:
    from Xlib import Xatom
    from Xlib.display import Display

    with VirtualDesktop.start(SMALL, window_manager=None, dpi=144) as desktop:
        display = Display(desktop.display)
        try:
            # The letter keys of the upper row have the keycodes 24 to 33 (evdev).
            assert "".join(chr(display.keycode_to_keysym(code, 0)) for code in range(24, 34)) == "qwertyuiop"
            resources = display.screen().root.get_full_property(Xatom.RESOURCE_MANAGER, 0).value
            assert b"Xft.dpi:\t144" in (resources if isinstance(resources, bytes) else resources.encode())
            assert (display.screen().width_in_pixels, display.screen().height_in_pixels) == SMALL
            millimetres = display.screen().width_in_mms
            assert abs(SMALL.width / millimetres * 25.4 - 144) < 3
        finally:
            display.close()


def test_an_empty_desktop_is_one_quiet_colour(tmp_path: Path) -> None:
    from handeye.tools.desktop import X11Driver

    with VirtualDesktop.start(SMALL) as desktop:
        driver = X11Driver.open(desktop.display)
        pixels = driver.screenshot()
        driver.close()
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) == 1
    assert 60 < pixels.mean() < 200


def test_waits_for_the_first_window(desktop: VirtualDesktop) -> None:
    from Xlib.display import Display

    desktop.run(["xterm", "-T", "first"], window=True)
    display = Display(desktop.display)
    try:
        root = display.screen().root
        listed = root.get_full_property(display.intern_atom("_NET_CLIENT_LIST"), 0).value
        names = [display.create_resource_object("window", int(number)).get_wm_name() for number in listed]
    finally:
        display.close()
    assert "first" in names


def test_a_program_that_ends_at_once_is_quoted(desktop: VirtualDesktop) -> None:
    with pytest.raises(DeviceError, match=r"sh ended with status 3 without showing a window\. It said: no such thing"):
        desktop.run(["sh", "-c", "echo no such thing >&2; exit 3"], window=True)
    with pytest.raises(DeviceError, match="ended by signal 9"):
        desktop.run(["sh", "-c", "kill -9 $$"], window=True)


def test_a_program_without_a_window_runs_into_the_limit(desktop: VirtualDesktop) -> None:
    with pytest.raises(DeviceTimeout, match=r"sh runs but has shown no window for 0\.5 s\. It said: thinking"):
        desktop.run(["sh", "-c", "echo thinking; exec sleep 60"], window=True, limit_s=0.5)


def test_a_launcher_that_leaves_its_program_behind_is_waited_for(desktop: VirtualDesktop) -> None:
    desktop.run(["sh", "-c", "(sleep 0.3; exec setsid xterm) & exit 0"], window=True)


def test_exit_codes_and_last_words(desktop: VirtualDesktop) -> None:
    pid = desktop.run(["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo the end; exit 7"])
    assert wait_for_end(desktop, pid) == 7
    words = desktop.last_words(pid)
    assert words.endswith("x\nthe end\n")
    assert len(words) <= 4000
    assert desktop.status(desktop.run(["sleep", "60"])) is None
    with pytest.raises(DeviceError, match="no program 1 was started here"):
        desktop.status(1)


def test_programs_run_where_they_are_told_to_with_variables_added(desktop: VirtualDesktop, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    desktop.run(["sh", "-c", f"echo $PWD $COLOUR > {pipe}"], cwd=tmp_path, env={"COLOUR": "green"})
    assert pipe.read_text().split() == [str(tmp_path), "green"]


def test_ctrl_c_is_not_ignored_by_programs(desktop: VirtualDesktop, tmp_path: Path) -> None:
    ignored = told(desktop, "grep SigIgn /proc/self/status", tmp_path)
    assert int(ignored.split()[1], 16) & 0b10 == 0


@pytest.mark.parametrize("command", [[], ["no-such-program"], ["./no-such-program"]])
def test_a_missing_program_is_named(desktop: VirtualDesktop, command: list[str]) -> None:
    with pytest.raises(SetupError, match="There is no program"):
        desktop.run(command)


def test_a_program_that_cannot_be_run_is_refused(desktop: VirtualDesktop, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    with pytest.raises(DeviceError, match="Exec format error"):
        desktop.run([str(broken)])
    with pytest.raises(DeviceError, match="No such file"):
        desktop.run(["xterm"], cwd=tmp_path / "nowhere")


@pytest.mark.parametrize("size", [Size(100, 100), Size(20000, 800)])
def test_an_impossible_size_is_refused(size: Size) -> None:
    with pytest.raises(InvalidAction, match="160x120 to 16384x16384"):
        VirtualDesktop.start(size)


def test_window_managers_are_chosen_refused_and_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="no window manager 'nonesuch'"):
        VirtualDesktop.start(SMALL, window_manager="nonesuch")
    broken = tmp_path / "broken-wm"
    broken.write_text("#!/bin/sh\necho I will not >&2\nexit 5\n")
    broken.chmod(0o755)
    with pytest.raises(DeviceError, match=r"broken-wm ended with status 5\. It said: I will not"):
        VirtualDesktop.start(SMALL, window_manager=str(broken))


def test_missing_pieces_are_named_with_their_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"needs Xvfb.*apt-get install -y xvfb openbox"):
        VirtualDesktop.start(SMALL)
    (tmp_path / "Xvfb").symlink_to("/bin/false")
    with pytest.raises(SetupError, match=r"needs a window manager.*apt-get install -y openbox"):
        VirtualDesktop.start(SMALL)
    with pytest.raises(DeviceError, match="Xvfb gave no display"):
        VirtualDesktop.start(SMALL, window_manager=None)


def test_after_the_end_it_says_so() -> None:
    desktop = VirtualDesktop.start(SMALL, window_manager=None)
    assert not desktop.wait(0)
    desktop.close()
    desktop.close()
    assert desktop.wait(0)
    for window in (False, True):
        with pytest.raises(DeviceLost, match="is gone"):
            desktop.run(["xterm"], window=window)
