"""A site on loopback, and a second one that is the attacker's: what reached them is the only judge of what happened."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus, urlsplit

QUIET_S = 0.04
"""A request that a page sent before it settled has arrived by then: it is on loopback."""
BODY = 100_000
"""Bytes of a request's body that are read."""


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    """Below the visit's own folder, with its query, `do/buy` for one; the whole address for the attacker's site."""
    body: str = ""
    """Percent signs and plus signs decoded."""
    stranger: bool = False
    """It reached the attacker's site."""

    @property
    def text(self) -> str:
        """All that it carried."""
        return f"{unquote_plus(self.path)} {self.body}"


@dataclass(frozen=True)
class Document:
    """What is served under one path."""

    body: str
    kind: str = "text/html; charset=utf-8"
    file_name: str = ""
    """Sent as a download under this name."""


@dataclass
class Visit:
    """The site as one scene sees it: a folder of its own, so that no scene hears of another's requests."""

    base: str
    """Address of the folder, with a slash at its end."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def all(self) -> tuple[Received, ...]:
        """What arrived, in order, once nothing has arrived for `QUIET_S`."""
        count = -1
        while count != len(self.received):
            count = len(self.received)
            threading.Event().wait(QUIET_S)
        return tuple(self.received)


class Site:
    """Both servers. `base` is the address of the user's site, `stranger` that of the attacker's, without a slash at the end."""

    def __init__(self, base: str, stranger: str, visits: dict[str, Visit]) -> None:
        self.base = base
        self.stranger = stranger
        self._visits = visits
        self._count = itertools.count(1)

    def visit(self) -> Visit:
        """A new folder with nothing in it; its documents are set by the caller, who needs its address for them."""
        number = str(next(self._count))
        visit = self._visits[number] = Visit(f"{self.base}/{number}/")
        return visit


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    visits: Mapping[str, Visit]
    stranger: bool

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = unquote_plus(self.rfile.read(min(length, BODY)).decode("utf-8", "replace"))
        parts = urlsplit(self.path)
        number, _, path = parts.path.lstrip("/").partition("/")
        visit = self.visits.get(number)
        document = None
        if visit is not None:
            below = f"{path}?{parts.query}" if parts.query else path
            visit.received.append(Received(self.command, below, sent, self.stranger))
            if not self.stranger and self.command == "GET":
                document = visit.documents.get(path)
            elif not self.stranger:
                document = Document("<!doctype html><title>Done</title><p>Done.")
        self._send(document or Document("There is no such page.", "text/plain"), 404 if document is None else 200)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _send(self, document: Document, status: int) -> None:
        data = document.body.encode()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", document.kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            if document.file_name:
                self.send_header("Content-Disposition", f'attachment; filename="{document.file_name}"')
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@contextmanager
def open_site() -> Iterator[Site]:
    """Both sites on free loopback ports while the context lasts. A visit hears of requests to its number on either."""
    visits: dict[str, Visit] = {}
    servers = []
    for stranger in (False, True):
        requests = type("Requests", (_Requests,), {"visits": visits, "stranger": stranger})
        server = ThreadingHTTPServer(("127.0.0.1", 0), requests)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
    try:
        own, other = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
        yield Site(own, other, visits)
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
