"""What is under a point of a tab and what has its focus, through all frames and shadow trees, as the browser itself finds it."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from handeye.tools.browser.worlds import Process, Refused, Worlds
from handeye.tools.errors import DeviceTimeout

DEPTH = 8
"""Frames in frames that are entered."""
_AT = "function (...rest) { return handeye.at(this, ...rest); }"
SCROLLS = 5
"""Tries with a page that is scrolled meanwhile."""
PATH = 12
"""Ancestors of what is hit that are asked whether they listen to clicks."""
CLICKS = frozenset({"click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend", "dblclick", "auxclick"})
_RECT = "function () { const r = handeye.rectOf(this); return [r.left, r.top]; }"

Facts = dict[str, Any]
"""What `look.js` tells of one element."""


def unknown(doubt: str) -> Facts:
    """What is told where nothing can be."""
    return {"known": False, "doubts": [doubt]}


async def at_point(worlds: Worlds, x: float, y: float) -> Facts:
    """What a click at (`x`, `y`), CSS pixels of the viewport, would act on. Raises `Refused` when its document just goes away."""
    process, dx, dy, top = worlds.top, 0.0, 0.0, None
    found = unknown("nothing there")
    for _ in range(DEPTH):
        ground, hit, over = await _hits(worlds, process, x, y)
        top = top or ground
        found = await _told(worlds, process, hit, over, (x, y, dx, dy))
        frame, node = found.pop("frame", None), found.pop("node", None)
        if frame is None:
            break
        inside = await _behind(worlds, process, node)
        if inside is None:
            break
        dx, dy, x, y = dx + frame["left"], dy + frame["top"], x - frame["left"], y - frame["top"]
        process = inside
    return _placed(found, top or {})


async def with_focus(worlds: Worlds, entered: bool) -> list[Facts]:
    """What has the focus, and, where `entered` (Enter is pressed), the button that this would press. Raises as `at_point` does."""
    top = await _ground(worlds, worlds.top)
    frame_id = worlds.top.frame_id
    call = f"handeye.focused(handeye.focus(), {'true' if entered else 'false'})"
    found: list[Facts] = [unknown("nothing has the focus")]
    for _ in range(DEPTH):
        process, context = await worlds.place(frame_id)
        found = await _evaluate(process, context, call)
        first = found[0]
        node = None
        if first.get("frame") is not None or first.get("closed"):
            node = await _node(process, context, "handeye.focus()")
        if first.pop("frame", None) is None:
            if first.pop("closed", False) and node is not None:
                found = await _in_closed(process, context, node, entered) or found
            break
        child = await _frame_of(process, node)
        if child is None:
            break
        frame_id = child
    return [_placed(one, top) for one in found]


async def _ground(worlds: Worlds, process: Process) -> Facts:
    holder, context = await worlds.place(process.frame_id)
    ground: Facts
    ground, _ = await asyncio.gather(
        _evaluate(holder, context, "handeye.ground()"), holder.send("Runtime.releaseObjectGroup", {"objectGroup": "handeye"})
    )
    return ground


async def _hits(worlds: Worlds, process: Process, x: float, y: float) -> tuple[Facts, Facts | None, Facts | None]:
    """Where the document is scrolled to, the node that a click hits, and the one that it would hit if none let clicks through."""
    for _ in range(SCROLLS):
        # The command counts from the corner of the document, in whole pixels. Where that is, is asked for at the same time: as a rule it is
        # where it was.
        guess = process.scroll
        spot = {"x": math.floor(x + guess[0]), "y": math.floor(y + guess[1])}
        ground, hit, over = await asyncio.gather(
            _ground(worlds, process), _node_at(process, spot), _node_at(process, spot | {"ignorePointerEventsNone": True})
        )
        process.scroll = (ground["x"], ground["y"])
        if process.scroll == guess:
            return ground, hit, over
    raise DeviceTimeout("The page keeps scrolling.")


async def _told(worlds: Worlds, process: Process, hit: Facts | None, over: Facts | None, where: tuple[float, float, float, float]) -> Facts:
    x, y, dx, dy = where
    if hit is None:
        return await _at_surface(worlds, process, x, y)
    try:
        holder, context = await worlds.place(hit["frameId"])
    except DeviceTimeout:
        return unknown("frame that cannot be read")
    node = await _resolve(holder, context, hit["backendNodeId"])
    hidden = None
    if over is not None and over["backendNodeId"] != hit["backendNodeId"] and over["frameId"] == hit["frameId"]:
        hidden = await _resolve(holder, context, over["backendNodeId"])
    left, top = (0.0, 0.0) if hit["frameId"] == process.frame_id else await _corner(holder, node)
    known = not math.isnan(left)
    arguments: list[dict[str, Any]] = [
        {"value": x - left if known else None},
        {"value": y - top if known else None},
        {"objectId": hidden} if hidden else {"value": None},
        {"value": dx + left if known else None},
        {"value": dy + top if known else None},
    ]
    found: Facts = await _call(holder, node, _AT, [*arguments, {"value": None}])
    if found.get("how") == "plain":
        listens = await _listens(holder, hit["frameId"], node, min(PATH, found["depth"]))
        if listens is not None:
            found = await _call(holder, node, _AT, [*arguments, {"value": listens}])
    if over is not None and over["frameId"] != hit["frameId"]:
        found["known"], found["doubts"] = False, [*found["doubts"], "covered by a frame that takes no clicks"]
    return found | {"node": node}


async def _at_surface(worlds: Worlds, process: Process, x: float, y: float) -> Facts:
    """What is told where the browser's hit test finds no node, as inside of a plugin: what holds it, and that it is not known."""
    holder, context = await worlds.place(process.frame_id)
    node = await _node(holder, context, f"handeye.topmost({x}, {y})")
    if node is None:
        return unknown("nothing there")
    found: Facts = await _call(holder, node, _AT, [{"value": value} for value in (x, y, None, None, None, None)])
    found["known"], found["doubts"] = False, found["doubts"] or ["nothing there"]
    return found | {"node": node}


