"""What an action on a virtual desktop would touch, programs and hosts that may be used, and actions that hold only while that stands."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handeye.envs.actions import Click, Drag, Move, PressKeys, Scroll, TypeText, Wait
from handeye.envs.desktop import DesktopEnv
from handeye.envs.desktop_open import open_desktop
from handeye.envs.env import Permit, SightedEnv
from handeye.tools.desktop.virtual import network_refusal
from handeye.tools.errors import InvalidAction, NotPermitted, SetupError, TargetChanged
from handeye.tools.geometry import Box, Point
from handeye.tools.target import Target
from tests.waiting import until

NEEDED = ("Xvfb", "openbox", "xterm", "zenity", "mousepad")
LACKING = [name for name in NEEDED if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.skipif(not Path("/usr/share/dbus-1/services/org.a11y.Bus.service").exists(), reason="needs at-spi2-core"),
]
NOW = Wait(seconds=0.0)


class Guarded:
    """A guarded virtual desktop and the programs that a test has started on it."""

    def __init__(self, **options: Any) -> None:
        self.env: DesktopEnv = open_desktop({"virtual": True, "size": "1000x700", "guard": True, **options})
        self.env.reset()
        self.pids: list[int] = []

    def run(self, *command: str, title: str = "") -> Box:
        """Start a program; the place of its window, once the window has the keyboard and the environment has seen it."""
        assert self.env.virtual is not None
        pid = self.env.virtual.run(command, window=True)
        self.pids.append(pid)
        until(lambda: any(window.active and title in window.title for window in self.env.driver.windows()))  # type: ignore[attr-defined]
        self.env.step(NOW)
        return next(window.box for window in self.env.driver.windows() if window.active)  # type: ignore[attr-defined]

    def target(self, action: Any, fits: Callable[[Target], bool]) -> Target:
        """The target of `action`, as soon as one fits: programs tell what they show a moment after they show it."""
        return until(lambda: next((one for one in self.env.targets(action) if fits(one)), None))

    def button(self, name: str, box: Box) -> Click:
        """A click on the button `name` of a dialog at `box`."""

        def found() -> Click | None:
            for x in range(box.left + 5, box.right, 16):
                click = Click(point=Point(x, box.bottom - 18))
                if self.env.targets(click)[0].name == name:
                    return click
            return None

        return until(found)

    def end(self) -> None:
        for pid in self.pids:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.pids.clear()
        until(lambda: not self.env.driver.windows())  # type: ignore[attr-defined]
        self.env.step(NOW)


@pytest.fixture(scope="module")
def desktop() -> Iterator[Guarded]:
    guarded = Guarded()
    yield guarded
    guarded.env.close()


@pytest.fixture
def desk(desktop: Guarded) -> Iterator[Guarded]:
    yield desktop
    desktop.end()


def test_a_desktop_is_a_sighted_environment(desk: Guarded) -> None:
    assert isinstance(desk.env, SightedEnv)
    assert desk.env.targets(NOW) == ()
    assert desk.env.targets(Move(point=Point(5, 5))) == ()
    assert desk.env.targets(Scroll(point=Point(5, 5))) == ()
    with pytest.raises(InvalidAction):
        desk.env.targets(Click(point=Point(5000, 5)))


def test_a_button_of_a_dialog_with_what_the_dialog_says(desk: Guarded) -> None:
    box = desk.run("zenity", "--question", "--title=Clean up", "--text=Delete all photos?", title="Clean up")
    click = desk.button("Yes", box)
    target = desk.env.targets(click)[0]
    assert (target.place, target.known, target.role) == ("point", True, "push button")
    assert target.container == "Clean up: Delete all photos?"
    assert target.app == "Zenity zenity"
    assert (target.window, target.detail) == ("Clean up", "dialog")
    assert target.box is not None
    assert target.box.contains(click.point or Point(0, 0))
    assert click.point is not None
    drag = desk.env.targets(Drag(start=click.point, end=click.point))
    assert [one.known for one in drag] == [False, False], "it presses the button"
    enter = desk.target(PressKeys(keys=("enter",)), lambda one: one.known)
    assert enter.name == "Yes"
    assert {"default", "focused"} <= enter.states


def test_enter_in_a_password_field_is_the_field_and_the_default_button(desk: Guarded) -> None:
    desk.run("zenity", "--password", "--title=Unlock", title="Unlock")
    field = desk.target(TypeText(text="abc"), lambda one: one.role == "password text")
    assert "password" in field.states
    assert desk.env.targets(TypeText(text="abc")) == (field,)
    both = desk.env.targets(TypeText(text="abc\n"))
    assert [one.role for one in both] == ["password text", "push button"]
    assert both[1].name == "OK"


def test_menus_are_seen_although_no_window_manager_knows_them(desk: Guarded, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("hello")
    box = desk.run("mousepad", str(file), title="note.txt")
    menu = Click(point=Point(box.left + 20, box.top + 12))
    assert desk.target(menu, lambda one: one.role == "menu").name == "File"
    desk.env.step(menu)
    item = Click(point=Point(box.left + 60, box.top + 40))
    target = desk.target(item, lambda one: one.role == "menu item")
    assert (target.name, target.detail) == ("New", "popup")
    desk.env.step(PressKeys(keys=("down",)))
    assert desk.target(PressKeys(keys=("enter",)), lambda one: one.known).name == "New"
    desk.env.step(PressKeys(keys=("escape",)))
    desk.env.step(PressKeys(keys=("escape",)))
    drag = desk.env.targets(Drag(start=Point(box.left + 200, box.top + 200), end=Point(5, 5)))
    assert [one.place for one in drag] == ["point", "drop"]
    assert drag[1].role == "desktop"


def test_a_file_in_a_file_manager_has_its_name_and_keys_act_on_what_is_chosen(desk: Guarded, tmp_path: Path) -> None:
    if shutil.which("pcmanfm") is None or not list(Path("/usr/lib").glob("*/gtk-2.0/modules/libatk-bridge.so")):
        pytest.skip("needs pcmanfm, libgail-common and libatk-adaptor")
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)
    box = desk.run("pcmanfm", str(tmp_path), title=tmp_path.name)
    icon = Click(point=Point(box.left + 200, box.top + 100))
    assert desk.target(icon, lambda one: one.role == "icon").name == "one.txt"
    desk.env.step(icon)
    desk.env.step(PressKeys(keys=("ctrl", "a")))
    chosen = until(lambda: found if len(found := desk.env.targets(PressKeys(keys=("delete",)))) > 1 else None)
    assert {one.name for one in chosen} == {"one.txt", "two.txt"}


def test_a_terminal_is_known_by_what_is_typed_and_by_nothing_else(desk: Guarded) -> None:
    box = desk.run("xterm", "-title", "shell", title="shell")
    one = desk.env.targets(TypeText(text="ls\n"))[0]
    assert (one.role, one.known, one.app) == ("terminal", True, "XTerm xterm")
    assert desk.env.targets(PressKeys(keys=("left",)))[0].known
    for keys in (("enter",), ("ctrl", "j"), ("ctrl", "m"), ("shift", "insert"), ("ctrl", "shift", "v")):
        assert not desk.env.targets(PressKeys(keys=keys))[0].known
    assert not desk.env.targets(TypeText(text="\n"))[0].known
    assert not desk.env.targets(Click(point=box.center, button="middle"))[0].known
    assert desk.env.targets(Click(point=box.center))[0].known
    desk.env.step(TypeText(text="rm -rf "))
    for action in (TypeText(text="x\n"), PressKeys(keys=("enter",))):
        rest = desk.env.targets(action)[0]
        assert (rest.known, rest.text) == (True, "rm -rf ")
    desk.env.step(PressKeys(keys=("up",)))
    assert not desk.env.targets(TypeText(text="ls\n"))[0].known
    desk.env.step(PressKeys(keys=("ctrl", "c")))
    assert desk.env.targets(TypeText(text="ls\n"))[0].known


SCRIPT = """
import sys, tkinter as tk
root = tk.Tk(className="Bare"); root.title("bare"); root.geometry("300x200+100+100")
tk.Button(root, text="Press me", command=lambda: open(sys.argv[1], "a").write("x")).place(x=100, y=80, width=100, height=40)
root.mainloop()
"""


@pytest.fixture
def bare(tmp_path: Path) -> tuple[str, ...]:
    """The command of a program that tells nothing of what it shows."""
    if not Path("/usr/bin/python3").exists() or not list(Path("/usr/lib").glob("python3*/tkinter")):
        pytest.skip("needs the system's Python with tkinter")
    (tmp_path / "bare.py").write_text(SCRIPT)
    return "/usr/bin/python3", str(tmp_path / "bare.py"), str(tmp_path / "pressed")


def test_what_tells_nothing_is_not_known_unless_its_words_can_be_read(desk: Guarded, bare: tuple[str, ...]) -> None:
    box = desk.run(*bare, title="bare")
    click = Click(point=box.center)
    target = desk.env.targets(click)[0]
    assert (target.known, target.doubts, target.app) == (False, ("no tree",), "Bare bare.py")
    assert not desk.env.targets(TypeText(text="x"))[0].known
    crops: list[tuple[int, ...]] = []

    def read(pixels: Any) -> list[tuple[str, Box]]:
        crops.append(pixels.shape)
        height, width = pixels.shape[:2]
        middle = Box(width // 2 - 30, height // 2 - 8, width // 2 + 30, height // 2 + 8)
        return [("Elsewhere", Box(0, 0, 10, 10)), ("Press me", middle)]

    reading = DesktopEnv(desk.env.driver, read_text=read)
    reading.reset()
    seen = reading.targets(click)[0]
    assert (seen.known, seen.text) == (True, "Press me")
    assert crops
    assert crops[0][2] == 3
    assert reading.targets(Click(point=Point(box.left + 60, box.top + 20)))[0].doubts == ("no tree", "no words at this place")


def test_an_action_is_carried_out_on_what_was_allowed(desk: Guarded, bare: tuple[str, ...]) -> None:
    box = desk.run(*bare, title="bare")
    click = Click(point=box.center)
    targets = desk.env.targets(click)
    desk.env.step_permitted(click, Permit(targets))
    until(lambda: Path(bare[2]).exists())
    with pytest.raises(TargetChanged):
        desk.env.step_permitted(click, Permit(()))
    with pytest.raises(TargetChanged):
        desk.env.step_permitted(Click(point=Point(box.left + 150, box.top + 100)), Permit(desk.env.targets(Click(point=Point(5, 5)))))
    assert Path(bare[2]).read_text() == "x"
    assert desk.env.step_permitted(Scroll(point=box.center), Permit(())).observation.title == "bare"


def test_a_dialog_that_takes_the_place_of_another_is_not_clicked(desk: Guarded, tmp_path: Path) -> None:
    asked = 'zenity --question --title=Q --text="%s" && echo %s >> %s'
    log = tmp_path / "said"
    harmless, harmful = (asked % (text, word, log) for text, word in (("Go on now?", "harmless"), ("Erase all?", "harmful")))
    box = desk.run("sh", "-c", harmless, title="Q")
    yes = desk.button("Yes", box)
    allowed = desk.env.targets(yes)
    assert desk.env.virtual is not None
    desk.end()
    again = desk.run("sh", "-c", harmful, title="Q")
    assert desk.button("Yes", again)
    with pytest.raises(TargetChanged):
        desk.env.step_permitted(yes, Permit(allowed))
    assert not log.exists()


def test_nothing_is_started_for_those_who_do_not_ask(tmp_path: Path) -> None:
    env = open_desktop({"virtual": True, "size": "640x480"})
    try:
        env.reset()
        assert env.virtual is not None
        assert not (env.virtual.folder / "run" / "at-spi").exists()
        assert not env.targets(Click(point=Point(5, 5)))[0].doubts
    finally:
        env.close()


# Programs that may be used


def test_only_listed_programs_are_touched(tmp_path: Path) -> None:
    desk = Guarded(allow_apps=["mousepad"])
    try:
        box = desk.run("mousepad", title="Untitled")
        desk.env.step(TypeText(text="fine"))
        assert desk.env.virtual is not None
        desk.pids.append(desk.env.virtual.run(["xterm", "-title", "shell", "-geometry", "30x5+5+560"], window=True))
        until(lambda: desk.env.driver.title() == "shell")
        notes = desk.env.step(NOW).observation.notes
        assert any("shell" in note and "not touched" in note for note in notes)
        with pytest.raises(NotPermitted, match="XTerm"):
            desk.env.step(TypeText(text="rm -rf ~\n"))
        with pytest.raises(NotPermitted):
            desk.env.step(PressKeys(keys=("enter",)))
        shell = next(one for one in desk.env.driver.windows() if one.title == "shell")  # type: ignore[attr-defined]
        for action in (Click(point=shell.box.center), Scroll(point=shell.box.center), Drag(start=box.center, end=shell.box.center)):
            with pytest.raises(NotPermitted):
                desk.env.step(action)
        with pytest.raises(NotPermitted):
            desk.env.step_permitted(TypeText(text="x"), Permit(desk.env.targets(TypeText(text="x"))))
        desk.env.step(Click(point=box.center))
        assert "Mousepad" in desk.env.step(TypeText(text=" again")).observation.title
    finally:
        desk.env.close()


@pytest.mark.parametrize("value", ["mousepad", [], [""], [3], {"mousepad": True}])
@pytest.mark.parametrize("name", ["allow_apps", "allow_hosts"])
def test_a_list_that_is_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(SetupError, match=name):
        open_desktop({"virtual": True, name: value})


# Hosts that may be reached


def test_a_list_of_hosts_is_refused_where_it_would_not_hold() -> None:
    with pytest.raises(SetupError, match="--virtual"):
        open_desktop({"allow_hosts": ["shop.test"]})


class Sink:
    """Counts what comes: connections."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.came: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.came.append(connection.recv(1000))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
                except OSError:
                    continue

    def close(self) -> None:
        self._server.close()


