"""What kind of phone is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

ClockKind: TypeAlias = Literal["running", "steps"]
"""`running`: time passes as it does outside; `steps`: each input takes one second and nothing else any time."""


@dataclass(frozen=True)
class PhoneOptions:
    """How a phone begins. Two phones with equal options show the same pixels after the same input, with the clock in `steps`."""

    size: Size = Size(1080, 2400)
    """Pixels of the screen, upright."""
    density: int = 480
    """Dots per inch (`wm density`): 480 makes three pixels of a density-independent one."""
    seed: int = 0
    """Which people, messages and files are there at first."""
    clock: ClockKind = "running"
    start: str = "2023-10-15T15:34:00+00:00"
    """Where the clock begins (google-research/android_world: env/device_constants.py)."""
    animations: bool = False
    """Whether the three animation scales of the settings begin at 1; apps follow them."""
    port: int = 0
    """TCP port of its adbd on 127.0.0.1; 0: any that is free."""
    name: str = "handeye"
    """What `ro.product.model` says."""
    sdk: int = 33
    """Android's API level (`ro.build.version.sdk`)."""
    allow_hosts: tuple[str, ...] = ()
    """Patterns of hosts (see `handeye.tools.egress.hosts`) that its browser may open; none: all. Pages that ship with the phone count
    too: `news.example:80`."""
    load_hosts: tuple[str, ...] = ()
    """Patterns of hosts that pages may load from beside those."""

    def __post_init__(self) -> None:
        if not (120 <= self.size.width <= 8192 and 160 <= self.size.height <= 8192):
            raise InvalidAction(f"a phone's screen is from 120x160 to 8192x8192 pixels, not {self.size}")
        if not 72 <= self.density <= 1600:
            raise InvalidAction(f"a density is from 72 to 1600 dots per inch, not {self.density}")
        if self.clock not in ("running", "steps"):
            raise InvalidAction(f"a clock is running or steps, not {self.clock!r}")
        try:
            zoned = datetime.fromisoformat(self.start).tzinfo is not None
        except ValueError as error:
            raise InvalidAction(f"the start {self.start!r} is no time as in 2023-10-15T15:34:00+00:00") from error
        if not zoned:
            raise InvalidAction(f"the start {self.start!r} lacks its offset from UTC, as in 2023-10-15T15:34:00+00:00")
