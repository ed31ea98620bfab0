"""History as turns that are only ever added to, for models that keep what they have computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from handeye.agent.dialects.base import PastStep
from handeye.envs.observation import Observation

DROPPED = "[An earlier screenshot, no longer shown.]"
"""Stands where a picture was."""


@dataclass(frozen=True, eq=False)
class Turn:
    """One reply of the model, what it saw, and what it was told then."""

    observation: Observation | None
    notes: tuple[str, ...]
    reply: str
    answers: tuple[str, ...] = ()
    """What the person said to the questions in it."""


def turns_of(history: Sequence[PastStep], words: Callable[[PastStep], str]) -> list[Turn]:
    """The turns of a history: several steps may come from one reply. `words` says a step whose reply is not known."""
    turns: list[Turn] = []
    told = False
    for step in history:
        answers = () if step.answer is None else (step.answer,)
        if step.reply or not told:
            turns.append(Turn(step.observation, step.notes, step.reply or words(step), answers))
        elif answers:
            turns[-1] = replace(turns[-1], answers=turns[-1].answers + answers)
        told = bool(step.reply)
    return turns


def pictures_kept(turns: int, most: int) -> int:
    """How many of the pictures of `turns` past turns to show: all up to `most`, then fewer.

    Each picture that is dropped makes all that follows it new to the model, so they go in blocks of half of `most`, not one a step.
    """
    block = max(1, most // 2)
    dropped = -(-max(0, turns - most) // block) * block
    return turns - dropped
