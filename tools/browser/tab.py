"""One tab as seen from the event loop: its state is pushed by the browser's events, never asked for."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from handeye.tools.browser.faults import network_reason
from handeye.tools.errors import DeviceTimeout

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Dialog, FileChooser, Page, Request

T = TypeVar("T")

HUNG_LIMIT_S = 2.0
"""Wait for a page that is known to hang: long enough to notice that it came back."""
ERROR_PAGE_S = 1.0
"""Longest wait for the page that a browser shows in place of one that did not open."""


class PageTab:
    """A page, its CDP session, and what its events told."""

    def __init__(self, page: Page, note: Callable[[str], None], opener: PageTab | None = None) -> None:
        self.page = page
        self.opener = opener
        self.title = ""
        self.dialog: Dialog | None = None
        self.chooser: FileChooser | None = None
        self.crashed = False
        self.hung = False
        self.navigating = False
        self.asked_for = False
        """A caller waits for the navigation and is told of its failure: no note then."""
        self.loading: set[str] = set()
        """Ids of the frames that began to load since the last time that the page was called settled."""
        self.popups_due = 0
        self.asides_due: list[bool] = []
        """Pages that come without a word of who opened them, as after a Ctrl+click or a Shift+click, and whether each stays in the back."""
        self.never_opens: Callable[[str], bool] = lambda url: False
        """Whether a window for this address is stopped before anybody hears of it, and so is not to be waited for."""
        self.chooser_due = False
        """The page asked for files and the chooser is on its way here."""
        self.news = asyncio.Event()
        """Set at every change of the fields above."""
        self.stopped = asyncio.Event()
        self.stops = 0
        """How often `stopped` was set: input that was cut off by a dialog sees by it that it is not to go on once the dialog is gone."""
        """Set while a dialog is open or the page is dead: input is not answered then."""
        self._note = note
        self._cdp: CDPSession | None = None
        self._main_frame = ""
        self._strays: set[asyncio.Future[Any]] = set()
        self._listen()

    @property
    def cdp(self) -> CDPSession:
        """The page's CDP session; `connect` first."""
        if self._cdp is None:
            raise DeviceTimeout("The page has not opened yet.")
        return self._cdp

    @property
    def connected(self) -> bool:
        """Whether `connect` was called."""
        return self._cdp is not None

    async def connect(self) -> None:
        """Open the CDP session and listen to navigations."""
        cdp = await self.page.context.new_cdp_session(self.page)
        for name, listener in {
            "Page.windowOpen": self._on_window_open,
            "Page.fileChooserOpened": self._on_files_asked,
            "Page.frameRequestedNavigation": self._on_requested,
            "Page.frameStartedNavigating": self._on_started,
            "Page.frameStartedLoading": self._on_loading,
            "Page.frameStoppedLoading": self._on_stopped_loading,
            "Page.frameDetached": self._on_stopped_loading,
            "Page.frameNavigated": self._on_navigated,
            "Page.domContentEventFired": self._on_dom_content,
        }.items():
            cdp.on(name, listener)
        self._cdp = cdp
        await cdp.send("Page.enable")
        # Playwright looks at the input before it tells of a chooser, which on a busy machine takes longer than the page takes to settle.
        # This session's own event comes before the answers to what is asked after it.
        await cdp.send("Page.setInterceptFileChooserDialog", {"enabled": True})
        tree = await cdp.send("Page.getFrameTree")
        self._main_frame = tree["frameTree"]["frame"]["id"]

    async def until_stopped(self, work: Coroutine[Any, Any, T], limit_s: float) -> T | None:
        """What `work` returns; None when a dialog opened or the page died before it was done (it goes on in the background then).

        Raises `DeviceTimeout` after `limit_s` and remembers that the page hangs.
        """
        if self.hung:
            limit_s = min(limit_s, HUNG_LIMIT_S)
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self.stopped.wait())
        try:
            await asyncio.wait({task, stopped}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not task.done():
                self._strays.add(task)
                task.add_done_callback(self._forget)
        if task.done():
            self.hung = False
            return task.result()
        if self.stopped.is_set():
            return None
        self.hung = True
        raise DeviceTimeout(f"The page did not answer within {limit_s:.0f} s.")

    async def open(self, url: str, limit_s: float) -> None:
        """Open `url` and wait until its document is parsed."""
        from playwright.async_api import Error

        self.asked_for = True
        try:
            await self.page.goto(url, wait_until="domcontentloaded", timeout=limit_s * 1000)
        except Error as error:
            # Either the page went on by itself to somewhere else, or the error page of a failure came late: both arrive by themselves.
            elsewhere = "interrupted by another navigation" in str(error)
            await self.arrived(limit_s if elsewhere else ERROR_PAGE_S)
            if not elsewhere:
                raise
        finally:
            self.asked_for = False

    async def arrived(self, limit_s: float) -> None:
        """Wait until the main frame is not on its way to another document, for `limit_s` at most."""
        end = time.monotonic() + limit_s
        while self.navigating and not self.stopped.is_set() and time.monotonic() < end:
            await self.next_news(end - time.monotonic())

    async def next_news(self, limit_s: float) -> None:
        """Wait for the next change of this tab's state, for `limit_s` at most."""
        self.news.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.news.wait(), max(0.001, limit_s))

    def calm(self) -> None:
        """Forget what is still loading: from now on it counts as going on anyway."""
        self.loading.clear()
        self.popups_due = 0
        self.asides_due.clear()
        self.chooser_due = False

    def changed(self) -> None:
        """Wake those who wait for `news`."""
        if self.dialog is not None or self.crashed:
            self.stops += not self.stopped.is_set()
            self.stopped.set()
        else:
            self.stopped.clear()
        self.news.set()

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._strays.discard(task)
        if not task.cancelled() and task.exception() is None:
            self.hung = False

    def _listen(self) -> None:
        page = self.page
        page.on("dialog", self._on_dialog)
        page.on("filechooser", self._on_chooser)
        page.on("crash", self._on_crash)
        page.on("requestfailed", self._on_request_failed)

    def _on_dialog(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.changed()

    def _on_chooser(self, chooser: FileChooser) -> None:
        self.chooser = chooser
        self.chooser_due = False
        self.changed()

    def _on_files_asked(self, _: dict[str, Any]) -> None:
        self.chooser_due = self.chooser is None
        self.changed()

    def _on_crash(self, _: Page) -> None:
        self.crashed = True
        self.dialog = None
        self._note("The page crashed. Open an address with goto to go on.")
        self.changed()

    def _on_request_failed(self, request: Request) -> None:
        with contextlib.suppress(Exception):
            if not request.is_navigation_request() or request.frame != self.page.main_frame:
                return
        reason = request.failure or ""
        if "ERR_ABORTED" in reason or self.asked_for:
            return
        self._note(f"{request.url[:200]} did not open: {network_reason(reason) or reason}.")
        self.changed()

    def _on_window_open(self, event: dict[str, Any]) -> None:
        if self.never_opens(str(event.get("url", ""))):
            return
        self.popups_due += 1
        self.changed()

    def _on_requested(self, event: dict[str, Any]) -> None:
        disposition = event.get("disposition")
        if disposition in ("newTab", "newWindow") and not self.never_opens(str(event.get("url", ""))):
            self.asides_due.append(disposition == "newTab")
            self.popups_due += 1
            self.changed()
        if event["frameId"] == self._main_frame and disposition == "currentTab":
            self.navigating = True
            self.changed()

    def _on_started(self, event: dict[str, Any]) -> None:
        if event["frameId"] == self._main_frame and event.get("navigationType") not in ("sameDocument", "historySameDocument"):
            self.navigating = True
            self.changed()

    def _on_loading(self, event: dict[str, Any]) -> None:
        self.loading.add(event["frameId"])
        self.changed()

    def _on_stopped_loading(self, event: dict[str, Any]) -> None:
        self.loading.discard(event["frameId"])
        if event["frameId"] == self._main_frame:
            self.navigating = False
        self.changed()

    def _on_navigated(self, event: dict[str, Any]) -> None:
        if event["frame"]["id"] == self._main_frame:
            self.chooser = None
            self.changed()

    def _on_dom_content(self, _: dict[str, Any]) -> None:
        self.navigating = False
        self.changed()
