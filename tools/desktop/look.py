"""Which window an event would go to: asked of the X server itself, as it stands at that moment.

The server's own order of windows counts, menus and other windows that no window manager knows included, and their shapes. Titles and
classes are what programs say of themselves; the process behind a window is known to the server (X-Resource), and its program to the kernel.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from handeye.tools.desktop.windows import TERMINALS
from handeye.tools.geometry import Box, Point

Kind: TypeAlias = Literal["", "window", "dialog", "popup", "desktop", "dock"]
"""What sort of window: none; a program's own; a dialog; a menu or another one that no window manager frames; the desktop; a panel."""

_PID_MASK = 2
"""`LocalClientPIDMask` of X-Resource."""
_POINTER_ROOT = 1
"""`PointerRoot`: the focus follows the pointer."""
_DEEPEST = 32
_LEAST_MENU = 12
"""Pixels; GTK keeps smaller windows of that sort for drag and drop."""
_LONGEST = 400
"""Characters of a title that are kept."""
_INTERPRETERS = ("python", "pypy", "perl", "ruby", "node", "bash", "sh", "dash", "wish", "tclsh", "java", "gjs", "lua")
_TYPES: dict[str, Kind] = {"DIALOG": "dialog", "UTILITY": "dialog", "DESKTOP": "desktop", "DOCK": "dock", "NOTIFICATION": "popup"}
"""Of `_NET_WM_WINDOW_TYPE_...` (Extended Window Manager Hints)."""


@dataclass(frozen=True)
class Spot:
    """A window that input would go to, and whose it is."""

    path: tuple[int, ...]
    """Ids of the windows from the one below the root to the one that gets the event: another order or another window is another spot."""
    window: int = 0
    """Id of the program's own window, as the window manager lists it; 0: none, it is the empty desktop."""
    title: str = ""
    classes: tuple[str, ...] = ()
    """Both parts of WM_CLASS, the class first."""
    program: str = ""
    """File name of the program that the process runs; empty where that cannot be known."""
    pid: int = 0
    kind: Kind = ""
    box: Box = Box(0, 0, 0, 0)
    """In pixels of the whole display."""
    foreign: bool = False
    """What gets the event is another process's window inside of this one."""

    @property
    def terminal(self) -> bool:
        """Whether it is a window of a terminal, as far as class and program tell."""
        names = [name.lower() for name in (*self.classes, self.program)]
        return any(part == name or (len(part) > 2 and part in name) for name in names for part in TERMINALS)

    @property
    def app(self) -> str:
        """Class and program, in one text; one word where they are the same."""
        words = [*self.classes[:1], self.program]
        return " ".join(dict.fromkeys(word for word in words if word))

    def named(self, wanted: str) -> bool:
        """Whether the program or a part of WM_CLASS is called `wanted`, capital letters or not."""
        return wanted.casefold() in {name.casefold() for name in (*self.classes, self.program) if name}


