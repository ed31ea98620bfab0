"""`AndroidDriver`: one Android phone through adb, real or simulated. Every call has a deadline; every failure is one of ours."""

from __future__ import annotations

import math
import secrets
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, get_args

from handeye.tools.android import state
from handeye.tools.android.app_names import App
from handeye.tools.android.apps import Apps
from handeye.tools.android.capture import Blank, Capture, Form
from handeye.tools.android.faults import command_fault, first_line
from handeye.tools.android.keyboards import Typist
from handeye.tools.android.options import AndroidOptions
from handeye.tools.android.private import shown_in
from handeye.tools.android.serials import choose, reconnect
from handeye.tools.android.server import running_server
from handeye.tools.android.state import Foreground
from handeye.tools.android.transport import DeviceLink, ShellResult
from handeye.tools.android.typing import chord_command, key_command
from handeye.tools.android.uitree import UiTree, read_tree
from handeye.tools.device import Direction, PhoneButton, Pixels
from handeye.tools.errors import DeviceError, DeviceLost, HandeyeError, InvalidAction
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import android_keycode, canonical_key

T = TypeVar("T")
BUTTONS: dict[PhoneButton, int] = {
    "back": 4, "home": 3, "menu": 82, "enter": 66, "recents": 187, "power": 26, "volume_up": 24, "volume_down": 25, "camera": 27,
    "clear": 28,
}  # fmt: skip
"""Key codes of a phone's own buttons (android.view.KeyEvent)."""
WAKE, SLEEP = 224, 223
TREE_LIMIT_S = 20.0
"""`uiautomator dump` waits for a second without events and gives up after ten."""
WAKE_LIMIT_S = 3.0
LOOK_S = 0.1
MARGIN = 0.08
"""Share of the screen at its edges that scrolling keeps away from: system gestures begin there."""
FASTEST = 2.0
"""Pixels a millisecond that a scroll moves at most, so that lists do not fly on."""


@dataclass(frozen=True)
class ScreenState:
    """What hinders looking and touching. None: the phone does not say."""

    awake: bool | None
    locked: bool | None
    secure: bool
    """Whether the window in front forbids screenshots."""


