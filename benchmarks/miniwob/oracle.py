"""The oracle: reads the page's DOM, acts through real mouse and keyboard. It proves the harness, not a model.

A solver is a generator: it is given a `Page`, looks, yields one action, is resumed when the environment has carried it out, looks again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TypeAlias

from handeye.benchmarks.episodes.policies import OracleError
from handeye.envs.actions import Action, Click, Drag, Move, PressKeys, Scroll, TypeText
from handeye.tools.geometry import Point, Size

Steps: TypeAlias = Iterator[Action]
Solver: TypeAlias = "Callable[[Page], Steps]"

_TRIES = 40


@dataclass(frozen=True)
class Element:
    """An element of the page as it was when it was looked at; lengths in CSS pixels."""

    text: str
    tag: str
    box: tuple[float, float, float, float]
    """left, top, right, bottom."""
    view: tuple[float, float, float, float]
    """The part of the task area in which its scroll containers show it."""
    open: tuple[float, float] | None
    """Where a click lands on it; None if something covers it, or it is scrolled away or not shown."""
    value: str
    checked: bool
    attributes: dict[str, str]

    @property
    def shown(self) -> bool:
        """Whether it has a box at all."""
        return self.box[2] > self.box[0] and self.box[3] > self.box[1]

    @property
    def center(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def has_class(self, name: str) -> bool:
        """Whether `name` is one of its classes."""
        return name in self.attributes.get("class", "").split()


class Page:
    """What a solver sees and the actions it builds. Points that it is given are CSS pixels, those in actions are screenshot pixels."""

    def __init__(self, evaluate: Callable[[str, Any], Any], goal: str, area: Size, scale: float) -> None:
        self.goal = goal
        self.area = area
        self._evaluate = evaluate
        self._scale = scale
        self._look = (files("handeye.benchmarks.miniwob") / "oracle.js").read_text(encoding="utf-8")

    def read(self, js: str, argument: Any = None) -> Any:
        """What the JavaScript function `js` returns for `argument`."""
        return self._evaluate(js, argument)

    def all(self, selector: str) -> list[Element]:
        """Every element that matches, shown or not."""
        found = self._evaluate(self._look, {"selector": selector, "area": list(self.area)})
        return [
            Element(
                one["text"],
                one["tag"],
                tuple(one["box"]),
                tuple(one["view"]),
                tuple(one["open"]) if one["open"] else None,
                one["value"],
                one["checked"],
                one["attributes"],
            )
            for one in found
        ]

    def one(self, selector: str, text: str | None = None) -> Element:
        """The first match (with that text, if given), one that can be clicked before others. Raises `OracleError` when there is none."""
        found = [one for one in self.all(selector) if text is None or one.text == text]
        if not found:
            raise OracleError(f"nothing on the page matches {selector!r}" + (f" with the text {text!r}" if text is not None else ""))
        return min(found, key=lambda one: (one.open is None, not one.shown))

    def quoted(self) -> list[str]:
        """What stands in double quotes in the goal."""
        return re.findall(r'"([^"]*)"', self.goal)

    def find(self, pattern: str) -> tuple[str, ...]:
        """The groups of `pattern` in the goal. Raises `OracleError` when it does not occur."""
        match = re.search(pattern, self.goal)
        if match is None:
            raise OracleError(f"the goal {self.goal!r} does not say {pattern!r}")
        return match.groups()

    def at(self, point: tuple[float, float]) -> Point:
        """The pixel of the screenshot that shows this place of the page."""
        size = Size(round(self.area.width * self._scale), round(self.area.height * self._scale))
        return Point(round(point[0] * self._scale), round(point[1] * self._scale)).clamped(size)

    def click_at(self, point: tuple[float, float], count: int = 1, modifiers: tuple[str, ...] = ()) -> Action:
        """A click on a place of the page."""
        return Click(point=self.at(point), count=count, modifiers=modifiers)

    def click(
        self, selector: str, text: str | None = None, count: int = 1, modifiers: tuple[str, ...] = ()
    ) -> Generator[Action, None, None]:
        """Bring the element into view, if need be, and click on it."""
        element = yield from self.reveal(selector, text)
        yield self.click_at(element.open or element.center, count, modifiers)

    def move(self, selector: str, text: str | None = None) -> Action:
        """Move the pointer over the element."""
        element = self.one(selector, text)
        return Move(point=self.at(element.open or element.center))

    def drag(self, *path: tuple[float, float]) -> Action:
        """Drag along places of the page."""
        return Drag(start=self.at(path[0]), end=self.at(path[-1]), via=tuple(self.at(point) for point in path[1:-1]))

    def scroll(self, point: tuple[float, float], down: float) -> Action:
        """Scroll by CSS pixels, downwards if positive, what lies under a place of the page."""
        return Scroll(point=self.at(point), direction="down" if down > 0 else "up", amount=max(1, round(abs(down) * self._scale)))

    def reveal(self, selector: str, text: str | None = None, margin: float = 0.0) -> Generator[Action, None, Element]:
        """The element, scrolled to where it can be clicked, and its middle is `margin` from the edge, if it is not there yet."""
        for _ in range(_TRIES):
            element = self.one(selector, text)
            left, top, right, bottom = element.view
            y = element.center[1]
            if not element.shown or (element.open is not None and not margin) or top + margin <= y < bottom - margin:
                return element
            yield self.scroll(((left + right) / 2, (top + bottom) / 2), y - (top + bottom) / 2)
        raise OracleError(f"{selector!r} cannot be scrolled into view")

    def fill(self, selector: str, value: str) -> Generator[Action, None, None]:
        """Click into the field, replace what it holds."""
        yield from self.click(selector)
        if self.one(selector).value:
            yield PressKeys(keys=("ctrl", "a"))
        yield TypeText(text=value)

    def submit(self) -> Generator[Action, None, None]:
        """Press the page's submit button."""
        selectors = ("#subbtn", "#submit", "#area button.secondary-action", "#controls button")
        yield from self.click(next(selector for selector in selectors if self.all(selector)))


def solver_of(task: str) -> Solver | None:
    """The solver of a task, or None where the oracle has none."""
    from handeye.benchmarks.miniwob.solvers import click, drag, form, graphics, inbox

    for table in (click.SOLVERS, form.SOLVERS, inbox.SOLVERS, drag.SOLVERS, graphics.SOLVERS):
        if task in table:
            return table[task]
    return None
