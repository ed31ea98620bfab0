"""What is kept between prompts changes the cost and nothing else: greedy replies and logits equal those of a full recompute."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.base import Sampling
from handeye.agent.models.local.model import TransformersModel
from handeye.agent.models.local.options import LocalOptions
from handeye.tools.errors import OutOfMemory

from .conftest import FACTORS  # isort: skip

SHORT = Sampling(max_new_tokens=6)
SYSTEM = Message("system", ("You are a helpful assistant. Look at the screen and say what to do next.",))
CLOSE = 2e-5
"""Float32 sums in another order differ by some 1e-7 in these models' logits, which are about 1; a wrong position or picture by 1e-3."""


def user(*parts: str | Picture | Video) -> Message:
    return Message("user", parts)


def said(text: str) -> Message:
    return Message("assistant", (text,))


def same(warm: TransformersModel, cold: TransformersModel, messages: list[Message]) -> str:
    """The reply, which must be that of a full recompute, as must the logits."""
    from torch.testing import assert_close

    scores = warm.scores(messages)
    assert_close(scores, cold.scores(messages), atol=CLOSE, rtol=0)
    reply = warm.generate(messages, SHORT)
    assert reply.text == cold.generate(messages, SHORT).text
    return reply.text


def test_an_episode_that_keeps_its_pictures_pays_for_the_new_turn_alone(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]
) -> None:
    messages = [SYSTEM, user(picture(1), "Click the red button")]
    length = 0
    for turn in range(2, 6):
        reply = warm.generate(messages, SHORT)
        assert reply.text == cold.generate(messages, SHORT).text
        assert reply.usage.cached_tokens >= length
        assert reply.details["cached_tokens"] == reply.usage.cached_tokens
        # The next prompt holds this one, and all of the reply but its last token, which was never fed back.
        length = reply.usage.prompt_tokens + reply.usage.completion_tokens - 1
        messages += [said(reply.text), user(picture(turn), f"Now picture {turn}")]
    same(warm, cold, messages)


def test_a_prompt_asked_again_computes_one_token(warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]) -> None:
    messages = [SYSTEM, user(picture(1), "Click")]
    first = warm.generate(messages, SHORT)
    again = warm.generate(messages, SHORT)
    assert again.usage.cached_tokens == again.usage.prompt_tokens - 1
    assert again.text == first.text == cold.generate(messages, SHORT).text


def test_another_picture_in_the_same_words_is_seen(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]
) -> None:
    one, other = [SYSTEM, user(picture(1), "Click")], [SYSTEM, user(picture(2), "Click")]
    before = warm.scores(one)
    same(warm, cold, other)
    assert (warm.scores(other) - before).abs().max() > 100 * CLOSE
    same(warm, cold, one)


def test_the_same_pixels_in_another_shape_are_another_picture(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]
) -> None:
    wide = picture(1, 112, 84)
    high = Picture(wide.pixels.reshape(112, 84, 3))
    same(warm, cold, [SYSTEM, user(wide, "Click")])
    same(warm, cold, [SYSTEM, user(high, "Click")])


def test_a_dropped_picture_and_changed_words_in_the_middle(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]
) -> None:
    whole = [SYSTEM, user(picture(1), "one"), said("first"), user(picture(2), "two"), said("second"), user(picture(3), "three")]
    same(warm, cold, whole)
    same(warm, cold, [SYSTEM, user("[dropped]", "one"), *whole[2:]])
    same(warm, cold, whole)
    same(warm, cold, [*whole[:3], user(picture(2), "two, in other words"), *whole[4:]])
    same(warm, cold, [*whole[:3], user(picture(9), "two"), *whole[4:]])


def test_episodes_in_turns_do_not_disturb_each_other(
    folder: Path, warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture]
) -> None:
    for model in (warm, TransformersModel(str(folder), LocalOptions(caches=2))):
        one, other = [SYSTEM, user(picture(1), "Click the red button")], [user("No picture at all, and no system turn.")]
        for turn in range(3):
            for messages in (one, other):
                messages += [said(same(model, cold, messages)), user(f"and then {turn}")]
            other.append(user(picture(turn + 50, 140, 140), "look"))


def test_two_kept_conversations_stay_warm(folder: Path, picture: Callable[..., Picture]) -> None:
    model = TransformersModel(str(folder), LocalOptions(caches=2))
    one, other = [SYSTEM, user(picture(1), "Click " * 20)], [SYSTEM, user(picture(2), "Type " * 20)]
    for messages in (one, other):
        model.generate(messages, SHORT)
    for messages in (one, other, one, other):
        usage = model.generate(messages, SHORT).usage
        assert usage.cached_tokens == usage.prompt_tokens - 1