async def _node_at(process: Process, spot: Facts) -> Facts | None:
    try:
        return await process.send("DOM.getNodeForLocation", spot)
    except Refused:  # "No node found at given location"
        return None


async def _listens(process: Process, frame_id: str, node: str, depth: int) -> int | str | None:
    """Who listens to clicks on `node`: the nearest of its ancestors, by its place in its path, or the `page`; None when nobody does.

    Listeners are told for the world of the object that is asked, so the page's own objects are asked for; none of its code runs.
    """
    parts = [_object(process, node, f"function () {{ return handeye.pathOf(this)[{place}]; }}") for place in range(depth)]
    found = [part for part in await asyncio.gather(*parts) if part is not None]
    described = await asyncio.gather(*(process.send("DOM.describeNode", {"objectId": part}) for part in found))
    pages = await asyncio.gather(*(_resolve(process, None, one["node"]["backendNodeId"]) for one in described))
    main = process.pages.get(frame_id)
    whole = [] if main is None else await asyncio.gather(_node(process, main, "this.document"), _node(process, main, "this"))
    heard = await asyncio.gather(*(_clicks(process, part) for part in (*pages, *whole)))
    nearest = next((place for place, clicks in enumerate(heard[: len(pages)]) if clicks), None)
    return nearest if nearest is not None else "page" if main is None or any(heard[len(pages) :]) else None


async def _clicks(process: Process, node: str | None) -> bool:
    """Whether the page listens to clicks on an object. What `watch.js` listens to was there first, and does not count."""
    reply = await process.send("DOMDebugger.getEventListeners", {"objectId": node})
    listeners = reply["listeners"]
    watch = next((one["scriptId"] for one in listeners if one["type"] == "scrollend"), None)
    return any(one["type"] in CLICKS and one["scriptId"] != watch for one in listeners)


async def _object(process: Process, node: str, function: str) -> str | None:
    reply = await process.send("Runtime.callFunctionOn", {"objectId": node, "functionDeclaration": function, "objectGroup": "handeye"})
    found: str | None = reply["result"].get("objectId")
    return found


async def _behind(worlds: Worlds, process: Process, node: str) -> Process | None:
    """The process of the frame whose element is `node`, if it is another one."""
    frame_id = await _frame_of(process, node)
    return next((inner for inner in process.inner.values() if inner.frame_id == frame_id), None)


async def _frame_of(process: Process, node: str | None) -> str | None:
    if node is None:
        return None
    described = await process.send("DOM.describeNode", {"objectId": node})
    frame: str | None = described["node"].get("frameId")
    return frame


async def _in_closed(process: Process, context: int, node: str, entered: bool) -> list[Facts] | None:
    """What has the focus in the closed shadow tree of `node`, if it has one."""
    described = await process.send("DOM.describeNode", {"objectId": node, "depth": 1, "pierce": True})
    roots = [root for root in described["node"].get("shadowRoots", []) if root.get("shadowRootType") != "user-agent"]
    if not roots:
        return None
    root = await _resolve(process, context, roots[0]["backendNodeId"])
    found: list[Facts] | None = await _call(
        process,
        root,
        "function (entered) { return this.activeElement ? handeye.focused(this.activeElement, entered) : null; }",
        [{"value": entered}],
    )
    return found


async def _corner(process: Process, node: str) -> tuple[float, float]:
    """Where the frame of `node` has its corner in the viewport of its process; not numbers where that cannot be told."""
    try:
        box = await process.send("DOM.getBoxModel", {"objectId": node})
        left, top = await _call(process, node, _RECT, [])
    except Refused:
        return math.nan, math.nan
    border = box["model"]["border"]
    return min(border[0::2]) - left, min(border[1::2]) - top


async def _resolve(process: Process, context: int | None, backend_node: int) -> str:
    """An object for a node in the world `context`; None: in the page's own."""
    where = {} if context is None else {"executionContextId": context}
    reply = await process.send("DOM.resolveNode", {"backendNodeId": backend_node, "objectGroup": "handeye"} | where)
    node: str = reply["object"]["objectId"]
    return node


async def _node(process: Process, context: int, expression: str) -> str | None:
    reply = await process.send("Runtime.evaluate", {"expression": expression, "contextId": context, "objectGroup": "handeye"})
    node: str | None = reply["result"].get("objectId")
    return node


async def _call(process: Process, node: str, function: str, arguments: list[dict[str, Any]]) -> Any:
    command = {"objectId": node, "functionDeclaration": function, "arguments": arguments, "returnByValue": True}
    return _value(await process.send("Runtime.callFunctionOn", command))


async def _evaluate(process: Process, context: int, expression: str) -> Any:
    return _value(await process.send("Runtime.evaluate", {"expression": expression, "contextId": context, "returnByValue": True}))


def _value(reply: dict[str, Any]) -> Any:
    if "exceptionDetails" in reply:
        details = reply["exceptionDetails"]
        raise Refused(f"looking failed: {details.get('exception', {}).get('description', details.get('text'))}"[:300])
    return reply["result"].get("value")


def _placed(found: Facts, top: Facts) -> Facts:
    found["page"] = top["url"]
    if "origin" in found:
        same = found["origin"] == top["origin"] and top["origin"] != "null"
        found["within"] = "top" if found.pop("top") else "same" if same else "other"
    return found
