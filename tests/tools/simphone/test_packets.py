"""adb's wire format, over everything that can be written and much that cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.simphone import packets
from handeye.tools.simphone.packets import HEADER, MalformedPacket, Packet, ShellPackets

WORDS = st.integers(0, 0xFFFFFFFF)


@given(command=st.sampled_from(sorted(packets.COMMANDS)), arg0=WORDS, arg1=WORDS, data=st.binary(max_size=300), sums=st.booleans())
def test_a_packet_comes_back(command: bytes, arg0: int, arg1: int, data: bytes, sums: bool) -> None:
    raw = packets.pack(Packet(command, arg0, arg1, data), sums)
    header = packets.unpack_header(raw[: HEADER.size])
    assert packets.complete(header, raw[HEADER.size :], sums) == Packet(command, arg0, arg1, data)


def test_the_connect_packet_of_a_real_adb() -> None:
    raw = bytes.fromhex("434e584e 01000001 00001000 23010000 3c6d0000 bcb1a7b1")
    header = packets.unpack_header(raw)
    assert (header.command, header.arg0, header.arg1, header.length) == (b"CNXN", packets.VERSION, packets.MAX_DATA, 291)


@given(raw=st.binary(min_size=24, max_size=24))
def test_other_bytes_are_refused(raw: bytes) -> None:
    if raw[:4] not in packets.COMMANDS:
        with pytest.raises(MalformedPacket):
            packets.unpack_header(raw)


@pytest.mark.parametrize(
    "raw",
    [
        HEADER.pack(b"WRTE", 1, 2, 3, 0, 0),
        HEADER.pack(b"NOPE", 1, 2, 3, 0, int.from_bytes(b"NOPE", "little") ^ 0xFFFFFFFF),
        HEADER.pack(b"WRTE", 1, 2, packets.MAX_DATA + 1, 0, int.from_bytes(b"WRTE", "little") ^ 0xFFFFFFFF),
    ],
    ids=["magic", "command", "length"],
)
def test_a_bad_header_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedPacket):
        packets.unpack_header(raw)


@given(data=st.binary(min_size=1, max_size=50), at=st.integers(0, 49))
def test_a_changed_byte_is_noticed(data: bytes, at: int) -> None:
    raw = packets.pack(Packet(b"WRTE", 1, 2, data), True)
    changed = bytearray(raw[HEADER.size :])
    changed[at % len(data)] ^= 1
    with pytest.raises(MalformedPacket):
        packets.complete(packets.unpack_header(raw[: HEADER.size]), bytes(changed), True)


@given(given=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=8), cut=st.integers(1, 30))
def test_shell_packets_come_back_however_they_are_cut(given: list[tuple[int, bytes]], cut: int) -> None:
    raw = b"".join(packets.shell_packet(kind, data) for kind, data in given)
    cutter = ShellPackets()
    found = []
    for at in range(0, len(raw), cut):
        found += cutter.feed(raw[at : at + cut])
    assert found == given


@given(raw=st.binary(max_size=100))
def test_any_bytes_are_shell_packets_or_malformed(raw: bytes) -> None:
    cutter = ShellPackets(limit=20)
    try:
        assert all(len(data) <= 20 for _, data in cutter.feed(raw))
    except MalformedPacket:
        assert len(raw) >= packets.SHELL_HEADER.size
