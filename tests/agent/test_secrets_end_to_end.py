"""Whole runs with secrets, in a real browser by the command line and on a simulated phone: nothing that is left holds a value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, run_episode
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.safety.approver import RuleApprover
from handeye.agent.safety.reading import default_rules
from handeye.agent.safety.screen_text import screen_reader
from handeye.agent.trajectory import load_trajectory
from handeye.envs.actions import LOOP_ACTIONS, Action, Answer, Click, Finish, TypeText, Wait
from handeye.envs.browser import ACTION_TYPES
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.search import Hit, find_secret
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box, Point, Size

VALUE = "kelp-7-forest"
HOLDER = "[[secret:door]]"


def searched(folder: Path, times: int = 2) -> list[Hit]:
    """Hits in every byte, and on every picture as a reader sees it that is shown it so many times as large."""
    read = screen_reader()
    return find_secret(folder, [VALUE], lambda pixels: read(pixels.repeat(times, axis=0).repeat(times, axis=1)))


@pytest.mark.parametrize("approve", ["rules", "auto"])
def test_a_browser_through_the_command_line(tmp_path: Path, site: Any, approve: str) -> None:
    address = site.page(
        '<form onsubmit=\'out.textContent = "it was " + p.value; document.title = p.value; history.replaceState(0, 0, "?" + p.value);'
        " p.type = \"text\"; return false'><input type=password id=p style='position:absolute;left:40px;top:40px;width:200px'></form>"
        "<p id=out style='margin-top:100px'></p>"
    )
    dialect = open_dialect("json", ACTION_TYPES | LOOP_ACTIONS)
    said: list[Action] = [Click(point=Point(60, 52)), TypeText(text=HOLDER + "\n"), Wait(seconds=0.2), Answer(text=VALUE), Finish()]
    script = tmp_path / "script"
    script.write_text("\n".join(json.dumps(dialect.format(action, Size(1280, 800))) for action in said))
    command = [
        sys.executable,
        "-c",
        "from handeye.agent.cli import main; main()",
        "run",
        "Log in to the shop",
        "--url",
        address,
        "--dialect",
        "json",
        "--json",
    ]
    command += ["--model", f"scripted:{script}", "--out", str(tmp_path / "run"), "--approve", approve]
    command += ["--secret", f"door=env:DOOR_PASSWORD@{site.base}"]
    done = subprocess.run(command, env=os.environ | {"DOOR_PASSWORD": VALUE}, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    assert VALUE not in done.stdout + done.stderr
    rows = load_trajectory(tmp_path / "run").steps
    assert rows[2].title == HOLDER  # so it was typed, sent, and said by the page
    assert [row.action for row in rows if row.action and row.action.type == "type_text"] == [said[1]]
    assert "value of a secret" in rows[3].error
    assert searched(tmp_path / "run") == []


def test_a_simulated_phone(tmp_path: Path) -> None:
    try:
        phone = open_phone({"device": "sim", "guard": True, "size": "540x1080", "density": 200})
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    try:
        vault = Vault(read_secrets(["door=env:W@app:com.android.settings"], {"W": VALUE}))
        dialect = open_dialect("json", phone.action_types | LOOP_ACTIONS)
        model = ScriptedModel(dialect.format(action, phone.driver.size) for action in _joining(phone))
        # What the person allowed: the pack shows elsewhere that somebody is asked.
        agent = Agent(model, dialect, approver=RuleApprover(default_rules()), asker=lambda question: "yes", secrets=vault)
        result = run_episode("Join the network", SecretEnv(phone, vault, screen_reader()), agent, tmp_path / "run")
        assert result.outcome == "reached", result.message
        assert any(VALUE in node.text for node in phone.driver.ui_tree().walk())
        assert searched(tmp_path / "run", 1) == []
        assert all(VALUE not in message.text for messages in model.asked for message in messages)
    finally:
        phone.close()


def _joining(phone: PhoneEnv) -> Iterator[Action]:
    """The password into its field, and, for the eyes of all, into a field that shows it."""
    phone.driver.shell("settings put global wifi_on 1; am start -a android.settings.WIFI_SETTINGS")
    yield Wait(seconds=1)
    yield Click(point=_view(phone, "Add network").center)
    yield Click(point=_view(phone, "Password (none: open)").center)
    yield TypeText(text=HOLDER)
    yield Click(point=_view(phone, "Network name").center)
    # What somebody else typed there: it is masked wherever it stands.
    phone.driver.type_text(VALUE)
    yield Wait(seconds=0.5)
    yield Finish()


def _view(phone: PhoneEnv, words: str) -> Box:
    return next(node.bounds for node in phone.driver.ui_tree().walk() if words in (node.text, node.description, node.hint))
