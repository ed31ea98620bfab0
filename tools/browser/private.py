"""Values in a page that its own scripts are not to know of: where they are shown, and putting one into a field.

Both are asked in an isolated world of each frame (CDP `Page.createIsolatedWorld`): the page's scripts can neither see nor replace what runs
there. Frames of other processes have sessions of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.faults import context_gone
from handeye.tools.errors import DeviceError, DeviceTimeout, TargetChanged
from handeye.tools.geometry import Box
from handeye.tools.private import LEAST, PrivateText

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

    from handeye.tools.browser.tab import PageTab

WORLD = "handeye private"
MOST_FRAMES = 200
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, in CSS pixels of the tab's viewport."""


@dataclass(frozen=True, eq=False)
class _Frame:
    """One document of the tab, and the world in it."""

    session: CDPSession
    id: str
    context: int
    x: float
    y: float
    """Where its viewport begins in the tab's."""


async def shown(tab: PageTab, values: Sequence[str], limit_s: float, scale: float, clip: Box | None) -> tuple[Box, ...]:
    """Where `values`, or beginnings of them, are shown, in pixels of a screenshot of `clip` at `scale`.

    Raises `DeviceError` when a part of the page does not tell.
    """
    left_edge, top_edge = (clip.left, clip.top) if clip else (0, 0)

    async def work() -> list[Rectangle]:
        found: list[Rectangle] = []
        async for frame in _frames(tab):
            for left, top, right, bottom in await _call(frame, "shown", list(values), LEAST) or ():
                found.append((frame.x + left, frame.y + top, frame.x + right, frame.y + bottom))
        return found

    done = await tab.until_stopped(work(), limit_s)
    if done is None:
        raise DeviceError("The page opened a dialog or died while it was asked what it shows.")
    return tuple(
        Box(floor((x1 - left_edge) * scale), floor((y1 - top_edge) * scale), ceil((x2 - left_edge) * scale), ceil((y2 - top_edge) * scale))
        for x1, y1, x2, y2 in done
    )


async def type_private(tab: PageTab, text: PrivateText, limit_s: float, note: Callable[[str], None]) -> None:
    """Put `text` into the field that has the focus, then press Enter if it ends with one and the field has the focus still.

    Raises `TargetChanged`, with nothing done, when what has the focus is no field of the right kind in a document of the right origin.
    """
    kept = await _insert(tab, text, limit_s)
    if text.enter and kept:
        await tab.page.keyboard.press("Enter")
    elif text.enter and not tab.stopped.is_set():
        note("The page moved the focus when the secret was typed: Enter was not pressed.")


async def _insert(tab: PageTab, text: PrivateText, limit_s: float) -> bool:
    """Put the body of `text` in, in one go; whether the field has the focus still."""

    async def work() -> str:
        said = "elsewhere"
        async for frame in _frames(tab):
            said = await _call(frame, "insert", text.body, text.origin, text.fields) if said == "elsewhere" else said
        return str(said)

    said = await tab.until_stopped(work(), limit_s)
    if said is None:
        return False  # a dialog opened because of it: what was asked for is done
    if said == "elsewhere":
        raise TargetChanged("The field lost the focus before the secret was typed; nothing was typed. Click the field again.")
    if said not in ("", "moved"):
        raise TargetChanged(f"The secret was not typed: {said}.")
    return said == ""


async def _frames(tab: PageTab) -> AsyncIterator[_Frame]:
    from playwright.async_api import Error

    async with AsyncExitStack() as opened:
        sessions = [tab.cdp]
        for frame in tab.page.frames[1:MOST_FRAMES]:
            try:
                session = await tab.page.context.new_cdp_session(frame)
            except Error:
                continue  # in the same process as the one around it: that one's session knows it, or it is gone
            opened.push_async_callback(_let_go, session)
            sessions.append(session)
        places: dict[str, tuple[float, float]] = {}
        for session in sessions:
            tree = (await session.send("Page.getFrameTree"))["frameTree"]
            root = tree["frame"]["id"]
            if session is tab.cdp:
                places[root] = (0.0, 0.0)
            elif (place := await _place(sessions, root, places, session)) is not None:
                places[root] = place
            else:
                continue  # it is not shown
            await session.send("DOM.enable")
            for frame_id in _ids(tree):
                if frame_id != root:
                    inner = await _place([session], frame_id, {}, None, places[root])
                    if inner is None:
                        continue
                    places[frame_id] = inner
                try:
                    made = await session.send("Page.createIsolatedWorld", {"frameId": frame_id, "worldName": WORLD})
                except Error as error:
                    if _gone(error):
                        continue
                    raise
                yield _Frame(session, frame_id, made["executionContextId"], *places[frame_id])


async def _place(
    sessions: Sequence[CDPSession],
    frame_id: str,
    places: dict[str, tuple[float, float]],
    own: CDPSession | None,
    root: tuple[float, float] | None = None,
) -> tuple[float, float] | None:
    """Where the viewport of a frame begins in the tab's: the content of its element, as the document around it places that."""
    from playwright.async_api import Error

    for session in sessions:
        if session is own:
            continue
        try:
            owner = await session.send("DOM.getFrameOwner", {"frameId": frame_id})
            model = (await session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]}))["model"]
        except Error:
            continue  # another session's frame, or one that is not shown
        if root is None:
            base = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            root = places.get(base, (0.0, 0.0))
        return root[0] + model["content"][0], root[1] + model["content"][1]
    return None


def _ids(tree: dict[str, Any]) -> list[str]:
    return [tree["frame"]["id"], *(one for child in tree.get("childFrames", ()) for one in _ids(child))]


async def _call(frame: _Frame, name: str, *arguments: Any) -> Any:
    from playwright.async_api import Error

    asked = {
        "functionDeclaration": f"function (...given) {{ return ({_script()}).{name}(...given); }}",
        "executionContextId": frame.context,
        "arguments": [{"value": argument} for argument in arguments],
        "returnByValue": True,
        "userGesture": True,
    }
    try:
        reply = await frame.session.send("Runtime.callFunctionOn", asked)
    except Error as error:
        if _gone(error):
            return None if name == "shown" else "elsewhere"
        raise
    if "exceptionDetails" in reply:
        raise DeviceError("A part of the page did not tell what it shows.")
    return reply["result"].get("value")


def _gone(error: Exception) -> bool:
    """Whether a frame went away while it was asked: what it showed is gone with it."""
    words = str(error)
    return context_gone(error) or "Frame with the given id" in words or "No frame" in words or "closed" in words


async def _let_go(session: CDPSession) -> None:
    from playwright.async_api import Error

    try:
        await asyncio.wait_for(session.detach(), 1.0)
    except (Error, TimeoutError, DeviceTimeout):
        return


@cache
def _script() -> str:
    return resources.files("handeye.tools.browser").joinpath("private.js").read_text(encoding="utf-8").partition("\n")[2]
