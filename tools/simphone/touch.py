"""A finger on the page, over the DevTools protocol: taps, long presses, swipes and drags with the times that they take."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from handeye.tools.simphone.layout import Layout

STEP_S = 1 / 60
"""Time between two positions of a moving finger."""
PRESS_S = 0.6
"""How long a finger rests before a drag: more than Chromium's 0.5 s for a long press."""


REST_S = 0.055
"""How long a finger rests, thrice, so that nothing is thrown: Chromium takes its speed from the last 100 ms (ui/events/gesture_detection:
velocity_tracker), and passes a position on only if it is another one."""


async def pause(seconds: float) -> None:
    """Let time pass that is part of an input."""
    over = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(seconds, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()


class Finger:
    """One finger. Points are pixels of the screen."""

    def __init__(self, cdp: Any, shooting: asyncio.Lock) -> None:
        """`shooting` is held while a picture is captured: a touch then would land elsewhere, as Chromium scales the page for it."""
        self._cdp = cdp
        self._shooting = shooting

    async def tap(self, where: Layout, x: float, y: float, hold_ms: int = 0) -> None:
        """Touch and lift."""
        await self.down(where, x, y)
        try:
            if hold_ms > 0:
                await pause(hold_ms / 1000)
        finally:
            await self.up()

    async def move(self, where: Layout, points: Sequence[tuple[float, float]], ms: int, press: bool = False, rest: bool = False) -> None:
        """Touch at the first point, go through the others in `ms` milliseconds, lift; with `press` after a long press, with `rest` only
        once the finger stands still, so that nothing slides on."""
        # Moves are stamped with the times that they should have had: what is thrown flies by them, on a busy machine too.
        path, stamp = _path(points, ms), None
        await self.down(where, *points[0])
        try:
            if press:
                await pause(PRESS_S)
            begin, step_s = time.time(), ms / 1000 / len(path)
            for index, (x, y) in enumerate(path, 1):
                stamp = begin + index * step_s
                await self._send("touchMove", *where.css(x, y), stamp)
                await pause(max(0.0, stamp - time.time()))
            if rest:
                x, y = where.css(*points[-1])
                for nudge in (0.5, 0.0):
                    await pause(REST_S)
                    await self._send("touchMove", x, y + nudge)
                await pause(REST_S)
                stamp = None
        finally:
            await self.up(stamp)

    async def down(self, where: Layout, x: float, y: float) -> None:
        """Touch."""
        await self._send("touchStart", *where.css(x, y))

    async def go(self, where: Layout, x: float, y: float) -> None:
        """Move the finger that is down."""
        await self._send("touchMove", *where.css(x, y))

    async def up(self, stamp: float | None = None) -> None:
        """Lift."""
        await self._dispatch("touchEnd", [], stamp)

    async def _send(self, kind: str, x: float, y: float, stamp: float | None = None) -> None:
        await self._dispatch(kind, [{"x": x, "y": y, "radiusX": 1, "radiusY": 1}], stamp)

    async def _dispatch(self, kind: str, points: list[dict[str, float]], stamp: float | None) -> None:
        when = {} if stamp is None else {"timestamp": stamp}
        async with self._shooting:
            await self._cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, **when})


def _path(points: Sequence[tuple[float, float]], ms: int) -> list[tuple[float, float]]:
    legs = list(pairwise(points))
    steps = max(2, math.ceil(ms / 1000 / STEP_S / max(1, len(legs))))
    return [(x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for (x1, y1), (x2, y2) in legs for step in range(1, steps + 1)]
