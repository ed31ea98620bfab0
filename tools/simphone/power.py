"""Starting again, and pulling the shade down: what acts on the whole phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone


async def reboot(phone: Phone) -> None:
    """Start again: apps are closed, the home screen is in front, what is stored stays. Connections to adb break."""
    await phone.reboot()
    phone.state.changed("reboot")


async def shade(phone: Phone, wanted: Literal["expand-notifications", "expand-settings", "collapse"]) -> None:
    """Open the notifications or the quick settings, or close what is open."""
    await phone.screen.shade(wanted)
