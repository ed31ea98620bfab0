"""HTTP/1.1 heads as a proxy has to read them: strictly, and agreeing with themselves. No I/O.

Heads are read here and not by h11, which costs three times as much as all the rest of the way through the proxy and is lenient about line
ends, folded lines and two lengths. Whatever is taken here h11 takes too, and reads it the same. RFC 9110 7.6.1, RFC 9112.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from handeye.tools.egress.addresses import Address, canonical, canonical_host
from handeye.tools.errors import InvalidAction

MAX_HEAD = 65536
"""Bytes of a request's or an answer's head. Chromium takes 256 kB, servers take 8 to 64 kB."""
HEAD_END = b"\r\n\r\n"
_ANSWER_END = re.compile(rb"\n\r?\n")

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%b) ([\x21-\x7e]+) HTTP/1\.1" % _TOKEN)
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_HEADER = re.compile(rb"(%b):([\t\x20-\x7e\x80-\xff]*)" % _TOKEN)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CONNECT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:/?#@\\]+):([0-9]{1,5})")
_WHOLE = re.compile(rb"[Hh][Tt][Tt][Pp]://([^/?#@\\]+)(/[^#]*)")

_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer transfer-encoding upgrade".split()
)
_READ = _HOP | {b"host", b"content-length"}
_USUAL_TOKENS = frozenset((b"keep-alive", b"close", b"upgrade"))
_SHORT = 512
"""Lines up to this length are remembered: servers send most of theirs with each answer."""
_SHORT_FIELDS = 4096
"""Headers of requests up to this length are remembered: a browser sends the same ones for all pictures of a page."""

Header = tuple[bytes, bytes, bytes]
"""Name in lower case, value, and the whole line."""


class BadRequest(Exception):
    """What came is no request that a proxy may carry. `status` is the answer's; `host` and `port`: whom it was for, if that is known."""

    def __init__(self, why: str, status: int = 400, host: str = "", port: int = 0) -> None:
        super().__init__(why)
        self.status = status
        self.host = host
        self.port = port


class BadAnswer(Exception):
    """What the server sent is no HTTP, or ends too early."""


class Fields(NamedTuple):
    """What a request's headers say, whatever its first line does."""

    headers: tuple[Header, ...]
    hosts: tuple[bytes, ...]
    """Values of its Host headers."""
    length: int | None
    """Bytes of its body; None: in chunks."""
    wrong: tuple[str, int] | None
    """Why that cannot be told, and the status that says so."""
    keep: bool
    """Whether the client's connection lasts longer than this."""
    upgrade: bool
    """Whether they ask for a WebSocket, as far as it is theirs to say."""
    kept: bytes
    """The lines that are not for this hop alone, without Host and length; each ends as lines do."""
    framing: bytes
    """The line that says the length, where one does."""


class Request(NamedTuple):
    """One request as it stands."""

    method: bytes
    target: bytes
    fields: Fields

    @property
    def headers(self) -> tuple[Header, ...]:
        """In the order in which they came."""
        return self.fields.headers


class Asked(NamedTuple):
    """One request, agreeing with itself."""

    method: bytes
    address: Address
    """Whom it is for; scheme `http`."""
    head: bytes
    """As sent on: nothing in it is for this hop alone."""
    length: int | None
    """Bytes of its body; None: in chunks."""
    keep: bool
    """Whether the client's connection lasts longer than this."""
    websocket: bool


class Answer(NamedTuple):
    """The head of an answer."""

    status: int
    lines: tuple[bytes, ...]
    """Status line and headers as passed on, without what says how the body ends."""
    length: int | None
    """Bytes of its body, as it says; None: it does not say."""
    chunked: bool
    keep: bool
    """Whether the server's connection lasts longer than this."""


def read_request(head: bytes) -> Request:
    """`head` without the empty line at its end. Raises `BadRequest`."""
    first = head.partition(b"\r\n")[0]
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise BadRequest("the first line is no HTTP/1.1 request", 505 if first[-9:] == b" HTTP/1.0" else 400)
    rest = head[len(first) :]
    fields = _remembered_fields(rest) if len(rest) <= _SHORT_FIELDS else _fields(rest)
    if fields is None:
        raise BadRequest("a line of the request is no header, is folded, or does not end as it must")
    return Request(line[1], line[2], fields)


