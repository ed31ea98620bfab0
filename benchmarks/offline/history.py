"""What was done before a step, as a dialect's history tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from handeye.agent.dialects.base import Dialect, PastStep
from handeye.benchmarks.offline.step import OPPOSITE, OfflineStep
from handeye.envs.actions import Action, Drag, Move, Scroll, Swipe
from handeye.tools.geometry import Point, Size

_WAYS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def recorded(step: OfflineStep, touch: bool, wheel: int = 1) -> tuple[Action, ...]:
    """The recorded actions of a step as a model would have said them; empty where there are no words for one of them.

    A move to where a scroll or a drag begins is part of it, as in OpenCUA's own history
    (xlang-ai/OpenCUA:evaluation/agentnetbench/agent/qwen25vl.py, _format_action_response). With `touch`, a scroll is the swipe of a
    finger over half of the screen, which is how UI-S1 writes AndroidControl's (UI-S1/evaluation/dataset). `wheel`: what one unit of a
    recorded scroll is in the history.
    """
    if any(not gold.actions for gold in step.gold):
        return ()
    actions = _merged(action for gold in step.gold for action in gold.actions)
    return tuple(_scrolled(action, step.size, touch, wheel) if isinstance(action, Scroll) else action for action in actions)


def _scrolled(scroll: Scroll, size: Size, touch: bool, wheel: int) -> Action:
    return _swipe(scroll, size) if touch else scroll.model_copy(update={"amount": scroll.amount * wheel})


def _merged(actions: Iterable[Action]) -> list[Action]:
    merged: list[Action] = []
    for action in actions:
        before = merged[-1] if merged else None
        if isinstance(before, Move) and isinstance(action, Scroll) and action.point in (None, before.point):
            merged[-1] = action.model_copy(update={"point": before.point})
        elif isinstance(before, Move) and isinstance(action, Drag) and action.start is None:
            merged[-1] = action.model_copy(update={"start": before.point})
        else:
            merged.append(action)
    return merged


def _swipe(scroll: Scroll, size: Size) -> Swipe:
    across, down = _WAYS[OPPOSITE[scroll.direction]]

    def at(part: int) -> Point:
        # A quarter of the screen to either side of its middle.
        return Point(size.width * (2 + part * across) // 4, size.height * (2 + part * down) // 4)

    return Swipe(start=at(-1), end=at(1))


def calls(steps: Sequence[OfflineStep], touch: bool, wheel: int) -> tuple[PastStep, ...]:
    """Earlier steps as calls; those without words are left out."""
    return tuple(PastStep("", action, step.size) for step in steps for action in recorded(step, touch, wheel))


def spoken(step: OfflineStep, number: int, dialect: Dialect, touch: bool, wheel: int) -> PastStep | None:
    """An earlier step as the turn of a model: what is to be done, and the call. None where there are no words for it."""
    actions = recorded(step, touch, wheel)
    if not actions:
        return None
    said = "\n".join(dialect.format(action, step.size) for action in actions)
    return replace(PastStep("", actions[0], step.size), reply=f"{in_words(step, number)}\n{said}")


def in_words(step: OfflineStep, number: int) -> str:
    """An earlier step in the benchmark's words."""
    return f"Step {number}: {step.instruction}"
