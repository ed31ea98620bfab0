"""Emulators of an SDK whose emulator is a fake one with a simulated phone: the whole way from the command line to the end is run."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from handeye.tools.android.emulator import Emulator, EmulatorOptions, emulator_command, port_of
from handeye.tools.android.sdk import AndroidSdk, find_sdk
from handeye.tools.android.serials import attached
from handeye.tools.android.server import PrivateServer
from handeye.tools.android.transport import DeviceLink
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from tests.fake_sdk import FakeSdk

SDK = AndroidSdk(Path("/sdk"), "ANDROID_HOME")


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSdk:
    return FakeSdk(tmp_path, monkeypatch)


@pytest.fixture
def own_server(sdk: FakeSdk) -> Iterator[PrivateServer]:
    with PrivateServer(users_key=True) as server:
        yield server


def even_port() -> int:
    """A free port with a free one above it, as emulators want them, below those that the system gives to connections of others."""
    while True:
        port = random.randrange(12_000, 28_000, 2)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue


def test_the_command_line_of_one_of_several() -> None:
    options = EmulatorOptions("AndroidWorldAvd", "androidworld", 5590, arguments=("-memory", "4096"))
    assert emulator_command(SDK, options, "/adb") == [
        "/sdk/emulator/emulator", "-avd", "AndroidWorldAvd", "-ports", "5590,5591", "-grpc", "8590", "-read-only",
        "-snapshot", "androidworld", "-no-snapshot-save", "-no-window", "-no-audio", "-no-boot-anim", "-gpu", "swiftshader_indirect",
        "-adb-path", "/adb", "-memory", "4096",
    ]  # fmt: skip
    writable = emulator_command(SDK, EmulatorOptions("A", read_only=False), "/adb")
    assert "-read-only" not in writable
    assert "-no-snapshot" in writable


def test_each_worker_has_ports_that_no_adb_server_looks_at() -> None:
    ports = [port_of(number) for number in range(49)]
    assert len(set(ports)) == 49
    assert min(ports) == 5586
    assert max(ports) == 5682
    assert port_of(2, 6000) == 6000


@pytest.mark.parametrize(
    "wrong", [{"avd": "a; rm"}, {"avd": "A", "snapshot": "-wipe-data"}, {"avd": "A", "port": 5587}, {"avd": "A", "port": 0}]
)
def test_options_that_make_no_sense(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidAction):
        EmulatorOptions(**wrong)  # type: ignore[arg-type]


def test_it_boots_is_restored_and_ends(sdk: FakeSdk, own_server: PrivateServer) -> None:
    sdk.add("Phone", "slow", snapshots=("clean",))
    port = even_port()
    with Emulator(find_sdk(), EmulatorOptions("Phone", "clean", port, boot_s=120), own_server) as emulator:
        assert emulator.serial == f"emulator-{port}"
        assert [phone.serial for phone in attached(own_server.address)] == [emulator.serial]
        link = DeviceLink(own_server.address, emulator.serial)
        # The dialog that the boot ended with was answered, and the launcher is in front.
        assert "Application Error" not in link.shell("dumpsys window").text
        assert "NexusLauncher" in link.shell("dumpsys window | grep mCurrentFocus").text
        assert link.shell("settings get global loaded_from_snapshot").text.strip() == "1"
        link.shell("settings put system screen_brightness 17")
        emulator.load("clean")
        assert link.shell("settings get system screen_brightness").text.strip() != "17"
        with pytest.raises(DeviceError, match=r"refused 'avd snapshot save clean': .*read-only"):
            emulator.save("clean")
        with pytest.raises(DeviceError, match="no snapshot other"):
            emulator.load("other")
    (started,) = sdk.started()
    assert started["environment"] == {
        "ANDROID_ADB_SERVER_PORT": str(own_server.address.port), "ANDROID_HOME": str(sdk.root), "ANDROID_SDK_ROOT": str(sdk.root),
    }  # fmt: skip
    assert sdk.left() == []
    assert sdk.told()[-1] == "kill"
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_two_from_one_virtual_device_and_one_that_adbs_server_was_not_told_of(sdk: FakeSdk, own_server: PrivateServer) -> None:
    sdk.add("Phone", "silent")
    first, second = EmulatorOptions("Phone", port=even_port()), EmulatorOptions("Phone", port=even_port())
    with Emulator(find_sdk(), first, own_server), PrivateServer(users_key=True) as other, Emulator(find_sdk(), second, other):
        assert [phone.serial for phone in attached(own_server.address)] == [first.serial]
        assert [phone.serial for phone in attached(other.address)] == [second.serial]
        writable = EmulatorOptions("Phone", port=even_port(), read_only=False)
        with pytest.raises(SetupError, match=r"multiple emulators with the same AVD.*doctor"):
            Emulator(find_sdk(), writable, own_server).start()
    assert sdk.left() == []


def test_a_writable_one_saves(sdk: FakeSdk, own_server: PrivateServer) -> None:
    sdk.add("Phone")
    with Emulator(find_sdk(), EmulatorOptions("Phone", port=even_port(), read_only=False), own_server) as emulator:
        emulator.save("mine")
    assert find_sdk().avd("Phone").snapshots == ("mine",)


def test_what_does_not_start_says_why(sdk: FakeSdk, own_server: PrivateServer) -> None:
    folder = sdk.add("Phone", snapshots=("clean",))
    port = even_port()

    def start(**more: object) -> None:
        Emulator(find_sdk(), EmulatorOptions(**{"avd": "Phone", "port": port, **more}), own_server).start()  # type: ignore[arg-type]

    with pytest.raises(SetupError, match=r"no AVD 'Other'.*there are: Phone.*avdmanager create avd -n Other"):
        start(avd="Other")
    with pytest.raises(SetupError, match=r"no snapshot 'other'; it has: clean"):
        start(snapshot="other")
    (folder / "trouble").write_text("ERROR   | x86_64 emulation currently requires hardware acceleration!\nCPU acceleration status: no KVM")
    with pytest.raises(SetupError, match=r"exit code 1.*requires hardware acceleration.*doctor"):
        start()
    (folder / "trouble").write_text("FATAL   | something rare")
    with pytest.raises(DeviceLost, match="something rare"):
        start()
    assert sdk.left() == []


def test_a_port_that_is_taken(sdk: FakeSdk, own_server: PrivateServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handeye.tools.android.emulator.FREE_S", 0.3)
    sdk.add("Phone")
    port = even_port()
    with socket.create_server(("127.0.0.1", port + 1)), pytest.raises(SetupError, match=rf"Port {port + 1}.*--emulator-port"):
        Emulator(find_sdk(), EmulatorOptions("Phone", port=port), own_server).start()


def test_one_that_never_boots_is_given_up_and_ended(sdk: FakeSdk, own_server: PrivateServer) -> None:
    sdk.add("Phone", "silent", "mute")
    with pytest.raises(DeviceTimeout, match=r"not ready within 3 s: .*(?:not finished booting|not attached|is offline)"):
        Emulator(find_sdk(), EmulatorOptions("Phone", port=even_port(), boot_s=3), own_server).start()
    assert sdk.left() == []


ORPHAN = """
import os, sys, time
from handeye.tools.android.emulator import Emulator, EmulatorOptions
from handeye.tools.android.sdk import find_sdk
from handeye.tools.android.server import PrivateServer
with PrivateServer(users_key=True) as server, Emulator(find_sdk(), EmulatorOptions("Phone", port=int(sys.argv[1])), server):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_parent_that_is_killed_leaves_nothing(sdk: FakeSdk) -> None:
    sdk.add("Phone")
    with subprocess.Popen([sys.executable, "-c", ORPHAN, str(even_port())], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        (emulator,) = sdk.alive()
        children = psutil.Process(emulator).children(recursive=True)
        os.kill(parent.pid, signal.SIGKILL)
        assert sdk.left(60) == []
        psutil.wait_procs(children, timeout=30)
        assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
