"""What the connections of one proxy share."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal, kind_of
from handeye.tools.egress.resolving import Ask, Resolver, ask_system


@dataclass(frozen=True)
class Limits:
    """How long a connection may wait for what, in seconds, and how many there may be.

    HEAD, HELLO and LINGER count from their beginning, the others from the last byte of either side.
    """

    connections: int = 512
    """Chromium opens 32 to a proxy, and 255 WebSockets."""
    idle_s: float = 300.0
    """Between two requests: Chromium's own limit."""
    head_s: float = 30.0
    """For the rest of a request's head."""
    dial_s: float = 60.0
    body_s: float = 120.0
    answer_s: float = 1800.0
    """For more of an answer: pages leave some open for news."""
    first_s: float = 120.0
    """For the first byte within a tunnel: browsers open some in advance."""
    hello_s: float = 30.0
    relay_s: float = 3600.0
    linger_s: float = 2.0
    """For the client to read the last answer: hanging up on bytes that were not read would take it away."""


class Context:
    """The lists, the names that were looked up, and who hears of refusals. Lives on the proxy's event loop."""

    def __init__(
        self, allowed: Allowed, tell: Callable[[Refusal], None], own_port: int, ask: Ask = ask_system, limits: Limits | None = None
    ) -> None:
        self.host_refusal = functools.lru_cache(128)(allowed.host_refusal)
        """The lists' own verdict: they never change, so that the same question has the same answer."""
        self.resolver = Resolver(allowed, ask)
        self.own_port = own_port
        self.limits = Limits() if limits is None else limits
        self._tell = tell
        self.space = memoryview(bytearray(1 << 16))
        """Where all connections of the loop read to: each takes out what came before the next reads. A fresh 256 kB for each read, as
        asyncio has it otherwise, costs a quarter of the whole way through the proxy."""

    def refuse(self, host: str, port: int, why: str) -> None:
        """Say that something did not leave."""
        self._tell(Refusal(host, port, why, kind_of(host), time.time()))
