"""A virtual desktop for each file of this folder, a driver on it, and small programs that write down what they were given."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.waiting import until

PAD = """
import sys, tkinter as tk
root = tk.Tk(className="Pad"); root.title("pad"); root.geometry("500x300+100+100")
text = tk.Text(root); text.pack(fill="both", expand=True); text.focus_force()
seen = open(sys.argv[2], "w", buffering=1)
def save(event):
    with open(sys.argv[1] + ".part", "w") as file:
        file.write(text.get("1.0", "end-1c"))
    import os; os.replace(sys.argv[1] + ".part", sys.argv[1])
root.bind("<F5>", save)
for name in ("Button-1", "Double-Button-1", "Triple-Button-1", "Button-2", "Button-3", "Button-4", "Button-5",
             "ButtonRelease-1", "Control-s", "Shift-Button-1"):
    root.bind(f"<{name}>", lambda event, name=name: seen.write(f"{name} {event.x_root} {event.y_root}\\n"))
text.bind("<<Selection>>", lambda event: seen.write("selected\\n"))
root.after(100, lambda: seen.write("ready\\n"))
root.mainloop()
"""
"""A Tk editor: F5 writes its text into the first file, events go into the second."""


class Pad:
    """A running editor."""

    def __init__(self, desktop: VirtualDesktop, driver: X11Driver, folder: Path) -> None:
        self.driver, self.saved, self._seen = driver, folder / "saved.txt", folder / "seen.txt"
        program = folder / "pad.py"
        program.write_text(PAD)
        desktop.run(["/usr/bin/python3", str(program), str(self.saved), str(self._seen)], env={"LANG": "C.UTF-8"})
        until(lambda: "ready" in self.events() and driver.title() == "pad")

    def events(self) -> list[str]:
        return self._seen.read_text().splitlines() if self._seen.exists() else []

    def names(self) -> list[str]:
        return [line.split()[0] for line in self.events()]

    def text(self) -> str:
        self.saved.unlink(missing_ok=True)
        self.driver.press_keys(["f5"])
        until(self.saved.exists)
        return self.saved.read_text()

    def clear(self) -> None:
        self.driver.press_keys(["ctrl", "slash"])
        self.driver.press_keys(["delete"])


def forget_pyautogui() -> None:
    """It keeps the display that it found first; the tests of another file may have had another."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyautogui"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    try:
        started = VirtualDesktop.start(Size(1024, 700))
    except SetupError as error:
        pytest.skip(str(error))
    with started:
        yield started


@pytest.fixture
def display(desktop: VirtualDesktop) -> Iterator[Any]:
    """A connection of the test's own to the desktop."""
    with connected(desktop.display) as joined:
        yield joined


@contextmanager
def connected(name: str) -> Iterator[Any]:
    """A python-xlib connection to a display."""
    from Xlib.display import Display

    display = Display(name)
    try:
        yield display
    finally:
        display.close()


@pytest.fixture(scope="module")
def x11(desktop: VirtualDesktop) -> Iterator[X11Driver]:
    driver = X11Driver.open(desktop.display)
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def one_pad(desktop: VirtualDesktop, x11: X11Driver, tmp_path_factory: pytest.TempPathFactory) -> Pad:
    if not Path("/usr/bin/python3").exists() or shutil.which("openbox") is None:
        pytest.skip("no system Python")
    return Pad(desktop, x11, tmp_path_factory.mktemp("pad"))


@pytest.fixture
def pad(one_pad: Pad) -> Iterator[Pad]:
    yield one_pad
    # What a test that failed has left is not the next one's.
    one_pad.clear()
