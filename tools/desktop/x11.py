"""`X11Driver`: a desktop on an X server, with XTEST for input and mss for pictures; several displays in one process are fine."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from handeye.tools.desktop.keymap import Keymap, Stroke, batches, keysym_of
from handeye.tools.desktop.pixels import ScreenReader
from handeye.tools.desktop.windows import Window, Windows
from handeye.tools.device import Button, Direction, Pixels
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key, x11_keysym

T = TypeVar("T")
BUTTONS: dict[Button, int] = {"left": 1, "middle": 2, "right": 3}
WHEEL: dict[Direction, int] = {"up": 4, "down": 5, "left": 6, "right": 7}
"""Buttons that stand for the wheel (X11's convention)."""
NOTCH = 60
"""Pixels of content for one turn of the wheel by a notch: GTK 3 and Qt 5 scroll three lines, Chromium 53 pixels."""
FRAME_MS = 16
"""Between two points of a drag: a frame at 60 Hz."""
SETTLE_S = 0.5
"""Longest wait for the window with the focus to say that it has worked off its input."""
SETTLE_MS = 30
"""How long the server waits instead where a window does not answer (xterm; 10 ms were enough for Tk)."""
CLICK_GAP_MS = 10


class X11Driver:
    """A desktop. A `PointerDevice`; make it with `open`.

    Points are pixels of `screenshot()`, which shows the whole display or one monitor. XTEST's own delays pace what needs pace, so
    nothing here sleeps. Methods raise `DeviceLost` once the display is gone.
    """

    def __init__(self, name: str, display: Any, part: Box, cursor: bool) -> None:
        self.name = name
        self._display = display
        self._part = part
        self._reader = ScreenReader(name, cursor)
        self._windows = Windows(display)
        self._keymap = Keymap(display)
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, display: str | None = None, *, monitor: int | None = None, cursor: bool = False) -> X11Driver:
        """Join the display (None: the one that DISPLAY names). `monitor`: show one only, counted from 0; `cursor`: draw the pointer.

        Raises `SetupError` when a package, the display or its XTEST extension is missing, or it has no such monitor.
        """
        name = display or os.environ.get("DISPLAY", "")
        if not name:
            raise no_display()
        try:
            import mss  # noqa: F401
            from Xlib.display import Display
            from Xlib.error import DisplayError, XError
        except ImportError as error:
            raise SetupError(f"The desktop needs the package {error.name}.", fix="pip install 'handeye[desktop]'") from error
        try:
            opened = Display(name)
        except (DisplayError, XError, OSError) as error:
            raise SetupError(f"The display {name} cannot be opened ({error}).", fix="start it, or name another with --display") from error
        if not opened.has_extension("XTEST"):
            opened.close()
            raise SetupError(f"The display {name} lacks the XTEST extension, through which input is sent.", fix="use another X server")
        try:
            part = _monitor(opened, monitor)
        except SetupError:
            opened.close()
            raise
        return cls(name, opened, part, cursor)

    # What is there

    @property
    def size(self) -> Size:
        """Size of the pictures, in pixels."""
        return Size(self._part.width, self._part.height)

    @property
    def origin(self) -> Point:
        """Where the pictures begin on the display, in its pixels."""
        return Point(self._part.left, self._part.top)

    @property
    def pointer(self) -> Point:
        """Where the pointer is; the nearest pixel of the picture when it is on another monitor."""
        asked = self._call("asking for the pointer", lambda: self._display.screen().root.query_pointer())
        return Point(asked.root_x - self._part.left, asked.root_y - self._part.top).clamped(self.size)

    def windows(self) -> tuple[Window, ...]:
        """Every top-level window, the one at the bottom first; boxes in pixels of the whole display."""
        return self._call("listing windows", self._windows.all)

    def title(self) -> str:
        """Title of the active window."""
        return self._call("asking for a title", self._windows.title)

    def activate(self, window: Window) -> None:
        """Bring a window to the front."""
        self._call("raising a window", lambda: self._windows.raise_(window.id))

    # Eyes

    def screenshot(self) -> Pixels:
        """The screen as it is now."""
        self._refuse_closed()
        try:
            return self._reader.read(self._part)
        except DeviceError:
            # The reader's own connection cannot tell a refusal from a display that has died.
            self._call("taking a screenshot", self._display.sync)
            raise

    # Fingers

    def move(self, point: Point) -> None:
        """Move the pointer, pressing nothing."""
        self._check(point)

        def work() -> None:
            self._move(point)
            self._display.sync()

        self._call("moving the pointer", work)

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Press and release `button` at `point`, `count` times in quick succession, each held `hold_s` seconds, with `modifiers` down."""
        self._check(point)
        held = [self._key(name) for name in _modifiers(modifiers)]

        def work() -> None:
            self._move(point)
            with self._down(held):
                for number in range(count):
                    self._fake("ButtonPress", BUTTONS[button], CLICK_GAP_MS if number else 0)
                    self._fake("ButtonRelease", BUTTONS[button], round(hold_s * 1000))
            self._display.sync()

        self._call("clicking", work)

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Press `button` at the first point, move through the others (two at least), release at the last."""
        if len(path) < 2:
            raise InvalidAction("a drag needs two points at least")
        for point in path:
            self._check(point)
        legs = len(path) - 1
        steps = max(5, round(duration_s * 1000 / FRAME_MS / legs))

        def work() -> None:
            self._move(path[0])
            self._fake("ButtonPress", BUTTONS[button])
            try:
                for start, end in itertools.pairwise(path):
                    for step in range(1, steps + 1):
                        self._move(_between(start, end, step / steps), FRAME_MS)
            finally:
                self._fake("ButtonRelease", BUTTONS[button], FRAME_MS)
                self._display.sync()

        self._call("dragging", work)

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `point`, a notch for each `NOTCH` pixels of `amount` and one at least."""
        self._check(point)

        def work() -> None:
            self._move(point)
            for _ in range(max(1, round(amount / NOTCH))):
                self._fake("ButtonPress", WHEEL[direction])
                self._fake("ButtonRelease", WHEEL[direction])
            self._display.sync()

        self._call("scrolling", work)

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus, whatever the layout; a newline presses Enter, a tab presses Tab.

        Characters that the layout lacks are lent spare keycodes, as many at a time as there are. Each lot waits until the window has
        worked it off: a program translates a key when it gets to it, by the mapping of that moment.
        """
        if text:
            self._call("typing", lambda: self._type(text.replace("\r\n", "\n")))

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""
        strokes = [self._key(canonical_key(key)) for key in keys]

        def work() -> None:
            try:
                with self._down(strokes):
                    self._display.sync()
                self._display.sync()
            finally:
                self._keymap.give_back()

        self._call("pressing keys", work)

    # Life

    def close(self) -> None:
        """Let go of keys and buttons that are still down, and of the display. A second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._reader.close()
            from Xlib.error import ConnectionClosedError, XError

            try:
                self._release_all()
                self._display.close()
            except (ConnectionClosedError, XError, OSError):
                return

    # Inside

    def _type(self, text: str) -> None:
        direct = [keysym for keysym in {keysym_of(character) for character in text} if self._keymap.stroke(keysym) is not None]
        if self._keymap.spare == 0 and len(direct) < len({keysym_of(character) for character in text}):
            raise DeviceError("The keyboard of this display has no spare key to lend to characters that its layout lacks.")
        with self._undisturbed():
            for piece, wanted in batches(text, self._keymap.spare, direct):
                lent = self._keymap.lend(wanted) if wanted else {}
                self._worked_off()
                for character in piece:
                    keysym = keysym_of(character)
                    self._press(lent.get(keysym) or self._keymap.stroke(keysym))
                self._display.sync()
                if wanted:
                    self._worked_off()
                    self._keymap.give_back()

    def _press(self, stroke: Stroke | None) -> None:
        if stroke is None:
            raise DeviceError("A character has no key.")
        with self._down([stroke]):
            pass

    @contextmanager
    def _down(self, strokes: Sequence[Stroke]) -> Iterator[None]:
        """The keys pressed in order; released in reverse, whatever happens."""
        shift = self._keymap.stroke(_keysym("Shift_L"))
        codes: list[int] = []
        for stroke in strokes:
            if stroke.shift and shift is not None:
                codes.append(shift.keycode)
            codes.append(stroke.keycode)
        try:
            for code in codes:
                self._fake("KeyPress", code)
            yield
        finally:
            for code in reversed(codes):
                self._fake("KeyRelease", code)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """No modifier down, and Caps Lock off, while text is typed; Caps Lock as it was afterwards."""
        self._release_all()
        caps = self._keymap.stroke(_keysym("Caps_Lock"))
        locked = bool(self._display.screen().root.query_pointer().mask & 2)
        try:
            if locked and caps is not None:
                self._press(caps)
            yield
        finally:
            self._keymap.give_back()
            if locked and caps is not None:
                self._press(caps)
            self._display.sync()

    def _worked_off(self) -> None:
        """Wait until the window with the focus has read all that was sent, as it says itself; else for a moment."""
        self._display.sync()
        if not self._windows.answered(SETTLE_S):
            self._move_by_nothing(SETTLE_MS)
            self._display.sync()

    def _move_by_nothing(self, delay_ms: int) -> None:
        from Xlib import X
        from Xlib.ext import xtest

        # Relative motion by nothing: the server holds back what follows for the delay.
        xtest.fake_input(self._display, X.MotionNotify, 1, delay_ms, x=0, y=0)

    def _release_all(self) -> None:
        down = self._display.query_keymap()
        for code in range(8, 256):
            if down[code // 8] >> (code % 8) & 1:
                self._fake("KeyRelease", code)
        mask = self._display.screen().root.query_pointer().mask
        for button in (1, 2, 3):
            if mask >> (7 + button) & 1:
                self._fake("ButtonRelease", button)
        self._display.sync()

    def _key(self, key: str) -> Stroke:
        keysym = _keysym(x11_keysym(key))
        stroke = self._keymap.stroke(keysym)
        if stroke is None and keysym:
            stroke = self._keymap.lend([keysym]).get(keysym)
        if stroke is None:
            raise InvalidAction(f"this display has no key for {key!r}")
        return stroke

    def _move(self, point: Point, delay_ms: int = 0) -> None:
        from Xlib import X
        from Xlib.ext import xtest

        xtest.fake_input(self._display, X.MotionNotify, 0, delay_ms, x=self._part.left + point.x, y=self._part.top + point.y)

    def _fake(self, kind: str, detail: int, delay_ms: int = 0) -> None:
        from Xlib import X
        from Xlib.ext import xtest

        xtest.fake_input(self._display, getattr(X, kind), detail, delay_ms)

    def _check(self, point: Point) -> None:
        if not point.inside(self.size):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {self.size}")

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DeviceLost("The desktop is closed.")

    def _call(self, doing: str, work: Callable[[], T]) -> T:
        from Xlib.error import ConnectionClosedError, XError

        with self._lock:
            self._refuse_closed()
            try:
                return work()
            except (ConnectionClosedError, OSError) as error:
                raise DeviceLost(f"The display {self.name} is gone ({doing}).") from error
            except XError as error:
                raise DeviceError(f"The display {self.name} refused {doing} ({error}).") from error


def no_display() -> SetupError:
    """What to tell someone without an X display."""
    if os.environ.get("WAYLAND_DISPLAY"):
        return SetupError(
            "This is a Wayland session without XWayland: no program may send input to others there.",
            fix="use a virtual desktop (--virtual), or log in to an X11 session",
        )
    return SetupError("DISPLAY is not set: there is no X display.", fix="use a virtual desktop (--virtual), or set DISPLAY")


def _monitor(display: Any, number: int | None) -> Box:
    screen = display.screen()
    whole = Box(0, 0, screen.width_in_pixels, screen.height_in_pixels)
    if number is None:
        return whole
    found = []
    if display.has_extension("RANDR"):
        found = [Box(m.x, m.y, m.x + m.width_in_pixels, m.y + m.height_in_pixels) for m in screen.root.xrandr_get_monitors().monitors]
    found = found or [whole]
    if not 0 <= number < len(found):
        raise SetupError(f"There is no monitor {number}.", fix=f"use one of 0 to {len(found) - 1}")
    return found[number]


def _modifiers(names: Sequence[str]) -> list[str]:
    keys = [canonical_key(name) for name in names]
    if wrong := [name for name in keys if name not in MODIFIERS]:
        raise InvalidAction(f"{wrong[0]!r} is not a modifier key; those are {', '.join(MODIFIERS)}")
    return keys


def _keysym(name: str) -> int:
    from Xlib import XK

    if len(name) > 1 and name[0] == "U" and name[1:].isalnum() and XK.string_to_keysym(name) == 0:
        return keysym_of(chr(int(name[1:], 16)))
    return int(XK.string_to_keysym(name))


def _between(start: Point, end: Point, share: float) -> Point:
    return Point(round(start.x + (end.x - start.x) * share), round(start.y + (end.y - start.y) * share))