def _fields(lines: bytes) -> Fields | None:
    """What `lines`, each with its end before it, say; None: one of them is no header. Looks at nothing else: the same lines always say the
    same, which is why they may be remembered."""
    read = [_remembered(text) if len(text) <= _SHORT else _header(text) for text in lines.split(b"\r\n")[1:]]
    headers = [header for header in read if header is not None]
    if len(headers) < len(read):
        return None
    special = [header for header in headers if header[0] in _READ]
    kept = [header for header in headers if header[0] not in _READ]
    tokens = _tokens(special)
    if not tokens <= _USUAL_TOKENS:
        kept = [header for header in kept if header[0] not in tokens]
    length: int | None = 0
    wrong = None
    try:
        length = _request_length(special)
    except BadRequest as error:
        wrong = (str(error), error.status)
    framing = b""
    if length is None:
        framing = b"Transfer-Encoding: chunked\r\n"
    elif any(name == b"content-length" for name, _, _ in special):
        framing = b"Content-Length: %d\r\n" % length
    return Fields(
        tuple(headers),
        tuple(value for name, value, _ in special if name == b"host"),
        length,
        wrong,
        b"close" not in tokens,
        b"upgrade" in tokens and [value.lower() for name, value, _ in special if name == b"upgrade"] == [b"websocket"],
        b"".join(line + b"\r\n" for _, _, line in kept),
        framing,
    )


_remembered_fields = functools.lru_cache(256)(_fields)


def _header(line: bytes) -> Header | None:
    found = _HEADER.fullmatch(line)
    return None if found is None else (found[1].lower(), found[2].strip(b" \t"), line)


_remembered = functools.lru_cache(2048)(_header)


def connect_target(request: Request) -> tuple[str, int]:
    """Host (canonical) and port that a CONNECT asks for. Raises `BadRequest`."""
    shape = _CONNECT.fullmatch(request.target.decode("ascii"))
    port = int(shape[2]) if shape else 0
    if shape is None or not 0 < port < 65536:
        raise BadRequest("CONNECT takes host:port")
    try:
        host = canonical_host(shape[1].strip("[]"))
    except InvalidAction as error:
        raise BadRequest(f"CONNECT to no host: {error}") from error
    if any(name in (b"transfer-encoding", b"content-length") for name, _, _ in request.headers):
        raise BadRequest("CONNECT has no body")
    _hosts_agree(request.fields.hosts, Address("ws", host, port, ""))
    return host, port


def asked(request: Request, tunnel: tuple[str, int] | None) -> Asked:
    """What `request` asks for: by its whole address, or, within a `tunnel` to a host and port, by a path. Raises `BadRequest`."""
    if tunnel is None:
        address, target = _absolute(request.target)
    elif request.target[:1] == b"/":
        address, target = Address("http", tunnel[0], tunnel[1], ""), request.target
    else:
        raise BadRequest("within a tunnel a request names a path")
    method, _, fields = request
    _hosts_agree(fields.hosts, address)
    if fields.wrong is not None:
        raise BadRequest(*fields.wrong)
    websocket = fields.upgrade and method == b"GET"
    head = b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b%b\r\n" % (
        method,
        target,
        address.authority.encode(),
        fields.kept,
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n" if websocket else b"",
        fields.framing,
    )
    return Asked(method, address, head, fields.length, fields.keep, websocket)


def _tokens(headers: list[Header]) -> set[bytes]:
    return {token.strip(b" \t").lower() for name, value, _ in headers if name == b"connection" for token in value.split(b",")}


