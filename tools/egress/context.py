"""What the connections of one proxy share."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal, kind_of
from handeye.tools.egress.resolving import Ask, Resolver

MAX_REFUSALS = 1000
"""How many are kept: the latest."""

OnRefusal: TypeAlias = Callable[[Refusal], None]


class Context:
    """The lists, the names that were looked up, and the refusals of one proxy. Lives on its event loop; `refusals` may be read anywhere."""

    def __init__(self, allowed: Allowed, ask: Ask, on_refusal: OnRefusal | None, own_port: int) -> None:
        self.allowed = allowed
        self.resolver = Resolver(allowed, ask)
        self.own_port = own_port
        self._on_refusal = on_refusal
        self._refusals: deque[Refusal] = deque(maxlen=MAX_REFUSALS)
        self._lock = threading.Lock()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The latest, oldest first."""
        with self._lock:
            return tuple(self._refusals)

    def refuse(self, host: str, port: int, why: str) -> None:
        """Note a refusal and tell whoever wants to know."""
        refusal = Refusal(host, port, why, kind_of(host), time.time())
        with self._lock:
            self._refusals.append(refusal)
        if self._on_refusal is not None:
            # From the loop: a callback that fails ends no connection, and the loop reports it.
            asyncio.get_running_loop().call_soon(self._on_refusal, refusal)
