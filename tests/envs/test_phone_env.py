"""`PhoneEnv` on simulated phones behind a real adb server: what it can do, what it says, and that it never looks too early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from handeye.envs.actions import (
    Action,
    GoBack,
    OpenApp,
    PressButton,
    Swipe,
)
from handeye.envs.check import check_env
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size

OPTIONS = {"device": "sim", "clock": "steps", "animations": True}


@pytest.fixture(scope="module")
def phone() -> Iterator[PhoneEnv]:
    try:
        env = open_phone(OPTIONS)
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    yield env
    env.close()


@pytest.fixture
def env(phone: PhoneEnv) -> PhoneEnv:
    phone.reset(0)
    return phone


def said(env: PhoneEnv, line: str) -> str:
    return env.driver.shell(line).text.strip()


def test_conforms(phone: PhoneEnv) -> None:
    check_env(phone, close=False)


def test_begins_at_home_in_the_state_of_the_beginning(env: PhoneEnv) -> None:
    said(env, "settings put global wifi_on 0")
    env.step(OpenApp(name="Settings"))
    observation = env.reset(1)
    assert said(env, "settings get global wifi_on") == "1"
    assert (observation.size, observation.app) == (Size(1080, 2400), "Home screen")
    assert observation.extra["serial"] == env.driver.serial


STEPS: dict[str, list[Action]] = {
    "open and leave an app": [OpenApp(name="Settings"), GoBack(), OpenApp(name="Clock"), PressButton(button="home")],
    "another app over it": [OpenApp(name="Calculator"), OpenApp(name="Contacts"), PressButton(button="recents"), GoBack()],
    "swipes": [
        Swipe(start=Point(540, 1600), end=Point(540, 500)),
        PressButton(button="home"),
        Swipe(start=Point(540, 5), end=Point(540, 1200)),
    ],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_never_looks_in_the_middle_of_a_transition(env: PhoneEnv, steps: list[Action]) -> None:
    for action in steps:
        step = env.step(action)
        assert not step.settled.capped, step.settled
        threading.Event().wait(0.7)
        later = env.driver.screenshot()
        differs = (later != step.observation.screenshot).any(axis=2)
        assert differs.mean() < 0.001, (action, np.argwhere(differs)[[0, -1]])
