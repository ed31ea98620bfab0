"""Which hosts may be visited and which may be loaded from: two lists of patterns, and the verdict on an address.

A pattern is `[*.]host[:port][=address]`. Without a port it is https on 443; with one, that port alone, where plain http is allowed too
(443 is https whatever is written). `*.shop.test` is every name below shop.test, at any depth, and not shop.test itself. `*`, on the
list for loading alone, is every name; numbers never match it. `=address` says which network address the name has: no name server is
asked then, and this is how a name is given a private address. A number as host, or `localhost`, lists itself.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handeye.tools.egress.addresses import canonical, canonical_host, number, shortened
from handeye.tools.errors import InvalidAction, SetupError

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

    _Wrong = Callable[..., SetupError]

SCHEMES = ("http", "https", "ws", "wss")
SECURE = ("https", "wss")
HTTPS_PORT = 443
LOOPBACK = ("127.0.0.1", "::1")

_OWN_NAMES = ("localhost", "local", "internal", "home.arpa", "lan", "corp", "home", "intranet", "private", "localdomain")
"""Ends of names that mean this machine, its network or its cloud (RFC 6761, 6762, 8375 and use): `*` does not cover them."""
_METADATA = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"})
"""Names under which clouds hand credentials to whoever asks from a machine of theirs."""
_SAME_SHAPES = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
"""Alphabets, as Unicode names letters, that have shapes of Latin ones."""
_LATIN_SHAPES = frozenset(
    "0123456789-" + "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u051d\u0445\u0443\u0475"
)
"""Cyrillic letters that look like a c d e h i j l o p q s w x y v (Chromium's `idn_spoof_checker.cc`), digits and the hyphen."""
_GRAMMAR = "a pattern is [*.]host[:port][=address], such as shop.test, *.shop.test or shop.test:8080=127.0.0.1"


@dataclass(frozen=True)
class Pattern:
    """One entry of a list, read. `matches` is the whole of its meaning."""

    host: str
    """Canonical; without `*.`; empty for `*`."""
    below: bool
    """Whether it stands for the names below `host`, not for `host`."""
    port: int = HTTPS_PORT
    address: str = ""
    """The network address that the names have. Empty: a name server says."""

    def names(self, host: str) -> bool:
        """Whether it stands for `host` (canonical), on whichever port."""
        if not self.below:
            return host == self.host
        if self.host:
            return host.endswith("." + self.host) and len(host) > len(self.host) + 1
        return number(host) is None and "." in host and not _own(host)

    def matches(self, host: str, port: int, secure: bool) -> bool:
        """Whether it allows `host` (canonical) on `port`; `secure`: by https or wss."""
        return port == self.port and (secure or port != HTTPS_PORT) and self.names(host)


@dataclass(frozen=True)
class Allowed:
    """The two lists in force. `load` holds `navigate` too: what may be visited may be loaded from."""

    navigate: tuple[Pattern, ...]
    load: tuple[Pattern, ...]

    @staticmethod
    def read(navigate: Sequence[str], load: Sequence[str] | None = None) -> Allowed:
        """The lists as patterns are written. `load` None or empty: pages load only from what may be visited.

        Raises `SetupError` that names the first pattern that is wrong, or that would match more than it seems, and says what would be
        right.
        """
        for package in ("ada_url", "publicsuffixlist", "h11"):
            if importlib.util.find_spec(package) is None:
                raise SetupError(f"A list of hosts needs the package {package}.", fix="pip install 'handeye[browser]'")
        visited = _read_list(navigate, "--allow-host", loading=False)
        if not visited:
            raise SetupError("The list of hosts is empty: nothing could be opened.", fix="name one host at least: --allow-host shop.test")
        loaded = _read_list(() if load is None else load, "--load-host", loading=True)
        together = tuple(dict.fromkeys((*visited, *loaded)))
        pinned: dict[tuple[str, bool, int], str] = {}
        for pattern in together:
            if pattern.address and pinned.setdefault((pattern.host, pattern.below, pattern.port), pattern.address) != pattern.address:
                raise SetupError(f"{pattern.host}:{pattern.port} is given two addresses.", fix="leave one of them")
        return Allowed(visited, together)

    def refusal(self, url: str, document: bool) -> str | None:
        """Why `url` may not be opened (`document`: a page, a frame, a form's target, a popup) or loaded from, in words; None: it may be.

        Looks at the address alone: whether a name leads to a private address is seen when it is dialled.
        """
        try:
            address = canonical(url)
        except InvalidAction as error:
            return str(error)
        if address.scheme not in SCHEMES or (document and address.scheme not in ("http", "https")):
            return f"{shortened(address.scheme)} addresses are not opened here, only http and https"
        return self.host_refusal(address.host, address.port, address.scheme in SECURE, document)

    def host_refusal(self, host: str, port: int, secure: bool | None, document: bool = False) -> str | None:
        """Why `host` (canonical) may not be reached on `port`, in words; None: it may. `secure` None: by https or by http."""
        if not host or any(not label for label in host.removesuffix(".").split(".")):
            return "there is no host in it"
        patterns = self.navigate if document else self.load
        ways = (True, False) if secure is None else (secure,)
        if any(pattern.matches(host, port, way) for pattern in patterns for way in ways):
            return None
        shown = f"[{host}]" if ":" in host else host
        named = [pattern for pattern in patterns if pattern.names(host)]
        if any(pattern.port == port for pattern in named):
            return f"{shown} may be reached by https only on port {port}"
        if named:
            return f"port {port} of {shown} is not on the list"
        if document and self.host_refusal(host, port, secure) is None:
            return f"{shown} is on the list for loading, not on the list of hosts that may be visited"
        if _own(host) or number(host) is not None:
            return f"{shown} is not on the list, and such an address has to be listed literally"
        return f"{shown} is not on the list of allowed hosts"

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The network addresses that the lists themselves give `host` on `port`; none: a name server has to be asked."""
        named = [pattern for pattern in self.load if pattern.port == port and pattern.names(host)]
        exact = sorted((pattern for pattern in named if pattern.address), key=lambda pattern: (pattern.below, -len(pattern.host)))
        if exact:
            return (exact[0].address,)
        if all(pattern.below for pattern in named):
            return ()
        if number(host) is not None:
            return (host,)
        return LOOPBACK if host == "localhost" or host.endswith(".localhost") else ()


def _own(host: str) -> bool:
    """Whether a name is of this machine, its network or its cloud."""
    return host in _METADATA or any(host == name or host.endswith("." + name) for name in _OWN_NAMES)


def _read_list(patterns: Sequence[str], option: str, loading: bool) -> tuple[Pattern, ...]:
    """Raises `SetupError`."""
    if isinstance(patterns, str) or not isinstance(patterns, Iterable):
        raise SetupError(f"{option} takes a list of patterns, not {shortened(str(patterns))}.", fix=_GRAMMAR)
    return tuple(read_pattern(pattern, option, loading) for pattern in patterns)


def read_pattern(text: str, option: str = "--allow-host", loading: bool = False) -> Pattern:
    """One pattern. `loading`: for the list of hosts to load from, where `*` may stand. Raises `SetupError`."""

    def wrong(why: str, right: str = _GRAMMAR) -> SetupError:
        return SetupError(f"{option} {shortened(str(text))}: {why}.", fix=right)

    if not isinstance(text, str) or not text:
        raise wrong("there is no host in it")
    if reason := _wrong_letters(text):
        raise wrong(*reason)
    left, pin, address = text.partition("=")
    shape = re.fullmatch(r"(\*\.)?(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?", left)
    if shape is None:
        raise wrong("its brackets do not hold an IPv6 address", "[::1]:8080")
    below, name, port = shape.group(1) is not None, shape.group(2), shape.group(3)
    if port is not None and ":" in port:
        raise wrong("it has more than one colon", "an IPv6 address stands in brackets: [::1]:8080")
    if port is not None and not (re.fullmatch(r"[1-9][0-9]{0,4}", port) and int(port) < 65536):
        raise wrong("what follows the colon is no port", "a port is a number from 1 to 65535")
    if name == "*" and not below:
        host, below = "", True
        if not loading:
            raise wrong("it would allow every host", "name the hosts; `*` can only stand for what pages load: --load-host '*'")
        if pin:
            raise wrong("every name cannot have one address", "name the hosts that have it")
    else:
        host = _read_host(name, below, bool(pin), wrong)
    return Pattern(host, below, int(port) if port else HTTPS_PORT, _read_address(address, wrong) if pin else "")


def _wrong_letters(text: str) -> tuple[str, str] | None:
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        return "it has a space or an invisible character in it", "write the host alone"
    if "://" in text:
        return "it has a scheme", "write the host alone: shop.test is https, shop.test:80 is http"
    if "@" in text:
        return "it has a user name in it", "write the host alone, what follows the @"
    if "/" in text or "\\" in text or "?" in text or "#" in text:
        return "it has a path or a range in it", "write the host alone; whole hosts are allowed, not paths, and addresses one by one"
    if "%" in text:
        return "it has a percent sign in it", "write the letters themselves"
    if "," in text or ";" in text:
        return "it is more than one pattern", "give the option once for each"
    return None


def _read_host(name: str, below: bool, pinned: bool, wrong: _Wrong) -> str:
    if "*" in name:
        raise wrong("`*` can stand at the beginning only, as `*.`", "*.shop.test is every name below shop.test")
    if name.startswith("."):
        raise wrong("it begins with a dot", f"shop.test is the host itself, *{shortened(name)[1:-1]} every name below it")
    if name.endswith((".", "。")):
        raise wrong("it ends with a dot", "write it without: a browser takes the two for different hosts")
    try:
        host = canonical_host(name)
    except InvalidAction:
        raise wrong("there is no host in it that a browser would know") from None
    if ".." in host or len(host) > 253 or any(len(label) > 63 for label in host.split(".")):
        raise wrong("no host has such a name")
    if number(host) is not None:
        return _read_number(host, name, below, pinned, wrong)
    if not name.isascii() and (not any(label.startswith("xn--") for label in host.split(".")) or looks_latin(name)):
        raise wrong("it is written in look-alike letters", f"write {host}, if that is meant")
    if below:
        _check_below(host, wrong)
    if "." not in host and host != "localhost" and not pinned:
        raise wrong("what a name without a dot leads to depends on the network", f"write it in full, or {host}=10.1.2.3 with its address")
    return host


def _read_number(host: str, name: str, below: bool, pinned: bool, wrong: _Wrong) -> str:
    value = number(host)
    assert value is not None
    if below:
        raise wrong("a number has no names below it", "list the number alone")
    if value.version == 6 and value.ipv4_mapped:
        raise wrong("it is an IPv4 address in disguise", f"write {value.ipv4_mapped}")
    if host != name.strip("[]").lower():
        raise wrong(f"a browser reads it as {host}", f"write {f'[{host}]' if ':' in host else host}, if that is meant")
    if value.is_unspecified or value.is_multicast:
        raise wrong("no one host has that address", "this machine is 127.0.0.1 or [::1]")
    if pinned:
        raise wrong("a number is its own address", "list the number alone, or a name with that address")
    return host


def _check_below(host: str, wrong: _Wrong) -> None:
    """Raises `SetupError` for `*.host` where anybody can have a name."""
    if suffixes().is_public(host):
        raise wrong("it would match everybody's hosts: that is a public suffix", "name the domain below it: *.shop.test, shop.github.io")
    inner = min((suffix for suffix in _all_suffixes() if suffix.endswith("." + host)), key=lambda text: (len(text), text), default=None)
    if inner is not None:
        raise wrong(f"it would match everybody's hosts below {inner}, a public suffix", f"name what is meant, such as www.{host}")


def looks_latin(name: str) -> bool:
    """Whether a label can be taken for another: Latin letters mixed with those of an alphabet that has the same shapes (what browsers show
    as `xn--`, by UTS 39 5.2), or nothing but shapes of Latin letters out of one."""
    for label in re.split("[.\u3002]", name):
        alphabets = {unicodedata.name(letter, "").split(" ")[0] for letter in label if letter.isalpha()}
        if alphabets & _SAME_SHAPES and ("LATIN" in alphabets or set(label.lower()) <= _LATIN_SHAPES):
            return True
    return False


def _read_address(address: str, wrong: _Wrong) -> str:
    value = number(address.removeprefix("[").removesuffix("]"))
    if value is None or (value.version == 6 and value.scope_id is not None):
        raise wrong("what follows the = is no network address", "shop.test=127.0.0.1 or shop.test=::1; the port stands before it")
    return str(value)


@functools.cache
def suffixes() -> PublicSuffixList:
    """Public suffixes, those that companies keep for their customers (github.io) with them; an unknown top level is one."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=False, accept_unknown=True)


@functools.cache
def _all_suffixes() -> frozenset[str]:
    """All of them; a rule with `*` counts as what is behind that. Read from the list's own text, which the package comes with."""
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, "rb") as file:
        lines = [line.split()[0].decode() for line in file if line.strip() and not line.startswith(b"//")]
    names = [line.removeprefix("*.") for line in lines if not line.startswith("!")]
    return frozenset(name if name.isascii() else canonical_host(name) for name in names)
