"""A secret as it is declared: its name, where its value comes from, and the one place that may have it.

NAME=SOURCE@WHERE[;fields=password|otp|any][;uses=N][;anyone]

bank=env:BANK_PASSWORD@https://shop.test
bank=file:~/.secrets/bank@https://shop.test:8443;uses=1
code=totp:keyring:bank/ada@https://shop.test
pin=file:/run/secrets/pin@app:com.example.bank;fields=any
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import SupportsIndex, get_args

from handeye.envs.secrets.sources import read_source, scheme_of
from handeye.envs.secrets.where import Where, read_where
from handeye.tools.errors import SetupError
from handeye.tools.private import HIDDEN, FieldKind

SECRET_HELP = (
    "A secret that the model can have typed and never sees: NAME=SOURCE@WHERE, with SOURCE env:VARIABLE, file:PATH or "
    "keyring:SERVICE/USER (totp: before it for one-time codes), and WHERE the exact origin https://host[:port] or app:PACKAGE. "
    "Options after it: ;fields=password|otp|any ;uses=N ;anyone (the file may be readable by others). May be given several times."
)
"""What `--secret` is, for the command line's help."""
FORM = "write NAME=SOURCE@WHERE, as in bank=env:BANK_PASSWORD@https://shop.test"
LEAST = 4
"""Characters of a value at least. What is shorter stands on any screen and in any log by chance: it could not be told from other text, and
hiding it would black out half of the screen. A one-time code is computed when it is typed, and is longer."""
MOST = 4_096
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, halves of pairs, and line ends."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


class Value:
    """Holds a text that never shows itself: not in `repr` or `str`, not when it is pickled, copied or compared."""

    __slots__ = ("_read",)

    def __init__(self, text: str) -> None:
        # In a closure: whatever walks over attributes and prints them finds a function.
        self._read: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        """The text. Keep it no longer than it takes to use it."""
        return self._read()

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> str:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, eq=False)
class Secret:
    """A value by name, bound to one place. `eq=False`: comparing would tell whether two values are the same."""

    name: str
    where: Where
    value: Value
    """What is typed; for one-time codes what they are computed from."""
    fields: FieldKind = "password"
    uses: int | None = None
    """How often it may be typed. None: as often as it is asked for."""
    one_time: bool = False
    """Its value is a TOTP seed (base32, or an otpauth:// address), of which a code is typed."""
    source: str = field(default="", compare=False)
    """Where the value was read from, in words; never the value."""

    @property
    def placeholder(self) -> str:
        """What the model writes in its place."""
        return f"[[secret:{self.name}]]"


def read_secret(text: str, environ: MutableMapping[str, str] = os.environ) -> Secret:
    """The secret that `text` declares, with its value read.

    An environment variable is removed after it was read, so that no child process inherits it (`read_secrets`, for several secrets of one
    variable). Raises `SetupError`, which quotes nothing that may be a value, for whatever cannot be read or is bound to nothing.
    """
    return read_secrets((text,), environ)[0]


def read_secrets(texts: Sequence[str], environ: MutableMapping[str, str] = os.environ) -> tuple[Secret, ...]:
    """The secrets that `texts` declare, in order; see `read_secret`. Two of one name are a `SetupError`."""
    spent: set[str] = set()
    try:
        secrets = tuple(_declared(text, environ, spent) for text in texts)
    finally:
        for variable in spent:
            environ.pop(variable, None)
    names = [secret.name for secret in secrets]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SetupError(f"There are two secrets of the name {twice}.", fix="give each a name of its own")
    return secrets


def _declared(text: str, environ: MutableMapping[str, str], spent: set[str]) -> Secret:
    name, given, rest = text.partition("=")
    if not given or not _NAME.fullmatch(name):
        raise SetupError("A secret has no name: letters, digits, and . _ - after the first letter.", fix=FORM)
    source, at, bound = rest.rpartition("@")
    if not at:
        source, bound = rest, ""
    if not scheme_of(source):
        raise SetupError(
            f"The secret {name} names no source (env:, file: or keyring:). If its value stood there, others could see it in the list of "
            "processes and in the shell's history: change it.",
            fix=FORM,
        )
    place, *options = bound.split(";")
    if not place.strip():
        raise SetupError(f"The secret {name} is bound to nothing, so that any page could have it.", fix=FORM)
    where = read_where(name, place.strip())
    secret = _with_options(Secret(name, where, Value("")), source.startswith("totp:"), options)
    value, told = read_source(name, source, environ, spent, anyone="anyone" in options)
    _check_value(name, value, secret.one_time)
    return replace(secret, value=Value(value), source=told)


def _with_options(secret: Secret, one_time: bool, options: Sequence[str]) -> Secret:
    fields: FieldKind = "otp" if one_time else "password"
    uses: int | None = None
    given = [option.partition("=")[0] for option in options]
    if twice := next((key for key in given if key in ("fields", "uses", "anyone") and given.count(key) > 1), None):
        raise SetupError(f"The secret {secret.name} has the option {twice} twice.", fix="leave one of them")
    for option in options:
        key, _, value = option.partition("=")
        if key == "fields" and value in get_args(FieldKind):
            fields = value  # type: ignore[assignment]
        elif key == "uses" and re.fullmatch(r"[1-9][0-9]{0,5}", value):
            uses = int(value)
        elif option != "anyone":
            raise SetupError(
                f"The secret {secret.name} has an option that is none: {key[:20]!r}.",
                fix="the options are ;fields=password|otp|any, ;uses=N (1 or more) and ;anyone",
            )
    return replace(secret, fields=fields, uses=uses, one_time=one_time)


def _check_value(name: str, value: str, one_time: bool) -> None:
    if one_time:
        from handeye.envs.secrets.codes import check_seed

        check_seed(name, value)
        return
    if sum(unicodedata.category(letter)[0] not in "CZ" for letter in value) < LEAST:
        raise SetupError(
            f"The value of the secret {name} has fewer than {LEAST} characters that can be seen: it would be found, and blacked out, all "
            "over any screen.",
            fix="type it as plain text, or use a longer one",
        )
    if len(value) > MOST or any(unicodedata.category(letter) in _NO_TEXT for letter in value):
        raise SetupError(
            f"The value of the secret {name} is no line of text: it holds control characters, or more than {MOST} characters.",
            fix="store the value alone, on one line",
        )
