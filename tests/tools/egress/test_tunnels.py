"""Tunnels: what is spoken in them has to be meant for the host that they were opened to."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from handeye.tools.egress import Allowed, EgressProxy
from handeye.tools.egress.hello import Hello, NotHello
from tests.tools.egress.wire import Client, Listener, told

Listen = Callable[..., Listener]

CLIENT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CLIENT.check_hostname = False
CLIENT.verify_mode = ssl.CERT_NONE


@pytest.fixture(scope="module")
def secure(listen: Listen, tls: ssl.SSLContext) -> Listener:
    """The server of shop.test by TLS, which echoes."""
    return listen(context=tls)


@pytest.fixture(scope="module")
def proxy(secure: Listener, origin: Listener) -> Iterator[EgressProxy]:
    lists = [f"shop.test:{secure.port}=127.0.0.1", f"127.0.0.1:{secure.port}", f"shop.test:{origin.port}=127.0.0.1", "shop.test=127.0.0.1"]
    with EgressProxy.start(Allowed.read(lists)) as started:
        yield started


def shaken(client: Client, name: str | None) -> bool:
    """Whether a TLS client that names `name` gets through."""
    try:
        with CLIENT.wrap_socket(client.socket, server_hostname=name) as inner:
            inner.sendall(b"GET /in HTTP/1.1\r\nHost: a\r\n\r\n")
            return inner.recv(99).startswith(b"HTTP/1.1 200 OK")
    except OSError:
        return False


def first_bytes(name: str | None) -> bytes:
    outgoing = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        CLIENT.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(
    ("where", "name", "through"),
    [
        ("shop.test", "shop.test", True),
        ("shop.test", "SHOP.test", True),
        ("SHOP.TEST", "shop.test", True),
        ("shop.test", "evil.test", False),
        ("shop.test", "www.shop.test", False),
        ("shop.test", "shop.test.evil.test", False),
        ("shop.test", None, False),
        ("127.0.0.1", None, True),
        ("127.0.0.1", "evil.test", False),
        ("127.0.0.1", "shop.test", False),
    ],
)
def test_a_tls_client_must_want_the_host_of_its_tunnel(
    proxy: EgressProxy, secure: Listener, where: str, name: str | None, through: bool
) -> None:
    before = bytes(secure.seen)
    count = len(proxy.refusals)
    with Client(proxy) as client:
        assert client.connect(f"{where}:{secure.port}") == 200
        assert shaken(client, name) == through
    assert (secure.seen == before) != through
    if not through:
        refusal = told(proxy, count)
        assert (refusal.host, refusal.port) == (where.lower(), secure.port)
        assert "TLS client" in refusal.why


@pytest.mark.parametrize(
    "where",
    [
        "evil.test:443",
        "shop.test:444",
        "shop.test:22",
        "127.0.0.1:{port}",
        "[::1]:{port}",
        "evil.localhost:{port}",
        "169.254.169.254:80",
        "shop.test.:443",
    ],
)
def test_no_tunnel_to_what_is_not_listed(proxy: EgressProxy, sink: Listener, where: str) -> None:
    with Client(proxy) as client:
        assert client.connect(where.format(port=sink.port)) == 403
        assert client.ended()
    assert sink.accepts == 0


def test_the_host_header_of_a_tunnel_names_its_host(proxy: EgressProxy, secure: Listener) -> None:
    for host in ("evil.test", f"evil.test:{secure.port}", "shop.test:1"):
        with Client(proxy) as client:
            client.send(f"CONNECT shop.test:{secure.port} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert client.answer()[0] == 403
    for host in ("shop.test", f"shop.test:{secure.port}"):
        with Client(proxy) as client:
            client.send(f"CONNECT shop.test:{secure.port} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert client.socket.recv(99).startswith(b"HTTP/1.1 200")


def test_a_hello_in_crumbs_is_a_hello(proxy: EgressProxy, secure: Listener) -> None:
    with Client(proxy) as client:
        assert client.connect(f"shop.test:{secure.port}") == 200
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in first_bytes("shop.test"):
            client.send(bytes([byte]))
        assert client.socket.recv(1) == b"\x16"
    with Client(proxy) as client:
        assert client.connect(f"shop.test:{secure.port}") == 200
        for byte in first_bytes("evil.test"):
            with suppress(OSError):
                client.send(bytes([byte]))
        assert client.ended()


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x00\x05hello", b"\x16" + b"\xff" * 70_000, b"\x16\x03\x01\x40\x00" + b"\0" * 20_000])
def test_what_only_begins_like_tls_goes_nowhere(data: bytes) -> None:
    def keep(listener: Listener, connection: socket.socket) -> None:
        while came := connection.recv(65536):
            listener.seen += came

    with closing(Listener(keep)) as sink, EgressProxy.start(Allowed.read([f"shop.test:{sink.port}=127.0.0.1"])) as proxy:
        with Client(proxy) as client:
            assert client.connect(f"shop.test:{sink.port}") == 200
            with suppress(OSError):
                client.send(data)
            assert client.ended()
        # The proxy is a client of the sink's, if it came so far as to dial: it has hung up before anything is judged here.
        assert not sink.accepts or sink.ended.wait(20)
        assert bytes(sink.seen) == b""
    with pytest.raises(NotHello):
        Hello().feed(data)


def test_plain_requests_in_a_tunnel_are_judged_one_by_one(proxy: EgressProxy, origin: Listener) -> None:
    host = f"shop.test:{origin.port}"
    with Client(proxy) as client:
        assert client.connect(host) == 200
        for number in range(3):
            client.send(f"GET /{number} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert client.answer()[2].startswith(b"GET /%d HTTP/1.1" % number)
        before = bytes(origin.seen)
        client.send(f"GET / HTTP/1.1\r\nHost: evil.test:{origin.port}\r\n\r\n")
        assert client.answer()[0] == 403
        assert client.ended()
    for wrong in (
        f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "SSH-2.0-x\r\n\r\n\r\n",
    ):
        with Client(proxy) as client:
            assert client.connect(host) == 200
            assert client.send(wrong).answer()[0] == 400
            assert client.ended()
    assert origin.seen == before


def test_no_plain_http_where_https_is_listed(listen: Listen, proxy: EgressProxy) -> None:
    try:
        inner = socket.create_server(("127.0.0.1", 443))
    except OSError:
        pytest.skip("port 443 is taken, or not ours to open")
    count = len(proxy.refusals)
    with inner, Client(proxy) as client:
        assert client.connect("shop.test:443") == 200
        arrived, _ = inner.accept()
        client.send("GET / HTTP/1.1\r\nHost: shop.test:443\r\n\r\n")
        assert client.answer()[0] == 403
        arrived.settimeout(20)
        with suppress(ConnectionError):
            assert arrived.recv(1) == b""
        arrived.close()
    assert "https only" in told(proxy, count).why


def test_what_the_server_says_first_waits_for_the_client_to_prove_itself(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        connection.sendall(b"220 mail.shop.test ready\r\n")
        while data := connection.recv(999):
            listener.seen += data

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        assert client.connect(f"shop.test:{server.port}") == 200
        client.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        client.send("HELO me\r\nMAIL FROM:<a>\r\n\r\n")
        client.socket.settimeout(20)
        assert client.answer()[0] == 400
    assert server.seen == b""


def websocket(listener: Listener, connection: socket.socket) -> None:
    """Shake hands and send back what comes."""
    head = listener.head(connection)
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    key = base64.b64encode(hashlib.sha1(fields[b"Sec-WebSocket-Key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + key + b"\r\n\r\nfirst"
    )
    while data := connection.recv(999):
        connection.sendall(data)


@pytest.mark.parametrize("tunnel", [True, False])
def test_a_websocket_passes_either_way(listen: Listen, tunnel: bool) -> None:
    server = listen(websocket)
    host = f"shop.test:{server.port}"
    shake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    with EgressProxy.start(Allowed.read([f"{host}=127.0.0.1"])) as proxy, Client(proxy) as client:
        if tunnel:
            assert client.connect(host) == 200
        client.send(f"GET {'/' if tunnel else f'http://{host}/'} HTTP/1.1\r\nHost: {host}\r\n{shake}early")
        got = b""
        while not got.endswith(b"firstearly"):
            got += client.socket.recv(999)
        assert got.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Accept: " in got
        for number in range(3):
            client.send(b"%d" % number)
            assert client.socket.recv(9) == b"%d" % number
        client.socket.shutdown(socket.SHUT_WR)
        assert client.ended()
    assert server.ended.wait(20)


def test_a_tunnel_carries_much_both_ways_and_halves_close_one_by_one(listen: Listen, tls: ssl.SSLContext) -> None:
    size = 5_000_000

    def talk(listener: Listener, connection: socket.socket) -> None:
        left = size
        while left:
            left -= len(connection.recv(65536))
        connection.sendall(b"s" * size)

    server = listen(talk, context=tls)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        assert client.connect(f"shop.test:{server.port}") == 200
        with CLIENT.wrap_socket(client.socket, server_hostname="shop.test") as inner:
            threading.Thread(target=inner.sendall, args=(b"c" * size,)).start()
            got = 0
            while got < size:
                got += len(inner.recv(65536))


def test_both_ends_of_a_tunnel_end_together(proxy: EgressProxy, listen: Listen, tls: ssl.SSLContext) -> None:
    server = listen(lambda listener, connection: listener.head(connection), context=tls)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as own:
        with Client(own) as client:
            assert client.connect(f"shop.test:{server.port}") == 200
            inner = CLIENT.wrap_socket(client.socket, server_hostname="shop.test")
            inner.close()
        assert server.ended.wait(20)
        with Client(own) as client:
            assert client.connect(f"shop.test:{server.port}") == 200
            inner = CLIENT.wrap_socket(client.socket, server_hostname="shop.test", suppress_ragged_eofs=True)
            inner.sendall(b"\r\n\r\n")
            inner.settimeout(20)
            assert inner.recv(1) == b""
            inner.close()
