"""Addresses of pages, which may be none at all."""

from __future__ import annotations

from functools import lru_cache

from handeye.tools.egress.addresses import Address, canonical
from handeye.tools.errors import InvalidAction


@lru_cache(256)
def read_address(text: str) -> Address | None:
    """What `text` leads to, as the lists of hosts read it; None when it is no address."""
    try:
        return canonical(text)
    except InvalidAction:
        return None
