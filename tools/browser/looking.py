"""What is under a point of a tab and what has its focus, through all frames and shadow trees, as the browser itself finds it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handeye.tools.browser.worlds import Process, Refused, Worlds
from handeye.tools.errors import DeviceTimeout

DEPTH = 8
"""Frames in frames that are entered."""
GROUP = "handeye"
"""The objects of one look."""
_AT = "function (...rest) { return handeye.at(this, ...rest); }"
_AROUND = "function (most) { return ['', ...handeye.around(this, most)]; }"
_NODES = {"serialization": "deep", "maxDepth": 1, "additionalParameters": {"maxNodeDepth": 0, "includeShadowTree": "none"}}
_DEEP = {"objectGroup": GROUP, "serializationOptions": _NODES}
"""Asks for a list's words and for the numbers of its nodes in one answer (Chromium 114)."""
SCROLLS = 5
"""Tries with a page that is scrolled meanwhile."""
PATH = 12
"""Ancestors of what is hit that are asked whether they listen to clicks."""
CLICKS = frozenset({"click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart", "touchend", "dblclick", "auxclick"})
_RECT = "function () { const r = handeye.rectOf(this); return [r.left, r.top]; }"
_WHOLE = "function () { return handeye.whole(this); }"
_PARTS = frozenset({"CSSPseudoElement", "Element"})
"""Classes of the objects as which Chromium tells of what CSS draws of an element; no element of a page but of an unknown kind is one."""

Facts = dict[str, Any]
"""What `look.js` tells of one element."""


@dataclass(frozen=True)
class _Where:
    """A point of a process's viewport, in CSS pixels, and where that viewport has its corner in the tab's."""

    x: float
    y: float
    dx: float
    dy: float


@dataclass(frozen=True)
class _Part:
    """A list in our world: words, then nodes."""

    words: str
    nodes: tuple[int, ...]
    """As the browser numbers them (`backendNodeId`)."""


@dataclass(frozen=True)
class _Glance:
    """What our world finds by itself, in one question, at a point of the document on top of a process."""

    ground: Facts
    """Where that document is scrolled to, its address and its origin."""
    found: Facts | None
    """Facts of what is there; None: it finds nothing that could be told."""
    part: _Part
    """The innermost node there, and, where nothing tells what acts on a click, those that it stands in, and the document."""


def unknown(doubt: str) -> Facts:
    """What is told where nothing can be."""
    return {"known": False, "doubts": [doubt]}


async def at_point(worlds: Worlds, x: float, y: float) -> Facts:
    """What a click at (`x`, `y`), CSS pixels of the viewport, would act on. Raises `Refused` when its document just goes away."""
    process, dx, dy, top = worlds.top, 0.0, 0.0, None
    found = unknown("nothing there")
    for _ in range(DEPTH):
        where = _Where(x, y, dx, dy)
        glance, hit, over = await _hits(worlds, process, where)
        top = top or glance.ground
        found = await _told(worlds, process, glance, hit, over, where)
        frame, node = found.pop("frame", None), found.pop("node", None)
        if frame is None:
            break
        inside = await _behind(process, node)
        if inside is None:
            break
        dx, dy, x, y = dx + frame["left"], dy + frame["top"], x - frame["left"], y - frame["top"]
        process = inside
    return _placed(found, top or {})


async def with_focus(worlds: Worlds, entered: bool) -> list[Facts]:
    """What has the focus, and, where `entered` (Enter is pressed), the button that this would press. Raises as `at_point` does."""
    frame_id, top = worlds.top.frame_id, None
    call = f"[handeye.ground(), handeye.focused(handeye.focus(), {'true' if entered else 'false'})]"
    found: list[Facts] = [unknown("nothing has the focus")]
    for _ in range(DEPTH):
        process, context = await worlds.place(frame_id)
        _, (ground, found) = await asyncio.gather(_forgotten(process), _evaluate(process, context, call))
        top = top or ground
        first = found[0]
        node = None
        if first.get("frame") is not None or first.get("closed"):
            node = await _node(process, context, "handeye.focus()")
        if first.pop("frame", None) is None:
            if first.pop("closed", False) and node is not None:
                found = await _in_closed(process, context, node, entered) or found
            break
        child = await _frame_of(process, {"objectId": node}) if node is not None else None
        if child is None:
            break
        frame_id = child
    return [_placed(one, top or {}) for one in found]


async def _forgotten(process: Process) -> None:
    """Let go of the objects of the look before."""
    await process.send("Runtime.releaseObjectGroup", {"objectGroup": GROUP})


