"""What `uiautomator dump` says is on the screen, as frozen nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from xml.etree import ElementTree

from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Box

MOST_NODES = 50_000
DEEPEST = 200


@dataclass(frozen=True)
class UiNode:
    """One view: its words, what it is, where it is (pixels of the screen, by its corners), and what can be done with it."""

    text: str
    description: str
    """`content-desc`: what a screen reader says."""
    resource_id: str
    class_name: str
    package: str
    bounds: Box
    traits: frozenset[str]
    """Those of checkable, checked, clickable, enabled, focusable, focused, scrollable, long-clickable, password and selected that hold."""
    children: tuple[UiNode, ...] = ()
    hint: str = ""
    """What an empty field says, where the phone tells it."""

    def walk(self) -> Iterator[UiNode]:
        """This node and all below it, each before its children."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


@dataclass(frozen=True)
class UiTree:
    """What is on the screen: the nodes at the top, and how far the screen is turned (0 to 3)."""

    rotation: int
    nodes: tuple[UiNode, ...]

    def walk(self) -> Iterator[UiNode]:
        """Every node, each before its children."""
        for node in self.nodes:
            yield from node.walk()


def read_tree(xml: str) -> UiTree:
    """The tree in a dump. Raises `DeviceError` when the text is none, has a document type, or is beyond all measure."""
    start = xml.find("<?xml")
    if start < 0 or "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise DeviceError(f"uiautomator wrote no tree but {xml.strip()[:200]!r}")
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(["start", "end"])
    try:
        # Android writes characters that XML has no place for as they are.
        parser.feed(re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", xml[start:].strip()))
        parser.close()
    except ElementTree.ParseError as error:
        raise DeviceError(f"uiautomator's tree is damaged: {error}") from error
    waiting: list[list[UiNode]] = [[]]
    rotation, count = 0, 0
    for event, element in cast("Iterator[tuple[str, ElementTree.Element]]", parser.read_events()):
        if event == "start":
            count += 1
            if count > MOST_NODES or len(waiting) > DEEPEST:
                raise DeviceError(f"uiautomator's tree is too large: more than {MOST_NODES} views, or {DEEPEST} inside one another")
            waiting.append([])
            continue
        children = tuple(waiting.pop())
        if element.tag == "node":
            waiting[-1].append(_node(element, children))
        else:
            turned = element.get("rotation", "0")
            rotation = int(turned) % 4 if turned.isdigit() else 0
            waiting[-1].extend(children)
    return UiTree(rotation, tuple(waiting[0]))


_TRAITS = ("checkable", "checked", "clickable", "enabled", "focusable", "focused", "scrollable", "long-clickable", "password", "selected")


def _node(element: ElementTree.Element, children: tuple[UiNode, ...]) -> UiNode:
    corners = re.fullmatch(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]", element.get("bounds", ""))
    bounds = Box(*(int(number) for number in corners.groups())) if corners else Box(0, 0, 0, 0)
    traits = frozenset(name for name in _TRAITS if element.get(name) == "true")
    text, description, resource_id, class_name, package = (
        element.get(name, "") for name in ("text", "content-desc", "resource-id", "class", "package")
    )
    return UiNode(text, description, resource_id, class_name, package, bounds, traits, children, element.get("hint", ""))
