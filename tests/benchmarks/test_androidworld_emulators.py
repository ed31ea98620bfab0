"""AndroidWorld on emulators that the run starts: a fake emulator program, real adb, AndroidWorld's own code where a checkout is named."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from handeye.benchmarks.androidworld.bench import Request
from handeye.benchmarks.androidworld.cli import app
from handeye.benchmarks.androidworld.emulators import Emulators
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.results import read_rows
from handeye.tools.android.binary import AdbBinary
from handeye.tools.android.emulator import announce
from handeye.tools.android.sdk import find_sdk
from handeye.tools.android.serials import attached
from handeye.tools.android.server import PrivateServer, client_for, server_version
from handeye.tools.errors import HandeyeError, InvalidAction, SetupError
from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions
from tests.fake_sdk import FakeSdk, program

CHECKOUT = os.environ.get("HANDEYE_ANDROID_WORLD", "")
PYTHON = os.environ.get("HANDEYE_ANDROID_WORLD_PYTHON", sys.executable)
needs_checkout = pytest.mark.skipif(not CHECKOUT, reason="HANDEYE_ANDROID_WORLD names no checkout of google-research/android_world")
PORT = 5646
"""Away from the first ports, which a run beside the tests may have."""


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSdk:
    return FakeSdk(tmp_path, monkeypatch)


def call(*arguments: str, checkout: str = CHECKOUT) -> Result:
    given = ["--android-world", checkout, "--python", PYTHON, "--emulator-port", str(PORT), *arguments]
    return CliRunner().invoke(app, given, catch_exceptions=False)


def described(folder: Path) -> str:
    """A folder with what is read of a checkout before anything is started."""
    for name in ("registry.py", "env/interface.py", "task_evals/task_eval.py", "task_metadata.json"):
        file = folder / "android_world" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("[]" if name.endswith("json") else "")
    return str(folder)


@needs_checkout
def test_two_emulators_of_one_virtual_device(sdk: FakeSdk, tmp_path: Path) -> None:
    """Each worker has an emulator with ports and an adb server of its own, and the snapshot is loaded before each task."""
    sdk.add("Pixel", snapshots=("androidworld",))
    tasks = ("SystemWifiTurnOff", "SystemBrightnessMax", "SimpleSmsReply")
    done = call("--avd", "Pixel", "--oracle", "--workers", "2", "--tasks", ",".join(tasks), "--out", str(tmp_path / "out"), "--json")
    numbers = json.loads(done.stdout)
    assert {row["task"]: (row["raw"], row["error"]) for row in numbers["rows"]} == dict.fromkeys(tasks, (1.0, ""))
    started = sdk.started()
    assert sorted(row["argv"][row["argv"].index("-ports") + 1] for row in started) == ["5646,5647", "5648,5649"]
    assert sorted(row["argv"][row["argv"].index("-grpc") + 1] for row in started) == ["8646", "8648"]
    assert len({row["environment"]["ANDROID_ADB_SERVER_PORT"] for row in started}) == 2
    assert all("-read-only" in row["argv"] for row in started)
    told = sdk.told()
    assert told.count("avd snapshot load androidworld") == len(tasks)
    # The task that begins with a message has it sent by the emulator's console, through adb's own client.
    assert any(words.startswith("sms send") for words in told)
    assert sdk.left() == []
    configuration = json.loads((tmp_path / "out/config.json").read_text())
    assert (configuration["device"], configuration["snapshot"]) == ("avd Pixel", "androidworld")


@needs_checkout
def test_an_emulator_that_dies_is_replaced_and_its_episode_tried_again(sdk: FakeSdk, tmp_path: Path) -> None:
    folder = sdk.add("Pixel", "dies", snapshots=("androidworld",))
    done = call("--avd", "Pixel", "--noop", "--tasks", "SystemWifiTurnOff,SystemWifiTurnOn", "--out", str(tmp_path / "out"), "--json")
    numbers = json.loads(done.stdout)
    rows, _ = read_rows(tmp_path / "out/results.jsonl", EpisodeRow)
    assert numbers["errors"] == 0
    assert len(rows) == 3
    assert sum(bool(row.error) for row in rows) == 1
    assert len(sdk.started()) == 2
    assert not (folder / "dies").exists()
    assert sdk.left() == []


@needs_checkout
def test_the_first_time_setup_tells_what_it_could_not_download(sdk: FakeSdk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network here: every app that is an APK fails, and nothing is saved."""
    sdk.add("Pixel")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with tempfile.TemporaryDirectory() as folder:  # what was downloaded before lies in such a one, and a socket's path must be short
        monkeypatch.setenv("TMPDIR", folder)
        done = call("--avd", "Pixel", "--setup", "--json")
    assert done.exit_code == 1
    found = {row["app"]: row for row in json.loads(done.stdout)["apps"]}
    assert len(found) == 24
    assert "127.0.0.1" in found["markor"]["error"] or "ProxyError" in found["markor"]["error"]
    assert found["files"]["error"] == ""
    assert find_sdk().avd("Pixel").snapshots == ()
    (started,) = sdk.started()
    assert "-read-only" not in started["argv"]
    assert sdk.left() == []


