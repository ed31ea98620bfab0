"""Heads and bodies as bytes: whatever is taken is read as h11 reads it, however it is cut."""

from __future__ import annotations

from itertools import pairwise

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handeye.tools.egress import Allowed
from handeye.tools.egress.context import Context
from handeye.tools.egress.exchange import Exchange
from handeye.tools.egress.messages import BadAnswer, BadRequest, asked, own_answer, read_answer, read_request
from handeye.tools.egress.refusals import kind_of

PIECES = st.sampled_from(
    [
        *(
            b"GET",
            b"POST",
            b"CONNECT",
            b" ",
            b"  ",
            b"\t",
            b"http://shop.test/",
            b"http://evil.test/",
            b"/",
            b" HTTP/1.1",
            b" HTTP/1.0",
            b"\r\n",
        ),
        *(
            b"\r\n",
            b"\r\n",
            b"\n",
            b"\r",
            b"\0",
            b"Host:",
            b"Host: shop.test",
            b"Host: evil.test",
            b"Content-Length:",
            b" 5",
            b"Content-Length: 5",
        ),
        *(
            b"Transfer-Encoding: chunked",
            b"transfer-encoding:",
            b"chunked",
            b",",
            b":",
            b"Connection: close",
            b"Connection: host",
            b"X: \xff",
            b" a",
        ),
        *(b"Upgrade: websocket", b"\x0b", b"\x7f", b"\x85", b"a", b"Content-Length : 5", b"Content-Length: 0x5"),
    ]
)
START = b"GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n"


@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(PIECES, max_size=14).map(b"".join),
        st.lists(PIECES, max_size=8).map(lambda some: START + b"".join(some)),
    )
)
@example(START[:-2])
def test_whatever_is_taken_h11_takes_too_and_reads_the_same(head: bytes) -> None:
    head = head.partition(b"\r\n\r\n")[0]
    try:
        read = read_request(head)
        request = asked(read, None)
    except BadRequest:
        return
    theirs = h11.Connection(h11.SERVER)
    theirs.receive_data(head + b"\r\n\r\n")
    event = theirs.next_event()
    assert isinstance(event, h11.Request)
    assert (event.method, event.target) == (read.method, read.target)
    assert list(event.headers) == [(name, value) for name, value, _ in read.headers]
    assert request.address.host in ("shop.test", "evil.test")
    assert b"http://%b" % request.address.authority.encode() in event.target
    # And what is sent on says the same to the next reader, with one Host and one length at most.
    theirs = h11.Connection(h11.SERVER)
    theirs.receive_data(request.head)
    event = theirs.next_event()
    assert isinstance(event, h11.Request)
    names = [name for name, _ in event.headers]
    assert dict(event.headers)[b"host"] == request.address.authority.encode()
    assert names.count(b"host") == 1
    assert names.count(b"content-length") + names.count(b"transfer-encoding") <= 1
    assert (b"transfer-encoding" in names) == (request.length is None)
    assert int(dict(event.headers).get(b"content-length", b"0")) == (request.length or 0)


@given(st.one_of(st.binary(max_size=80), st.lists(PIECES, max_size=12).map(lambda some: b"HTTP/1.1 200 OK\r\n" + b"".join(some))))
def test_any_answer_is_read_or_said_to_be_none(head: bytes) -> None:
    try:
        answer = read_answer(head)
    except BadAnswer:
        return
    assert 100 <= answer.status < 1000
    assert not any(mark in line for line in answer.lines for mark in (b"\r", b"\n", b"\0"))
    assert not any(line.lower().startswith((b"content-length", b"transfer-encoding", b"connection")) for line in answer.lines)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 999 Request denied\r\nContent-Length: 2", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Identity\r\nContent-Length: 2"]
)
def test_odd_answers_that_browsers_take_are_carried(head: bytes) -> None:
    answer = read_answer(head)
    assert (answer.length, answer.chunked) == (2, False)
    assert not any(b"identity" in line.lower() for line in answer.lines)


def carry(head: bytes, said: list[bytes], answer: list[bytes]) -> tuple[bytes, bytes, Exchange]:
    exchange = Exchange(asked(read_request(head), None))
    sent = exchange.asked.head + b"".join(exchange.body(part) for part in said if not exchange.sent)
    return sent, b"".join(shown(exchange, part) for part in answer if part and not exchange.answered), exchange


def shown(exchange: Exchange, part: bytes) -> bytes:
    """What is passed on of `part`, which is shown in a place that is written over at once, as the proxy's is by its next read."""
    space = bytearray(part)
    out = exchange.answer(memoryview(space))
    space[:] = b"#" * len(space)
    return out


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> list[bytes]:
    places = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)) | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


@given(st.data(), st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.booleans())
def test_bodies_are_the_same_however_they_come(data: st.DataObject, parts: list[bytes], chunked: bool) -> None:
    body = b"".join(parts)
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n" if chunked else body
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
    head = b"POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n" + length
    answer = b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n" + framed
    sent, got, exchange = carry(head, data.draw(cut(framed)), data.draw(cut(answer)))
    assert exchange.sent or not framed
    assert exchange.answered
    for role, stream in ((h11.SERVER, sent), (h11.CLIENT, got)):
        theirs = h11.Connection(role)
        if role is h11.CLIENT:
            theirs.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        theirs.receive_data(stream)
        read = b""
        while not isinstance(event := theirs.next_event(), h11.EndOfMessage):
            assert event is not h11.NEED_DATA
            read += event.data if isinstance(event, h11.Data) else b""
        assert read == body
        assert theirs.trailing_data[0] == b""


