"""HTTP/1.1 heads as a proxy has to read them: strictly, and agreeing with themselves. No I/O.

h11 does the reading; here is what it is lenient about (line ends, folded lines, two lengths) and what is a proxy's own business: whom a
request is for, and which headers are for the next hop alone (RFC 9110 7.6.1, RFC 9112).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import h11

from handeye.tools.egress.addresses import Address, canonical, canonical_host
from handeye.tools.errors import InvalidAction

MAX_HEAD = 65536
"""Bytes of a request's or an answer's head. Chromium sends 256 kB at most, servers take 8 to 64 kB."""
HEAD_END = b"\r\n\r\n"

_LOOSE = re.compile(rb"(?<!\r)\n|\r(?!\n)|\n[ \t]|\0")
"""Line ends and folded lines about which readers disagree."""
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:/?#@\\]+):([0-9]{1,5})")
_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer transfer-encoding upgrade".split()
)
_FRAMING = frozenset((b"host", b"content-length"))
"""Headers that `Connection` cannot take away."""

Headers = list[tuple[bytes, bytes]]


class BadRequest(Exception):
    """What came is no request that a proxy may carry. `status` is the answer's."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """One request, read and agreeing with itself."""

    method: bytes
    address: Address
    """Whom it is for; scheme `http`."""
    target: bytes
    """Path and query, as sent on."""
    headers: Headers
    """As sent on: `Host` first, nothing that is for this hop alone."""
    websocket: bool
    body: bool


def read_head(reader: h11.Connection, head: bytes) -> h11.Request:
    """`head`, which ends with its empty line, as `reader` (new, role server) reads it. Raises `BadRequest`."""
    if _LOOSE.search(head):
        raise BadRequest("a line of the request does not end as it must, or is folded")
    reader.receive_data(head)
    try:
        event = reader.next_event()
    except h11.RemoteProtocolError as error:
        raise BadRequest(f"the request cannot be read: {error}") from error
    if not isinstance(event, h11.Request):
        raise BadRequest("the request cannot be read")
    if event.http_version != b"1.1":
        raise BadRequest("only HTTP/1.1 is spoken here", 505)
    names = [name for name, _ in event.headers]
    if b"transfer-encoding" in names and (b"content-length" in names or names.count(b"transfer-encoding") > 1):
        raise BadRequest("the request has two lengths")
    return event


def connect_target(request: h11.Request) -> tuple[str, int]:
    """Host (canonical) and port that a CONNECT asks for. Raises `BadRequest`."""
    shape = _AUTHORITY.fullmatch(request.target.decode("ascii"))
    port = int(shape.group(2)) if shape else 0
    if shape is None or not 0 < port < 65536:
        raise BadRequest("CONNECT takes host:port")
    try:
        host = canonical_host(shape.group(1).strip("[]"))
    except InvalidAction as error:
        raise BadRequest(f"CONNECT to no host: {error}") from error
    _hosts_agree(request, Address("ws", host, port, ""))
    return host, port


def asked(request: h11.Request, tunnel: tuple[str, int] | None) -> Asked:
    """What `request` asks for: by its whole address, or, within a `tunnel` to a host and port, by a path. Raises `BadRequest`."""
    if tunnel is None:
        address, target = _absolute(request.target)
    else:
        if not request.target.startswith(b"/"):
            raise BadRequest("within a tunnel a request names a path")
        host, port = tunnel
        address, target = Address("http", host, port, ""), request.target
    _hosts_agree(request, address)
    tokens = {token.strip().lower() for name, value in request.headers if name == b"connection" for token in value.split(b",")}
    dropped = (tokens | _HOP) - _FRAMING
    kept = [(name, value) for name, value in request.headers.raw_items() if name.lower() not in dropped and name.lower() != b"host"]
    upgrades = [value.lower() for name, value in request.headers if name == b"upgrade"]
    websocket = b"upgrade" in tokens and upgrades == [b"websocket"] and request.method == b"GET"
    if websocket:
        kept += [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
    chunked = any(name == b"transfer-encoding" for name, _ in request.headers)
    if chunked:
        kept.append((b"Transfer-Encoding", b"chunked"))
    body = chunked or any(name == b"content-length" and value != b"0" for name, value in request.headers)
    return Asked(request.method, address, target, [(b"Host", address.authority.encode()), *kept], websocket, body)


def _absolute(target: bytes) -> tuple[Address, bytes]:
    try:
        address = canonical(target.decode("ascii"))
    except InvalidAction as error:
        raise BadRequest(str(error)) from error
    if address.scheme == "ws":
        address = Address("http", address.host, address.port, "http" + address.href[2:])
    if address.scheme != "http" or not address.host:
        raise BadRequest("a proxy is asked by whole http:// addresses")
    prefix = f"http://{address.authority}"
    if target.startswith(prefix.encode() + b"/") and b"#" not in target:
        # As sent: the browser has escaped it by its own rules. Nothing in it names a host.
        return address, target[len(prefix) :]
    path = re.sub(r"^[a-z]+://[^/]*", "", address.href.partition("#")[0])
    return address, path.encode()


def _hosts_agree(request: h11.Request, address: Address) -> None:
    """Raises `BadRequest` unless the request's one Host header names `address`."""
    written = [value for name, value in request.headers if name == b"host"]
    if len(written) != 1:
        raise BadRequest("a request has one Host header")
    text = written[0].decode("ascii", "replace")
    if text == address.authority:
        return
    try:
        named = canonical(f"{address.scheme}://{text}/")
    except InvalidAction as error:
        raise BadRequest("the Host header names no host") from error
    port = named.port if ":" in text.rpartition("]")[2] else address.port
    if set(text) & set("/\\?#@") or (named.host, port) != (address.host, address.port):
        raise BadRequest("the Host header and the address of the request name different hosts", 403)


def answer_head(event: h11.Response | h11.InformationalResponse, close: bool) -> bytes:
    """The head of an answer as it is passed on; `close`: the connection ends with it."""
    tokens = {token.strip().lower() for name, value in event.headers if name == b"connection" for token in value.split(b",")}
    switching = event.status_code == 101
    dropped = (tokens | _HOP) - {b"content-length", b"transfer-encoding"}
    framed = {name for name, _ in event.headers}
    if b"transfer-encoding" in framed:
        dropped |= {b"content-length"}
    lines = [b"HTTP/1.1 %d %s" % (event.status_code, event.reason)]
    lines += [b"%s: %s" % (name, value) for name, value in event.headers.raw_items() if name.lower() not in dropped]
    if switching:
        lines += [b"Connection: Upgrade", b"Upgrade: websocket"]
    elif close:
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + HEAD_END


def own_answer(status: int, why: str, close: bool, bare: bool = False) -> bytes:
    """An answer of the proxy's own: `status`, and `why` as plain text, in which nothing can be run or drawn. `bare`: the head alone."""
    said = "".join(letter if " " <= letter <= "~" else "?" for letter in why)
    title = {403: "handeye refused this", 502: "handeye could not reach this"}.get(status, "handeye cannot carry this")
    body = f"{title}: {said}\n".encode()
    reason = {400: "Bad Request", 403: "Forbidden", 431: "Header Too Large", 502: "Bad Gateway", 503: "Busy", 504: "Timeout"}
    return (
        f"HTTP/1.1 {status} {reason.get(status, 'Refused')}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n"
        f"Connection: {'close' if close else 'keep-alive'}\r\n\r\n"
    ).encode() + (b"" if bare else body)
