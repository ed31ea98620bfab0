"""Questions about pictures and videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handeye.agent.dialects.prompt import plain
from handeye.agent.media.picture import OpenedPicture
from handeye.agent.media.video import OpenedVideo
from handeye.agent.messages import Message, Part, Picture, Video
from handeye.agent.models.base import BatchModel, Completion, Model, Sampling
from handeye.tools.errors import SetupError

Media: TypeAlias = Picture | Video | OpenedPicture | OpenedVideo
SYSTEM = "You are a helpful assistant."
"""The system turn that the chat template of Qwen2.5-VL puts where there is none."""


@dataclass(frozen=True)
class Answer:
    """What a model answered."""

    text: str
    completion: Completion


def ask(model: Model, question: str, media: Sequence[Media], sampling: Sampling = Sampling()) -> Answer:
    """The model's answer to a question about `media`. Raises `SetupError` for an empty question, `ModelError` when there is none."""
    return _answer(model.generate(question_turns(question, media), sampling))


def ask_batch(model: Model, questions: Sequence[tuple[str, Sequence[Media]]], sampling: Sampling = Sampling()) -> tuple[Answer, ...]:
    """The answer to each question about its own media, in order, asked together where the model can do that. Raises like `ask`."""
    prompts = [question_turns(question, media) for question, media in questions]
    if isinstance(model, BatchModel) and len(prompts) > 1:
        return tuple(map(_answer, model.generate_batch(prompts, sampling)))
    return tuple(_answer(model.generate(prompt, sampling)) for prompt in prompts)


def question_turns(question: str, media: Sequence[Media]) -> tuple[Message, ...]:
    """The turns that ask `question` about `media`, in the order given. Raises `SetupError` for an empty question."""
    if not question.strip():
        raise SetupError("the question is empty.", fix='ask something, as in handeye ask "What is this?" page.png')
    return Message("system", (SYSTEM,)), Message("user", (*numbered(media), plain(question.strip())))


def numbered(media: Sequence[Media]) -> tuple[Part, ...]:
    """The parts that show `media`. Several are told apart as `add_vision_id` of the chat template does: `Picture 1: `, `Video 1: `."""
    shown = [item.picture if isinstance(item, OpenedPicture) else item.video if isinstance(item, OpenedVideo) else item for item in media]
    if len(shown) < 2:
        return tuple(shown)
    parts: list[Part] = []
    counts = {"Picture": 0, "Video": 0}
    for item in shown:
        kind = "Picture" if isinstance(item, Picture) else "Video"
        counts[kind] += 1
        parts += [f"{kind} {counts[kind]}: ", item]
    return tuple(parts)


def _answer(completion: Completion) -> Answer:
    return Answer(completion.text.strip(), completion)
