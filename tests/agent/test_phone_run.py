"""The embedded model works a simulated phone from pixels alone, replays and views of that, and `handeye phone`."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from handeye.agent import Agent, Result, open_dialect, run_episode
from handeye.agent.cli.replay import replay_command
from handeye.agent.cli.run import RunRequest
from handeye.agent.loop import Limits, Setting
from handeye.agent.models.ocr import OcrModel
from handeye.agent.trajectory import load_trajectory
from handeye.agent.viewer import render
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.tools.android import PrivateServer
from handeye.tools.errors import SetupError

OPTIONS = {"device": "sim", "clock": "steps"}


@pytest.fixture(scope="module")
def env() -> Iterator[PhoneEnv]:
    try:
        env = open_phone(OPTIONS)
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    yield env
    env.close()


@pytest.fixture(scope="module")
def model() -> OcrModel:
    return OcrModel()


def play(env: PhoneEnv, model: OcrModel, goal: str, folder: Path) -> Result:
    model.forget()
    dialect = open_dialect("qwen2.5-vl/mobile_use", env.action_types | LOOP_ACTIONS)
    return run_episode(goal, env, Agent(model, dialect), folder, limits=Limits(steps=25), setting=Setting("android", OPTIONS))


def said(env: PhoneEnv, line: str) -> str:
    return env.driver.shell(line).text.strip()


def test_turns_wifi_off_and_the_run_can_be_done_again(env: PhoneEnv, model: OcrModel, tmp_path: Path) -> None:
    result = play(env, model, "Open the Settings app, click Network & internet and turn Wi-Fi off", tmp_path / "run")
    assert result.success
    assert said(env, "settings get global wifi_on") == "0"
    page = render(load_trajectory(tmp_path / "run"))
    assert "com.android.settings.Settings" in page
    assert replay_command(tmp_path / "run", tmp_path / "again", False) == 0
    rows = load_trajectory(tmp_path / "run").steps, load_trajectory(tmp_path / "again").steps
    assert [row.action for row in rows[0]] == [row.action for row in rows[1]]
    assert [row.app for row in rows[0]] == [row.app for row in rows[1]]


def test_fills_in_a_contact(env: PhoneEnv, model: OcrModel, tmp_path: Path) -> None:
    goal = (
        'Open the Contacts app, tap the + button, enter "Ada" into the First name field, enter "Lovelace" into the Last name field, '
        'enter "5551234" into the Phone field and tap Save'
    )
    assert play(env, model, goal, tmp_path / "run").success
    rows = said(env, "content query --uri content://contacts/phones/")
    assert re.search(r"Ada Lovelace.*555.?1234|555.?1234.*Ada Lovelace", rows), rows[-500:]


def test_starts_the_stopwatch_by_the_sign_on_its_button(env: PhoneEnv, model: OcrModel, tmp_path: Path) -> None:
    assert play(env, model, "Open the Clock app, tap Stopwatch and tap the Start button", tmp_path / "run").success
    database = "/data/user_de/0/com.google.android.deskclock/databases/timers.db"
    assert said(env, f"sqlite3 {database} 'select state from stopwatch'") == "running"


def test_says_that_there_is_no_such_app(env: PhoneEnv, model: OcrModel, tmp_path: Path) -> None:
    result = play(env, model, "Open the Nonesuch app", tmp_path / "run")
    assert not result.success
    assert load_trajectory(tmp_path / "run").steps[0].error


def test_options_of_the_command_line_open_the_same_phone_again() -> None:
    options = RunRequest("goal", env="android", device="sim", start_app="Clock", size="720x1280", fault=["slow=1"]).env_options()
    assert json.loads(json.dumps(options)) == options
    assert options["start_app"] == "Clock"
    assert "viewport" not in options
    assert "device" not in RunRequest("goal").env_options()


def test_the_phone_command_connects_a_phone_tells_of_it_and_ends_it() -> None:
    with PrivateServer() as server:
        command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", "phone", "--json", "--show", "--size", "480x800"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=server.environment)
        try:
            assert process.stdout is not None
            told: list[bytes] = []
            reader = threading.Thread(target=lambda: told.append(process.stdout.readline()))  # type: ignore[union-attr]
            reader.start()
            reader.join(90)
            said = json.loads(told[0])
            assert said["connected"] == said["serials"]
            assert said["live"].startswith("http://127.0.0.1:")
            adb = [server.adb.path, "-P", str(server.address.port)]
            listed = subprocess.run([*adb, "devices"], capture_output=True, text=True, env=server.environment, check=True).stdout
            assert f"{said['serials'][0]}\tdevice" in listed
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        listed = subprocess.run([*adb, "devices"], capture_output=True, text=True, env=server.environment, check=True).stdout
        assert said["serials"][0] not in listed
