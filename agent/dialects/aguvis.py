"""Aguvis: pyautogui code with points as fractions of the screen, and functions of its own for phones and pages.

Functions, layout of the turns and the end of a reply: xlang-ai/aguvis, src/aguvis/constants.py. The code is read through its syntax
tree and never run. A reply's turn begins with whom it speaks to, `os` for code; models write parts of that header into the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.pyautogui_verbs import SAYABLE, literal, read_actions, write_action
from handeye.agent.dialects.python_calls import PythonCall, find_code, read_python
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

MIN_PIXELS, MAX_PIXELS = 3_136, 12_845_056
"""The limits of the Qwen2-VL checkpoint on which the model stands."""
STOP = "<|diff_marker|>"

_PROMPT = Prompt(
    """You operate the screen for the user: you see the task and a screenshot, and do the task by a series of pyautogui actions. \
Coordinates are fractions of the screen's width and height, from 0 to 1.

You have access to the following functions:
{{tools}}""",
    """{{picture}}Give the next move for this screen, the instruction and the previous actions.

Instruction: {{goal}}

Previous actions:
{{progress}}
{{screen}}
{{notes}}
""",
)
_NUMBER, _TEXT = {"type": "number"}, {"type": "string"}
_PAIR = {"type": "array", "items": _NUMBER}


def _function(name: str, about: str, **parameters: dict[str, Any]) -> str:
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    return "- " + json.dumps({"name": name, "description": about} | ({"parameters": schema} if parameters else {}))


_ENDINGS = (
    ("finish", _function("computer.terminate", "End the task", status=_TEXT | {"enum": ["success", "failure"]})),
    ("answer", _function("computer.terminate", "End the task with the answer", status=_TEXT, answer=_TEXT)),
    ("ask_user", _function("computer.ask_user", "Ask the user what only they know", question=_TEXT)),
)
_COMPUTER = (
    *((kind, "- pyautogui, with x and y from 0 to 1") for kind in ("click", "move", "drag", "scroll", "type_text", "press_keys")),
    ("click", _function("browser.select_option", "Choose an option of a drop-down list", x=_NUMBER, y=_NUMBER, value=_TEXT)),
    ("wait", "- time.sleep(seconds)"),
    ("goto", _function("computer.goto", "Open an address in this tab", url=_TEXT)),
    ("go_back", _function("computer.go_back", "Go back to the page before")),
    *_ENDINGS,
)
_PHONE = (
    ("click", "- pyautogui.click(x, y) and pyautogui.write(message), with x and y from 0 to 1"),
    ("type_text", ""),
    ("swipe", _function("mobile.swipe", "Swipe on the screen", from_coord=_PAIR, to_coord=_PAIR)),
    ("press_button", _function("mobile.home", "Press the home button")),
    ("press_button", _function("mobile.back", "Press the back button")),
    ("wait", _function("mobile.wait", "Wait for the screen to change", seconds=_NUMBER)),
    ("long_press", _function("mobile.long_press", "Press a place and hold", x=_NUMBER, y=_NUMBER)),
    ("open_app", _function("mobile.open_app", "Open an app", app_name=_TEXT)),
    *_ENDINGS,
)
_HEADER = re.compile(r"^[ \t]*assistant(?:<\|recipient\|>)?(?:all|os)*[ \t]*$", re.M)
_RECIPIENT = re.compile(r"(?:<\|im_start\|>)?(?:assistant)?(?:<\|recipient\|>)?(?:os|all)\n")
_SAID = re.compile(r"^Action:\s*+", re.M)
_IN_NO_BLOCK = "the code stood in no block"
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "mobile.swipe": ("from_coord", "to_coord"),
    "mobile.home": (),
    "mobile.back": (),
    "mobile.wait": ("seconds",),
    "mobile.long_press": ("x", "y"),
    "mobile.open_app": ("app_name",),
    "mobile.terminate": ("status",),
    "browser.select_option": ("x", "y", "value"),
}


class _Aguvis(Worded):
    """Aguvis in either form."""

    def __init__(
        self,
        name: str,
        verbs: tuple[tuple[str, str], ...],
        action_types: frozenset[str],
        *,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        self._phone = verbs is _PHONE
        space = Relative(1, SmartResizedPixels(28, min_pixels, max_pixels))
        super().__init__(Family(name, space, _PROMPT, verbs, "pyautogui.click(x=0.5, y=0.5)", (STOP,)), action_types, **options)

    def progress(self, history: Sequence[PastStep]) -> str:
        """The steps so far, or that there are none."""
        return super().progress(history) or "None"

    def read(self, reading: Reading) -> Said:
        """The calls from the first line of code on."""
        text = reading.text
        if header := _RECIPIENT.match(text):
            text = text[header.end() :]
        code = find_code(text)
        for repair in code.repairs:
            if repair != _IN_NO_BLOCK:
                reading.mend(repair)
        before = _HEADER.sub("", code.before)
        if before != code.before:
            reading.mend("the header of a turn stood in the text")
        return Said(self._actions(read_python(code.text), reading), _SAID.sub("", before).strip())

    def _actions(self, calls: Sequence[PythonCall], reading: Reading) -> tuple[act.Action, ...]:
        actions: list[act.Action] = []
        plain: list[PythonCall] = []

        def flush() -> None:
            if plain:
                actions.extend(read_actions(plain, lambda x, y: self._place(x, y, reading), reading.mend))
                plain.clear()

        for call in calls:
            if call.name in _PARAMETERS or (call.name in ("pyautogui.scroll", "pyautogui.hscroll") and "page" in call.keywords):
                flush()
                actions += _own(call, reading)
            else:
                plain.append(call)
        flush()
        return tuple(actions)

    def _place(self, x: float, y: float, reading: Reading) -> Point:
        if not (0 <= x <= 1 and 0 <= y <= 1) and not (abs(x) <= 2 and abs(y) <= 2):
            raise ParseError("x and y are fractions of the screen, from 0 to 1")
        return reading.point([x, y])

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The code that means `action`."""

        def words(point: Point) -> dict[str, str]:
            x, y = numbers(point)
            return {"x": repr(x), "y": repr(y)}

        match action:
            case act.Swipe(start=start, end=end):
                return f"mobile.swipe(from_coord={numbers(start)!r}, to_coord={numbers(end)!r})"
            case act.PressButton(button=button) if button in ("home", "back"):
                return f"mobile.{button}()"
            case act.LongPress(point=point) if self._phone:
                return "mobile.long_press(x={x}, y={y})".format(**words(point))
            case act.OpenApp(name=name) if self._phone:
                return f"mobile.open_app(app_name={literal(name)})"
            case act.Wait(seconds=seconds) if self._phone:
                return f"mobile.wait(seconds={seconds!r})"
        if action.type not in SAYABLE:
            raise InvalidAction(f"there are no words for {action!r}")
        return write_action(action, words)


