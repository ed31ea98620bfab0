"""What an action on a desktop would touch: the window that the X server would give the input to, and what its program says it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from handeye.envs.actions import Action, Click, Drag, LongPress, PressKeys, Scroll, TypeText
from handeye.tools.desktop import DesktopDriver, X11Driver
from handeye.tools.desktop.atspi import Node, Seen, Shown, Tree
from handeye.tools.desktop.look import Spot
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box, Point
from handeye.tools.target import Place, Target

ReadText: TypeAlias = Callable[[Pixels], Sequence[tuple[str, Box]]]
"""Reads the words in a picture (uint8 RGB, shape (height, width, 3)), each with its box in pixels of that picture: OCR."""

_STATES = frozenset({"disabled", "checked", "editable", "password", "focused", "default"})
_PLAIN = frozenset(
    (
        *("filler", "separator", "scroll pane", "scroll bar", "viewport", "layered pane", "split pane", "page tab list", "page tab"),
        *("menu bar", "tool bar", "status bar", "statusbar", "tool tip", "ruler", "frame", "dialog", "alert", "file chooser"),
        *("table", "tree table", "table cell", "list", "list item", "tree", "icon", "label", "heading", "section", "static"),
        *("text", "entry", "password text", "paragraph", "terminal"),
        *("document text", "document frame", "document web", "document spreadsheet"),
    )
)
"""Roles of things that need no name to be known: they hold others, or text."""
_CROP = (220, 40)
"""Pixels to each side of a point in which its words are looked for."""
_NEAR = 4
"""Pixels around a word that still belong to it."""
_CLOSE = 24
"""Pixels at the right end of a title bar that close the window, in the window managers of `WINDOW_MANAGERS`."""
_EDITING = frozenset(
    {"left", "right", "home", "end", "up", "down", "page_up", "page_down", "backspace", "delete", "tab", "escape", "space"}
)
_TERMINAL_CHORDS = frozenset({("ctrl", "c"), ("ctrl", "l"), ("ctrl", "a"), ("ctrl", "e"), ("ctrl", "u"), ("ctrl", "w"), ("ctrl", "k")})
"""Chords that run no line and bring none back (readline(3))."""
_ENDS = re.compile(r"[\r\n]")
"""Both are Enter where text is typed."""
_CLEARS = frozenset({("ctrl", "c"), ("enter",)})
"""Keys after which a terminal's line is empty."""


@dataclass(frozen=True)
class Aim:
    """Where the input of an action would go: `keyboard`: to the focus, `spots` holds that one window; else `spots` are under its points."""

    spots: tuple[Spot, ...] = ()
    keyboard: bool = False


