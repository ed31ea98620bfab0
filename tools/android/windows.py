"""The windows of a phone from `dumpsys window`: which one takes a touch at a point, and what lies over it.

An app chooses the titles of its windows, line breaks included, so a dump may hold lines that an app wrote. Whatever is said twice and
not the same way is taken for the worst that was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handeye.tools.android.state import SECURE_BIT
from handeye.tools.geometry import Box, Point

_FLAGS = {"NOT_FOCUSABLE": 0x8, "NOT_TOUCHABLE": 0x10, "NOT_TOUCH_MODAL": 0x20, "SECURE": SECURE_BIT}
"""Those of `WindowManager.LayoutParams` that count here."""
_HEAD = re.compile(r"(?m)^ *Window #(\d+) Window\{([0-9a-f]+) (?:u\d+ )?([^\n]*?)\}:? *$")
_CORNERS = r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]"


@dataclass(frozen=True)
class Window:
    """A window that is on the screen."""

    handle: str
    """What `mCurrentFocus` calls it by."""
    title: str
    package: str
    """Empty: the dump does not say, or says several."""
    kind: str
    """`ty=` of its attributes, as `APPLICATION_OVERLAY`; empty where it is not told."""
    area: tuple[Box, ...] | None
    """Where it takes touches, in pixels of the screen; None: the dump does not say, it may be everywhere."""
    flags: frozenset[str]
    """Those of NOT_FOCUSABLE, NOT_TOUCHABLE, NOT_TOUCH_MODAL and SECURE that hold."""

    def covers(self, point: Point) -> bool:
        """Whether it lies at `point`."""
        return self.area is None or any(box.contains(point) for box in self.area)

    def takes(self, point: Point) -> bool:
        """Whether a touch at `point` is its own if no window above takes it: a window that is modal takes those beside it too.

        (AOSP: WindowState.getSurfaceTouchableRegion.)
        """
        if "NOT_TOUCHABLE" in self.flags:
            return False
        return not self.flags & {"NOT_FOCUSABLE", "NOT_TOUCH_MODAL"} or self.covers(point)


def read_windows(text: str) -> tuple[Window, ...] | None:
    """The windows of the first display that are shown, the topmost first, from `dumpsys window windows`.

    None: the dump is none, or is not to be trusted (its numbers do not follow one another: an app wrote lines of its own).
    """
    heads = list(_HEAD.finditer(text))
    if not heads or [int(head.group(1)) for head in heads] != list(range(len(heads))):
        return None
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = []
    for head, end in zip(heads, ends, strict=True):
        block = text[head.end() : end]
        if _shown(block):
            found.append(_window(head.group(2), head.group(3).strip(), block))
    return tuple(found)


def _shown(block: str) -> bool:
    if (displays := re.findall(r"\bmDisplayId=(\d+)", block)) and "0" not in displays:
        return False
    for word in ("isVisible", "isOnScreen", "mHasSurface"):
        if said := re.findall(rf"\b{word}=(true|false)", block):
            return "true" in said
    return True


def _window(handle: str, title: str, block: str) -> Window:
    packages = set(re.findall(r"\bpackage=([\w.]+)", block))
    kinds = set(re.findall(r"\bty=(\w+)", block))
    return Window(
        handle,
        title,
        packages.pop() if len(packages) == 1 else "",
        kinds.pop() if len(kinds) == 1 else "",
        _area(block),
        _flags(block),
    )


def _area(block: str) -> tuple[Box, ...] | None:
    """The touchable region where it is told, else the frame."""
    if regions := re.findall(r"touchable region=SkRegion\(((?:\([-\d,]+\))*)\)", block):
        if len(set(regions)) > 1:
            return None
        corners = re.findall(r"\((-?\d+),(-?\d+),(-?\d+),(-?\d+)\)", regions[0])
        return tuple(Box(*map(int, four)) for four in corners)
    frames = set(re.findall(rf"(?<![\w])(?:m?[Ff]rame)={_CORNERS}", block))
    return (Box(*map(int, frames.pop())),) if len(frames) == 1 else None


def _flags(block: str) -> frozenset[str]:
    """Flags that let touches through count only when every line says so; SECURE when any does."""
    lines = [_named(flags) for flags in re.findall(r"\bfl=((?:#?[0-9a-fx]+|[A-Z_0-9]+)(?: [A-Z_0-9]+)*)", block)]
    if not lines:
        return frozenset()
    agreed = frozenset.intersection(*lines)
    return agreed | {"SECURE"} if any("SECURE" in line for line in lines) else agreed


def _named(said: str) -> frozenset[str]:
    words = {word.removeprefix("FLAG_") for word in said.split()}
    found = {name for name in _FLAGS if name in words}
    first = said.split()[0].lstrip("#").removeprefix("0x")
    if re.fullmatch(r"[0-9a-f]{1,8}", first):
        found |= {name for name, bit in _FLAGS.items() if int(first, 16) & bit}
    return frozenset(found)
