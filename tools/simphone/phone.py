"""`Phone`: one simulated phone: what it remembers, what it shows, and what goes wrong with it on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handeye.tools.simphone.faults import Faults
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.screen import Screen
from handeye.tools.simphone.seeding import fill
from handeye.tools.simphone.state import DeviceState, Snapshot

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext


class Phone:
    """A phone that runs. Everything of it happens on one event loop; nothing in it is safe to call from another thread."""

    def __init__(self, options: PhoneOptions) -> None:
        self.options = options
        self.state = DeviceState(options)
        self.screen = Screen(self.state)
        self.faults = Faults()
        self.snapshots: dict[str, Snapshot] = {}
        """By name; `boot` is how the phone began."""

    async def boot(self, context: BrowserContext) -> None:
        """Fill the phone and draw its home screen in `context`, a fresh Playwright browser context."""
        fill(self.state)
        self.snapshots["boot"] = self.state.snapshot()
        await self.screen.open(context)

    async def restore(self, name: str = "boot") -> None:
        """Be as the snapshot says; apps that run are stopped. Raises `KeyError` for a name that was not saved."""
        self.state.restore(self.snapshots[name])
        self.faults.clear()
        await self.screen.restart()

    async def reboot(self) -> None:
        """Start anew: what ran is gone, what was stored stays."""
        facts = self.state.facts
        facts.tasks, facts.notifications, facts.call, facts.clipboard = [], [], {}, ""
        facts.at_home, facts.awake, facts.locked = True, True, False
        await self.screen.restart()

    async def close(self) -> None:
        """Stop drawing. A second call does nothing."""
        await self.screen.close()
