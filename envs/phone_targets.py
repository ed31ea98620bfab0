"""What an action on a phone would touch, from the phone's own views and windows, taken at the moment of asking."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from handeye.envs.actions import Action, Click, Drag, Goto, LongPress, OpenApp, PressButton, PressKeys, Swipe, TypeText
from handeye.envs.addresses import address
from handeye.tools.amounts import amounts
from handeye.tools.android import AndroidDriver
from handeye.tools.android.app_names import usual_name
from handeye.tools.android.look import ACTS, Look, Path, acting_at, focused_path, leaf_at, look, paths
from handeye.tools.android.uitree import UiNode, UiTree
from handeye.tools.android.windows import Window
from handeye.tools.egress.addresses import canonical
from handeye.tools.geometry import Box, Point
from handeye.tools.target import Place, Target

SLOP = 32
"""Pixels within which a finger has not moved, and taps: Android's touch slop is 8 dp, at 640 dpi."""
MOST_WORDS = 2000
"""Characters of a name; the amounts in what is cut off are told all the same."""
SURFACES = ("SurfaceView", "TextureView", "GLSurfaceView", "VideoView", "UnityPlayer", "MapView", "Canvas")
"""Ends of the class names of views that are drawn without views of their own: games, videos, maps."""
DIALOG_TITLES = ("alertTitle", "permission_message", "grant_dialog_title", "dialog_title", "bottom_sheet_title", "install_confirm_question")
"""Resource ids of what a dialog of the system or of its usual libraries is called by."""
SYSTEM_WINDOWS = frozenset(
    ("STATUS_BAR", "NAVIGATION_BAR", "NOTIFICATION_SHADE", "INPUT_METHOD", "INPUT_METHOD_DIALOG", "VOLUME_OVERLAY", "TOAST")
)
"""Kinds of windows that only the system and the keyboard have (WindowManager.LayoutParams)."""
HARMLESS_OVER = frozenset(("com.android.systemui", "android"))
"""Packages that draw over everything all the time and let touches through: rounded corners, screen edges, toasts."""
LAUNCHERS = re.compile(r"launcher|\.home$|trebuchet|lawnchair", re.IGNORECASE)


