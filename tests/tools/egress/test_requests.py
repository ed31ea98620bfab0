"""Plain requests through the proxy: each judged, each read in one way only. What counts is what the servers saw."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from handeye.tools.egress import Allowed, EgressProxy
from tests.tools.egress.wire import Client, Listener, echo, told

Listen = Callable[..., Listener]


def answering(data: bytes) -> Callable[[Listener, socket.socket], None]:
    """A server that says `data` to each request."""

    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            listener.head(connection)
            connection.sendall(data)

    return talk


def test_a_request_is_passed_on_as_an_origin_server_expects_it(proxy: EgressProxy, origin: Listener) -> None:
    more = "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n"
    more += "TE: trailers\r\nX-End: 2\r\n"
    with Client(proxy) as client:
        status, headers, body = client.ask(f"http://shop.test:{origin.port}/a?b=c%20d", more + "Upgrade: h2c\r\n")
    assert status == 200
    assert body == f"GET /a?b=c%20d HTTP/1.1\r\nHost: shop.test:{origin.port}\r\nX-End: 2\r\n\r\n".encode()
    assert headers["Content-Length"] == str(len(body))


def test_every_request_of_a_kept_connection_is_judged(proxy: EgressProxy, origin: Listener, sink: Listener) -> None:
    good, bad = f"http://shop.test:{origin.port}/", f"http://evil.localhost:{sink.port}/"
    count = len(proxy.refusals)
    with Client(proxy) as client:
        for number in range(10):
            status, _, body = client.ask(bad if number % 2 else good + str(number))
            assert status == (403 if number % 2 else 200)
            assert b"evil.localhost is not on the list" in body or not number % 2
        assert client.ask(f"http://127.0.0.1:{sink.port}/")[0] == 403
        assert client.ask(good)[0] == 200
    assert sink.accepts == 0
    refusal = told(proxy, count + 5)
    assert (refusal.host, refusal.port, refusal.kind) == ("127.0.0.1", sink.port, "page")


def test_a_user_name_names_no_host_and_is_not_passed_on(proxy: EgressProxy, origin: Listener, sink: Listener) -> None:
    port = origin.port
    with Client(proxy) as client:
        client.send(f"GET http://evil.test@shop.test:{port}/x?y#z HTTP/1.1\r\nHost: shop.test:{port}\r\n\r\n")
        assert client.answer()[2].startswith(f"GET /x?y HTTP/1.1\r\nHost: shop.test:{port}\r\n".encode())
        assert client.ask(f"http://shop.test:{port}@evil.localhost:{sink.port}/")[0] == 403
        assert client.ask(f"http://SHOP.test:{port}")[2].startswith(b"GET / HTTP/1.1\r\nHost: shop.test:")
    assert sink.accepts == 0


NOT_LISTED = [
    "shop.test",
    "shop.test:22",
    "shop.test.:{port}",
    "xshop.test:{port}",
    "0x7f.1:{port}",
    "[::1]:{port}",
    "2130706433:{port}",
    "%65vil.test",
]


@pytest.mark.parametrize("host", NOT_LISTED)
def test_what_is_not_listed_is_refused_as_the_browser_would_read_it(proxy: EgressProxy, origin: Listener, host: str) -> None:
    before = origin.accepts
    with Client(proxy) as client:
        assert client.ask(f"http://{host.format(port=origin.port)}/")[0] == 403
    assert origin.accepts == before


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.test", 403),
        ("shop.test", 403),
        ("shop.test:1", 403),
        ("shop.test:{port}, evil.test", 400),
        ("a b", 400),
        ("shop.test:{port}@evil.test", 403),
    ],
)
def test_a_host_header_that_names_another_host_is_refused(proxy: EgressProxy, origin: Listener, host: str, status: int) -> None:
    before, count = bytes(origin.seen), len(proxy.refusals)
    with Client(proxy) as client:
        host = host.format(port=origin.port)
        client.send(f"GET http://shop.test:{origin.port}/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert client.answer()[0] == status
        assert client.ended()
    assert origin.seen == before
    if status == 403:
        refusal = told(proxy, count)
        assert (refusal.host, refusal.port) == ("shop.test", origin.port)
        assert "different hosts" in refusal.why


TWO_WAYS = {
    "both lengths": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both the other way": "POST {url} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
    "a length twice": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
    "a list of lengths": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5, 5\r\n\r\n12345",
    "a signed length": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: +5\r\n\r\n12345",
    "a length with an underscore": "POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1_0\r\n\r\n12345",
    "an unknown coding": "POST {url} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": "POST {url} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "two codings": "POST {url} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": "POST {url} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded line": "GET {url} HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n",
    "a folded host": "GET {url} HTTP/1.1\r\nHost:\r\n {host}\r\n\r\n",
    "line feeds alone": "GET {url} HTTP/1.1\nHost: {host}\nX: a\n\nGET http://evil.test/ HTTP/1.1\r\n\r\n",
    "a line feed in a header": "GET {url} HTTP/1.1\r\nHost: {host}\r\nX: a\nY: b\r\n\r\n",
    "a carriage return in a header": "GET {url} HTTP/1.1\r\nHost: {host}\r\nX: a\rY: b\r\n\r\n",
    "a zero": "GET {url} HTTP/1.1\r\nHost: {host}\r\nX: a\0b\r\n\r\n",
    "two hosts": "GET {url} HTTP/1.1\r\nHost: {host}\r\nHost: evil.test\r\n\r\n",
    "the host twice": "GET {url} HTTP/1.1\r\nHost: {host}\r\nhost: {host}\r\n\r\n",
    "no host": "GET {url} HTTP/1.1\r\nX: a\r\n\r\n",
    "no colon": "GET {url} HTTP/1.1\r\nHost: {host}\r\nX\r\n\r\n",
    "an empty name": "GET {url} HTTP/1.1\r\nHost: {host}\r\n: a\r\n\r\n",
    "an empty line first": "\r\nGET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "HTTP/1.0": "GET {url} HTTP/1.0\r\nHost: {host}\r\n\r\n",
    "HTTP/2.0": "GET {url} HTTP/2.0\r\nHost: {host}\r\n\r\n",
    "HTTP/2 in advance": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": "GET {url}\r\n\r\n",
    "two spaces": "GET  {url} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a tab": "GET\t{url} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a space in the address": "GET {url} x HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a letter beyond ASCII": "GET {url}\xe9 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a path alone": "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "two slashes": "GET //{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a star": "OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "https to be opened here": "GET https://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "ftp": "GET ftp://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "file": "GET file:///etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "no address": "GET http:// HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a bad port": "GET http://shop.test:99999/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "TLS": "\x16\x03\x01\x00\x05hello\r\n\r\n",
    "a tunnel with a body": "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\n12345",
    "a tunnel to an address": "CONNECT {url} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a tunnel to a path": "CONNECT {host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a tunnel to no port": "CONNECT shop.test HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a tunnel with a user": "CONNECT a@{host} HTTP/1.1\r\nHost: {host}\r\n\r\n",
}


@pytest.mark.parametrize("name", TWO_WAYS)
def test_a_request_that_can_be_read_in_two_ways_is_not_carried(proxy: EgressProxy, origin: Listener, name: str) -> None:
    before = bytes(origin.seen)
    host = f"shop.test:{origin.port}"
    with Client(proxy) as client:
        client.send(TWO_WAYS[name].format(url=f"http://{host}/", host=host))
        status, headers, _ = client.answer()
        assert 400 <= status < 600
        assert headers["Connection"] == "close"
        assert client.ended()
    assert origin.seen == before


def test_what_follows_a_body_is_a_request_of_its_own_and_what_is_in_it_is_none(
    proxy: EgressProxy, origin: Listener, sink: Listener
) -> None:
    inner = f"GET http://evil.localhost:{sink.port}/ HTTP/1.1\r\nHost: evil.localhost:{sink.port}\r\n\r\n"
    url, host = f"http://shop.test:{origin.port}/", f"shop.test:{origin.port}"
    with Client(proxy) as client:
        client.send(f"POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(inner)}\r\n\r\n{inner}{inner}")
        status, _, body = client.answer()
        assert status == 200
        assert body.endswith(inner.encode())
        assert client.answer()[0] == 403
        assert client.ask(url)[0] == 200
    assert sink.accepts == 0


def test_chunks_are_written_anew(proxy: EgressProxy, listen: Listen) -> None:
    got = threading.Event()

    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        while not listener.seen.endswith(b"0\r\n\r\n"):
            data = connection.recv(65536)
            if not data:
                return
            listener.seen += data
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        got.set()

    server = listen(talk)
    head = f"POST http://shop.test:{server.port}/ HTTP/1.1\r\nHost: shop.test:{server.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as own, Client(own) as client:
        client.send(head + "5;name=value\r\nhello\r\n006\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n")
        assert client.answer()[0] == 204
        assert got.wait(20)
        assert server.seen.partition(b"\r\n\r\n")[2] == b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    for bad in ("x\r\nhello", "5\r\nhelloXX", "-5\r\n", "0x5\r\nhello\r\n", "5\nhello\n", "\r\n"):
        with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as own, Client(own) as client:
            assert client.send(head + bad + "\r\n" * 40).ended()


def test_a_head_that_is_too_long_is_refused(proxy: EgressProxy, origin: Listener) -> None:
    before = bytes(origin.seen)
    url = f"http://shop.test:{origin.port}/"
    with Client(proxy) as client:
        assert client.ask(url, f"X: {'a' * 60_000}\r\n")[0] == 200
    before = bytes(origin.seen)
    with Client(proxy) as client:
        assert client.ask(url, f"X: {'a' * 70_000}\r\n")[0] == 431
    with Client(proxy) as client:
        client.send("GET http://" + "a" * 70_000)
        assert client.answer()[0] == 431
    assert origin.seen == before


PASSED = {
    "zipped": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
    % (len(gzip.compress(b"x" * 999, mtime=0)), gzip.compress(b"x" * 999, mtime=0)),
    "a part": b'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-5/9\r\nContent-Length: 4\r\nETag: "a"\r\n\r\n2345',
    "not modified": b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 900\r\n\r\n',
    "no content": b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
    "a redirection": b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n",
    "no words": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "letters beyond ASCII": b"HTTP/1.1 200 Gr\xfc\xdfe\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", PASSED)
def test_answers_pass_byte_for_byte(listen: Listen, name: str) -> None:
    server = listen(answering(PASSED[name]))
    lists = Allowed.read([f"shop.test:{server.port}=127.0.0.1"])
    with EgressProxy.start(lists) as proxy, Client(proxy) as client:
        for _ in range(3):
            client.send(f"GET http://shop.test:{server.port}/ HTTP/1.1\r\nHost: shop.test:{server.port}\r\n\r\n")
            data = b""
            while len(data) < len(PASSED[name]):
                data += client.socket.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            expected, _, expected_body = PASSED[name].partition(b"\r\n\r\n")
            assert sorted(head.split(b"\r\n")) == sorted(expected.split(b"\r\n"))
            assert body == expected_body
    assert server.accepts == 1


def test_an_answer_without_a_length_lasts_until_the_server_hangs_up(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        connection.sendall(b"HTTP/1.0 200 OK\nContent-Type: text/plain\n\nold")

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        status, headers, body = client.ask(f"http://shop.test:{server.port}/")
        assert (status, headers["Connection"], headers["Content-Type"], body) == (200, "close", "text/plain", b"old")
        assert client.ended()


def test_of_two_lengths_of_an_answer_one_is_passed_on(listen: Listen) -> None:
    """The one that browsers go by, too."""
    server = listen(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"))
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        for _ in range(3):
            status, headers, body = client.ask(f"http://shop.test:{server.port}/")
            assert (status, headers["Content-Length"], headers["Transfer-Encoding"], body) == (200, None, "chunked", b"ok")


def test_heads_are_asked_for_and_answers_in_advance_pass(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            head = listener.head(connection)
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            connection.sendall(b"" if head.startswith(b"HEAD") else b"12345")

    server = listen(talk)
    url = f"http://shop.test:{server.port}/"
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        host = f"shop.test:{server.port}"
        for method in ("HEAD", "GET", "HEAD", "GET"):
            client.send(f"{method} {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")
            hints = b""
            while not hints.endswith(b"\r\n\r\n"):
                hints += client.socket.recv(1)
            assert hints == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            assert client.answer(method)[2] == (b"" if method == "HEAD" else b"12345")
    assert server.accepts == 1


BROKEN = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "an unasked switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "too long a head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_is_none_is_said_to_be_none(listen: Listen, name: str) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        connection.sendall(BROKEN[name])

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        status, _, body = client.ask(f"http://shop.test:{server.port}/")
        assert status == 502
        assert b"could not reach" in body
        assert client.ended()


def test_what_a_server_says_beyond_its_answer_is_no_answer_to_the_next_request(listen: Listen) -> None:
    second = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    server = listen(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + second))
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        for _ in range(3):
            assert client.ask(f"http://shop.test:{server.port}/")[2] == b"ok"
    assert server.accepts == 3


def test_news_pass_as_they_come_and_a_client_that_leaves_ends_them(listen: Listen) -> None:
    more = threading.Event()

    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n9\r\ndata: 1\n\n\r\n")
        assert more.wait(20)
        connection.sendall(b"9\r\ndata: 2\n\n\r\n")
        while connection.recv(1):
            pass

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy:
        with Client(proxy) as client:
            client.send(f"GET http://shop.test:{server.port}/ HTTP/1.1\r\nHost: shop.test:{server.port}\r\n\r\n")
            response = http.client.HTTPResponse(client.socket)
            response.begin()
            assert response.read(9) == b"data: 1\n\n"
            more.set()
            assert response.read(9) == b"data: 2\n\n"
            assert not server.ended.is_set()
            response.close()
        assert server.ended.wait(20)


def test_a_body_that_breaks_off_breaks_off(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        head = listener.head(connection)
        how = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" if b"/chunks" in head else b"Content-Length: 9\r\n\r\nhello"
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + how)

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy:
        for path in ("chunks", "length"):
            with Client(proxy) as client, pytest.raises((http.client.IncompleteRead, ConnectionError)):
                client.ask(f"http://shop.test:{server.port}/{path}")


def test_a_client_that_leaves_within_its_body_ends_the_request(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        while data := connection.recv(65536):
            listener.seen += data

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy:
        with Client(proxy) as client:
            client.send(f"POST http://shop.test:{server.port}/ HTTP/1.1\r\nHost: shop.test:{server.port}\r\nContent-Length: 99\r\n\r\nhalf")
        assert server.ended.wait(20)
    assert server.accepts == 1


def test_a_server_that_reads_slowly_holds_the_client_back_and_loses_nothing(listen: Listen) -> None:
    size = 64_000_000
    go = threading.Event()

    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        assert go.wait(20)
        left = size
        while left:
            left -= len(connection.recv(min(left, 1 << 20)))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sendall(b"z" * size)

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        client.send(f"PUT http://shop.test:{server.port}/ HTTP/1.1\r\nHost: shop.test:{server.port}\r\nContent-Length: {size}\r\n\r\n")
        client.socket.settimeout(1)
        sent = 0
        with suppress(TimeoutError):
            while sent < size:
                sent += client.socket.send(b"y" * 65536)
        assert sent < size
        go.set()
        client.socket.settimeout(20)
        client.socket.sendall(b"y" * (size - sent))
        assert client.answer()[2] == b"z" * size


def test_a_server_that_hung_up_on_a_kept_connection_is_asked_anew(listen: Listen) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        listener.head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = listen(talk)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy, Client(proxy) as client:
        for number in range(1, 4):
            server.ended.clear()
            assert client.ask(f"http://shop.test:{server.port}/")[2] == b"ok"
            assert server.ended.wait(20)
            threading.Event().wait(0.05)
            assert server.accepts == number


def test_a_thousand_requests_on_one_connection(proxy: EgressProxy, listen: Listen) -> None:
    server = listen(echo)
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as own, Client(own) as client:
        for number in range(1000):
            assert client.ask(f"http://shop.test:{server.port}/{number}")[2].startswith(b"GET /%d HTTP" % number)
    assert server.accepts == 1


def test_nobody_there_is_told_from_refused(proxy: EgressProxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with EgressProxy.start(Allowed.read([f"shop.test:{port}=127.0.0.1"])) as own, Client(own) as client:
        status, _, body = client.ask(f"http://shop.test:{port}/")
        assert status == 502
        assert b"shop.test" in body
        assert own.refusals == ()


def test_the_proxy_does_not_speak_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with EgressProxy.start(Allowed.read([f"127.0.0.1:{port}", f"shop.test:{port}=127.0.0.2"]), port) as own:
        for host in ("127.0.0.1", "shop.test"):
            with Client(own) as client:
                assert client.ask(f"http://{host}:{port}/")[0] == 502
