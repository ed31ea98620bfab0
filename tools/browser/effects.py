"""Requests by which a page changes something on a server: which those are, and holding them back.

Not seen here: messages of sockets, and GETs that change something all the same, unless they say so.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from handeye.tools.browser.cover import Cover

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""RFC 9110, 9.2.1."""
OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
"""Headers by which frameworks let one method stand for another."""
OVERRIDE_FIELDS = frozenset({"_method", "_http_method", "http_method", "x-http-method-override"})
"""Fields of a query by which they do."""
AFTER_INPUT_S = 2.0
"""How long after the last input a page's requests are taken for its effect."""
_GRAPHQL_KEYS = frozenset({"query", "variables", "operationName", "extensions"})


@dataclass(frozen=True)
class HeldRequest:
    """A request that was held back: no byte of it left the browser."""

    method: str
    url: str
    origin: str
    """Origin of the document that sent it; empty where the browser does not say."""
    identity: str
    """What the caller of `hold_effects` gave: the target of the input that it followed."""
    why: str = ""
    """Where something was allowed: why this is something else."""


class Effects:
    """Whether requests are being held back now, and those that were. Lives on the event loop of the browser."""

    def __init__(self) -> None:
        self.sent = False
        """Something that was covered was sent since the last `hold`."""
        self._identity: str | None = None
        self._harmless: tuple[re.Pattern[str], ...] = ()
        self._cover: Cover | None = None
        self._until = 0.0
        self._held: list[HeldRequest] = []
        self._due: set[str] = set()
        """Frames that are on the way to the answer of what was covered."""
        self._answered: set[str] = set()
        """Frames in which it came up."""

    def hold(self, identity: str, harmless: tuple[str, ...], cover: Cover | None = None) -> None:
        """From now on, and for `AFTER_INPUT_S` after the last input once `release` was called, hold back what would change something, but
        for what `cover` covers."""
        self._harmless = tuple(_pattern(text) for text in harmless)
        self._identity, self._until, self._cover, self.sent = identity, float("inf"), cover, False
        self._due, self._answered = set(), set()

    def release(self) -> tuple[HeldRequest, ...]:
        """What was held back since the last call. What the last input still sets off is held back until its time is over."""
        if self._until == float("inf"):
            self._until = time.monotonic() + AFTER_INPUT_S
        held, self._held = tuple(self._held), []
        return held

    def input(self) -> None:
        """The caller touches the page: unless `hold` was called for it, it may change something."""
        if self._until != float("inf"):
            self.end()

    def end(self) -> None:
        """Hold nothing back any more, and forget what was."""
        self._identity, self._until, self._held = None, 0.0, []

    def arrived(self, frame: str) -> None:
        """Another document came up in a frame that is the page of a tab: nothing of the one before is left in it."""
        if frame in self._due:
            self._answered.add(frame)

    def stops(self, request: Mapping[str, Any], told: bool = True, document: str = "", hop: bool = False) -> HeldRequest | None:
        """The record of a request (CDP `Network.Request`) that must not be sent now; None: it may.

        `told`: `release` tells of it. `document`: the frame in which it opens a document; empty: it opens none. `hop`: a redirect leads
        there.
        """
        if self._identity is None or time.monotonic() > self._until:
            return None
        if not changes(request):
            if document and self._cover is not None and self._cover.reads(request):
                self._due.add(document)
            return None
        method, url = str(request["method"]).upper(), str(request["url"])
        line = f"{method} {re.sub(r'^[a-zA-Z][a-zA-Z0-9+.-]*://', '', url)}"
        if any(pattern.fullmatch(line) for pattern in self._harmless):
            return None
        origin, why = _origin(request), ""
        if self._cover is not None:
            answered = document in self._answered
            fault = None if answered else self._cover.fault(request, origin, document=bool(document), hop=hop)
            if fault is None:
                self.sent = self.sent or told
                self._due |= {document} - {""}
                return None
            why = fault
        held = HeldRequest(method, url, origin, self._identity, why)
        if told:
            self._held.append(held)
        return held


def changes(request: Mapping[str, Any]) -> bool:
    """Whether a request (CDP `Network.Request`) asks the server to change something: all but GET, HEAD, OPTIONS and GraphQL queries.

    A GET that says in a header or in its query that it means another method is that; so is one whose query writes by GraphQL.
    """
    method = str(request["method"]).upper()
    if any(name.lower() in OVERRIDES for name in request.get("headers", {})) or _query_changes(str(request["url"])):
        return True
    return method not in SAFE_METHODS and not (method == "POST" and _is_query(_body(request)))


def _query_changes(url: str) -> bool:
    fields = parse_qsl(url.partition("?")[2].partition("#")[0], keep_blank_values=True)
    return any(
        (name.lower() in OVERRIDE_FIELDS and value.upper() not in SAFE_METHODS | {""})
        or (name == "query" and re.match(r"\s*mutation\b", value) is not None)
        for name, value in fields
    )


def _pattern(text: str) -> re.Pattern[str]:
    method, _, place = text.strip().partition(" ")
    exact, rest = (place[:-1], ".*") if place.endswith("*") else (place, r"(?:\?.*)?")
    return re.compile(re.escape(f"{method.upper()} {exact.strip()}") + rest, re.DOTALL)


def _origin(request: Mapping[str, Any]) -> str:
    headers = {name.lower(): str(value) for name, value in request.get("headers", {}).items()}
    if "origin" in headers:
        return headers["origin"]
    found = re.match(r"[a-z][a-z0-9+.-]*://[^/]+", headers.get("referer", ""))
    return found.group() if found else ""


def _body(request: Mapping[str, Any]) -> str | None:
    """The whole body as text; None when the browser does not hand it over."""
    if "postData" in request:
        return str(request["postData"])
    entries = request.get("postDataEntries") or []
    if not entries or not all("bytes" in entry for entry in entries):
        return None
    return b"".join(base64.b64decode(entry["bytes"]) for entry in entries).decode("utf-8", "replace")


def _is_query(body: str | None) -> bool:
    """Whether a body is GraphQL over HTTP that only reads. One document may hold several operations, of which another field picks one:
    a word that could begin a writing one, anywhere, is enough to hold it back."""
    if body is None:
        return False
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return False
    operations = sent if isinstance(sent, list) else [sent]
    return bool(operations) and all(
        isinstance(one, dict)
        and set(one) <= _GRAPHQL_KEYS
        and isinstance(query := one.get("query"), str)
        and re.match(r"\s*(?:query\b|\{)", query) is not None
        and re.search(r"\b(?:mutation|subscription)\b", query) is None
        for one in operations
    )
