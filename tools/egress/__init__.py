"""The one way out: which hosts may be reached, and the forward proxy that holds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handeye.tools.egress.addresses import Address, canonical
from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal

if TYPE_CHECKING:
    from handeye.tools.egress.proxy import EgressProxy

__all__ = ["Address", "Allowed", "EgressProxy", "Refusal", "canonical"]


def __getattr__(name: str) -> Any:
    if name == "EgressProxy":  # loads asyncio and h11
        from handeye.tools.egress.proxy import EgressProxy

        return EgressProxy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
