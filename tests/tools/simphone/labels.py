"""Working the phone as a person does: by what is written on the screen."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Any

from tests.tools.simphone.phone_shell import PhoneShell

BACK, HOME, ENTER = 4, 3, 66
WAIT_S = 8.0
"""How long a label may take to appear."""


@dataclass(frozen=True)
class Node:
    """A node of the tree: lengths are pixels of the screen."""

    text: str
    description: str
    id: str
    hint: str
    left: int
    top: int
    right: int
    bottom: int
    checked: bool
    clickable: bool

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def says(self, label: str) -> bool:
        return label in (self.text, self.description, self.hint) or (bool(self.id) and label == f"#{self.id}")


class Driver:
    """Taps what is labelled so and so: text, description, hint, or `#id` without the package. A label may end in `…` for its beginning."""

    def __init__(self, shell: PhoneShell) -> None:
        self.shell = shell
        self.screen = shell.phone.screen
        self.state = shell.phone.state

    def nodes(self) -> list[Node]:
        """What the phone shows now."""
        xml = self.shell.wait(self.screen.tree())
        return [_node(element) for element in ElementTree.fromstring(xml).iter("node")]

    def texts(self) -> list[str]:
        """Every text and description there is, in order."""
        return [each for node in self.nodes() for each in dict.fromkeys((node.text, node.description)) if each]

    def find(self, label: str, which: int = 0) -> Node:
        """The node with a label; of several the one that can be clicked, the smallest first. Waits until there is one."""
        end = time.monotonic() + WAIT_S
        while True:
            found = [node for node in self.nodes() if _fits(node, label)]
            if len(found) > which:
                return sorted(found, key=lambda node: (not node.clickable, (node.right - node.left) * (node.bottom - node.top)))[which]
            assert time.monotonic() < end, f"nothing says {label!r}; there is {self.texts()}"

    def sees(self, label: str) -> bool:
        """Whether a label is there now."""
        return any(_fits(node, label) for node in self.nodes())

    def gone(self, label: str) -> None:
        """Wait until a label is not there."""
        end = time.monotonic() + WAIT_S
        while self.sees(label):
            assert time.monotonic() < end, f"{label!r} is still there"

    def tap(self, *labels: str, which: int = 0) -> None:
        """Tap these, one after the other."""
        for label in labels:
            self.shell.wait(self.screen.tap(*self.find(label, which).center))

    def hold(self, label: str) -> None:
        """Press long."""
        self.shell.wait(self.screen.tap(*self.find(label).center, hold_ms=700))

    def write(self, text: str, into: str = "") -> None:
        """Type into what has the focus, or into a field that is tapped first and emptied."""
        if into:
            self.tap(into)
            self.shell.wait(self.screen.clear_text())
        assert self.shell.wait(self.screen.text(text)), "nothing has the focus"

    def key(self, *codes: int) -> None:
        """Press keys, one after the other; BACK once more where it only puts the keyboard away."""
        for code in codes:
            if code == BACK:
                self.put_keyboard_away()
            self.shell.wait(self.screen.keys([code]))

    def put_keyboard_away(self) -> None:
        """Show what lies under the keyboard, if there is one."""
        if self.screen.keyboard:
            self.shell.wait(self.screen.keys([BACK]))

    def scroll(self) -> None:
        """Move what is shown up by about half a screen."""
        width, height = self.state.size
        self.shell.wait(self.screen.swipe(width / 2, height * 0.7, width / 2, height * 0.25, 200))

    def open(self, component: str) -> None:
        """Start an app: `package/class`."""
        self.shell.ok(f"am start -n {component}")

    def intent(self, arguments: str) -> None:
        """`am start` with these arguments."""
        self.shell.ok(f"am start {arguments}")

    def rows(self, path: str, sql: str) -> list[dict[str, Any]]:
        """What a statement gives, and what the phone shows then is drawn."""

        async def ask() -> list[dict[str, Any]]:
            found = self.state.databases.run(path, sql)
            await self.screen.sync()
            return found

        return self.shell.wait(ask())

    def advance(self, seconds: float) -> None:
        """Put the phone's clock forward."""

        async def move() -> None:
            self.state.clock.set(self.state.clock.now_ms + round(seconds * 1000))
            self.state.changed("clock")
            await self.screen.sync()

        self.shell.wait(move())

    @property
    def front(self) -> str:
        """`package/class` in front; empty: the home screen."""
        task = self.state.front
        return f"{task.package}/{task.activity}" if task else ""


def _fits(node: Node, label: str) -> bool:
    if label.endswith("…") and len(label) > 1 and not node.says(label):
        return any(each.startswith(label[:-1]) for each in (node.text, node.description))
    return node.says(label)


def _node(element: ElementTree.Element) -> Node:
    left, top, right, bottom = map(int, re.findall(r"-?\d+", element.get("bounds", "")))
    said = {name: element.get(name, "") for name in ("text", "content-desc", "resource-id", "hint")}
    return Node(
        said["text"], said["content-desc"], said["resource-id"].rpartition("/")[2], said["hint"], left, top, right, bottom,
        element.get("checked") == "true", element.get("clickable") == "true",
    )  # fmt: skip
