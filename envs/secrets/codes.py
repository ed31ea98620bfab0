"""One-time codes (RFC 6238) through pyotp: computed at the moment when they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    from pyotp import TOTP


def check_seed(name: str, seed: str) -> None:
    """Raise `SetupError`, without the seed, when no code can be computed from it."""
    _generator(name, seed)


def code_of(name: str, seed: str) -> str:
    """The code of this moment. Raises as `check_seed` does."""
    return _generator(name, seed).now()


def texts_of_seed(seed: str) -> tuple[str, ...]:
    """The forms in which a seed may be seen: as it was given, and its key alone, with and without spaces."""
    key = (parse_qs(urlsplit(seed).query).get("secret") or [""])[0] if seed.startswith("otpauth:") else seed
    return tuple({text for text in (seed, key, _plain(key), _plain(key).upper()) if text})


def _plain(key: str) -> str:
    return re.sub(r"[\s-]", "", key)


def _generator(name: str, seed: str) -> TOTP:
    try:
        import pyotp
    except ImportError as error:
        raise SetupError("One-time codes need the package pyotp.", fix="pip install 'handeye[secrets]'") from error
    try:
        if seed.startswith("otpauth:"):
            made = pyotp.parse_uri(seed)
            if not isinstance(made, pyotp.TOTP):
                raise ValueError("not totp")
        else:
            made = pyotp.TOTP(_plain(seed).upper())
        made.byte_secret()
        made.now()
    except (ValueError, TypeError, KeyError, AttributeError):
        # Without the cause: pyotp's messages quote what they could not read.
        raise SetupError(
            f"The secret {name} is no seed of one-time codes.", fix="store the base32 key, or the whole otpauth://totp/... address"
        ) from None
    if len(_plain(made.secret)) < 8:
        raise SetupError(f"The seed of the secret {name} is too short to be one.", fix="store the whole base32 key")
    return made
