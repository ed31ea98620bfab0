"""What was refused, and on whose behalf it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["page", "browser"]
"""What a page, or whoever drives the browser, wanted; or what the browser wants for itself: updates, accounts, lists of bad sites."""

_BROWSERS_OWN = frozenset(
    """accounts.google.com android.clients.google.com chromeupgradepromptservice-pa.googleapis.com clients1.google.com clients2.google.com
    clients3.google.com clients4.google.com clientservices.googleapis.com content-autofill.googleapis.com dl.google.com
    edgedl.me.gvt1.com firebaseperusertopics-pa.googleapis.com mtalk.google.com optimizationguide-pa.googleapis.com
    passwordsleakcheck-pa.googleapis.com redirector.gvt1.com safebrowsing.googleapis.com safebrowsingohttpgateway.googleapis.com
    sb-ssl.google.com ssl.gstatic.com update.googleapis.com edge.microsoft.com config.edge.skype.com""".split()
)
"""Hosts that Chromium and Edge call of themselves: update.googleapis.com and accounts.google.com as seen by a proxy, the others from their
sources and policies. A page that names one is counted there too; it is refused all the same."""


@dataclass(frozen=True)
class Refusal:
    """One thing that did not leave."""

    host: str
    """As asked for: canonical where it is a host, in quotes where it is none."""
    port: int
    """0: none was given."""
    why: str
    kind: Kind
    at: float
    """Seconds since 1970."""


def kind_of(host: str) -> Kind:
    """On whose behalf `host` (canonical) is asked for, as far as its name tells."""
    return "browser" if host in _BROWSERS_OWN else "page"
