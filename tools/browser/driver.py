"""`BrowserDriver`: the browser for synchronous callers. Every call has a deadline; every failure is one of ours."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from handeye.tools.browser.activity import Activity
from handeye.tools.browser.capture import capture, decoded
from handeye.tools.browser.faults import fault, start_fault
from handeye.tools.browser.limits import LimitedDriver
from handeye.tools.browser.loop import LoopThread
from handeye.tools.browser.options import BrowserOptions
from handeye.tools.browser.private import shown, type_private
from handeye.tools.browser.session import Session, missing_package
from handeye.tools.browser.sighted import SightedDriver
from handeye.tools.browser.typing import press_chord, strokes
from handeye.tools.browser.watching import activity, quiet
from handeye.tools.device import Button, Direction, Pixels
from handeye.tools.errors import DeviceError, DeviceTimeout, InvalidAction
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key, playwright_key
from handeye.tools.private import PrivateText

if TYPE_CHECKING:
    from handeye.tools.browser.tab import PageTab

T = TypeVar("T")
FRAME_S = 1 / 60
START_LIMIT_S = 60.0
"""Longest wait for a browser to start; a loaded machine takes its time."""


class BrowserDriver(SightedDriver, LimitedDriver):
    """A browser with one tab in front. A `PointerDevice`; make it with `launch`.

    Playwright runs on an event loop in a thread of its own, so that dialogs, popups and downloads are noticed while nobody calls.
    All points are pixels of `screenshot()`. Methods raise `DeviceLost` once the browser is gone, `DeviceTimeout` when it or its
    page does not answer, and `DeviceError` for other failures; input while a dialog is open is an `InvalidAction`.
    """

    def __init__(self, options: BrowserOptions, loop: LoopThread, session: Session) -> None:
        self.options = options
        self._loop = loop
        self._session = session
        self._pointer = Point(0, 0)
        self._size = Size(0, 0)
        self._scale = options.scale
        self._last: Pixels | None = None
        self._untouched = False
        self._end = weakref.finalize(self, _shut, loop, session)

    @classmethod
    def launch(cls, options: BrowserOptions | None = None) -> BrowserDriver:
        """Start a browser, or join the one that `options.attach` names.

        Raises `SetupError` when Playwright, a Chromium, a library of the system or a display is missing, `DeviceError` when the
        browser does not start for another reason.
        """
        options = options or BrowserOptions()
        try:
            from playwright.async_api import Error
        except ImportError as error:
            raise missing_package(error) from error
        loop = LoopThread("handeye-browser")
        session = Session(options)
        driver = cls(options, loop, session)
        try:
            loop.run(session.open(), START_LIMIT_S)
            driver._learn_size()
            # Nobody can have reached its page, and nothing was proved on it.
            driver._untouched = options.attach is None and options.profile is None and options.headless and not options.restricted
        except Error as error:
            driver.close()
            if options.attach is not None:
                raise fault(error, f"joining the browser at {options.attach}") from error
            raise start_fault(error) from error
        except BaseException:
            driver.close()
            raise
        return driver

    # What is there

    @property
    def size(self) -> Size:
        """Size of the screenshots, in pixels."""
        return self._size

    @property
    def pointer(self) -> Point:
        """Where the pointer is."""
        return self._pointer

    @property
    def url(self) -> str:
        """Address of the tab in front."""
        return self._session.tab.page.url

    @property
    def title(self) -> str:
        """Title of the tab in front, as of the last look."""
        return self._session.tab.title

    def tabs(self) -> tuple[tuple[str, str, bool], ...]:
        """Title, address and whether it is in front, of every open tab in order of opening."""
        front = self._session.tab
        return tuple((tab.title, tab.page.url, tab is front) for tab in list(self._session.tabs))

    def dialog(self) -> tuple[str, str, str] | None:
        """Kind (alert, confirm, prompt, beforeunload), message and default text of the dialog that waits for an answer."""
        dialog = self._session.tab.dialog
        return None if dialog is None else (dialog.type, dialog.message, dialog.default_value)

    @property
    def file_chooser(self) -> bool:
        """Whether a file chooser waits for `choose_files`."""
        return self._session.tab.chooser is not None

    def downloads(self) -> tuple[str, ...]:
        """Paths of the finished downloads, since the last `renew`."""
        return tuple(self._session.downloads.done)

    def take_notes(self) -> tuple[str, ...]:
        """What happened by itself since the last call, a sentence each: a tab opened, a page crashed, a download finished."""
        notes = tuple(self._session.notes)
        del self._session.notes[: len(notes)]  # and not those that came in between
        return notes

    # Eyes

    def screenshot(self) -> Pixels:
        """The page as it is now. Browsers draw nothing while a dialog is open: the last picture is given again then.

        Raises `DeviceError` when the page has crashed.
        """
        data = self._call("taking a screenshot", self._capture())
        if data is None and self._session.tab.dialog is None:
            raise DeviceError("The page has crashed.", fix="open an address with goto")
        return self._decoded(data)

    def activity(self, wait_s: float, navigation_s: float) -> Activity:
        """Wait until nothing that the last input set off is pending in the page, `wait_s` at most, or `navigation_s` while it is on
        its way to another document."""
        return self._call("watching the page", activity(self._session.tab, wait_s, navigation_s), extra_s=wait_s + navigation_s)

    def screenshot_watched(self, mark: str, quiet_s: float) -> tuple[Pixels, Activity]:
        """A screenshot, and what the page did meanwhile, watched for `quiet_s` at least. The picture is of a settled page if
        nothing is pending then and `mark` is still the same; later input begins a new account then. When the page is `blocked`,
        the picture is the last that there was."""

        async def work() -> tuple[str | None, Activity]:
            tab = self._session.tab
            watched = asyncio.ensure_future(quiet(tab, mark, quiet_s))
            try:
                data = await self._capture()
            except DeviceTimeout:
                data = None
            return data, await watched

        data, seen = self._call("taking a screenshot", work(), 2)
        return self._decoded(data), seen

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """What a JavaScript expression, or a function called with `argument`, gives in the page; JSON in and out."""
        self._refuse_dialog()

        async def work() -> Any:
            tab = self._session.tab
            done = await tab.until_stopped(_boxed(tab.page.evaluate(script, argument)), self.options.timeout_s)
            if done is None:
                raise DeviceError("The page opened a dialog or died while a script ran in it.")
            return done[0]

        return self._call("running a script in the page", work())

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...]:
        """Where the page shows one of `values`, or a beginning of it of four characters, and every password field that holds something: in
        pixels of `screenshot()`. Asked out of reach of the page's scripts. Raises `DeviceError` when it does not tell."""
        self._refuse_dialog()
        return self._call(
            "asking what the page shows", shown(self._session.tab, values, self.options.timeout_s, self._scale, self.options.clip)
        )

    # Fingers

    def move(self, point: Point) -> None:
        """Move the pointer, pressing nothing."""
        x, y = self._css(point)
        self._input("moving the pointer", lambda tab: tab.page.mouse.move(x, y), presses=False)
        self._pointer = point

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Press and release `button` at `point`, `count` times in quick succession, each held `hold_s` seconds, with `modifiers` down."""
        x, y = self._css(point)
        names = [canonical_key(name) for name in modifiers]
        if wrong := [name for name in names if name not in MODIFIERS]:
            raise InvalidAction(f"{wrong[0]!r} is not a modifier key; those are {', '.join(MODIFIERS)}")
        held = [playwright_key(name) for name in names]

        async def work(tab: PageTab) -> None:
            for name in held:
                await tab.page.keyboard.down(name)
            try:
                await tab.page.mouse.click(x, y, button=button, click_count=count, delay=hold_s * 1000)
            finally:
                for name in reversed(held):
                    await tab.page.keyboard.up(name)

        self._input("clicking", work, extra_s=hold_s * count)
        self._pointer = point

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Press `button` at the first point, move through the others (two at least), release at the last."""
        if len(path) < 2:
            raise InvalidAction("a drag needs two points at least")
        corners = [self._css(point) for point in path]
        steps = max(5, round(duration_s / FRAME_S / (len(corners) - 1)))

        async def work(tab: PageTab) -> None:
            mouse = tab.page.mouse
            await mouse.move(*corners[0])
            await mouse.down(button=button)
            try:
                for x, y in corners[1:]:
                    await mouse.move(x, y, steps=steps)
            finally:
                await mouse.up(button=button)

        self._input("dragging", work, extra_s=duration_s * 4)
        self._pointer = path[-1]

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `point` so that `amount` pixels of content on the side of `direction` come into view."""
        x, y = self._css(point)
        length = amount / self._scale * (-1 if direction in ("up", "left") else 1)
        dx, dy = (length, 0.0) if direction in ("left", "right") else (0.0, length)

        async def work(tab: PageTab) -> None:
            await tab.page.mouse.move(x, y)
            await tab.page.mouse.wheel(dx, dy)

        self._input("scrolling", work, presses=False)
        self._pointer = point

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus; a newline presses Enter, a tab presses Tab. Stops when a dialog opens.

        A `PrivateText` is put into its field in one piece, unseen by the page's scripts until it is there; `TargetChanged`, with nothing
        done, when what has the focus is no such field of its origin.
        """
        if isinstance(text, PrivateText):
            return self._input("typing a secret", lambda tab: type_private(tab, text, self.options.timeout_s, self._session.notes.append))

        async def work(tab: PageTab) -> None:
            stops = tab.stops
            for stroke in strokes(tab.page, text):
                if tab.stops != stops:
                    return
                await stroke()

        self._input("typing", work, extra_s=len(text) * 0.02)

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""
        names = [canonical_key(key) for key in keys]
        self._input("pressing keys", lambda tab: press_chord(tab.page, names))

    # Where to be

    def goto(self, url: str) -> None:
        """Open `url` in the tab in front (in a new one if its page crashed or hangs) and wait until its document is parsed.

        Raises `NotPermitted`, with nothing sent, for what `options.allowed` does not have.
        """
        self._refuse_dialog()

        async def work() -> None:
            self._session.gate.touched()
            await self._session.goto(url, self.options.timeout_s * 2)

        self._call(f"opening {url[:200]}", work(), 3)

    def go_back(self) -> None:
        """Go back one page in the history. Raises `InvalidAction` when there is none."""
        self._refuse_dialog()

        async def work() -> None:
            tab = self._session.tab
            history = await tab.cdp.send("Page.getNavigationHistory")
            if history["currentIndex"] < 1:
                raise InvalidAction("there is no page to go back to")
            entry = history["entries"][history["currentIndex"] - 1]
            self._session.gate.judged(entry["url"])
            self._session.gate.touched()
            tab.navigating = True
            await tab.until_stopped(tab.cdp.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]}), self.options.timeout_s)

        self._call("going back", work())

    def switch_tab(self, index: int) -> None:
        """Bring the tab at `index` of `tabs()` to the front."""

        async def work() -> None:
            tabs = self._session.tabs
            if not 0 <= index < len(tabs):
                raise InvalidAction(f"there is no tab {index}; open are 0 to {len(tabs) - 1}")
            self._session.to_front(tabs[index])

        self._call("switching tabs", work())

    def close_tab(self) -> None:
        """Close the tab in front; the one that opened it, or the last, comes to the front."""

        async def work() -> None:
            await self._session.close_tab()

        self._call("closing the tab", work())

    # What pages ask

    def answer_dialog(self, accept: bool, text: str | None = None) -> None:
        """Answer the dialog that is open. Raises `InvalidAction` when none is."""

        async def work() -> None:
            tab = self._session.tab
            dialog = tab.dialog
            if dialog is None:
                raise InvalidAction("no dialog is open")
            tab.dialog = None
            tab.changed()
            self._session.gate.touched()
            if accept:
                await dialog.accept(text if text is not None else dialog.default_value)
            else:
                await dialog.dismiss()

        self._call("answering the dialog", work())

    # Life

    def renew(self) -> None:
        """Begin an episode: a fresh blank page, and fresh cookies and storage unless the profile is kept; notes and downloads forgotten."""
        if self._untouched and not self._session.lost:
            return  # the one with which the browser began still is
        self._last = None
        self._pointer = Point(0, 0)
        self._call("opening a fresh page", self._session.renew(), 3)

    def close(self) -> None:
        """Close the browser that was started here and let go of a joined one. Always ends; a second call does nothing."""
        self._end()

    # Inside

    def _call(self, doing: str, work: Coroutine[Any, Any, T], limits: float = 1.0, extra_s: float = 0.0) -> T:
        from playwright.async_api import Error

        self._untouched = False
        try:
            return self._loop.run(work, self.options.timeout_s * limits + extra_s + 2)
        except Error as error:
            raise fault(error, doing) from error

    def _input(self, doing: str, work: Any, extra_s: float = 0.0, presses: bool = True) -> None:
        self._refuse_dialog()

        async def guarded() -> None:
            tab = self._session.tab
            if tab.crashed:
                raise InvalidAction("the page crashed; open an address first")
            if presses:
                self._session.gate.touched()
            await tab.until_stopped(work(tab), self.options.timeout_s + extra_s)

        self._call(doing, guarded(), 1, extra_s)

    def _refuse_dialog(self) -> None:
        dialog = self._session.tab.dialog
        if dialog is not None:
            raise InvalidAction(f"the page shows a {dialog.type} dialog ({dialog.message[:200]!r}); answer it first")

    def _css(self, point: Point) -> tuple[float, float]:
        if not point.inside(self._size):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screen of {self._size}")
        left, top = (self.options.clip.left, self.options.clip.top) if self.options.clip else (0, 0)
        return left + point.x / self._scale, top + point.y / self._scale

    def _learn_size(self) -> None:
        viewport = self.options.viewport
        if self.options.attach is not None:
            width, height, self._scale = self.evaluate("[innerWidth, innerHeight, devicePixelRatio]")
            viewport = Size(width, height)
        part = self.options.clip or Box(0, 0, *viewport)
        self._size = Size(round(part.width * self._scale), round(part.height * self._scale))

    async def _capture(self) -> str | None:
        return await capture(self._session.tab, self.options.timeout_s)

    def _decoded(self, data: str | None) -> Pixels:
        if data is None:
            # A page that was never drawn is a blank one: that is what stands behind a dialog which opens while it loads.
            return np.full((self._size.height, self._size.width, 3), 255, np.uint8) if self._last is None else self._last
        self._last = decoded(data, self.options.clip, self._scale)
        self._size = Size(self._last.shape[1], self._last.shape[0])
        return self._last


async def _boxed(work: Any) -> tuple[Any]:
    return (await work,)


def _shut(loop: LoopThread, session: Session) -> None:
    try:
        loop.run(session.close(), 30)
    except DeviceError:
        session.lost = True
    loop.stop()
