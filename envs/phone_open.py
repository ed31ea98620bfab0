"""Opening a `PhoneEnv` from options: a phone that is attached, or a simulated one that is started for it and ends with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from handeye.envs.addresses import address
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_hosts import AllowedHosts
from handeye.envs.sizes import read_size
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer, ServerAddress
from handeye.tools.android.proxy_setting import ProxySetting
from handeye.tools.egress import Allowed, EgressProxy
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.simphone.faults import VOCABULARY
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions

SIMULATED = "sim"
"""The device that is started, instead of a serial."""


def open_phone(options: Mapping[str, Any]) -> PhoneEnv:
    """The environment that `options` (JSON values, as a trajectory records them) describe.

    - `device`: `sim`, or a serial as `adb devices` lists it; none: the only phone that is attached
    - `start_app`, `url`: what an episode begins with
    - `adb_port`: port of the adb server; none: where adb's own client looks
    - `allow_apps`: packages or labels that may be opened and touched; none: all
    - `allow_hosts`, `load_hosts`: patterns of hosts (see `handeye.tools.egress.hosts`) that may be opened, and loaded from; none: all. The
      phone's HTTP proxy is set to one that holds to them until the environment is closed: apps that ignore the setting are not held
    - `guard`: targets will be asked for; a phone needs nothing for it
    - `size`, `density`, `phone_seed`, `clock`, `animations`, `fault` (a list of `NAME` or `NAME=VALUE`): how a simulated phone is

    Raises `SetupError` for options that make no sense or a missing piece; nothing is left running then.
    """
    device, url = str(options.get("device") or ""), str(options.get("url") or "")
    begin = (str(options.get("start_app") or ""), "" if url in ("", "about:blank") else address(url))
    limits = _limits(options)
    if device == SIMULATED:
        return _simulated(phone_options(options), read_faults(options.get("fault") or ()), begin, limits)
    port = options.get("adb_port")
    server = None if port is None else ServerAddress(port=int(port))
    with ExitStack() as stack:
        driver = AndroidDriver.connect(device or None, AndroidOptions(server=server))
        stack.callback(driver.close)
        put_back = None
        if limits.hosts is not None:
            proxy = stack.enter_context(EgressProxy.start(limits.hosts))
            put_back = ProxySetting(driver.link, int(proxy.address.rpartition(":")[2])).close
            stack.callback(put_back)
        owned = ExitStack()
        env = PhoneEnv(driver, *begin, apps=limits.apps, hosts=limits.phone_hosts, put_back=put_back, owned=owned)
        owned.push(stack.pop_all())
        return env


@dataclass(frozen=True)
class _Limits:
    apps: tuple[str, ...] | None
    hosts: Allowed | None

    @property
    def phone_hosts(self) -> AllowedHosts | None:
        """What the environment looks at."""
        return None if self.hosts is None else AllowedHosts(self.hosts)


def _limits(options: Mapping[str, Any]) -> _Limits:
    """Raises `SetupError`."""
    lists: dict[str, tuple[str, ...] | None] = {}
    for name in ("allow_apps", "allow_hosts", "load_hosts"):
        given = options.get(name)
        if given is not None and (isinstance(given, str) or not all(isinstance(each, str) for each in given)):
            raise SetupError(f"{name} is a list of texts, not {given!r}.")
        lists[name] = None if given is None else tuple(given)
    visited, loaded = lists["allow_hosts"], lists["load_hosts"]
    hosts = None if visited is None and loaded is None else Allowed.read(visited or (), loaded)
    return _Limits(lists["allow_apps"], hosts)


def phone_options(options: Mapping[str, Any]) -> PhoneOptions:
    """How a simulated phone is, by the options of `open_phone`. Raises `SetupError`."""
    default = PhoneOptions()
    try:
        return PhoneOptions(
            size=read_size(str(options.get("size") or default.size)),
            density=int(options.get("density") or default.density),
            seed=int(options.get("phone_seed") or 0),
            clock=options.get("clock") or default.clock,
            animations=bool(options.get("animations")),
            port=int(options.get("port") or 0),
            allow_hosts=tuple(options.get("allow_hosts") or ()),
            load_hosts=tuple(options.get("load_hosts") or ()),
        )
    except InvalidAction as error:
        raise SetupError(str(error)) from error


def read_faults(said: Sequence[str]) -> dict[str, float]:
    """Faults by name from `NAME` or `NAME=VALUE`. Raises `SetupError`."""
    faults: dict[str, float] = {}
    for text in said:
        name, _, value = text.partition("=")
        if name not in VOCABULARY:
            raise SetupError(f"there is no fault {name!r}.", fix=f"use one of {', '.join(VOCABULARY)}")
        try:
            faults[name] = float(value or 1)
        except ValueError as error:
            raise SetupError(f"the value of the fault {name} is a number, not {value!r}.") from error
    return faults


def _simulated(options: PhoneOptions, faults: Mapping[str, float], begin: tuple[str, str], limits: _Limits) -> PhoneEnv:
    with ExitStack() as stack:
        # The one ends with this process by itself and so does the other; the order only spares the server the sight of a phone dying.
        phones = stack.enter_context(SimPhones(1, options))
        server = stack.enter_context(PrivateServer())
        driver = AndroidDriver.connect(phones.serials[0], AndroidOptions(server=server.address))
        owned, restore = ExitStack(), _restore(phones, faults)
        env = PhoneEnv(driver, *begin, restore=restore, owned=owned, apps=limits.apps, hosts=limits.phone_hosts)
        owned.push(stack.pop_all())
        return env


def _restore(phones: SimPhones, faults: Mapping[str, float]) -> Callable[[], None]:
    """What brings the phone back to its beginning, the faults that were asked for included; past adb, which those may hinder."""
    serial = phones.serials[0]

    def restore() -> None:
        done = phones.run(serial, "simphone reset")
        if done.returncode:
            raise SetupError(f"The simulated phone was not reset: {done.stderr.decode(errors='replace').strip()}")
        for name, value in faults.items():
            phones.fault(serial, name, value)

    return restore
