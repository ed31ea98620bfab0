"""One request and its answer on their way through, as bytes in and bytes out. No I/O.

Heads are written anew from what was read, and chunks from what h11 made of them, so that the next reader has no other view of where a
message ends than this one had. Bodies of known length pass as they come.
"""

from __future__ import annotations

from handeye.tools.egress.messages import HEAD_END, MAX_HEAD, Answer, Asked, BadAnswer, BadRequest, answer_end, read_answer

_BEFORE_CHUNKS = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Chunks:
    """A body in chunks, read strictly and written anew without extensions and trailers."""

    def __init__(self) -> None:
        import h11

        self._reader = h11.Connection(h11.SERVER)
        self._reader.receive_data(_BEFORE_CHUNKS)
        self._reader.next_event()
        self.done = False
        self.rest = b""
        """What came after the body."""

    def feed(self, data: bytes) -> bytes:
        """What is passed on after `data` has come. Raises `ValueError`."""
        import h11

        out: list[bytes] = []
        try:
            self._reader.receive_data(data)
            while (event := self._reader.next_event()) is not h11.NEED_DATA:
                if not isinstance(event, h11.Data):
                    self.done, self.rest = True, self._reader.trailing_data[0]
                    out.append(b"0\r\n\r\n")
                    break
                out.append(b"%x\r\n%b\r\n" % (len(event.data), event.data))
        except h11.RemoteProtocolError as error:
            raise ValueError(str(error)) from error
        return b"".join(out)


class Exchange:
    """Carries `asked` and what the server says to it."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._unsent = asked.length or 0
        self._sending = Chunks() if asked.length is None else None
        self._head: bytes | None = b""
        """What has come of the answer's head; None: all of it is through."""
        self._left: int | None = 0
        """Bytes of the answer that are to come; None: until the server hangs up."""
        self._coming: Chunks | None = None
        self.sent = asked.length == 0
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
        self.keep_client = asked.keep
        self.keep_server = True

    def body(self, data: bytes) -> bytes:
        """What the server gets after `data` has come from the client. Raises `BadRequest`."""
        if self._sending is not None:
            try:
                out = self._sending.feed(data)
            except ValueError as error:
                raise BadRequest(f"the request's body cannot be read: {error}") from error
            self.sent, self.rest = self._sending.done, self._sending.rest
            return out
        out, self.rest = data[: self._unsent], data[self._unsent :]
        self._unsent -= len(out)
        self.sent = self._unsent == 0
        return out

    def answer(self, data: bytes | memoryview) -> bytes:
        """What the client gets after `data` has come from the server; empty `data`: the server has hung up. Raises `BadAnswer`.

        Nothing of a view is kept: what it shows may be another's when the call is over.
        """
        if not data:
            if self._head is None and self._left is None and self._coming is None:
                self.answered = True
                return b""
            raise BadAnswer("the server hung up within its answer" if self.begun else "the server hung up without an answer")
        return bytes(self._body(data)) if self._head is None else self._heads(self._head, data)

    def _heads(self, before: bytes, data: bytes | memoryview) -> bytes:
        data = before + data if before else data
        start = 0
        out: list[bytes] = []
        while (found := answer_end(data, start)) is not None and found[0] - start <= MAX_HEAD:
            answer = read_answer(bytes(data[start : found[0]]))
            start = found[1]
            if answer.status >= 200:
                self._head, self.begun = None, True
                return b"".join((*out, self._final(answer), self._body(data[start:])))
            out.append(self._interim(answer))
            self.begun = True
            if self.switched:
                self.surplus = bytes(data[start:])
                return b"".join(out)
        self._head = bytes(data[start:])
        if len(self._head) > MAX_HEAD:
            raise BadAnswer("the head of the server's answer is too long")
        return b"".join(out)

    def _interim(self, answer: Answer) -> bytes:
        lines = answer.lines
        if answer.status == 101:
            if not self.asked.websocket:
                raise BadAnswer("the server switches to a protocol that nobody asked for")
            self.switched = True
            lines = (*lines, b"Connection: Upgrade", b"Upgrade: websocket")
        return b"\r\n".join(lines) + HEAD_END

    def _final(self, answer: Answer) -> bytes:
        lines = list(answer.lines)
        self.keep_server = answer.keep
        if answer.length is not None:
            lines.append(b"Content-Length: %d" % answer.length)
        if self.asked.method == b"HEAD" or answer.status in (204, 304):
            self._left = 0
        elif answer.chunked:
            self._coming = Chunks()
            lines.append(b"Transfer-Encoding: chunked")
        else:
            self._left = answer.length
            if answer.length is None:
                self.keep_client = self.keep_server = False
        if not self.keep_client:
            lines.append(b"Connection: close")
        return b"\r\n".join(lines) + HEAD_END

    def _body(self, data: bytes | memoryview) -> bytes | memoryview:
        if self._coming is not None:
            try:
                out = self._coming.feed(bytes(data)) if data else b""
            except ValueError as error:
                raise BadAnswer(f"the server's answer cannot be read: {error}") from error
            self.answered, self.surplus = self._coming.done, self._coming.rest
            return out
        if self._left is None:
            return data
        if len(data) > self._left:
            data, self.surplus = data[: self._left], bytes(data[self._left :])
        self._left -= len(data)
        self.answered = self._left == 0
        return data
