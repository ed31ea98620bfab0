"""Waiting for something that a browser does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from handeye.envs.settle import wait

LOOK_S = 0.02


def until(condition: Callable[[], bool], limit_s: float) -> None:
    """Wait until `condition` holds, for `limit_s` at most."""
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        wait(LOOK_S)
