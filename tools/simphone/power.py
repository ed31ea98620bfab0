"""Starting again, and the shade: what acts on the whole phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

SHADE: Final = {"expand-notifications": "notifications", "expand-settings": "settings", "collapse": ""}
"""What the shell page is told for each command of `cmd statusbar`; nothing closes the shade."""


async def reboot(phone: Phone) -> None:
    """Start again: apps are closed, the home screen is in front, what is stored stays. Connections to adb break."""
    facts = phone.state.facts
    facts.tasks, facts.at_home, facts.awake, facts.locked = [], True, True, False
    facts.call, facts.clipboard, facts.notifications = {}, "", []
    await phone.screen.restart()
    phone.state.changed("reboot")


async def shade(phone: Phone, command: str) -> None:
    """Open the notifications or the quick settings, or close what is open: `command` is one of `SHADE`."""
    phone.state.changed("shade", SHADE[command])
    await phone.screen.sync()
