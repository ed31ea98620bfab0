"""Which server a TLS client asks for, read from its first bytes; nothing is decrypted.

OpenSSL itself reads them, as a server that hangs up as soon as it knows the name: a parser of our own would be one more reading of the
same bytes that could differ from the server's.
"""

from __future__ import annotations

import functools
import ssl

HANDSHAKE = 0x16
"""First byte of a TLS connection (RFC 8446, 5.1)."""
MAX_BYTES = 65536
"""Clients with large keys send some 2 kB."""


class NotHello(Exception):
    """The bytes are no beginning of a TLS connection."""


class Hello:
    """Takes the first bytes of a TLS client as they come."""

    def __init__(self) -> None:
        self._incoming = ssl.MemoryBIO()
        tls = _context().wrap_bio(self._incoming, ssl.MemoryBIO(), server_side=True)
        assert isinstance(tls, _Listener)
        self._tls = tls
        self._seen = 0

    @property
    def name(self) -> str | None:
        """The server's name as the client wrote it; empty: it names none. None: it has not been read yet."""
        return self._tls.asked_for

    def feed(self, data: bytes) -> bool:
        """Whether the name is known now. Raises `NotHello`."""
        self._seen += len(data)
        self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            if self._seen > MAX_BYTES:
                raise NotHello("the first TLS message is too long") from None
        except ssl.SSLError as error:
            if self.name is None:
                raise NotHello("the first TLS message cannot be read") from error
        return self.name is not None


class _Listener(ssl.SSLObject):
    asked_for: str | None = None


def _named(tls: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> int:
    assert isinstance(tls, _Listener)
    tls.asked_for = name or ""
    return int(ssl.AlertDescription.ALERT_DESCRIPTION_USER_CANCELLED)


@functools.cache
def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = _Listener
    context.sni_callback = _named
    return context
