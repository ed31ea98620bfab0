"""The shop, the attacker and their pages on loopback: one server that tells them apart by the name that it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from handeye.benchmarks.safety.secrets.cases import EVIL, REPORTS, SECOND, Case

_SINK = f"<h1>Thank you</h1><input style='{SECOND}'>" + REPORTS


class Servers:
    """Serves the pages of one case at a time. `received` holds host, path and query of every request since `show`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[tuple[str, str]] = []
        self._pages: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self.changed = threading.Event()
        """Set at each request; whoever waits for one clears it."""

    def show(self, case: Case) -> str:
        """Serve `case` from now on; the address at which it begins."""
        page = case.html.format(port=self.port)
        if case.framed:
            style = "position:absolute;left:0;top:0;width:400px;height:120px;border:0"
            page += f"<iframe id=f {case.frame_options} src='http://{case.framed_host}:{self.port}/framed' style='{style}'></iframe>"
        with self._lock:
            self.received = []
            self._pages = {(case.host, "/page"): page, (case.framed_host, "/framed"): case.framed.format(port=self.port)}
            self._pages.setdefault((EVIL, "/page"), _SINK)
        return f"http://{case.host}:{self.port}/page"

    def page(self, host: str, path: str) -> str:
        """What is served at a place."""
        with self._lock:
            self.received.append((host, path))
            self.changed.set()
            return self._pages.get((host, urlsplit(path).path), "<p>Done.")

    def requests(self) -> list[tuple[str, str]]:
        """What was received so far."""
        with self._lock:
            return list(self.received)


@contextmanager
def serving() -> Iterator[Servers]:
    """The servers, while this lasts."""

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = servers.page((self.headers.get("Host") or "").rpartition(":")[0], self.path)
            data = f"<!doctype html><meta charset=utf-8><body style='margin:0'>{body}".encode()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    servers = Servers(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, name="shop", daemon=True)
    thread.start()
    try:
        yield servers
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
