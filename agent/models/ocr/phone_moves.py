"""Moves of the instructions that are about phones: open an app, turn something on or off, press the device's own buttons."""

from __future__ import annotations

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.instructions import Button, Click, OpenApp, Target, Toggle
from handeye.agent.models.ocr.moves import UNOPENED, Done, Memo, Move, NotFound
from handeye.agent.models.ocr.pointing_moves import click_move
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.tools.geometry import Box

_MOST_TRIES = 2
"""How often a switch is touched that does not show the state that was asked for."""


def open_move(instruction: OpenApp, screen: Screen, memo: Memo) -> Move | Done:
    """Open the app by its name; where that is not possible, by its icon on the home screen."""
    named = Click(Target(instruction.name, instruction.name))
    if not screen.phone:
        return click_move(named, screen, memo)
    if UNOPENED not in memo:
        return Move(f"open the app {instruction.name!r}.", calls.open_app(instruction.name), "open", last=True)
    if "home" not in memo:
        return Move(f"there is no app {instruction.name!r} to open by name; I look for its icon.", calls.button("home"), "home")
    return click_move(named, screen, memo)


def toggle_move(instruction: Toggle, screen: Screen, memo: Memo) -> Move | Done:
    """Touch the switch beside the label if it shows the other state; where there is none, open what the label names and look there."""
    target, on = instruction.target, instruction.on
    state = "" if on is None else " on" if on else " off"
    control = _control(target, screen, opened="opened" in memo)
    tries = sum(entry == "touched" for entry in memo)
    if control is not None:
        if on is not None and control.checked == on:
            return Done()
        if tries == _MOST_TRIES:
            raise NotFound(f"a way to turn {target}{state}")
        return Move(f"turn {target}{state}.", calls.click(control.box.center), "touched", last=on is None)
    if "opened" in memo:
        raise NotFound(f"a switch for {target}")
    return Move(f"open {target}, beside which there is no switch.", calls.click(_label(target, screen).center), "opened")


def _label(target: Target, screen: Screen) -> Box:
    found = find(screen, target)
    if not found:
        raise NotFound(str(target))
    return found[0].box


def _control(target: Target, screen: Screen, opened: bool) -> Element | None:
    """The switch or check box in the row of the label; on the label's own page, the only switch there is."""
    controls = screen.of("switch", "checkbox")
    try:
        label = _label(target, screen)
    except NotFound:
        switches = screen.of("switch")
        if opened and len(switches) == 1:
            return switches[0]
        raise
    row = [control for control in controls if _in_row(control.box, label, screen)]
    if row:
        return min(row, key=lambda control: abs(control.box.center.y - label.center.y))
    return screen.of("switch")[0] if opened and len(screen.of("switch")) == 1 else None


def _in_row(control: Box, label: Box, screen: Screen) -> bool:
    """Whether a control stands beside the label; a second line under the label moves it down by half a line."""
    return abs(control.center.y - label.center.y) < 1.6 * screen.unit and (control.left >= label.right or control.right <= label.left)


def button_move(instruction: Button, screen: Screen, memo: Memo) -> Move | Done:
    """Press a button of the phone. On another screen it is one that the page draws, or else the browser's way back."""
    name = instruction.name
    said = name.replace("_", " ")
    if screen.phone:
        return Move(f"press the {said} button.", calls.button(name), last=True)
    found = find(screen, Target(said, said, "button"))
    if found:
        return Move(f"click {said!r}.", calls.click(found[0].box.center), last=True)
    if name == "back":
        return Move("go back.", {"action": "history_back"}, last=True)
    if name == "home":
        return Move("press home.", calls.press(["home"]), last=True)
    raise NotFound(f"a button {said!r}")
