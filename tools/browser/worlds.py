"""A script world of our own in every frame of a tab, of other processes too: there before the page's scripts, out of their reach.

Frames of other processes are joined by sessions inside of the tab's own (`Target.setAutoAttach` without `flatten`): Playwright hands out
none for a frame before it runs, and a guard that comes after the page's first script comes too late.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence, Set
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from handeye.tools.amounts import JAVASCRIPT
from handeye.tools.errors import DeviceError, DeviceTimeout

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

WORLD = "handeye"
REPORT = "handeyeReport"
"""The function by which the guard reports; it is in no world but ours."""
CONTEXT_LIMIT_S = 2.0
"""Longest wait for a frame that was just made to have its world."""


class Refused(DeviceError):
    """The browser refused a command: what it was about is gone, as a rule."""


def script() -> str:
    """What runs in the world of each frame: facts, looks and the guard."""
    folder = resources.files("handeye.tools.browser")
    parts = [folder.joinpath(name).read_text(encoding="utf-8") for name in ("facts.js", "look.js", "guard.js")]
    return "\n".join(parts).replace("{{AMOUNT}}", json.dumps(JAVASCRIPT))


class _Wire(Protocol):
    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]: ...


class _Own:
    """Commands by way of Playwright's session of the tab."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        from playwright.async_api import Error

        try:
            reply: dict[str, Any] = await self._cdp.send(method, params)
        except Error as error:
            raise Refused(f"{method}: {str(error).splitlines()[0][:200]}") from error
        return reply


class _Inner:
    """Commands to a frame of another process, as messages through the session above it."""

    def __init__(self, above: Process, session_id: str) -> None:
        self._above = above
        self._session_id = session_id
        self._numbers = itertools.count(1)
        self._due: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        due: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._due[number] = due
        message = json.dumps({"id": number, "method": method, "params": params})
        try:
            await self._above.send("Target.sendMessageToTarget", {"sessionId": self._session_id, "message": message})
            reply = await due
        finally:
            self._due.pop(number, None)
        if "error" in reply:
            raise Refused(f"{method}: {str(reply['error'].get('message'))[:200]}")
        result: dict[str, Any] = reply.get("result", {})
        return result

    def answered(self, message: dict[str, Any]) -> None:
        """A reply came."""
        due = self._due.get(message["id"])
        if due is not None and not due.done():
            due.set_result(message)

    def gone(self) -> None:
        """No reply will come any more."""
        for due in self._due.values():
            if not due.done():
                due.set_exception(Refused("the frame is gone"))


