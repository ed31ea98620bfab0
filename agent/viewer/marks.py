"""What is drawn over a screenshot to show an action: rings, arrows and badges in pixels of that screenshot."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handeye.agent.describe import describe, one_line
from handeye.agent.trajectory import StepRow
from handeye.envs.actions import Action, Click, Drag, LongPress, Move, PressKeys, Scroll, Swipe, TypeText, points_of
from handeye.tools.geometry import Point, Size

Shape: TypeAlias = Literal["click", "hold", "move", "arrow", "scroll", "badge"]

_LABEL_LENGTH = 42
_TURNS = {"right": 0.0, "down": 90.0, "left": 180.0, "up": 270.0}


@dataclass(frozen=True)
class Mark:
    """One thing to draw."""

    shape: Shape
    points: tuple[Point, ...]
    """Where, in pixels of the screenshot: one point, or for an arrow every point of its way. Empty: at the bottom of the picture."""
    label: str = ""
    angle: float = 0.0
    """Degrees clockwise from the x axis in which an arrow arrives."""
    count: int = 1
    """Rings to draw around a click: how often it is clicked."""

    @property
    def at(self) -> Point | None:
        """Where the shape itself stands: the last of its points."""
        return self.points[-1] if self.points else None

    @property
    def path(self) -> str:
        """The points as SVG's `points` attribute takes them."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def marks_of(action: Action, pointer: Point | None, size: Size) -> tuple[Mark, ...]:
    """What to draw for `action` on a screenshot of `size`; `pointer` is where the pointer was before, if that is known."""
    match action:
        case Click(point=point):
            where = point or pointer
            return _badge(None, describe(action)) if where is None else (Mark("click", (where,), _click_label(action), count=action.count),)
        case LongPress(point=point, duration_s=duration_s):
            return (Mark("hold", (point,), f"hold {duration_s:g} s"),)
        case Move(point=point):
            return (Mark("move", (point,), "move"),)
        case Drag(end=end) | Swipe(end=end):
            named = points_of(action)
            way = (pointer, *named) if isinstance(action, Drag) and action.start is None and pointer is not None else named
            return (Mark("arrow", way, action.type, _angle(way)),) if len(way) > 1 else (Mark("move", (end,), describe(action)),)
        case Scroll(point=point, direction=direction, amount=amount):
            where = point or pointer or Point(size.width // 2, size.height // 2)
            return (Mark("scroll", (where,), f"scroll {direction} {amount} px", _TURNS[direction]),)
        case TypeText() | PressKeys():
            return _badge(pointer, describe(action, _LABEL_LENGTH))
        case _:
            return _badge(None, describe(action, _LABEL_LENGTH))


def pointers(rows: Iterable[StepRow]) -> list[Point | None]:
    """Where the pointer was before each row: the last point of the last action that was carried out, as far as the rows tell."""
    pointer: Point | None = None
    before = []
    for row in rows:
        before.append(pointer)
        if row.action is not None and not row.error and (points := points_of(row.action)):
            pointer = points[-1]
    return before


def _click_label(action: Click) -> str:
    words = [*action.modifiers]
    if action.button != "left":
        words.append(action.button)
    if action.count > 1:
        words.append(f"×{action.count}")
    return " ".join(words)


def _badge(at: Point | None, text: str) -> tuple[Mark, ...]:
    return (Mark("badge", () if at is None else (at,), one_line(text, 2 * _LABEL_LENGTH)),)


def _angle(way: tuple[Point, ...]) -> float:
    end = way[-1]
    before = next((point for point in reversed(way) if point != end), end)
    return round(math.degrees(math.atan2(end.y - before.y, end.x - before.x)), 1)
