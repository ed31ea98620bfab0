"""One request and its answer on their way through, as bytes in and bytes out. No I/O.

What is sent on is written anew from what h11 read, so that the next reader has no other view of where a message ends than this one had.
Bodies of known length pass as they come, unread.
"""

from __future__ import annotations

import h11

from handeye.tools.egress.messages import MAX_HEAD, Asked, BadRequest, answer_head, asked


class BadAnswer(Exception):
    """What the server sent is no HTTP, or ends too early."""


class Exchange:
    """`reader` has read `request` of a client; `tunnel`: host and port, when it came within a CONNECT. Raises `BadRequest`."""

    def __init__(self, reader: h11.Connection, request: h11.Request, tunnel: tuple[str, int] | None) -> None:
        self.asked: Asked = asked(request, tunnel)
        self._reader = reader
        self._writer = h11.Connection(h11.CLIENT, MAX_HEAD)
        self._left: int | None = None
        self._chunked = False
        self._events = False
        self.sent = False
        """All of the request is through."""
        self.begun = False
        """Something of the answer is through."""
        self.answered = False
        """All of the answer is through."""
        self.switched = False
        """Both sides speak WebSocket from here on."""
        self.rest = b""
        """What the client sent beyond this request."""
        self.surplus = b""
        """What the server sent beyond this answer."""
        self.keep_client = b"close" not in _tokens(request)
        self.keep_server = True

    def opening(self) -> bytes:
        """The request's head as the server gets it. Raises `BadRequest`."""
        try:
            head = self._writer.send(h11.Request(method=self.asked.method, target=self.asked.target, headers=self.asked.headers))
        except h11.LocalProtocolError as error:
            raise BadRequest(f"the request cannot be passed on: {error}") from error
        return head or b""

    def body(self, data: bytes) -> bytes:
        """What the server gets after `data` has come from the client. Raises `BadRequest`."""
        if data:
            self._reader.receive_data(data)
        out: list[bytes] = []
        try:
            while (event := self._reader.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Data):
                    out.append(self._writer.send(h11.Data(data=bytes(event.data))) or b"")
                elif isinstance(event, h11.EndOfMessage):
                    out.append(self._writer.send(h11.EndOfMessage()) or b"")
                    self.sent = True
                    self.rest = self._reader.trailing_data[0]
                    break
                else:
                    raise BadRequest("the client hung up within a request")
        except (h11.RemoteProtocolError, h11.LocalProtocolError) as error:
            raise BadRequest(f"the request's body cannot be read: {error}") from error
        return b"".join(out)

    def answer(self, data: bytes) -> bytes:
        """What the client gets after `data` has come from the server; empty `data`: the server has hung up. Raises `BadAnswer`."""
        if self._left is not None:
            return self._counted(data)
        out: list[bytes] = []
        try:
            self._writer.receive_data(data)
            while (event := self._writer.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.InformationalResponse):
                    out.append(self._informed(event))
                elif isinstance(event, h11.Response):
                    out.append(self._headed(event))
                    if self._left is not None:
                        return b"".join(out) + self._counted(self._writer.trailing_data[0], begin=True)
                elif isinstance(event, h11.Data):
                    out.append(b"%x\r\n%b\r\n" % (len(event.data), event.data) if self._chunked else bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    out.append(b"0\r\n\r\n" if self._chunked else b"")
                    self.answered, self.surplus = True, self._writer.trailing_data[0]
                    break
                else:
                    if not self.switched:
                        raise BadAnswer("the server hung up without an answer")
                    self.surplus = self._writer.trailing_data[0]
                    break
        except h11.RemoteProtocolError as error:
            raise BadAnswer(f"the server's answer cannot be read: {error}") from error
        return b"".join(out)

    def _informed(self, event: h11.InformationalResponse) -> bytes:
        if event.status_code == 101:
            if not self.asked.websocket:
                raise BadAnswer("the server switches to a protocol that nobody asked for")
            self.switched = True
        self.begun = True
        return answer_head(event, close=False)

    def _headed(self, event: h11.Response) -> bytes:
        names = [name for name, _ in event.headers]
        self.begun = True
        self.keep_server = event.http_version == b"1.1" and b"close" not in _tokens(event)
        bare = self.asked.method == b"HEAD" or event.status_code in (204, 304)
        coded, sized = b"transfer-encoding" in names, b"content-length" in names
        if coded and sized:
            raise BadAnswer("the server's answer has two lengths")
        if bare:
            self._left = 0
        elif coded:
            self._chunked = True
        elif sized:
            self._left = next(int(value) for name, value in event.headers if name == b"content-length")
        else:
            self.keep_client = self.keep_server = False
        head = answer_head(event, close=not self.keep_client)
        return head

    def _counted(self, data: bytes, begin: bool = False) -> bytes:
        """Bytes of a body of known length, as they are."""
        left = self._left or 0
        if not data and not begin and left:
            raise BadAnswer("the server hung up within its answer")
        body, self.surplus = data[:left], data[left:]
        self._left = left - len(body)
        self.answered = self._left == 0
        return body


def _tokens(event: h11.Request | h11.Response) -> set[bytes]:
    return {token.strip().lower() for name, value in event.headers if name == b"connection" for token in value.split(b",")}
