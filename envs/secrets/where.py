"""Where a secret may be typed: one exact origin, or one app; and whether what has the focus is that place."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from handeye.tools.egress.hosts import looks_latin
from handeye.tools.errors import SetupError
from handeye.tools.private import FieldKind
from handeye.tools.target import Target

_APP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,120}")
_CODE_WORDS = re.compile(
    r"(?<![a-z])(?:t?otp|2fa|mfa|one[\s_-]?time|(?:verification|security|authenti\w+|login|sign[\s_-]?in|sms|access)[\s_-]?(?:code|token)"
    r"|code|passcode|token|pin)(?![a-z])"
)
_OTHER_CODES = re.compile(
    r"(?<![a-z])(?:zip|post(?:al)?|promo\w*|coupon|discount|country|area|gift|voucher|qr|bar|colou?r|language|source)[\s_-]?code"
)
_TYPED = frozenset({"", "text", "tel", "number", "password"})
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Where:
    """One place. Exactly one of the two is not empty."""

    origin: str = ""
    """As a browser writes it: `https://shop.test`, a port where it is not the scheme's own."""
    app: str = ""
    """Package of an app; class of a window (WM_CLASS) on a desktop."""

    def __str__(self) -> str:
        return self.origin or f"the app {self.app}"


def read_where(name: str, text: str) -> Where:
    """The place that `text` names: an exact origin, or `app:` and a name. Raises `SetupError` for anything wider, with the reason."""
    if text.startswith("app:"):
        app = text.removeprefix("app:").strip()
        if not _APP.fullmatch(app):
            raise SetupError(f"The secret {name} is bound to no app.", fix="write app:com.example.bank, or app:CLASS of a window")
        return Where(app=app)
    return Where(origin=_origin(name, text))


def refusal(where: Where, fields: FieldKind, target: Target) -> str | None:
    """Why a secret for `where` and fields of this kind may not be typed into `target`, in words; None: it may."""
    if not target.known:
        return f"it cannot be told what has the focus ({', '.join(target.doubts) or 'unknown'})"
    if where.origin and target.surface != "browser":
        return f"it is bound to {where}, and this is no page in a browser that handeye drives"
    if where.app and target.surface == "browser":
        return f"it is bound to {where}, and this is a page in a browser"
    if where.origin and target.origin != where.origin:
        return f"it is bound to {where}, and the field that has the focus is in a document of {target.origin or 'no origin'}"
    if where.app and where.app not in _names(target.app):
        return f"it is bound to {where}, and the field that has the focus is in {target.app or 'an unknown app'}"
    return None if fits(fields, target) else _WRONG_FIELD[fields]


_WRONG_FIELD: dict[FieldKind, str] = {
    "password": "it goes into a password field only, and the focus is in none: click the password field first",
    "otp": "it goes into a field for one-time codes only, and the focus is in none: click that field first",
    "any": "it goes into a field that can be edited, and the focus is in none: click the field first",
}


def fits(fields: FieldKind, target: Target) -> bool:
    """Whether `target` is a field of the right kind, by what the device says of it."""
    if "disabled" in target.states:
        return False
    password = "password" in target.states or target.input_type == "password"
    if fields == "password":
        return password
    if fields == "any":
        return password or "editable" in target.states
    tokens = target.autocomplete.lower().split()
    if "one-time-code" in tokens:
        return True
    if target.input_type not in _TYPED or not (password or "editable" in target.states):
        return False
    words = " ".join((target.name, target.resource_id.rpartition("/")[2], *tokens))
    words = _HUMPS.sub(" ", words).lower()
    return bool(_CODE_WORDS.search(_OTHER_CODES.sub(" ", words)))


def _names(app: str) -> frozenset[str]:
    """The names in what a device calls an app: the whole, and a window's class and program apart."""
    return frozenset({app, *re.split(r"[\s,/]+", app)})


def _origin(name: str, text: str) -> str:
    if "://" not in text:
        raise SetupError(f"The secret {name} is bound to no origin.", fix="write the scheme too, as in https://shop.test, or app:NAME")
    try:
        import ada_url
    except ImportError as error:
        raise SetupError("Secrets for web pages need the package ada-url.", fix="pip install 'handeye[browser]'") from error
    try:
        read = ada_url.URL(text)
    except ValueError:
        raise SetupError(
            f"The secret {name} is bound to {text!r}, which is no address.", fix="write https://host or https://host:port"
        ) from None
    host = text.partition("://")[2]
    if not host.isascii() and looks_latin(re.split(r"[/:?#]", host)[0]):
        raise SetupError(
            f"The secret {name} is bound to {text!r}, which is written in look-alike letters.", fix=f"write {read.origin}, if that is meant"
        )
    if "*" in text or read.username or read.password or read.search or read.hash or read.pathname not in ("", "/") or "@" in text:
        raise SetupError(
            f"The secret {name} is bound to {text!r}, which is more or less than one origin.",
            fix=f"write scheme, host and port only: {read.origin}" if "*" not in text else "name one host",
        )
    if read.protocol == "https:" or (read.protocol == "http:" and _loopback(read.hostname)):
        return str(read.origin)
    raise SetupError(
        f"The secret {name} is bound to {text!r}: only https keeps it from those on the way (http: on this machine's own addresses only).",
        fix="write https://",
    )


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
