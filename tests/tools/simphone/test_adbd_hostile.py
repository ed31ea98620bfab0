"""Peers that break the rules: they are dropped or refused, and the phone goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.tools.simphone import adbd, packets
from handeye.tools.simphone.packets import CLSE, HEADER, OKAY, OPEN, WRTE
from tests.tools.simphone.phones import Listening, Peer
from tests.waiting import until


@pytest.fixture
def peer(listener: Listening) -> Iterator[Peer]:
    listener.clear()
    with Peer(listener.port) as peer:
        yield peer


def alive(listener: Listening) -> bool:
    with Peer(listener.port) as other:
        other.greet()
        other.open("shell:echo alive")
        return other.read_stream() == b"alive\n"


@given(raw=st.binary(min_size=24, max_size=400))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_dropped(listener: Listening, raw: bytes) -> None:
    with Peer(listener.port) as peer:
        peer.raw(raw)
        assert peer.hung_up()


def test_after_noise_the_phone_is_there(listener: Listening) -> None:
    assert alive(listener)


@pytest.mark.parametrize(
    "raw",
    [
        HEADER.pack(b"WRTE", 1, 2, 0, 0, 7),
        HEADER.pack(b"CNXN", packets.VERSION, 4096, 0xFFFFFFFF, 0, int.from_bytes(b"CNXN", "little") ^ 0xFFFFFFFF),
        packets.pack(packets.Packet(OPEN, 1, 0, b"shell:ls\0")),
        packets.pack(packets.Packet(b"STLS", 1, 0)),
        packets.pack(packets.Packet(b"CNXN", packets.VERSION, 12, b"host::"), True),
    ],
    ids=["magic", "length", "OPEN first", "STLS", "tiny packets"],
)
def test_a_bad_beginning(listener: Listening, peer: Peer, raw: bytes) -> None:
    peer.raw(raw)
    assert peer.hung_up()
    assert alive(listener)


def test_half_a_packet_and_then_nothing(listener: Listening, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adbd, "PACKET_S", 0.2)
    peer.greet()
    peer.raw(HEADER.pack(b"WRTE", 1, 1, 500, 0, int.from_bytes(b"WRTE", "little") ^ 0xFFFFFFFF) + b"half")
    assert peer.hung_up()
    assert alive(listener)


def test_nobody_may_take_long_to_introduce_himself(listener: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adbd, "HANDSHAKE_S", 0.2)
    with Peer(listener.port) as peer:
        assert peer.hung_up()


def test_a_wrong_check_sum_ends_the_connection(listener: Listening, peer: Peer) -> None:
    assert peer.greet(version=packets.VERSION_WITH_SUMS, limit=4096).arg0 == packets.VERSION_WITH_SUMS
    peer.send(OPEN, 1, 0, b"shell:echo hi\0", sums=True)
    assert peer.receive().command == OKAY
    assert peer.receive().data == b"hi\n"
    peer.send(OPEN, 2, 0, b"shell:echo hi\0", sums=False)
    assert peer.hung_up()


def test_the_old_protocol_is_spoken_in_small_pieces(peer: Peer) -> None:
    peer.greet(version=packets.VERSION_WITH_SUMS, limit=4096)
    peer.send(OPEN, 1, 0, b"exec:head -c 10000 /proc/version /proc/cpuinfo /proc/meminfo; seq 3000\0", sums=True)
    assert peer.receive().command == OKAY
    sizes, found = [], b""
    while (packet := peer.receive()).command == WRTE:
        sizes.append(len(packet.data))
        found += packet.data
        peer.send(OKAY, packet.arg1, packet.arg0, sums=True)
    assert max(sizes) <= 4096
    assert found.endswith(b"\n3000\n")


def test_unknown_ids_are_answered_with_a_close(listener: Listening, peer: Peer) -> None:
    peer.greet()
    peer.send(WRTE, 5, 77, b"to nobody")
    answer = peer.receive()
    assert (answer.command, answer.arg1) == (CLSE, 5)
    peer.send(OKAY, 5, 77)
    peer.send(CLSE, 5, 77)
    peer.open("shell:true", 9)
    assert peer.read_stream() == b""


def test_thousands_of_streams_are_refused_beyond_a_number(listener: Listening, peer: Peer) -> None:
    peer.greet()
    for local in range(1, 1001):
        peer.send(OPEN, local, 0, b"exec:sleep 1000\0")
    answers = [peer.receive() for _ in range(1000)]
    accepted = sum(answer.command == OKAY for answer in answers)
    assert accepted == adbd.MOST_STREAMS
    assert sum(answer.command == CLSE for answer in answers) == 1000 - accepted
    assert alive(listener)


def test_a_stream_that_does_not_wait_is_an_end(peer: Peer) -> None:
    peer.greet()
    theirs = peer.open("exec:sleep 1000")
    for _ in range(5):
        peer.send(WRTE, 1, theirs, b"x" * 1000)
    assert peer.hung_up()


def test_an_unknown_service_is_refused(peer: Peer) -> None:
    peer.greet()
    for service in (b"nonsense:\0", b"\0", b"jdwp:1\0", b"shell,v9\xff\0"):
        peer.send(OPEN, 3, 0, service)
        packet = peer.receive()
        if packet.command == CLSE:
            assert packet.arg1 == 3


def test_who_does_not_read_is_dropped(listener: Listening, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adbd, "PACKET_S", 0.3)
    peer.greet()
    for local in range(1, 100):
        peer.send(OPEN, local, 0, b"exec:dd if=/dev/zero bs=1M count=1 status=none\0")
    until(lambda: listener.connections == 0)
    assert alive(listener)


def test_a_command_without_end_ends_with_its_stream(listener: Listening, peer: Peer) -> None:
    peer.greet()
    theirs = peer.open("exec:while true; do echo on > /sdcard/loop; rm /sdcard/loop; done")
    peer.send(CLSE, 1, theirs)
    peer.open("exec:echo done", 2)
    assert peer.read_stream() == b"done\n"
    assert listener.streams == 0


@pytest.mark.parametrize(
    "data",
    [
        b"STAT\xff\xff\xff\xff",
        b"SEND\x10\x00\x00\x00/sdcard/x,33188!DATA\xff\xff\xff\x7f",
        b"WHAT\x01\x00\x00\x00x",
        b"RECV\x04\x00\x00\x00/\x00/x",
    ],
    ids=["long path", "long piece", "unknown", "zero byte"],
)
def test_sync_requests_that_are_none(listener: Listening, peer: Peer, data: bytes) -> None:
    peer.greet()
    theirs = peer.open("sync:")
    peer.send(WRTE, 1, theirs, data)
    peer.send(WRTE, 1, theirs, b"QUIT\0\0\0\0")
    assert b"DATA" not in peer.read_stream()
    assert alive(listener)


def test_a_shell_packet_that_is_too_long_ends_the_stream(listener: Listening, peer: Peer) -> None:
    peer.greet()
    theirs = peer.open("shell,v2,raw:cat")
    peer.send(WRTE, 1, theirs, b"\x00\xff\xff\xff\x7fabc")
    peer.read_stream()
    assert alive(listener)