def test_so_many_conversations_are_kept_as_take_turns(folder: Path, picture: Callable[..., Picture]) -> None:
    told, named = TransformersModel(str(folder)), TransformersModel(str(folder), LocalOptions(caches=1))
    one, other = [SYSTEM, user(picture(1), "Click " * 20)], [SYSTEM, user(picture(2), "Type " * 20)]
    for model in (told, named):
        model.take_turns(2)
        shares = []
        for messages in (one, other, one, other):
            usage = model.generate(messages, SHORT).usage
            shares.append(usage.cached_tokens / usage.prompt_tokens)
        assert all(share > 0.9 for share in shares[2:]) == (model is told), "what the options name stays"


def test_other_conversations_are_given_up_when_memory_runs_out(folder: Path, picture: Callable[..., Picture]) -> None:
    import torch

    model = TransformersModel(str(folder), LocalOptions(caches=2))
    one, other = [SYSTEM, user(picture(1), "Click " * 20)], [SYSTEM, user(picture(2), "Type " * 20)]
    replies = [model.generate(messages, SHORT).text for messages in (one, other)]
    calls: list[int] = []

    def runs_out(*_: object) -> None:
        calls.append(len(calls))
        if len(calls) in failing:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    failing = {1}
    with model.loaded.model.register_forward_pre_hook(runs_out):
        again = model.generate(one, SHORT)
        assert (again.text, again.usage.cached_tokens) == (replies[0], 0)
        # It is tried once more and no further.
        failing = {len(calls) + 1, len(calls) + 2}
        with pytest.raises(OutOfMemory, match="ran out in mid-reply"):
            model.generate(other, SHORT)
    assert model.generate(other, SHORT).text == replies[1]


def test_videos_among_pictures(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture], video: Callable[..., Video]
) -> None:
    messages = [SYSTEM, user(video(1), "What happens?", picture(1))]
    messages += [said(same(warm, cold, messages)), user("And here?", video(2, frames=4, fps=0.5))]
    same(warm, cold, messages)
    slower = [SYSTEM, user(video(1, fps=1.0), "What happens?", picture(1))]
    assert (warm.scores(slower) - warm.scores(messages[:2])).abs().max() > 10 * CLOSE
    same(warm, cold, slower)


@pytest.mark.parametrize("seed", range(4))
def test_any_walk_through_a_conversation(
    warm: TransformersModel, cold: TransformersModel, picture: Callable[..., Picture], seed: int
) -> None:
    """Turns are added, taken back, reworded, dropped and asked again at random."""
    random_ = random.Random(seed)
    messages = [SYSTEM, user(picture(0), "begin")]
    for step in range(12):
        choice = random_.randrange(6)
        if choice <= 1 or len(messages) < 4:
            messages += [said(same(warm, cold, messages)), user(picture(random_.randrange(5)), f"step {step}")]
        elif choice == 2:
            messages = messages[:-2]
        elif choice == 3:
            place = random_.randrange(1, len(messages) - 1)
            messages = [*messages[:place], Message(messages[place].role, ("other words",)), *messages[place + 1 :]]
        elif choice == 4:
            messages = [*messages[:1], *messages[3:]]
        same(warm, cold, messages)


@pytest.mark.parametrize("family", ["qwen2_vl", "qwen3_vl"])
def test_the_other_families_are_exact_too(
    checkpoints: dict[str, Path], family: str, picture: Callable[..., Picture], video: Callable[..., Video]
) -> None:
    side = FACTORS[family]
    warm, cold = (TransformersModel(str(checkpoints[family]), LocalOptions(caches=count)) for count in (1, 0))
    assert warm.loaded.factor == side
    assert any("land elsewhere" in note for note in warm.notes)
    messages = [SYSTEM, user(picture(1, 4 * side, 3 * side), "Click")]
    messages += [said(same(warm, cold, messages)), user("and", picture(2, 3 * side, 3 * side), "this")]
    messages += [said(same(warm, cold, messages)), user(video(1, 6, 3 * side, 2 * side), "and this")]
    same(warm, cold, messages)


def test_a_stop_in_the_middle_of_a_reply_leaves_nothing_wrong_behind(
    folder: Path, cold: TransformersModel, picture: Callable[..., Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = TransformersModel(str(folder))
    messages = [SYSTEM, user(picture(1), "Click")]
    same(model, cold, messages)
    language = model.loaded.model.model.language_model
    handle = language.layers[3].register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        model.generate([SYSTEM, user(picture(2), "Click")], SHORT)
    handle.remove()
    same(model, cold, messages)
    same(model, cold, [SYSTEM, user(picture(2), "Click")])
