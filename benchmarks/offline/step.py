"""What every loader gives: recorded episodes, step by step, with the gold action in the benchmark's words and in ours.

All points and boxes are pixels of the stored screenshot, x to the right and y down, as decimals, since benchmarks keep fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from handeye.envs.actions import Action
from handeye.tools.geometry import Point, Size


class Spot(NamedTuple):
    """A place on the screen, in pixels with fractions."""

    x: float
    y: float

    def pixel(self, size: Size) -> Point:
        """The pixel of a screen of `size` that it lies in or is nearest to."""
        return Point(math.floor(self.x), math.floor(self.y)).clamped(size)


class Rect(NamedTuple):
    """A rectangle by its corners, in pixels with fractions. Unlike `geometry.Box` both ends belong to it, as in every rule here."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.right - self.left) * (self.bottom - self.top)

    @property
    def centre(self) -> Spot:
        """The middle."""
        return Spot((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def holds(self, spot: tuple[float, float]) -> bool:
        """Whether a place lies inside or on the edge."""
        return self.left <= spot[0] <= self.right and self.top <= spot[1] <= self.bottom

    def enlarged(self, factor: float) -> Rect:
        """The rectangle `factor` times as wide and as high about the same centre."""
        x, y = self.centre
        half_wide, half_high = (self.right - self.left) * factor / 2, (self.bottom - self.top) * factor / 2
        return Rect(x - half_wide, y - half_high, x + half_wide, y + half_high)


@dataclass(frozen=True)
class UiBox:
    """An element of the screen that the benchmark lists."""

    rect: Rect
    text: str = ""
    kind: str = ""


class Source(NamedTuple):
    """Where a step was read: the file, and its place in it."""

    file: Path
    row: str

    def __str__(self) -> str:
        return f"{self.file}, {self.row}"


@dataclass(frozen=True)
class Gold:
    """One recorded action."""

    kind: str
    """The benchmark's word for it: `click`, `swipe`, `type`, `open`, `press`, `scroll`, `stop`, ..."""
    actions: tuple[Action, ...] = ()
    """The same in our words; empty where we have none."""
    spot: Spot | None = None
    """Where it touches the screen."""
    text: str = ""
    """What is typed, or the name of the app that is opened."""
    direction: str = ""
    """The benchmark's own word, whatever it means by it."""
    finger: str = ""
    """Where the finger goes, `up|down|left|right`, as far as the record tells."""
    button: str = ""
    boxes: tuple[Rect, ...] = ()
    """Where it may touch as well, as this record says."""
    record: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    """The record to the letter."""


@dataclass(frozen=True)
class OfflineStep:
    """One screen of an episode and what was done on it."""

    episode: str
    number: int
    """The benchmark's own count; gaps occur."""
    goal: str
    screenshot: Path | None
    """The stored picture; None where it is not on this machine."""
    size: Size
    """Of the stored screenshot, in pixels."""
    gold: tuple[Gold, ...]
    """What was done, in order; the phone benchmarks have one."""
    source: Source
    instruction: str = ""
    """What is to be done in this step alone."""
    thought: str = ""
    """The recorded reasoning, which some protocols hand over."""
    alternatives: tuple[tuple[Gold, ...], ...] = ()
    """Other ways that count as right."""
    ui: tuple[UiBox, ...] = ()
    """Elements of the screen."""
    assumed_size: bool = False
    """`size` was given by the caller, since neither the annotation nor a picture says it."""
    picture: bytes = field(default=b"", repr=False)
    """The picture's own bytes, where the benchmark keeps them beside the annotation."""
    record: int | None = None
    """Number of the TFRecord in `source.file` that holds the episode and its pictures; None where pictures are files."""


@dataclass(frozen=True)
class OfflineEpisode:
    """A goal and the screens on the way to it."""

    id: str
    goal: str
    steps: tuple[OfflineStep, ...]
    group: str = ""
    """The part of the split, or the domain, that the benchmark's table names, if it has one."""
    split: str = ""
    """train, test, ..., where the data tells."""


def finger_direction(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Where a finger goes, by the longer of its two ways; up and down if they are equal (UI-S1/evaluation/qwenvl_utils.py)."""
    across, down = end[0] - start[0], end[1] - start[1]
    if abs(across) > abs(down):
        return "right" if across > 0 else "left"
    return "down" if down > 0 else "up"


OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}
