"""When a screen that tells nothing but its pictures has settled: two pictures agree, perpetual movers left out, under a cap.

Nothing is slept for a fixed time. How soon pictures are taken follows from what one costs: 0.03 s on a simulated phone, 0.1 to 0.5 s on
a real one. The second of the two that agree is the observation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handeye.envs.env import Settled
from handeye.envs.settle import wait
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box, Size

Sketch: TypeAlias = NDArray[np.int16]
"""A small grey picture: every few pixels one, values 0 to 255, shape (rows, columns)."""
Cells: TypeAlias = NDArray[np.bool_]
"""Where two sketches differ, a value for each square of `_CELL` x `_CELL` of their pixels."""

_SAMPLES = 300
"""Pixels of a sketch along the screen's shorter side at most."""
_CELL = 8
_DIFFERENCE = 5
"""Grey levels that two pictures of one still screen may differ by: none on most devices, a few where they are scaled or dithered."""
_CARET = (1 / 120, 1 / 6)
"""A change at most this wide and high, in shares of the screen's shorter side, is a caret that blinks: 2 dp of about 360 are usual."""
_MOST = 0.8
"""A region that is more than this share of the screen is the screen itself."""
_TURNS = 3
"""A region moves on and on when it was seen to change this often."""


@dataclass(frozen=True)
class FrameLimits:
    """Bounds of a wait, in seconds."""

    quiet_s: float = 0.12
    """How far apart two pictures that agree must be begun: seven frames at 60 Hz, more than an animation ever stands still."""
    react_s: float = 0.3
    """How long an action that changed nothing is given to show an effect: phones start an app's animation within 0.1 to 0.25 s."""
    mover_s: float = 1.2
    """How long something has to move on, and everything else to stand still, before it counts as a perpetual mover: a phone's own
    animations take at most 0.5 s."""
    cap_s: float = 5.0
    """Longest wait for what an action set off; time in which a window is being opened does not count."""
    least_s: float = 0.0
    """No wait is shorter. Where something moves on its own (a clock that ticks), a change is no sign that the action has had its effect."""
    busy_s: float = 2.0
    """How long a program that is at work is given to show something new."""
    opening_s: float = 5.0
    """Longest wait for a window that is being opened."""
    fresh_quiet_s: float = 0.12
    """`quiet_s` for the window of a program that was just started: it draws piece by piece, with pauses."""
    fresh_busy_s: float = 2.0
    """`busy_s` for such a program, which may be loading a document."""


DEFAULT_FRAME_LIMITS = FrameLimits()


@dataclass(frozen=True, eq=False)
class Frame:
    """One look at a screen and its window."""

    pixels: Pixels
    window: str = ""
    """What has the focus; another one means that something is being opened or closed."""
    opening: bool = False
    """The system says that a window is being opened or turned and is not drawn yet."""
    busy: bool = False
    """A program is at work, and may be about to show something."""
    fresh: bool = False
    """A program that was started by the action, or with the device, shows its first window."""
    slow: float = 1.0
    """The machine has so much to do that everything takes this many times as long: so may the pauses of what moves."""


class Watched(Protocol):
    """What is looked at."""

    def look(self) -> Frame:
        """The screen as it is now."""


class Clock(Protocol):
    """The time by which a wait is measured; a recording has its own."""

    def now(self) -> float:
        """Seconds since some beginning."""

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass."""


class RealClock:
    """The time outside."""

    def now(self) -> float:
        """Seconds since the machine started."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        wait(seconds)


@dataclass(frozen=True, eq=False)
class SettledFrame:
    """The look that proved the screen quiet, and how it came about."""

    frame: Frame
    settled: Settled
    capture_s: float
    """Seconds that this look took."""
    changed: bool = True
    """Whether the screen differs from what it was before the action."""


