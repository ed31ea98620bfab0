"""pyautogui's driver on a virtual desktop, with real programs; what it refuses, in processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.check import check_device
from handeye.tools.desktop import DesktopDriver, PyAutoGuiDriver
from handeye.tools.desktop.autogui_import import UNUSED
from handeye.tools.desktop.autogui_systems import windows_gives
from handeye.tools.desktop.pasting import Piece, pieces
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Point
from handeye.tools.keys import KEY_NAMES
from tests.tools.desktop.conftest import forget_pyautogui
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a virtual desktop is Xvfb's")
TEXT = "Hi żółw 你好 é €!@#<>\nplain <b>&amp;</b> \"'`~^|\\\n\ttab 😀 {[]}\nlast ünd &<>"
BOX = """
import sys, tkinter
root = tkinter.Tk()
root.geometry("700x400+200+100")
root.title("box")
text = tkinter.Text(root, undo=True)
text.pack(fill="both", expand=True)
text.focus_force()
log = open(sys.argv[2], "w")
def note(kind):
    def heard(event):
        print(kind, getattr(event, "num", 0), event.x_root, event.y_root, event.state & 0xFF, file=log, flush=True)
    return heard
for kind in ("ButtonPress", "ButtonRelease", "Motion", "Double-ButtonPress", "Triple-ButtonPress"):
    text.bind(f"<{kind}>", note(kind), add=True)
def save(event=None):
    with open(sys.argv[1] + ".part", "w") as file:
        file.write(text.get("1.0", "end-1c"))
    import os
    os.replace(sys.argv[1] + ".part", sys.argv[1])
