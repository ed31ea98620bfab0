"""One look at what a touch or a key would reach: the views, and the windows that they stand in, asked for together.

`uiautomator dump` waits for a moment without events: about a second on a real phone, up to ten on one whose screen moves. Between a look
and the touch that follows there is always a moment in which an app may change what it shows; from outside of Android it cannot be closed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from handeye.tools.android.faults import first_line
from handeye.tools.android.glance import Glance, Shell, read_glance
from handeye.tools.android.uitree import UiNode, UiTree, read_tree
from handeye.tools.android.windows import Window, read_windows
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Point

LOOK_LIMIT_S = 20.0
"""`uiautomator dump` waits for a second without events and gives up after ten."""
_STATE = "dumpsys window displays; dumpsys window policy; dumpsys input_method | grep mInputShown=; dumpsys power | grep mWakefulness="
_FOCUS = re.compile(r"mCurrentFocus=Window\{([0-9a-f]+) ")


@dataclass(frozen=True)
class Look:
    """What is on the screen at one moment."""

    tree: UiTree | None
    """The views of the window that has the focus (on a simulated phone, of all windows); None: the phone gave none."""
    why: str
    """Why there is no tree; empty where there is one."""
    windows: tuple[Window, ...] | None
    """The windows that are shown, the topmost first; None: the phone does not say, or an app wrote into what it says."""
    focus: str
    """Handle of the window that has the focus; empty: none."""
    glance: Glance

    def window_at(self, point: Point) -> Window | None:
        """The window that takes a touch at `point`; None: none does, or nobody knows."""
        return next((window for window in self.windows or () if window.takes(point)), None)

    def over(self, point: Point) -> tuple[Window, ...]:
        """The windows that are drawn at `point` above the one that takes the touch: what is seen there may be theirs."""
        found = []
        for window in self.windows or ():
            if window.takes(point):
                break
            if window.covers(point):
                found.append(window)
        return tuple(found)

    @property
    def focused(self) -> Window | None:
        """The window that gets the keys; None: none does, or nobody knows."""
        return next((window for window in self.windows or () if window.handle == self.focus), None)


def look(shell: Shell, views: bool = True) -> Look:
    """Look at the windows, and at their views unless `views` is False (which takes a second less on a real phone).

    Raises what `AndroidDriver.shell` raises; a phone that gives no views is none of that.
    """
    token = secrets.token_hex(8)
    place = f"/data/local/tmp/handeye-{token}.xml"
    dump = f"uiautomator dump {place} 2>&1; cat {place}; rm -f {place}; " if views else ""
    text = shell(f"{dump}echo; echo {token}; dumpsys window windows; echo {token}; {_STATE}", LOOK_LIMIT_S).text
    parts = text.split(token)
    said, windows, state = token.join(parts[:-2]), parts[-2], parts[-1]
    tree, why = _tree(said) if views else (None, "not asked for")
    focus = _FOCUS.search(state) or _FOCUS.search(windows)
    return Look(tree, why, read_windows(windows), focus.group(1) if focus else "", read_glance(state))


def _tree(said: str) -> tuple[UiTree | None, str]:
    start, end = said.find("<?xml"), said.rfind("</hierarchy>")
    if start < 0 or end < start:
        return None, first_line(re.sub(r"\S*handeye-\w*\.?\w*", "", said), "ERROR") or "the phone gave no views"
    try:
        return read_tree(said[start : end + len("</hierarchy>")]), ""
    except DeviceError as error:
        return None, str(error)


# What is at a point

Path = tuple[UiNode, ...]
"""A view with those that it stands in, the outermost first."""
ACTS = ("clickable", "checkable", "long-clickable")


def paths(tree: UiTree) -> Iterator[Path]:
    """Every view with those that it stands in, in the order in which they are drawn."""
    waiting: list[Path] = [(node,) for node in reversed(tree.nodes)]
    while waiting:
        path = waiting.pop()
        yield path
        waiting.extend((*path, child) for child in reversed(path[-1].children))


def leaf_at(tree: UiTree, point: Point) -> Path:
    """The view that is drawn last at `point`, the innermost; empty: there is none."""
    found: Path = ()
    nodes: tuple[UiNode, ...] = tree.nodes
    while True:
        hit = next((node for node in reversed(nodes) if node.bounds.contains(point)), None)
        if hit is None:
            return found
        found, nodes = (*found, hit), hit.children


def acting_at(tree: UiTree, point: Point) -> Path:
    """The view that takes a touch at `point`: of the topmost first the innermost, as Android hands a touch out; empty: none does.

    (AOSP: ViewGroup.dispatchTouchEvent.)
    """
    best: Path = ()
    for path in paths(tree):
        node = path[-1]
        if all(each.bounds.contains(point) for each in path) and any(trait in node.traits for trait in ACTS):
            best = path
    return best


def focused_path(tree: UiTree) -> Path:
    """The view that has the focus, the innermost where several say so; empty: none has."""
    found: Path = ()
    for path in paths(tree):
        if "focused" in path[-1].traits:
            found = path
    return found
