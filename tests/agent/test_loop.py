"""The loop, on the shipped in-memory environment and scripted models that speak the real dialect."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from handeye.agent import Agent, Event, Result, ScriptedModel, Trajectory, load_trajectory, open_dialect, run_episode
from handeye.agent.approval import Asker, Proposal, Verdict, allow_all, ask_always
from handeye.agent.dialects.base import Dialect
from handeye.agent.loop import Limits, Setting
from handeye.envs.actions import (
    LOOP_ACTIONS,
    Action,
    Answer,
    AskUser,
    Click,
    Finish,
    Goto,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    TypeText,
    Wait,
)
from handeye.envs.env import TimeStep
from handeye.envs.fake import ACTION_TYPES, FIELD, SCREEN, ButtonsEnv, button_centre
from handeye.tools.errors import DeviceLost, InvalidAction, TrajectoryError
from handeye.tools.geometry import Point

DIALECT = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES | LOOP_ACTIONS | {"goto"})
EMPTY = Point(310, 230)
"""A place where a click changes nothing."""


def say(*actions: Action) -> str:
    return "\n".join(DIALECT.format(action, SCREEN) for action in actions)


def click(button: int) -> str:
    return say(Click(point=button_centre(button)))


@dataclasses.dataclass
class Played:
    result: Result
    run: Trajectory
    model: ScriptedModel
    events: list[Event]
    env: ButtonsEnv

    @property
    def last_prompt(self) -> str:
        return self.model.asked[-1][-1].text


def play(
    out: Path,
    replies: Iterable[str],
    env: ButtonsEnv | None = None,
    limits: Limits = Limits(),
    approver: object = allow_all,
    asker: Asker | None = None,
    dialect: Dialect = DIALECT,
) -> Played:
    env = env or ButtonsEnv(goal=2)
    model = ScriptedModel(replies)
    events: list[Event] = []
    agent = Agent(model, dialect, approver=approver, asker=asker)  # type: ignore[arg-type]
    result = run_episode("Press the third button", env, agent, out / "run", limits=limits, on_event=events.append)
    return Played(result, load_trajectory(out / "run"), model, events, env)


def test_the_environment_ends_the_episode_with_its_reward(tmp_path: Path) -> None:
    played = play(tmp_path, [click(2)])
    assert (played.result.outcome, played.result.success, played.result.reward) == ("env_done", True, 1.0)
    assert played.run.result == played.result
    (row,) = played.run.steps
    assert row.action == Click(point=button_centre(2))
    assert row.changed is True


@pytest.mark.parametrize(
    ("action", "outcome", "success"),
    [
        (Finish(success=True, message="done"), "reached", True),
        (Finish(success=False, message="no such button"), "not_reached", False),
        (Answer(text="42"), "reached", True),
    ],
)
def test_the_model_ends_the_episode(tmp_path: Path, action: Action, outcome: str, success: bool) -> None:
    result = play(tmp_path, [say(action)]).result
    assert (result.outcome, result.success, result.steps) == (outcome, success, 1)
    assert result.answer == ("42" if action.type == "answer" else None)


def test_every_row_has_the_screen_that_the_model_saw(tmp_path: Path) -> None:
    played = play(tmp_path, [click(0), click(1), say(Finish())])
    names = [row.screen for row in played.run.steps]
    assert len(set(names)) == 3
    for row, asked in zip(played.run.steps, played.model.asked, strict=True):
        shown = asked[-1].pictures[0].pixels
        size = DIALECT.picture_size(SCREEN)
        assert shown.shape == (size.height, size.width, 3)
        screen = played.run.screen(row.screen)
        x, y = button_centre(0)
        seen = shown[y * size.height // SCREEN.height, x * size.width // SCREEN.width]
        assert np.abs(seen.astype(int) - screen[y, x]).max() < 3


def test_history_reaches_the_model(tmp_path: Path) -> None:
    played = play(tmp_path, [say(Click(point=FIELD.center)), say(TypeText(text="hello")), say(Finish())])
    assert "Step 1:" in played.last_prompt
    assert '"hello"' in played.last_prompt
    assert played.env.screen.text == "hello"


def test_a_broken_reply_goes_back_with_what_was_wrong(tmp_path: Path) -> None:
    played = play(tmp_path, ["click the button!", click(2)])
    first, second = played.run.steps[0].attempts
    assert first.error
    assert not second.error
    assert [message.role for message in played.model.asked[1][-2:]] == ["assistant", "user"]
    assert played.model.asked[1][-2].text == "click the button!"
    assert played.model.asked[1][-1].text == first.error
    assert played.result.success


def test_garbage_for_ever_is_given_up(tmp_path: Path) -> None:
    played = play(tmp_path, itertools.repeat("\x00 garbage \ud800" * 100), limits=Limits(parse_retries=2))
    assert played.result.outcome == "unreadable"
    assert len(played.run.steps[0].attempts) == 3
    assert played.run.steps[0].action is None


def test_steps_and_seconds_are_limited(tmp_path: Path) -> None:
    forever = itertools.cycle([click(0), click(1)])
    assert play(tmp_path / "a", forever, limits=Limits(steps=3)).result.outcome == "step_limit"
    assert len(load_trajectory(tmp_path / "a" / "run").steps) == 3
    assert play(tmp_path / "b", forever, limits=Limits(seconds=0)).result.outcome == "time_limit"
    several = itertools.repeat(say(Move(point=EMPTY), TypeText(text="a"), TypeText(text="b")))
    assert len(play(tmp_path / "c", several, limits=Limits(steps=2)).run.steps) == 2


def test_repeats_without_effect_are_told_and_then_stopped(tmp_path: Path) -> None:
    played = play(tmp_path, itertools.repeat(say(Click(point=EMPTY))), limits=Limits(steps=50, repeats=4))
    assert played.result.outcome == "repeating"
    assert len(played.run.steps) == 4
    assert not any(row.told for row in played.run.steps[:2])
    assert "same action" in played.run.steps[2].told[0]
    assert "same action" in played.model.asked[2][-1].text
    assert len(played.env.device.calls) == 3


def test_a_cycle_of_two_screens_is_stopped(tmp_path: Path) -> None:
    played = play(tmp_path, itertools.repeat(click(0)), limits=Limits(steps=50, repeats=3))
    assert played.result.outcome == "repeating"
    assert len(played.run.steps) == 5


def test_an_action_that_is_not_offered_is_told_and_does_not_end_it(tmp_path: Path) -> None:
    played = play(tmp_path, [say(Goto(url="https://example.com")), click(2)])
    first = played.run.steps[0]
    assert "cannot goto" in first.error
    assert first.changed is None
    assert "cannot goto" in played.last_prompt
    assert played.result.success


def test_a_denied_action_never_touches_the_device(tmp_path: Path) -> None:
    def no_typing(proposal: Proposal) -> Verdict:
        assert proposal.observation.size == SCREEN
        return Verdict("deny", "typing is forbidden") if proposal.action.type == "type_text" else Verdict("allow")

    played = play(tmp_path, [say(TypeText(text="secret")), say(Finish(success=False))], approver=no_typing)
    assert played.env.device.calls == []
    assert played.run.steps[0].approval == "deny: typing is forbidden"
    assert "typing is forbidden" in played.last_prompt


@pytest.mark.parametrize(
    ("answer", "allowed"), [("y", True), ("Yes", True), ("n", False), ("", False), (None, False), ("rather not", False)]
)
def test_asking_the_person(tmp_path: Path, answer: str | None, allowed: bool) -> None:
    asked: list[str] = []

    def person(question: str) -> str | None:
        asked.append(question)
        return answer

    played = play(tmp_path, [click(2), say(Finish(success=False))], approver=ask_always, asker=person)
    assert "click" in asked[0]
    assert bool(played.env.device.calls) is allowed
    assert played.result.success is allowed


def test_asking_without_a_person_is_no(tmp_path: Path) -> None:
    played = play(tmp_path, [click(2), say(Finish(success=False))], approver=ask_always)
    assert played.env.device.calls == []


def test_the_model_may_ask_the_person(tmp_path: Path) -> None:
    played = play(tmp_path, [say(AskUser(question="Which one?")), click(2)], asker=lambda question: f"re {question} the third")
    assert "The person answers: re Which one? the third" in played.last_prompt
    alone = play(tmp_path / "alone", [say(AskUser(question="Which one?")), click(2)])
    assert "Nobody is there" in alone.last_prompt


def test_several_actions_of_one_reply(tmp_path: Path) -> None:
    played = play(tmp_path, [say(Click(point=FIELD.center), TypeText(text="ab"), PressKeys(keys=("backspace",))), say(Finish())])
    assert [row.turn for row in played.run.steps] == [0, 0, 0, 1]
    assert [len(row.attempts) for row in played.run.steps] == [1, 0, 0, 1]
    assert played.env.screen.text == "a"
    assert len(played.model.asked) == 2


def test_a_later_action_of_a_reply_is_dropped_when_its_target_changed(tmp_path: Path) -> None:
    played = play(tmp_path, [say(Click(point=button_centre(0)), Click(point=button_centre(0)), TypeText(text="x")), say(Finish())])
    assert len(played.env.device.calls) == 1
    assert "The last 2 action(s) of your reply were not carried out" in played.last_prompt


class LostEnv(ButtonsEnv):
    """Dies at the second step."""

    def step(self, action: Action) -> TimeStep:
        if self.device.calls:
            raise DeviceLost("the cable was pulled")
        return super().step(action)


def test_a_lost_device_ends_the_episode_and_nothing_is_lost(tmp_path: Path) -> None:
    played = play(tmp_path, itertools.cycle([click(0), click(1)]), env=LostEnv(goal=2))
    assert (played.result.outcome, played.result.success) == ("device_error", False)
    assert "cable" in played.result.message
    assert [row.error for row in played.run.steps] == ["", "the cable was pulled"]


def test_a_failing_model_ends_the_episode(tmp_path: Path) -> None:
    played = play(tmp_path, [click(0)])
    assert played.result.outcome == "model_error"
    assert len(played.run.steps) == 1


class Interrupted(ButtonsEnv):
    """The person presses Ctrl-C during the second step."""

    def step(self, action: Action) -> TimeStep:
        if self.device.calls:
            raise KeyboardInterrupt
        return super().step(action)


def test_ctrl_c_leaves_a_valid_run(tmp_path: Path) -> None:
    played = play(tmp_path, itertools.cycle([click(0), click(1)]), env=Interrupted(goal=2))
    assert played.result.outcome == "interrupted"
    assert len(played.run.steps) == 1
    assert played.run.result is not None


def test_an_empty_goal_or_a_full_folder_is_refused_before_anything_happens(tmp_path: Path) -> None:
    agent = Agent(ScriptedModel([]), DIALECT)
    with pytest.raises(InvalidAction, match="goal is empty"):
        run_episode(" \n", ButtonsEnv(), agent, tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(TrajectoryError, match="not empty"):
        run_episode("go", ButtonsEnv(), agent, tmp_path / "full")
    assert not (tmp_path / "run").exists()


def test_events_tell_what_goes_on(tmp_path: Path) -> None:
    played = play(tmp_path, [say(Scroll(point=EMPTY)), say(Wait(seconds=0)), say(LongPress(point=EMPTY)), click(2)])
    assert [event.phase for event in played.events] == ["thinking", "acting", "step"] * 4
    rows = [event.row for event in played.events if event.row]
    assert tuple(rows) == played.run.steps


def test_only_the_pictures_that_the_dialect_shows_are_kept(tmp_path: Path) -> None:
    """A long episode must not hold every screenshot in memory."""
    kept: list[int] = []

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(DIALECT, name)

        def render(self, goal: object, history: object, observation: object, notes: object = ()) -> object:
            kept.append(sum(past.observation is not None for past in history))  # type: ignore[attr-defined]
            return DIALECT.render(goal, history, observation, notes)  # type: ignore[arg-type]

    play(tmp_path, itertools.cycle([click(0), click(1)]), limits=Limits(steps=6), dialect=Counting())  # type: ignore[arg-type]
    assert max(kept) == DIALECT.history_pictures


def test_the_prompt_hash_tells_prompts_apart(tmp_path: Path) -> None:
    def hash_of(name: str, **options: int) -> str:
        dialect = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES | LOOP_ACTIONS, **options)
        return play(tmp_path / name, [dialect.format(Finish(), SCREEN)], dialect=dialect).run.episode.prompt_hash

    assert hash_of("a") == hash_of("b")
    assert hash_of("a2") != hash_of("c", min_pixels=400_000)


def test_screens_in_the_run_are_exact(tmp_path: Path) -> None:
    played = play(tmp_path, [click(0), say(Finish())])
    assert np.array_equal(played.run.screen(played.run.steps[1].screen), played.env.device.screenshot())


def test_what_is_doubtful_about_the_set_up_is_recorded(tmp_path: Path) -> None:
    setting = Setting(dialect="my.package:Own", notes=("the model is another family's.",))
    model = ScriptedModel([say(Finish())])
    run_episode("Do nothing", ButtonsEnv(), Agent(model, DIALECT), tmp_path / "run", setting=setting)
    episode = load_trajectory(tmp_path / "run").episode
    assert (episode.dialect, episode.notes) == ("my.package:Own", ("the model is another family's.",))