class AndroidDriver:
    """One phone. A `TouchDevice`; make it with `connect`. Several may be used at once, also in threads.

    All points are pixels of `screenshot()`, however the screen is turned. Methods raise `DeviceLost` when the phone is gone (what only
    looks is tried once more after connecting again; what touches never), `DeviceTimeout` when it does not answer, and `DeviceError`
    for other failures.
    """

    def __init__(self, link: DeviceLink, options: AndroidOptions) -> None:
        self.options = options
        self._link = link
        self._capture = Capture(link, options.form, options.screenshot_s)
        self._typist = Typist(link, options.install_keyboard)
        self._apps = Apps(link, options.aliases)
        self._size = Size(0, 0)
        self._input_size = Size(0, 0)
        self._end = weakref.finalize(self, _shut, link, self._typist)

    @classmethod
    def connect(cls, serial: str | None = None, options: AndroidOptions | None = None) -> AndroidDriver:
        """Drive the phone with this serial, the one at HOST:PORT (connected to if it is not yet), or the only one that is attached.

        Raises `SetupError` with the step that mends it when there is no adb, none or several phones, or one that does not trust this
        computer, and `DeviceLost` when it stays offline.
        """
        options = options or AndroidOptions()
        address = running_server(options.server)
        return cls(DeviceLink(address, choose(address, serial)), options)

    # What is there

    @property
    def serial(self) -> str:
        """The phone's serial, as `adb devices` lists it."""
        return self._link.serial

    @property
    def link(self) -> DeviceLink:
        """The way to the phone, for commands of one's own."""
        return self._link

    @property
    def size(self) -> Size:
        """Size of the screenshots, in pixels, as the screen was turned at the last one."""
        if not self._size.width:
            self.screenshot()
        return self._size

    @property
    def form(self) -> Form | None:
        """How screenshots come; None before the first."""
        return self._capture.form

    @property
    def form_seconds(self) -> dict[Form, float]:
        """How long a screenshot took in each form when they were compared; empty before, or when one was asked for."""
        return dict(self._capture.seconds)

    def keyboards(self) -> tuple[str, ...]:
        """The ids of the keyboards that are on the phone, enabled or not."""
        return self._looking(self._typist.keyboards)

    @property
    def blank(self) -> Blank | None:
        """Why the last screenshot is black: asleep, locked, or an app that forbids looking. None: it is not, or the app is black."""
        return self._capture.blank

    # Eyes

    def screenshot(self) -> Pixels:
        """The screen as it is now. When it is black, `blank` tells why; what is no picture raises `DeviceError`."""
        picture = self._looking(self._capture.take)
        size = Size(picture.shape[1], picture.shape[0])
        if size != self._size:
            self._input_size = self._looking(lambda: self._size_for_input(size))
            self._size = size
        return picture

    def current(self) -> Foreground:
        """The app, activity and window in front."""
        return self._looking(self._apps.current)

    def state(self) -> ScreenState:
        """Whether the screen is on, locked, or protected."""
        text = self._looking(lambda: self._link.shell("dumpsys power; dumpsys window", self.options.timeout_s, "asking for its state")).text
        return ScreenState(state.awake(text), state.locked(text), state.secure(text))

    def ui_tree(self) -> UiTree:
        """The views on the screen, by uiautomator; a second or more, and on a screen that moves it may fail.

        Raises `DeviceError` when it gives none.
        """

        def work() -> ShellResult:
            place = f"/data/local/tmp/handeye-{secrets.token_hex(6)}.xml"
            return self._link.shell(
                f"uiautomator dump {place} 1>&2; cat {place}; code=$?; rm -f {place}; exit $code", TREE_LIMIT_S, "reading the views"
            )

        done = self._looking(work)
        if "<?xml" not in done.text:
            raise DeviceError(
                f"The phone gave no views: {first_line(done.all_text, 'ERROR')}", fix="close other users of UiAutomation, or wait"
            )
        return read_tree(done.text)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...]:
        """Where views show one of `values`, or a beginning of it of four characters, and every password field that holds something: in
        pixels of `screenshot()`. Raises `DeviceError` when the phone gives no views."""
        wide, high = self.size.width / self._input_size.width, self.size.height / self._input_size.height
        return tuple(
            Box(int(box.left * wide), int(box.top * high), math.ceil(box.right * wide), math.ceil(box.bottom * high))
            for box in shown_in(self.ui_tree().walk(), values)
        )

    def apps(self) -> tuple[App, ...]:
        """The apps that can be opened."""
        return self._looking(lambda: self._apps.known(fresh=True))

    def shell(self, command: str | Sequence[str], limit_s: float | None = None) -> ShellResult:
        """Run a command in the phone's shell, once. A list is quoted; a string is a line of shell: put nothing of others' into it."""
        return self._link.shell(command, self.options.timeout_s if limit_s is None else limit_s)

    def ask(self, command: str | Sequence[str], limit_s: float | None = None) -> ShellResult:
        """Like `shell`, for a command that only looks: it is run once more when the phone was lost and came back."""
        return self._looking(lambda: self.shell(command, limit_s))

    def find_app(self, name: str) -> App:
        """The app that `open_app` would open. Raises `InvalidAction` for a name that fits none or several."""
        return self._looking(lambda: self._apps.find(name))

    def opener(self, url: str) -> str:
        """Package of the app that `open_url` would open this address in; empty where the phone does not say."""
        return self._looking(lambda: self._apps.opener(url))

    def input_point(self, point: Point) -> Point:
        """Where a point of the screenshot lies in the pixels that input and the views are told in. Raises `InvalidAction` outside."""
        return self._place(point)

    # Fingers

    def tap(self, point: Point, count: int = 1) -> None:
        """Touch and let go, `count` times in quick succession."""
        x, y = self._place(point)
        self._input(" && ".join([f"input tap {x} {y}"] * count), "tapping")

    def long_press(self, point: Point, duration_s: float = 1.0) -> None:
        """Touch, hold `duration_s` seconds, let go. From 0.5 s Android takes it for a long press."""
        x, y = self._place(point)
        self._input(f"input swipe {x} {y} {x} {y} {_ms(duration_s)}", "holding", duration_s)

    def swipe(self, start: Point, end: Point, duration_s: float = 0.3) -> None:
        """Touch at `start` and move the finger to `end`, which takes `duration_s` seconds; what is touched scrolls."""
        (x1, y1), (x2, y2) = self._place(start), self._place(end)
        self._input(f"input swipe {x1} {y1} {x2} {y2} {_ms(duration_s)}", "swiping", duration_s)

    def drag(self, start: Point, end: Point, duration_s: float = 1.0) -> None:
        """Touch and hold at `start` until it is picked up, then carry it to `end` in `duration_s` seconds."""
        (x1, y1), (x2, y2) = self._place(start), self._place(end)
        self._input(f"input draganddrop {x1} {y1} {x2} {y2} {_ms(duration_s)}", "dragging", duration_s + 1.0)

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Move the finger over `point` so that about `amount` pixels of content on the side of `direction` come into view.

        The finger goes the other way, in several strokes where the screen is too short for one.
        """
        self._place(point)
        for start, end in strokes(self._size, point, direction, amount):
            length = abs(end.x - start.x) + abs(end.y - start.y)
            self.swipe(start, end, max(0.3, length / FASTEST / 1000))

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus; a newline presses Enter, a tab presses Tab.

        Text that is not ASCII needs a keyboard that takes broadcasts (see `handeye.tools.android.keyboards`), else `SetupError`; the
        user's own keyboard is the phone's again afterwards, whatever happens.
        """
        self._typist.type(text)

    def clear_text(self) -> None:
        """Empty the field that has the focus."""
        self._typist.clear()

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord (Android 12 and newer)."""
        names = [canonical_key(key) for key in keys]
        if not names:
            return
        if len(names) == 1 and len(names[0]) == 1 and not names[0].isalnum():
            self.type_text(names[0])  # most signs have no key of their own on Android
            return
        codes = [android_keycode(name) for name in names]
        self._input(chord_command(codes) if len(codes) > 1 else key_command(codes), "pressing keys")

    def press_button(self, button: PhoneButton) -> None:
        """Press one of the phone's own buttons: back, home, menu, enter, recents, power, volume_up, volume_down, camera, clear."""
        if button not in get_args(PhoneButton):
            raise InvalidAction(f"a phone has no button {button!r}; it has {', '.join(BUTTONS)}")
        self._input(key_command([BUTTONS[button]]), f"pressing {button}")

    def press_nothing(self) -> None:
        """Press a key that does nothing: whether the phone lets input through. Raises `DeviceError` with what frees it if not."""
        self._input(key_command([0]), "trying its input")

    # Apps

    def open_app(self, name: str) -> App:
        """Open an app by name or package, and wait until it is in front.

        Raises `InvalidAction` for a name that fits none or several, `DeviceError` when it does not come to the front.
        """
        return self._apps.open(name)

    def stop_app(self, name: str) -> None:
        """Stop an app, by name or package. Raises `InvalidAction` for an unknown one."""
        self._apps.stop(name)

    def open_url(self, url: str) -> None:
        """Open an address in the app that the phone has for it. Raises `InvalidAction` for what is no address."""
        self._apps.open_url(url)

    # Life

    def wake(self) -> None:
        """Switch the screen on. Raises `DeviceError` when it stays off."""
        self._input(key_command([WAKE]), "waking it")
        if not self._becomes(lambda now: now.awake is not False):
            raise DeviceError("The phone's screen stays off.", fix="press its power button")

    def sleep(self) -> None:
        """Switch the screen off."""
        self._input(key_command([SLEEP]), "switching it off")

    def unlock(self) -> None:
        """Wake the phone and put its lock screen away. Raises `DeviceError` when it asks for a PIN, a pattern or a finger."""
        self.wake()
        if not self.state().locked:
            return
        self._link.shell("wm dismiss-keyguard", self.options.timeout_s, "unlocking")
        if self._becomes(lambda now: now.locked is False, WAKE_LIMIT_S / 3):
            return
        width, height = self.size
        self.swipe(Point(width // 2, height * 4 // 5), Point(width // 2, height // 5), 0.3)
        if not self._becomes(lambda now: now.locked is False):
            raise DeviceError("The phone stays locked: it asks for a PIN, a pattern or a finger.", fix="unlock it by hand")

    def reconnect(self) -> None:
        """Bring a phone back that was lost. Raises `DeviceLost` when it does not come within `reconnect_s`."""
        reconnect(self._link.address, self._link.serial, self.options.reconnect_s)
        self._link.forget()

    def close(self) -> None:
        """Let go of the phone; it stays connected to adb's server. A second call does nothing."""
        self._end()

    # Inside

    def _looking(self, work: Callable[[], T]) -> T:
        """What only looks may be done twice: once more after the phone was lost and came back."""
        try:
            return work()
        except DeviceLost:
            if self._link.closed.is_set():
                raise
            self.reconnect()
        return work()

    def _input(self, line: str, doing: str, extra_s: float = 0.0) -> None:
        done = self._link.shell(line, self.options.timeout_s + extra_s, doing)
        if fault := command_fault(done.all_text, doing):
            raise fault
        if done.code != 0 or "Error:" in done.all_text:
            raise DeviceError(f"The phone refused while {doing}: {first_line(done.all_text, 'Error')}")

    def _place(self, point: Point) -> Point:
        size = self.size
        if not point.inside(size):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {size}")
        if self._input_size == size:
            return point
        wide, high = self._input_size.width / size.width, self._input_size.height / size.height
        return Point(int((point.x + 0.5) * wide), int((point.y + 0.5) * high))

    def _size_for_input(self, shown: Size) -> Size:
        """The size that `input` counts in, turned as the screenshot is: on some phones an override of the size changes one only."""
        size = state.window_size(self._link.shell("wm size", self.options.timeout_s, "asking for its size").text)
        if size is None:
            return shown
        turned = (size.width > size.height) != (shown.width > shown.height)
        return Size(size.height, size.width) if turned else size

    def _becomes(self, wanted: Callable[[ScreenState], bool], limit_s: float = WAKE_LIMIT_S) -> bool:
        for _ in range(math.ceil(limit_s / LOOK_S)):
            if wanted(self.state()):
                return True
            self._link.closed.wait(LOOK_S)
        return False


def strokes(size: Size, point: Point, direction: Direction, amount: int) -> list[tuple[Point, Point]]:
    """The swipes that scroll `amount` pixels over `point`: where each begins and ends, all within the screen and off its edges."""
    if direction not in get_args(Direction):
        raise InvalidAction(f"a direction is up, down, left or right, not {direction!r}")
    upright = direction in ("up", "down")
    length = size.height if upright else size.width
    low, high = round(length * MARGIN), max(round(length * MARGIN) + 1, round(length * (1 - MARGIN)) - 1)
    middle = min(max(point.y if upright else point.x, low), high)
    way = -1 if direction in ("down", "right") else 1
    found: list[tuple[Point, Point]] = []
    while amount > 0 and len(found) < 100:
        reach = min(amount, high - low)
        begin = min(max(middle - way * (reach // 2), low), high)
        end = begin + way * reach
        if not low <= end <= high:
            begin, end = (high, high - reach) if way < 0 else (low, low + reach)
        found.append((Point(point.x, begin), Point(point.x, end)) if upright else (Point(begin, point.y), Point(end, point.y)))
        amount -= reach
    return found


def _ms(duration_s: float) -> int:
    if not 0 <= duration_s <= 60:
        raise InvalidAction(f"a gesture takes 0 to 60 seconds, not {duration_s}")
    return max(1, round(duration_s * 1000))


def _shut(link: DeviceLink, typist: Typist) -> None:
    with suppress(HandeyeError):
        typist.settle_debts()
    link.closed.set()