def _request_length(headers: list[Header]) -> int | None:
    lengths = [value for name, value, _ in headers if name == b"content-length"]
    codings = [value.lower() for name, value, _ in headers if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise BadRequest("the request has two lengths")
    if codings:
        if codings != [b"chunked"]:
            raise BadRequest("a request's body comes in chunks or as it is", 501)
        return None
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise BadRequest("the length of the request's body is no number")
    return int(lengths[0]) if lengths else 0


def _absolute(target: bytes) -> tuple[Address, bytes]:
    """Whom a whole address is for, and the path to ask there. As the browser wrote it where it can be: nothing in a path names a host."""
    whole = _WHOLE.fullmatch(target)
    if whole is not None:
        return _authority(whole[1]), whole[2]
    try:
        address = canonical(target.decode("ascii"))
    except InvalidAction as error:
        raise BadRequest(str(error)) from error
    if address.scheme not in ("http", "ws") or not address.host:
        raise BadRequest("a proxy is asked by whole http:// addresses")
    path = re.sub(r"^[a-z]+://[^/]*", "", address.href.partition("#")[0])
    return Address("http", address.host, address.port, address.href), path.encode()


@functools.lru_cache(512)
def _authority(text: bytes) -> Address:
    try:
        return canonical(f"http://{text.decode('ascii')}/")
    except InvalidAction as error:
        raise BadRequest(str(error)) from error


def _hosts_agree(written: tuple[bytes, ...], address: Address) -> None:
    """Raises `BadRequest` unless a request's one Host header names `address`."""
    if len(written) != 1:
        raise BadRequest("a request has one Host header")
    text = written[0].decode("ascii", "replace")
    if text == address.authority:
        return
    try:
        named = canonical(f"{address.scheme}://{text}/")
    except InvalidAction as error:
        raise BadRequest("the Host header names no host") from error
    # Without a port it names the scheme's own, but clients differ about what CONNECT's own is.
    port = named.port if address.scheme == "http" or ":" in text.rpartition("]")[2] else address.port
    if set(text) & set("/\\?#@") or (named.host, port) != (address.host, address.port):
        raise BadRequest("the Host header and the address of the request name different hosts", 403, address.host, address.port)


def answer_end(data: bytes | memoryview, start: int) -> tuple[int, int] | None:
    """Where the head of an answer that begins at `start` ends, and where what follows begins; None: not in what has come. Servers with bare
    line ends are still about; what is passed on has whole ones."""
    found = _ANSWER_END.search(data, start)
    if found is None:
        return None
    end, after = found.span()
    return (end - 1 if end > start and data[end - 1 : end] == b"\r" else end), after


def read_answer(head: bytes) -> Answer:
    """`head` without the empty line at its end. Lines that are no headers are left out. Raises `BadAnswer`."""
    if b"\n " in head or b"\n\t" in head:
        head = re.sub(rb"\r?\n[ \t]+", b" ", head)
    first, *rest = head.split(b"\r\n") if head.count(b"\n") == head.count(b"\r\n") else re.split(rb"\r?\n", head)
    line = _STATUS_LINE.fullmatch(first)
    if line is None:
        raise BadAnswer("the server's answer is no HTTP/1.1")
    lines = [b"HTTP/1.1" + first[8:]]
    lengths: set[bytes] = set()
    codings: list[bytes] = []
    tokens: set[bytes] = set()
    for text in rest:
        header = _remembered(text) if len(text) <= _SHORT else _header(text)
        if header is None:
            continue
        name = header[0]
        if name not in _READ:
            lines.append(text)
        elif name == b"content-length":
            lengths.update(part.strip(b" \t") for part in header[1].split(b","))
        elif name == b"transfer-encoding":
            codings.append(header[1].lower())
        elif name == b"connection":
            tokens |= _tokens([header])
    if codings == [b"identity"]:  # no coding: of HTTP before 2014, and still about
        codings = []
    if tokens:
        lines[1:] = [text for text in lines[1:] if text.partition(b":")[0].lower() not in tokens]
    keep = line[1] == b"1" and b"close" not in tokens
    return Answer(int(line[2]), tuple(lines), _answer_length(lengths, codings), bool(codings), keep)


def _answer_length(lengths: set[bytes], codings: list[bytes]) -> int | None:
    """Bytes of an answer's body; None: it does not say. Raises `BadAnswer`."""
    if codings:
        if codings != [b"chunked"]:
            raise BadAnswer("the server's answer comes in a coding that nobody asked for")
        return None  # what is passed on has one length, so that there is nothing to disagree about (RFC 9112 6.3)
    if not lengths:
        return None
    if len(lengths) > 1:
        raise BadAnswer("the server's answer has two lengths")
    (length,) = lengths
    if not _LENGTH.fullmatch(length):
        raise BadAnswer("the length of the server's answer is no number")
    return int(length)


def own_answer(status: int, why: str, close: bool, bare: bool = False) -> bytes:
    """An answer of the proxy's own: `status`, and `why` as plain text, in which nothing can be run or drawn. `bare`: the head alone."""
    said = "".join(letter if " " <= letter <= "~" else "?" for letter in why)
    title = {403: "handeye refused this", 502: "handeye could not reach this"}.get(status, "handeye cannot carry this")
    body = f"{title}: {said}\n".encode()
    reason = {400: "Bad Request", 403: "Forbidden", 431: "Header Too Large", 502: "Bad Gateway", 503: "Busy"}.get(status, "Refused")
    return (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n"
        f"Connection: {'close' if close else 'keep-alive'}\r\n\r\n"
    ).encode() + (b"" if bare else body)
