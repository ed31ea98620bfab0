"""`X11Driver`: a desktop on an X server, with XTEST for input and mss for pictures; several displays in one process are fine."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, TypeAlias, TypeVar

from handeye.tools.desktop.clipboard import LentClipboard
from handeye.tools.desktop.drained import Inbox
from handeye.tools.desktop.fingers import Fingers
from handeye.tools.desktop.joining import display_name, is_local, join
from handeye.tools.desktop.keyboard import Keyboard
from handeye.tools.desktop.look import Looker, Spot
from handeye.tools.desktop.pixels import ScreenReader
from handeye.tools.desktop.stop import CornerStop
from handeye.tools.desktop.windows import Window, Windows
from handeye.tools.device import Button, Direction, Pixels
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, StoppedByPerson, TargetChanged
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key
from handeye.tools.private import PrivateText

T = TypeVar("T")
Typing: TypeAlias = Literal["keys", "paste"]
BUTTONS: dict[Button, int] = {"left": 1, "middle": 2, "right": 3}
WHEEL: dict[Direction, int] = {"up": 4, "down": 5, "left": 6, "right": 7}
"""Buttons that stand for the wheel (X11's convention)."""
NOTCH = 60
"""Pixels of content for one turn of the wheel by a notch, in the middle of what programs make of it: 45 in FeatherPad (Qt 5), 56 in
Mousepad (GTK 3), 120 in Chromium (measured in pictures of Debian 12's programs)."""
FRAME_MS = 16
"""Between two points of a drag: a frame at 60 Hz."""
CLICK_GAP_MS = 10


class _Link:
    """One connection, and what works through it."""

    def __init__(self, name: str) -> None:
        self.display = join(name)
        self.fingers = Fingers(self.display)
        self.windows = Windows(self.display)
        self.looker = Looker(self.display)
        self.keyboard = Keyboard(self.display, self.fingers, Inbox(self.display, is_local(name), self.fingers.rest))
        # What a killed driver had pressed is still down.
        self.fingers.let_go()

    def leave(self) -> None:
        """Release all, take back what was lent, and close. Raises python-xlib's errors."""
        self.fingers.let_go()
        self.keyboard.give_back()
        self.display.close()


class X11Driver:
    """A desktop. A `PointerDevice`; make it with `open`.

    Points are pixels of `screenshot()`, which shows the whole display or one monitor at its present size; X11 knows physical pixels
    only, so a program that draws itself larger (`GDK_SCALE`) changes nothing here. XTEST's own delays pace what needs pace, so
    nothing here sleeps. Methods raise `DeviceLost` once the display is gone. Screenshots may be taken while another thread acts.
    """

    def __init__(self, name: str, link: _Link, reader: ScreenReader, typing: Typing) -> None:
        self.name = name
        self.stop: CornerStop | None = None
        """Looked at before each input and question, where the screen is a person's own."""
        self._link = link
        self._reader = reader
        self._typing = typing
        self._clipboard: LentClipboard | None = None
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(
        cls,
        display: str | None = None,
        *,
        monitor: int | None = None,
        cursor: bool = False,
        typing: Typing = "keys",
        allow_xwayland: bool = False,
    ) -> X11Driver:
        """Join the display (None: the one that DISPLAY names). `monitor`: show one only, counted from 0; `cursor`: draw the pointer;
        `typing`: how `type_text` does it, by keys or through the clipboard; `allow_xwayland`: see `joining.display_name`.

        Raises `SetupError` when a package, the display or its XTEST extension is missing, it has no such monitor, or the session is
        Wayland's.
        """
        if typing not in ("keys", "paste"):
            raise InvalidAction(f"text is typed by keys or paste, not by {typing!r}")
        name = display_name(display, allow_xwayland)
        link = _Link(name)
        try:
            reader = ScreenReader(name, join(name), monitor, cursor)
        except BaseException:
            link.leave()
            raise
        return cls(name, link, reader, typing)

    # What is there

    @property
    def size(self) -> Size:
        """Size of the pictures, in pixels."""
        part = self._part()
        return Size(part.width, part.height)

    @property
    def origin(self) -> Point:
        """Where the pictures begin on the display, in its pixels."""
        part = self._part()
        return Point(part.left, part.top)

    @property
    def pointer(self) -> Point:
        """Where the pointer is; the nearest pixel of the picture when it is on another monitor."""
        asked = self._call("asking for the pointer", lambda link: link.display.screen().root.query_pointer())
        part = self._part()
        return Point(asked.root_x - part.left, asked.root_y - part.top).clamped(Size(part.width, part.height))

    def windows(self) -> tuple[Window, ...]:
        """Every top-level window, the one at the bottom first; boxes in pixels of the whole display."""
        return self._call("listing windows", lambda link: link.windows.all())

    def title(self) -> str:
        """Title of the active window."""
        return self._call("asking for a title", lambda link: link.windows.title())

    def activate(self, window: Window) -> None:
        """Bring a window to the front. Raises `InvalidAction` when it is gone, `DeviceTimeout` when the window manager does not do it."""
        self._call("raising a window", lambda link: link.windows.raise_(window))

    def spot_at(self, point: Point) -> Spot:
        """The window that a click at `point` would go to."""
        place = Point(*self._place(point))
        return self._call("looking at a window", lambda link: link.looker.at(place))

    def spot_focused(self) -> Spot:
        """The window that keys would go to."""
        return self._call("looking for the focus", lambda link: link.looker.focused())

    @contextmanager
    def only_for(self, spots: Sequence[Spot], *, keyboard: bool = False) -> Iterator[None]:
        """While this lasts, nothing is pressed unless input still goes to the same windows: with `keyboard` the first spot's has the focus,
        else the first spot is under the pointer. No other program can come between that check and the press: the server is grabbed, for
        some milliseconds. (Unless a window manager takes clicks first: `click_focus` of `VirtualDesktop.start`.) A drag or a long press is
        free again once the button is down, and of a long text each piece is checked.

        A window that is to be clicked is given the focus first, as a click does.

        What is pressed raises `TargetChanged`, and is not pressed, when they do not; part of a long text may have been typed by then.
        """
        wanted = spots[0] if spots else None
        with self._lock:
            link = self._link

            def check() -> None:
                root = link.display.screen().root.query_pointer()
                looker, place = link.looker, Point(root.root_x, root.root_y)
                if wanted is not None and (looker.path_focused() if keyboard else looker.path_at(place)) != wanted.path:
                    what = "has the keyboard" if keyboard else "is under the pointer"
                    raise TargetChanged(f"Another window {what} than the one that was looked at, so nothing more was pressed. Look again.")

            if wanted is not None and not keyboard and wanted.window in wanted.path and wanted.kind in ("window", "dialog"):
                self._give_focus(wanted)
            link.fingers.check = check if wanted is not None else None
            try:
                yield
            finally:
                link.fingers.check = None

    def _give_focus(self, spot: Spot) -> None:
        def work(link: _Link) -> None:
            if all(window.id != spot.window or window.active for window in link.windows.all()):
                return
            try:
                link.windows.raise_(Window(spot.window, spot.title, spot.box))
            except InvalidAction as error:
                raise TargetChanged(f'The window "{spot.title}" is gone, so nothing was pressed. Look again.') from error

        self._call("giving the focus", work)

    # Eyes

    def screenshot(self) -> Pixels:
        """The screen as it is now."""
        self._refuse_closed()
        return self._reader.read()

    # Fingers

    def move(self, point: Point) -> None:
        """Move the pointer, pressing nothing."""
        place = self._place(point)

        def work(link: _Link) -> None:
            link.fingers.move(*place)
            link.fingers.send()

        self._call("moving the pointer", work)

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Press and release `button` at `point`, `count` times in quick succession, each held `hold_s` seconds, with `modifiers` down."""
        place, number = self._place(point), _button(button)
        held = _modifiers(modifiers)

        def work(link: _Link) -> None:
            strokes = link.keyboard.strokes(held) if held else []
            link.fingers.move(*place)
            codes = link.fingers.press(strokes, link.keyboard.shift)
            for turn in range(count):
                link.fingers.button(number, True, CLICK_GAP_MS if turn else 0)
                link.fingers.button(number, False, round(hold_s * 1000))
            link.fingers.release(codes)
            link.fingers.send()

        self._call("clicking", work)

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Press `button` at the first point, move through the others (two at least), release at the last."""
        if len(path) < 2:
            raise InvalidAction("a drag needs two points at least")
        places, number = [self._place(point) for point in path], _button(button)
        legs = len(path) - 1
        steps = max(5, round(duration_s * 1000 / FRAME_MS / legs))

        def work(link: _Link) -> None:
            link.fingers.move(*places[0])
            link.fingers.button(number, True)
            for start, end in itertools.pairwise(places):
                for step in range(1, steps + 1):
                    link.fingers.move(*_between(start, end, step / steps), FRAME_MS)
            link.fingers.button(number, False, FRAME_MS)
            link.fingers.send()

        self._call("dragging", work)

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `point`, a notch for each `NOTCH` pixels of `amount` and one at least."""
        place, wheel = self._place(point), WHEEL[direction]

        def work(link: _Link) -> None:
            link.fingers.move(*place)
            for _ in range(max(1, round(amount / NOTCH))):
                link.fingers.button(wheel, True)
                link.fingers.button(wheel, False)
            link.fingers.send()

        self._call("scrolling", work)

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus, whatever the layout; a newline presses Enter, a tab presses Tab.

        A `PrivateText` goes by keys in any case, never through the clipboard.

        Raises `InvalidAction` for control characters and halves of pairs, before anything is typed.
        """
        if self._typing == "paste" and not isinstance(text, PrivateText):
            self.paste(text)
        elif text:
            self._call("typing", lambda link: link.keyboard.type(text))

    def paste(self, text: str) -> None:
        """Bring `text` into what has the focus through the clipboard, which holds afterwards what it held, where that was text.

        Raises `DeviceTimeout` when the program does not take it.
        """
        if not text:
            return

        def work(link: _Link) -> None:
            link.display.sync()
            if self._clipboard is None:
                self._clipboard = LentClipboard(join(self.name))
            keys = link.windows.paste_keys()
            self._clipboard.lend(text, lambda: link.keyboard.press(keys))

        self._call("pasting", work)

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""
        self._call("pressing keys", lambda link: link.keyboard.press(keys))

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
                if self._clipboard is not None:
                    self._clipboard.close()
                self._link.leave()
            except (ConnectionClosedError, XError, OSError):
                return

    # Inside

    def _part(self) -> Box:
        self._refuse_closed()
        return self._reader.part

    def _place(self, point: Point) -> tuple[int, int]:
        """A point of the picture, in pixels of the whole display."""
        part = self._part()
        if not point.inside(Size(part.width, part.height)):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {part.width}x{part.height}")
        return part.left + point.x, part.top + point.y

    def _refuse_closed(self) -> None:
        if self._closed:
            raise DeviceLost("The desktop is closed.")

    def _call(self, doing: str, work: Callable[[_Link], T]) -> T:
        from Xlib.error import ConnectionClosedError, XError

        with self._lock:
            self._refuse_closed()
            try:
                self._heed_person()
                return work(self._link)
            except (ConnectionClosedError, OSError) as error:
                raise DeviceLost(f"The display {self.name} is gone ({doing}).") from error
            except XError as error:
                raise DeviceError(f"The display {self.name} refused {doing} ({error}).") from error
            except (InvalidAction, DeviceError, StoppedByPerson):
                raise
            except BaseException:
                self._join_again()
                raise

    def _heed_person(self) -> None:
        if self.stop is None:
            return
        if put := self._link.fingers.put:
            self.stop.moved(put)
        asked = self._link.display.screen().root.query_pointer()
        self.stop.check(Point(asked.root_x, asked.root_y))

    def _join_again(self) -> None:
        """After an interruption (ctrl+c) a request may be half sent: a new connection lets go of all that the old one pressed."""
        from Xlib.error import ConnectionClosedError, XError

        from handeye.tools.errors import SetupError

        try:
            self._link.display.display.socket.close()
            self._link = _Link(self.name)
        except (ConnectionClosedError, SetupError, XError, OSError):
            # There is no display any more, which the next call will say.
            return


def _button(button: Button) -> int:
    if button not in BUTTONS:
        raise InvalidAction(f"there is no button {button!r}; those are {', '.join(BUTTONS)}")
    return BUTTONS[button]


def _modifiers(names: Sequence[str]) -> list[str]:
    keys = [canonical_key(name) for name in names]
    if wrong := [name for name in keys if name not in MODIFIERS]:
        raise InvalidAction(f"{wrong[0]!r} is not a modifier key; those are {', '.join(MODIFIERS)}")
    return keys


def _between(start: tuple[int, int], end: tuple[int, int], share: float) -> tuple[int, int]:
    return round(start[0] + (end[0] - start[0]) * share), round(start[1] + (end[1] - start[1]) * share)
