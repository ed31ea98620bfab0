"""A finger on the page, over the DevTools protocol: taps, long presses, swipes and drags with the times that they take."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from handeye.tools.simphone.layout import Layout

STEP_S = 1 / 60
"""Time between two positions of a moving finger."""
PRESS_S = 0.6
"""How long a finger rests before a drag: more than Chromium's 0.5 s for a long press."""


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
        """`shooting` is held while a picture is captured: a touch then would land elsewhere: Chromium changes the page's scale for it."""
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
        await self.down(where, *points[0])
        try:
            if press:
                await pause(PRESS_S)
            for x, y in _path(points, ms):
                started = asyncio.get_running_loop().time()
                await self._send("touchMove", *where.css(x, y))
                await pause(max(0.0, STEP_S - (asyncio.get_running_loop().time() - started)))
            if rest:
                # Chromium takes the speed of the last 40 ms for a fling (blink: gesture velocity tracker).
                await pause(0.06)
                await self._send("touchMove", *where.css(*points[-1]))
        finally:
            await self.up()

    async def down(self, where: Layout, x: float, y: float) -> None:
        """Touch."""
        await self._send("touchStart", *where.css(x, y))

    async def go(self, where: Layout, x: float, y: float) -> None:
        """Move the finger that is down."""
        await self._send("touchMove", *where.css(x, y))

    async def up(self) -> None:
        """Lift."""
        async with self._shooting:
            await self._cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    async def _send(self, kind: str, x: float, y: float) -> None:
        async with self._shooting:
            await self._cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "radiusX": 1, "radiusY": 1}]})


def _path(points: Sequence[tuple[float, float]], ms: int) -> list[tuple[float, float]]:
    legs = list(pairwise(points))
    steps = max(2, math.ceil(ms / 1000 / STEP_S / max(1, len(legs))))
    return [(x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for (x1, y1), (x2, y2) in legs for step in range(1, steps + 1)]