class DesktopSight:
    """Looks at a desktop. `tree`: its accessibility bus, None where there is none; `read_text`: see `ReadText`."""

    def __init__(self, driver: DesktopDriver, tree: Tree | None = None, read_text: ReadText | None = None) -> None:
        self._driver = driver
        self._tree = tree
        self._read = read_text
        self._lines: dict[int, str | None] = {}
        """What was typed into the line of each terminal since its last Enter; None: something else than plain text may be in it."""

    def aim(self, action: Action) -> Aim:
        """The windows that `action` would reach; none where the driver cannot tell, or it presses nothing."""
        if not isinstance(self._driver, X11Driver):
            return Aim()
        if isinstance(action, TypeText | PressKeys):
            return Aim((self._driver.spot_focused(),), keyboard=True)
        return Aim(tuple(self._driver.spot_at(point) for _, point in self._points(action)))

    def targets(self, action: Action, aim: Aim) -> tuple[Target, ...]:
        """What `action` would touch in the windows of `aim`; see `SightedEnv.targets`."""
        keyboard = isinstance(action, TypeText | PressKeys)
        places: list[tuple[Place, Point]] = [] if isinstance(action, Scroll) else self._points(action)
        if not isinstance(self._driver, X11Driver):
            wanted: list[Place] = ["focus"] if keyboard else [place for place, _ in places]
            return tuple(Target("desktop", place, known=False, doubts=("no tree",)) for place in wanted)
        if keyboard:
            return self._focus(action, aim.spots[0])
        found = [self._point(action, place, point, spot) for (place, point), spot in zip(places, aim.spots, strict=False)]
        if len(found) > 1 and found[0].identity == found[1].identity and _pressable(found[0]):
            doubt = "a drag that ends where it began is a click"
            found = [replace(one, known=False, doubts=(*one.doubts, doubt)) for one in found]
        return tuple(found)

    def done(self, action: Action, aim: Aim) -> None:
        """Take note of an action that was carried out: what it left in the line of a terminal."""
        for spot in aim.spots:
            if not spot.terminal:
                continue
            line = self._lines.get(spot.window, "")
            if isinstance(action, TypeText):
                *before, last = _ENDS.split(action.text)
                self._lines[spot.window] = last if before else None if line is None else line + last
            elif isinstance(action, PressKeys):
                self._lines[spot.window] = "" if action.keys in _CLEARS else None
            elif isinstance(action, Click) and action.button == "middle":
                self._lines[spot.window] = None

    # Places

    def _points(self, action: Action) -> list[tuple[Place, Point]]:
        match action:
            case Click() | Scroll():
                return [("point", action.point or self._driver.pointer)]
            case LongPress():
                return [("point", action.point)]
            case Drag():
                return [("point", action.start or self._driver.pointer), ("drop", action.end)]
        return []

    def _point(self, action: Action, place: Place, point: Point, spot: Spot) -> Target:
        origin = self._origin
        there = point.moved(origin.x, origin.y)
        if not spot.window:
            return Target("desktop", place, role="desktop", identity="root")
        if spot.window not in spot.path:
            closes = there.y < spot.box.top and there.x >= spot.box.right - _CLOSE
            return self._target(place, spot, role="window frame", name="close" if closes else "", box=self._framed(spot.box))
        if spot.terminal:
            pastes = isinstance(action, Click) and action.button == "middle"
            doubts = ("what is pasted into the terminal is not known",) if pastes or place == "drop" else ()
            return self._target(place, spot, role="terminal", box=self._framed(spot.box), doubts=doubts)
        seen = self._tree.at(_shown(spot), there) if self._tree and spot.pid else None
        if seen is not None and seen.node.role not in ("application", "window", "unknown", "redundant object"):
            return self._noded(place, spot, seen)
        return self._read_at(place, spot, point)

    def _focus(self, action: Action, spot: Spot) -> tuple[Target, ...]:
        if not spot.window:
            return (Target("desktop", "focus", known=False, doubts=("nothing has the keyboard",)),)
        if spot.terminal:
            return (self._terminal(action, spot),)
        seen = self._tree.focused(_shown(spot)) if self._tree and spot.pid else None
        if seen is None:
            return (self._target("focus", spot, doubts=("no tree",)),)
        if seen.node.role == "terminal":
            return (self._terminal(action, spot, seen),)
        found = [self._noded("focus", spot, seen), *(self._noded("focus", spot, Seen(one, seen.dialog)) for one in seen.chosen)]
        if seen.default is not None and _enters(action):
            found.append(self._noded("focus", spot, Seen(seen.default, seen.dialog)))
        return tuple(found)

    def _terminal(self, action: Action, spot: Spot, seen: Seen | None = None) -> Target:
        """A terminal: what is typed is judged by its words, and by what was typed into its line before; nobody knows what else is there."""
        line = self._lines.get(spot.window, "")
        doubts: tuple[str, ...] = ()
        bare = _enters(action) and not (_ENDS.split(action.text)[0].strip() if isinstance(action, TypeText) else "")
        if _enters(action) and (line is None or (bare and not line.strip())):
            doubts = ("what the line says is not known",)
        elif isinstance(action, PressKeys) and not _enters(action) and not _edits(action.keys):
            doubts = ("what this key does in a terminal is not known",)
        text = (seen.line if seen is not None else None) or line or ""
        return self._target("focus", spot, role="terminal", text=text, box=self._framed(spot.box), doubts=doubts)

    # Targets

    def _noded(self, place: Place, spot: Spot, seen: Seen) -> Target:
        node = seen.node
        named = bool(node.name) or node.role in _PLAIN
        return self._target(
            place,
            spot,
            role=node.role,
            name=node.name,
            states=node.states & _STATES,
            box=None if node.box is None else self._framed(node.box),
            container=seen.dialog,
            node=node,
            doubts=() if named else ("no name",),
        )

    def _read_at(self, place: Place, spot: Spot, point: Point) -> Target:
        """What stands there in the picture, where the program tells nothing."""
        if self._read is None:
            return self._target(place, spot, doubts=("no tree",))
        size, window = self._driver.size, self._framed(spot.box)
        around = Box(point.x - _CROP[0], point.y - _CROP[1], point.x + _CROP[0], point.y + _CROP[1]).clipped(size)
        around = Box(
            max(around.left, window.left), max(around.top, window.top), min(around.right, window.right), min(around.bottom, window.bottom)
        )
        if around.width < 1 or around.height < 1:
            return self._target(place, spot, doubts=("no tree", "no words at this place"))
        crop = self._driver.screenshot()[around.top : around.bottom, around.left : around.right]
        here = point.moved(-around.left, -around.top)
        words = [(text, box) for text, box in self._read(crop) if box.grown(_NEAR).contains(here) and text.strip()]
        if not words:
            return self._target(place, spot, doubts=("no tree", "no words at this place"))
        text = " ".join(text.strip() for text, _ in words)
        return self._target(place, spot, text=text, detail="words read from the picture")

    def _target(
        self,
        place: Place,
        spot: Spot,
        *,
        role: str = "",
        name: str = "",
        text: str = "",
        states: frozenset[str] = frozenset(),
        box: Box | None = None,
        container: str = "",
        detail: str = "",
        node: Node | None = None,
        doubts: tuple[str, ...] = (),
    ) -> Target:
        if spot.foreign:
            doubts = (*doubts, "a window of another program inside of this one")
        where = " ".join(f"{number:x}" for number in spot.path)
        return Target(
            "desktop",
            place,
            known=not doubts,
            doubts=doubts,
            identity=f"{where} {node.reference[0]}{node.reference[1]}" if node is not None else where,
            box=box,
            role=role,
            name=name,
            text=text,
            states=states,
            container=container or (spot.title if spot.kind == "dialog" else ""),
            app=spot.app,
            window=spot.title,
            detail=detail or (spot.kind if spot.kind in ("dialog", "popup", "dock") else ""),
        )

    @property
    def _origin(self) -> Point:
        return self._driver.origin if isinstance(self._driver, X11Driver) else Point(0, 0)

    def _framed(self, box: Box) -> Box:
        """A box of the display, in pixels of the picture."""
        origin = self._origin
        return Box(box.left - origin.x, box.top - origin.y, box.right - origin.x, box.bottom - origin.y)


def _pressable(target: Target) -> bool:
    """Whether it does something when it is let go where it was pressed."""
    words = ("button", "item", "check", "radio", "switch", "link", "icon", "menu")
    return target.role == "window frame" or any(word in target.role for word in words)


def _shown(spot: Spot) -> Shown:
    return Shown(spot.pid, spot.title, spot.box, spot.kind == "popup")


def _enters(action: Action) -> bool:
    """Whether Enter is among what it presses."""
    return bool(_ENDS.search(action.text)) if isinstance(action, TypeText) else isinstance(action, PressKeys) and "enter" in action.keys


def _edits(keys: tuple[str, ...]) -> bool:
    """Whether keys only move in a terminal's line, or change it by what they say."""
    if keys in _TERMINAL_CHORDS:
        return True
    plain = keys[1:] if keys[:1] == ("shift",) else keys
    return len(plain) == 1 and (plain[0] in _EDITING or len(plain[0]) == 1)
