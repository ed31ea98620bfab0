"""The part of a browser's driver that says what input would touch, and gives it only to what was approved."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from handeye.tools.browser.options import BrowserOptions
from handeye.tools.browser.session import Session
from handeye.tools.browser.sight import Seen, Stopped
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Point
from handeye.tools.target import Place, Target

T = TypeVar("T")
ARM_LIMIT_S = 5.0


class SightedDriver(ABC):
    """What `BrowserDriver` is built on. With `options.guard` pages are prepared as they open; without, at the first look."""

    options: BrowserOptions
    _session: Session
    _scale: float

    def look_at(self, point: Point, place: Place = "point") -> Seen:
        """What a click at `point` would act on, as the browser itself finds it at this moment."""
        x, y = self._css(point)
        self._prepare()
        return self._call("looking at the page", self._session.sight.at(self._session.tab, x, y, place))

    def look_at_focus(self, entered: bool = False) -> list[Seen]:
        """What has the focus; with `entered` (Enter is pressed) also the button of its form that Enter presses."""
        self._prepare()
        return self._call("looking at the page", self._session.sight.focused(self._session.tab, entered))

    def keep_out(self, values: Sequence[str]) -> None:
        """From now on, while input is guarded, a paste or a drop of one of `values` is stopped before the page hears of it."""
        self._session.sight.keep_out(values)

    def dialog_target(self) -> Target | None:
        """The dialog that is open: `detail` its kind, `name` its message, `text` what a prompt holds already."""
        tab = self._session.tab
        dialog = tab.dialog
        if dialog is None:
            return None
        identity = self._session.sight.asked(dialog)
        name, text = dialog.message[:300], dialog.default_value[:300]
        return Target("browser", "dialog", identity=identity, role="dialog", page=tab.page.url, name=name, text=text, detail=dialog.type)

    def files_target(self, paths: Sequence[str]) -> Target | None:
        """The file chooser that is open and what it is to be given: `detail` the names, `origin` who asks."""
        tab = self._session.tab
        chooser = tab.chooser
        if chooser is None:
            return None
        origin = self._call("looking at the file chooser", _origin(chooser))
        names = ", ".join(Path(path).name for path in paths)
        doubts = () if origin else ("frame that cannot be read",)
        identity = self._session.sight.asked(chooser)
        told = Target("browser", "files", known=bool(origin), doubts=doubts, identity=identity, role="file chooser")
        return replace(told, origin=origin, page=tab.page.url, detail=names)

    def page_before(self) -> str | None:
        """Address to which `go_back` leads; None: there is none."""

        async def work() -> str | None:
            history = await self._session.tab.cdp.send("Page.getNavigationHistory")
            index = history["currentIndex"]
            return history["entries"][index - 1]["url"] if index > 0 else None

        return self._call("reading the history", work())

    def tab_after(self) -> str:
        """Address of the tab that comes to the front when this one is closed."""
        tabs, front = self._session.tabs, self._session.tab
        left = [tab for tab in tabs if tab is not front]
        after = front.opener if front.opener in left else left[-1] if left else None
        return "about:blank" if after is None else after.page.url

    def guarded(
        self,
        seen: Sequence[Seen],
        act: Callable[[], None],
        *,
        drag: bool = False,
        entered: bool = False,
        free: bool = False,
        extra_s: float = 0.0,
    ) -> Stopped | None:
        """Do `act`, input of this driver, while only what was `seen` can be touched; what the guard stopped, if it did.

        `drag`, `entered`, `free`: as `Sight.arm` has it. Raises what `act` raises, and `DeviceError`, with nothing done, when the guard
        cannot be set.
        """
        sight, tab = self._session.sight, self._session.tab
        armed = tab.until_stopped(sight.arm(tab, seen, drag=drag, entered=entered, free=free, extra_s=extra_s), ARM_LIMIT_S)
        number = self._call("guarding the page", armed)
        if number is None:
            raise DeviceError("The page opened a dialog or died before the input: nothing was done.")
        try:
            act()
        finally:
            # A page that is busy with what it was given, or that opened a dialog, is told later; the guard's number tells which.
            with contextlib.suppress(DeviceError):
                self._call("ending the guard", tab.until_stopped(sight.disarm(tab, number), ARM_LIMIT_S))
        return sight.stopped(number)

    def _prepare(self) -> None:
        sight, clip = self._session.sight, self.options.clip
        sight.scale, sight.corner = self._scale, (clip.left, clip.top) if clip else (0, 0)

    @abstractmethod
    def _call(self, doing: str, work: Coroutine[Any, Any, T], limits: float = 1.0, extra_s: float = 0.0) -> T:
        """What `work` gives on the event loop, within `limits` times the time limit and `extra_s`."""

    @abstractmethod
    def _css(self, point: Point) -> tuple[float, float]:
        """A point of the picture in CSS pixels of the viewport."""


async def _origin(chooser: Any) -> str:
    frame = await chooser.element.owner_frame()
    if frame is None:
        return ""
    return str(await frame.evaluate("self.origin"))
