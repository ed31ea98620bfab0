"""Addresses as a browser reads them, and which network addresses belong to nobody's own machine or network.

Every address that a verdict is about is parsed here, by ada-url, which follows the same standard (WHATWG URL) as browsers do: what looks
like one host to `urllib.parse` may be another to Chromium.
"""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from handeye.tools.errors import InvalidAction

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""Ports of the schemes that have one (WHATWG URL, "special schemes")."""

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        # Networks that Python's `is_global` lets pass in some version from 3.11 on: the registries of special addresses of the IANA.
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/9", "ff00::/8"),
        "168.63.129.16/32",  # what a virtual machine's agent talks to at Azure: public by number, within the host by use
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as a network that speaks IPv6 only writes them (RFC 6052)."""


@dataclass(frozen=True)
class Address:
    """One address in the form that a browser gives it."""

    scheme: str
    """Without the colon: `https`."""
    host: str
    """In lower case and ASCII (`xn--...`), IPv4 in four decimal numbers, IPv6 shortened and without brackets. Empty: there is none."""
    port: int
    """The scheme's own where the address names none; 0 for schemes that have none."""
    href: str
    """All of it."""
    path: str = ""
    query: str = ""
    """Without the question mark."""

    @functools.cached_property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: what a `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS.get(self.scheme, 0) else f"{host}:{self.port}"


def canonical(url: str) -> Address:
    """`url` as a browser reads it. Raises `InvalidAction` when a browser would say that it is no absolute address."""
    from ada_url import URL

    try:
        read = URL(url)
        scheme, host, port, href = read.protocol[:-1], read.hostname, read.port, read.href
    except ValueError as error:  # surrogates without a partner, too, are a ValueError
        raise InvalidAction(f"{shortened(url)} is no address that a browser could open") from error
    where = int(port) if port else DEFAULT_PORTS.get(scheme, 0)
    return Address(scheme, host.strip("[]"), where, href, read.pathname, read.search.removeprefix("?"))


def canonical_host(text: str) -> str:
    """The host `text` as a browser writes it, IPv6 without brackets. Raises `InvalidAction` when it is none, or more than one."""
    if not text or set(text) & set("/\\?#@%") or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise InvalidAction(f"{shortened(text)} is no host")
    bracketed = text if text.startswith("[") else f"[{text}]" if ":" in text else text
    address = canonical(f"ws://{bracketed}/")
    if not address.host or address.port != 80 or address.href != f"ws://{address.authority}/":
        raise InvalidAction(f"{shortened(text)} is no host")
    return address.host


def number(host: str) -> IPv4Address | IPv6Address | None:
    """The network address that `host`, in its canonical form, is; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def private_reason(address: IPv4Address | IPv6Address) -> str | None:
    """What a network address is that is not one of the public internet, in words; None for a public one.

    An IPv6 address that carries an IPv4 one is judged by that; the transition schemes 6to4 and Teredo, out of use, are never public.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None)
        if inner is not None:
            return private_reason(inner)
        if address.scope_id is not None:
            return "an address of the local network"
        if (int(address) >> 32) & 0xFFFFFFFF in (0x5EFE, 0x02005EFE):
            return "an IPv4 address in disguise (ISATAP)"
    if address.is_loopback or address.is_unspecified:
        return "an address of this machine"
    if address.is_link_local:
        return "an address of the local link, where clouds keep their metadata"
    if not address.is_global or address.is_private or address.is_multicast or address.is_reserved:
        return "a private or special address"
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return "a private or special address"
    return None


def shortened(text: str, limit: int = 120) -> str:
    """`text` in quotes, on one line, with whatever is not plain ASCII spelled out, for a message."""
    return ascii(text if len(text) <= limit else text[:limit] + "...")
