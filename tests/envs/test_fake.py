"""The shipped fakes keep the contracts, and the checks find what breaks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from handeye.envs.actions import Action, Click, PressKeys, TypeText, Wait
from handeye.envs.check import ConformanceError, check_env
from handeye.envs.env import Effect, Permit, TimeStep
from handeye.envs.fake import BUTTONS, FIELD, ButtonsEnv, SightedButtonsEnv, draw_screen, screen_after
from handeye.envs.observation import Observation
from handeye.tools.check import check_device
from handeye.tools.errors import DeviceLost, InvalidAction, NotPermitted, TargetChanged
from handeye.tools.geometry import Box, Point
from handeye.tools.recording import RecordingDevice
from handeye.tools.target import Target


def test_the_fakes_conform() -> None:
    check_env(ButtonsEnv())
    check_env(SightedButtonsEnv())
    check_device(RecordingDevice(draw=lambda calls: draw_screen(screen_after(calls))))
    check_device(RecordingDevice([np.zeros((50, 60, 3), np.uint8)]))


def test_effects_can_be_seen_and_the_goal_ends_the_episode() -> None:
    env = ButtonsEnv(goal=1)
    first = env.reset()
    other = env.step(Click(point=BUTTONS[0].center))
    assert not other.done
    assert (other.observation.screenshot != first.screenshot).any()
    back = env.step(Click(point=BUTTONS[0].center))
    assert (back.observation.screenshot == first.screenshot).all()
    env.step(Click(point=FIELD.center))
    typed = env.step(TypeText(text="ab"))
    erased = env.step(PressKeys(keys=("backspace",)))
    assert env.screen.text == "a"
    assert (typed.observation.screenshot != erased.observation.screenshot).any()
    done = env.step(Click(point=BUTTONS[1].center))
    assert done.done
    assert done.reward == 1
    assert [call.verb for call in env.device.calls] == ["click", "click", "click", "type_text", "press_keys", "click"]


def test_a_permit_is_for_one_action_on_what_it_names() -> None:
    env = SightedButtonsEnv()
    env.reset()
    click = Click(point=BUTTONS[2].center)
    (target,) = env.targets(click)
    assert (target.role, target.name, target.known) == ("button", "Button 2", True)
    permit = Permit((target,))
    env.step_permitted(click, permit)
    assert env.screen.pressed == {2}
    with pytest.raises(NotPermitted, match="used already"):
        env.step_permitted(click, permit)
    with pytest.raises(TargetChanged, match=r"states was \[\], is \['checked'\]"):
        env.step_permitted(click, Permit((target,)))
    assert env.screen.pressed == {2}


def test_what_a_fake_says_is_settable_and_may_change_between_looks() -> None:
    names = iter(["Pay", "Pay", "Cancel"])
    env = SightedButtonsEnv(says=lambda _: (Target("browser", "point", identity="7", role="button", name=next(names)),))
    env.reset()
    click = Click(point=BUTTONS[0].center)
    env.step_permitted(click, Permit(env.targets(click)))
    with pytest.raises(TargetChanged, match="name was 'Pay', is 'Cancel'"):
        env.step_permitted(click, Permit((Target("browser", "point", identity="7", role="button", name="Pay"),)))
    assert len(env.device.calls) == 1


def test_effects_are_held_unless_the_permit_covers_them() -> None:
    env = SightedButtonsEnv()
    env.reset()
    env.sets_off = (Effect("POST", "https://shop.test/order"),)
    click = Click(point=BUTTONS[0].center)
    assert env.step_permitted(click, Permit(env.targets(click))).held == env.sets_off
    assert env.carried_out == []
    assert env.step_permitted(click, Permit(env.targets(click), effects=True)).held == ()
    assert env.carried_out == list(env.sets_off)


class _Blind(SightedButtonsEnv):
    """A fake that sees with one fault, chosen by name."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    def targets(self, action: Action) -> tuple[Target, ...]:
        if self.fault == "looks anywhere" and isinstance(action, Click) and action.point is not None:
            action = Click(point=action.point.clamped(self.device.size))
        found = super().targets(action)
        if self.fault == "a list":
            return list(found)  # type: ignore[return-value]
        if self.fault == "does not say why":
            return tuple(replace(target, known=False, doubts=()) for target in found)
        return found

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        if self.fault == "acts on anything":
            return self.step(action)
        if self.fault == "acts twice":
            return super().step_permitted(action, replace(permit))
        return super().step_permitted(action, permit)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        if self.fault == "says where by numbers":
            return ((0, 0, 1, 1),)  # type: ignore[return-value]
        return super().shown_at(values)

    def keep_out(self, values: Sequence[str]) -> None:
        if self.fault == "keeps nothing out":
            raise InvalidAction("there is no clipboard")
        super().keep_out(values)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("looks anywhere", "outside of the screenshot"),
        ("a list", "gives no tuple of targets"),
        ("does not say why", "does not say why"),
        ("acts on anything", "on what is not there"),
        ("acts twice", "with a permit that was used"),
        ("says where by numbers", "gives no tuple of boxes"),
        ("keeps nothing out", "there is no clipboard"),
    ],
)
def test_faults_of_sight_are_found(fault: str, words: str) -> None:
    with pytest.raises(ConformanceError, match=words):
        check_env(_Blind(fault))


