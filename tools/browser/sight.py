"""What an action would touch in the tab in front, and the guard that lets it touch nothing else. Lives on the browser's event loop."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.fingerprints import fingerprint
from handeye.tools.browser.looking import Facts, at_point, unknown, with_focus
from handeye.tools.browser.worlds import Refused, Worlds
from handeye.tools.errors import DeviceTimeout
from handeye.tools.geometry import Box
from handeye.tools.target import Place, Target

if TYPE_CHECKING:
    from handeye.tools.browser.tab import PageTab

LOOK_LIMIT_S = 5.0
"""Longest wait for a page to be looked at."""
TRIES = 3
"""Looks at a page whose document goes away meanwhile."""
GUARD_LIMIT_S = 60.0
"""How long the guard holds by itself, for input that takes no time of its own."""
_TUPLES = ("doubts", "form_fields", "form_sums", "amounts")
_TEXTS = (
    *(
        "identity",
        "role",
        "name",
        "text",
        "input_type",
        "autocomplete",
        "href",
        "form_action",
        "form_method",
        "container",
        "origin",
        "page",
    ),
    "resource_id",
)


@dataclass(frozen=True)
class Seen:
    """A target, and what the page's world told of it, by which the guard knows it again."""

    target: Target
    how: str = ""
    facts: Facts | None = None


@dataclass(frozen=True)
class Stopped:
    """An event that the guard stopped, and what had been let through until then."""

    event: str
    why: str
    passed: frozenset[str]
    """Kinds of events that went to what was approved."""


class Sight:
    """Looks and guards. `scale`, device pixels of a CSS pixel, and `left`/`top`, where the picture begins, may be set at any time."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.corner = (0, 0)
        self._salt = secrets.randbits(32)
        self._hidden: tuple[dict[str, Any], ...] = ()
        """Marks of what may be put into no page from the clipboard or by a drag."""
        self._worlds: weakref.WeakKeyDictionary[PageTab, Worlds] = weakref.WeakKeyDictionary()
        self._arms = itertools.count(1)
        self._reports: list[dict[str, Any]] = []
        self._serial = itertools.count(1)
        self._asked: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()

    async def open(self, tab: PageTab) -> Worlds:
        """Put our world into the frames of `tab`, if it is not there."""
        worlds = self._worlds.get(tab)
        if worlds is None:
            worlds = await Worlds.open(tab.page, self._reports.append)
            self._worlds[tab] = worlds
        return worlds

    async def at(self, tab: PageTab, x: float, y: float, place: Place) -> Seen:
        """What is at a point of the viewport, in CSS pixels."""
        facts = await self._looked(tab, lambda worlds: at_point(worlds, x, y))
        return self._seen(unknown("the page does not answer") if facts is None else facts, place)

    async def focused(self, tab: PageTab, entered: bool) -> list[Seen]:
        """What has the focus; where `entered`, also the button that Enter presses there."""
        found = await self._looked(tab, lambda worlds: with_focus(worlds, entered))
        return [self._seen(facts, "focus") for facts in found or [unknown("the page does not answer")]]

    def keep_out(self, values: Sequence[str]) -> None:
        """From now on the guard stops a paste or a drop of one of `values`."""
        self._hidden = tuple(fingerprint(value, self._salt) for value in values if value)

    def asked(self, thing: object) -> str:
        """An identity for a dialog or a file chooser."""
        if thing not in self._asked:
            self._asked[thing] = f"asked {next(self._serial)}"
        return self._asked[thing]

    async def arm(self, tab: PageTab, seen: Sequence[Seen], *, drag: bool, entered: bool, free: bool, extra_s: float) -> int:
        """Let only what was `seen` be touched from now on, in every frame of `tab`; gives a number for `disarm`.

        `entered`: Enter is pressed in it; `free`: once it was typed into, the focus may go anywhere.
        """
        worlds = await self.open(tab)
        number = next(self._arms)
        self._reports.clear()
        told = [
            {"identity": one.target.identity, "place": one.target.place, "how": one.how, "facts": one.facts}
            for one in seen
            if one.facts is not None and one.target.identity
        ]
        options = {"drag": drag, "entered": entered, "free": free, "hidden": self._hidden}
        limit = (GUARD_LIMIT_S + extra_s) * 1000
        await worlds.arm(f"globalThis.handeye?.arm({number}, {json.dumps(told)}, {json.dumps(options)}, {limit:.0f})")
        return number

    async def disarm(self, tab: PageTab, number: int) -> None:
        """End what `arm` began."""
        worlds = self._worlds.get(tab)
        if worlds is not None:
            await worlds.disarm(f"globalThis.handeye?.disarm({number})")

    def stopped(self, number: int) -> Stopped | None:
        """What the guard stopped since it was armed; None when nothing."""
        reports = [report for report in self._reports if report["arm"] == number]
        first = next((report for report in reports if "stopped" in report), None)
        if first is None:
            return None
        passed = frozenset(report["passed"] for report in reports if "passed" in report)
        return Stopped(first["stopped"], _words(first), passed)

    async def _looked(self, tab: PageTab, look: Callable[[Worlds], Any]) -> Any:
        for _ in range(TRIES):
            try:
                worlds = await asyncio.wait_for(self.open(tab), LOOK_LIMIT_S)
                return await tab.until_stopped(look(worlds), LOOK_LIMIT_S)
            except Refused:
                await tab.next_news(0.1)
            except (DeviceTimeout, TimeoutError):
                return None
        return None

    def _seen(self, facts: Facts, place: Place) -> Seen:
        told: dict[str, Any] = {name: facts[name] for name in _TEXTS if facts.get(name)}
        told |= {name: tuple(facts[name]) for name in _TUPLES if facts.get(name)}
        target = Target(
            "browser",
            place,
            known=bool(facts["known"]),
            box=self._box(facts.get("box")),
            states=frozenset(facts.get("states", ())),
            new_tab=bool(facts.get("new_tab")),
            download=bool(facts.get("download")),
            frame=facts.get("within", ""),
            **told,
        )
        return Seen(target, facts.get("how", ""), facts if "identity" in facts else None)

    def _box(self, edges: Sequence[float] | None) -> Box | None:
        if edges is None:
            return None
        left, top = self.corner
        return Box(*(round((edge - side) * self.scale) for edge, side in zip(edges, (left, top, left, top), strict=True)))


def _words(report: dict[str, Any]) -> str:
    if "changed" in report:
        return "; ".join(f"{name} was {old!r}, is {new!r}" for name, old, new in report["changed"][:3])
    return f"the {report['stopped']} would have gone to another element, {report['found']!r}"
