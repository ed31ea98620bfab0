"""Servers on loopback that tell what reached them, and clients that speak raw bytes."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

from handeye.tools.egress import EgressProxy, Refusal

Talk = Callable[["Listener", socket.socket], None]


class Listener:
    """A server whose `talk` is called on a thread for each connection. What counts as leaked is what it has seen."""

    def __init__(self, talk: Talk | None = None, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.accepts = 0
        self.seen = bytearray()
        self.ended = threading.Event()
        """Set when a client hangs up."""
        self._talk = echo if talk is None else talk
        self._context = context
        self._socket = socket.create_server((host, 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.accepts += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._talk(self, connection)
        self.ended.set()

    def head(self, connection: socket.socket) -> bytes:
        """The next head that comes, with its empty line. Raises `ConnectionError` at the end."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            # A TLS socket cannot be peeked into; nothing follows its heads.
            there = connection.recv(65536) if self._context is not None else connection.recv(65536, socket.MSG_PEEK)
            if not there:
                raise ConnectionError("no more")
            end = (data + there).find(b"\r\n\r\n")
            part = there if end < 0 else there[: end + 4 - len(data)]
            if self._context is None:
                connection.recv(len(part))
            data += part
            self.seen += part
        return data

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def echo(listener: Listener, connection: socket.socket) -> None:
    """Answer each request with its own head and, where its length is told, its body."""
    while True:
        head = listener.head(connection)
        body = b""
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65536)
        listener.seen += body
        said = head + body
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + (b"" if head.startswith(b"HEAD") else said))


class _Unbuffered:
    """A socket of which nothing is read beyond what is asked for: the next answer may be there already."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def makefile(self, _: str) -> io.BufferedReader:
        return self._inner.makefile("rb", 1)


class Client:
    """A connection to a proxy."""

    def __init__(self, proxy: EgressProxy | str) -> None:
        address = proxy if isinstance(proxy, str) else proxy.address
        self.socket = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 20)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: str | bytes) -> Client:
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def answer(self, method: str = "GET") -> tuple[int, http.client.HTTPMessage, bytes]:
        """The next answer: status, headers, body."""
        with http.client.HTTPResponse(_Unbuffered(self.socket), method=method) as response:  # type: ignore[arg-type]
            response.begin()
            return response.status, response.headers, response.read()

    def ask(self, url: str, more: str = "", method: str = "GET") -> tuple[int, http.client.HTTPMessage, bytes]:
        host = url.split("/")[2].rpartition("@")[2]
        return self.send(f"{method} {url} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n").answer(method)

    def connect(self, where: str) -> int:
        """Open a tunnel; the status."""
        self.send(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n")
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            data += byte
        return int(data.split()[1])

    def ended(self) -> bool:
        """Whether the proxy has hung up, or does so within a while; what it still says is passed over."""
        self.socket.settimeout(20)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True


def told(proxy: EgressProxy, place: int) -> Refusal:
    """The refusal at `place` of a proxy's list, which comes a little after the client has its answer."""
    for _ in range(400):
        if len(proxy.refusals) > place:
            return proxy.refusals[place]
        threading.Event().wait(0.05)
    raise AssertionError("nothing was told")
