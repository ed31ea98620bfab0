"""Finding adb, its server and the phone that is meant; each obstacle is named with what mends it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handeye.tools.android import serials
from handeye.tools.android.binary import find_adb, shipped_adb
from handeye.tools.android.server import PrivateServer, free_port, running_server, server_address, server_version
from handeye.tools.android.transport import DeviceLink, ServerAddress
from handeye.tools.errors import DeviceLost, SetupError
from tests.waiting import until


def test_adb_is_found_in_order(tmp_path: Path) -> None:
    program = tmp_path / "adb"
    program.write_text("#!/bin/sh\necho 'Android Debug Bridge version 1.0.39'\necho 'Version 28.0.1-x'\n")
    program.chmod(0o755)
    assert find_adb({"HANDEYE_ADB": str(program), "PATH": ""}).source == "HANDEYE_ADB"
    assert find_adb({"ADBUTILS_ADB_PATH": str(program), "PATH": ""}).source == "ADBUTILS_ADB_PATH"
    on_path = find_adb({"PATH": str(tmp_path)})
    assert (on_path.source, on_path.version()) == ("PATH", (39, "28.0.1-x"))
    shipped = find_adb({"PATH": "/nowhere"})
    assert (shipped.source, shipped.path) == ("adbutils", str(shipped_adb()))
    assert shipped.version()[0] == 41


def test_an_adb_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="HANDEYE_ADB"):
        find_adb({"HANDEYE_ADB": str(tmp_path / "missing")})
    program = tmp_path / "adb"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(SetupError, match="is no adb"):
        find_adb({"PATH": str(tmp_path)}).version()


def test_without_any_adb_the_fix_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handeye.tools.android.binary.shipped_adb", lambda: None)
    with pytest.raises(SetupError, match="There is no adb") as caught:
        find_adb({"PATH": "/nowhere"})
    assert "handeye[android]" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ServerAddress("127.0.0.1", 5037)),
        ({"ANDROID_ADB_SERVER_PORT": "6000"}, ServerAddress("127.0.0.1", 6000)),
        ({"ANDROID_ADB_SERVER_ADDRESS": "10.0.0.2"}, ServerAddress("10.0.0.2", 5037)),
        ({"ANDROID_ADB_SERVER_HOST": "10.0.0.3", "ANDROID_ADB_SERVER_PORT": "1"}, ServerAddress("10.0.0.3", 1)),
        ({"ADB_SERVER_SOCKET": "tcp:localhost:7000"}, ServerAddress("localhost", 7000)),
        ({"ADB_SERVER_SOCKET": "tcp:7000"}, ServerAddress("127.0.0.1", 7000)),
    ],
)
def test_the_server_is_where_adb_s_client_would_look(environment: dict[str, str], expected: ServerAddress) -> None:
    assert server_address(environment) == expected


@pytest.mark.parametrize("environment", [{"ANDROID_ADB_SERVER_PORT": "x"}, {"ADB_SERVER_SOCKET": "localfilesystem:/tmp/x"}])
def test_an_address_that_is_none_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SetupError):
        server_address(environment)


def test_a_server_is_started_where_none_runs_and_left_running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "ADB_LIBUSB": "0", "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553"}.items():
        monkeypatch.setenv(name, value)
    address = ServerAddress("127.0.0.1", free_port())
    assert server_version(address) is None
    try:
        assert running_server(address) == address
        assert server_version(address) == 41
        assert running_server(address) == address
    finally:
        subprocess.run([find_adb().path, "-P", str(address.port), "kill-server"], check=True, timeout=20)


def test_a_server_of_another_version_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = ServerAddress("127.0.0.1", listener.getsockname()[1])

        def serve_all() -> None:
            for version in (b"0027", b"001a"):
                listener.accept()[0].close()  # whether anything listens
                connection, _ = listener.accept()
                with connection:
                    connection.recv(100)
                    connection.sendall(b"OKAY0004" + version)

        thread = threading.Thread(target=serve_all, daemon=True)
        thread.start()
        assert running_server(address) == address
        with pytest.raises(SetupError, match="version 26"):
            running_server(address)
        thread.join(5)


def test_what_is_no_server_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = ServerAddress("127.0.0.1", listener.getsockname()[1])

        def serve() -> None:
            for _ in range(4):
                connection, _ = listener.accept()
                connection.sendall(b"SSH-2.0-x\r\n")
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(SetupError, match="no adb server"):
            server_version(address)


def test_a_server_that_ends_while_it_is_asked_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = ServerAddress("127.0.0.1", listener.getsockname()[1])

        def serve() -> None:
            connection, _ = listener.accept()
            listener.close()
            connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert server_version(address) is None
        thread.join(5)


def test_our_own_server_ends_with_us() -> None:
    code = (
        "import os, signal\nfrom handeye.tools.android.server import PrivateServer\n"
        "server = PrivateServer().__enter__()\nprint(server.address.port, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    address = ServerAddress("127.0.0.1", int(done.stdout))
    until(lambda: server_version(address) is None)
    with PrivateServer() as server:
        assert server_version(server.address) == 41
        assert server.environment["HOME"] != os.environ.get("HOME")
    assert server_version(server.address) is None


def test_without_a_phone_the_ways_to_attach_one_are_said() -> None:
    with PrivateServer() as own, pytest.raises(SetupError, match="No phone is attached") as caught:
        serials.choose(own.address, None)
    assert "USB debugging" in str(caught.value.fix)


def test_the_only_phone_is_taken_and_of_several_one_must_be_named(phone: Any, another: Callable[[], Any]) -> None:
    with PrivateServer() as own:
        assert serials.choose(own.address, phone.serial) == phone.serial
        assert serials.choose(own.address, None) == phone.serial
        second = another()
        serials.connect(own.address, second.serial)
        with pytest.raises(SetupError, match="Several phones") as caught:
            serials.choose(own.address, None)
        assert phone.serial in str(caught.value)
        assert second.serial in str(caught.value)


def test_an_unknown_serial_lists_what_there_is(link: DeviceLink) -> None:
    with pytest.raises(SetupError, match="adb knows no phone 'R58M'") as caught:
        serials.choose(link.address, "R58M")
    assert link.serial in str(caught.value)


def test_an_address_where_nobody_listens(server: PrivateServer) -> None:
    with pytest.raises(SetupError, match="Nothing listens") as caught:
        serials.choose(server.address, f"127.0.0.1:{free_port()}")
    assert "Wireless debugging" in str(caught.value.fix)


def test_a_phone_that_does_not_trust_this_computer(server: PrivateServer, phone: Any) -> None:
    phone.fault("unauthorized")
    with pytest.raises(SetupError) as caught:
        serials.choose(server.address, phone.serial, 1.0)
    assert "Allow USB debugging" in str(caught.value.fix)
    phone.fault("unauthorized", 0)


def test_a_phone_that_shows_a_key_dialog_and_is_answered(server: PrivateServer, phone: Any) -> None:
    phone.fault("auth")
    assert serials.choose(server.address, phone.serial) == phone.serial


def test_a_phone_that_went_away_is_connected_again(link: DeviceLink, phone: Any) -> None:
    phone.go_away()
    phone.come_back()
    serials.reconnect(link.address, link.serial)
    assert link.shell("echo back").text == "back\n"


def test_a_phone_that_stays_away_is_lost(link: DeviceLink, phone: Any) -> None:
    phone.go_away()
    start = time.monotonic()
    with pytest.raises(DeviceLost, match="did not come back"):
        serials.reconnect(link.address, link.serial, 0.5)
    assert time.monotonic() - start < 30
