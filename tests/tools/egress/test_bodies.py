"""Bodies on their way through: exact to the byte, however they come and whoever else is being served."""

from __future__ import annotations

import http.client
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from handeye.tools.egress import Allowed, EgressProxy
from tests.tools.egress.wire import Client, Listener, Talk

Listen = Callable[..., Listener]


@contextmanager
def through(server: Listener) -> Iterator[str]:
    """A proxy that allows shop.test on a server's port; its address."""
    with EgressProxy.start(Allowed.read([f"shop.test:{server.port}=127.0.0.1"])) as proxy:
        yield proxy.address


def content(size: int, seed: int = 0) -> bytes:
    return random.Random(seed * 1_000_003 + size).randbytes(size)


def length_of(head: bytes) -> int:
    return next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)


def head_of(server: Listener, path: str = "", method: str = "GET", more: str = "") -> str:
    return f"{method} http://shop.test:{server.port}/{path} HTTP/1.1\r\nHost: shop.test:{server.port}\r\n{more}\r\n"


def sized(apart: bool) -> Talk:
    """A server that answers /SIZE/SEED with so many bytes; `apart`: head and body in two."""

    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            _, size, seed = listener.head(connection).split(b" ")[1].split(b"/")
            body = content(int(size), int(seed))
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            if apart:
                connection.sendall(head)
            connection.sendall(body if apart else head + body)

    return talk


SIZES = (0, 1, 65_400, 65_493, 65_494, 65_495, 65_535, 65_536, 65_537, 131_072, 1_000_003)
"""About the size of what is read at once."""


@pytest.mark.parametrize("apart", [False, True])
def test_answers_of_any_length_are_whole_and_the_connection_goes_on(listen: Listen, apart: bool) -> None:
    server = listen(sized(apart))
    with through(server) as address, Client(address) as client:
        for size in SIZES:
            status, headers, body = client.ask(f"http://shop.test:{server.port}/{size}/0")
            assert (status, headers["Content-Length"], body == content(size)) == (200, str(size), True)
    assert server.accepts == 1


def test_many_at_once_get_their_own_bytes_however_slowly_they_read(listen: Listen) -> None:
    """All connections read to one place: what one of them could not pass on yet must not be another's by then."""
    server = listen(sized(apart=False))

    def load(seed: int) -> bool:
        with Client(address) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            for turn in range(3):
                client.send(head_of(server, f"700001/{seed + turn}"))
                threading.Event().wait(0.02 * (seed % 3))
                if client.answer()[2] != content(700_001, seed + turn):
                    return False
        return True

    with through(server) as address, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(load, range(8)))


@pytest.mark.parametrize("size", SIZES[1:])
def test_what_is_sent_arrives_as_it_is_and_what_follows_is_the_next_request(listen: Listen, size: int) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            left = length_of(listener.head(connection))
            got = bytearray()
            while len(got) < left:
                got += connection.recv(left - len(got))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % (got == content(left)))

    server = listen(talk)
    with through(server) as address, Client(address) as client:
        body = content(size)
        threading.Thread(
            target=client.send,
            args=(head_of(server, method="POST", more=f"Content-Length: {size}\r\n").encode() + body + head_of(server, "next").encode(),),
        ).start()
        assert client.answer()[2] == b"1"
        assert client.answer()[2] == b"1"
    assert b"GET /next HTTP/1.1" in server.seen
    assert server.accepts == 1


def test_requests_sent_ahead_are_answered_in_order_and_judged_one_by_one(listen: Listen) -> None:
    server = listen(sized(apart=False))
    evil = f"GET http://evil.test:{server.port}/9/9 HTTP/1.1\r\nHost: evil.test:{server.port}\r\n\r\n"
    with through(server) as address, Client(address) as client:
        client.send(head_of(server, "5/1") + evil + head_of(server, "70000/2") + evil + head_of(server, "0/3") + head_of(server, "7/4"))
        got = [client.answer() for _ in range(6)]
    assert [status for status, _, _ in got] == [200, 403, 200, 403, 200, 200]
    assert [got[place][2] for place in (0, 2, 4, 5)] == [content(5, 1), content(70_000, 2), b"", content(7, 4)]
    assert b"evil" not in server.seen


