"""Which window gets the input, whose it is, what its program says of it, and that nothing comes between that look and the press."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.asking import Answer, Asker, Question
from handeye.tools.desktop.atspi import ACCESSIBLE, Shown, Tree
from handeye.tools.desktop.look import Spot, program_of
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError, TargetChanged
from handeye.tools.geometry import Box, Point, Size
from tests.tools.desktop.conftest import Pad
from tests.waiting import until

IN_PAD = Point(300, 250)
OVERLAY = Box(250, 200, 350, 300)
"""A place of the test's own window, over `IN_PAD`."""


class Overlay:
    """A window that no window manager frames, over the editor, which counts the buttons that it gets."""

    def __init__(self, display: str) -> None:
        from Xlib import X
        from Xlib.display import Display

        self._display = Display(display)
        root = self._display.screen().root
        self._window = root.create_window(
            OVERLAY.left, OVERLAY.top, 100, 100, 0, X.CopyFromParent, override_redirect=True, event_mask=X.ButtonPressMask
        )
        self.id = int(self._window.id)
        self._display.sync()

    def show(self) -> None:
        self._window.map()
        self._display.sync()

    def name(self, title: str) -> None:
        utf8, place = (self._display.intern_atom(name) for name in ("UTF8_STRING", "_NET_WM_NAME"))
        self._window.change_property(place, utf8, 8, title.encode())
        self._display.sync()

    def hide(self) -> None:
        self._window.unmap()
        self._display.sync()

    def presses(self) -> int:
        from Xlib import X

        self._display.sync()
        return sum(self._display.next_event().type == X.ButtonPress for _ in range(self._display.pending_events()))

    def close(self) -> None:
        self._window.destroy()
        self._display.close()


@pytest.fixture
def overlay(desktop: VirtualDesktop) -> Iterator[Overlay]:
    window = Overlay(desktop.display)
    yield window
    window.close()


def clicks(pad: Pad) -> int:
    return pad.names().count("ButtonRelease-1")


def test_the_spot_is_the_uppermost_window_and_its_process(pad: Pad, x11: X11Driver, overlay: Overlay) -> None:
    spot = x11.spot_at(IN_PAD)
    assert (spot.title, spot.classes, spot.program, spot.kind) == ("pad", ("Pad", "pad"), "pad.py", "window")
    assert spot.box.contains(IN_PAD)
    assert spot.window in spot.path
    overlay.show()
    above = x11.spot_at(IN_PAD)
    assert above.path == (overlay.id,)
    assert above.kind == "popup"
    overlay.hide()
    assert x11.spot_at(IN_PAD) == spot


def test_long_titles_are_told_up_to_a_length(pad: Pad, x11: X11Driver, overlay: Overlay) -> None:
    overlay.show()
    assert x11.spot_at(IN_PAD).title == ""
    overlay.name("ü€" * 300)
    assert x11.spot_at(IN_PAD).title == "ü€" * 200
    assert x11.spot_at(IN_PAD).pid == os.getpid()


def test_where_no_window_is_there_is_no_spot_and_a_title_bar_is_no_part_of_the_window(pad: Pad, x11: X11Driver) -> None:
    assert x11.spot_at(Point(1000, 690)).window == 0
    box = x11.spot_at(IN_PAD).box
    frame = x11.spot_at(Point(box.left + 40, box.top - 8))
    assert frame.title == "pad"
    assert frame.window not in frame.path


def test_the_keyboard_is_where_the_focus_is(pad: Pad, x11: X11Driver) -> None:
    assert x11.spot_focused().title == "pad"
    assert not x11.spot_focused().terminal


@pytest.mark.skipif(shutil.which("xterm") is None, reason="needs xterm")
def test_a_borrowed_class_does_not_hide_a_terminal(pad: Pad, x11: X11Driver, desktop: VirtualDesktop) -> None:
    pid = desktop.run(["xterm", "-class", "Mousepad", "-name", "mousepad", "-geometry", "20x4+700+500"], window=True)
    try:
        until(lambda: x11.spot_focused().pid == pid)
        spot = x11.spot_focused()
        assert spot.classes == ("Mousepad", "mousepad")
        assert spot.program == "xterm"
        assert spot.terminal
    finally:
        desktop.run(["kill", str(pid)])
        until(lambda: x11.title() == "pad")