def _own(call: PythonCall, reading: Reading) -> list[act.Action]:
    if "page" in call.keywords:
        return [_scrolled(call, reading)]
    names = _PARAMETERS[call.name]
    values = dict(zip(names, call.args, strict=False)) | call.keywords
    if len(call.args) > len(names) or values.keys() - set(names):
        raise ParseError(f"{call.name} takes {', '.join(names) or 'nothing'}")
    if missing := [name for name in names if name not in values]:
        raise ParseError(f"{call.name} needs {missing[0]}")
    match call.name:
        case "mobile.swipe":
            return [act.Swipe(start=reading.point(values["from_coord"]), end=reading.point(values["to_coord"]))]
        case "mobile.home" | "mobile.back":
            return [build(act.PressButton, button=call.name.removeprefix("mobile."))]
        case "mobile.wait":
            return [build(act.Wait, seconds=values["seconds"])]
        case "mobile.long_press":
            return [act.LongPress(point=reading.point([values["x"], values["y"]]))]
        case "mobile.open_app":
            return [build(act.OpenApp, name=values["app_name"])]
        case "mobile.terminate":
            if values["status"] not in ("success", "failure"):
                raise ParseError("the status is 'success' or 'failure'")
            return [act.Finish(success=values["status"] == "success")]
    # A list that is open takes what is typed as the beginning of the option's name.
    value = build(act.TypeText, text=values["value"])
    return [act.Click(point=reading.point([values["x"], values["y"]])), value, act.PressKeys(keys=("enter",))]


def _scrolled(call: PythonCall, reading: Reading) -> act.Action:
    page = call.keywords["page"]
    if call.args or call.keywords.keys() != {"page"} or isinstance(page, bool) or not isinstance(page, int | float):
        raise ParseError("scroll takes page, the share of the screen to move by, and nothing else")
    across = call.name == "pyautogui.hscroll"
    amount = round(abs(page) * (reading.size.width if across else reading.size.height))
    forth, back = ("right", "left") if across else ("up", "down")
    return build(act.Scroll, direction=forth if page > 0 else back, amount=amount)


class AguvisComputer(_Aguvis):
    """Aguvis with a mouse and a keyboard."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("aguvis/computer", _COMPUTER, action_types, **options)


class AguvisPhone(_Aguvis):
    """Aguvis with a touch screen."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("aguvis/phone", _PHONE, action_types, **options)
