"""Moves at dialogs: those of the browser, which wait for `answer_dialog`, and those that a page draws itself."""

from __future__ import annotations

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.instructions import AnswerDialog, Click, Instruction, Target
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.prompt import Waiting
from handeye.agent.models.ocr.screen import Screen
from handeye.agent.models.ocr.words import folded

_YES = ("ok", "okay", "yes", "accept", "confirm", "agree", "leave")
_NO = ("cancel", "no", "dismiss", "close", "decline", "stay")


def answers(instruction: Instruction | None) -> AnswerDialog | None:
    """What `instruction` says to a dialog of the browser: "click OK" is such an answer too, as its buttons are not in the picture."""
    if isinstance(instruction, AnswerDialog):
        return instruction
    name = folded(instruction.target.text) if isinstance(instruction, Click) else ""
    return AnswerDialog(name in _YES) if name in (*_YES, *_NO) else None


def dialog_move(instruction: Instruction | None, dialog: Waiting) -> Move | None:
    """Answer the dialog that waits as `instruction` says; None if it says nothing about it."""
    answer = answers(instruction)
    if answer is None:
        return None
    text = answer.text if dialog.kind == "prompt" else None
    verb = "accept" if answer.accept else "dismiss"
    return Move(f"{verb} the dialog {dialog.message}.", calls.answer_dialog(answer.accept, text), last=True)


def answer_move(instruction: AnswerDialog, screen: Screen, memo: Memo) -> Move | Done:
    """Where no dialog of the browser waits: press the button of one that the page draws, or wait a second for it. Raises `NotFound`."""
    names = _YES if instruction.accept else _NO
    buttons = [element for element in screen.of("button") if folded(element.text) in names]
    closing = [] if instruction.accept else [found.element for found in find(screen, Target("close", "close", "button"))]
    for button in (*buttons, *closing)[: instruction.text is None]:
        return Move(f"press {button.text or 'close'!r} in the dialog.", calls.click(button.box.center), last=True)
    if not memo:
        return Move("no dialog is here yet; wait for it.", {"action": "wait", "time": 1}, "waited")
    raise NotFound("a dialog")
