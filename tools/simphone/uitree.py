"""The tree of what is visible, in the form that `uiautomator dump` writes (AOSP: AccessibilityNodeInfoDumper)."""

from __future__ import annotations

import re
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from handeye.tools.simphone.layout import Layout

HEADER: Final = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold; uiautomator puts a full stop in their place."""
FLAGS: Final = (
    ("checkable", "checkable"), ("checked", "checked"), ("clickable", "clickable"), ("enabled", "enabled"), ("focusable", "focusable"),
    ("focused", "focused"), ("scrollable", "scrollable"), ("long-clickable", "long"), ("password", "password"), ("selected", "selected"),
)  # fmt: skip
WIDGETS: Final = frozenset({"View"})


def to_xml(nodes: list[dict[str, Any]], place: Layout, rotation: int) -> str:
    """The document. Lengths of the nodes are CSS pixels, those of the document pixels of the screen."""
    parts = [HEADER, f'<hierarchy rotation="{rotation}">']
    for index, node in enumerate(nodes):
        _write(node, index, place, parts)
    return "".join([*parts, "</hierarchy>"])


def _write(node: dict[str, Any], index: int, place: Layout, parts: list[str]) -> None:
    left, top, right, bottom = (round(edge * place.scale) for edge in node["bounds"])
    right, bottom = min(right, place.size.width), min(bottom, place.size.height)
    kind = "android.view.View" if node["class"] in WIDGETS else f"android.widget.{node['class']}"
    if node["class"] == "WebView":
        kind = "android.webkit.WebView"
    name = f"{node['package']}:id/{node['id']}" if node["id"] else ""
    attributes = {
        "index": str(index), "text": node["text"], "resource-id": name, "class": kind, "package": node.get("owner") or node["package"],
        "content-desc": node["description"],
    }  # fmt: skip
    attributes |= {name: "true" if node[key] else "false" for name, key in FLAGS}
    attributes["bounds"] = f"[{left},{top}][{right},{bottom}]"
    if node["hint"]:
        attributes["hint"] = node["hint"]
    parts.append("<node " + " ".join(f"{key}={_quoted(value)}" for key, value in attributes.items()))
    if not node["children"]:
        parts.append(" />")
        return
    parts.append(">")
    for number, child in enumerate(node["children"]):
        _write(child, number, place, parts)
    parts.append("</node>")


def _quoted(text: str) -> str:
    return quoteattr(NOT_XML.sub(".", text), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
