"""Pointer, windows, screens: what real programs make of it, and what is left when all goes wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import psutil
import pytest

from handeye.tools.check import check_device
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Point, Size
from tests.tools.desktop.conftest import Pad, connected
from tests.waiting import until

MIDDLE = Point(350, 250)
ALONE = {"LANG": "C.UTF-8", "NO_AT_BRIDGE": "1", "GSETTINGS_BACKEND": "memory", "GIO_USE_VFS": "local"}


def held(driver: X11Driver) -> tuple[int, int]:
    """How many keys are down, and the mask of modifiers and buttons."""
    with connected(driver.name) as display:
        return sum(bin(byte).count("1") for byte in display.query_keymap()), display.screen().root.query_pointer().mask


def test_it_is_a_device(desktop: VirtualDesktop) -> None:
    check_device(X11Driver.open(desktop.display))


@pytest.mark.parametrize(
    ("count", "button", "modifiers", "expected"),
    [
        (1, "left", (), ["Button-1", "ButtonRelease-1"]),
        (2, "left", (), ["Button-1", "ButtonRelease-1", "Double-Button-1", "ButtonRelease-1"]),
        (3, "left", (), ["Triple-Button-1", "ButtonRelease-1"]),
        (1, "middle", (), ["Button-2"]),
        (1, "right", (), ["Button-3"]),
        (1, "left", ("shift",), ["Shift-Button-1", "ButtonRelease-1"]),
    ],
)
def test_clicks(x11: X11Driver, pad: Pad, count: int, button: str, modifiers: tuple[str, ...], expected: list[str]) -> None:
    x11.move(Point(400, 300))
    # Two clicks of Tk belong together if they are near in time and place.
    x11.click(Point(200 + 40 * count, 150), "right")
    before = len(pad.names())
    x11.click(MIDDLE, button, count, modifiers)  # type: ignore[arg-type]
    until(lambda: [name for name in pad.names()[before:] if name != "selected"][-len(expected) :] == expected)
    until(lambda: f"{expected[0]} {MIDDLE.x} {MIDDLE.y}" in pad.events())
    assert held(x11) == (0, 0)


def test_scroll_and_drag_select(x11: X11Driver, pad: Pad) -> None:
    x11.type_text("select this text with the mouse")
    before = len(pad.events())
    x11.drag([Point(105, 132), Point(200, 132), Point(300, 132)], duration_s=0.1)
    until(lambda: "selected" in pad.events()[before:])
    x11.press_keys(["delete"])
    assert len(pad.text()) < 25
    x11.scroll(MIDDLE, "down", 180)
    x11.scroll(MIDDLE, "up", 1)
    until(lambda: pad.names()[-1] == "Button-4")
    assert pad.names().count("Button-5") == 3
    pad.clear()


def test_scroll_sideways_in_gtk(tmp_path: Path) -> None:
    if shutil.which("mousepad") is None:
        pytest.skip("mousepad is not installed")
    file = tmp_path / "wide.txt"
    file.write_text(" ".join(str(number) for number in range(2000)))
    with VirtualDesktop.start(Size(700, 500)) as own:
        driver = X11Driver.open(own.display)
        own.run(["mousepad", "--disable-server", str(file)], env=ALONE)
        until(lambda: "wide.txt" in driver.title())
        box = next(window for window in driver.windows() if window.active).box
        middle = box.center.clamped(driver.size)
        before = driver.screenshot()

        def scrolled() -> bool:
            driver.scroll(middle, "right", 300)
            return bool((driver.screenshot() != before).sum() > 3000)

        until(scrolled)
        driver.close()


def test_a_click_lands_in_a_program_that_draws_itself_twice_as_large(desktop: VirtualDesktop, x11: X11Driver) -> None:
    if shutil.which("zenity") is None:
        pytest.skip("zenity is not installed")
    pid = desktop.run(["zenity", "--text-info", "--title=large"], env=ALONE | {"GDK_SCALE": "2"})
    until(lambda: x11.title() == "large")

    def ended() -> bool:
        # The window manager makes the window as low as the screen when it is there already: until the program has drawn itself anew,
        # the button is elsewhere, and a click is in vain.
        box = next((window.box for window in x11.windows() if window.title == "large"), None)
        if box is not None:
            # OK, whose middle is 50 by 25 pixels from the corner at the usual scale.
            x11.click(Point(box.right - 100, box.bottom - 50))
            Event().wait(0.3)
        return desktop.status(pid) is not None

    try:
        until(ended)
        assert desktop.status(pid) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_window_is_dragged_by_its_title(x11: X11Driver, pad: Pad) -> None:
    def place() -> tuple[int, int]:
        box = next(window for window in x11.windows() if window.title == "pad").box
        return box.left, box.top

    left, top = place()
    x11.drag([Point(left + 200, top - 8), Point(left + 260, top + 42)], duration_s=0.2)
    until(lambda: place() == (left + 60, top + 50))
    x11.drag([Point(left + 260, top + 42), Point(left + 200, top - 8)], duration_s=0.2)
    until(lambda: place() == (left, top))


def test_windows_tell_who_they_are_and_come_to_the_front(desktop: VirtualDesktop, x11: X11Driver, pad: Pad) -> None:
    if shutil.which("xterm") is None:
        pytest.skip("xterm is not installed")
    pid = desktop.run(["xterm", "-T", "other"])
    until(lambda: x11.title() == "other")
    listed = {window.title: window for window in x11.windows()}
    assert (listed["other"].app, listed["other"].pid, listed["other"].active) == ("XTerm", pid, True)
    x11.activate(listed["pad"])
    assert x11.title() == "pad"
    os.kill(pid, signal.SIGTERM)
    until(lambda: "other" not in {window.title for window in x11.windows()})
    with pytest.raises(InvalidAction, match="not there any more"):
        x11.activate(listed["other"])


def test_without_a_window_manager() -> None:
    if shutil.which("xterm") is None:
        pytest.skip("xterm is not installed")
    with VirtualDesktop.start(Size(600, 400), window_manager=None) as bare:
        driver = X11Driver.open(bare.display)
        assert (driver.windows(), driver.title()) == ((), "")
        bare.run(["xterm", "-T", "alone"])
        until(lambda: [window.title for window in driver.windows()] == ["alone"])
        driver.activate(driver.windows()[0])
        assert driver.title() == "alone"
        driver.close()


def test_a_window_manager_that_does_not_answer_is_told_of() -> None:
    if shutil.which("xterm") is None:
        pytest.skip("xterm is not installed")
    with VirtualDesktop.start(Size(600, 400)) as desktop:
        for name in ("one", "two"):
            desktop.run(["xterm", "-T", name], window=True)
        driver = X11Driver.open(desktop.display)
        until(lambda: driver.title() == "two")
        programs = psutil.Process().children(recursive=True)
        manager = next(one for one in programs if one.environ().get("DISPLAY") == desktop.display and one.name() == "openbox")
        manager.suspend()
        with pytest.raises(DeviceTimeout, match="did not bring 'one' to the front"):
            driver.activate(next(window for window in driver.windows() if window.title == "one"))
        manager.resume()
        driver.close()


@pytest.mark.parametrize("doing", ["drag", "chord"])
def test_what_a_killed_driver_held_is_let_go_by_the_next(desktop: VirtualDesktop, display: Any, doing: str) -> None:
    work = {
        "drag": "d.drag([Point(700, 600), Point(800, 650)], duration_s=60)",
        "chord": "d.click(Point(700, 600), modifiers=['ctrl', 'shift'], hold_s=60)",
    }[doing]
    code = (
        "import sys; from handeye.tools.desktop import X11Driver; from handeye.tools.geometry import Point\n"
        f"d = X11Driver.open(sys.argv[1]); d.type_text('ż'); {work}"
    )
    watcher = X11Driver.open(desktop.display)
    process = subprocess.Popen([sys.executable, "-c", code, desktop.display])
    until(lambda: held(watcher)[1])
    process.kill()
    process.wait()
    X11Driver.open(desktop.display).close()
    assert held(watcher) == (0, 0)
    assert display.screen().root.get_full_property(display.intern_atom("_HANDEYE_LENT_KEYS"), 0) is None
    watcher.close()


def test_an_interrupted_drag_holds_nothing_and_the_driver_goes_on(desktop: VirtualDesktop) -> None:
    watcher = X11Driver.open(desktop.display)
    driver = X11Driver.open(desktop.display)
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        until(lambda: held(watcher)[1])
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        driver.drag([Point(700, 600), Point(800, 650)], duration_s=60)
    thread.join()
    assert held(watcher) == (0, 0)
    driver.move(MIDDLE)
    assert driver.pointer == MIDDLE
    driver.close()
    watcher.close()


def test_a_display_that_dies_is_lost_at_once() -> None:
    desktop = VirtualDesktop.start(Size(400, 300), window_manager=None)
    driver = X11Driver.open(desktop.display)
    driver.screenshot()
    desktop.close()
    point = Point(5, 5)
    begun = time.monotonic()
    for call in (
        driver.screenshot, driver.windows, driver.title, lambda: driver.size, lambda: driver.pointer, lambda: driver.move(point),
        lambda: driver.click(point), lambda: driver.drag([point, point]), lambda: driver.scroll(point, "up", 60),
        lambda: driver.type_text("a"), lambda: driver.paste("a"), lambda: driver.press_keys(["a"]), driver.screenshot,
    ):  # fmt: skip
        with pytest.raises(DeviceLost):
            call()
    assert time.monotonic() - begun < 30
    driver.close()


def test_pictures_while_another_thread_acts(x11: X11Driver) -> None:
    shots: list[int] = []
    thread = threading.Thread(target=lambda: x11.drag([Point(700, 600), Point(800, 650)], duration_s=0.5))
    thread.start()
    while thread.is_alive():
        shots.append(x11.screenshot().size)
    assert len(shots) > 5


def test_the_pointer_is_drawn_on_request(desktop: VirtualDesktop, x11: X11Driver) -> None:
    x11.move(Point(900, 600))
    shown = X11Driver.open(desktop.display, cursor=True)

    def only_there() -> bool:
        # What programs still draw is somewhere else, and comes to an end.
        changed = np.argwhere((x11.screenshot() != shown.screenshot()).any(axis=2))
        return len(changed) > 20 and bool(np.abs(changed - (600, 900)).max() < 40)

    until(only_there)
    shown.close()


def test_monitors_and_a_screen_that_is_resized() -> None:
    if shutil.which("xrandr") is None:
        pytest.skip("xrandr is not installed")
    with VirtualDesktop.start(Size(1280, 800), window_manager=None) as wide:
        xrandr = ["xrandr", "-d", wide.display]
        subprocess.run([*xrandr, "--setmonitor", "left", "640/169x800/211+0+0", "screen"], check=True)
        subprocess.run([*xrandr, "--setmonitor", "right", "640/169x800/211+640+0", "none"], check=True)
        whole, right = X11Driver.open(wide.display), X11Driver.open(wide.display, monitor=1)
        assert (whole.size, right.size, right.screenshot().shape) == ((1280, 800), (640, 800), (800, 640, 3))
        right.move(Point(10, 20))
        assert whole.pointer == (650, 20)
        whole.move(Point(5, 30))
        assert right.pointer == (0, 30)
        with pytest.raises(SetupError, match="no monitor 7"):
            X11Driver.open(wide.display, monitor=7)
        for words in ("--newmode small 0 800 0 0 800 600 0 0 600", "--addmode screen small", "--output screen --mode small"):
            subprocess.run([*xrandr, *words.split()], check=True)
        until(lambda: whole.size == (800, 600))
        assert whole.screenshot().shape == (600, 800, 3)
        with pytest.raises(InvalidAction, match="outside"):
            whole.click(Point(1000, 700))
        whole.close()
        right.close()


def test_no_display_and_wayland(monkeypatch: pytest.MonkeyPatch, desktop: VirtualDesktop) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SetupError, match="DISPLAY is not set"):
        X11Driver.open()
    with pytest.raises(SetupError, match="cannot be opened"):
        X11Driver.open(":987")
    # TCP has no port for a display of that number.
    with pytest.raises(SetupError, match="cannot be opened"):
        X11Driver.open(":59987")
    with pytest.raises(SetupError, match="cannot be opened"):
        X11Driver.open("nonsense")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(SetupError, match="without XWayland"):
        X11Driver.open()
    monkeypatch.setenv("DISPLAY", desktop.display)
    with pytest.raises(SetupError, match="only the windows of X11 programs"):
        X11Driver.open()
    X11Driver.open(allow_xwayland=True).close()
    X11Driver.open(desktop.display).close()


def test_a_screen_of_sixteen_bits(tmp_path: Path) -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x240x16", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        driver = X11Driver.open(f":{os.read(reading, 32).decode().strip()}")
        with connected(driver.name) as display:
            display.screen().root.change_attributes(background_pixel=0xF800)
            display.screen().root.clear_area(0, 0, 0, 0)
            display.sync()
        picture = driver.screenshot()
        assert picture.shape == (240, 320, 3)
        assert picture[5, 5].tolist() == [255, 0, 0]
        driver.close()
    finally:
        os.close(reading)
        server.terminate()
        server.wait()
