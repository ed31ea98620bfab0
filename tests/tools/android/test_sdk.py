"""Finding an Android SDK and reading its virtual devices, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.tools.android.sdk import avds, find_sdk, how_to_create, how_to_install
from handeye.tools.errors import SetupError
from tests.fake_sdk import FakeSdk, program


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSdk:
    return FakeSdk(tmp_path, monkeypatch)


def emulator(root: Path) -> Path:
    (root / "emulator").mkdir(parents=True)
    program(root / "emulator/emulator", "exit 0")
    return root


def test_where_it_is_looked_for(tmp_path: Path) -> None:
    named, usual, on_path = (emulator(tmp_path / name) for name in ("named", "home/Android/Sdk", "other"))
    empty = {"HOME": str(tmp_path / "home"), "PATH": ""}
    assert find_sdk(empty | {"ANDROID_HOME": str(named)}).root == named
    assert find_sdk(empty | {"ANDROID_HOME": str(tmp_path), "ANDROID_SDK_ROOT": str(named)}).source == "ANDROID_SDK_ROOT"
    assert (find_sdk(empty).root, find_sdk(empty).source) == (usual, "usual folder")
    assert find_sdk({"HOME": str(tmp_path), "PATH": str(on_path / "emulator")}).root == on_path.resolve()


@pytest.mark.parametrize(("system", "machine", "words"), [
    ("linux", "x86_64", ("~/Android/Sdk", "google_apis;x86_64", "apt-get install openjdk-17")),
    ("darwin", "arm64", ("~/Library/Android/sdk", "google_apis;arm64-v8a", "brew install")),
])  # fmt: skip
def test_without_one_every_step_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(SetupError, match="no Android emulator: ANDROID_HOME names") as told:
        find_sdk({"HOME": str(tmp_path), "PATH": "", "ANDROID_HOME": str(tmp_path)})
    for word in (
        *words,
        "sdkmanager --install emulator platform-tools",
        "avdmanager create avd -n AndroidWorldAvd -d pixel_6",
        "Java 17" if system == "linux" else "openjdk@17",
    ):
        assert word in str(told.value.fix)


def test_the_tools_of_the_sdk_are_named_where_they_are(sdk: FakeSdk) -> None:
    found = find_sdk()
    assert how_to_create(found, "Mine").startswith(f"{sdk.root}/cmdline-tools/latest/bin/avdmanager create avd -n Mine")
    (sdk.root / "cmdline-tools/latest/bin/sdkmanager").unlink()
    assert how_to_install(found).startswith("sdkmanager --install emulator")


def test_version_and_virtualisation(sdk: FakeSdk) -> None:
    assert find_sdk().version() == "35.1.4.0"
    assert find_sdk().acceleration() == "KVM (version 12) is installed and usable."


def test_an_emulator_that_cannot_use_it(tmp_path: Path) -> None:
    root = emulator(tmp_path)
    program(root / "emulator/emulator", "echo accel:; echo 8; echo '/dev/kvm is not found: VT disabled in BIOS'; exit 8")
    found = find_sdk({"ANDROID_HOME": str(root)})
    with pytest.raises(SetupError, match="VT disabled in BIOS"):
        found.acceleration()
    program(root / "emulator/emulator", "echo something else")
    with pytest.raises(SetupError, match="is no emulator"):
        found.version()


def test_virtual_devices(sdk: FakeSdk) -> None:
    sdk.add("Phone", snapshots=("androidworld", "default_boot"))
    sdk.add("Store", image="system-images/android-34/google_apis_playstore/x86_64/")
    (sdk.avd_home / "gone.ini").write_text("path=/nowhere\n")
    found = avds()
    assert list(found) == ["Phone", "Store"]
    phone, store = found["Phone"], found["Store"]
    assert (phone.profile, phone.level, phone.play_store, phone.snapshots) == ("pixel_6", 33, False, ("androidworld", "default_boot"))
    assert (store.level, store.play_store) == (34, True)
    with pytest.raises(SetupError, match="there are: Phone, Store"):
        find_sdk().avd("Nope")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_damaged_files_are_read_or_left_out(tmp_path: Path, pointer: bytes, config: bytes) -> None:
    home = tmp_path / "avd"
    (home / "X.avd").mkdir(parents=True, exist_ok=True)
    (home / "X.ini").write_bytes(pointer)
    (home / "X.avd/config.ini").write_bytes(config)
    assert set(avds({"ANDROID_AVD_HOME": str(home)})) <= {"X"}