WITHOUT = """
from handeye.envs.desktop_open import open_desktop
from handeye.tools.errors import SetupError
options = {"virtual": True, "size": "640x480", "allow_hosts": ["shop.test"]}
try:
    open_desktop(options)
except SetupError as error:
    print("refused:", error)
env = open_desktop(options | {"weak_network": True})
print("notes:", env.reset().notes)
env.close()
"""


def test_a_list_that_cannot_hold_is_refused_or_told_as_weak() -> None:
    # A user namespace has limits of its own; this one may have no network namespaces.
    limit = "echo 0 > /proc/sys/user/max_net_namespaces"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-r", "sh", "-c", limit], check=False, capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    command = ["unshare", "-r", "sh", "-c", f'{limit}; exec "$@"', "sh", sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    refused, notes = done.stdout.splitlines()
    assert "a network of its own" in refused
    assert "weak" in notes


def test_programs_reach_listed_hosts_through_the_proxy_and_no_others(tmp_path: Path) -> None:
    if shutil.which("curl") is None or network_refusal() is not None:
        pytest.skip("needs curl and a network of its own")
    shop, evil = Sink(), Sink()
    env = open_desktop({"virtual": True, "size": "640x480", "allow_hosts": [f"127.0.0.1:{shop.port}"]})
    try:
        env.reset()
        desktop = env.virtual
        assert desktop is not None

        def told(*command: str) -> str:
            pid = desktop.run(command)
            until(lambda: desktop.status(pid) is not None)
            return desktop.last_words(pid)

        assert told("curl", "-sS", "-m", "20", f"http://127.0.0.1:{shop.port}/") == "hello"
        for extra in ((), ("--noproxy", "*")):
            assert "hello" not in told("curl", "-sS", "-m", "20", *extra, f"http://127.0.0.1:{evil.port}/stolen")
        assert "hello" not in told("curl", "-sS", "-m", "20", "--noproxy", "*", f"http://127.0.0.1:{shop.port}/around")
        notes = env.step(NOW).observation.notes
        assert any(str(evil.port) in note and "refused" in note for note in notes)
        assert len(shop.came) == 1
        assert evil.came == []
    finally:
        env.close()
        shop.close()
        evil.close()