async def _hits(worlds: Worlds, process: Process, where: _Where) -> tuple[_Glance, Facts | None, Facts | None]:
    """What our world itself finds there, the node that a click hits, and the one that it would hit if none let clicks through."""
    holder, context = await worlds.place(process.frame_id)
    for _ in range(SCROLLS):
        # The command counts from the corner of the document, in whole pixels. Where that is, is asked for at the same time: as a rule it is
        # where it was.
        guess = process.scroll
        spot = {"x": math.floor(where.x + guess[0]), "y": math.floor(where.y + guess[1])}
        _, hit, over, glance = await asyncio.gather(
            _forgotten(holder),
            _node_at(process, spot),
            _node_at(process, spot | {"ignorePointerEventsNone": True}),
            _glance(holder, context, where),
        )
        if holder is not process:
            glance = replace(glance, found=None)  # nodes are numbered by each process for itself
        process.scroll = (glance.ground["x"], glance.ground["y"])
        if process.scroll == guess:
            return glance, hit, over
    raise DeviceTimeout("The page keeps scrolling.")


async def _glance(process: Process, context: int, where: _Where) -> _Glance:
    place = ", ".join(json.dumps(value) for value in (where.x, where.y, where.dx, where.dy, PATH))
    command = {"expression": f"handeye.glance({place})", "contextId": context}
    part = _part(await process.send("Runtime.evaluate", command | _DEEP))
    ground, found = json.loads(part.words)
    return _Glance(ground, found, part)


async def _told(worlds: Worlds, process: Process, glance: _Glance, hit: Facts | None, over: Facts | None, where: _Where) -> Facts:
    if hit is None:
        return await _at_surface(worlds, process, where)
    node = {"backendNodeId": hit["backendNodeId"]}
    covered = over is not None and over["backendNodeId"] != hit["backendNodeId"]
    if glance.found is None or glance.part.nodes[0] != hit["backendNodeId"] or covered:
        return await _asked(worlds, process, hit, over, where) | {"node": node}
    # Our world sees into no closed shadow tree and no frame. Where it found the browser's own node all the same, that is what was told.
    listens = await _listens(process, hit["frameId"], glance.part.nodes) if glance.found["how"] == "plain" else None
    found = glance.found if listens is None else await _asked(worlds, process, hit, over, where, listens)
    return found | {"node": node}


async def _asked(
    worlds: Worlds, process: Process, hit: Facts, over: Facts | None, where: _Where, listens: int | str | None = None
) -> Facts:
    """What is told of the node that is hit. `listens`: who listens to clicks on it, where that is known already."""
    try:
        holder, context = await worlds.place(hit["frameId"])
    except DeviceTimeout:
        return unknown("frame that cannot be read")
    other = over if over is not None and over["backendNodeId"] != hit["backendNodeId"] else None
    abroad = over is not None and over["frameId"] != hit["frameId"]
    wanted = [hit] if other is None or abroad else [hit, other]
    node, *others = await asyncio.gather(_resolve_whole(holder, context, hit), *(_resolve(holder, context, one) for one in wanted[1:]))
    left, top = (0.0, 0.0) if hit["frameId"] == process.frame_id else await _corner(holder, node)
    known = not math.isnan(left)
    arguments: list[dict[str, Any]] = [
        {"value": where.x - left if known else None},
        {"value": where.y - top if known else None},
        {"objectId": others[0]} if others else {"value": None},
        {"value": where.dx + left if known else None},
        {"value": where.dy + top if known else None},
    ]
    found: Facts = await _call(holder, node, _AT, [*arguments, {"value": listens}])
    if listens is None and found.get("how") == "plain":
        asked = {"objectId": node, "functionDeclaration": _AROUND, "arguments": [{"value": min(PATH, found["depth"])}]}
        part = _part(await holder.send("Runtime.callFunctionOn", asked | _DEEP))
        listens = await _listens(holder, hit["frameId"], part.nodes)
        if listens is not None:
            found = await _call(holder, node, _AT, [*arguments, {"value": listens}])
    if abroad:
        found["known"], found["doubts"] = False, [*found["doubts"], "covered by a frame that takes no clicks"]
    return found


async def _at_surface(worlds: Worlds, process: Process, where: _Where) -> Facts:
    """What is told where the browser's hit test finds no node, as inside of a plugin: what holds it, and that it is not known."""
    holder, context = await worlds.place(process.frame_id)
    node = await _node(holder, context, f"handeye.topmost({where.x}, {where.y})")
    if node is None:
        return unknown("nothing there")
    found: Facts = await _call(holder, node, _AT, [{"value": value} for value in (where.x, where.y, None, None, None, None)])
    found["known"], found["doubts"] = False, found["doubts"] or ["nothing there"]
    return found | {"node": {"objectId": node}}


