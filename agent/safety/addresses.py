"""Addresses as browsers read them, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Address:
    """The parts of an address; `host` is empty where its scheme has none."""

    scheme: str
    host: str
    path: str
    query: str
    href: str


@lru_cache(256)
def read_address(text: str) -> Address | None:
    """What `text` leads to, by the URL standard; None when it is no address."""
    import ada_url

    try:
        url = ada_url.URL(text)
    except ValueError:
        return None
    return Address(url.protocol.removesuffix(":"), url.hostname, url.pathname, url.search.removeprefix("?"), url.href)
