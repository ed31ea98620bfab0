"""What the connections of one proxy share."""

from __future__ import annotations

import time
from collections.abc import Callable

from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal, kind_of
from handeye.tools.egress.resolving import Ask, Resolver, ask_system


class Context:
    """The lists, the names that were looked up, and who hears of refusals. Lives on the proxy's event loop."""

    def __init__(self, allowed: Allowed, tell: Callable[[Refusal], None], own_port: int, ask: Ask = ask_system) -> None:
        self.allowed = allowed
        self.resolver = Resolver(allowed, ask)
        self.own_port = own_port
        self._tell = tell

    def refuse(self, host: str, port: int, why: str) -> None:
        """Say that something did not leave."""
        self._tell(Refusal(host, port, why, kind_of(host), time.time()))