class Process:
    """Frames that share a process and a session: those of the tab's own, or of one frame of another process and below it."""

    def __init__(self, worlds: Worlds, wire: _Wire, frame_id: str) -> None:
        self.frame_id = frame_id
        """The frame on top."""
        self.contexts: dict[str, int] = {}
        """Where our world is, by frame."""
        self.pages: dict[str, int] = {}
        """Where the page's own is."""
        self.scroll = (0.0, 0.0)
        """Where the document on top was scrolled to when it was last looked at."""
        self.inner: dict[str, Process] = {}
        """Frames of other processes directly below, by session."""
        self._worlds = worlds
        self._wire = wire
        self._armed = ""

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a command. Raises `Refused`."""
        return await self._wire.send(method, params or {})

    async def begin(self) -> None:
        """Put the world into every frame, those to come before they run, and let a frame that was held for that go on."""
        source = {"source": self._worlds.source, "worldName": WORLD, "runImmediately": True}
        attach = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False, "filter": [{"type": "iframe"}]}
        work = [
            self.send("Page.enable"),
            self.send("Runtime.enable"),
            self.send("Runtime.addBinding", {"name": REPORT, "executionContextName": WORLD}),
            self.send("Page.addScriptToEvaluateOnNewDocument", source),
            self.send("Target.setAutoAttach", attach),
            *([self.arm(self._worlds.armed)] if self._worlds.armed else []),
        ]
        try:
            await asyncio.gather(*work)
        finally:
            with contextlib.suppress(DeviceError):
                await self.send("Runtime.runIfWaitingForDebugger")

    async def arm(self, expression: str) -> None:
        """Run `expression` in the world of every frame, and of every one to come until `disarm`."""
        source = {"source": expression, "worldName": WORLD}
        reply, *_ = await asyncio.gather(self.send("Page.addScriptToEvaluateOnNewDocument", source), *self._everywhere(expression))
        self._armed = reply["identifier"]

    async def disarm(self, expression: str) -> None:
        """End what `arm` began, and run `expression` everywhere."""
        armed, self._armed = self._armed, ""
        ended = [self.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": armed})] if armed else []
        there = set(self.contexts.values())
        await asyncio.gather(*ended, *self._everywhere(expression))
        await asyncio.gather(*self._everywhere(expression, there))  # documents that came just before `arm` was ended

    def _everywhere(self, expression: str, but: Set[int] = frozenset()) -> list[Any]:
        async def one(context: int) -> None:
            with contextlib.suppress(Refused):  # its document is gone
                await self.send("Runtime.evaluate", {"expression": expression, "contextId": context, "returnByValue": True})

        return [one(context) for context in set(self.contexts.values()) - but]

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """An event of this session."""
        match method:
            case "Runtime.executionContextCreated":
                context = params["context"]
                if context["auxData"].get("isDefault"):
                    self.pages[context["auxData"]["frameId"]] = context["id"]
                elif context["name"] == WORLD:
                    self.contexts[context["auxData"]["frameId"]] = context["id"]
            case "Runtime.executionContextDestroyed":
                gone = params["executionContextId"]
                self.contexts = {frame: one for frame, one in self.contexts.items() if one != gone}
                self.pages = {frame: one for frame, one in self.pages.items() if one != gone}
            case "Runtime.executionContextsCleared":
                self.contexts.clear()
                self.pages.clear()
            case "Runtime.bindingCalled":
                if params["name"] == REPORT:
                    self._worlds.reported(params["payload"])
            case "Target.attachedToTarget":
                self._worlds.joined(self, params)
            case "Target.detachedFromTarget":
                left = self.inner.pop(params["sessionId"], None)
                if left is not None and isinstance(left._wire, _Inner):
                    left._wire.gone()
            case "Target.receivedMessageFromTarget":
                self._received(params["sessionId"], json.loads(params["message"]))
        self._worlds.news.set()

    def join(self, params: dict[str, Any]) -> Process:
        """The frame of another process that a session was just opened to."""
        process = Process(self._worlds, _Inner(self, params["sessionId"]), params["targetInfo"]["targetId"])
        self.inner[params["sessionId"]] = process
        return process

    def _received(self, session_id: str, message: dict[str, Any]) -> None:
        process = self.inner.get(session_id)
        if process is None:
            return
        if "id" in message and isinstance(process._wire, _Inner):
            process._wire.answered(message)
        elif "method" in message:
            process.heard(message["method"], message.get("params", {}))


_EVENTS = (
    *("Runtime.executionContextCreated", "Runtime.executionContextDestroyed", "Runtime.executionContextsCleared", "Runtime.bindingCalled"),
    *("Target.attachedToTarget", "Target.detachedFromTarget", "Target.receivedMessageFromTarget"),
)


class Worlds:
    """Our world in every frame of one tab. Lives on the tab's event loop; `open` it."""

    def __init__(self, cdp: CDPSession, frame_id: str, report: Callable[[dict[str, Any]], None]) -> None:
        self.source = script()
        self.armed = ""
        self.news = asyncio.Event()
        self.top = Process(self, _Own(cdp), frame_id)
        self._report = report
        self._starting: set[asyncio.Task[None]] = set()
        for name in _EVENTS:
            cdp.on(name, lambda params, name=name: self.top.heard(name, params))

    @classmethod
    async def open(cls, page: Page, report: Callable[[dict[str, Any]], None]) -> Worlds:
        """Put our world into every frame of `page`; `report` is called with what its guard reports."""
        cdp = await page.context.new_cdp_session(page)
        tree = await cdp.send("Page.getFrameTree")
        worlds = cls(cdp, tree["frameTree"]["frame"]["id"], report)
        await worlds.top.begin()
        return worlds

    def processes(self) -> Iterator[Process]:
        """The tab's own session and those below it."""
        waiting = [self.top]
        while waiting:
            process = waiting.pop()
            yield process
            waiting += process.inner.values()

    async def place(self, frame_id: str, limit_s: float = CONTEXT_LIMIT_S) -> tuple[Process, int]:
        """The session and the context of a frame. Raises `DeviceTimeout` when it has none within `limit_s`."""
        end = asyncio.get_running_loop().time() + limit_s
        while True:
            self.news.clear()
            for process in self.processes():
                if frame_id in process.contexts:
                    return process, process.contexts[frame_id]
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                raise DeviceTimeout("A frame of the page could not be looked into in time.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), left)

    async def arm(self, expression: str) -> None:
        """Run `expression` in every frame, and in those to come until `disarm`."""
        self.armed = expression
        await self._all([process.arm(expression) for process in self.processes()])

    async def disarm(self, expression: str) -> None:
        """End what `arm` began."""
        self.armed = ""
        await self._all([process.disarm(expression) for process in self.processes()])

    async def _all(self, work: Sequence[Any]) -> None:
        for failed in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(failed, BaseException) and not isinstance(failed, Refused):
                raise failed

    def reported(self, payload: str) -> None:
        """The guard reported."""
        self._report(json.loads(payload))

    def joined(self, above: Process, params: dict[str, Any]) -> None:
        """A frame of another process came."""

        async def begin() -> None:
            with contextlib.suppress(DeviceError):
                await process.begin()

        process = above.join(params)
        task = asyncio.get_running_loop().create_task(begin())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