def sketch(pixels: Pixels) -> Sketch:
    """A small grey picture of `pixels`."""
    step = max(1, min(pixels.shape[:2]) // _SAMPLES)
    part = pixels[::step, ::step].astype(np.int16)
    grey: Sketch = (part[..., 0] + 2 * part[..., 1] + part[..., 2]) // 4
    return grey


def sketch_shape(pixels: Pixels) -> tuple[int, ...]:
    """The shape that the sketch of `pixels` has."""
    step = max(1, min(pixels.shape[:2]) // _SAMPLES)
    return (-(-pixels.shape[0] // step), -(-pixels.shape[1] // step))


def differing(before: Sketch, after: Sketch) -> Cells:
    """Where two sketches differ; everywhere if their sizes do."""
    rows, columns = (-(-side // _CELL) for side in after.shape)
    if before.shape != after.shape:
        return np.ones((rows, columns), dtype=np.bool_)
    differs = np.zeros((rows * _CELL, columns * _CELL), dtype=np.bool_)
    differs[: after.shape[0], : after.shape[1]] = np.abs(after - before) > _DIFFERENCE
    return np.asarray(differs.reshape(rows, _CELL, columns, _CELL).any(axis=(1, 3)), dtype=np.bool_)


def caret_only(before: Sketch, after: Sketch, pixels: Pixels) -> bool:
    """Whether two sketches of pictures as large as `pixels` differ by no more than a caret."""
    if before.shape != after.shape:
        return False
    differs = np.abs(after - before) > _DIFFERENCE
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return True
    step = max(1, min(pixels.shape[:2]) // _SAMPLES)
    side = min(pixels.shape[:2])
    high, wide = (rows[-1] - rows[0] + 1) * step, (columns[-1] - columns[0] + 1) * step
    return bool(wide <= max(step, _CARET[0] * side) and high <= max(step, _CARET[1] * side))


@dataclass
class Settling:
    """Settles one screen again and again, and remembers what moves on it all the time."""

    limits: FrameLimits = DEFAULT_FRAME_LIMITS
    clock: Clock = field(default_factory=RealClock)
    cost_s: float = 0.05
    """What a look costs, as the last ones did."""
    movers: dict[tuple[str, tuple[int, ...]], Cells] = field(default_factory=dict)
    """Where each window moves on and on, by window and size of its sketch."""

    def carry(self, old: str, new: str, same: Sequence[Box], others: Sequence[Box], pixels: Pixels) -> None:
        """Of what moves in the window `old`, what lies in the boxes `same` and not in `others` goes on moving in the window `new`.

        Boxes are in pixels of a picture as large as `pixels`.
        """
        shape = sketch_shape(pixels)
        known = self.movers.get((old, shape))
        if known is None or (new, shape) in self.movers:
            return
        side = _CELL * max(1, min(pixels.shape[:2]) // _SAMPLES)
        kept: Cells = np.zeros_like(known)
        for boxes, value in ((same, True), (others, False)):
            for box in boxes:
                top, left = max(0, box.top // side), max(0, box.left // side)
                kept[top : max(0, -(-box.bottom // side)), left : max(0, -(-box.right // side))] = value
        if (known & kept).any():
            self.movers[(new, shape)] = known & kept

    def settle(self, device: Watched, before: Pixels | None = None) -> SettledFrame:
        """Look at `device` until it is quiet. `before` is the picture before the action that has just been done, None if there was none."""
        clock, limits = self.clock, self.limits
        start = calm = clock.now()
        watch = _Watch(self, start, None if before is None else sketch(before))
        # A look that comes too early shows the middle of things: the dearer it is, the longer it is put off.
        clock.wait(min(self.cost_s, limits.react_s) / 2)
        while True:
            begun = clock.now()
            frame = device.look()
            ended = clock.now()
            self.cost_s = (self.cost_s + ended - begun) / 2
            calm = ended if frame.opening or (frame.fresh and frame.busy) else calm
            if watch.quiet(frame, begun) or ended >= min(calm + limits.cap_s, start + max(limits.cap_s, limits.opening_s)):
                waited_for, left_out = watch.said()
                capped = not watch.is_quiet
                return SettledFrame(
                    frame, Settled(max(0.0, begun - start), waited_for, left_out, capped), ended - begun, watch.changed_since_before
                )
            clock.wait(max(0.0, begun + limits.quiet_s - ended))


class _Watch:
    """The looks of one wait."""

    def __init__(self, settling: Settling, start: float, before: Sketch | None) -> None:
        self._settling, self._start, self._before = settling, start, before
        self._last: Frame | None = None
        self._last_sketch: Sketch | None = None
        self._since = start
        """When the first of the pictures that agree was begun."""
        self._worked = start
        """When a program was last seen at work: what it made is drawn after that."""
        self._turns: NDArray[np.int16] | None = None
        self._first_turn: NDArray[np.float64] | None = None
        self._last_turn: NDArray[np.float64] | None = None
        self._elsewhere = start
        """When something that is no mover last changed."""
        self._left_out: Cells | None = None
        self._learned = False
        """Something was found to move on and on in this wait: drawing it may be all that a program works on."""
        self._causes: dict[str, None] = {}
        self._slow = 1.0
        """The most of the looks so far."""
        self.changed_since_before = before is None
        self.is_quiet = False

    def quiet(self, frame: Frame, begun: float) -> bool:
        """Take one more look, begun at `begun`; whether the screen is quiet now."""
        drawn = sketch(frame.pixels)
        if self._before is not None and not self.changed_since_before:
            self.changed_since_before = self._differs(self._before, drawn, frame)
        self._slow = max(self._slow, frame.slow)
        last, last_drawn = self._last, self._last_sketch
        self._last, self._last_sketch = frame, drawn
        if last is None or last_drawn is None:
            self._since = begun
            return False
        if frame.opening or frame.window != last.window:
            self._restart(begun, "window")
            return False
        if not self._agree(last_drawn, drawn, frame, begun):
            return False
        limits = self._settling.limits
        quiet_s, busy_s = (limits.fresh_quiet_s, limits.fresh_busy_s) if frame.fresh else (limits.quiet_s, limits.busy_s)
        if frame.busy and not self._learned and begun - self._since < busy_s:
            self._causes["work"] = None
            self._worked = begun
            return False
        react_s = max(limits.least_s, limits.react_s if not self.changed_since_before else 0.0)
        since = max(self._since, self._worked)
        self.is_quiet = begun - since >= 0.99 * quiet_s * self._slow and begun - self._start >= 0.99 * react_s * self._slow
        return self.is_quiet

    def said(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What was waited for, and what was left out, in words."""
        left_out = self._left_out
        if left_out is None or self._last is None:
            return tuple(self._causes), ()
        box = _box(left_out, self._last.pixels)
        place = f"({box.left}, {box.top}) to ({box.right}, {box.bottom})"
        return tuple(self._causes), (f"something that moves on and on at {place}",)

    def _restart(self, begun: float, cause: str) -> None:
        self._causes[cause] = None
        self._since = self._elsewhere = begun
        self._turns = None

    def _agree(self, before: Sketch, after: Sketch, frame: Frame, begun: float) -> bool:
        """Whether two looks agree, carets and movers left out."""
        if before.shape != after.shape:
            self._restart(begun, "rotation")
            return False
        if not self._differs(before, after, frame):
            return True
        cells = differing(before, after)
        key = (frame.window, after.shape)
        known = self._settling.movers.get(key)
        movers = self._movers(cells, begun)
        if movers is not None:
            self._settling.movers[key] = movers if known is None else movers | known
            self._left_out, self._learned = self._settling.movers[key], True
            return True
        self._causes["motion"] = None
        self._since = begun
        return False

    def _differs(self, before: Sketch, after: Sketch, frame: Frame) -> bool:
        """Whether two pictures differ by more than a caret and what is known to move in this window."""
        if before.shape != after.shape:
            return True
        cells = differing(before, after)
        if not cells.any() or caret_only(before, after, frame.pixels):
            return False
        known = self._settling.movers.get((frame.window, after.shape))
        if known is None or (cells & ~known).any():
            return True
        self._left_out = known
        return False

    def _movers(self, cells: Cells, begun: float) -> Cells | None:
        """The cells that move on and on, once nothing but them has moved for as long as that takes to tell; None before."""
        if self._turns is None or self._first_turn is None or self._last_turn is None or self._turns.shape != cells.shape:
            self._turns = np.zeros(cells.shape, dtype=np.int16)
            self._first_turn = np.full(cells.shape, begun)
            self._last_turn = np.full(cells.shape, begun)
        near = _grown(cells)
        self._first_turn[near & (self._turns == 0)] = begun
        self._turns[near] += 1
        self._last_turn[near] = begun
        mover_s = self._settling.limits.mover_s
        often = (self._turns >= _TURNS) & (self._last_turn - self._first_turn >= 0.5 * mover_s)
        around = _grown(often)
        if (cells & ~around).any():
            self._elsewhere = begun
        if not often.any() or around.mean() > _MOST or begun - self._elsewhere < mover_s:
            return None
        return _filled(around)


def _grown(cells: Cells) -> Cells:
    """The cells and their neighbours: what moves does not keep to a grid."""
    padded = np.pad(cells, 1)
    grown: Cells = np.zeros_like(cells)
    for down in range(3):
        for right in range(3):
            np.logical_or(grown, padded[down : down + cells.shape[0], right : right + cells.shape[1]], out=grown)
    return grown


def _filled(cells: Cells) -> Cells:
    """The rectangle around the cells, where it is not much more than they: few looks do not show every place that a thing moves to."""
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    whole: Cells = np.zeros_like(cells)
    whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return whole if whole.sum() <= 4 * cells.sum() and whole.mean() <= _MOST else cells


def _box(cells: Cells, pixels: Pixels) -> Box:
    """The pixels that the cells lie in."""
    side = _CELL * max(1, min(pixels.shape[:2]) // _SAMPLES)
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    box = Box(int(columns[0]) * side, int(rows[0]) * side, int(columns[-1] + 1) * side, int(rows[-1] + 1) * side)
    return box.clipped(Size(pixels.shape[1], pixels.shape[0]))
