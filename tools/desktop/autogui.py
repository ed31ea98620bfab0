"""`PyAutoGuiDriver`: a desktop through pyautogui, the driver for macOS and Windows, and one that serves on X11 too."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

from handeye.tools.desktop.autogui_import import load_pyautogui
from handeye.tools.desktop.autogui_systems import MacSystem, System, WindowsSystem, X11System
from handeye.tools.desktop.joining import display_name
from handeye.tools.desktop.pasting import pieces
from handeye.tools.desktop.scale import Scale
from handeye.tools.desktop.shots import Shots
from handeye.tools.desktop.stop import CornerStop
from handeye.tools.device import Button, Direction, Pixels
from handeye.tools.errors import DeviceError, DeviceLost, HandeyeError, InvalidAction, SetupError
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key
from handeye.tools.private import PrivateText

T = TypeVar("T")
FRAME_S = 0.016
"""Between two points of a drag: a frame at 60 Hz."""


class PyAutoGuiDriver:
    """A desktop. A `DesktopDriver`; make it with `open`.

    It shows one monitor, the main one if not told otherwise; points are pixels of its pictures, whatever the scale of the monitor. Text
    goes by keys as far as the layout gives its characters, else by the clipboard, a line at a time; on macOS always by the clipboard.
    pyautogui's fail-safe is off (see `CornerStop`). What was run is X11; macOS and Windows are written from pyautogui's sources.
    """

    def __init__(self, gui: Any, system: System, shots: Shots, part: Box, display: str = "") -> None:
        self.stop: CornerStop | None = None
        """Looked at before each input and question, where the screen is a person's own."""
        self._display = display
        self._gui = gui
        self._system = system
        self._shots = shots
        first = shots.read(part)
        self._scale = Scale(part, Size(first.shape[1], first.shape[0]))
        self._lock = threading.RLock()
        self._put: tuple[Point, Point] | None = None
        """Where the pointer was last put: the pixel, and the system's place."""
        self._held: list[Callable[[], None]] = []
        """What lets go of each key and button that is down, in the order in which they went down."""
        self._closed = False

    @classmethod
    def open(cls, display: str | None = None, *, monitor: int | None = None, cursor: bool = False) -> PyAutoGuiDriver:
        """Join the screen. `display`: on X11, the display (None: the one that DISPLAY names), only one in a process; `monitor`: another
        than the main one, counted from 0; `cursor`: draw the pointer (X11 only).

        Raises `SetupError` when a package, the display, the monitor or macOS's permission is missing, or this process holds another
        display.
        """
        name = ""
        if sys.platform.startswith("linux"):
            name = display_name(display)
        gui = load_pyautogui(name)
        system: System = X11System(gui, name) if name else MacSystem(gui) if sys.platform == "darwin" else WindowsSystem(gui)
        try:
            system.check()
        except system.lost as error:
            raise SetupError(
                f"The display {name} is gone, and pyautogui cannot join another in this process.", fix="--driver x11"
            ) from error
        shots = Shots(name, cursor)
        try:
            return cls(gui, system, shots, _part(shots, monitor), name)
        except BaseException:
            shots.close()
            raise

    # What is there

    @property
    def name(self) -> str:
        """The X display's name, `macOS` or `Windows`."""
        return self._system.name

    @property
    def size(self) -> Size:
        """Size of the pictures, in pixels."""
        return self._scale.picture

    @property
    def pointer(self) -> Point:
        """Where the pointer is; the nearest pixel of the picture when it is on another monitor."""
        place = self._call("asking for the pointer", self._place)
        if self._put is not None and self._put[1] == place:
            # Several pixels may share a place: this is the one that was asked for.
            return self._put[0]
        return self._scale.to_pixel(place)

    @property
    def corners(self) -> tuple[Point, ...]:
        """The upper left corner of each monitor, for a `CornerStop`."""
        return tuple(Point(box.left, box.top) for box in self._shots.monitors)

    def title(self) -> str:
        """Title of the active window; empty where the system does not tell."""
        return self._call("asking for a title", self._system.title)

    # Eyes

    def screenshot(self) -> Pixels:
        """The screen as it is now."""
        with self._lock:
            self._refuse_closed()
            try:
                return self._shots.read(self._scale.part)
            except DeviceError:
                # A display that has died refuses pictures, too.
                self._call("taking a screenshot", self._place)
                raise

    # Fingers

    def move(self, point: Point) -> None:
        """Move the pointer, pressing nothing."""
        self._check(point)
        self._call("moving the pointer", lambda: self._move(point))

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Press and release `button` at `point`, `count` times in quick succession, each held `hold_s` seconds, with `modifiers` down."""
        self._check(point)
        wanted = _modifiers(modifiers)

        def work() -> None:
            keys = [key for name in wanted for key in self._system.keys(name)]
            place = self._move(point)
            for key in keys:
                self._key_down(key)
            for number in range(1, count + 1):
                self._button_down(place, button, number)
                _wait(hold_s)
                self._let_go_last()

        self._call("clicking", work)

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Press `button` at the first point, move through the others (two at least), release at the last."""
        if len(path) < 2:
            raise InvalidAction("a drag needs two points at least")
        for point in path:
            self._check(point)
        steps = max(5, round(duration_s / FRAME_S / (len(path) - 1)))

        def work() -> None:
            self._button_down(self._move(path[0]), button, 1)
            for start, end in itertools.pairwise(path):
                for step in range(1, steps + 1):
                    _wait(FRAME_S)
                    self._look_for_stop()
                    self._move(_between(start, end, step / steps), button)
            _wait(FRAME_S)
            # The release is where the button went down, unless it is said where it goes up.
            self._held[-1] = lambda: self._system.release(self._scale.to_system(path[-1]), button, 1)

        self._call("dragging", work)

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `point`; what `amount` pixels are in the system's own units is an estimate, and one unit is the least."""
        self._check(point)
        self._call("scrolling", lambda: self._system.scroll(self._move(point), direction, amount))

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus; a newline presses Enter, a tab presses Tab.

        Raises `SetupError` when it takes the clipboard and what is on that cannot be kept, `InvalidAction` for what is no text.
        """
        if text:
            self._call("typing", lambda: self._type(text))

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""
        wanted = [canonical_key(key) for key in keys]
        self._call("pressing keys", lambda: self._chord(wanted))

    # Life

    def close(self) -> None:
        """Let go of keys and buttons that are still down, and of the screen. A second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._let_go()
            except (*self._system.lost, *self._system.failed):
                self._held.clear()
            finally:
                self._shots.close()

    # Inside

    def _type(self, text: str) -> None:
        table = {**self._system.table(), **{key: self._system.keys(key) for key in ("enter", "tab")}}
        parts = list(pieces(text, table.keys()))
        if isinstance(text, PrivateText) and any(part.pasted for part in parts):
            raise InvalidAction("This secret has characters that no key gives here, and secrets do not go by way of the clipboard.")
        with self._system.clipboard.kept() if any(part.pasted for part in parts) else nullcontext():
            for part in parts:
                if part.pasted:
                    self._system.clipboard.paste(part.pasted, lambda: self._chord(self._system.paste_keys))
                for key in part.keys:
                    self._press(table[key])

    def _chord(self, keys: Sequence[str]) -> None:
        self._press([key for name in keys for key in self._system.keys(name)])

    def _press(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._key_down(key)
        self._let_go()

    def _key_down(self, key: str) -> None:
        self._held.append(lambda: self._gui.keyUp(key, _pause=False))
        self._gui.keyDown(key, _pause=False)

    def _button_down(self, place: Point, button: Button, number: int) -> None:
        self._held.append(lambda: self._system.release(place, button, number))
        self._system.press(place, button, number)

    def _let_go_last(self) -> None:
        self._held[-1]()
        self._held.pop()

    def _let_go(self) -> None:
        while self._held:
            self._let_go_last()

    def _move(self, point: Point, button: Button | None = None) -> Point:
        """Move to a pixel, with `button` down if there is one; the system's place of it."""
        place = self._scale.to_system(point)
        if self.stop is not None:
            self.stop.moved(place)
        self._put = (point, place)
        if button is None:
            self._gui.moveTo(place.x, place.y, _pause=False)
        else:
            # macOS tells a drag from a move.
            self._gui.dragTo(place.x, place.y, button=button, mouseDownUp=False, _pause=False)
        return place

    def _place(self) -> Point:
        return Point(*self._gui.position())

    def _look_for_stop(self) -> None:
        if self.stop is not None:
            self.stop.check(self._place())

    def _check(self, point: Point) -> None:
        if not point.inside(self.size):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {self.size}")

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DeviceLost("The desktop is closed.")

    def _call(self, doing: str, work: Callable[[], T]) -> T:
        with self._lock:
            self._refuse_closed()
            try:
                load_pyautogui(self._display)
                self._look_for_stop()
                return self._let_go_after(work)
            except self._system.lost as error:
                raise DeviceLost(f"The screen {self.name} is gone ({doing}).") from error
            except self._system.failed as error:
                raise DeviceError(f"The screen {self.name} refused {doing} ({error}).") from error

    def _let_go_after(self, work: Callable[[], T]) -> T:
        """Do `work`; whatever happens, nothing stays pressed."""
        known: tuple[type[Exception], ...] = (HandeyeError, *self._system.lost, *self._system.failed)
        try:
            result = work()
        except known:
            self._let_go()
            raise
        except BaseException:
            held, self._held = self._held, []
            self._system.interrupted(held)
            raise
        self._let_go()
        return result


def _part(shots: Shots, number: int | None) -> Box:
    if number is None:
        return shots.main
    if not 0 <= number < len(shots.monitors):
        raise SetupError(f"There is no monitor {number}.", fix=f"use one of 0 to {len(shots.monitors) - 1}")
    return shots.monitors[number]


def _modifiers(names: Sequence[str]) -> list[str]:
    keys = [canonical_key(name) for name in names]
    if wrong := [name for name in keys if name not in MODIFIERS]:
        raise InvalidAction(f"{wrong[0]!r} is not a modifier key; those are {', '.join(MODIFIERS)}")
    return keys


def _wait(seconds: float) -> None:
    if seconds > 0:
        threading.Event().wait(seconds)


def _between(start: Point, end: Point, share: float) -> Point:
    return Point(round(start.x + (end.x - start.x) * share), round(start.y + (end.y - start.y) * share))
