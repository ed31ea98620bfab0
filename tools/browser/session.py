"""The browser as seen from the event loop: starting or joining it, its context, its tabs, and what it did by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from importlib import resources
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.chromium import find_chromium
from handeye.tools.browser.downloads import Downloads
from handeye.tools.browser.gate import Gate
from handeye.tools.browser.options import DROPPED_ARGUMENTS, BrowserOptions, launch_arguments
from handeye.tools.browser.permissions import deny_others
from handeye.tools.browser.profiles import forget_tabs, forget_workers
from handeye.tools.browser.programs import NoPrograms
from handeye.tools.browser.sight import Sight
from handeye.tools.browser.tab import PageTab
from handeye.tools.errors import DeviceError, DeviceLost, SetupError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Download, Page, Playwright

CLOSE_LIMIT_S = 5.0
ASIDE_LIMIT_S = 2.0
"""How long a tab that opens without an opener is waited for, to tell its address and title."""


class Session:
    """One browser, one context at a time, its tabs in order of opening. Lives on one event loop."""

    def __init__(self, options: BrowserOptions) -> None:
        self.options = options
        self.tabs: list[PageTab] = []
        self.active: PageTab | None = None
        self.notes: list[str] = []
        self.gate = Gate(options, self.notes.append, self.spawn)
        self.downloads = Downloads(options, self.gate, self.notes.append)
        self._programs = NoPrograms(options.restricted and options.attach is None)
        self.sight = Sight()
        self.lost = False
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._context: BrowserContext | None = None
        self._cdp: CDPSession | None = None
        self._pid: int | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._opening = asyncio.Lock()

    @property
    def tab(self) -> PageTab:
        """The tab in front. Raises `DeviceLost` when the browser is gone."""
        if self.lost or self.active is None:
            raise DeviceLost("The browser is closed.")
        return self.active

    async def open(self) -> None:
        """Start the browser (or join the running one) and open the first page."""
        from playwright.async_api import async_playwright

        self._playwright = await async_playwright().start()
        chromium = self._playwright.chromium
        if self.options.attach is not None:
            self._browser = await chromium.connect_over_cdp(self.options.attach, timeout=self.options.timeout_s * 1000)
            await self._join(self._browser)
        elif self.options.profile is not None:
            await self._open_context()
        else:
            self._browser = await chromium.launch(**self._launch_options())
            self._browser.on("disconnected", lambda _: self._on_lost())
            await self._learn_browser()
            await self._open_context()
        if self.options.attach is None and self.options.restricted:
            assert self._browser is not None
            if self.gate.limited:
                await self.gate.prove(self.tab.page)
            await self.gate.attach(self._browser)

    async def renew(self) -> None:
        """A fresh page in a fresh context; in a profile or a running browser, which keep theirs, only a fresh page."""
        if self.lost:
            raise DeviceLost("The browser is closed.")
        old_tabs, old = self.tabs, self._context
        if self.options.attach is None and self.options.profile is None:
            self.tabs, self.active = [], None
            await self._open_context()
            if old is not None:
                await self._quietly(old.close())
        else:
            self.tabs, self.active = [], None
            await self.open_tab()
            for tab in old_tabs if self.options.attach is None else ():
                await self._quietly(tab.page.close())
        self.notes.clear()
        self.downloads.done.clear()
        self.gate.forget()

    async def open_tab(self) -> PageTab:
        """A new blank tab in front."""
        assert self._context is not None
        async with self._opening:
            page = await self._context.new_page()
            await self._adopted(page)
        return self.tab

    async def goto(self, url: str, limit_s: float) -> None:
        """Open `url` in the tab in front (in a new one if its page crashed or hangs) and wait until its document is parsed.

        Raises `NotPermitted` when it may not be opened. When it leads somewhere else that may not, the page stays and a note says so.
        """
        from playwright.async_api import Error

        url = self.gate.judged(url)
        tab = await self.working_tab()
        refused = self.gate.refused_documents
        try:
            await tab.until_stopped(tab.open(url, limit_s), limit_s + 1)
        except Error as error:
            saved = self.gate.limited and "Download is starting" in str(error)  # which a note tells of
            if self.gate.refused_documents == refused and not saved:
                raise

    async def working_tab(self) -> PageTab:
        """The tab in front; a new one in its place if its page crashed or hangs."""
        tab = self.tab
        if not tab.crashed and not tab.hung:
            return tab
        if tab in self.tabs:
            self.tabs.remove(tab)
        fresh = await self.open_tab()
        self.spawn(tab.page.close())
        return fresh

    async def close_tab(self) -> None:
        """Close the tab in front, leaving at least a blank one."""
        tab = self.tab
        self.tabs.remove(tab)
        if tab.opener is not None and tab.opener in self.tabs:
            self.to_front(tab.opener)
        elif self.tabs:
            self.to_front(self.tabs[-1])
        else:
            await self.open_tab()
        await self._quietly(tab.page.close())

    async def close(self) -> None:
        """Dismiss what is open, close the browser that was started here, and stop Playwright. Always ends."""
        self._closing = True
        for tab in self.tabs:
            if tab.dialog is not None:
                await self._quietly(tab.dialog.dismiss())
        if self.options.attach is None:
            if self._context is not None:
                await self._quietly(self._context.close())
            if self._browser is not None:
                await self._quietly(self._browser.close())
        if self._playwright is not None:
            await self._quietly(self._playwright.stop())
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, signal.SIGKILL)
        self.gate.close()
        self.downloads.close()
        self._programs.close()
        self.lost = True

    def to_front(self, tab: PageTab) -> None:
        """Make `tab` the one that is seen and worked."""
        self.active = tab
        self.spawn(self._raise(tab))

    def spawn(self, work: Coroutine[Any, Any, Any], limit_s: float | None = CLOSE_LIMIT_S) -> None:
        """Run `work` in the background, for `limit_s` at most; its failure is no one's business but its own."""

        async def run() -> None:
            await self._quietly(work, limit_s)

        task = asyncio.get_running_loop().create_task(run())
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _raise(self, tab: PageTab) -> None:
        await tab.page.bring_to_front()

    async def _quietly(self, work: Coroutine[Any, Any, Any], limit_s: float | None = CLOSE_LIMIT_S) -> None:
        from playwright.async_api import Error

        with contextlib.suppress(Error, TimeoutError, DeviceError):
            await asyncio.wait_for(work, limit_s)

    def _launch_options(self) -> dict[str, Any]:
        assert self._playwright is not None
        return {
            "executable_path": self.options.executable or find_chromium(self._playwright.chromium.executable_path),
            "headless": self.options.headless,
            "args": launch_arguments(self.options),
            "ignore_default_args": list(DROPPED_ARGUMENTS),
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
            **self.gate.start(asyncio.get_running_loop()),
            **self.downloads.launch_options(),
            **self._programs.launch_options(),
        }

    def _context_options(self) -> dict[str, Any]:
        size = self.options.viewport
        return {
            "viewport": {"width": size.width, "height": size.height},
            "device_scale_factor": self.options.scale,
            "accept_downloads": self.options.downloads is not None,
            **self.gate.context_options(),
        }

    async def _open_context(self) -> None:
        assert self._playwright is not None
        if self.options.profile is not None:
            self.options.profile.mkdir(parents=True, exist_ok=True)
            if self.gate.limited:
                forget_tabs(self.options.profile)
            if self.options.restricted:
                forget_workers(self.options.profile)
            context = await self._playwright.chromium.launch_persistent_context(
                self.options.profile, **self._launch_options(), **self._context_options()
            )
            context.on("close", lambda _: self._on_lost())
            self._browser = context.browser
            await self._learn_browser()
        else:
            assert self._browser is not None
            context = await self._browser.new_context(**self._context_options())
        self._context = context
        await self._prepare(context)
        await self.open_tab()
        await self._limit()
        for page in context.pages:
            if page is not self.tab.page:
                await self._quietly(page.close())

    async def _join(self, browser: Browser) -> None:
        browser.on("disconnected", lambda _: self._on_lost())
        self._context = browser.contexts[0] if browser.contexts else await browser.new_context()
        await self._prepare(self._context)
        for page in self._context.pages:
            await self._adopted(page)
            for script in self._scripts():
                await self._quietly(page.evaluate(script))
        if not self.tabs:
            await self.open_tab()

    async def _prepare(self, context: BrowserContext) -> None:
        for script in self._scripts():
            await context.add_init_script(script)
        context.on("page", self._on_page)

    def _scripts(self) -> list[str]:
        folder = resources.files("handeye.tools.browser")
        names = ["watch.js", *(["base_select.js"] if self.options.base_select else [])]
        return [*self.gate.scripts(), *(folder.joinpath(name).read_text(encoding="utf-8") for name in names)]

    async def _learn_browser(self) -> None:
        if self._browser is None:
            return
        self._cdp = await self._browser.new_browser_cdp_session()
        processes = (await self._cdp.send("SystemInfo.getProcessInfo"))["processInfo"]
        self._pid = next((process["id"] for process in processes if process["type"] == "browser"), None)

    async def _limit(self) -> None:
        """What pages may ask of the browser, and how much they may send: for a context that no page has been opened in yet."""
        if self._cdp is None:
            return
        target = (await self.tab.cdp.send("Target.getTargetInfo"))["targetInfo"]
        context = None if self.options.profile is not None else target["browserContextId"]
        await deny_others(self._cdp, context, self.options.permissions)
        await self.downloads.limit(self._cdp, context)

    async def _adopted(self, page: Page) -> PageTab:
        known = next((tab for tab in self.tabs if tab.page is page), None)
        tab = known or self._new_tab(page, None)
        if not tab.connected:
            await self._connect(tab)
        self.active = tab
        return tab

    def _new_tab(self, page: Page, opener: PageTab | None) -> PageTab:
        tab = PageTab(page, self.notes.append, opener)
        tab.never_opens = lambda url: url.startswith(("http:", "https:")) and self.gate.refusal(url) is not None
        self.tabs.append(tab)
        page.on("close", lambda _: self._on_page_closed(tab))
        page.on("download", self._on_download)
        return tab

    async def _connect(self, tab: PageTab) -> None:
        await tab.connect()
        if self.options.restricted:
            tab.cdp.on("Page.frameRequestedNavigation", self.gate.on_asked)
            tab.cdp.on("Page.frameNavigated", self.gate.on_arrived)
        if self.options.guard and self.options.attach is not None:
            await self.gate.attach_page(tab.page)
        if self.options.guard:
            await self.sight.open(tab)

    def _on_page(self, page: Page) -> None:
        self.gate.watch(page)
        if any(tab.page is page for tab in self.tabs):
            return
        self.spawn(self._follow(page))

    async def _follow(self, page: Page) -> None:
        opener_page = await page.opener()
        async with self._opening:  # one that is opened here is known by then
            if any(tab.page is page for tab in self.tabs) or page.context is not self._context:
                return
            if opener_page is None and await self._came_to_nothing(page):
                await page.close()
                return
            opener = next((tab for tab in self.tabs if tab.page is opener_page), None)
            behind = False
            if opener_page is None:
                opener = next((tab for tab in self.tabs if tab.asides_due), None)
                behind = opener is None or opener.asides_due.pop(0)
            # In a browser of a person's own, and in a profile, tabs may come up that have nothing to do with what is done here.
            if opener is None and (opener_page is not None or self.options.attach is not None or self.options.profile is not None):
                return
            tab = self._new_tab(page, opener)
        await self._connect(tab)
        if opener_page is None:
            await self._quietly(_arrived(tab), ASIDE_LIMIT_S)
        self.notes.append(f"A new tab opened {'behind this one' if behind else 'and is in front now'}: {page.url[:200]}")
        if not behind:
            self.to_front(tab)
        if opener is not None:
            opener.popups_due = max(0, opener.popups_due - 1)
            opener.changed()

    async def _came_to_nothing(self, page: Page) -> bool:
        """Whether a page was stopped from opening what it was made for: some browsers leave such a one blank, others close it."""
        if not self.options.restricted:
            return False
        cdp = await page.context.new_cdp_session(page)
        target = (await cdp.send("Target.getTargetInfo"))["targetInfo"]
        await cdp.detach()
        return target["targetId"] in self.gate.stopped_frames

    def _on_page_closed(self, tab: PageTab) -> None:
        if tab not in self.tabs:
            return
        self.tabs.remove(tab)
        tab.crashed = True
        tab.changed()
        if self._closing or self.active is not tab:
            return
        if tab.opener in self.tabs or self.tabs:
            self.to_front(tab.opener if tab.opener in self.tabs and tab.opener is not None else self.tabs[-1])
            self.notes.append("The tab closed; another one is in front now.")
        else:
            self.active = None
            self.notes.append("The last tab closed; a blank one was opened.")
            self.spawn(self.open_tab())

    def _on_download(self, download: Download) -> None:
        self.spawn(self.downloads.keep(download), None)

    def _on_lost(self) -> None:
        self.lost = True
        for tab in self.tabs:
            tab.crashed = True
            tab.changed()


async def _arrived(tab: PageTab) -> None:
    """Wait until a tab that began blank is where it was sent, and learn its title."""
    await tab.page.wait_for_url(lambda url: url != "about:blank", wait_until="domcontentloaded")
    tab.title = await tab.page.title()


def missing_package(error: ImportError) -> SetupError:
    """What to tell someone without Playwright."""
    return SetupError(f"The browser needs the package {error.name or 'playwright'}.", fix="pip install 'handeye[browser]'")
