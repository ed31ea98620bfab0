"""Phones in a process of their own: as a user has them, with the real adb, through every fault and to the end."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Size
from handeye.tools.simphone.faults import VOCABULARY
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions
from tests.adb_server import AdbServer
from tests.waiting import until

PNG = b"\x89PNG"

pytestmark = pytest.mark.usefixtures("whole_browser")


@pytest.fixture(scope="module")
def phones() -> Iterator[SimPhones]:
    try:
        phones = SimPhones(2, PhoneOptions(size=Size(360, 640), density=160, clock="steps")).start()
    except SetupError as error:
        pytest.skip(str(error))
    yield phones
    phones.close()


def family(phones: SimPhones) -> list[psutil.Process]:
    return [psutil.Process(phones.pid), *psutil.Process(phones.pid).children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    return not [each for each in psutil.wait_procs(processes, timeout=20)[1] if each.status() != psutil.STATUS_ZOMBIE]


def screenshot(adb: AdbServer, serial: str, limit_s: float = 20) -> bytes:
    """A picture; once more after connecting anew where adb lost the phone in the middle, which `exec-out` does not tell from an end."""
    picture = adb.run("exec-out", "screencap", "-p", serial=serial, limit_s=limit_s).stdout
    if not picture:
        adb.disconnect(serial)
        assert "connected" in adb.connect(serial)
        picture = adb.run("exec-out", "screencap", "-p", serial=serial, limit_s=limit_s).stdout
    return picture


def test_two_phones_are_two_devices(adb: AdbServer, phones: SimPhones) -> None:
    assert len(set(phones.serials)) == 2
    for serial in phones.serials:
        assert "connected" in adb.connect(serial)
        assert screenshot(adb, serial).startswith(PNG)
    one, other = phones.serials
    adb.run("shell", "echo mine > /sdcard/x", serial=one)
    assert adb.run("shell", "cat /sdcard/x", serial=one).stdout == b"mine\n"
    assert adb.run("shell", "cat /sdcard/x", serial=other).returncode == 1
    assert screenshot(adb, one) == screenshot(adb, other)


def test_a_script_runs_past_adb(phones: SimPhones) -> None:
    done = phones.run(phones.serials[0], "echo out; echo err >&2; printf '\\377'; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n\xff", b"err\n")
    with pytest.raises(InvalidAction, match="there is no phone"):
        phones.run("127.0.0.1:1", "true")
    with pytest.raises(InvalidAction, match="there is no fault"):
        phones.fault(phones.serials[0], "it's $(reboot)")


def test_an_installed_keyboard_is_known(adb: AdbServer, phones: SimPhones, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = importlib.util.find_spec("uiautomator2")
    if found is None or found.origin is None:
        pytest.skip("uiautomator2 brings the keyboard's APK")
    apk = str(Path(found.origin).parent / "assets" / "app-uiautomator.apk")
    adb.connect(phones.serials[0])
    assert b"Success" in adb.run("install", "-r", apk, serial=phones.serials[0]).stdout
    assert b"com.github.uiautomator/.AdbKeyboard" in adb.run("shell", "ime list -s -a", serial=phones.serials[0]).stdout
    folder = tmp_path_factory.mktemp("apk")
    (folder / "none.apk").write_bytes(b"no archive")
    assert adb.run("install", str(folder / "none.apk"), serial=phones.serials[0]).returncode == 1


SILENT = ("offline", "unauthorized", "auth", "no_shell_v2", "disconnect")
"""Faults in which adb may wait for ever."""


@pytest.mark.parametrize("name", VOCABULARY)
def test_every_fault_passes(adb: AdbServer, phones: SimPhones, name: str) -> None:
    """While it is on, nothing hangs past its time-out; afterwards everything is as before."""
    serial = phones.serials[0]
    phones.run(serial, "simphone reset")
    assert "connected" in adb.connect(serial)
    wanted = screenshot(adb, serial)
    assert wanted.startswith(PNG)
    phones.fault(serial, name, 0.1 if name in ("slow", "slow_screencap", "tap_latency") else 1)
    for work in (["exec-out", "screencap", "-p"], ["shell", "input", "tap", "100", "100"]):
        try:
            adb.run(*work, serial=serial, limit_s=1 if name in SILENT else 20)
        except subprocess.TimeoutExpired:
            assert name in SILENT
    done = phones.run(serial, "simphone reset && simphone state")
    assert done.returncode == 0
    adb.disconnect(serial)
    assert "connected" in adb.connect(serial)
    assert screenshot(adb, serial) == wanted


def test_a_reboot_breaks_the_connection_and_keeps_files(adb: AdbServer, phones: SimPhones) -> None:
    serial = phones.serials[1]
    adb.connect(serial)
    adb.run("shell", "echo kept > /sdcard/k; am start -n com.android.settings/.Settings", serial=serial)
    adb.run("reboot", serial=serial)
    adb.disconnect(serial)
    assert "connected" in adb.connect(serial)
    assert adb.run("shell", "cat /sdcard/k", serial=serial).stdout == b"kept\n"
    assert b'"at_home": true' in phones.run(serial, "simphone state").stdout


def test_wrong_options_are_said() -> None:
    with pytest.raises(InvalidAction, match="ports 65530 to 65539"):
        SimPhones(10, PhoneOptions(port=65530)).start()
    with pytest.raises(InvalidAction, match="from 1 to 64 phones"):
        SimPhones(0).start()


def test_without_a_browser_the_way_to_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_CHROMIUM", "/nowhere/chromium")
    phones = SimPhones()
    with pytest.raises(SetupError, match="HANDEYE_CHROMIUM names /nowhere/chromium"):
        phones.start()
    assert phones.serials == []


def test_a_taken_port_is_said(phones: SimPhones) -> None:
    taken = int(phones.serials[0].rpartition(":")[2])
    with pytest.raises(DeviceError, match=f"Port {taken} cannot be listened on"):
        SimPhones(1, PhoneOptions(port=taken)).start()


def test_closed_phones_leave_nothing_behind() -> None:
    with SimPhones(1) as phones:
        left = family(phones)
        assert len(left) > 3
    phones.close()
    assert gone(left)
    with pytest.raises(DeviceLost):
        phones.run(phones.serials[0], "true")


def test_killed_phones_leave_nothing_behind() -> None:
    with SimPhones(1) as phones:
        left = family(phones)
        os.kill(phones.pid, signal.SIGKILL)
        assert gone(left)
        with pytest.raises(DeviceLost):
            phones.run(phones.serials[0], "true")


def test_a_signal_while_they_boot_leaves_nothing_behind() -> None:
    command = [sys.executable, "-P", "-m", "handeye.tools.simphone"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watched = psutil.Process(process.pid)
    left = until(lambda: watched.children(recursive=True))
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert b"Traceback" not in said
    assert gone(left)