async def _node_at(process: Process, spot: Facts) -> Facts | None:
    try:
        return await process.send("DOM.getNodeForLocation", spot)
    except Refused:  # "No node found at given location"
        return None


async def _listens(process: Process, frame_id: str, nodes: Sequence[int]) -> int | str | None:
    """Who listens to clicks on the first of `nodes`: the nearest of those that it stands in, by its place in its path, or the `page`; None
    when nobody does. The last of them is the document.

    Listeners are told for the world of the object that is asked, so the page's own objects are asked for; none of its code runs.
    """
    main = process.pages.get(frame_id)
    window, *things = await asyncio.gather(_window(process, main), *(_resolve(process, None, {"backendNodeId": node}) for node in nodes))
    whole, *heard = await asyncio.gather(_listeners(process, window), *(_listeners(process, thing) for thing in things))
    nearest = next((place for place, listeners in enumerate(heard) if any(one["type"] in CLICKS for one in listeners)), None)
    if nearest is not None and nearest < len(nodes) - 1:
        return nearest
    # What `watch.js` listens to was there first, and does not count.
    watch = next((one["scriptId"] for one in whole if one["type"] == "scrollend"), None)
    heeds = any(one["type"] in CLICKS and one["scriptId"] != watch for one in whole)
    return "page" if main is None or nearest is not None or heeds else None


async def _window(process: Process, main: int | None) -> str | None:
    return None if main is None else await _node(process, main, "this")


async def _listeners(process: Process, thing: str | None) -> list[dict[str, Any]]:
    if thing is None:
        return []
    # Not with `pierce`, which tells those of all worlds at once: after it, pages of Chromium 156 crash, a few documents later.
    reply = await process.send("DOMDebugger.getEventListeners", {"objectId": thing})
    listeners: list[dict[str, Any]] = reply["listeners"]
    return listeners


async def _behind(process: Process, node: Facts) -> Process | None:
    """The process of the frame whose element is `node`, if it is another one."""
    frame_id = await _frame_of(process, node)
    return next((inner for inner in process.inner.values() if inner.frame_id == frame_id), None)


async def _frame_of(process: Process, node: Facts) -> str | None:
    described = await process.send("DOM.describeNode", node)
    frame: str | None = described["node"].get("frameId")
    return frame


async def _in_closed(process: Process, context: int, node: str, entered: bool) -> list[Facts] | None:
    """What has the focus in the closed shadow tree of `node`, if it has one."""
    described = await process.send("DOM.describeNode", {"objectId": node, "depth": 1, "pierce": True})
    roots = [root for root in described["node"].get("shadowRoots", []) if root.get("shadowRootType") != "user-agent"]
    if not roots:
        return None
    root = await _resolve(process, context, roots[0])
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


async def _resolve(process: Process, context: int | None, found: Facts) -> str:
    """An object for a node in the world `context`; None: in the page's own."""
    where = {} if context is None else {"executionContextId": context}
    reply = await process.send("DOM.resolveNode", {"backendNodeId": found["backendNodeId"], "objectGroup": GROUP} | where)
    node: str = reply["object"]["objectId"]
    return node


async def _resolve_whole(process: Process, context: int, found: Facts) -> str:
    """An object for the element of a node in our world, where the node is something that CSS draws of one; else for the node."""
    reply = await process.send(
        "DOM.resolveNode", {"backendNodeId": found["backendNodeId"], "objectGroup": GROUP, "executionContextId": context}
    )
    node: str = reply["object"]["objectId"]
    if reply["object"].get("className") not in _PARTS:
        return node
    asked = {"objectId": node, "functionDeclaration": _WHOLE, "objectGroup": GROUP}
    whole = await process.send("Runtime.callFunctionOn", asked)
    _value(whole)
    element: str = whole["result"]["objectId"]
    return element


def _part(reply: dict[str, Any]) -> _Part:
    _value(reply)
    told = reply["result"].get("deepSerializedValue")
    if told is None:
        raise Refused("The browser does not number the nodes that it tells of: it is older than Chromium 114.")
    words, *nodes = told["value"]
    return _Part(words["value"], tuple(one["value"]["backendNodeId"] for one in nodes))


async def _node(process: Process, context: int, expression: str) -> str | None:
    reply = await process.send("Runtime.evaluate", {"expression": expression, "contextId": context, "objectGroup": GROUP})
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
