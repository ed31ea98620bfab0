"""The apps that a run may use: what is opened or touched outside of the list is refused, and what comes to the front is sent away.

Windows of the system are told by kind and name, since every app needs them:

- the keyboard (whoever owns a window of kind `INPUT_METHOD`), the status bar and the navigation bar: touched;
- dialogs of the system (`android`) and those that ask for a permission: touched, and judged by what they say like everything else;
- the home screen and the list of recent apps: only the icon or the card of an app on the list is touched;
- the notification shade and everything else of `com.android.systemui`: not touched, unless it is on the list itself.

What an app that is on the list sets off in another one before that comes to the front (a call that begins at once) cannot be undone.
"""

from __future__ import annotations

from collections.abc import Sequence

from handeye.envs.actions import Action, Click, Drag, Goto, LongPress, OpenApp, PressButton, PressKeys, Scroll, Swipe, TypeText
from handeye.envs.addresses import address
from handeye.envs.phone_notes import PERMISSIONS
from handeye.envs.phone_targets import LAUNCHERS, PhoneSight
from handeye.tools.android import AndroidDriver
from handeye.tools.android.app_names import is_called, usual_name
from handeye.tools.android.glance import Glance
from handeye.tools.android.look import Look, acting_at
from handeye.tools.android.windows import Window
from handeye.tools.errors import DeviceError, InvalidAction, NotPermitted, SetupError
from handeye.tools.geometry import Point, Size

SYSTEM_UI = "com.android.systemui"
SYSTEM = frozenset(("android", *PERMISSIONS))
"""Packages whose dialogs belong to the app that they stand before."""
BARS = ("STATUS_BAR", "NAVIGATION_BAR", "INPUT_METHOD")


class AllowedApps:
    """The list that is in force on one phone."""

    def __init__(self, driver: AndroidDriver, sight: PhoneSight, names: Sequence[str]) -> None:
        """`names` are packages or labels. Raises `SetupError` for an empty list and for a name that no app of the phone has, or several."""
        if not names or not all(name.strip() for name in names):
            raise SetupError("the list of apps that may be used is empty.", fix="name at least one app, or leave the list out")
        self._driver = driver
        self._sight = sight
        self._labels: dict[str, str] = {}
        for name in names:
            try:
                app = driver.find_app(name)
            except InvalidAction as error:
                raise SetupError(f"the list of apps names one that is not on the phone: {error}") from error
            if not is_called(app, name):
                raise SetupError(f"the list of apps names {name!r}, which no app is called.", fix=f"write {app.package}, if that is meant")
            self._labels[app.package] = app.label or usual_name(app.package) or app.package
        self._last = ""

    @property
    def names(self) -> str:
        """The apps as people call them."""
        return ", ".join(sorted(self._labels.values()))

    def check(self, action: Action, size: Size) -> None:
        """Raise `NotPermitted` when `action` would open or touch an app that is not on the list, or when that cannot be told."""
        match action:
            case OpenApp(name=name):
                app = self._driver.find_app(name)
                self._need(app.package, f"{app.label or usual_name(app.package) or app.package} is opened")
            case Goto(url=url):
                package = self._driver.opener(address(url))
                if not package:
                    raise NotPermitted(f"The phone does not say which app opens this address; only these may be used: {self.names}.")
                self._need(package, f"the address is opened by {package}")
            case PressButton(button="camera"):
                raise NotPermitted(
                    f"The camera's button opens an app past the list; open one by its name. These may be used: {self.names}."
                )
            case TypeText() | PressKeys() | PressButton(button="enter" | "clear"):
                seen = self._sight.look(views=False)
                self._touch(seen.focused, None)
            case _:
                for point in points_of(action, size):
                    seen = self._sight.look(views=False)
                    self._touch(self._sight.window_at(seen, point), point if isinstance(action, Click | LongPress | Drag) else None)

    def sends_away(self, glance: Glance) -> bool:
        """Whether the app in front is not on the list and none of the system's; the last one on the list is remembered."""
        package = glance.front.package
        if package in self._labels:
            self._last = package
        return bool(package) and not (package in self._labels or package in SYSTEM or package == SYSTEM_UI or LAUNCHERS.search(package))

    def bring_back(self, glance: Glance) -> str:
        """Bring the last app of the list to the front again, or the home screen; what the model is told."""
        away = glance.front.package
        if self._last:
            try:
                self._driver.open_app(self._last)
            except DeviceError:
                self._last = ""
        back = self._labels.get(self._last, "the home screen")
        if not self._last:
            self._driver.press_button("home")
        return f"{away} came to the front, which may not be used here, so the phone was brought back to {back}. Apps to use: {self.names}."

    def forget(self) -> None:
        """An episode begins: no app was in front yet."""
        self._last = ""

    def _touch(self, window: Window | None, point: Point | None) -> None:
        if window is None:
            raise NotPermitted("The phone does not say whose window this is, and only listed apps may be touched. Look again.")
        if window.kind in BARS or window.package in SYSTEM or window.package in self._labels:
            return
        if LAUNCHERS.search(window.package):
            self._icon(point)
            return
        self._need(window.package, f"{window.package or 'an unknown app'} is what lies there")

    def _icon(self, point: Point | None) -> None:
        """Of a home screen only the icons of listed apps are touched, and nothing where nothing takes a touch."""
        if point is None:
            return
        seen: Look = self._sight.look()
        where = self._driver.input_point(point)
        path = acting_at(seen.tree, where) if seen.tree is not None else ()
        said = {words.casefold() for node in (path[-1].walk() if path else ()) for words in (node.text, node.description) if words}
        if seen.tree is None or (path and not said & {label.casefold() for label in self._labels.values()}):
            raise NotPermitted(f"On the home screen only these apps may be touched: {self.names}. open_app opens one by its name.")

    def _need(self, package: str, why: str) -> None:
        if package not in self._labels:
            raise NotPermitted(f"This is outside of the apps of this run: {why}. These may be used: {self.names}.")


def points_of(action: Action, size: Size) -> tuple[Point, ...]:
    """The points at which `action` touches the screen or lets go of something."""
    match action:
        case Click(point=Point() as point) | LongPress(point=point):
            return (point,)
        case Drag(start=Point() as start, end=end):
            return (start, end)
        case Swipe(start=start):
            return (start,)
        case Scroll(point=point):
            return (point or Point(size.width // 2, size.height // 2),)
    return ()
