"""Asking a page what the last input set off: the questions to `watch.js`, joined with what the tab's own events told."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from handeye.tools.browser.activity import Activity
from handeye.tools.browser.faults import context_gone
from handeye.tools.errors import DeviceTimeout

if TYPE_CHECKING:
    from handeye.tools.browser.tab import PageTab

ANSWER_LIMIT_S = 3.0
"""How long a page may take to answer beyond the wait that it was asked for, before it counts as hanging."""
FRAMES_ASKED = 10
"""Frames of other origins that are asked, when the focus is in one."""
WATCH = "globalThis[Symbol.for('handeye.watch')]?.{}"
POPUP_LIMIT_S = 3.0
FRAMES_LIMIT_S = 2.0
"""A page whose `load` event (images, frames) is overdue this long is looked at as it is."""


async def activity(tab: PageTab, wait_s: float, navigation_s: float) -> Activity:
    """Wait until nothing that the last input set off is pending, for `wait_s` at most, or
    `navigation_s` while on the way to another document."""
    start = time.monotonic()
    waited: dict[str, None] = {}
    while True:
        blocked = blockage(tab)
        left = start + (navigation_s if tab.navigating else wait_s) - time.monotonic()
        if blocked:
            return Activity(waited_for=tuple(waited), blocked=blocked)
        outside = _outside(tab, time.monotonic() - start)
        if outside and left > 0:
            waited.update(dict.fromkeys(outside))
            await tab.next_news(min(left, 0.25))
            continue
        reply = await _ask(tab, f"wait({max(0.0, left) * 1000:.0f})", max(0.0, left))
        if blockage(tab):
            continue
        if reply is None:
            if left <= 0:
                return Activity(pending=("navigation",), waited_for=tuple(waited), navigating=True)
            await tab.next_news(0.02)
            continue
        if reply.get("foreign"):
            reply = _joined(reply, await _ask_frames(tab, f"wait({max(0.0, left) * 1000:.0f})", max(0.0, left)))
        waited.update(dict.fromkeys(reply["waited"]))
        outside = _outside(tab, time.monotonic() - start)
        if outside and left > 0:
            continue
        return _activity(tab, reply, tuple(waited), (*outside, *reply["pending"]))


async def quiet(tab: PageTab, mark: str, quiet_s: float) -> Activity:
    """Watch the page for `quiet_s`. When nothing that counts happened since `mark`, the page is called settled: the next input
    begins a new account, and what goes on from now on is ambient."""
    if found := blockage(tab):
        return Activity(blocked=found)
    question = f"quiet({quiet_s * 1000:.0f}, {mark!r})"
    reply = await _ask(tab, question, quiet_s)
    if reply is not None and reply.get("foreign"):
        reply = _joined(reply, await _ask_frames(tab, question, quiet_s))
    if found := blockage(tab):
        return Activity(blocked=found)
    outside = _outside(tab, 0.0)
    if reply is None:
        return Activity(pending=("navigation",), navigating=True)
    if not outside and not reply["pending"] and reply["mark"] == mark:
        tab.calm()
    return _activity(tab, reply, (), (*outside, *reply["pending"]))


def blockage(tab: PageTab) -> Any:
    """Why the page cannot be asked; an empty string if it can."""
    if tab.dialog is not None:
        return "dialog"
    if tab.crashed:
        return "crash"
    return "hang" if tab.hung else ""


def _activity(tab: PageTab, reply: dict[str, Any], waited: tuple[str, ...], pending: tuple[str, ...]) -> Activity:
    tab.title = reply["title"]
    return Activity(pending, waited, tuple(reply["leftOut"]), reply["mark"], tab.navigating)


def _outside(tab: PageTab, waited_s: float) -> tuple[str, ...]:
    if tab.navigating:
        return ("navigation",)
    if tab.popups_due and waited_s < POPUP_LIMIT_S:
        return ("new tab",)
    if tab.chooser_due and waited_s < POPUP_LIMIT_S:
        return ("file chooser",)
    return ("loading",) if tab.loading and waited_s < FRAMES_LIMIT_S else ()


async def _ask(tab: PageTab, call: str, wait_s: float) -> dict[str, Any] | None:
    """What the page's watch answers; None when its document went away or a dialog opened meanwhile. A page that does not answer
    at all is marked as hanging."""
    from playwright.async_api import Error

    request = {"expression": WATCH.format(call), "awaitPromise": True, "returnByValue": True}
    try:
        reply = await tab.until_stopped(tab.cdp.send("Runtime.evaluate", request), wait_s + ANSWER_LIMIT_S)
    except DeviceTimeout:
        return None
    except Error as error:
        if context_gone(error):
            return None
        raise
    if reply is None:
        return None
    value = reply["result"].get("value")
    return value if isinstance(value, dict) else {"pending": [], "waited": [], "leftOut": [], "mark": "", "title": ""}


async def _ask_frames(tab: PageTab, call: str, wait_s: float) -> list[dict[str, Any]]:
    """What the watches in frames of other origins answer. A frame that does not is left out: it is a page in the page, not the page."""
    main = _origin(tab.page.main_frame.url)
    frames = [frame for frame in tab.page.frames if _origin(frame.url) != main][:FRAMES_ASKED]
    questions = (asyncio.wait_for(frame.evaluate(WATCH.format(call)), wait_s + 1) for frame in frames)
    replies = await asyncio.gather(*questions, return_exceptions=True)
    return [reply for reply in replies if isinstance(reply, dict)]


def _joined(reply: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
    lists = {key: [*reply[key], *(value for frame in frames for value in frame[key])] for key in ("pending", "waited", "leftOut")}
    return reply | lists | {"mark": "|".join([reply["mark"], *(frame["mark"] for frame in frames)])}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
