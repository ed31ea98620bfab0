"""What a benchmark of single replies asks: a question that knows how it is put to a model, and how a reply to it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from handeye.agent.messages import Message
from handeye.tools.geometry import Size


@dataclass(frozen=True, eq=False)
class Asked:
    """A question as the model is asked it."""

    messages: tuple[Message, ...]
    """The prompt. Where the last turn is the assistant's, the model goes on from it: a forced beginning of the answer."""
    image: Size
    """The stored picture's size."""
    shown: Size
    """The size of the picture that the model sees."""


@dataclass(frozen=True)
class Judgement:
    """What a reply is worth."""

    correct: bool
    verdict: str
    """In one of the benchmark's words: `right`, `wrong place`, `wrong format`, ... A reply that cannot be read is always `wrong format`."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """What was read in the reply, JSON values only: `point` [x, y] and `box` [left, top, right, bottom] in pixels of the stored picture,
    `actions`, `why` it could not be read, and whatever else a report of the benchmark needs (`type_match`, `points`, ...)."""


class Question(Protocol):
    """One sample. `prepare` is called in threads beside each other, the rest in one."""

    @property
    def id(self) -> str:
        """What makes it this one among all of the benchmark's."""

    @property
    def instruction(self) -> str:
        """What is asked for, in words for people."""

    @property
    def image_name(self) -> str:
        """The picture as the data name it. Questions of the same name share a picture, and are best asked one after the other."""

    @property
    def target(self) -> Mapping[str, Any]:
        """What would be right, for reports, in pixels of the stored picture. Any of `box` [left, top, right, bottom], `boxes` (several of
        them), `polygon` [[x, y], ...], `point` [x, y], `refusal` true, `action` (words); empty where there is nothing to draw."""

    @property
    def cells(self) -> Mapping[str, str]:
        """What tables are cut by: `group`, `kind`, `platform`, ...; several values of one with ", " between."""

    def picture(self) -> bytes:
        """The stored picture (PNG, JPEG, ...). Raises `SetupError` when it is not there."""

    def prepare(self) -> Asked:
        """Read, decode, resize, and put into words. Raises `SetupError` or `InvalidAction` for a picture that cannot be shown."""

    def judge(self, reply: str, asked: Asked) -> Judgement:
        """Read a reply (what the model said after a forced beginning, if there was one) and score it. Never raises."""


Questions = Sequence[Question]
