"""A hand for the phone's screen: it finds what is to be touched in uiautomator's tree, and touches it through adb."""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass

from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Box

LOOKS = 6
"""How often a screen that changes is looked at."""


@dataclass(frozen=True)
class Element:
    """A node of the tree."""

    text: str
    description: str
    hint: str
    kind: str
    """Last part of the class name, as `EditText`."""
    checked: bool
    box: Box
    resource: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """All that it says."""
        return tuple(label for label in (self.text, self.description, self.hint) if label)


class Hand:
    """`run` runs a command in the phone's shell and gives its output."""

    def __init__(self, run: Callable[[str], str]) -> None:
        self.run = run

    def elements(self) -> list[Element]:
        """What is visible now, in the tree's order. Raises `DeviceError` when there is no tree."""
        answer = self.run("uiautomator dump /dev/tty")
        end = answer.rfind("</hierarchy>")
        if end < 0:
            raise DeviceError(f"the phone gave no tree: {answer[:200]}")
        found = []
        for node in ElementTree.fromstring(answer[answer.find("<?xml") : end + len("</hierarchy>")]).iter("node"):
            left, top, right, bottom = map(int, re.findall(r"-?\d+", node.get("bounds", "[0,0][0,0]")))
            if right > left and bottom > top:
                found.append(Element(
                    node.get("text", ""), node.get("content-desc", ""), node.get("hint", ""), node.get("class", "").rpartition(".")[2],
                    node.get("checked") == "true", Box(left, top, right, bottom), node.get("resource-id", ""),
                ))  # fmt: skip
        return found

    def still(self) -> list[Element]:
        """What is visible once two looks in a row agree: pages of the browser may draw late."""
        before = self.elements()
        for _ in range(LOOKS):
            now = self.elements()
            if now == before:
                break
            before = now
        return before

    def find(self, label: str, last: bool = False) -> Element | None:
        """An element that says exactly `label`; None when there is none. Of several, the first, or with `last` the last."""
        there = [each for each in self.elements() if label in each.labels]
        return there[-1 if last else 0] if there else None

    def sees(self, label: str) -> bool:
        """Whether something says that."""
        return self.find(label) is not None

    def tap(self, *labels: str, last: bool = False, hold_ms: int = 0) -> None:
        """Touch the first of `labels` that is there, after scrolling down to it. Raises `DeviceError` when none is."""
        for turn in range(8):
            for label in labels:
                element = self.find(label, last)
                if element is not None:
                    self.touch(element, hold_ms)
                    return
            if turn < 7:
                self.scroll()
        seen = sorted({said for each in self.elements() for said in each.labels})
        raise DeviceError(f"nothing on the screen says {' or '.join(labels)}; it says: {', '.join(seen)[:600]}")

    def touch(self, element: Element, hold_ms: int = 0) -> None:
        """Touch the middle of an element."""
        x, y = (element.box.left + element.box.right) // 2, (element.box.top + element.box.bottom) // 2
        self.run(f"input swipe {x} {y} {x} {y} {hold_ms}" if hold_ms else f"input tap {x} {y}")

    def scroll(self, up: bool = False) -> None:
        """Scroll by half a screen, down unless `up`."""
        width, height = self.size
        begin, end = (height * 7 // 10, height * 3 // 10)
        if up:
            begin, end = end, begin
        self.run(f"input swipe {width // 2} {begin} {width // 2} {end} 300")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the screen, upright."""
        width, height = re.findall(r"\d+", self.run("wm size"))[-2:]
        return int(width), int(height)

    def type(self, text: str, label: str = "") -> None:
        """Type into the field that has the focus, or first touch the one that says `label`."""
        if label:
            self.tap(label)
        for index, line in enumerate(text.split("\n")):
            if index:
                self.key("ENTER")
            if line:
                self.run(f"input text {shlex.quote(line)}")

    def clear(self) -> None:
        """Empty the field that has the focus."""
        self.run("input keycombination 113 29 && input keyevent 67")

    def key(self, name: str) -> None:
        """Press a key."""
        self.run(f"input keyevent {name}")

    def open(self, label: str) -> None:
        """Open an app from the home screen, or from the drawer behind it."""
        self.key("HOME")
        if not self.sees(label):
            width, height = self.size
            self.run(f"input swipe {width // 2} {height * 8 // 10} {width // 2} {height * 2 // 10} 200")
        self.tap(label)

    def slide(self, element: Element, part: float) -> None:
        """Drag a slider to a part of its length, 0 to 1 (a little beyond, so that its ends are reached)."""
        box = element.box
        y = (box.top + box.bottom) // 2
        middle = (box.left + box.right) // 2
        target = round(box.left + (box.right - box.left) * part)
        self.run(f"input swipe {middle} {y} {target} {y} 400")