root.bind("<F5>", save)
root.mainloop()
"""


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    try:
        with VirtualDesktop.start() as started:
            yield started
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def driver(desktop: VirtualDesktop) -> Iterator[PyAutoGuiDriver]:
    forget_pyautogui()
    opened = PyAutoGuiDriver.open(desktop.display)
    yield opened
    opened.close()
    forget_pyautogui()


class Tk:
    """A window of Tk's with a text in it, which writes down what the mouse does."""

    def __init__(self, driver: PyAutoGuiDriver, desktop: VirtualDesktop, folder: Path) -> None:
        self.driver = driver
        self.saved, self.log = folder / "saved.txt", folder / "log.txt"
        desktop.run(["/usr/bin/python3", "-c", BOX, str(self.saved), str(self.log)])
        until(lambda: driver.title() == "box")
        driver.click(Point(500, 300))
        self.await_releases(1)

    def await_releases(self, count: int) -> None:
        """Until so many were heard since the last `clear`. A window manager may hold clicks back until it has raised the window: what the
        pointer does next would be told in their place, and keys overtake them."""
        until(lambda: self.log.read_text().count("ButtonRelease") == count)

    def text(self) -> str:
        self.saved.unlink(missing_ok=True)
        self.driver.press_keys(["f5"])
        until(self.saved.exists)
        return self.saved.read_text()

    def clear(self) -> None:
        self.driver.press_keys(["ctrl", "slash"])
        self.driver.press_keys(["delete"])
        self.log.write_text("")

    def heard(self) -> list[list[str]]:
        """Kind, button, x, y and modifiers of each event."""
        self.text()
        return [line.strip("\0").split() for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def window(driver: PyAutoGuiDriver, desktop: VirtualDesktop, tmp_path_factory: pytest.TempPathFactory) -> Tk:
    if subprocess.run(["/usr/bin/python3", "-c", "import tkinter"], capture_output=True, check=False).returncode:
        pytest.skip("needs the system's python3 with tkinter (apt-get install -y python3-tk)")
    return Tk(driver, desktop, tmp_path_factory.mktemp("tk"))


@pytest.fixture
def box(window: Tk) -> Tk:
    window.clear()
    return window


def clipboard(desktop: VirtualDesktop, text: str | None = None) -> str:
    """What is on the clipboard, or put a text there."""
    command = ["xclip", "-display", desktop.display, "-selection", "clipboard"]
    if text is not None:
        subprocess.run([*command, "-in"], input=text.encode(), stdout=subprocess.DEVNULL, check=True)
        return text
    return subprocess.run([*command, "-out"], stdout=subprocess.PIPE, check=True).stdout.decode()


def held(desktop: VirtualDesktop) -> tuple[int, bytes]:
    """Modifiers and buttons that are down (X11's mask without Lock and the layout), and the keys."""
    from Xlib.display import Display

    display = Display(desktop.display)
    try:
        return display.screen().root.query_pointer().mask & 0x1FFD & ~0x10, bytes(display.query_keymap())
    finally:
        display.close()


NOTHING = (0, bytes(32))


def test_it_keeps_the_contract(driver: PyAutoGuiDriver, desktop: VirtualDesktop) -> None:
    assert isinstance(driver, DesktopDriver)
    assert driver.name == desktop.display
    assert driver.size == desktop.size
    check_device(driver, close=False)
    assert held(desktop) == NOTHING


def test_the_picture_is_the_screen(driver: PyAutoGuiDriver, desktop: VirtualDesktop) -> None:
    import mss

    picture = driver.screenshot()
    assert (picture.shape, picture.dtype) == ((800, 1280, 3), np.uint8)
    with mss.MSS(display=desktop.display) as instance:
        shot = instance.grab(instance.monitors[0])
    assert np.array_equal(picture, np.frombuffer(shot.rgb, np.uint8).reshape(800, 1280, 3))


def test_text_comes_out_exact_in_tk(box: Tk) -> None:
    box.driver.type_text(TEXT)
    assert box.text() == TEXT


def test_all_of_ascii_goes_by_keys_and_needs_no_clipboard(box: Tk, desktop: VirtualDesktop) -> None:
    ascii_text = "".join(chr(code) for code in range(32, 127)) * 3 + "\n\t<>\r\nend"
    clipboard(desktop, "kept")
    begun = clipboard_owner(desktop)
    box.driver.type_text(ascii_text)
    assert box.text() == ascii_text.replace("\r\n", "\n")
    assert clipboard_owner(desktop) == begun


def clipboard_owner(desktop: VirtualDesktop) -> int:
    from Xlib.display import Display

    display = Display(desktop.display)
    try:
        return int(display.get_selection_owner(display.intern_atom("CLIPBOARD")).id)
    finally:
        display.close()


def test_ten_thousand_characters(box: Tk) -> None:
    text = "".join(f"{number} {'漢字 <żółw> 😀 ' * 8}\n" for number in range(110))
    assert len(text) > 10_000
    box.driver.type_text(text)
    assert box.text() == text


def test_the_clipboard_is_as_it_was(box: Tk, desktop: VirtualDesktop) -> None:
    if shutil.which("xclip") is None:
        pytest.skip("needs xclip")
    clipboard(desktop, "what the person copied: ś")
    box.driver.type_text("déjà vu\nmère")
    assert box.text() == "déjà vu\nmère"
    assert clipboard(desktop) == "what the person copied: ś"


def test_another_layout_and_caps_lock_change_nothing(box: Tk, desktop: VirtualDesktop) -> None:
    if shutil.which("setxkbmap") is None:
        pytest.skip("needs setxkbmap")
    text = 'Zażółć <y> z/Y? @[]{} "ok"\nplain\nQWERTZ y-z'

    def layout(name: str) -> None:
        subprocess.run(["setxkbmap", "-display", desktop.display, name], check=True, capture_output=True)

    try:
        for name in ("de", "fr"):
            layout(name)
            box.clear()
            box.driver.type_text(text)
            assert box.text() == text, name
    finally:
        layout("us")
    box.driver.press_keys(["caps_lock"])
    try:
        box.clear()
        box.driver.type_text(text)
        assert box.text() == text
    finally:
        box.driver.press_keys(["caps_lock"])


def test_text_comes_out_exact_in_gtk(driver: PyAutoGuiDriver, desktop: VirtualDesktop, tmp_path: Path) -> None:
    if shutil.which("mousepad") is None:
        pytest.skip("needs mousepad")
    note = tmp_path / "note.txt"
    note.write_text("")
    pid = desktop.run(["mousepad", "--disable-server", str(note)], env={"HOME": str(tmp_path), "GSETTINGS_BACKEND": "memory"})
    until(lambda: "note.txt" in driver.title())
    driver.type_text("what is selected is replaced, 字 too")
    driver.press_keys(["ctrl", "a"])
    driver.type_text(TEXT)
    driver.press_keys(["ctrl", "s"])
    try:
        until(lambda: note.read_text().rstrip("\n") == TEXT, 20)
    finally:
        os.kill(pid, 9)
    until(lambda: "note.txt" not in driver.title())


def test_a_terminal_takes_it_too(driver: PyAutoGuiDriver, desktop: VirtualDesktop, tmp_path: Path) -> None:
    if shutil.which("xterm") is None:
        pytest.skip("needs xterm")
    said = tmp_path / "said.txt"
    desktop.run(["xterm", "-u8", "-T", "term", "-e", "sh", "-c", f"cat > {said}"], env={"LC_ALL": "C.UTF-8"})
    until(lambda: driver.title() == "term")
    driver.type_text("echo <ok> żółw 你好\nplain ~ text\n")
    driver.press_keys(["ctrl", "d"])
    until(lambda: driver.title() != "term")
    assert said.read_text() == "echo <ok> żółw 你好\nplain ~ text\n"


def test_buttons_counts_and_modifiers(box: Tk, desktop: VirtualDesktop) -> None:
    box.driver.click(Point(400, 250), "middle")
    box.await_releases(1)
    box.driver.click(Point(410, 250), "right", modifiers=("ctrl",))
    box.await_releases(2)
    box.driver.click(Point(420, 260), count=3)
    box.await_releases(5)
    presses = [event for event in box.heard() if "ButtonPress" in event[0]]
    assert [event[:4] for event in presses] == [
        ["ButtonPress", "2", "400", "250"],
        ["ButtonPress", "3", "410", "250"],
        ["ButtonPress", "1", "420", "260"],
        ["Double-ButtonPress", "1", "420", "260"],
        ["Triple-ButtonPress", "1", "420", "260"],
    ]
    assert [int(event[4]) & 4 for event in presses[:3]] == [0, 4, 0]
    assert held(desktop) == NOTHING


def test_a_drag_goes_along_its_path(box: Tk) -> None:
    path = (Point(300, 200), Point(500, 200), Point(500, 350))
    box.driver.drag(path)
    events = box.heard()
    del events[: next(place for place, event in enumerate(events) if event[0] == "ButtonPress")]
    assert events[0][:4] == ["ButtonPress", "1", "300", "200"]
    assert events[-1][:4] == ["ButtonRelease", "1", "500", "350"]
    moved = [(int(event[2]), int(event[3])) for event in events[1:-1]]
    assert len(moved) >= 8
    assert (500, 200) in moved
    assert box.driver.pointer == path[-1]


@pytest.mark.parametrize(("direction", "button", "shift"), [("up", "4", 0), ("down", "5", 0), ("left", "4", 1), ("right", "5", 1)])
def test_the_wheel_turns_all_ways(box: Tk, direction: str, button: str, shift: int) -> None:
    box.driver.scroll(Point(400, 250), direction, 180)  # type: ignore[arg-type]
    # Tk tells buttons 6 and 7 as 4 and 5 with Shift.
    turned = [(event[1], int(event[4]) & 1) for event in box.heard() if "ButtonPress" in event[0]]
    assert turned == [(button, shift)] * 3


def test_every_named_key_is_pressed_or_refused(box: Tk, desktop: VirtualDesktop) -> None:
    refused = []
    for name in KEY_NAMES:
        if name in ("caps_lock", "num_lock", "scroll_lock", "print_screen", "menu", "meta", "f5", "f10", "alt"):
            continue
        try:
            box.driver.press_keys([name])
        except InvalidAction:
            refused.append(name)
    assert not {"enter", "tab", "escape", "up", "page_down", "delete", "f1", "f12", "home", "shift"} & set(refused)
    for key in ("<", "a", "~"):
        box.driver.press_keys([key])
    assert held(desktop) == NOTHING


def test_a_key_that_the_keyboard_lacks_and_a_text_that_is_none_are_refused(driver: PyAutoGuiDriver, desktop: VirtualDesktop) -> None:
    for bad in (["ctrl", "字"], ["nope"]):
        with pytest.raises(InvalidAction):
            driver.press_keys(bad)
    for text in ("a\0b", "\ud800"):
        with pytest.raises(InvalidAction, match=r"U\+"):
            driver.type_text(text)
    assert held(desktop) == NOTHING


def test_a_monitor_that_is_not_there(desktop: VirtualDesktop, driver: PyAutoGuiDriver) -> None:
    with pytest.raises(SetupError, match="no monitor 7"):
        PyAutoGuiDriver.open(desktop.display, monitor=7)
    second = PyAutoGuiDriver.open(desktop.display, monitor=0)
    assert second.size == driver.size
    second.close()
    assert driver.screenshot().shape == (800, 1280, 3)


def test_a_second_display_is_refused_and_the_first_one_stays(driver: PyAutoGuiDriver, desktop: VirtualDesktop) -> None:
    with VirtualDesktop.start(window_manager=None) as other, pytest.raises(SetupError, match=r"holds the display.*--driver x11"):
        PyAutoGuiDriver.open(other.display)
    driver.move(Point(5, 5))
    assert driver.pointer == Point(5, 5)


# Bad surroundings, each in a process of its own.

OPEN = """
import sys
from handeye.tools.desktop import PyAutoGuiDriver
from handeye.tools.errors import SetupError
try:
    driver = PyAutoGuiDriver.open()
    print("opened", driver.size)
except SetupError as error:
    print("refused", error)
"""
BLOCK = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
"""


def tried(code: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")}
    done = subprocess.run([sys.executable, "-c", code], env={**clean, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_neither_tkinter_nor_its_other_dependencies_are_needed(desktop: VirtualDesktop) -> None:
    code = BLOCK.format(names={"tkinter", "_tkinter", "PIL", *UNUSED}) + OPEN
    assert tried(code, DISPLAY=desktop.display) == "opened 1280x800"


def test_the_kept_out_modules_can_be_imported_by_others_afterwards(desktop: VirtualDesktop) -> None:
    code = OPEN + "import pytweening; print(pytweening.__name__, 'tkinter' in sys.modules)"
    assert tried(code, DISPLAY=desktop.display).endswith("pytweening False")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "DISPLAY is not set"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "Wayland session without XWayland"),
        ({"DISPLAY": ":4242"}, "display :4242 cannot be opened"),
        ({"DISPLAY": "not a display"}, "display not a display cannot be opened"),
    ],
)
def test_without_a_display_that_answers_it_says_so(environment: dict[str, str], said: str) -> None:
    told = tried(OPEN, **environment)
    assert told.startswith("refused")
    assert said in told
    assert "Fix:" in told


@pytest.mark.parametrize(
    ("missing", "mend"), [("pyautogui", "pip install --no-deps pyautogui"), ("mss", "handeye[desktop]"), ("Xlib", "handeye[desktop]")]
)
def test_a_missing_package_is_named_with_its_command(desktop: VirtualDesktop, missing: str, mend: str) -> None:
    told = tried(BLOCK.format(names={missing}) + OPEN, DISPLAY=desktop.display)
    assert told.startswith("refused")
    assert mend in told


def test_a_clipboard_that_nothing_can_keep_is_refused_before_anything_is_typed(desktop: VirtualDesktop) -> None:
    clipboard(desktop, "precious")
    code = OPEN + "try:\n    driver.type_text('żółw')\nexcept SetupError as error:\n    print(error)"
    told = tried(code, DISPLAY=desktop.display, PATH="")
    assert "xclip" in told
    assert clipboard(desktop) == "precious"


DYING = """
from handeye.tools.desktop import PyAutoGuiDriver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceLost, SetupError
from handeye.tools.geometry import Point
with VirtualDesktop.start(window_manager=None) as desktop:
    driver = PyAutoGuiDriver.open(desktop.display)
for call in (lambda: driver.click(Point(3, 3)), driver.screenshot, lambda: driver.type_text("\u5b57"), driver.title):
    try:
        call()
    except DeviceLost:
        print("lost")
driver.close()
try:
    PyAutoGuiDriver.open(desktop.display)
except SetupError:
    print("refused")
"""


def test_a_display_that_dies_is_said_to_be_lost(desktop: VirtualDesktop) -> None:
    assert tried(DYING).split() == ["lost"] * 4 + ["refused"]


# What is pure.


@given(st.text(), st.frozensets(st.characters()))
def test_pieces_make_up_the_text(text: str, direct: frozenset[str]) -> None:
    keys = {"enter": "\n", "tab": "\t"}
    try:
        found = list(pieces(text, direct))
    except InvalidAction:
        assert any(character == "\0" or 0xD800 <= ord(character) <= 0xDFFF for character in text)
        return
    made = "".join(piece.pasted or "".join(keys.get(key, key) for key in piece.keys) for piece in found)
    assert made == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all(key in direct or key in keys for piece in found for key in piece.keys)
    assert not any("\n" in piece.pasted or "\t" in piece.pasted for piece in found)


def test_only_lines_that_need_it_are_pasted() -> None:
    direct = frozenset("abc <")
    assert list(pieces("abc\nż<\ta\n", direct)) == [
        Piece(keys=("a", "b", "c", "enter")),
        Piece(pasted="ż<"),
        Piece(keys=("tab", "a", "enter")),
    ]


@pytest.mark.parametrize(
    ("character", "scanned", "shifted", "dead", "gives"),
    [
        ("a", 0x41, False, False, True),
        ("A", 0x141, True, False, True),
        ("<", 0x1BC, True, False, True),  # US: Shift-comma
        ("<", 0xE2, True, False, False),  # German: a key of its own, at which pyautogui would add Shift
        ("@", 0x651, True, False, False),  # German: AltGr-Q, at which it would, too
        ("/", 0x137, False, False, True),  # German: Shift-7
        ("ż", 0xFFFF, False, False, False),
        ("´", 0xDD, False, True, False),
        ("^", 0x136, True, False, False),
    ],
)
def test_which_characters_windows_gives(character: str, scanned: int, shifted: bool, dead: bool, gives: bool) -> None:
    assert windows_gives(character, scanned, shifted, dead) is gives


def test_after_close_it_is_gone(desktop: VirtualDesktop, driver: PyAutoGuiDriver) -> None:
    second = PyAutoGuiDriver.open(desktop.display)
    check_device(second)
    with pytest.raises(DeviceLost):
        second.title()
