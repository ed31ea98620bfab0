"""Waiting in tests: for something that can be seen, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

LIMIT_S = 120.0
"""Longer than anything takes on a machine with other work; what never happens is told well before the test's own limit of 300 s."""
Found = TypeVar("Found")


def until(seen: Callable[[], Found | None], limit_s: float = LIMIT_S) -> Found:
    """What `seen` gives as soon as it gives something true; it is asked every 20 ms. Fails the test after `limit_s`."""
    end = time.monotonic() + limit_s
    while not (found := seen()):
        assert time.monotonic() < end, f"it did not happen within {limit_s:g} s"
        Event().wait(0.02)
    return found
