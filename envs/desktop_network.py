"""The network of a virtual desktop with a list of hosts: a proxy, a door to it, and what tells programs of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.tools.desktop.first_start import OFFICE_REGISTRY, OfficeSetting, add_office_settings

if TYPE_CHECKING:
    from handeye.tools.egress import EgressProxy

_PROXIED = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")
_MOST = 4
"""Refusals that are told one by one."""


@dataclass(frozen=True, eq=False)
class Network:
    """What programs can reach. Without a proxy: what this process can."""

    proxy: EgressProxy | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables by which programs find the proxy, in both spellings that are in use."""
    weak: bool = False
    """The kernel does not let programs be kept from the machine's network: only those that mean well keep to the proxy."""

    @property
    def door(self) -> int | None:
        """The port of 127.0.0.1 that alone can be reached; None: all can."""
        return None if self.proxy is None else int(self.proxy.address.rpartition(":")[2])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what does not hold."""
        said = "The list of hosts is weak here: programs of this desktop are told of the proxy, and can go around it."
        return (said,) if self.weak else ()

    def furnish(self, home: Path) -> None:
        """Tell LibreOffice, which heeds no variables, of the proxy, in its settings below `home`."""
        if self.door is None:
            return
        path, port = "org.openoffice.Inet/Settings", str(self.door)
        settings: list[OfficeSetting] = [(path, "ooInetProxyType", "2"), (path, "ooInetNoProxy", "")]
        for kind in ("HTTP", "HTTPS"):
            settings += [(path, f"ooInet{kind}ProxyName", "127.0.0.1"), (path, f"ooInet{kind}ProxyPort", port)]
        add_office_settings(home / OFFICE_REGISTRY, settings)

    def refused(self, after: float) -> tuple[str, ...]:
        """Sentences about what programs wanted to reach after `after` (seconds since 1970) and could not."""
        if self.proxy is None:
            return ()
        told = {f"{one.host}:{one.port}" if one.port else one.host: one.why for one in self.proxy.refusals if one.at > after}
        return tuple(f"A program wanted to reach {where} and was refused: {why}" for where, why in list(told.items())[-_MOST:])


@contextmanager
def network(hosts: Sequence[str]) -> Iterator[Network]:
    """The network of a desktop whose programs may reach `hosts` (patterns of `handeye.tools.egress`) and nothing else, while this lasts.

    Raises `SetupError` for a pattern that is none, `DeviceError` when the proxy does not start.
    """
    from handeye.tools.egress import Allowed, EgressProxy

    with EgressProxy.start(Allowed.read(hosts)) as proxy:
        variables = dict.fromkeys((*_PROXIED, *(name.upper() for name in _PROXIED)), proxy.address)
        yield Network(proxy, variables | {"no_proxy": "", "NO_PROXY": ""})
