"""Pictures of a tab: captured over CDP, lossless, and decoded.

Not `page.screenshot`: its wait for fonts hangs on some pages (microsoft/playwright #35972), and it hides the text caret.
"""

from __future__ import annotations

import base64
import io
import time

import numpy as np

from handeye.tools.browser.faults import between_documents
from handeye.tools.browser.tab import PageTab
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceTimeout
from handeye.tools.geometry import Box

FIRST_TRY_S = 2.0
"""How long a capture is waited for before another is asked for, doubled with every try: Chromium never answers one that was under way
when the page changed its process (an error page, another site)."""
_LOSSLESS = {"format": "png", "optimizeForSpeed": True}


async def capture(tab: PageTab, limit_s: float) -> str | None:
    """The viewport as a PNG in base64; None when a dialog is open or the page is dead. Raises `DeviceTimeout` after `limit_s`."""
    from playwright.async_api import Error

    end, patience_s, known_to_hang = time.monotonic() + limit_s, FIRST_TRY_S, tab.hung
    while not tab.stopped.is_set():
        left = max(0.0, end - time.monotonic())
        try:
            reply = await tab.until_stopped(tab.cdp.send("Page.captureScreenshot", _LOSSLESS), min(patience_s, left))
        except DeviceTimeout:
            if known_to_hang or patience_s >= left:
                raise
            tab.hung = False
            patience_s *= 2
            continue
        except Error as error:
            if not between_documents(error) or not left:
                raise
            await tab.next_news(0.1)
            continue
        return None if reply is None else str(reply["data"])
    return None


def decoded(data: str, clip: Box | None, scale: float) -> Pixels:
    """The picture in `data`, and of it the part that `clip` (CSS pixels) shows at the device scale factor."""
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        pixels = np.asarray(image.convert("RGB"))
    if clip is None:
        return pixels
    # CDP's own clip is in coordinates of the document, not of the viewport, and leaves out the device scale factor.
    left, top, right, bottom = (round(edge * scale) for edge in clip)
    return np.ascontiguousarray(pixels[top:bottom, left:right])
