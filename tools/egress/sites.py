"""Which addresses belong to one site: the same registrable domain, as browsers decide it for cookies."""

from __future__ import annotations

import functools

from handeye.tools.egress.addresses import canonical, number
from handeye.tools.egress.hosts import suffixes
from handeye.tools.errors import InvalidAction


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site, whatever their schemes and ports; for numbers, and for names that have no registrable domain:
    of one origin. What is no address of a host is of no site."""
    mine, others = _origin(one), _origin(other)
    if not mine or not others:
        return False
    return mine == others or _site(one) == _site(other)  # the list of suffixes, which takes its time to be read, is not asked without need


@functools.lru_cache(maxsize=512)
def _site(url: str) -> str:
    """The registrable domain of `url` (`shop.test`), or its origin."""
    host = canonical(url).host
    domain = None if number(host) is not None else suffixes().privatesuffix(host)
    return domain or _origin(url)


@functools.lru_cache(maxsize=512)
def _origin(url: str) -> str:
    """Scheme, host and port of `url`; empty: it has no host."""
    try:
        address = canonical(url)
    except InvalidAction:
        return ""
    return f"{address.scheme}://{address.authority}" if address.host else ""