def test_the_program_of_a_script_is_the_script() -> None:
    assert program_of(os.getpid()) not in ("", "python", "python3")
    assert program_of(2**22 + 1) == ""


def test_a_click_goes_to_the_window_that_was_looked_at_or_nowhere(pad: Pad, x11: X11Driver, overlay: Overlay) -> None:
    spot, before = x11.spot_at(IN_PAD), clicks(pad)
    with x11.only_for([spot]):
        x11.click(IN_PAD)
    until(lambda: clicks(pad) == before + 1)
    overlay.show()
    with x11.only_for([spot]), pytest.raises(TargetChanged, match="under the pointer"):
        x11.click(IN_PAD)
    with x11.only_for([spot]), pytest.raises(TargetChanged):
        x11.drag([IN_PAD, Point(400, 260)])
    assert overlay.presses() == 0
    overlay.hide()
    x11.click(IN_PAD)
    until(lambda: clicks(pad) == before + 2)


@contextmanager
def flickering(overlay: Overlay) -> Iterator[None]:
    """Show and hide a window as fast as it goes."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            overlay.show()
            overlay.hide()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_no_window_can_come_between_the_check_and_the_press(tmp_path: Path) -> None:
    with VirtualDesktop.start(Size(1024, 700), click_focus=False) as desktop:
        x11 = X11Driver.open(desktop.display)
        pad, overlay = Pad(desktop, x11, tmp_path), Overlay(desktop.display)
        spot = x11.spot_at(IN_PAD)
        pressed, refused = 0, 0
        with flickering(overlay):
            for _ in range(120):
                with x11.only_for([spot]):
                    try:
                        x11.click(IN_PAD)
                        pressed += 1
                    except TargetChanged:
                        refused += 1
        assert overlay.presses() == 0
        assert refused > 0
        until(lambda: clicks(pad) == pressed)
        assert pressed > 0
        overlay.close()
        x11.close()


def test_a_window_is_given_the_focus_where_the_window_manager_does_not_do_it(tmp_path: Path) -> None:
    with VirtualDesktop.start(Size(1024, 700), click_focus=False) as desktop:
        x11 = X11Driver.open(desktop.display)
        pad = Pad(desktop, x11, tmp_path)
        desktop.run(["xterm", "-geometry", "20x4+700+500"], window=True)
        until(lambda: x11.spot_focused().program == "xterm")
        with x11.only_for([x11.spot_at(IN_PAD)]):
            x11.click(IN_PAD)
        assert x11.title() == "pad"
        x11.type_text("here")
        assert pad.text() == "here"
        x11.close()


def test_keys_go_to_the_window_that_was_looked_at_or_nowhere(pad: Pad, x11: X11Driver, desktop: VirtualDesktop, tmp_path: Path) -> None:
    from Xlib import X
    from Xlib.display import Display

    pad.clear()
    spot = x11.spot_focused()
    with x11.only_for([spot], keyboard=True):
        x11.type_text("Grüße\n")
    thief = Display(desktop.display)
    window = thief.screen().root.create_window(0, 0, 30, 30, 0, X.CopyFromParent, override_redirect=True)
    window.map()
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    thief.sync()
    with x11.only_for([spot], keyboard=True):
        with pytest.raises(TargetChanged, match="has the keyboard"):
            x11.press_keys(["enter"])
        with pytest.raises(TargetChanged):
            x11.type_text("rm -rf\n")
    thief.close()
    until(lambda: x11.title() == "pad" or _focus(x11, spot))
    assert pad.text() == "Grüße\n"


def _focus(x11: X11Driver, spot: Spot) -> bool:
    x11.click(IN_PAD)
    return x11.spot_focused().path == spot.path


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[VirtualDesktop, X11Driver, Tree]]:
    if shutil.which("zenity") is None or not Path("/usr/share/dbus-1/services/org.a11y.Bus.service").exists():
        pytest.skip("needs zenity and at-spi2-core")
    with VirtualDesktop.start(Size(900, 600), env=ACCESSIBLE) as desktop:
        tree = Tree.open(desktop.session_bus, switch_on=True)
        driver = X11Driver.open(desktop.display)
        yield desktop, driver, tree
        driver.close()
        tree.close()


def shown(spot: Spot) -> Shown:
    return Shown(spot.pid, spot.title, spot.box, spot.kind == "popup")


def test_a_dialog_tells_its_buttons_and_what_enter_does(told: tuple[VirtualDesktop, X11Driver, Tree]) -> None:
    desktop, driver, tree = told
    pid = desktop.run(["zenity", "--password", "--title=Unlock"], window=True)
    until(lambda: driver.spot_focused().pid == pid)
    spot = driver.spot_focused()
    found: list[Any] = []
    until(lambda: found.append(tree.focused(shown(spot))) or found[-1])
    seen = found[-1]
    assert seen.node.role == "password text"
    assert {"password", "focused", "editable"} <= seen.node.states
    assert seen.default is not None
    assert seen.default.name == "OK"
    assert seen.dialog.startswith("Unlock")
    assert seen.node.box is not None
    at = tree.at(shown(spot), seen.default.box.center)
    assert at is not None
    assert (at.node.role, at.node.name) == ("push button", "OK")
    assert at.node.reference == seen.default.reference
    desktop.run(["kill", str(pid)])
    until(lambda: not driver.windows())


def test_a_look_that_is_taken_again_asks_everything_at_once_and_goes_by_what_is_there_now(
    told: tuple[VirtualDesktop, X11Driver, Tree], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop, driver, tree = told
    os.mkfifo(tmp_path / "lines")
    with open(tmp_path / "lines", "rb+", buffering=0) as lines:
        command = f"exec zenity --progress --title=Work --text=Reads < {tmp_path}/lines"
        pid = desktop.run(["sh", "-c", command], window=True)
        until(lambda: driver.spot_focused().pid == pid)
        spot = driver.spot_focused()
        asked: list[int] = []
        send = Asker._told

        def counted(self: Asker, questions: Sequence[Question]) -> dict[Question, Answer | None]:
            asked.append(len(questions))
            return send(self, questions)

        monkeypatch.setattr(Asker, "_told", counted)
        for look in (lambda: tree.focused(shown(spot)), lambda: tree.at(shown(spot), spot.box.center)):
            lines.write(b"# Reads\n")
            until(lambda look=look: (seen := look()) and seen.dialog.startswith("Work: Reads") and seen == look())  # type: ignore[misc]
            asked.clear()
            look()
            assert len(asked) == 1, asked
            lines.write(b"# Erases\n")
            until(lambda look=look: (seen := look()) and seen.dialog.startswith("Work: Erases"))  # type: ignore[misc]
    desktop.run(["kill", str(pid)])
    until(lambda: not driver.windows())


def test_a_program_that_does_not_answer_has_no_tree(told: tuple[VirtualDesktop, X11Driver, Tree]) -> None:
    desktop, driver, tree = told
    pid = desktop.run(["zenity", "--info", "--text=frozen"], window=True)
    until(lambda: driver.spot_focused().pid == pid)
    spot = driver.spot_focused()
    until(lambda: tree.focused(shown(spot)))
    desktop.run(["kill", "-STOP", str(pid)])
    until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    assert tree.at(shown(spot), spot.box.center) is None
    desktop.run(["kill", "-CONT", str(pid)])
    until(lambda: tree.focused(shown(spot)))
    desktop.run(["kill", str(pid)])
    until(lambda: not driver.windows() and tree.at(shown(spot), spot.box.center) is None)


def test_a_session_without_the_bus_is_told_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="at-spi2-core"):
        Tree.open(f"unix:path={tmp_path}/none")
