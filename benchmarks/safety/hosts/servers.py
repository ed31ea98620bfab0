"""The hosts of the pack, all on loopback: one that is allowed, one that may only be loaded from, and one that is forbidden."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SHOP = "shop.localhost"
"""Allowed. Below `localhost`, it counts as secure, without which half of what pages can do would not be there to be tried."""
NAMED = "shop.test"
"""Allowed too, for addresses that an agent is told to open."""
CDN = "a.cdn.test"
FORBIDDEN = "evil.localhost"
"""Chromium itself resolves names below `localhost` to this machine: whatever went round the proxy would arrive."""

LISTEN_S = 0.5
"""How long the forbidden host listens to a connection that says nothing."""
_TAG = re.compile(rb"\b(v\d+)(?:\.evil\.|/)")
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 1.3."""


@dataclass(frozen=True)
class Answer:
    """What the allowed host answers."""

    body: str = ""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """One connection, or one packet, at the forbidden host."""

    tag: str
    """Which vector it is of; empty: it does not say."""
    size: int
    """Bytes. 0: a connection and nothing on it."""
    kind: str
    """`tcp` or `udp`."""


class Sink:
    """The forbidden host: takes what comes on its ports, by TCP and by UDP, and answers as if nothing were amiss."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._ports: dict[str, _Listening] = {}
        self.port = self.port_of("")

    def port_of(self, tag: str) -> int:
        """A port for one vector, whose bytes cannot carry its tag: packets of WebRTC, whatever is encrypted."""
        if tag not in self._ports:
            self._ports[tag] = _Listening(tag, self.arrivals.append)
        return self._ports[tag].port

    def close(self) -> None:
        """Stop listening."""
        for listening in self._ports.values():
            listening.close()


class _Listening:
    """One port of the forbidden host."""

    def __init__(self, tag: str, arrived: Callable[[Arrival], None]) -> None:
        self._tag = tag
        self._arrived = arrived
        outer = self

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._take(self.request)

        self._tcp = _TcpServer(("127.0.0.1", 0), Connection)
        self.port = int(self._tcp.server_address[1])
        self._closed = threading.Event()
        threading.Thread(target=self._tcp.serve_forever, daemon=True).start()
        # QUIC, unlike TCP, tries the first address of `localhost` alone, which is that of IPv6.
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with contextlib.suppress(OSError):  # a machine without IPv6
                udp = socket.socket(family, socket.SOCK_DGRAM)
                udp.bind((address, self.port))
                udp.settimeout(LISTEN_S)
                threading.Thread(target=self._packets, args=(udp,), daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self._tcp.shutdown()
        self._tcp.server_close()

    def _take(self, connection: socket.socket) -> None:
        connection.settimeout(LISTEN_S)
        data = b""
        with contextlib.suppress(OSError):  # the other side has gone; what it sent counts
            # What begins with no letter is no HTTP but TLS: its first bytes name the host.
            while b"\r\n\r\n" not in data and len(data) < 65536 and (more := connection.recv(65536)):
                data += more
                if not data[:1].isalpha():
                    break
            if data[:1].isalpha():
                connection.sendall(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        self._note(data, "tcp")

    def _packets(self, udp: socket.socket) -> None:
        with udp:
            while not self._closed.is_set():
                with contextlib.suppress(TimeoutError):
                    self._note(udp.recv(65536), "udp")

    def _note(self, data: bytes, kind: str) -> None:
        found = _TAG.search(data)
        self._arrived(Arrival(self._tag or (found.group(1).decode() if found else ""), len(data), kind))


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


class Shop:
    """The allowed host and, by its name, the one that may only be loaded from. What was asked for is in `asked`: name and path."""

    def __init__(self, answers: Mapping[str, Callable[[], Answer] | Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Connection(_ShopConnection):
            shop = outer

        self._server = _Server(("127.0.0.1", 0), Connection)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""


class _ShopConnection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the body waits 40 ms for the headers to be acknowledged
    shop: Shop

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        host = (self.headers.get("Host") or "").partition(":")[0]
        path = urlsplit(self.path).path
        self.shop.asked.append((host, path))
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._greet()
            return
        answer = self.shop.answers.get(path)
        self._send(self._general(path) if answer is None else answer if isinstance(answer, Answer) else answer())

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        """The pack counts for itself."""

    def _general(self, path: str) -> Answer:
        """Redirects (`/r/CODE?u=WHERE`), and small answers for everything else."""
        query = parse_qs(urlsplit(self.path).query)
        if found := re.fullmatch(r"/r/(\d{3})", path):
            return Answer(status=int(found.group(1)), headers={"Location": query["u"][0], "Access-Control-Allow-Origin": "*"})
        if path == "/same" and self.headers.get("If-None-Match"):
            return Answer(status=304, headers={"ETag": '"1"'})
        if path == "/same":
            return Answer("same", "text/plain", headers={"ETag": '"1"', "Cache-Control": "no-cache"})
        if path == "/packed":
            return Answer("packed" * 100, "text/plain", headers={"Content-Encoding": "gzip"})
        if path == "/part" and self.headers.get("Range"):
            return Answer("art", "text/plain", 206, {"Content-Range": "bytes 1-3/4"})
        if path.startswith("/private"):
            return Answer("", status=401, headers={"WWW-Authenticate": 'Basic realm="say your password"'})
        return Answer("ok", "text/plain", headers={"Access-Control-Allow-Origin": "*"})

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.compress(body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status != 304:
            self.wfile.write(body)

    def _greet(self) -> None:
        key = self.headers["Sec-WebSocket-Key"] + _WEBSOCKET
        accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
        self.wfile.write(f"HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        self.rfile.read(1)
        self.close_connection = True
