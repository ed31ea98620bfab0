"""The doctor's look at a phone: a healthy simulated one, and one with everything wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handeye.agent.check_result import Check
from handeye.agent.doctor_android import check_android
from handeye.tools.android import PrivateServer, serials
from handeye.tools.android.server import free_port
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions


@pytest.fixture(scope="module")
def phones() -> Iterator[SimPhones]:
    try:
        started = SimPhones(1, PhoneOptions(size=Size(360, 800), density=160)).start()
    except SetupError as error:
        pytest.skip(str(error))
    with started:
        yield started


@pytest.fixture
def attached(phones: SimPhones, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with PrivateServer() as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.address.port))
        serials.connect(server.address, phones.serials[0])
        yield phones.serials[0]
        phones.run(phones.serials[0], "simphone reset")


def by_part(checks: list[Check], serial: str) -> dict[str, Check]:
    return {check.name.replace(serial, "").replace("phone", "").strip() or "phone": check for check in checks}


def test_a_healthy_phone(attached: str) -> None:
    shallow = by_part(check_android(False), attached)
    assert shallow["phone"].ok
    assert set(shallow) == {"adb", "adb server", "phone"}
    deep = by_part(check_android(True), attached)
    assert [check for check in deep.values() if not check.ok] == []
    assert "Android 13" in deep["phone"].detail
    assert "360x800" in deep["screenshots"].detail
    assert "is used" in deep["screenshots"].detail


def test_every_obstacle_is_named_with_what_mends_it(attached: str, phones: SimPhones) -> None:
    phones.run(attached, "settings put global animator_duration_scale 1; pm uninstall --user 0 com.android.adbkeyboard")
    for fault in ("locked", "inject_denied", "truncated"):
        phones.fault(attached, fault, 20 if fault == "truncated" else 1)
    checks = by_part(check_android(True), attached)
    assert (checks["screen"].ok, checks["screen"].detail) == (False, "locked")
    assert "Security settings" in str(checks["input"].fix)
    assert "no screenshot" in checks["screenshots"].detail
    assert "settings put global animator_duration_scale 0" in checks["animations"].detail
    assert all(check.fix for check in checks.values() if not check.ok)


def test_no_phone_and_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with PrivateServer() as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.address.port))
        checks = {check.name: check for check in check_android(True)}
        assert not checks["phone"].ok
        assert "USB debugging" in str(checks["phone"].fix)
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(free_port()))
    assert "none runs" in {check.name: check for check in check_android(False)}["adb server"].detail
