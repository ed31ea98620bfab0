"""Pictures of the screen: captured when something was drawn since the last one, handed out again when nothing was."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from typing import Any

from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Size

ECHO_S = 0.08
"""A capture makes Chromium draw the page once more, which the screencast reports a little later (20 ms on a quiet machine; measured): what
it reports until so long after a capture says nothing."""
_LOSSLESS = {"format": "png", "optimizeForSpeed": True}
_WATCH = {"format": "jpeg", "quality": 1, "maxWidth": 32, "maxHeight": 32}


class Frames:
    """The pictures of one page.

    Two witnesses tell that something was drawn: the pages' own ledger (`system/ledger.js`), which knows at once, and Chromium's
    screencast, which misses nothing but speaks a few frames later.
    """

    def __init__(self, cdp: Any, ask: Any) -> None:
        self._cdp = cdp
        self._ask = ask
        self._png: bytes | None = None
        self._rgba: bytes | None = None
        self._size: Size | None = None
        self._lock = asyncio.Lock()
        self.shooting = asyncio.Lock()
        """Held while Chromium captures the page."""
        self._quiet_until = 0.0
        self.count = 0
        """How often something was drawn, or may have been."""
        self._acks: set[asyncio.Task[Any]] = set()
        cdp.on("Page.screencastFrame", self._on_screencast)

    async def watch(self) -> None:
        """Begin to listen for what is drawn."""
        await self._cdp.send("Page.startScreencast", _WATCH)

    def mark(self) -> None:
        """Something was drawn, or may have been."""
        self._png = self._rgba = None
        self.count += 1

    async def png(self, size: Size) -> bytes:
        """What the screen shows now, as a PNG of exactly `size`. Raises `DeviceError` when Chromium gives another."""
        async with self._lock:
            if self._png is not None and self._size == size:
                return self._png
            moving = await self._ask("ledger.take()")
            drawn = self.count
            data = await self._shoot(size)
            if not moving and self.count == drawn:
                self._png, self._size, self._rgba = data, size, None
            return data

    async def rgba(self, size: Size) -> bytes:
        """The same as 4 bytes a pixel, row by row."""
        png = await self.png(size)
        if self._rgba is not None and self._png is png:
            return self._rgba
        raw = await asyncio.to_thread(_decoded, png)
        if self._png is png:
            self._rgba = raw
        return raw

    async def fresh(self, size: Size) -> bytes:
        """A picture that is certainly captured now."""
        async with self._lock:
            return await self._shoot(size)

    async def _shoot(self, size: Size) -> bytes:
        self._quiet_until = float("inf")
        try:
            async with self.shooting:
                reply = await self._cdp.send("Page.captureScreenshot", _LOSSLESS)
        finally:
            self._quiet_until = time.monotonic() + ECHO_S
        data = base64.b64decode(reply["data"])
        got = Size(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        if got != size:
            raise DeviceError(f"Chromium drew {got} pixels and not {size}.")
        return data

    def _on_screencast(self, event: Any) -> None:
        ack = asyncio.ensure_future(self._cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]}))
        self._acks.add(ack)
        ack.add_done_callback(self._acked)
        if time.monotonic() > self._quiet_until:
            self.mark()

    def _acked(self, ack: asyncio.Task[Any]) -> None:
        self._acks.discard(ack)
        if not ack.cancelled():
            ack.exception()  # The page may be gone by now; asking keeps asyncio from complaining.


def _decoded(png: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGBA").tobytes()