def test_frames_follow_each_other_and_the_last_stays() -> None:
    frames = [np.full((4, 5, 3), value, np.uint8) for value in (1, 2)]
    device = RecordingDevice(frames)
    shown = [int(device.screenshot()[0, 0, 0])]
    for _ in range(2):
        device.move(Point(1, 1))
        shown.append(int(device.screenshot()[0, 0, 0]))
    assert shown == [1, 2, 2]
    device.close()
    with pytest.raises(DeviceLost):
        device.screenshot()
    with pytest.raises(InvalidAction):
        RecordingDevice()


class _Crooked(ButtonsEnv):
    """A fake with one fault, chosen by name."""

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault

    @property
    def action_types(self) -> frozenset[str]:
        return super().action_types | ({"finish"} if self.fault == "loop verb" else {"swipe"} if self.fault == "verb that fails" else set())

    def reset(self, seed: int | None = None) -> Observation:
        observation = super().reset(seed)
        if self.fault == "same observation":
            self.kept = getattr(self, "kept", observation)
            return self.kept
        if self.fault == "writeable":
            observation.screenshot.setflags(write=True)
        return observation

    def step(self, action: Action) -> TimeStep:
        if self.fault == "points are clamped" and isinstance(action, Click) and action.point is not None:
            action = Click(point=action.point.clamped(self.device.size))
        if self.fault == "wrong error" and action.type == "goto":
            raise ValueError("goto")
        if self.fault == "no refusal" and action.type == "goto":
            action = Wait()
        if self.fault == "works before reset" and self._device is None:
            self.reset()
        step = super().step(action)
        return step.observation if self.fault == "no time step" else step  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("loop verb", "verbs of the loop"),
        ("verb that fails", "swipe fails"),
        ("same observation", "very same observation"),
        ("writeable", "can be written to"),
        ("points are clamped", "click outside of the screenshot is accepted"),
        ("wrong error", "goto, which is not in action_types, raises ValueError"),
        ("no refusal", "goto, which is not in action_types, is accepted"),
        ("works before reset", "step before reset is accepted"),
        ("no time step", "not a TimeStep"),
    ],
)
def test_the_check_finds_faults(fault: str, words: str) -> None:
    with pytest.raises(ConformanceError, match=words):
        check_env(_Crooked(fault))


@pytest.mark.parametrize(
    ("verb", "replacement", "words"),
    [
        ("screenshot", lambda self: np.zeros((3, 3), np.uint8), "shape"),
        ("move", lambda self, point: None, "pointer is"),
        ("press_keys", lambda self, keys: None, "a key that there is not is accepted"),
        ("close", lambda self: None, "screenshot after close is accepted"),
    ],
)
def test_the_check_of_devices_finds_faults(verb: str, replacement: Callable[..., Any], words: str) -> None:
    kind = type("Faulty", (RecordingDevice,), {})
    device = kind([np.zeros((50, 60, 3), np.uint8)])
    setattr(kind, verb, replacement)
    with pytest.raises(ConformanceError, match=words):
        check_device(device)
