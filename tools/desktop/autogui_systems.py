"""What pyautogui does differently, or wrongly, on each system. Read from the sources of pyautogui 0.9.54; only X11 was run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handeye.tools.desktop.pasting import Clipboard, SystemClipboard, X11Clipboard
from handeye.tools.desktop.windows import Windows
from handeye.tools.device import Button, Direction
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Point
from handeye.tools.keys import pyautogui_key

PRINTABLE = tuple(chr(code) for code in range(32, 127))
X11_NOTCH = 60
"""Pixels of content for a notch of the wheel, as in `handeye.tools.desktop.x11`."""
WINDOWS_NOTCH, WHEEL_DELTA, MOUSEEVENTF_HWHEEL = 100, 120, 0x01000
"""Pixels of content for a notch (Chromium's on Windows), and what Windows counts for one (learn.microsoft.com, mouse_event)."""
MAC_LINE, MAC_MOST = 10, 10
"""Pixels of a line of the wheel (the default of CGEventSourceGetPixelsPerLine), and lines in one event (Quartz Event Services)."""


class System:
    """A system as pyautogui sees it. Places are the system's own units."""

    name = ""
    paste_keys: tuple[str, ...] = ("ctrl", "v")
    no_code: tuple[int | None, ...] = (None, 0)
    """What stands in pyautogui's table for a key that is not there."""
    lost: tuple[type[Exception], ...] = ()
    """What is raised once the screen is gone."""
    failed: tuple[type[Exception], ...] = (RuntimeError, AssertionError, OSError)
    """What is raised when an input is refused."""

    def __init__(self, gui: Any, clipboard: Clipboard) -> None:
        self.gui = gui
        self.clipboard = clipboard
        self.failed = (*self.failed, gui.PyAutoGUIException)

    def check(self) -> None:
        """Raises `SetupError` when the system lets this program do nothing."""

    def title(self) -> str:
        """Title of the active window."""
        return ""

    def table(self) -> Mapping[str, tuple[str, ...]]:
        """Characters that come out right by keys now, and those keys (pyautogui's names): the layout has them, and Caps Lock does not
        turn them."""
        found = self._table()
        return {character: keys for character, keys in found.items() if not character.isalpha()} if self._caps_locked() else found

    def keys(self, name: str) -> tuple[str, ...]:
        """pyautogui's names for a canonical key, Shift before it where it takes that. Raises `InvalidAction` for one that this system or
        layout lacks."""
        if len(name) == 1:
            found = self._table().get(name, ())
        else:
            found = (pyautogui_key(name),)
            # pyautogui passes over a key that it does not know in silence.
            if self.gui.platformModule.keyboardMapping.get(found[0]) in self.no_code:
                found = ()
        if not found:
            raise InvalidAction(f"this keyboard has no key for {name!r}")
        return found

    def press(self, place: Point, button: Button, number: int) -> None:
        """Press `button`, for the `number`th time in quick succession (from 1)."""
        self.gui.mouseDown(place.x, place.y, button=button, _pause=False)

    def release(self, place: Point, button: Button, number: int) -> None:
        """Release it."""
        self.gui.mouseUp(place.x, place.y, button=button, _pause=False)

    def scroll(self, place: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `place`, where the pointer is, by `amount` pixels of content."""
        raise NotImplementedError

    def interrupted(self, held: Sequence[Callable[[], None]]) -> None:
        """Let go of what is held after Ctrl-C came at any moment."""
        for let_go in reversed(held):
            let_go()

    def _table(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _caps_locked(self) -> bool:
        return False


class X11System(System):
    """An X display. pyautogui looks keys up by their first keycode and guesses Shift by a US keyboard, so that `<` comes out as `>`;
    keys are looked up here instead, in the layout of the moment."""

    def __init__(self, gui: Any, display: str) -> None:
        from Xlib.error import ConnectionClosedError, DisplayError, XError

        super().__init__(gui, X11Clipboard(display, primary=self._in_terminal))
        self.name = display
        self.lost = (ConnectionClosedError, DisplayError, OSError)
        self.failed = (*self.failed, XError)
        self._display = gui.platformModule._display
        self._windows = Windows(self._display)

    def check(self) -> None:
        """See `System`."""
        if not self._display.has_extension("XTEST"):
            raise SetupError(f"The display {self.name} lacks the XTEST extension, through which input is sent.", fix="use another X server")

    def title(self) -> str:
        """See `System`."""
        return self._windows.title()

    @property
    def paste_keys(self) -> tuple[str, ...]:  # type: ignore[override]
        """Terminals give Control-V to the program in them, and paste at Shift-Insert (xterm: the primary selection)."""
        return ("shift", "insert") if self._in_terminal() else ("ctrl", "v")

    def scroll(self, place: Point, direction: Direction, amount: int) -> None:
        """See `System`; a notch at least."""
        notches = max(1, round(amount / X11_NOTCH))
        turn = self.gui.vscroll if direction in ("up", "down") else self.gui.hscroll
        turn(notches if direction in ("up", "right") else -notches, place.x, place.y, _pause=False)

    def interrupted(self, held: Sequence[Callable[[], None]]) -> None:
        """See `System`. A request may be half sent, after which the old connection would never answer: a new one takes its place."""
        from Xlib import X
        from Xlib.display import Display
        from Xlib.ext import xtest

        try:
            self._display.display.socket.close()
            display = Display(self.name)
            down, mask = display.query_keymap(), display.screen().root.query_pointer().mask
            for code in range(8, 256):
                if down[code // 8] >> (code % 8) & 1:
                    xtest.fake_input(display, X.KeyRelease, code)
            for button in (1, 2, 3):
                if mask >> (7 + button) & 1:
                    xtest.fake_input(display, X.ButtonRelease, button)
            display.sync()
        except self.lost:
            # There is no display any more, which the next call will say.
            return
        self._display = self.gui.platformModule._display = display
        self._windows = Windows(display)

    def _table(self) -> dict[str, tuple[str, ...]]:
        info, mapping = self._display.display.info, self.gui.platformModule.keyboardMapping
        group = self._modifiers() >> 13 & 3
        found: dict[str, tuple[str, ...]] = {}
        rows = self._display.get_keyboard_mapping(info.min_keycode, info.max_keycode - info.min_keycode + 1)
        for level in (0, 1):
            for place, row in enumerate(rows):
                column = 2 * group + level
                character = _character(row[column]) if column < len(row) else ""
                if character and character not in found:
                    # Under a name of our own pyautogui presses the key alone.
                    name = f"key {info.min_keycode + place}"
                    mapping[name] = info.min_keycode + place
                    found[character] = ("shift", name) if level else (name,)
        return found

    def _caps_locked(self) -> bool:
        return bool(self._modifiers() & 2)

    def _modifiers(self) -> int:
        """Shift 1, Lock 2, Control 4 and so on; the active layout in bits 13 and 14 (the X Keyboard Extension, section 2.2.1)."""
        return int(self._display.screen().root.query_pointer().mask)

    def _in_terminal(self) -> bool:
        window = self._display.get_input_focus().focus
        root = self._display.screen().root
        while not isinstance(window, int) and window.id != root.id:
            named = window.get_wm_class()
            if named:
                return any("term" in name.lower() or name.lower() in ("konsole", "kitty", "alacritty", "tilix") for name in named)
            window = window.query_tree().parent
        return False


class WindowsSystem(System):
    """Windows. Its table holds what VkKeyScan says of each character: the key, and in the high byte Shift 1, Control 2, Alt 4."""

    name = "Windows"

    def __init__(self, gui: Any) -> None:
        super().__init__(gui, SystemClipboard())

    def title(self) -> str:
        """See `System`."""
        try:
            import pygetwindow
        except ImportError:
            return ""
        return str(pygetwindow.getActiveWindowTitle() or "")

    def press(self, place: Point, button: Button, number: int) -> None:
        """See `System`. The left button is the primary one, whichever side it is on."""
        super().press(place, _logical(button), number)

    def release(self, place: Point, button: Button, number: int) -> None:
        """See `System`."""
        super().release(place, _logical(button), number)

    def scroll(self, place: Point, direction: Direction, amount: int) -> None:
        """See `System`. pyautogui counts in Windows' own units here, and its hscroll turns the vertical wheel."""
        units = WHEEL_DELTA * max(1, round(amount / WINDOWS_NOTCH))
        if direction in ("up", "down"):
            self.gui.scroll(units if direction == "up" else -units, place.x, place.y, _pause=False)
        else:
            signed = units if direction == "right" else -units
            self.gui.platformModule._sendMouseEvent(MOUSEEVENTF_HWHEEL, place.x, place.y, dwData=signed)

    def _table(self) -> dict[str, tuple[str, ...]]:
        mapping, user32 = self.gui.platformModule.keyboardMapping, self.gui.platformModule.ctypes.windll.user32
        given: dict[str, tuple[str, ...]] = {}
        for character in PRINTABLE:
            scanned = int(mapping.get(character) or 0xFFFF) & 0xFFFF
            # The highest bit of MAPVK_VK_TO_CHAR tells a dead key.
            dead = bool(user32.MapVirtualKeyW(scanned & 0xFF, 2) & 0x80000000)
            if windows_gives(character, scanned, self.gui.isShiftCharacter(character), dead):
                given[character] = (character,)
        return given

    def _caps_locked(self) -> bool:
        return bool(self.gui.platformModule.ctypes.windll.user32.GetKeyState(0x14) & 1)


class MacSystem(System):
    """macOS. pyautogui knows the keys of a US keyboard only, whatever the layout: text is pasted, keys serve for shortcuts."""

    name = "macOS"
    paste_keys = ("meta", "v")
    no_code = (None,)

    def __init__(self, gui: Any) -> None:
        super().__init__(gui, SystemClipboard())
        self._quartz = gui.platformModule.Quartz

    def check(self) -> None:
        """See `System`. Both questions are asked of Quartz, which answers since macOS 10.15."""
        for ask, what, where in (
            ("CGPreflightScreenCaptureAccess", "look at the screen", "Screen Recording"),
            ("CGPreflightPostEventAccess", "move the pointer and type", "Accessibility"),
        ):
            if not getattr(self._quartz, ask, lambda: True)():
                raise SetupError(
                    f"macOS does not let this program {what}.",
                    fix=f"System Settings > Privacy & Security > {where}: switch on the app that you start handeye from (Terminal, "
                    "iTerm, your editor), then quit that app and open it again",
                )

    def title(self) -> str:
        """See `System`: the name of the app in front, with its front window's where macOS tells (it asks for Screen Recording)."""
        app = self.gui.platformModule.AppKit.NSWorkspace.sharedWorkspace().frontmostApplication()
        if app is None:
            return ""
        options = self._quartz.kCGWindowListOptionOnScreenOnly | self._quartz.kCGWindowListExcludeDesktopElements
        for window in self._quartz.CGWindowListCopyWindowInfo(options, self._quartz.kCGNullWindowID) or ():
            if window.get("kCGWindowOwnerPID") == app.processIdentifier() and window.get("kCGWindowName"):
                return f"{window['kCGWindowName']} - {app.localizedName()}"
        return str(app.localizedName() or "")

    def table(self) -> Mapping[str, tuple[str, ...]]:
        """See `System`: none."""
        return {}

    def keys(self, name: str) -> tuple[str, ...]:
        """See `System`."""
        return ("command",) if name == "meta" else super().keys(name)

    def press(self, place: Point, button: Button, number: int) -> None:
        """See `System`. pyautogui sends each click as a first one, of which macOS makes no double click."""
        self._mouse(place, button, "Down", number)

    def release(self, place: Point, button: Button, number: int) -> None:
        """See `System`."""
        self._mouse(place, button, "Up", number)

    def scroll(self, place: Point, direction: Direction, amount: int) -> None:
        """See `System`. pyautogui's hscroll turns the rest of a division by ten the wrong way."""
        self.gui.moveTo(place.x, place.y, _pause=False)
        left = max(1, round(amount / MAC_LINE))
        sign = 1 if direction in ("up", "left") else -1
        while left:
            lines = min(left, MAC_MOST)
            wheels = (sign * lines,) if direction in ("up", "down") else (0, sign * lines)
            event = self._quartz.CGEventCreateScrollWheelEvent(None, self._quartz.kCGScrollEventUnitLine, len(wheels), *wheels)
            self._quartz.CGEventPost(self._quartz.kCGHIDEventTap, event)
            left -= lines

    def _mouse(self, place: Point, button: Button, kind: str, number: int) -> None:
        quartz = self._quartz
        name = {"left": "Left", "right": "Right", "middle": "Other"}[button]
        which = {"left": quartz.kCGMouseButtonLeft, "right": quartz.kCGMouseButtonRight, "middle": quartz.kCGMouseButtonCenter}[button]
        event = quartz.CGEventCreateMouseEvent(None, getattr(quartz, f"kCGEvent{name}Mouse{kind}"), (place.x, place.y), which)
        quartz.CGEventSetIntegerValueField(event, quartz.kCGMouseEventClickState, number)
        quartz.CGEventPost(quartz.kCGHIDEventTap, event)

    def _table(self) -> dict[str, tuple[str, ...]]:
        return {character: (character,) for character in PRINTABLE}


def _character(keysym: int) -> str:
    """What an X keysym stands for if it is a character (X11's keysymdef.h: Latin 1, and Unicode above 0x01000000), else empty."""
    point = keysym - 0x01000000 if keysym > 0x01000000 else keysym
    printable = 0x20 <= point < 0x7F or 0xA0 <= point < 0x100 or (keysym > 0x01000000 and point <= 0x10FFFF)
    return chr(point) if printable else ""


def windows_gives(character: str, scanned: int, shifted: bool, dead: bool) -> bool:
    """Whether pyautogui's key for `character` gives it on Windows.

    `scanned`: what VkKeyScan said (0xFFFF: nothing); `shifted`: pyautogui adds Shift, as a US keyboard would need; `dead`: the key waits
    for another. The circumflex is a dead key with Shift on some layouts, which cannot be asked for.
    """
    if scanned & 0xFFFF == 0xFFFF or dead or character == "^":
        return False
    return not shifted or bool(scanned >> 8 & 1)


def _logical(button: Button) -> Any:
    return {"left": "primary", "right": "secondary"}.get(button, button)
