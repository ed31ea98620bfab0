"""The next call: instructions, the progress made with them, and the screen as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.calls import Call
from handeye.agent.models.ocr.dragging_moves import drag_move, resize_move, slide_move, sort_move
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.instructions import (
    Click,
    Complete,
    Copy,
    Drag,
    Each,
    Enter,
    Expand,
    Instruction,
    Judge,
    Mark,
    Paste,
    Pick,
    Press,
    Resize,
    Scroll,
    Slide,
    Sort,
    Target,
    Tell,
    Visit,
    Wait,
)
from handeye.agent.models.ocr.judging import judge_move
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound, look_elsewhere
from handeye.agent.models.ocr.pointing_moves import click_move, each_move, expand_move, mark_move, pick_move, scroll_move
from handeye.agent.models.ocr.screen import Screen
from handeye.agent.models.ocr.typing_moves import complete_move, copy_move, enter_move, paste_move, tell_move


@dataclass(frozen=True)
class Progress:
    """How far the instructions have come."""

    index: int = 0
    """The instruction at work."""
    memo: tuple[str, ...] = ()
    """What was done for it so far, in the words of its own moves."""


@dataclass(frozen=True)
class Decision:
    """What to do now, and where that leads."""

    thought: str
    call: Call
    progress: Progress


def decide(instructions: Sequence[Instruction], progress: Progress, screen: Screen) -> Decision:
    """The next call towards the end of `instructions`."""
    while progress.index < len(instructions):
        instruction = instructions[progress.index]
        step = f"Step {progress.index + 1} of {len(instructions)}: "
        try:
            move = _MOVES[type(instruction)](instruction, screen, progress.memo)
        except NotFound as missing:
            other = look_elsewhere(instruction, screen, progress.memo, missing)
            if other is None:
                return Decision(f"{step}I cannot find {missing} on the screen, so I stop here.", calls.finish(False), progress)
            move = other
        if isinstance(move, Done):
            progress = Progress(progress.index + 1)
            continue
        after = Progress(progress.index + 1) if move.last else replace(progress, memo=(*progress.memo, move.memo))
        return Decision(step + move.thought, move.call, after)
    if not progress.memo and instructions and isinstance(instructions[-1], _ARRANGING):
        submit = [c for c in find(screen, Target("Submit", "Submit", "button")) if c.score > 0.8]
        if submit:
            return Decision("All is in its place; I submit it.", calls.click(submit[0].box.center), replace(progress, memo=("sent",)))
    return Decision("Everything that the goal asks for is done.", calls.finish(True), progress)


def recall(instructions: Sequence[Instruction], past: Sequence[Call]) -> Progress:
    """The progress that `past` calls amount to when nothing else is remembered of them: one click or one entry an instruction."""
    index, memo = 0, tuple[str, ...]()
    for call in past:
        if index == len(instructions):
            break
        ends = _ENDS.get(type(instructions[index]), ())
        several = isinstance(one := instructions[index], Pick) and len(one.names) - 1 > len(memo)
        if call.get("action") in ends and not several:
            index, memo = index + 1, ()
        else:
            memo = (*memo, "recalled")
    return Progress(index, memo)


_ARRANGING = (Drag, Sort, Complete, Slide)
"""Instructions that arrange what a form is about; where the page has a button to submit the arrangement, that belongs to them."""
_CLICKS = ("left_click", "right_click", "middle_click", "double_click", "triple_click", "click", "long_press")
_DRAGS = ("left_click_drag", "swipe")
_ENDS: dict[type[Any], tuple[str, ...]] = {
    **dict.fromkeys((Click, Pick, Expand, Each, Judge), _CLICKS),
    **dict.fromkeys((Drag, Mark, Resize, Sort, Slide), _DRAGS),
    **dict.fromkeys((Press, Copy, Paste), ("key", "system_button")),
    Enter: ("type",),
    Complete: ("type",),
    Scroll: ("scroll", "swipe"),
    Visit: ("visit_url",),
    Wait: ("wait",),
    Tell: ("answer",),
}


def _press_move(instruction: Press, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    return Move(f"press {' + '.join(instruction.keys)}.", calls.press(instruction.keys), last=True)


def _visit_move(instruction: Visit, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    url = instruction.url if "://" in instruction.url else f"https://{instruction.url}"
    return Move(f"open {url}.", {"action": "visit_url", "url": url}, last=True)


def _wait_move(instruction: Wait, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    return Move(f"wait {instruction.seconds:g} s.", {"action": "wait", "time": instruction.seconds}, last=True)


_MOVES: dict[type[Any], Callable[[Any, Screen, Memo], Move | Done]] = {
    Click: click_move,
    Pick: pick_move,
    Each: each_move,
    Expand: expand_move,
    Judge: judge_move,
    Enter: enter_move,
    Complete: complete_move,
    Copy: copy_move,
    Paste: paste_move,
    Tell: tell_move,
    Drag: drag_move,
    Mark: mark_move,
    Resize: resize_move,
    Slide: slide_move,
    Sort: sort_move,
    Scroll: scroll_move,
    Press: _press_move,
    Visit: _visit_move,
    Wait: _wait_move,
}