def test_the_same_headers_for_another_host_are_judged_anew(listen: Listen) -> None:
    server = listen(sized(apart=False))
    own = f"Host: shop.test:{server.port}\r\nAccept: image/png\r\n\r\n"
    with through(server) as address:
        for _ in range(3):
            with Client(address) as client:
                assert client.send(f"GET http://shop.test:{server.port}/3/0 HTTP/1.1\r\n{own}").answer()[0] == 200
                assert client.send(f"GET http://evil.test:{server.port}/3/0 HTTP/1.1\r\n{own}").answer()[0] == 403
                assert client.ended()
    assert server.seen.count(b"GET /3/0") == 3


@pytest.mark.parametrize("chunked", [False, True])
def test_a_server_that_dies_within_a_body_never_leaves_a_whole_answer(listen: Listen, chunked: bool) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            size = int(listener.head(connection).split(b" ")[1][1:])
            body = b"x" * 70_000
            how = b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" if chunked else b"Content-Length: 70000\r\n\r\n"
            end = b"\r\n0\r\n\r\n" if chunked else b""
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + how + body[:size] + (end if size == 70_000 else b""))
            if size < 70_000:
                return

    server = listen(talk)
    with through(server) as address:
        for size in (0, 1, 65_536, 69_999):
            with Client(address) as client:
                assert client.ask(f"http://shop.test:{server.port}/70000")[2] == b"x" * 70_000
                with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                    client.ask(f"http://shop.test:{server.port}/{size}")
                assert client.ended()


BODILESS = {
    "no content": ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "not modified": ("GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 6\r\n\r\n'),
    "a head": ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"),
    "a head in chunks": ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
}


@pytest.mark.parametrize("name", BODILESS)
@pytest.mark.parametrize("forged", [b"", b"forged"])
def test_what_has_no_body_has_none_whatever_follows(listen: Listen, name: str, forged: bytes) -> None:
    method, said = BODILESS[name]

    def talk(listener: Listener, connection: socket.socket) -> None:
        while True:
            listener.head(connection)
            connection.sendall(said + forged)

    server = listen(talk)
    with through(server) as address, Client(address) as client:
        for _ in range(3):
            client.send(head_of(server, method=method))
            assert client.answer(method)[2] == b""
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
    assert server.accepts == (3 if forged else 1)


@pytest.mark.parametrize("taken", [True, False])
def test_a_client_may_wait_to_be_told_to_send_its_body(listen: Listen, taken: bool) -> None:
    def talk(listener: Listener, connection: socket.socket) -> None:
        head = listener.head(connection)
        if taken:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            while len(listener.seen) < len(head) + 5:
                listener.seen += connection.recv(5)
        connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: 2\r\n\r\nok" % (b"200 OK" if taken else b"417 No"))
        while connection.recv(99):
            pass

    server = listen(talk)
    with through(server) as address, Client(address) as client:
        client.send(head_of(server, method="POST", more="Expect: 100-continue\r\nContent-Length: 5\r\n"))
        if taken:
            told = b""
            while not told.endswith(b"\r\n\r\n"):
                told += client.socket.recv(1)
            assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.send("hello")
        assert client.answer()[0::2] == (200 if taken else 417, b"ok")
        assert taken or client.ended()
    assert server.seen.endswith(b"Content-Length: 5\r\n\r\n" + b"hello" * taken)
    assert b"Expect: 100-continue" in server.seen


def test_a_process_begins_without_what_only_chunks_need() -> None:
    code = "import sys, handeye.tools.egress.child; print([name for name in ('h11', 'ada_url') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
