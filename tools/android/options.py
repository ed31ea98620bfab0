"""How a phone is driven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from handeye.tools.android.capture import FORMS, Form
from handeye.tools.android.transport import ServerAddress
from handeye.tools.errors import InvalidAction


@dataclass(frozen=True)
class AndroidOptions:
    """Which adb server, and how long to wait for what."""

    server: ServerAddress | None = None
    """None: where adb's own client would look, started when none runs."""
    timeout_s: float = 10.0
    """Longest wait for one command of the phone, beside what it takes by itself: an install, a swipe's duration."""
    screenshot_s: float = 20.0
    """Longest wait for a screenshot."""
    reconnect_s: float = 10.0
    """Longest wait for a phone that went away, before what only looks gives up."""
    form: Form | None = None
    """How screenshots come: `raw`, `png`, `gzip` (raw and packed). None: the fastest on this phone, found out at the first."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names of your own for apps: name to package."""
    install_keyboard: bool = True
    """Whether uiautomator2's keyboard may be installed on the phone when text is not ASCII and no keyboard there can type it."""

    def __post_init__(self) -> None:
        if self.form is not None and self.form not in FORMS:
            raise InvalidAction(f"screenshots come as {', '.join(FORMS)}, not {self.form!r}")
        if min(self.timeout_s, self.screenshot_s, self.reconnect_s) <= 0:
            raise InvalidAction("a time-out is more than 0 seconds")
