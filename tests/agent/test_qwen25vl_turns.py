"""The history as turns: nothing that was said is ever rewritten, and old pictures go in blocks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.history import DROPPED, pictures_kept
from handeye.agent.dialects.qwen25vl import QwenComputerUse
from handeye.agent.loop import Agent, Limits, run_episode
from handeye.agent.messages import Message
from handeye.agent.models.scripted import ScriptedModel
from handeye.envs.actions import Click, Wait
from handeye.envs.fake import ACTION_TYPES, ButtonsEnv
from handeye.envs.observation import Observation
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size

SIZE = Size(112, 84)


def dialect(pictures: int = 4) -> QwenComputerUse:
    return QwenComputerUse(ACTION_TYPES, history="turns", history_pictures=pictures)


def look(number: int) -> Observation:
    return Observation(np.full((SIZE.height, SIZE.width, 3), number, np.uint8), url=f"http://localhost/{number}")


def episode(speaker: QwenComputerUse, steps: int) -> list[tuple[Message, ...]]:
    """The prompts of an episode in which the model clicks a little further each time."""
    past: list[PastStep] = []
    prompts = []
    for number in range(steps):
        notes = ("Nothing changed.",) if number % 3 == 2 else ()
        prompts.append(speaker.render("press on", past, look(number), notes))
        action = Click(point=Point(number, number))
        reply = f"Step {number}, so:\n{speaker.format(action, SIZE)}"
        past.append(PastStep("", action, SIZE, look(number), reply=reply, notes=notes))
    return prompts


def flat(messages: tuple[Message, ...]) -> list[tuple[str, object]]:
    return [
        (message.role, part if isinstance(part, str) else part.pixels.tobytes())  # type: ignore[union-attr]
        for message in messages
        for part in message.parts
    ]


def shown(messages: tuple[Message, ...]) -> list[int]:
    return [int(picture.pixels[0, 0, 0]) for message in messages for picture in message.pictures]


def test_each_prompt_begins_with_the_one_before() -> None:
    prompts = episode(dialect(pictures=20), 8)
    for before, after in pairwise(prompts):
        assert flat(after)[: len(flat(before))] == flat(before)
        assert len(flat(after)) > len(flat(before))
    assert shown(prompts[-1]) == list(range(8))


def test_replies_stand_to_the_letter_and_notes_stay_where_they_were() -> None:
    last = episode(dialect(), 4)[-1]
    replies = [message.text for message in last if message.role == "assistant"]
    assert [reply.splitlines()[0] for reply in replies] == ["Step 0, so:", "Step 1, so:", "Step 2, so:"]
    texts = [message.text for message in last if message.role == "user"]
    assert ["Nothing changed." in text for text in texts] == [False, False, True, False]
    assert "press on" in texts[0]
    assert sum("press on" in text for text in texts) == 1


def test_old_pictures_go_in_blocks_and_leave_their_words() -> None:
    prompts = episode(dialect(pictures=4), 12)
    kept = [shown(prompt) for prompt in prompts]
    assert [len(pictures) - 1 for pictures in kept] == [0, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4, 3]
    assert all(pictures == sorted(pictures) and pictures[-1] == number for number, pictures in enumerate(kept))
    assert sum(message.text.count(DROPPED) for message in prompts[-1]) == 8
    assert "press on" in prompts[-1][1].text
    # Between two drops the prompt is only added to.
    assert flat(prompts[6])[: len(flat(prompts[5]))] == flat(prompts[5])


@given(turns=st.integers(0, 200), most=st.integers(1, 30))
def test_never_more_pictures_than_asked_for_and_at_least_half(turns: int, most: int) -> None:
    kept = pictures_kept(turns, most)
    assert min(turns, most - max(1, most // 2) + 1) <= kept <= min(turns, most)
    # What is dropped stays dropped.
    assert turns + 1 - pictures_kept(turns + 1, most) >= turns - kept


def test_the_loop_gives_the_dialect_what_it_needs(tmp_path: Path) -> None:
    """Two actions in one reply are one turn, an unreadable reply and a refused action leave the order right."""
    speaker = dialect()
    wait = speaker.format(Wait(seconds=0), Size(320, 240))
    click = speaker.format(Click(point=Point(40, 100)), Size(320, 240))
    replies = [f"one\n{wait}", f"two\n{wait}\n{wait}", "nothing to read", f"three\n{click}", f"four\n{wait}"]
    model = ScriptedModel(replies)
    run_episode("press", ButtonsEnv(), Agent(model, speaker), tmp_path / "run", limits=Limits(steps=5))
    last = model.asked[-1]
    said = [message.text for message in last if message.role == "assistant"]
    assert said == [replies[0], replies[1], replies[3]]
    assert len(shown(last)) == 4
    for before, after in ((model.asked[0], model.asked[1]), (model.asked[1], model.asked[2])):
        assert flat(after)[: len(flat(before))] == flat(before)


@pytest.mark.parametrize("options", [{"history": "film"}, {"history": "turns", "history_pictures": 0}])
def test_options_that_do_not_fit(options: dict[str, object]) -> None:
    from handeye.agent.dialects.registry import open_dialect

    with pytest.raises(SetupError, match="history"):
        open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES, **options)
