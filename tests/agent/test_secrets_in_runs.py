"""A run with secrets: what the model is told, and that nothing of what is written, shown or raised holds a value."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.agent.cli.run import RunRequest
from handeye.agent.cli.secrets import open_vault
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Event, run_episode
from handeye.agent.models.base import Completion
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.trajectory import Result, load_trajectory
from handeye.envs.actions import LOOP_ACTIONS, Action, Answer, AskUser, Click, Finish, PressKeys, TypeText
from handeye.envs.env import TimeStep
from handeye.envs.fake import ACTION_TYPES, BUTTONS, FIELD, SCREEN, SightedButtonsEnv
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.search import find_secret
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import DeviceError, ModelError, SetupError
from handeye.tools.target import Target

VALUE = "hunter2" + "xyz"
HOLDER = "[[secret:bank]]"
FOCUS = Target("desktop", "focus", identity="f", box=FIELD, states=frozenset({"editable", "password"}), app="buttons")


class World(SightedButtonsEnv):
    """The shipped screen, whose field is a password field and whose page says the value back."""

    def __init__(self) -> None:
        super().__init__(says=lambda action: (FOCUS,) if isinstance(action, TypeText) else ())
        self.breaks = False

    def step(self, action: Action) -> TimeStep:
        if self.breaks and isinstance(action, TypeText):
            raise DeviceError(f"cannot type {action.text}")
        step = super().step(action)
        return replace(step, observation=replace(step.observation, title=f"typed {VALUE}", notes=(f"the page says {VALUE}",)))


class Ran:
    """A run of the loop with a model that says given actions."""

    def __init__(self, folder: Path, said: Sequence[Action | str], world: World | None = None, goal: str = "Log in") -> None:
        self.vault = Vault(read_secrets(["bank=env:B@app:buttons"], {"B": VALUE}))
        dialect = open_dialect("json", ACTION_TYPES | LOOP_ACTIONS)
        replies = [one if isinstance(one, str) else dialect.format(one, SCREEN) for one in said]
        self.model = ScriptedModel(replies)
        self.events: list[Event] = []
        self.world = world or World()
        env = SecretEnv(self.world, self.vault, lambda pixels: ())
        agent = Agent(self.model, dialect, secrets=self.vault)
        self.result: Result = run_episode(goal, env, agent, folder / "run", on_event=self.events.append)
        self.run = load_trajectory(folder / "run")

    @property
    def prompts(self) -> list[str]:
        return [message.text for messages in self.model.asked for message in messages]


CLICK = Click(point=FIELD.center)
SECRET = TypeText(text=HOLDER)


def test_the_model_is_told_names_and_the_run_holds_placeholders(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [CLICK, SECRET, Click(point=BUTTONS[0].center)])
    assert ran.world.device.calls[1].arguments[0] == VALUE
    assert any(HOLDER in prompt for prompt in ran.prompts)
    assert all(VALUE not in prompt for prompt in ran.prompts)
    assert ran.run.steps[1].action == SECRET
    assert ran.run.steps[2].title == f"typed {HOLDER}"
    assert find_secret(tmp_path, [VALUE]) == []
    assert VALUE not in repr(ran.events)


LEAKS: dict[str, Action | str] = {
    "typed": TypeText(text=f"x {VALUE}"),
    "answer": Answer(text=f"it is {VALUE}"),
    "finish": Finish(message=VALUE),
    "question": AskUser(question=f"is it {VALUE}?"),
    "answer in base64": Answer(text=base64.b64encode(f"pw {VALUE}".encode()).decode()),
    "placeholder in an answer": Answer(text=HOLDER),
    "unreadable": f"I can see that it is {VALUE}",
    "thought": f"The password is {VALUE}.\n" + json.dumps({"action": "wait"}),
}


@pytest.mark.parametrize("leak", list(LEAKS))
def test_what_a_model_says_that_read_the_value(tmp_path: Path, leak: str) -> None:
    said = LEAKS[leak]
    ran = Ran(tmp_path, [CLICK, SECRET, said, Finish(success=False)])
    assert find_secret(tmp_path, [VALUE]) == []
    assert all(VALUE not in prompt for prompt in ran.prompts)
    assert VALUE not in repr((ran.events, ran.result))
    assert [call.arguments[0] for call in ran.world.device.calls if call.verb == "type_text"] == [VALUE]
    if not isinstance(said, str):
        assert ran.result.outcome == "not_reached"
        assert ran.run.steps[2].error != ""


def test_keys_one_by_one(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [CLICK, SECRET, *[PressKeys(keys=(key,)) for key in VALUE], Finish(success=False)])
    pressed = [call.arguments[0][0] for call in ran.world.device.calls if call.verb == "press_keys"]
    assert "".join(pressed) == VALUE[:-1]


def test_a_device_that_fails_while_typing(tmp_path: Path) -> None:
    world = World()
    world.breaks = True
    ran = Ran(tmp_path, [CLICK, SECRET], world)
    assert ran.result.outcome == "device_error"
    assert ran.result.message == f"cannot type {HOLDER}"
    assert find_secret(tmp_path, [VALUE]) == []


def test_a_value_in_the_goal_reaches_no_model(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [Finish()], goal=f"Log in with {VALUE}")
    assert all(VALUE not in prompt for prompt in ran.prompts)
    assert ran.run.episode.goal == f"Log in with {HOLDER}"


def test_an_exception_that_leaves_the_run(tmp_path: Path) -> None:
    class Broken(ScriptedModel):
        def generate(self, *asked: Any) -> Completion:
            raise RuntimeError(f"no idea what {VALUE} is")

    vault = Vault(read_secrets(["bank=env:B@app:buttons"], {"B": VALUE}))
    agent = Agent(Broken([]), open_dialect("json", ACTION_TYPES | LOOP_ACTIONS), secrets=vault)
    with pytest.raises(RuntimeError) as caught:
        run_episode("Log in", SecretEnv(World(), vault, lambda pixels: ()), agent, tmp_path / "run")
    assert str(caught.value) == f"no idea what {HOLDER} is"
    assert not isinstance(caught.value, ModelError)


def test_a_replay_without_secrets_types_no_placeholder(tmp_path: Path) -> None:
    dialect = open_dialect("json", ACTION_TYPES | LOOP_ACTIONS)
    world = World()
    model = ScriptedModel([dialect.format(one, SCREEN) for one in (CLICK, SECRET, Finish(success=False))])
    run_episode("Log in", world, Agent(model, dialect), tmp_path / "run")
    assert [call.verb for call in world.device.calls] == ["click"]
    assert "no secrets" in load_trajectory(tmp_path / "run").steps[1].error


def test_what_the_person_answers_reaches_no_model(tmp_path: Path) -> None:
    vault = Vault(read_secrets(["bank=env:B@app:buttons"], {"B": VALUE}))
    dialect = open_dialect("json", ACTION_TYPES | LOOP_ACTIONS)
    model = ScriptedModel([dialect.format(one, SCREEN) for one in (AskUser(question="What is the password?"), Finish(success=False))])
    agent = Agent(model, dialect, asker=lambda question: f"it is {VALUE}", secrets=vault)
    run_episode("Log in", SecretEnv(World(), vault, lambda pixels: ()), agent, tmp_path / "run")
    told = [message.text for messages in model.asked for message in messages]
    assert any(f"it is {HOLDER}" in text for text in told)
    assert all(VALUE not in text for text in told)
    assert find_secret(tmp_path, [VALUE]) == []


@pytest.mark.parametrize("option", [{"show": True}, {"record": Path("film.mp4")}])
def test_ways_to_watch_the_screen_as_it_is_are_refused(option: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_PASSWORD", VALUE)
    with pytest.raises(SetupError, match="as it is"):
        open_vault(RunRequest("Log in", secrets=["bank=env:BANK_PASSWORD@https://bank.test"], **option))
    assert "BANK_PASSWORD" not in os.environ
    assert open_vault(RunRequest("Log in")) is None


@pytest.mark.parametrize("value", ["click", "left", "text", "password", "Submit", "delete", "able"])
def test_words_that_records_and_rules_need_are_no_secrets(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_VALUE", value)
    with pytest.raises(SetupError, match="the secret bank is, or is in, a word") as caught:
        open_vault(RunRequest("x", secrets=("bank=env:SHOP_VALUE@https://shop.test",)))
    assert value not in str(caught.value).replace("as plain text", "")
    vault = Vault(read_secrets(["bank=env:B@app:buttons"], {"B": value}))
    with pytest.raises(SetupError, match="bank"):
        Agent(ScriptedModel([]), open_dialect("json", ACTION_TYPES | LOOP_ACTIONS), secrets=vault)
