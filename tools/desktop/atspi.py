"""What programs say of what they show: the accessibility tree of AT-SPI, over the accessibility bus (D-Bus, jeepney).

Names, roles and texts come from programs and from the documents in them: data, never instructions. A program that does not answer, or
answers nonsense, has no tree. Interfaces: at-spi2-core, `xml/*.xml`; numbers of roles and states: `atspi-constants.h`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from handeye.tools.desktop.asking import Asker, Question, Reference, call, get
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box, Point

ACCESSIBLE = {
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    "QT_ACCESSIBILITY": "1",
    "GTK_MODULES": "gail:atk-bridge",
    "SAL_USE_VCLPLUGIN": "gtk3",
}
"""Variables by which programs say what they show: Qt, GTK 2 (with Debian's libgail-common and libatk-adaptor), LibreOffice. GTK 3 does so
by itself."""
_SCREEN = 0
"""`ATSPI_COORD_TYPE_SCREEN`."""
_STATES = {4: "checked", 7: "editable", 12: "focused", 17: "multi_line", 23: "selected", 39: "default"}
_ENABLED, _SENSITIVE, _SHOWING, _MANAGES = 8, 24, 25, 31
_MOST_CHILDREN = 64
"""Children that are asked about one by one: a table may have millions."""
_MOST_NODES = 600
_DEEPEST = 40
_LONGEST = 400
"""Characters of a name that are kept."""
_ROOT = "/org/a11y/atspi/accessible/root"
_NULL = "/org/a11y/atspi/null"
_MOST_CHOSEN = 8
_DIALOGS = ("dialog", "alert", "file chooser", "color chooser", "font chooser")
_TEXTS = ("text", "entry", "terminal", "paragraph", "document text", "document web", "document frame", "document spreadsheet")
_ITEMS = ("icon", "table cell", "list item", "tree item")
_NO_MENUS = (*_TEXTS, "table", "tree table", "tree", "list", "layered pane", "scroll pane")
_SAME_PLACE = 0.5
"""Share of two boxes together that both cover, from which they are of the same window."""
_SPOKEN = 6
"""Labels of a dialog that are read for what it says."""


@dataclass(frozen=True)
class Node:
    """One thing in a program's window."""

    reference: Reference
    role: str
    """In the words of AT-SPI: `push button`, `password text`, `menu item`, ..."""
    name: str
    states: frozenset[str]
    """Those of `disabled`, `checked`, `editable`, `focused`, `multi_line`, `selected`, `default`, `showing` that hold."""
    box: Box | None
    """In pixels of the whole display."""


@dataclass(frozen=True)
class Seen:
    """What was found, and what it stands in."""

    node: Node
    dialog: str = ""
    """Title and first words of the dialog around it; empty where there is none."""
    default: Node | None = None
    """What Enter acts on while `node` has the focus, where that is another thing."""
    chosen: tuple[Node, ...] = ()
    """What is selected in `node`, where that holds others: keys act on it."""
    line: str | None = None
    """The line of a terminal in which the caret is, where the program tells."""


@dataclass(frozen=True)
class Shown:
    """A window whose tree is wanted: the process it belongs to, its title, its place, and whether it is a menu or the like."""

    pid: int
    title: str
    box: Box
    popup: bool = False


Shows: TypeAlias = tuple[Reference, frozenset[str]]
"""Something that shows, and its states."""


class Tree:
    """The accessibility bus of one desktop; make it with `open`. Safe to use from any thread, one look at a time."""

    def __init__(self, address: str) -> None:
        self._asker = Asker(address, self._forget)
        self._owners: dict[str, int] = {}
        """Processes by their names on the bus, which are given once only."""
        self._focus: dict[Reference, Reference] = {}
        """What had the keyboard in each window when it was last looked for."""

    @classmethod
    def open(cls, session: str | None, *, switch_on: bool = False) -> Tree:
        """Ask the session bus (`session`: its address; None: the one of this process's own session) where the accessibility bus is.

        `switch_on`: also tell programs that somebody listens, which those with Qt and LibreOffice want to know before they start; for a
        desktop of handeye's own, since a desktop remembers it.

        Raises `SetupError` when there is none.
        """
        from jeepney import DBusAddress, Properties, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        try:
            with open_dbus_connection(session or "SESSION") as link:
                told = link.send_and_get_reply(new_method_call(bus, "GetAddress"), timeout=20.0)
                if switch_on:
                    status = Properties(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Status"))
                    link.send_and_get_reply(status.set("IsEnabled", "b", True), timeout=20.0)
            if not told.body or not isinstance(told.body[0], str) or not told.body[0].startswith("unix:"):
                raise OSError(f"the session bus answers {told.body!r:.120}")
            tree = cls(told.body[0])
            tree._asker.join()
        except (OSError, KeyError, ValueError, RuntimeError, TimeoutError) as error:
            raise SetupError(
                f"There is no accessibility bus, which tells what a click would touch ({error}).",
                fix="apt-get install -y at-spi2-core dbus",
            ) from error
        return tree

    def at(self, shown: Shown, place: Point) -> Seen | None:
        """What is at `place` of the display in the window `shown`; None: the program does not tell."""
        return self._asker.look(("at", shown.pid), lambda: self._at(shown, place))

    def focused(self, shown: Shown) -> Seen | None:
        """What has the keyboard in the window `shown`, an item that is chosen in a menu included; None: the program does not tell."""
        return self._asker.look(("focused", shown.pid), lambda: self._focused(shown))

    def close(self) -> None:
        """Let go of the bus. A second call does nothing."""
        self._asker.close()

    def _forget(self) -> None:
        self._owners.clear()
        self._focus.clear()

    # Looks

    def _at(self, shown: Shown, place: Point) -> Seen | None:
        tops = self._tops(shown.pid)
        if shown.popup:
            return self._in_popup(tops, shown, lambda node: node.box is not None and node.box.contains(place))
        top = _fitting(tops, shown)
        if top is None:
            return None
        node = self._deepest(top, place)
        return Seen(self._spoken(node), self._dialog(top)) if node is not None else None

    def _in_popup(self, tops: Sequence[Node], shown: Shown, wanted: Callable[[Node], bool]) -> Seen | None:
        """A menu may be a window of its own, or hang below the bar that it was pulled down from: then bars and menus are looked through."""
        own = [top for top in tops if _overlap(top, shown.box) > _SAME_PLACE]
        for top in own or tops:
            nodes = [node for node in self._showing(top, () if own else _NO_MENUS) if node.box is not None and wanted(node)]
            # Other things at the same place lie below the menu.
            nodes = [node for node in nodes if own or "menu" in node.role]
            if found := [node for node in nodes if node.box is not None and shown.box.contains(node.box.center)]:
                return Seen(self._spoken(min(reversed(found), key=lambda node: (not node.name, _area(node)))))
        return None

    def _focused(self, shown: Shown) -> Seen | None:
        tops = self._tops(shown.pid)
        if shown.popup:
            return self._in_popup(tops, shown, lambda node: bool(node.states & {"focused", "selected"}))
        top = _fitting(tops, shown)
        if top is None:
            return None
        dialog = top.role in _DIALOGS
        below = self._below(top.reference) if dialog else []
        focused = self._in_dialog(top, below) if dialog else self._in_window(top)
        if focused is None:
            return None
        default = next(iter(self._nodes([one for one, states in below if "default" in states][:1])), None)
        if focused.role.endswith("button") or "multi_line" in focused.states or default == focused:
            default = None
        line = self._line(focused) if focused.role == "terminal" else None
        return Seen(self._spoken(focused), self._dialog(top, below), default, self._chosen(focused), line)

    def _in_dialog(self, top: Node, below: Sequence[Shows]) -> Node | None:
        """What has the keyboard in a dialog."""
        for reference, states in reversed(below):
            if "focused" in states and (found := self._nodes([reference])):
                return found[0]
        return top if "focused" in top.states else None

    def _in_window(self, top: Node) -> Node | None:
        """What has the keyboard in a window."""
        last = self._focus.get(top.reference)
        references = [last] if last and {"focused", "showing"} <= self._states([last])[0] else []
        shown = [] if references else [one for one, states in self._below(top.reference) if "focused" in states]
        for reference in references or reversed(shown):
            if found := self._nodes([reference]):
                self._focus[top.reference] = reference
                return self._within(found[0])
        return None

    def _within(self, node: Node) -> Node:
        """The field that an unnamed frame around it has the keyboard for."""
        if node.name or node.role not in ("panel", "filler", "root pane"):
            return node
        return next((one for one in self._showing(node) if "editable" in one.states), node)

    def _chosen(self, node: Node) -> tuple[Node, ...]:
        """What is selected in `node`, in the one thing that it holds, or where it is one of many."""
        holders = [node.reference]
        if node.role in _ITEMS:
            told = self._ask(get(node.reference, "Accessible", "Parent"))
            holders = [_reference(told[0][1])] if told else []
        below = self._children(node.reference) if "manages" not in node.states else []
        holders += below if len(below) == 1 else []
        for holder in holders:
            told = self._ask(get(holder, "Selection", "NSelectedChildren"))
            if number := min(int(told[0][1]), _MOST_CHOSEN) if told else 0:
                asked = [call(holder, "Selection", "GetSelectedChild", "i", index) for index in range(number)]
                found = self._nodes([_reference(one[0]) for one in self._asker.ask(asked) if one])
                return tuple(self._spoken(one) for one in found if one.reference != node.reference)
        return ()

    def _dialog(self, top: Node, below: Sequence[Shows] = ()) -> str:
        if top.role not in _DIALOGS:
            return ""
        shown = [one for one, _ in below or self._below(top.reference)]
        roles = self._asker.ask([call(one, "Accessible", "GetRoleName") for one in shown])
        labels = [one for one, role in zip(shown, roles, strict=True) if role is not None and role[0] == "label"]
        said = [name for told in self._asker.ask([get(one, "Accessible", "Name") for one in labels]) if (name := _named(told))]
        return ": ".join(part for part in (top.name, " / ".join(said[:_SPOKEN])) if part)[:_LONGEST]

    def _spoken(self, node: Node) -> Node:
        """`node`, with its description or the words on it for a name where it has none. What is in fields is not read."""
        if node.name or node.states & {"editable", "password"} or node.role in _TEXTS:
            return node
        description, text = self._asker.ask(
            [get(node.reference, "Accessible", "Description"), call(node.reference, "Text", "GetText", "ii", 0, _LONGEST)]
        )
        said = [str(description[0][1]) if description else "", str(text[0]) if text else ""]
        return replace(node, name=next((words.strip()[:_LONGEST] for words in said if words.strip()), ""))

    def _line(self, node: Node) -> str | None:
        caret = self._ask(get(node.reference, "Text", "CaretOffset"))
        if caret is None:
            return None
        told = self._ask(call(node.reference, "Text", "GetStringAtOffset", "iu", int(caret[0][1]), 3))
        return None if told is None else str(told[0])[:_LONGEST]

    # The tree

    def _tops(self, pid: int) -> list[Node]:
        """The windows of a process, as it tells them."""
        told = self._ask(call(("org.a11y.atspi.Registry", _ROOT), "Accessible", "GetChildren"))
        apps = [_reference(one) for one in told[0]] if told else []
        daemon = "org.freedesktop.DBus"
        fresh = [name for name, _ in apps if name not in self._owners]
        asked = [Question((daemon, "/org/freedesktop/DBus"), daemon, "GetConnectionUnixProcessID", "s", (name,)) for name in fresh]
        owners = self._asker.ask(asked)
        self._owners |= {name: int(owner[0]) for name, owner in zip(fresh, owners, strict=True) if owner is not None}
        ours = [app for app in apps if self._owners.get(app[0]) == pid]
        return [node for app in ours for node in self._nodes(self._children(app))]

    def _deepest(self, top: Node, place: Point) -> Node | None:
        path = [top.reference]
        for _ in range(_DEEPEST):
            told = self._ask(call(path[-1], "Component", "GetAccessibleAtPoint", "iiu", place.x, place.y, _SCREEN))
            below = _reference(told[0]) if told else None
            if below is None or below[1] == _NULL or below in path:
                # Pages of tabs and other things without a place of their own hide what is in them from the question above.
                below = next((one for one in reversed(self._holding(path[-1], place)) if one not in path), None)
            if below is None:
                break
            path.append(below)
        else:
            return None
        for reference in reversed(path[1:]):
            if found := self._nodes([reference]):
                return found[0]
        return top if top.role != "application" else None

    def _holding(self, parent: Reference, place: Point) -> list[Reference]:
        """The children that show, and lie at `place` or say of no place where they are."""
        children = [one for one in self._children(parent) if one[1] != _NULL]
        showing = [one for one, states in zip(children, self._states(children), strict=True) if "showing" in states]
        extents = self._asker.ask([call(one, "Component", "GetExtents", "u", _SCREEN) for one in showing])
        boxes = [_box(told) for told in extents]
        return [one for one, box in zip(showing, boxes, strict=True) if box is None or box.contains(place)]

    def _showing(self, top: Node, closed: Sequence[str] = ()) -> list[Node]:
        """All that shows below `top`, from the outside in, but what is in things of the roles `closed`."""
        found, wave = [top], [top]
        while wave and len(found) < _MOST_NODES:
            open_ = [node for node in wave if "manages" not in node.states and node.role not in closed]
            told = self._asker.ask([call(node.reference, "Accessible", "GetChildren") for node in open_])
            below = [_reference(one) for answer in told if answer for one in answer[0][:_MOST_CHILDREN]]
            wave = [node for node in self._nodes(below) if "showing" in node.states]
            found += wave
        return found

    def _below(self, top: Reference) -> list[Shows]:
        """What shows below `top`, with its states, from the outside in: as `_showing`, with half as many questions."""
        found: list[Shows] = []
        wave = [top]
        while wave and len(found) < _MOST_NODES:
            told = self._asker.ask([call(one, "Accessible", "GetChildren") for one in wave])
            below = [_reference(one) for answer in told if answer for one in answer[0][:_MOST_CHILDREN]]
            showing = [(one, its) for one, its in zip(below, self._states(below), strict=True) if "showing" in its]
            found += showing
            wave = [one for one, its in showing if "manages" not in its]
        return found

    def _states(self, references: Sequence[Reference]) -> list[frozenset[str]]:
        told = self._asker.ask([call(one, "Accessible", "GetState") for one in references])
        return [_states(one[0], "") if one else frozenset() for one in told]

    def _children(self, parent: Reference) -> list[Reference]:
        told = self._ask(call(parent, "Accessible", "GetChildren"))
        return [_reference(one) for one in told[0][:_MOST_CHILDREN]] if told else []

    def _nodes(self, references: Iterable[Reference]) -> list[Node]:
        wanted = [one for one in references if one[1] != _NULL]
        asked: list[Question] = []
        for one in wanted:
            asked += [call(one, "Accessible", "GetRoleName"), get(one, "Accessible", "Name")]
            asked += [call(one, "Accessible", "GetState"), call(one, "Component", "GetExtents", "u", _SCREEN)]
        told = self._asker.ask(asked)
        found = []
        for number, one in enumerate(wanted):
            role, name, states, extents = told[4 * number : 4 * number + 4]
            if role is not None and states is not None:
                found.append(Node(one, str(role[0]), _named(name), _states(states[0], str(role[0])), _box(extents)))
        return found

    def _ask(self, question: Question) -> Any:
        return self._asker.ask([question])[0]


def _fitting(tops: Sequence[Node], shown: Shown) -> Node | None:
    """The window of a tree that is the one on the screen: of the same title if there are such, and in the same place."""
    placed = [node for node in tops if node.box is not None and node.box.contains(shown.box.center)]
    named = [node for node in placed if node.name == shown.title]
    return max(named or placed, key=lambda node: _overlap(node, shown.box), default=None)


def _overlap(node: Node, box: Box) -> float:
    own = node.box
    if own is None:
        return 0.0
    width = min(own.right, box.right) - max(own.left, box.left)
    height = min(own.bottom, box.bottom) - max(own.top, box.top)
    both = max(width, 0) * max(height, 0)
    return both / max(_area(node) + (box.right - box.left) * (box.bottom - box.top) - both, 1)


def _area(node: Node) -> int:
    return 0 if node.box is None else (node.box.right - node.box.left) * (node.box.bottom - node.box.top)


def _named(told: tuple[Any, ...] | None) -> str:
    return str(told[0][1])[:_LONGEST].strip() if told else ""


def _reference(told: Any) -> Reference:
    name, path = told
    return str(name), str(path)


def _states(words: Sequence[int], role: str) -> frozenset[str]:
    bits = sum(int(word) << (32 * number) for number, word in enumerate(words))
    found = {name for bit, name in _STATES.items() if bits >> bit & 1}
    found |= {"showing"} if bits >> _SHOWING & 1 else set()
    found |= {"manages"} if bits >> _MANAGES & 1 else set()
    found |= {"password"} if role == "password text" else set()
    if role.startswith(("document", "paragraph")):
        return frozenset(found)
    return frozenset(found if bits >> _ENABLED & 1 and bits >> _SENSITIVE & 1 else found | {"disabled"})


def _box(told: tuple[Any, ...] | None) -> Box | None:
    if told is None:
        return None
    left, top, width, height = (int(number) for number in told[0])
    # What has no place of its own says -1, 1, or the least number that there is.
    placed = min(width, height) > 0 and max(width, height) > 1 and left > -32768 and top > -32768
    return Box(left, top, left + width, top + height) if placed else None
