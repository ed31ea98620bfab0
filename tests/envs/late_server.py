"""A server of one machine under two names, which are two sites to a browser: what was sent to it, and to which name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Server:
    """`here` and `there`: its address under the name of the page's site and of another, without a slash at the end."""

    here: str
    there: str
    pages: dict[str, str] = field(default_factory=dict)
    """Bodies by path; what has none is answered with a word."""
    sent: list[str] = field(default_factory=list)
    """Requests other than GET: `POST here/pay amount=10`."""
    asked: list[str] = field(default_factory=list)
    """Paths of GETs."""

    def show(self, html: str, path: str = "/page") -> str:
        """The address of a page with `html` in its body; `HERE` and `THERE` in it are the two addresses."""
        body = html.replace("THERE", self.there).replace("HERE", self.here)
        self.pages[path] = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,><body style='margin:0'>" + body
        return self.here + path


def until_sent(server: Server, line: str) -> None:
    """Wait until `line` arrived."""
    for _ in range(400):
        if line in server.sent:
            return
        Event().wait(0.05)
    raise AssertionError(f"{line} did not arrive within 20 s: {server.sent}")


@contextmanager
def opened() -> Iterator[Server]:
    """The server, on loopback, while this lasts. `/303`, `/307`, `/308` lead to the address in their query."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            path, _, query = self.path.partition("?")
            name = "here" if (self.headers.get("Host") or "").startswith("127.") else "there"
            if self.command == "GET":
                server.asked.append(path)
            elif self.command != "OPTIONS":
                server.sent.append(f"{self.command} {name}{path} {body}".strip())
            text = server.pages.get(path, "<title>Done</title>Done.").encode()
            redirects = path.strip("/") if path in ("/303", "/307", "/308") else ""
            self.send_response(int(redirects or 200))
            if redirects:
                self.send_header("Location", query)
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin") or "*")
            self.send_header("Access-Control-Allow-Headers", "content-type")
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Be silent."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    listening.daemon_threads = True
    port = listening.server_address[1]
    server = Server(f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
