"""`PhoneEnv` on simulated phones behind a real adb server: what it does and says, and that it never looks in the middle of things."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from handeye.envs.actions import (
    Action,
    Click,
    Drag,
    GoBack,
    Goto,
    LongPress,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
)
from handeye.envs.check import check_env
from handeye.envs.frames import DEFAULT_FRAME_LIMITS
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.envs.registry import open_env
from handeye.tools.errors import InvalidAction, SetupError
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


@pytest.fixture
def patient(env: PhoneEnv) -> PhoneEnv:
    """The same phone, waited for longer: where a picture takes seconds, the usual cap ends what would have ended by itself."""
    patient = PhoneEnv(env.driver, limits=replace(DEFAULT_FRAME_LIMITS, cap_s=120.0))
    patient.reset()
    return patient


def said(env: PhoneEnv, line: str) -> str:
    return env.driver.shell(line).text.strip()


def written(env: PhoneEnv) -> list[str]:
    return [view.text for view in env.driver.ui_tree().walk()]


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
def test_never_looks_in_the_middle_of_a_transition(patient: PhoneEnv, steps: list[Action]) -> None:
    for action in steps:
        step = patient.step(action)
        assert not step.settled.capped, step.settled
        threading.Event().wait(0.7)
        later = patient.driver.screenshot()
        differs = (later != step.observation.screenshot).any(axis=2)
        assert differs.mean() < 0.001, (action, np.argwhere(differs)[[0, -1]])


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Click(), "no pointer"),
        (Click(point=Point(5, 5), button="right"), "long_press"),
        (Click(point=Point(5, 5), modifiers=("ctrl",)), "modifier"),
        (Drag(end=Point(5, 5)), "no pointer"),
        (Drag(start=Point(5, 5), via=(Point(6, 6),), end=Point(7, 7)), "straight"),
        (Goto(url="javascript:alert(1)"), "scripts"),
        (Goto(url="file:///etc/hosts"), "https"),
        (OpenApp(name="Nonesuch"), "Nonesuch"),
    ],
)
def test_says_why_an_action_cannot_be(env: PhoneEnv, action: Action, words: str) -> None:
    with pytest.raises(InvalidAction, match=words):
        env.step(action)


def test_types_any_text_and_tells_of_the_keyboard(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Contacts"))
    step = env.step(Click(point=Point(540, 175)))
    assert "The keyboard came up." in step.observation.notes
    text = "Zoë 字 $(x) 'y' \"z\" %s"
    env.step(TypeText(text=text))
    assert text in written(env)
    env.step(PressKeys(keys=("ctrl", "a")))
    env.step(PressKeys(keys=("backspace",)))
    assert text not in written(env)


def test_touches_of_every_kind_are_carried_out(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    before = env.step(Wait(seconds=0)).observation
    scrolled = env.step(Scroll(direction="down", amount=600)).observation
    assert (before.screenshot != scrolled.screenshot).any()
    assert env.step(LongPress(point=Point(540, 1200), duration_s=0.6)).observation.size == before.size
    env.step(Click(point=Point(540, 1200), count=2))
    env.step(Drag(start=Point(540, 1500), end=Point(540, 900)))


def test_a_touch_that_was_meant_for_an_upright_screen_is_not_carried_out_on_a_turned_one(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    said(env, "simphone fault rotate 1")
    step = env.step(Click(point=Point(540, 350)))
    assert step.observation.size == Size(2400, 1080)
    assert "turned after the last picture" in step.observation.notes[0]
    assert step.observation.extra["rotation"] == "1"
    assert not env.step(Click(point=Point(2000, 500))).observation.notes


def test_a_touch_is_not_carried_out_on_what_came_to_the_front(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Calculator"))
    said(env, "am start -n com.android.settings/.Settings")
    step = env.step(Click(point=Point(159, 1358)))
    assert "came to the front" in step.observation.notes[0]
    assert step.observation.app == "Settings"


def test_tells_what_hides_the_screen(env: PhoneEnv) -> None:
    said(env, "simphone fault black")
    assert "FLAG_SECURE" in env.step(Wait(seconds=0)).observation.notes[0]
    said(env, "simphone fault black off; simphone fault screen_off")
    assert "screen is off" in env.step(Wait(seconds=0)).observation.notes[0]
    assert not env.reset().notes


def test_what_moves_for_ever_is_left_out(patient: PhoneEnv) -> None:
    said(patient, "simphone fault animated")
    step = patient.step(Wait(seconds=0))
    assert not step.settled.capped
    assert step.settled.left_out
    assert not patient.step(Wait(seconds=0)).settled.capped


def test_two_at_once_do_not_meet(env: PhoneEnv) -> None:
    other = open_env("android", {**OPTIONS, "size": "720x1280", "density": 320, "start_app": "Clock", "fault": ["slow=0.01"]})
    assert isinstance(other, PhoneEnv)
    try:
        assert other.reset().app == "Clock"
        assert other.reset().size == Size(720, 1280)
        assert env.step(Wait(seconds=0)).observation.app == "Home screen"
        assert "slow" in said(other, "simphone faults | grep now")
    finally:
        other.close()
        other.close()
    with pytest.raises(InvalidAction, match="reset"):
        other.step(Wait(seconds=0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"device": "sim", "size": "9x9"}, "120x160"),
        ({"device": "sim", "size": "wide"}, "WIDTHxHEIGHT"),
        ({"device": "sim", "density": 5}, "density"),
        ({"device": "sim", "clock": "stopped"}, "clock"),
        ({"device": "sim", "fault": ["nonesuch"]}, "no fault"),
        ({"device": "sim", "fault": ["slow=much"]}, "number"),
    ],
)
def test_options_that_make_no_sense_start_nothing(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        open_env("android", options)
