"""adb's wire format: packets of a header and a payload, and the smaller packets that shell v2 puts inside. No input or output here.

Facts from the protocol's own description (platform/packages/modules/adb: protocol.txt, shell_protocol.h) and from captures.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SYNC: Final = b"SYNC"
CNXN: Final = b"CNXN"
AUTH: Final = b"AUTH"
OPEN: Final = b"OPEN"
OKAY: Final = b"OKAY"
WRTE: Final = b"WRTE"
CLSE: Final = b"CLSE"
STLS: Final = b"STLS"
COMMANDS: Final = frozenset({SYNC, CNXN, AUTH, OPEN, OKAY, WRTE, CLSE, STLS})

VERSION_WITH_SUMS: Final = 0x01000000
"""Up to this version both sides fill in and check `data_check`."""
VERSION: Final = 0x01000001
MAX_DATA: Final = 1 << 20
"""Most bytes of a payload that we take and give."""
LEAST_DATA: Final = 4096
"""Payload size of the first adb; no peer may ask for less."""
HEADER: Final = struct.Struct("<4s5I")

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)
"""Ids of shell v2's packets; what else a peer sends, such as the size of its window, changes nothing here."""
SHELL_HEADER: Final = struct.Struct("<BI")


class MalformedPacket(Exception):
    """Bytes that no adb sends; the connection cannot go on."""


@dataclass(frozen=True)
class Header:
    """What precedes a payload of `length` bytes. `arg0` is the sender's own stream id, `arg1` the receiver's."""

    command: bytes
    arg0: int
    arg1: int
    length: int
    check: int


@dataclass(frozen=True)
class Packet:
    """One message of either side."""

    command: bytes
    arg0: int
    arg1: int
    data: bytes = b""


def pack(packet: Packet, sums: bool = False) -> bytes:
    """The bytes of a packet; `sums` fills in the check sum."""
    word = int.from_bytes(packet.command, "little")
    check = byte_sum(packet.data) if sums else 0
    return HEADER.pack(packet.command, packet.arg0, packet.arg1, len(packet.data), check, word ^ 0xFFFFFFFF) + packet.data


def unpack_header(raw: bytes, limit: int = MAX_DATA) -> Header:
    """Read 24 bytes. Raises `MalformedPacket` for an unknown command, a wrong magic or a payload of more than `limit` bytes."""
    command, arg0, arg1, length, check, magic = HEADER.unpack(raw)
    if command not in COMMANDS or magic != int.from_bytes(command, "little") ^ 0xFFFFFFFF:
        raise MalformedPacket(f"no header: {raw.hex()}")
    if length > limit:
        raise MalformedPacket(f"{length} bytes of payload, at most {limit} are taken")
    return Header(command, arg0, arg1, length, check)


def complete(header: Header, data: bytes, sums: bool) -> Packet:
    """The packet of a header and its payload. Raises `MalformedPacket` when `sums` is set and the check sum is not right."""
    if sums and header.check != byte_sum(data):
        raise MalformedPacket("wrong check sum")
    return Packet(header.command, header.arg0, header.arg1, data)


def byte_sum(data: bytes) -> int:
    """The check sum: the sum of all bytes in 32 bits."""
    return sum(data) & 0xFFFFFFFF


def banner(props: dict[str, str], features: tuple[str, ...]) -> bytes:
    """What a device says of itself in CNXN: `device::key=value;...;features=a,b`."""
    parts = [f"{key}={value}" for key, value in props.items()]
    return ("device::" + ";".join([*parts, "features=" + ",".join(features)])).encode()


def shell_packet(kind: int, data: bytes) -> bytes:
    """One packet of shell v2."""
    return SHELL_HEADER.pack(kind, len(data)) + data


class ShellPackets:
    """Cuts a stream of bytes into shell v2's packets."""

    def __init__(self, limit: int = MAX_DATA) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The packets that are complete now, as kind and payload. Raises `MalformedPacket` for one of more than `limit` bytes."""
        self._rest += data
        found = []
        while len(self._rest) >= SHELL_HEADER.size:
            kind, length = SHELL_HEADER.unpack_from(self._rest)
            if length > self._limit:
                raise MalformedPacket(f"{length} bytes in one packet of the shell, at most {self._limit} are taken")
            end = SHELL_HEADER.size + length
            if len(self._rest) < end:
                break
            found.append((kind, bytes(self._rest[SHELL_HEADER.size : end])))
            del self._rest[:end]
        return found
