"""The way to the phone, through the real adb: results exact, deadlines kept, a broken connection never taken for an end."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.tools.android import serials
from handeye.tools.android.server import PrivateServer
from handeye.tools.android.transport import DeviceLink, ServerAddress
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, HandeyeError, SetupError

HOSTILE = [
    "it's",
    '"$(touch /sdcard/owned)"',
    "`touch /sdcard/owned`",
    "a; touch /sdcard/owned",
    "a\nb",
    "$HOME",
    "*",
    "é 字 😀",
    "\u202eabc",
]
BYTES = bytes(random.Random(1).randbytes(3_000_000))


def test_both_outputs_and_the_exit_code_come_apart(link: DeviceLink) -> None:
    done = link.shell("echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.code) == (b"out\n", b"err\n", 3)
    assert link.shell("true").code == 0
    assert link.shell("no_such_program").code == 127


def test_megabytes_come_unchanged_in_both_ways(link: DeviceLink, phone: Any) -> None:
    phone.state.files.write("/data/local/tmp/bytes", BYTES)
    assert link.shell("cat /data/local/tmp/bytes").stdout == BYTES
    assert link.exec("cat /data/local/tmp/bytes") == BYTES
    assert link.exec(
        f"head -c {len(BYTES)} > /data/local/tmp/copy; md5sum < /data/local/tmp/copy; md5sum < /data/local/tmp/bytes", stdin=BYTES
    )
    assert phone.state.files.read("/data/local/tmp/copy") == BYTES


@pytest.mark.parametrize("text", HOSTILE)
def test_arguments_reach_the_phone_s_program_as_they_are(link: DeviceLink, phone: Any, text: str) -> None:
    assert link.shell(["printf", "%s|", "a", text]).text == f"a|{text}|"
    link.shell(["touch", f"/sdcard/{text.replace('/', '_')}"])
    assert f"/storage/emulated/0/{text.replace('/', '_')}" in phone.state.files.entries
    assert "/storage/emulated/0/owned" not in phone.state.files.entries


def test_a_phone_without_shell_v2_gives_exit_codes_too(link: DeviceLink, phone: Any, server: PrivateServer) -> None:
    phone.fault("no_shell_v2")
    serials.disconnect(server.address, phone.serial)
    serials.choose(server.address, phone.serial)
    done = link.shell("echo out; echo err >&2; exit 3")
    assert done.code == 3
    assert set(done.text.split()) == {"out", "err"}
    assert link.shell("printf abc").stdout == b"abc"


def test_a_command_that_drips_is_ended_at_the_deadline(link: DeviceLink) -> None:
    start = time.monotonic()
    with pytest.raises(DeviceTimeout, match="dripping"):
        link.shell("while true; do echo x; sleep 0.1; done", 0.5, "dripping")
    assert 0.4 < time.monotonic() - start < 30
    assert link.shell("echo still here").text == "still here\n"


def test_a_slow_phone_is_waited_for_until_the_deadline(link: DeviceLink, phone: Any) -> None:
    link.features()
    phone.fault("slow", 0.3)
    assert link.shell("echo late").text == "late\n"
    with pytest.raises(DeviceTimeout):
        link.shell("echo later", 0.1)


def test_a_command_that_reads_gets_no_input_instead_of_waiting(link: DeviceLink) -> None:
    assert link.shell("cat; echo done", 5.0).text == "done\n"


def test_a_connection_that_breaks_off_is_no_end(link: DeviceLink, phone: Any) -> None:
    phone.state.files.write("/data/local/tmp/bytes", BYTES)
    link.features()
    phone.fault("disconnect")
    with pytest.raises(DeviceLost, match="broke off"):
        link.shell("cat /data/local/tmp/bytes")


def test_a_refused_service_is_said(link: DeviceLink, phone: Any) -> None:
    link.features()
    phone.fault("refuse")
    with pytest.raises(DeviceError, match="refused the service"):
        link.shell("true")
    assert link.shell("true").code == 0


def test_an_unknown_phone_is_lost(server: PrivateServer) -> None:
    with pytest.raises(DeviceLost, match="not attached"):
        DeviceLink(server.address, "nobody").shell("true")


def test_no_server_is_a_matter_of_setup() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SetupError, match="No adb server"):
            DeviceLink(ServerAddress("127.0.0.1", unused.getsockname()[1]), "x").shell("true")


def test_a_closed_link_asks_nothing(link: DeviceLink) -> None:
    link.closed.set()
    with pytest.raises(DeviceLost, match="closed"):
        link.shell("true")


@contextmanager
def peer(answer: Callable[[socket.socket], None]) -> Iterator[ServerAddress]:
    """Something that listens where an adb server should."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield ServerAddress("127.0.0.1", listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def request(connection: socket.socket) -> str:
    return connection.recv(int(connection.recv(4, socket.MSG_WAITALL), 16), socket.MSG_WAITALL).decode()


def granting(reply: bytes) -> Callable[[socket.socket], None]:
    """A server that grants every service of a phone and then says `reply`."""

    def answer(connection: socket.socket) -> None:
        asked = request(connection)
        connection.sendall(b"OKAY")
        if asked.startswith("host-serial:"):
            connection.sendall(b"0008shell_v2")
            return
        request(connection)
        connection.sendall(b"OKAY" + reply)

    return answer


PACKETS = st.builds(
    lambda kind, size, rest: struct.pack("<BI", kind, size) + rest, st.integers(0, 6), st.integers(0, 2**32 - 1), st.binary(max_size=20)
)


@given(st.binary(max_size=40) | PACKETS)
@settings(max_examples=60)
def test_whatever_a_phone_s_shell_says_ends_in_a_result_or_an_error_of_ours(reply: bytes) -> None:
    with peer(granting(reply)) as address:
        try:
            DeviceLink(address, "x").shell("true", 2.0)
        except DeviceError:
            return
        assert b"\x03" in reply


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n", b"OKAYzzzz", b"FAIL", b"FAIL0005nope!", b"", b"OK"])
def test_whatever_listens_in_place_of_a_server_is_an_error_of_ours(reply: bytes) -> None:
    def answer(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(reply)

    with peer(answer) as address, pytest.raises(HandeyeError):
        DeviceLink(address, "x").shell("true", 2.0)


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    with peer(lambda connection: (connection.recv(1 << 16) and connection.recv(1 << 16)) or None) as address:  # type: ignore[func-returns-value]
        start = time.monotonic()
        with pytest.raises(DeviceTimeout):
            DeviceLink(address, "x").shell("true", 0.3)
        assert time.monotonic() - start < 30


def test_many_threads_may_ask_at_once(link: DeviceLink) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = link.shell(["echo", str(number)]).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"{number}\n" for number in range(20)}
