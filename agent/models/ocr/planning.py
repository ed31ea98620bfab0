"""The next call: instructions, the progress made with them, and the screen as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.calls import Call
from handeye.agent.models.ocr.dialogs import answer_move, answers, dialog_move
from handeye.agent.models.ocr.dragging_moves import drag_move, resize_move, slide_move, sort_move
from handeye.agent.models.ocr.instructions import (
    AnswerDialog,
    Button,
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
    OpenApp,
    Paste,
    Pick,
    Press,
    Resize,
    Scroll,
    Slide,
    Sort,
    Tell,
    Toggle,
    Visit,
    Wait,
)
from handeye.agent.models.ocr.judging import judge_move
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound, look_elsewhere
from handeye.agent.models.ocr.phone_moves import button_move, open_move, toggle_move
from handeye.agent.models.ocr.pointing_moves import click_move, each_move, expand_move, mark_move, pick_move, scroll_move
from handeye.agent.models.ocr.prompt import Request, Waiting
from handeye.agent.models.ocr.screen import Screen
from handeye.agent.models.ocr.typing_moves import complete_move, copy_move, enter_move, paste_move, tell_move

_DENIED = "It was not allowed"
"""How the loop begins the note on a call that the approver refused."""


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


def decide(instructions: Sequence[Instruction], progress: Progress, screen: Screen, dialog: Waiting | None = None) -> Decision:
    """The next call towards the end of `instructions`; a dialog that waits comes first."""
    if dialog:
        return _at_dialog(instructions, progress, dialog)
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
    return Decision("Everything that the goal asks for is done.", calls.finish(True), progress)


def stopped(request: Request, progress: Progress) -> Decision | None:
    """The end of the episode when a call was denied, or was not carried out twice in a row; None to go on, with a second try if need be.

    What a person refused is not tried again.
    """
    if request.refused is None or not (request.refused.startswith(_DENIED) or request.failed[-2:] == (True, True)):
        return None
    why = f"My last call, {request.calls[-1].get('action')}, was not carried out, so I stop here. {request.refused}"
    return Decision(why, calls.finish(False), progress)


def _at_dialog(instructions: Sequence[Instruction], progress: Progress, dialog: Waiting) -> Decision:
    """Answer the dialog as the goal says. An alert has nothing to decide; where the goal says nothing about another, stop."""
    current = instructions[progress.index] if progress.index < len(instructions) else None
    if move := dialog_move(current, dialog):
        step = f"Step {progress.index + 1} of {len(instructions)}: "
        return Decision(step + move.thought, move.call, Progress(progress.index + 1))
    if dialog.kind == "alert":
        return Decision(f"The page says {dialog.message}; I close the message.", calls.answer_dialog(True), progress)
    why = f"The page asks {dialog.message} in a {dialog.kind} dialog, and the goal does not say how to answer, so I stop here."
    return Decision(why, calls.finish(False), progress)


def blind(left: Sequence[Instruction]) -> bool:
    """Whether the next call on a desktop is the same whatever its screen shows: the instructions that are `left` begin with such a one."""
    if not left:
        return True
    first = left[0]
    if isinstance(first, Enter):
        return isinstance(first.value, str) and not first.field.text and not first.field.ordinal
    return isinstance(first, Press | Wait)


def recall(instructions: Sequence[Instruction], past: Sequence[Call]) -> Progress:
    """The progress that `past` calls amount to when nothing else is remembered of them: one click or one entry an instruction."""
    index, memo = 0, tuple[str, ...]()
    for call in past:
        if index == len(instructions):
            break
        if call.get("action") == "answer_dialog" and not answers(instructions[index]):
            continue
        ends = _ENDS.get(type(instructions[index]), ())
        several = isinstance(one := instructions[index], Pick) and len(one.names) - 1 > len(memo)
        if call.get("action") in ends and not several:
            index, memo = index + 1, ()
        else:
            memo = (*memo, "recalled")
    return Progress(index, memo)


_CLICKS = ("left_click", "right_click", "middle_click", "double_click", "triple_click", "click", "long_press")
_DRAGS = ("left_click_drag", "swipe")
_ENDS: dict[type[Any], tuple[str, ...]] = {
    Click: (*_CLICKS, "answer_dialog"),
    AnswerDialog: ("answer_dialog", *_CLICKS),
    **dict.fromkeys((Pick, Expand, Each, Judge), _CLICKS),
    **dict.fromkeys((Drag, Mark, Resize, Sort, Slide), _DRAGS),
    **dict.fromkeys((Press, Copy, Paste), ("key", "system_button")),
    Enter: ("type",),
    Complete: ("type",),
    Scroll: ("scroll", "swipe"),
    Visit: ("visit_url",),
    Wait: ("wait",),
    Tell: ("answer",),
    OpenApp: ("open", *_CLICKS),
    Toggle: _CLICKS,
    Button: ("system_button", "key", "history_back"),
}


def _press_move(instruction: Press, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    return Move(f"press {' + '.join(instruction.keys)}.", calls.press(instruction.keys), last=True)


def _visit_move(instruction: Visit, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    url = instruction.url if "://" in instruction.url else f"https://{instruction.url}"
    return Move(f"open {url}.", {"action": "visit_url", "url": url}, last=True)


def _wait_move(instruction: Wait, screen: Screen, memo: tuple[str, ...]) -> Move | Done:
    return Move(f"wait {instruction.seconds:g} s.", {"action": "wait", "time": instruction.seconds}, last=True)


_MOVES: dict[type[Any], Callable[[Any, Screen, Memo], Move | Done]] = {
    AnswerDialog: answer_move,
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
    OpenApp: open_move,
    Toggle: toggle_move,
    Button: button_move,
    Press: _press_move,
    Visit: _visit_move,
    Wait: _wait_move,
}