class PhoneSight:
    """Sees what actions on one phone would touch."""

    def __init__(self, driver: AndroidDriver) -> None:
        self._driver = driver

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action`, which the phone has, would touch. One look, of about a second on a real phone; none where nothing is touched.

        A swipe is taken for the touch of a view unless it only scrolls; a press of back, home, recents, a volume or the power key
        touches nothing that could be named.
        Raises `InvalidAction` for an app that there is not, `DeviceError` when the phone fails.
        """
        match action:
            case Click(point=Point() as point):
                return (self._at(self.look(), point, "point"),)
            case LongPress(point=point):
                return (self._at(self.look(), point, "point"),)
            case Drag(start=Point() as start, end=end):
                seen = self.look()
                return (self._at(seen, start, "point"), self._at(seen, end, "drop"))
            case Swipe(start=start, end=end):
                seen = self.look()
                return () if self._only_scrolls(seen, start, end) else (self._at(seen, start, "point"),)
            case TypeText() | PressKeys():
                return (self._focus(self.look()),)
            case PressButton(button=button) if button in ("enter", "clear"):
                return (self._focus(self.look()),)
            case Goto(url=url):
                return (self._address(address(url)),)
            case OpenApp(name=name):
                app = self._driver.find_app(name)
                label = app.label or usual_name(app.package) or app.package
                return (Target("android", "app", identity=_digest(app.package, app.activity), role="app", name=label, app=app.package,
                               window=app.activity),)  # fmt: skip
        return ()

    def look(self, views: bool = True) -> Look:
        """One look at the phone's windows, and at their views unless `views` is False."""
        return look(self._driver.ask, views)

    def window_at(self, seen: Look, point: Point) -> Window | None:
        """The window that takes a touch at a point of the screenshot."""
        return seen.window_at(self._driver.input_point(point))

    def _address(self, url: str) -> Target:
        package = self._driver.opener(url)
        href = canonical(url).href
        return Target("android", "address", identity=_digest(href, package), role="address", href=href, app=package)

    def _at(self, seen: Look, point: Point, place: Place) -> Target:
        where = self._driver.input_point(point)
        window = seen.window_at(where)
        doubts = [*self._hindrances(seen, window), *_stacking(seen, window, where)]
        if seen.tree is None:
            return self._unknown(place, seen, window, [*doubts, f"no tree: {seen.why}"])
        leaf, acting = leaf_at(seen.tree, where), acting_at(seen.tree, where)
        if not leaf:
            return self._unknown(place, seen, window, [*doubts, "no view at this point"])
        if window is not None and leaf[-1].package != window.package:
            doubts.append(
                f"the views are those of {leaf[-1].package or 'an unknown app'}, the window is one of {window.package or 'several'}"
            )
        if drawn := _drawn(leaf[-1]):
            doubts.append(drawn)
        elif not acting and not _words(leaf[-1]):
            doubts.append("nothing here says what it is")
        path = acting or leaf
        return self._target(place, seen, window, path, leaf, doubts)

    def _focus(self, seen: Look) -> Target:
        window = seen.focused
        doubts = [*self._hindrances(seen, window)]
        if seen.tree is None:
            return self._unknown("focus", seen, window, [*doubts, f"no tree: {seen.why}"])
        path = focused_path(seen.tree)
        if not path:
            return self._unknown("focus", seen, window, [*doubts, "no view has the focus"])
        if window is not None and path[-1].package != window.package:
            doubts.append(f"the focus is in {path[-1].package}, the keys go to a window of {window.package or 'several apps'}")
        return self._target("focus", seen, window, path, path, doubts)

    def _hindrances(self, seen: Look, window: Window | None) -> Iterable[str]:
        if not seen.glance.awake:
            yield "the screen is off"
        if seen.glance.locked:
            yield "the phone is locked"
        if seen.windows is None:
            yield "the phone does not tell its windows"
        elif window is None:
            yield "no window takes this"
        elif "SECURE" in window.flags:
            yield "secure window"
        if self._driver.blank is not None:
            yield "the picture is black"

    def _unknown(self, place: Place, seen: Look, window: Window | None, doubts: Iterable[str]) -> Target:
        package = window.package if window is not None else seen.glance.front.package
        title = window.title if window is not None else seen.glance.front.window
        return Target("android", place, known=False, doubts=tuple(doubts), identity=_digest(package, title), app=package, window=title)

    def _target(self, place: Place, seen: Look, window: Window | None, path: Path, leaf: Path, doubts: list[str]) -> Target:
        assert seen.tree is not None
        node = path[-1]
        title = window.title if window is not None else ""
        acts = _switch(node)
        name, text = _name(node)
        if leaf[: len(path)] != path and (over := _words(leaf[-1])):
            # What is seen at the point is drawn over what takes the touch.
            text = f"{text} {over}".strip()
        around = _dialog(seen.tree, node.package)
        told = list(around.walk()) if around is not None else [one for one in seen.tree.walk() if one.package == node.package]
        return Target(
            "android",
            place,
            known=not doubts,
            doubts=tuple(dict.fromkeys(doubts)),
            identity=_identity(seen, title, path),
            box=self._box(node.bounds),
            role=acts.class_name,
            name=name[:MOST_WORDS],
            text=text[:MOST_WORDS],
            states=_states(acts),
            input_type="password" if "password" in node.traits else "",
            amounts=amounts("\n".join((name, text, *(_words(one) for one in told if not _holds_text(one))))),
            container=""
            if window is not None and window.kind in SYSTEM_WINDOWS
            else _container(seen.tree, around, node.package, title)[:MOST_WORDS],
            app=node.package,
            window=title or seen.glance.front.component,
            resource_id=node.resource_id,
        )

    def _box(self, bounds: Box) -> Box:
        """Bounds of a view in pixels of the screenshot."""
        size = self._driver.size
        far = self._driver.input_point(Point(size.width - 1, size.height - 1))
        if (far.x, far.y) == (size.width - 1, size.height - 1):
            return bounds
        wide, high = size.width / (far.x + 1), size.height / (far.y + 1)
        return Box(round(bounds.left * wide), round(bounds.top * high), round(bounds.right * wide), round(bounds.bottom * high))

    def _only_scrolls(self, seen: Look, start: Point, end: Point) -> bool:
        """Whether a swipe moves no more than a list, the pages of the home screen, or the shade from a bar of the system.

        Sideways a list's row may be swept away, and what cannot be told may be a slider that pays.
        """
        if max(abs(end.x - start.x), abs(end.y - start.y)) <= SLOP:
            return False
        where = self._driver.input_point(start)
        window = seen.window_at(where)
        if seen.tree is None or window is None or any(self._hindrances(seen, window)):
            return False
        if window.kind in ("STATUS_BAR", "NAVIGATION_BAR") or LAUNCHERS.search(window.package):
            return True
        path = leaf_at(seen.tree, where)
        upright = abs(end.y - start.y) > abs(end.x - start.x)
        if not path or path[-1].package != window.package or any(one.class_name.endswith("SeekBar") for one in path):
            return False
        rolls = any("scrollable" in one.traits for one in path)
        return rolls and (upright or any(one.class_name.endswith(("HorizontalScrollView", "ViewPager", "ViewPager2")) for one in path))


def _stacking(seen: Look, window: Window | None, where: Point) -> Iterable[str]:
    """What is wrong with the order of the windows at a point."""
    if window is not None and seen.focus and window.handle != seen.focus and window.kind not in SYSTEM_WINDOWS:
        yield f"a window of {window.package or 'an unknown app'} lies over the app in front"
    for over in seen.over(where):
        if over.kind not in SYSTEM_WINDOWS and over.package not in HARMLESS_OVER:
            yield f"{over.package or 'an unknown app'} draws over it"


def _drawn(leaf: UiNode) -> str:
    """Why a view that has none below it tells nothing."""
    kind = leaf.class_name.rpartition(".")[2]
    if kind == "WebView" or leaf.class_name.startswith("android.webkit."):
        return "a web view without nodes"
    return "a drawn surface" if kind.endswith(SURFACES) else ""


def _holds_text(node: UiNode) -> bool:
    return node.class_name.endswith(("EditText", "AutoCompleteTextView"))


def _words(node: UiNode) -> str:
    return node.description or node.text


def _name(node: UiNode) -> tuple[str, str]:
    """What a view is called, and the words on it where they are others. What was typed into a field is neither."""
    if _holds_text(node):
        return node.description or node.hint, ""
    name = _words(node)
    if not name:
        name = " ".join(words for child in node.walk() if not _holds_text(child) and (words := _words(child)))
    return name, node.text if node.text != name and node.text not in name else ""


def _switch(node: UiNode) -> UiNode:
    """The switch or the box that a touch on a row flips, where the row holds just one: the row itself is of no kind that says so."""
    inside = [child for child in node.walk() if "checkable" in child.traits and child is not node]
    if node.class_name.endswith(("Layout", "ViewGroup", "View")) and len(inside) == 1:
        return inside[0]
    if "checkable" in node.traits and node.class_name.endswith(("Layout", "ViewGroup", "View")):
        return replace(node, class_name="android.widget.CompoundButton")
    return node


def _states(node: UiNode) -> frozenset[str]:
    holds = {
        "disabled": "enabled" not in node.traits,
        "checked": "checked" in node.traits,
        "editable": _holds_text(node),
        "password": "password" in node.traits,
        "focused": "focused" in node.traits,
    }
    return frozenset(name for name, true in holds.items() if true)


def _identity(seen: Look, title: str, path: Path) -> str:
    """Where a view stands: its window, and at each level which child it is and what it is, without where it is drawn."""
    assert seen.tree is not None
    parts = [seen.glance.front.component, title]
    among: tuple[UiNode, ...] = tuple(node for node in seen.tree.nodes if node.package == path[0].package)
    for node in path:
        number = next((index for index, one in enumerate(among) if one is node), -1)
        parts.append(f"{number if among and number >= 0 else ''} {node.class_name} {node.resource_id}")
        among = node.children
    name, text = _name(path[-1])
    return _digest(path[-1].package, *parts, name, text)


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _dialog(tree: UiTree, package: str) -> UiNode | None:
    """The smallest view that holds a dialog's title and something to tap on; None: no dialog is open."""
    for top in tree.nodes:
        if not any(_is_title(node, package) for node in top.walk()):
            continue
        found = top
        while inner := next((child for child in found.children if _is_dialog(child, package)), None):
            found = inner
        return found
    return None


def _is_dialog(node: UiNode, package: str) -> bool:
    below = list(node.walk())
    return any(_is_title(one, package) for one in below) and any("clickable" in one.traits for one in below)


def _is_title(node: UiNode, package: str) -> bool:
    return node.package == package and node.resource_id.rpartition("/")[2] in DIALOG_TITLES


def _container(tree: UiTree, around: UiNode | None, package: str, title: str) -> str:
    """What the dialog is called; else the window, where that is not named after an activity; else the first words of the screen."""
    if around is not None:
        return next((_words(node) for node in around.walk() if _is_title(node, package)), "")
    if title and "/" not in title and " " in title:
        return title
    for path in paths(tree):
        node = path[-1]
        if node.package == package and _words(node) and not any(trait in one.traits for one in path for trait in ACTS):
            return _words(node)
    return ""
