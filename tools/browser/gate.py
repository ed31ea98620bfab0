"""One way out of a browser: its proxy, what keeps pages from going round it, and which addresses may be open.

Three layers, of which each holds without the others: the proxy judges every connection; requests for documents are judged before they are
sent, at every hop; and a page that came up all the same, by a scheme that needs no network, is taken away.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Coroutine
from importlib import resources
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.effects import Effects
from handeye.tools.browser.refusals import Refused, RefusedKind, quoted
from handeye.tools.browser.requests import RequestGate
from handeye.tools.errors import NotPermitted, SetupError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Frame, Page

    from handeye.tools.browser.options import BrowserOptions
    from handeye.tools.egress import EgressProxy, Refusal

OWN_PAGES = ("about:blank", "about:srcdoc", "chrome-error://chromewebdata/", "")
"""Addresses of pages that the browser makes up: blank ones, frames written by their page, and what stands for one that did not open."""
INNER_SCHEMES = ("about", "blob", "data")
"""What a frame inside of a page may be made of: its page wrote it, and what it loads goes through the proxy."""
NOTED_HOSTS = 3
"""Refused hosts that the model is told of in each episode: pages of shops and papers load from dozens."""
NAMED_HOSTS = 10
"""Hosts of the list that a refused address is answered with."""
MAX_REFUSED = 1000
"""Records that are kept in each episode: a page can ask for the refused without end."""
PROBE_S = 10.0
"""How long the proxy, a process of its own, may take to tell of a refusal."""
PROBE = "http://127.0.0.1:{}/handeye"


class Gate:
    """Holds a browser to `options.allowed`, and gives word of what was refused. Lives on the event loop of the browser."""

    def __init__(self, options: BrowserOptions, note: Callable[[str], None], spawn: Callable[[Coroutine[Any, Any, Any]], None]) -> None:
        self.limited = options.allowed is not None
        self.effects = Effects() if options.guard else None
        self.refused: list[Refused] = []
        self.refused_documents = 0
        """How many documents were stopped so far, in all episodes."""
        self.stopped_frames: set[str] = set()
        """Frames in which a document was stopped, of `MAX_REFUSED` at most."""
        self._allowed = options.allowed
        self._port = options.proxy_port
        self._note = note
        self._spawn = spawn
        self._requests = RequestGate(self, self.effects, spawn)
        self._noted: set[str] = set()
        self._probe = ""
        self._proved = asyncio.Event()
        self._proxy: EgressProxy | None = None

    # The way out

    def start(self, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
        """What to add to Playwright's options for a launch. Raises `SetupError` when the proxy's port is taken."""
        if self._allowed is None:
            return {}
        from handeye.tools.egress import EgressProxy

        def told(refusal: Refusal) -> None:
            loop.call_soon_threadsafe(self._on_refusal, refusal)

        self._proxy = EgressProxy.start(self._allowed, self._port, on_refusal=told)
        # Without the bypass a browser connects to its own machine directly.
        return {"proxy": {"server": self._proxy.address, "bypass": "<-loopback>"}}

    def context_options(self) -> dict[str, Any]:
        """What to add to Playwright's options for a context."""
        # What service workers send is not seen, and they outlive their tab.
        return {"service_workers": "block"} if self.limited or self.effects is not None else {}

    def scripts(self) -> list[str]:
        """What runs in every frame before its own scripts."""
        if not self.limited:
            return []
        return [resources.files("handeye.tools.browser").joinpath("gate.js").read_text(encoding="utf-8")]

    async def prove(self, page: Page) -> None:
        """Raises `SetupError` unless what this page asks of its own machine arrives at the proxy: a policy of the machine outranks the
        command line and could have put another way in its place."""
        from playwright.async_api import Error

        assert self._proxy is not None
        self._probe = PROBE.format(self._unlisted_port(int(self._proxy.address.rpartition(":")[2])))
        with contextlib.suppress(Error):  # refused, as it must be
            await page.goto(self._probe, wait_until="commit")
        await page.goto("about:blank")
        script_holds = await page.evaluate("typeof RTCPeerConnection + typeof WebTransport") == "undefinedundefined"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._proved.wait(), PROBE_S)
        if not (self._proved.is_set() and script_holds):
            raise SetupError(
                "The browser does not keep to the proxy that it was started with, so a list of hosts cannot be kept.",
                fix="look for a policy of this machine that sets the browser's proxy (chrome://policy), or take another browser",
            )

    async def attach(self, browser: Browser) -> None:
        """See to all requests of a browser that was started here."""
        await self._requests.attach(await browser.new_browser_cdp_session())

    async def attach_page(self, page: Page) -> None:
        """See to the requests of one page of a browser that runs already: not to those of its workers and frames of other sites."""
        await self._requests.attach(await page.context.new_cdp_session(page))

    def watch(self, page: Page) -> None:
        """Take away what this page shows, now or later, that may not be open."""
        if self.limited:
            page.on("framenavigated", self._on_navigated)
            for frame in page.frames:  # a popup is told of when it is where it was sent
                self._on_navigated(frame)

    def close(self) -> None:
        """Stop the proxy. A second call does nothing."""
        if self._proxy is not None:
            self._proxy.close()

    def touched(self) -> None:
        """The caller is about to touch the page."""
        if self.effects is not None:
            self.effects.input()

    def _unlisted_port(self, near: int) -> int:
        assert self._allowed is not None
        free = (port for port in range(near % 20000 + 20000, 60000) if self._allowed.host_refusal("127.0.0.1", port, False) is not None)
        return next(free)

    def _is_probe(self, refusal: Refusal) -> bool:
        return self._probe == PROBE.format(refusal.port) and refusal.host == "127.0.0.1"

    # Verdicts

    def refusal(self, url: str) -> str | None:
        """Why a document at `url` may not be opened; None: it may."""
        return None if self._allowed is None else self._allowed.refusal(url, document=True)

    def load_refusal(self, url: str) -> str | None:
        """Why nothing may be loaded from `url`; None: it may."""
        return None if self._allowed is None else self._allowed.refusal(url, document=False)

    def judged(self, url: str) -> str:
        """The address to open where the agent asks for `url`: as the browser reads it. Raises `NotPermitted`."""
        if self._allowed is None or url in OWN_PAGES:
            return url
        from handeye.tools.egress import canonical

        why = self._allowed.refusal(url, document=True)
        if why is None:
            return canonical(url).href
        self.refuse("address", url, why, "")
        listed = self._allowed.navigate
        hosts = ", ".join(_shown(pattern) for pattern in listed[:NAMED_HOSTS]) + (", ..." if len(listed) > NAMED_HOSTS else "")
        raise NotPermitted(f"{quoted(url)} may not be opened: {why}. Nothing was sent. What may be opened: {hosts}")

    def refuse(self, kind: RefusedKind, what: str, why: str, note: str) -> None:
        """Record something that was not done and, with a `note`, tell the model."""
        self.refused_documents += kind == "document"
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(Refused(kind, what[:2000], why, time.time()))
        if note:
            self._note(note)

    def stopped(self, frame: str) -> None:
        """A document was stopped from opening in `frame`."""
        if len(self.stopped_frames) < MAX_REFUSED:
            self.stopped_frames.add(frame)

    def forget(self) -> None:
        """A new episode: nothing was refused yet, nothing is held back."""
        self.refused.clear()
        self.stopped_frames.clear()
        self._noted.clear()
        if self.effects is not None:
            self.effects.end()

    # What comes by itself

    def _on_refusal(self, refusal: Refusal) -> None:
        if self._is_probe(refusal):
            self._proved.set()
            return
        if refusal.kind != "page":
            return
        where = f"{refusal.host}:{refusal.port}"
        note = ""
        if where not in self._noted and len(self._noted) <= NOTED_HOSTS:
            more = len(self._noted) == NOTED_HOSTS
            self._noted.add(where)
            note = "More hosts were refused." if more else f"The page wanted to reach {quoted(where)}: {refusal.why}. It was refused."
        self.refuse("network", where, refusal.why, note)

    def on_asked(self, event: dict[str, Any]) -> None:
        """A page asks to go somewhere (CDP `Page.frameRequestedNavigation`). What leads out of the browser is no request that could be
        judged; Chromium asks in a window of its own before it starts a program, which no page and no model can answer."""
        url = str(event.get("url", ""))
        if (scheme := program_scheme(url)) is not None:
            why = f"{scheme}: addresses are for other programs, and none is started"
            self.refuse("program", url, why, f"The page wanted to open {quoted(url)}: {why}.")

    def on_arrived(self, event: dict[str, Any]) -> None:
        """A frame shows another document (CDP `Page.frameNavigated`)."""
        if self.effects is not None and "parentId" not in event["frame"]:
            self.effects.arrived(event["frame"]["id"])

    def _on_navigated(self, frame: Frame) -> None:
        url = frame.url
        inner = frame.parent_frame is not None
        if url in (*OWN_PAGES, self._probe) or (inner and url.partition(":")[0] in INNER_SCHEMES) or (why := self.refusal(url)) is None:
            return
        self.refuse("page", url, why, f"A page came up at {quoted(url)}: {why}. A blank one was put in its place.")
        self._spawn(frame.page.goto("about:blank"))


def program_scheme(url: str) -> str | None:
    """The scheme of an address that a browser would hand to another program (`mailto`, `tel`, ...); None: it opens it itself."""
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", url)
    scheme = found.group(1).lower() if found else ""
    own = ("http", "https", "about", "blob", "data", "javascript", "file", "filesystem", "chrome", "devtools", "view-source", "ws", "wss")
    return None if not scheme or scheme in own or scheme.startswith("chrome-") else scheme


def _shown(pattern: Any) -> str:
    from handeye.tools.egress.hosts import HTTPS_PORT

    port = "" if pattern.port == HTTPS_PORT else f":{pattern.port}"
    return f"{'*.' if pattern.below else ''}{pattern.host}{port}"