@needs_checkout
def test_a_running_emulator_is_used_on_the_users_server_which_lives_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with PrivateServer() as server, SimPhones(1, PhoneOptions(size=Size(360, 800), density=160, port=PORT + 41)) as phones:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.address.port))
        announce(server.address, PORT + 41)
        serial = f"emulator-{PORT + 40}"
        done = call("--serials", serial, "--oracle", "--tasks", "SystemWifiTurnOff", "--out", str(tmp_path / "out"), "--json")
        (row,) = json.loads(done.stdout)["rows"]
        assert (row["raw"], row["error"]) == (1.0, "")
        assert [(phone.serial, phone.state) for phone in attached(server.address)] == [(serial, "device")]
        assert phones.run(phones.serials[0], "settings get global wifi_on").stdout.strip() == b"0"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--avd", "Other"], SetupError, r"no AVD 'Other'.*there are: Pixel"),
        (["--avd", "Pixel"], SetupError, r"no snapshot 'androidworld'.*--setup, once; or --snapshot none"),
        (["--avd", "Pixel", "--snapshot", "none", "--workers", "30"], InvalidAction, r"room for 19 emulators, not 30"),
        (["--avd", "Pixel", "--serials", "emulator-5554"], InvalidAction, "exclude each other"),
        (["--avd", "Pi xel"], InvalidAction, "name of an AVD"),
        (["--setup"], InvalidAction, "simulated phone needs no setup"),
        (["--avd", "Pixel", "--setup", "--snapshot", "none"], InvalidAction, "needs a name"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(
    sdk: FakeSdk, tmp_path: Path, arguments: list[str], error: type[HandeyeError], words: str
) -> None:
    sdk.add("Pixel")
    with pytest.raises(error, match=words):
        call(*arguments, "--out", str(tmp_path / "out"), checkout=described(tmp_path / "checkout"))
    assert sdk.started() == []


def test_without_an_sdk_every_step_to_one_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"no Android emulator.*sdkmanager --install emulator.*avdmanager create avd"):
        call("--avd", "Pixel", "--out", str(tmp_path / "out"), checkout=described(tmp_path / "checkout"))


def test_a_run_is_bound_to_its_virtual_device_and_snapshot(tmp_path: Path) -> None:
    def configuration(**more: Any) -> tuple[str, str]:
        found = Request("noop", tmp_path, Path(described(tmp_path)), PYTHON, **more).configuration()
        return found.device, found.snapshot

    assert configuration() == ("sim", "")
    assert configuration(serials=("emulator-5554",)) == ("serial", "")
    assert configuration(emulators=Emulators("Pixel", "none")) == ("avd Pixel", "none")


def test_no_adb_is_used_that_would_kill_the_users_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with PrivateServer() as server:
        version = server_version(server.address)
        program(tmp_path / "adb", "echo Android Debug Bridge version 1.0.32")
        monkeypatch.setenv("HANDEYE_ADB", str(tmp_path / "adb"))
        with pytest.raises(SetupError, match=rf"version 1\.0\.{version}, and every adb found here is of another.*HANDEYE_ADB"):
            client_for(server.address)
        assert client_for(server.address, [AdbBinary(server.adb.path, "PATH")]).path == server.adb.path
