"""Who may join the display of a virtual desktop: this user's processes, and nobody else.

Only the standard library is imported: the guard of a virtual desktop loads this file.
"""

from __future__ import annotations

import os
import socket
import struct

LIMIT_S = 20.0
SOCKET = "/tmp/.X11-unix/X{}"
"""Where an X server of this machine listens."""


def authority(cookie: bytes) -> bytes:
    """An Xauthority file with one cookie for any display (libXau: Xauth(3), AuWrite.c)."""
    fields = (b"", b"", b"MIT-MAGIC-COOKIE-1", cookie)
    return struct.pack(">H", 0xFFFF) + b"".join(struct.pack(">H", len(field)) + field for field in fields)


def admit_this_user(number: str, cookie: bytes) -> None:
    """Let every process of this user in without a cookie, and nobody else: what `xhost +si:localuser:NAME` does.

    So nobody needs XAUTHORITY, which is one for a whole process. X11 protocol, section 8 (connection setup) and request ChangeHosts.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LIMIT_S)
        try:
            connection.connect(SOCKET.format(number))
        except OSError:
            connection.connect(f"\0{SOCKET.format(number)}")
        name = b"MIT-MAGIC-COOKIE-1"
        connection.sendall(struct.pack("<BxHHHHxx", 0x6C, 11, 0, len(name), len(cookie)) + _padded(name) + cookie)
        with connection.makefile("rb") as heard:
            head = heard.read(8)
            heard.read(int.from_bytes(head[6:8], "little") * 4)
            address = f"localuser\0#{os.geteuid()}".encode()
            insert = struct.pack("<BBHBxH", 109, 0, 2 + len(_padded(address)) // 4, 5, len(address)) + _padded(address)
            # GetInputFocus asks for an answer, so that what went before it is done.
            connection.sendall(insert + struct.pack("<BxH", 43, 1))
            if head[:1] != b"\1" or heard.read(1) != b"\1":
                raise RuntimeError("the X server did not take its access rule")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
