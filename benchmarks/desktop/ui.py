"""What a task's solution sees and does: windows by their titles, keys by their names."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeAlias

from handeye.benchmarks.episodes.policies import OracleError
from handeye.envs.actions import Action, Click, PressKeys, TypeText, Wait
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.windows import Window
from handeye.tools.geometry import Box, Point

Acts: TypeAlias = Generator[Action, None, None]

PATIENCE_S = 30.0
"""How long a window may take to come or go; LibreOffice on a busy machine takes more than ten."""
LOOK_S = 0.05


class Ui:
    """The windows of a desktop and the home folder of its programs. No other policy is given this."""

    def __init__(self, driver: X11Driver, home: Path, on_decisive: Callable[[], None] = lambda: None) -> None:
        """`on_decisive` is called by a solution before the steps without which all that it did is worth nothing."""
        self._driver = driver
        self.home = home
        self.decisive = on_decisive

    def windows(self, part: str) -> list[Window]:
        """The windows with `part` in their titles, the topmost last."""
        return [window for window in self._driver.windows() if part in window.title]

    def front(self, part: str) -> Acts:
        """Wait until a window with `part` in its title has the focus. Raises `OracleError` when none gets it."""
        return self.until(lambda: any(window.active for window in self.windows(part)), f"no window {part!r} has the focus")

    def gone(self, part: str) -> Acts:
        """Wait until no window with `part` in its title is left. Raises `OracleError` when it stays."""
        return self.until(lambda: not self.windows(part), f"the window {part!r} stays")

    def until(self, check: Callable[[], bool], otherwise: str) -> Acts:
        """Wait until `check` holds. Raises `OracleError` with `otherwise` when it never does."""
        end = time.monotonic() + PATIENCE_S
        while not check():
            if time.monotonic() > end:
                raise OracleError(f"{otherwise}; there are {[window.title for window in self._driver.windows()]}")
            yield Wait(seconds=LOOK_S)
        # The environment has to have seen it too: it keeps back what would go to another window than the last picture shows.
        yield Wait(seconds=0.0)

    def switch(self, part: str) -> Acts:
        """Bring the window with `part` in its title to the front by a click on its title bar, where no other covers it."""
        order = self._driver.windows()
        place = max(number for number, window in enumerate(order) if part in window.title)
        box = order[place].box
        # The bar is drawn by the window manager, above the window's own box.
        points = [Point(box.left + box.width * share // 8, max(0, box.top - TITLE_BAR // 2)) for share in (4, 5, 3, 6, 2)]
        above = [Box(one.box.left, one.box.top - TITLE_BAR, one.box.right + 1, one.box.bottom) for one in order[place + 1 :]]
        free = [point for point in points if not any(one.contains(point) for one in above)]
        if not free:
            raise OracleError(f"the title bar of {part!r} is covered")
        yield Click(point=free[0])
        yield from self.front(part)


TITLE_BAR = 20
"""Pixels of openbox's title bar."""
BUTTON_S = 0.5
"""GTK 3 shows a button as pressed for 0.25 s before it does what it says (ACTIVATE_TIMEOUT in gtkbutton.c)."""


def keys(*chords: str) -> Acts:
    """Press these, one after the other: `ctrl+s`, `Tab`."""
    for chord in chords:
        yield PressKeys(keys=tuple(chord.split("+")))


def text(words: str) -> Acts:
    """Type this."""
    yield TypeText(text=words)


def press_button(chord: str) -> Acts:
    """Press a button of GTK's by its underlined letter, and let it work before anything else is pressed."""
    yield from keys(chord)
    yield Wait(seconds=BUTTON_S)


def saved(ui: Ui, path: str) -> Acts:
    """Press ctrl+s and wait until the file is another."""
    file = ui.home / path
    before = _state(file)
    yield from keys("ctrl+s")
    yield from ui.until(lambda: _state(file) not in (before, None), f"{path} was not saved")


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
