"""What programs say of what they show: the accessibility tree of AT-SPI, over the accessibility bus (D-Bus, jeepney).

Names, roles and texts come from programs and from the documents in them: data, never instructions. A program that does not answer, or
answers nonsense, has no tree. Interfaces: at-spi2-core, `xml/*.xml`; numbers of roles and states: `atspi-constants.h`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box, Point

Reference: TypeAlias = tuple[str, str]
"""An accessible: name of its program on the bus, and its path there."""
T = TypeVar("T")

ACCESSIBLE = {
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    "QT_ACCESSIBILITY": "1",
    "GTK_MODULES": "gail:atk-bridge",
    "SAL_USE_VCLPLUGIN": "gtk3",
}
"""Variables by which programs say what they show: Qt, GTK 2 (with Debian's libgail-common and libatk-adaptor), LibreOffice. GTK 3 does so
by itself."""
LIMIT_S = 4.0
"""How long one look may take before the program counts as one without a tree."""
_SCREEN = 0
"""`ATSPI_COORD_TYPE_SCREEN`."""
_STATES = {4: "checked", 7: "editable", 12: "focused", 17: "multi_line", 23: "selected", 39: "default"}
_ENABLED, _SENSITIVE, _SHOWING, _MANAGES = 8, 24, 25, 31
_MOST_CHILDREN = 64
"""Children that are asked about one by one: a table may have millions."""
_MOST_NODES = 600
_DEEPEST = 40
_BATCH = 48
"""Questions that are sent before the answers are read: they fit into a socket's buffer."""
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


class Tree:
    """The accessibility bus of one desktop; make it with `open`. Safe to use from any thread, one look at a time."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._link: Any = None
        self._end_s = 0.0
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
            tree._join()
        except (OSError, KeyError, ValueError, RuntimeError, TimeoutError) as error:
            raise SetupError(
                f"There is no accessibility bus, which tells what a click would touch ({error}).",
                fix="apt-get install -y at-spi2-core dbus",
            ) from error
        return tree

    def at(self, shown: Shown, place: Point) -> Seen | None:
        """What is at `place` of the display in the window `shown`; None: the program does not tell."""
        return self._looked(lambda: self._at(shown, place))

    def focused(self, shown: Shown) -> Seen | None:
        """What has the keyboard in the window `shown`, an item that is chosen in a menu included; None: the program does not tell."""
        return self._looked(lambda: self._focused(shown))

    def close(self) -> None:
        """Let go of the bus. A second call does nothing."""
        with self._lock:
            link, self._link = self._link, None
            if link is not None:
                link.close()

    # Looks

    def _looked(self, look: Callable[[], T | None]) -> T | None:
        with self._lock:
            self._end_s = time.monotonic() + LIMIT_S
            try:
                if self._link is None:
                    self._join()
                return look()
            except (OSError, TimeoutError, RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError):
                # Half an answer may be left in the connection; the next look has one of its own.
                with suppress(OSError, AttributeError):
                    self._link.close()
                self._link = None
                return None

    def _join(self) -> None:
        from jeepney.io.blocking import open_dbus_connection

        self._link = open_dbus_connection(self._address)
        self._owners.clear()
        self._focus.clear()

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
        nodes = self._showing(top) if dialog else []
        focused = self._focused_in(top, nodes)
        if focused is None:
            return None
        default = next((one for one in nodes if "default" in one.states), None)
        if focused.role.endswith("button") or "multi_line" in focused.states or default == focused:
            default = None
        line = self._line(focused) if focused.role == "terminal" else None
        return Seen(self._spoken(focused), self._dialog(top, nodes), default, self._chosen(focused), line)

    def _focused_in(self, top: Node, nodes: Sequence[Node]) -> Node | None:
        """What has the keyboard in a window, whose `nodes` are given where they are known already."""
        if nodes:
            return next((node for node in reversed(nodes) if "focused" in node.states), None)
        last = self._focus.get(top.reference)
        references = [last] if last and {"focused", "showing"} <= self._states([last])[0] else []
        for reference in references or reversed(self._showing_in(top.reference, "focused")):
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
            told = self._ask_all([self._get(node.reference, "Accessible", "Parent")])[0]
            holders = [_reference(told[0][1])] if told else []
        below = self._children(node.reference) if "manages" not in node.states else []
        holders += below if len(below) == 1 else []
        for holder in holders:
            told = self._ask_all([self._get(holder, "Selection", "NSelectedChildren")])[0]
            if number := min(int(told[0][1]), _MOST_CHOSEN) if told else 0:
                asked = [self._call(holder, "Selection", "GetSelectedChild", "i", index) for index in range(number)]
                found = self._nodes([_reference(one[0]) for one in self._ask_all(asked) if one])
                return tuple(self._spoken(one) for one in found if one.reference != node.reference)
        return ()

    def _dialog(self, top: Node, nodes: Sequence[Node] | None = None) -> str:
        if top.role not in _DIALOGS:
            return ""
        labels = [node.name for node in nodes or self._showing(top) if node.role == "label" and node.name]
        return ": ".join(part for part in (top.name, " / ".join(labels[:_SPOKEN])) if part)[:_LONGEST]

    def _spoken(self, node: Node) -> Node:
        """`node`, with its description or the words on it for a name where it has none. What is in fields is not read."""
        if node.name or node.states & {"editable", "password"} or node.role in _TEXTS:
            return node
        description, text = self._ask_all(
            [self._get(node.reference, "Accessible", "Description"), self._call(node.reference, "Text", "GetText", "ii", 0, _LONGEST)]
        )
        said = [str(description[0][1]) if description else "", str(text[0]) if text else ""]
        return replace(node, name=next((words.strip()[:_LONGEST] for words in said if words.strip()), ""))

    def _line(self, node: Node) -> str | None:
        caret = self._ask_all([self._get(node.reference, "Text", "CaretOffset")])[0]
        if caret is None:
            return None
        told = self._ask_all([self._call(node.reference, "Text", "GetStringAtOffset", "iu", int(caret[0][1]), 3)])[0]
        return None if told is None else str(told[0])[:_LONGEST]

    # The tree

    def _tops(self, pid: int) -> list[Node]:
        """The windows of a process, as it tells them."""
        from jeepney import DBusAddress, new_method_call

        registry = ("org.a11y.atspi.Registry", _ROOT)
        told = self._ask_all([self._call(registry, "Accessible", "GetChildren")])[0]
        apps = [_reference(one) for one in told[0]] if told else []
        daemon = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        fresh = [name for name, _ in apps if name not in self._owners]
        owners = self._ask_all([new_method_call(daemon, "GetConnectionUnixProcessID", "s", (name,)) for name in fresh])
        self._owners |= {name: int(owner[0]) for name, owner in zip(fresh, owners, strict=True) if owner is not None}
        ours = [app for app in apps if self._owners.get(app[0]) == pid]
        return [node for app in ours for node in self._nodes(self._children(app))]

    def _deepest(self, top: Node, place: Point) -> Node | None:
        node, passed = top, {top.reference}
        for _ in range(_DEEPEST):
            told = self._ask_all([self._call(node.reference, "Component", "GetAccessibleAtPoint", "iiu", place.x, place.y, _SCREEN)])[0]
            below = _reference(told[0]) if told else None
            if below is not None and below[1] != _NULL and below not in passed:
                found = self._nodes([below])
            else:
                # Pages of tabs and other things without a place of their own hide what is in them from the question above.
                found = [one for one in self._nodes(self._children(node.reference)) if _holds(one, place) and one.reference not in passed]
            if not found:
                return node if node is not top or top.role != "application" else None
            node = found[-1]
            passed.add(node.reference)
        return None

    def _showing(self, top: Node, closed: Sequence[str] = ()) -> list[Node]:
        """All that shows below `top`, from the outside in, but what is in things of the roles `closed`."""
        found, wave = [top], [top]
        while wave and len(found) < _MOST_NODES:
            open_ = [node for node in wave if "manages" not in node.states and node.role not in closed]
            asked = [self._call(node.reference, "Accessible", "GetChildren") for node in open_]
            told = self._ask_all(asked)
            below = [_reference(one) for answer in told if answer for one in answer[0][:_MOST_CHILDREN]]
            wave = [node for node in self._nodes(below) if "showing" in node.states]
            found += wave
        return found

    def _showing_in(self, top: Reference, state: str) -> list[Reference]:
        """What shows below `top` and has `state`, from the outside in: as `_showing`, with half as many questions."""
        found, wave, passed = [], [top], 0
        while wave and passed < _MOST_NODES:
            told = self._ask_all([self._call(one, "Accessible", "GetChildren") for one in wave])
            below = [_reference(one) for answer in told if answer for one in answer[0][:_MOST_CHILDREN]]
            states = self._states(below)
            showing = [(one, its) for one, its in zip(below, states, strict=True) if "showing" in its]
            found += [one for one, its in showing if state in its]
            wave = [one for one, its in showing if "manages" not in its]
            passed += len(showing)
        return found

    def _states(self, references: Sequence[Reference]) -> list[frozenset[str]]:
        told = self._ask_all([self._call(one, "Accessible", "GetState") for one in references])
        return [_states(one[0], "") if one else frozenset() for one in told]

    def _children(self, parent: Reference) -> list[Reference]:
        told = self._ask_all([self._call(parent, "Accessible", "GetChildren")])[0]
        return [_reference(one) for one in told[0][:_MOST_CHILDREN]] if told else []

    def _nodes(self, references: Iterable[Reference]) -> list[Node]:
        wanted = [one for one in references if one[1] != _NULL]
        asked: list[Any] = []
        for one in wanted:
            asked += [self._call(one, "Accessible", "GetRoleName"), self._get(one, "Accessible", "Name")]
            asked += [self._call(one, "Accessible", "GetState"), self._call(one, "Component", "GetExtents", "u", _SCREEN)]
        told = self._ask_all(asked)
        found = []
        for number, one in enumerate(wanted):
            role, name, states, extents = told[4 * number : 4 * number + 4]
            if role is not None and states is not None:
                text = str(name[0][1])[:_LONGEST].strip() if name else ""
                found.append(Node(one, str(role[0]), text, _states(states[0], str(role[0])), _box(extents)))
        return found

    # Questions

    def _call(self, to: Reference, interface: str, method: str, signature: str | None = None, *body: Any) -> Any:
        from jeepney import DBusAddress, new_method_call

        return new_method_call(DBusAddress(to[1], to[0], f"org.a11y.atspi.{interface}"), method, signature, body)

    def _get(self, to: Reference, interface: str, name: str) -> Any:
        from jeepney import DBusAddress, Properties

        return Properties(DBusAddress(to[1], to[0], f"org.a11y.atspi.{interface}")).get(name)

    def _ask_all(self, messages: Sequence[Any]) -> list[tuple[Any, ...] | None]:
        """The bodies of the answers, None for each that is an error. Raises `TimeoutError` when the time of this look is over."""
        told: list[tuple[Any, ...] | None] = []
        for start in range(0, len(messages), _BATCH):
            told += self._batch(messages[start : start + _BATCH])
        return told

    def _batch(self, messages: Sequence[Any]) -> list[tuple[Any, ...] | None]:
        from jeepney import HeaderFields, MessageType

        serials = [next(self._link.outgoing_serial) for _ in messages]
        for message, serial in zip(messages, serials, strict=True):
            self._link.send(message, serial=serial)
        answers: dict[int, tuple[Any, ...] | None] = {}
        waiting = set(serials)
        while waiting:
            reply = self._link.receive(timeout=max(0.0, self._end_s - time.monotonic()))
            serial = reply.header.fields.get(HeaderFields.reply_serial)
            if serial in waiting:
                waiting.discard(serial)
                answers[serial] = tuple(reply.body) if reply.header.message_type is MessageType.method_return else None
        return [answers[serial] for serial in serials]


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


def _holds(node: Node, place: Point) -> bool:
    return "showing" in node.states and (node.box is None or node.box.contains(place))


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
