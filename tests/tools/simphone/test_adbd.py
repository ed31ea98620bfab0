"""The real adb against a phone: shells, files, reverse connections, reconnects, keys."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest

from tests.adb_server import AdbServer
from tests.tools.simphone.phones import Listening
from tests.waiting import until


def adb_shell(adb: AdbServer, device: Listening, *words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return adb.run("shell", *words, serial=device.serial, **more)  # type: ignore[arg-type]


def state_of(adb: AdbServer, serial: str) -> str:
    listed = adb.run("devices").stdout.decode().split("\n")
    return next((line.split("\t")[1].strip() for line in listed if line.startswith(serial + "\t")), "")


def await_state(adb: AdbServer, serial: str, wanted: str) -> None:
    until(lambda: state_of(adb, serial) == wanted)


def test_devices(adb: AdbServer, device: Listening) -> None:
    listed = adb.run("devices", "-l").stdout.decode()
    assert f"{device.serial}" in listed
    assert "model:handeye" in listed
    assert "shell_v2" in adb.run("features", serial=device.serial).stdout.decode()


def test_outputs_and_the_exit_code_are_apart(adb: AdbServer, device: Listening) -> None:
    ran = adb_shell(adb, device, "echo out; echo err >&2; exit 3")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"out\n", b"err\n")
    ran = adb_shell(adb, device, "-T", "nosuch")
    assert (ran.returncode, ran.stderr) == (127, b"/system/bin/sh: nosuch: inaccessible or not found\n")
    assert adb_shell(adb, device, "-x", "echo old; nosuch").stdout == b"old\n/system/bin/sh: nosuch: inaccessible or not found\n"


def test_standard_input_reaches_the_program(adb: AdbServer, device: Listening) -> None:
    assert adb_shell(adb, device, "cat > /sdcard/in; wc -c < /sdcard/in", input=b"hello\n" * 50_000).stdout == b"300000\n"
    assert adb_shell(adb, device, "head -c 3", input=b"abcdef").stdout == b"abc"
    assert adb.run("exec-in", "cat > /sdcard/in2", serial=device.serial, input=bytes(range(256))).returncode == 0
    adb_shell(adb, device, "while [ $(stat -c %s /sdcard/in2) -lt 256 ]; do sleep 0.01; done")
    assert adb.run("exec-out", "cat", "/sdcard/in2", serial=device.serial).stdout == bytes(range(256))


def test_an_interactive_shell(adb: AdbServer, device: Listening) -> None:
    ran = adb_shell(adb, device, input=b"cd /sdcard\nif true\nthen pwd\nfi\nexit 7\n")
    assert (ran.returncode, ran.stdout) == (7, b"/storage/emulated/0\n")
    ran = adb_shell(adb, device, "-tt", input=b"echo a\x7fb\rexit 4\r")
    assert ran.returncode == 4
    assert b"echo a\x08 \x08b\r\n" in ran.stdout
    assert b"handeye:/ # " in ran.stdout


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_001])
def test_files_come_back(adb: AdbServer, device: Listening, tmp_path: Path, size: int) -> None:
    here = tmp_path / "file"
    here.write_bytes(bytes(index * 7 % 251 for index in range(size)))
    remote = "/sdcard/Download/new/a b.bin"
    assert adb.run("push", str(here), remote, serial=device.serial).returncode == 0
    assert adb.run("pull", remote, str(tmp_path / "back"), serial=device.serial).returncode == 0
    assert (tmp_path / "back").read_bytes() == here.read_bytes()
    assert adb_shell(adb, device, f"stat -c %s '{remote}'").stdout == f"{size}\n".encode()
    assert b"a b.bin" in adb.run("ls", "/sdcard/Download/new", serial=device.serial).stdout


def test_folders_come_back(adb: AdbServer, device: Listening, tmp_path: Path) -> None:
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "ü.txt").write_text("x")
    (tmp_path / "tree" / "top").write_text("y")
    assert adb.run("push", str(tmp_path / "tree"), "/sdcard/", serial=device.serial).returncode == 0
    assert adb.run("pull", "/sdcard/tree", str(tmp_path / "back"), serial=device.serial).returncode == 0
    assert (tmp_path / "back" / "deep" / "ü.txt").read_text() == "x"
    assert (tmp_path / "back" / "top").read_text() == "y"


def test_what_cannot_be_transferred(adb: AdbServer, device: Listening, tmp_path: Path) -> None:
    ran = adb.run("pull", "/sdcard/nope", str(tmp_path / "x"), serial=device.serial)
    assert ran.returncode == 1
    assert b"No such file or directory" in ran.stderr + ran.stdout
    (tmp_path / "big").write_bytes(bytes(65 << 20))
    ran = adb.run("push", str(tmp_path / "big"), "/sdcard/big", serial=device.serial)
    assert ran.returncode == 1
    assert b"No space left on device" in ran.stderr + ran.stdout
    (tmp_path / "small").write_text("x")
    assert adb.run("push", str(tmp_path / "small"), "/proc/version/x", serial=device.serial).returncode == 1


def test_adbutils_works_as_with_any_device(adb: AdbServer, device: Listening, tmp_path: Path) -> None:
    import adbutils

    phone = adbutils.AdbClient("127.0.0.1", adb.port).device(device.serial)
    assert phone.shell(["echo", "it's $HOME"]) == "it's $HOME"
    done = phone.shell2("echo out; echo err >&2; exit 5", v2=True)
    assert (done.returncode, done.stdout, done.stderr) == (5, "out\n", "err\n")
    assert phone.shell2("false").returncode == 1
    (tmp_path / "x").write_bytes(b"x" * 100_000)
    phone.sync.push(str(tmp_path / "x"), "/data/local/tmp/x")
    assert phone.sync.stat("/data/local/tmp/x").size == 100_000
    assert phone.sync.read_bytes("/data/local/tmp/x") == b"x" * 100_000
    assert [entry.path for entry in phone.sync.list("/data/local/tmp") if entry.path == "x"] == ["x"]
    phone.reverse("tcp:7001", "tcp:7002")
    assert [(each.remote, each.local) for each in phone.reverse_list()] == [("tcp:7001", "tcp:7002")]


def test_reverse_connections_are_listed(adb: AdbServer, device: Listening) -> None:
    assert adb.run("reverse", "tcp:0", "tcp:5", serial=device.serial).stdout.strip().isdigit()
    assert b"tcp:5" in adb.run("reverse", "--list", serial=device.serial).stdout
    assert adb.run("reverse", "--remove-all", serial=device.serial).returncode == 0
    assert b"tcp:5" not in adb.run("reverse", "--list", serial=device.serial).stdout
    assert adb.run("reverse", "--remove", "tcp:9", serial=device.serial).returncode == 1


def test_root_comes_and_goes(adb: AdbServer, device: Listening) -> None:
    assert b"already running as root" in adb.run("root", serial=device.serial).stdout
    assert b"restarting in TCP mode" in adb.run("tcpip", "5555", serial=device.serial).stdout
    command = [adb.program, "-P", str(adb.port), "-s", device.serial, "unroot"]
    process = subprocess.Popen(command, env=adb.environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"restarting adbd as non root\n"
    process.kill()
    process.communicate()
    adb.disconnect(device.serial)
    assert "connected" in adb.connect(device.serial)
    assert adb_shell(adb, device, "whoami").stdout == b"shell\n"
    device.phone.state.facts.rooted = True


def test_a_client_that_leaves_ends_its_command(adb: AdbServer, device: Listening) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        adb_shell(adb, device, "while true; do echo on; done > /dev/null", limit_s=0.3)
    until(lambda: not device.streams)
    assert adb_shell(adb, device, "echo there").stdout == b"there\n"


def test_two_commands_run_side_by_side(adb: AdbServer, device: Listening) -> None:
    command = [adb.program, "-P", str(adb.port), "-s", device.serial, "shell", "sleep 1000"]
    waiting = subprocess.Popen(command, env=adb.environment, stdin=subprocess.DEVNULL)
    try:
        assert adb_shell(adb, device, "echo there").stdout == b"there\n"
    finally:
        waiting.kill()
        waiting.wait()


def test_an_outage_shows_and_passes(adb: AdbServer, device: Listening) -> None:
    async def restart() -> None:
        port = device.port
        await device.adbd.close()
        await asyncio.wait_for(device.adbd.start(port), 10)

    device.loop.run(restart(), 20)
    adb.disconnect(device.serial)
    assert "connected" in adb.connect(device.serial)
    assert adb_shell(adb, device, "echo back").stdout == b"back\n"


def test_unauthorized_until_the_dialog_is_answered(adb: AdbServer, device: Listening) -> None:
    adb.disconnect(device.serial)
    device.fault("unauthorized")
    assert "failed to authenticate" in adb.connect(device.serial)
    assert state_of(adb, device.serial) == "unauthorized"
    assert b"unauthorized" in adb_shell(adb, device, "echo").stderr
    device.fault("unauthorized", 0)
    await_state(adb, device.serial, "device")
    assert adb_shell(adb, device, "echo in").stdout == b"in\n"


def test_a_key_is_asked_for_and_known_afterwards(adb: AdbServer, device: Listening) -> None:
    device.adbd.key_known = False
    adb.disconnect(device.serial)
    device.fault("auth")
    for _ in range(2):
        adb.connect(device.serial)
        await_state(adb, device.serial, "device")
        assert device.adbd.key_known
        adb.disconnect(device.serial)


def test_a_phone_without_shell_v2(adb: AdbServer, device: Listening) -> None:
    adb.disconnect(device.serial)
    device.fault("no_shell_v2")
    adb.connect(device.serial)
    await_state(adb, device.serial, "device")
    assert "shell_v2" not in adb.run("features", serial=device.serial).stdout.decode()
    ran = adb_shell(adb, device, "echo merged >&2; exit 3")
    assert (ran.returncode, ran.stdout) == (0, b"merged\n")


def test_a_slow_phone(adb: AdbServer, device: Listening) -> None:
    device.fault("slow", 0.3)
    began = time.monotonic()
    assert adb_shell(adb, device, "echo late").stdout == b"late\n"
    assert time.monotonic() - began > 0.25


def test_a_connection_that_breaks_in_mid_output(adb: AdbServer, device: Listening) -> None:
    device.fault("disconnect_bytes", 50_000)
    device.fault("disconnect", 1)
    ran = adb.run("exec-out", "dd if=/dev/zero bs=1M count=1", serial=device.serial)
    assert 0 < len(ran.stdout) <= 50_000
    assert not device.phone.faults.active("disconnect")
    adb.disconnect(device.serial)
    adb.connect(device.serial)
    assert len(adb.run("exec-out", "dd if=/dev/zero bs=1M count=1 status=none", serial=device.serial).stdout) == 1 << 20


def test_services_that_are_refused(adb: AdbServer, device: Listening) -> None:
    device.fault("refuse", 1)
    ran = adb_shell(adb, device, "echo")
    assert (ran.returncode, ran.stderr.strip()) == (1, b"error: closed")
    assert adb_shell(adb, device, "echo there").stdout == b"there\n"


def test_a_phone_that_does_not_answer(adb: AdbServer, device: Listening) -> None:
    device.fault("offline")
    with pytest.raises(subprocess.TimeoutExpired):
        adb_shell(adb, device, "echo", limit_s=0.3)
    device.fault("offline", 0)
    assert adb_shell(adb, device, "echo there").stdout == b"there\n"
