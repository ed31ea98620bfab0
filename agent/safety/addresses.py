"""Addresses as browsers read them, taken apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """The parts of an address; `host` is empty where its scheme has none."""

    scheme: str
    host: str
    path: str
    query: str
    href: str


def read_address(text: str) -> Address | None:
    """What `text` leads to, by the URL standard; None when it is no address."""
    import ada_url

    try:
        url = ada_url.URL(text)
    except ValueError:
        return None
    return Address(url.protocol.removesuffix(":"), url.hostname, url.pathname, url.search.removeprefix("?"), url.href)


def host_of(text: str) -> str:
    """The host of an address; empty when there is none."""
    address = read_address(text) if text else None
    return address.host if address else ""
