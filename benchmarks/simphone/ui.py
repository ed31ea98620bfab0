"""What a task's solution sees and does: views by their words, and the touches that reach them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeAlias

from handeye.benchmarks.episodes.policies import OracleError
from handeye.envs.actions import Action, Click, LongPress, OpenApp, PressKeys, Scroll, TypeText, Wait
from handeye.tools.android.uitree import UiNode, UiTree
from handeye.tools.geometry import Point

Acts: TypeAlias = Generator[Action, None, None]
Found: TypeAlias = Generator[Action, None, UiNode]

_SCROLLS = 12
_WAITS = 3


class Ui:
    """The screen as `uiautomator dump` tells it. No other policy is given this."""

    def __init__(self, tree: Callable[[], UiTree]) -> None:
        self._tree = tree

    def nodes(self) -> list[UiNode]:
        """Every view that has an area, in the order of the tree."""
        return [node for node in self._tree().walk() if node.bounds.width > 0 and node.bounds.height > 0]

    def texts(self) -> list[str]:
        """Everything that can be read."""
        return [words for node in self.nodes() for words in (node.text, node.description) if words]

    def all(self, words: str) -> list[UiNode]:
        """The views that match (see `matches`), the best first: those that say just that, and those that can be touched."""
        found = [node for node in self.nodes() if matches(node, words)]
        return sorted(found, key=lambda node: (not exactly(node, words.lstrip("~")), "clickable" not in node.traits))

    def shows(self, words: str) -> bool:
        """Whether any view matches."""
        return bool(self.all(words))

    def find(self, words: str, which: int = 0) -> Found:
        """The view that matches, with waiting and scrolling down as far as need be. Raises `OracleError` when there is none."""
        before: list[UiNode] = []
        waits = 0
        for _ in range(_SCROLLS):
            found = self.all(words)
            if len(found) > which:
                return found[which]
            now = self.nodes()
            lists = [node for node in now if "scrollable" in node.traits]
            if not lists or now == before:
                if waits == _WAITS:
                    break
                waits += 1
                yield Wait(seconds=0.2)
                continue
            before = now
            area = max(lists, key=lambda node: node.bounds.width * node.bounds.height).bounds
            yield Scroll(point=area.center, direction="down", amount=area.height * 2 // 3)
        raise OracleError(f"nothing on the screen says {words!r}; it says {self.texts()}")

    def tap(self, *words: str, which: int = 0) -> Acts:
        """Tap on these views, one after the other."""
        for each in words:
            node = yield from self.find(each, which)
            yield self.touch(node)

    def touch(self, node: UiNode) -> Action:
        """A tap on the view where no other lies over it: buttons float over lists."""
        nodes = self.nodes()
        place = next((number for number, one in enumerate(nodes) if one.bounds == node.bounds and one.text == node.text), len(nodes))
        inside = set(map(id, nodes[place].walk())) if place < len(nodes) else set()
        over = [one.bounds for one in nodes[place + 1 :] if "clickable" in one.traits and id(one) not in inside]
        box = node.bounds
        for share in (2, 4, 8, 1.3, 1.1):
            point = Point(box.left + int(box.width / share), box.center.y)
            if not any(one.contains(point) for one in over):
                return Click(point=point)
        return Click(point=box.center)

    def hold(self, words: str) -> Acts:
        """Press long on a view."""
        node = yield from self.find(words)
        yield LongPress(point=node.bounds.center)

    def fill(self, field: str, text: str, clear: bool = False) -> Acts:
        """Tap on a field, empty it if asked to, type."""
        yield from self.tap(field)
        if clear:
            yield PressKeys(keys=("ctrl", "a"))
        if text:
            yield TypeText(text=text)

    def beside(self, words: str, wanted: Callable[[UiNode], bool]) -> Found:
        """Of the views that fit `wanted`, the one whose middle is nearest in height to the view that says `words`."""
        anchor = (yield from self.find(words)).bounds.center
        found = [node for node in self.nodes() if wanted(node)]
        if not found:
            raise OracleError(f"nothing of that kind stands beside {words!r}")
        return min(found, key=lambda node: abs(node.bounds.center.y - anchor.y))

    def said(self, wanted: Callable[[str], bool]) -> str:
        """The first text that fits. Raises `OracleError` when none does."""
        for text in self.texts():
            if wanted(text):
                return text
        raise OracleError(f"no text on the screen is the one that was looked for: {self.texts()}")


def open_app(name: str) -> Action:
    """Open an app."""
    return OpenApp(name=name)


def tap_point(x: int, y: int) -> Action:
    """A tap on a point."""
    return Click(point=Point(x, y))


def exactly(node: UiNode, words: str) -> bool:
    """Whether this is all that the view says."""
    return words.casefold() in (node.text.casefold(), node.description.casefold())


def matches(node: UiNode, words: str) -> bool:
    """`Save`: a view that says this. `~Save`: one whose text holds it. `#save`: one with this resource id."""
    if words.startswith("#"):
        return node.resource_id.rpartition("/")[2] == words[1:]
    if words.startswith("~"):
        return any(words[1:].casefold() in said.casefold() for said in (node.text, node.description))
    return exactly(node, words)


def chain(*parts: Iterable[Action]) -> Iterable[Action]:
    """The actions of several parts, one after the other."""
    for part in parts:
        yield from part
