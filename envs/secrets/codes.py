"""One-time codes (RFC 6238) through pyotp: computed at the moment when they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    from pyotp import TOTP

_LEAST_BITS = 80
"""Bits of a key at least. pyotp asks for 112 (NIST SP 800-63B-4), but many services give keys of 16 letters, which are 80, and their users
cannot choose others."""
_LONG = "A" * 32


def check_seed(name: str, seed: str) -> None:
    """Raise `SetupError`, without the seed, when no code can be computed from it."""
    _generator(name, seed)


def code_of(name: str, seed: str) -> str:
    """The code of this moment. Raises as `check_seed` does."""
    return _generator(name, seed).now()


def texts_of_seed(seed: str) -> tuple[str, ...]:
    """The forms in which a seed may be seen: as it was given, and its key alone, with and without spaces."""
    key = _key(seed)
    return tuple({text for text in (seed, key, _plain(key), _plain(key).lower()) if text})


def _plain(key: str) -> str:
    return re.sub(r"[\s-]", "", key).upper()


def _key(seed: str) -> str:
    return (parse_qs(urlsplit(seed).query).get("secret") or [""])[0] if seed.startswith("otpauth:") else seed


def _generator(name: str, seed: str) -> TOTP:
    try:
        import pyotp
    except ImportError as error:
        raise SetupError("One-time codes need the package pyotp.", fix="pip install 'handeye[secrets]'") from error

    class Code(pyotp.TOTP):
        min_secret_length_bits = _LEAST_BITS

    try:
        key = _plain(_key(seed))
        if not seed.startswith("otpauth:"):
            return Code(key)
        # pyotp reads the address, with a key in it that is long enough for it; its own is put in afterwards.
        parts = urlsplit(seed)
        query = [(field, _LONG if field == "secret" else value) for field, value in parse_qsl(parts.query)]
        read = pyotp.parse_uri(urlunsplit(parts._replace(query=urlencode(query))))
        if not isinstance(read, pyotp.TOTP):
            raise ValueError("not totp")
        return Code(key, digits=read.digits, digest=read.digest, interval=read.interval)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Without the cause: its message may quote what could not be read.
        raise SetupError(
            f"The secret {name} is no seed of one-time codes.", fix="store the base32 key, or the whole otpauth://totp/... address"
        ) from None
