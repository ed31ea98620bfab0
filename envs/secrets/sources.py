"""Where values come from: the environment, a file, the system's keyring. Messages never hold a value."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import MutableMapping
from pathlib import Path

from handeye.tools.errors import SetupError

_SCHEMES = ("env", "file", "keyring")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_BYTES = 16_384
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def scheme_of(source: str) -> str:
    """`env`, `file` or `keyring`; empty for what is no source."""
    scheme, given, rest = source.removeprefix("totp:").partition(":")
    return scheme if given and rest and scheme in _SCHEMES else ""


def read_source(name: str, source: str, environ: MutableMapping[str, str], spent: set[str], anyone: bool) -> tuple[str, str]:
    """The value that `source` holds, and where it was, in words. A variable that was read is added to `spent`.

    `anyone`: the file may be readable by others than its owner. Raises `SetupError` when there is no value.
    """
    plain = source.removeprefix("totp:")
    scheme, place = scheme_of(source), plain.partition(":")[2]
    if scheme == "env":
        return _from_environment(name, place, environ, spent), f"the variable {place}"
    if scheme == "file":
        return _from_file(name, Path(place).expanduser(), anyone), f"the file {place}"
    return _from_keyring(name, place), f"the keyring, {place}"


def _from_environment(name: str, variable: str, environ: MutableMapping[str, str], spent: set[str]) -> str:
    if not _VARIABLE.fullmatch(variable):
        raise SetupError(f"The secret {name} names no environment variable.", fix="write env:NAME_OF_THE_VARIABLE")
    value = environ.get(variable, "")
    if not value:
        raise SetupError(f"The secret {name}: the environment variable {variable} is not set, or empty.", fix=f"set {variable} first")
    spent.add(variable)
    return value


def _from_file(name: str, path: Path, anyone: bool) -> str:
    try:
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise SetupError(f"The secret {name}: {path} cannot be read ({getattr(error, 'strerror', None) or 'no path'}).") from None
    try:
        # Of the open file: its name may lead elsewhere a moment later.
        facts = os.fstat(opened)
        if not stat.S_ISREG(facts.st_mode):
            raise SetupError(f"The secret {name}: {path} is no file.")
        if os.name == "posix" and not anyone:
            _check_mode(name, path, facts)
        data = os.read(opened, _MOST_BYTES + 1)
    except OSError as error:
        raise SetupError(f"The secret {name}: {path} cannot be read ({error.strerror}).") from None
    finally:
        os.close(opened)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SetupError(f"The secret {name}: {path} is no UTF-8 text.") from None
    return text.removesuffix("\n").removesuffix("\r")


def _check_mode(name: str, path: Path, facts: os.stat_result) -> None:
    if facts.st_mode & _OTHERS:
        raise SetupError(
            f"The secret {name}: others than its owner may open {path} (mode {stat.S_IMODE(facts.st_mode):o}).",
            fix=f"chmod 600 {path}, or add ;anyone where the system keeps others away (a container's /run/secrets)",
        )
    if facts.st_uid not in (os.geteuid(), 0):
        raise SetupError(f"The secret {name}: {path} belongs to another user, who can change it.", fix="use a file of your own")


def _from_keyring(name: str, place: str) -> str:
    service, given, user = place.partition("/")
    if not given or not service or not user:
        raise SetupError(f"The secret {name} names no entry of the keyring.", fix="write keyring:SERVICE/USER")
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise SetupError("The keyring needs the package keyring.", fix="pip install 'handeye[secrets]'") from error
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise SetupError(
            f"The secret {name}: the system's keyring cannot be asked ({type(error).__name__}).",
            fix="unlock the keyring, or use env: or file:",
        ) from None
    if not value:
        raise SetupError(f"The secret {name}: the keyring has no entry {service}/{user}.", fix=f"keyring set {service} {user}")
    return value
