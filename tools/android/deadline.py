"""A point in time by which something has to be done, however many waits that takes."""

from __future__ import annotations

import time

from handeye.tools.errors import DeviceTimeout


class Deadline:
    """`limit_s` seconds from now. `doing` completes the sentence `The phone did not answer within 10 s while ...`."""

    def __init__(self, limit_s: float, doing: str) -> None:
        self.limit_s = limit_s
        self.doing = doing
        self._end = time.monotonic() + limit_s

    @property
    def passed(self) -> bool:
        """Whether it is too late."""
        return time.monotonic() >= self._end

    def left(self, at_most_s: float = 3600.0) -> float:
        """Seconds that are left, `at_most_s` at most. Raises `DeviceTimeout` when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.error()
        return min(left, at_most_s)

    def error(self) -> DeviceTimeout:
        """What to raise when it is too late."""
        return DeviceTimeout(f"The phone did not answer within {self.limit_s:.3g} s while {self.doing}.")
