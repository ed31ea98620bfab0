"""What a browser was kept from doing: typed records for the trajectory, and words for the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

RefusedKind: TypeAlias = Literal["address", "document", "page", "network", "request", "download", "upload", "login", "program"]
"""An address that the agent asked for; a document that a page was about to open; a page that came up and was taken away; a connection that
the proxy refused; a request held back by `hold_effects`; a download; files for a page; a log-in dialog of HTTP; a program outside of the
browser."""


@dataclass(frozen=True)
class Refused:
    """One thing that was not done."""

    kind: RefusedKind
    what: str
    """Address, host or file name, as it came: text of a page. Show it escaped."""
    why: str
    at: float
    """Seconds since 1970."""


def quoted(text: str, limit: int = 120) -> str:
    """Text of a page inside one of our sentences: in quotes that it cannot close, on one line, without characters that cannot be seen."""
    visible = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:limit])
    return '"' + visible.replace('"', "'") + ("..." if len(text) > limit else "") + '"'
