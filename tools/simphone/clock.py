"""The phone's clock: deterministic where it is asked to be."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from handeye.tools.simphone.options import ClockKind


class DeviceClock:
    """Milliseconds since 1970 as the phone sees them. `date` and the settings may set it."""

    def __init__(self, kind: ClockKind, start: str) -> None:
        self.kind = kind
        self.zone = "UTC"
        self._base_ms = round(datetime.fromisoformat(start).timestamp() * 1000)
        self._since = time.monotonic()

    @property
    def now_ms(self) -> int:
        """The time now."""
        passed = time.monotonic() - self._since if self.kind == "running" else 0.0
        return self._base_ms + round(passed * 1000)

    @property
    def now(self) -> datetime:
        """The time now, in the phone's zone."""
        return datetime.fromtimestamp(self.now_ms / 1000, ZoneInfo(self.zone))

    def set(self, now_ms: int) -> None:
        """Put the clock to `now_ms`."""
        self._base_ms, self._since = now_ms, time.monotonic()

    def step(self) -> None:
        """An input came: a clock that goes in steps goes on by one second."""
        if self.kind == "steps":
            self._base_ms += 1000
