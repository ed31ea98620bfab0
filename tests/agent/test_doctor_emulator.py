"""The doctor's look at an SDK that a test lays out, and at AndroidWorld's Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from handeye.agent.check_result import Check
from handeye.agent.doctor_emulator import PINS, check_emulators
from tests.fake_sdk import FakeSdk, program


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSdk:
    for name in ("HANDEYE_ANDROID_WORLD", "HANDEYE_ANDROID_WORLD_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("handeye.agent.doctor_emulator.DISK_GB", 0.0)
    return FakeSdk(tmp_path, monkeypatch)


def by_name(deep: bool = False) -> dict[str, Check]:
    checks = {check.name: check for check in check_emulators(deep)}
    assert all(bool(check.fix) is not check.ok for check in checks.values())
    return checks


def test_everything_that_emulators_need(sdk: FakeSdk) -> None:
    sdk.add("AndroidWorldAvd", snapshots=("androidworld",))
    shallow, deep = by_name(), by_name(deep=True)
    assert all(check.ok for check in (*shallow.values(), *deep.values()))
    assert deep["emulator"].detail.startswith("35.1.4.0 at ")
    assert "KVM" in deep["virtualisation"].detail
    assert "AndroidWorldAvd (pixel_6, API level 33, snapshots androidworld)" in deep["virtual devices"].detail
    assert sdk.started() == []


def test_without_an_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOME", str(tmp_path)), ("PATH", str(tmp_path)), ("ANDROID_HOME", str(tmp_path))):
        monkeypatch.setenv(name, value)
    check = by_name()["emulator"]
    assert "Only `handeye bench androidworld --avd` needs one" in check.detail
    assert "sdkmanager --install emulator" in str(check.fix)


def test_a_virtual_device_that_is_not_what_androidworld_is_made_for(sdk: FakeSdk) -> None:
    assert "none in" in by_name()["virtual devices"].detail
    sdk.add("Store", image="system-images/android-33/google_apis_playstore/x86_64/")
    check = by_name()["virtual devices"]
    assert "without root" in check.detail
    assert "avdmanager create avd -n AndroidWorldAvd -d pixel_6" in str(check.fix)


def test_an_emulator_without_virtualisation_and_a_full_disk(sdk: FakeSdk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handeye.agent.doctor_emulator.DISK_GB", 1e9)
    program(sdk.root / "emulator/emulator", "echo 'CPU acceleration status: Unable to open /dev/kvm'; exit 1")
    checks = by_name(deep=True)
    assert not checks["virtualisation"].ok
    assert "/dev/kvm" in checks["virtualisation"].detail
    assert "GB wanted" in checks["room for virtual devices"].detail


def test_androidworlds_checkout_and_python(sdk: FakeSdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_ANDROID_WORLD", str(tmp_path))
    monkeypatch.setenv("HANDEYE_ANDROID_WORLD_PYTHON", sys.executable)
    checks = by_name()
    assert "is no checkout" in checks["AndroidWorld"].detail
    assert "android_env - and not 1.2.3" in checks["AndroidWorld's Python"].detail
    (tmp_path / "android_world").mkdir()
    (tmp_path / "android_world/registry.py").touch()
    program(tmp_path / "python", "\n".join(f"echo {name} {version}" for name, version in PINS.items()))
    monkeypatch.setenv("HANDEYE_ANDROID_WORLD_PYTHON", str(tmp_path / "python"))
    checks = by_name()
    assert checks["AndroidWorld"].ok
    assert checks["AndroidWorld's Python"].ok
    monkeypatch.setenv("HANDEYE_ANDROID_WORLD_PYTHON", str(tmp_path / "none"))
    assert "does not run" in by_name()["AndroidWorld's Python"].detail
