"""What pages may ask a browser for beyond the page itself, and how all of it is denied."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

PERMISSIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "location": ({"name": "geolocation"},),
    "notifications": ({"name": "notifications"}, {"name": "push", "userVisibleOnly": True}),
    "camera": ({"name": "camera"}, {"name": "camera", "panTiltZoom": True}),
    "microphone": ({"name": "microphone"},),
    "clipboard-read": ({"name": "clipboard-read"},),
    "screen": ({"name": "display-capture"}, {"name": "window-management"}),
    "midi": ({"name": "midi", "sysex": True}, {"name": "midi"}),
    "fonts": ({"name": "local-fonts"},),
    "idle": ({"name": "idle-detection"},),
    "background": ({"name": "background-sync"}, {"name": "background-fetch"}, {"name": "periodic-background-sync"}),
    "local-network": ({"name": "local-network-access"}, {"name": "local-network"}, {"name": "loopback-network"}),
    "payment": ({"name": "payment-handler"},),
    "nfc": ({"name": "nfc"},),
}
"""Our names, and those of the browser's own for each (CDP `Browser.PermissionDescriptor`). What a page reads of the hardware through a
chooser of the browser (USB, serial, HID, Bluetooth) needs a person at that chooser and is not among them."""


async def deny_others(cdp: CDPSession, context: str | None, granted: tuple[str, ...]) -> None:
    """Deny, in a browser context (CDP's id of it; None: the profile's own), every permission but those that are `granted`."""
    await asyncio.gather(
        *(
            _set(cdp, context, descriptor, "granted" if name in granted else "denied")
            for name, descriptors in PERMISSIONS.items()
            for descriptor in descriptors
        )
    )


async def _set(cdp: CDPSession, context: str | None, descriptor: dict[str, Any], setting: str) -> None:
    from playwright.async_api import Error

    where = {} if context is None else {"browserContextId": context}
    try:
        await cdp.send("Browser.setPermission", {"permission": descriptor, "setting": setting, **where})
    except Error as error:
        # A permission that this browser does not know is one that it cannot give.
        if "ermission" not in str(error):
            raise