def test_what_cannot_be_a_proxys_business_is_said() -> None:
    for head, status in (
        (b"GET / HTTP/1.1\r\nHost: a", 400),
        (b"GET http://shop.test/ HTTP/1.0\r\nHost: shop.test", 505),
        (b"GET http://shop.test/ HTTP/1.1\r\nHost: evil.test", 403),
        (b"POST http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: br", 501),
    ):
        with pytest.raises(BadRequest) as caught:
            asked(read_request(head), None)
        assert caught.value.status == status


HOSTS = b"Host: shop.test"
SOCKET = b"Connection: Upgrade\r\nUpgrade: websocket"


def test_headers_that_came_before_say_the_same_and_no_more() -> None:
    """They are read once; the first line, and whether it agrees with them, each time."""
    for _ in range(2):
        for method, socket in ((b"GET", True), (b"POST", False)):
            request = asked(read_request(method + b" http://shop.test/a HTTP/1.1\r\n" + HOSTS + b"\r\nX: 1\r\n" + SOCKET), None)
            assert request.websocket is socket
            assert request.head == method + b" /a HTTP/1.1\r\n" + HOSTS + b"\r\nX: 1\r\n" + (SOCKET + b"\r\n" if socket else b"") + b"\r\n"
        for target, tunnel in (
            (b"http://evil.test/", None),
            (b"http://shop.test:81/", None),
            (b"/", ("evil.test", 80)),
            (b"/", ("shop.test", 81)),
        ):
            with pytest.raises(BadRequest) as caught:
                asked(read_request(b"GET " + target + b" HTTP/1.1\r\n" + HOSTS), tunnel)
            assert caught.value.status == 403
        assert asked(read_request(b"GET / HTTP/1.1\r\n" + HOSTS), ("shop.test", 80)).address.host == "shop.test"


@pytest.mark.parametrize("size", [10, 600, 5000])
def test_what_is_wrong_with_a_request_is_said_in_the_same_order_each_time(size: int) -> None:
    long = b"\r\nX: " + b"a" * size
    lengths = HOSTS + b"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked" + long
    for _ in range(2):
        for head, status, why in (
            (b"GET http://evil.test/ HTTP/1.1\r\n" + lengths, 403, "different hosts"),
            (b"GET http://shop.test/ HTTP/1.1\r\n" + lengths, 400, "two lengths"),
            (b"GET http://shop.test/ HTTP/1.0\r\n" + lengths, 505, "first line"),
            (b"GET http://shop.test/ HTTP/1.1\r\n" + lengths + b"\r\n a", 400, "is no header"),
            (b"GET http://shop.test/ HTTP/1.1\r\n" + lengths + b"\r\n", 400, "is no header"),
        ):
            with pytest.raises(BadRequest, match=why) as caught:
                asked(read_request(head), None)
            assert caught.value.status == status
        assert long[2:] in asked(read_request(b"GET http://shop.test/ HTTP/1.1\r\n" + HOSTS + long), None).head


@pytest.mark.parametrize("first", [b"\r\n", b"\n"])
@pytest.mark.parametrize("second", [b"\r\n", b"\n"])
def test_an_answers_lines_may_end_either_way_and_each_is_read_as_a_line(first: bytes, second: bytes) -> None:
    lines = [b"HTTP/1.1 200 OK", b"A: 1", b"Content-Length: 3", b"no header", b"B: 2\r", b"Connection: A", b"C: 3"]
    head = b"".join(line + (second if place % 2 else first) for place, line in enumerate(lines))
    exchange = Exchange(asked(read_request(b"GET http://shop.test/ HTTP/1.1\r\n" + HOSTS), None))
    # Of a line that ends in a bare carriage return and a whole end, the return is part of the line, which is no header then.
    assert (
        shown(exchange, head + b"\nabcd")
        == b"HTTP/1.1 200 OK\r\n" + b"B: 2\r\n" * (first == b"\n") + b"C: 3\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert (exchange.answered, exchange.surplus) == (True, b"d")


def test_the_lists_answer_is_the_same_when_it_is_asked_for_again() -> None:
    lists = Allowed.read(["shop.test", "shop.test:80", "*.shop.test:8080", "only.test"])
    context = Context(lists, lambda _: None, 1)
    for _ in range(2):
        for host in ("shop.test", "a.shop.test", "only.test", "evil.test", ""):
            for port in (0, 1, 80, 443, 8080):
                for secure in (True, False, None):
                    assert context.host_refusal(host, port, secure) == lists.host_refusal(host, port, secure)


def test_an_answer_of_our_own_holds_no_markup_and_no_second_line() -> None:
    said = own_answer(403, "<b>evil</b>\r\nX: y\u202e\x07", close=True)
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"text/plain" in head
    assert b"nosniff" in head
    assert body == b"handeye refused this: <b>evil</b>??X: y??\n"
    assert own_answer(403, "a", close=True, bare=True).endswith(b"\r\n\r\n")


def test_the_browsers_own_calls_are_known_by_name() -> None:
    assert [kind_of(host) for host in ("update.googleapis.com", "accounts.google.com", "google.com", "x.accounts.google.com")] == [
        "browser",
        "browser",
        "page",
        "page",
    ]