class Looker:
    """Asks one connection. Not safe to use from two threads at once. Raises python-xlib's errors once the display is gone."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        self._link = display.display
        self._atoms: dict[str, int] = {}
        self._atom_names: dict[int, str] = {}
        """Atoms keep their names while a client is connected."""
        self._asks = bool(display.has_extension("X-Resource"))

    def at(self, place: Point) -> Spot:
        """Where a click at `place` of the display would go."""
        return self._told(self.path_at(place))

    def focused(self) -> Spot:
        """Where keys would go: the menu that a program holds open, else the window with the focus."""
        spot = self._told(self.path_focused())
        menu = self._menu(spot.pid) if spot.pid else None
        return spot if menu is None else replace(self._told((menu,)), path=spot.path)

    def path_at(self, place: Point) -> tuple[int, ...]:
        """The windows at `place`, from the one below the root inwards; a few questions to the server, nothing else."""
        path: list[int] = []
        window = self._root
        for _ in range(_DEEPEST):
            # The answer heeds order, bounding and input shapes, as the event will.
            child = window.translate_coords(self._root, place.x, place.y).child
            if isinstance(child, int):
                break
            path.append(int(child.id))
            window = child
        return tuple(path)

    def path_focused(self) -> tuple[int, ...]:
        """The windows from the one below the root to the one that has the focus; those under the pointer where the focus follows it."""
        window = self._display.get_input_focus().focus
        if isinstance(window, int):
            asked = self._root.query_pointer()
            return self.path_at(Point(asked.root_x, asked.root_y)) if window == _POINTER_ROOT else ()
        path: list[int] = []
        while not isinstance(window, int) and window.id != self._root.id and len(path) < _DEEPEST:
            path.insert(0, int(window.id))
            window = window.query_tree().parent
        return tuple(path)

    # Whose it is. What does not depend on an answer is asked for before the first answer is read.

    def _told(self, path: tuple[int, ...]) -> Spot:
        from Xlib.error import XError

        if not path:
            return Spot(())
        try:
            number = self._client(path)
            owned = (number, path[-1]) if number in path else (number,)
            place, size, attributes = self._place(number), self._size(number), self._attributes(number)
            owners = [self._owning(one) for one in owned]
            names = ("WM_CLASS", "_NET_WM_NAME", "WM_NAME", "_NET_WM_WINDOW_TYPE", "WM_TRANSIENT_FOR")
            classes, title, old_title, types, above = (self._asked(number, name) for name in names)
            _answer(place), _answer(size)
            box = Box(-place.x, -place.y, size.width - place.x, size.height - place.y)
            # Another program's window inside of this one is what gets the event.
            pid, *inner = [self._owner(one, asked) for one, asked in zip(owned, owners, strict=True)]
            parts = tuple(reversed([part for part in _text(classes).split("\0") if part]))
            kind = self._kind(attributes, types, above)
            return Spot(path, number, _text(title) or _text(old_title), parts, program_of(pid), pid, kind, box, inner not in ([], [pid]))
        except XError:
            # It was closed while it was looked at.
            return Spot(path, path[0])

    def _client(self, path: tuple[int, ...]) -> int:
        """The program's own window on the way: window managers mark it (WM_STATE), in the frame that they draw around it too."""
        if (marked := self._marked(path)) is not None:
            return marked
        inside = [int(child.id) for child in self._window(path[0]).query_tree().children]
        marked = self._marked(inside)
        return path[0] if marked is None else marked

    def _marked(self, numbers: Sequence[int]) -> int | None:
        from Xlib.error import XError

        marks = [(number, self._asked(number, "WM_STATE")) for number in numbers]
        for number, mark in marks:
            with suppress(XError):
                if _value(mark) is not None:
                    return number
        return None

    def _kind(self, attributes: Any, types: Any, above: Any) -> Kind:
        if _answer(attributes).override_redirect:
            return "popup"
        for name in self._names(types):
            if kind := _TYPES.get(name.removeprefix("_NET_WM_WINDOW_TYPE_")):
                return kind
        return "dialog" if _value(above) is not None else "window"

    def _menu(self, pid: int) -> int | None:
        """The uppermost window of a process that no window manager frames and that is as large as a menu."""
        from Xlib import X
        from Xlib.error import XError

        windows = [int(child.id) for child in reversed(self._root.query_tree().children)]
        for number, asked in [(number, self._attributes(number)) for number in windows]:
            try:
                attributes = _answer(asked)
                if not attributes.override_redirect or attributes.map_state != X.IsViewable or attributes.win_class != X.InputOutput:
                    continue
                size = _answer(self._size(number))
                large = min(size.width, size.height) >= _LEAST_MENU
                if large and self._owner(number, self._owning(number)) == pid and not self._tells_only(number):
                    return number
            except XError:
                continue
        return None

    def _tells_only(self, number: int) -> bool:
        """Whether it is a hint or a message, which takes no keys."""
        names = set(self._names(self._asked(number, "_NET_WM_WINDOW_TYPE")))
        return bool(names & {f"_NET_WM_WINDOW_TYPE_{name}" for name in ("TOOLTIP", "NOTIFICATION", "DND")})

    def _owner(self, number: int, asked: Any) -> int:
        """The process whose window it is, as the server knows it; else as the window says itself; 0 if neither does."""
        from Xlib.error import XError

        if asked is not None:
            try:
                told = _answer(asked).ids
            except XError:
                told = ()
            if found := next((int(client.value[0]) for client in told if client.value), 0):
                return found
        said = _value(self._asked(number, "_NET_WM_PID"))
        return int(said[0]) if said is not None and len(said) else 0

    # Questions whose answers come later: see `_answer`

    def _owning(self, number: int) -> Any:
        """None: this server does not know."""
        if not self._asks:
            return None
        from Xlib.ext import res

        opcode = self._link.get_extension_major(res.extname)
        return res.QueryClientIds(display=self._link, defer=True, opcode=opcode, specs=[{"client": number, "mask": _PID_MASK}])

    def _place(self, number: int) -> Any:
        """Where the corner of the root is in the window."""
        from Xlib.protocol import request

        return request.TranslateCoords(display=self._link, defer=True, src_wid=self._root, dst_wid=number, src_x=0, src_y=0)

    def _size(self, number: int) -> Any:
        from Xlib.protocol import request

        return request.GetGeometry(display=self._link, defer=True, drawable=number)

    def _attributes(self, number: int) -> Any:
        from Xlib.protocol import request

        return request.GetWindowAttributes(display=self._link, defer=True, window=number)

    def _asked(self, number: int, name: str) -> Any:
        """The first `_LONGEST` characters or numbers of a property."""
        from Xlib.protocol import request

        place = {"property": self._atom(name), "type": 0, "long_offset": 0, "long_length": _LONGEST}
        return request.GetProperty(display=self._link, defer=True, delete=False, window=number, **place)

    def _names(self, asked: Any) -> list[str]:
        """The names of a list of atoms."""
        return [self._atom_name(int(number)) for number in _value(asked) or ()]

    def _atom_name(self, number: int) -> str:
        if number not in self._atom_names:
            self._atom_names[number] = str(self._display.get_atom_name(number))
        return self._atom_names[number]

    def _window(self, number: int) -> Any:
        return self._display.create_resource_object("window", number)

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            self._atoms[name] = int(self._display.intern_atom(name))
        return self._atoms[name]


def _answer(asked: Any) -> Any:
    """What was asked, once its answer is there. Raises python-xlib's errors."""
    asked.reply()
    return asked


def _value(asked: Any) -> Any:
    """What a property holds; None: there is none."""
    return _answer(asked).value[1] if _answer(asked).property_type else None


def _text(asked: Any) -> str:
    value = _value(asked)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text[:_LONGEST] if isinstance(text, str) else ""


def program_of(pid: int) -> str:
    """File name of what a process runs, as the kernel tells it; that of the script where it is an interpreter that runs one.

    A window of a script is no window of each program in that language.
    """
    if not pid:
        return ""
    try:
        program = Path(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")).name
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    if program.rstrip("0123456789.") in _INTERPRETERS:
        return next((Path(word).name for word in words[1:] if word and not word.startswith("-")), program)
    return program
