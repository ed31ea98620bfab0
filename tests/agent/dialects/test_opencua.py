"""Dialects that answer in pyautogui code: OpenCUA and Kimi."""

from __future__ import annotations

import numpy as np
import pytest

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.kimi import KimiComputer
from handeye.agent.dialects.opencua import OpenCUA
from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import (
    ACTIONS,
    LOOP_ACTIONS,
    Action,
    Answer,
    Click,
    Drag,
    Finish,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    TypeText,
    Wait,
)
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError, SetupError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1288, 728)
"""A size that smart_resize leaves alone, so that the model's pixels are the screen's."""
OPENCUA, KIMI = OpenCUA(ALL), KimiComputer(ALL)
AT, THERE = Point(196, 37), Point(300, 400)


def said(code: str) -> str:
    return f"## Thought:\nIt is there.\n\n## Action:\nClick it.\n\n## Code:\n```python\n{code}\n```"


MEANINGS: dict[str, tuple[Action, ...]] = {
    "pyautogui.click(196, 37)": (Click(point=AT),),
    "pyautogui.click((196, 37))": (Click(point=AT),),
    "pyautogui.moveTo(196, 37)\npyautogui.click()": (Click(point=AT),),
    "import pyautogui\nimport time\npyautogui.moveTo(x=196, y=37, duration=0.5)": (Move(point=AT),),
    "pyautogui.moveTo(196, 37); pyautogui.dragTo(300, 400, button='left')": (Drag(start=AT, end=THERE),),
    "pyautogui.mouseDown(196, 37)\npyautogui.moveTo(300, 400)\npyautogui.mouseUp()": (Drag(start=AT, end=THERE),),
    "pyautogui.moveTo(196, 37)\npyautogui.mouseDown()\npyautogui.moveTo(1, 2)\npyautogui.mouseUp(300, 400)": (
        Drag(start=AT, via=(Point(1, 2),), end=THERE),
    ),
    "pyautogui.mouseDown(x=196, y=37)\ntime.sleep(2)\npyautogui.mouseUp()": (LongPress(point=AT, duration_s=2),),
    "pyautogui.keyDown('ctrl')\npyautogui.click(x=196, y=37)\npyautogui.keyUp('ctrl')": (Click(point=AT, modifiers=("ctrl",)),),
    "pyautogui.keyDown('ctrl')\npyautogui.press('a')\npyautogui.keyUp('ctrl')": (PressKeys(keys=("ctrl", "a")),),
    "pyautogui.keyDown('win')\npyautogui.keyUp('win')": (PressKeys(keys=("meta",)),),
    "pyautogui.hotkey(['ctrl', 'shift', 't'])": (PressKeys(keys=("ctrl", "shift", "t")),),
    "pyautogui.press('down', presses=3)": (PressKeys(keys=("down",)),) * 3,
    "pyautogui.press(['tab', 'enter'])": (PressKeys(keys=("tab",)), PressKeys(keys=("enter",))),
    "pyautogui.typewrite('C:\\\\dir \\d', interval=0.1)": (TypeText(text="C:\\dir \\d"),),
    'pyautogui.write("""two\n  lines""")': (TypeText(text="two\n  lines"),),
    "pyautogui.scroll(-5)": (Scroll(direction="down", amount=300),),
    "pyautogui.hscroll(2, x=196, y=37)": (Scroll(point=AT, direction="right", amount=120),),
    "pyautogui.moveTo(196, 37)\npyautogui.scroll(1)": (Scroll(point=AT, direction="up", amount=60),),
    "pyautogui.rightClick(x=196, y=37)": (Click(point=AT, button="right"),),
    "computer.triple_click(x=196, y=37)": (Click(point=AT, count=3),),
    "computer.wait()": (Wait(seconds=20),),
    "computer.terminate(status='failure')": (Finish(success=False),),
    "computer.terminate(status='success', answer='42')": (Answer(text="42"),),
    "pyautogui.click(x=-1, y=-1)": (Finish(success=False),),
    "pyautogui.click(x=0.5, y=0.25)": (Click(point=Point(644, 182)),),
    "pyautogui.click(x=9999, y=37)": (Click(point=Point(1287, 37)),),
}


@pytest.mark.parametrize("code", MEANINGS)
def test_code_means_what_pyautogui_would_do(code: str) -> None:
    reply = OPENCUA.parse(said(code), SCREEN)
    assert reply.actions == MEANINGS[code]
    assert reply.thought == "It is there.\n\nClick it."


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("__import__('os').system('touch /tmp/handeye_was_here')", "by its name"),
        ("x = 3\npyautogui.click(x, 4)", "line 1"),
        ("pyautogui.click(196 * 2, 37)", "constant"),
        ("pyautogui.write(f'{1}')", "constant"),
        ("for n in range(9):\n    pyautogui.click(n, n)", "line 1"),
        ("exec('1')", "no function 'exec'"),
        ("os.system('ls')", "no function 'os.system'"),
        ("pyautogui.locateOnScreen('a.png')", "no function"),
        ("pyautogui.moveRel(10, 0)", "no function"),
        ("pyautogui.write(message='Dear S", "cut off"),
        ("pyautogui.click(x=196, y=3", "cut off"),
        ("pyautogui.click(x=196)", "two numbers"),
        ("pyautogui.click(x=True, y=1)", "two numbers"),
        ("pyautogui.click(x=1e999, y=1)", "too large"),
        ("pyautogui.click(x=196, y=37, where='OK')", "'where'"),
        ("pyautogui.click(**{'x': 1})", "cannot be read"),
        ("pyautogui.click(196, 37, x=4)", "twice"),
        ("pyautogui.mouseDown(196, 37)", "let go"),
        ("pyautogui.keyDown('ctrl')", "nothing with it"),
        ("pyautogui.keyUp('ctrl')", "does not hold"),
        ("pyautogui.scroll(0)", "not 0"),
        ("pyautogui.press('left_click')", "no key is called"),
        ("pyautogui.press('a', presses=100000)", "presses"),
        ("pyautogui.press('a', presses=16)\npyautogui.press('b', presses=16)", "more than"),
        ("computer.terminate(status='maybe')", "status"),
        ("# nothing to do", "calls nothing"),
        ("(" * 500 + ")" * 500, "deeply"),
        ("-" * 7_000 + "1", "not valid"),
        ("pyautogui.click(1, 2)\n" * 400, "too long"),
        ("pyautogui.write('\x00')", "not valid"),
    ],
)
def test_code_that_is_more_than_calls_is_refused_and_never_run(code: str, complaint: str) -> None:
    with pytest.raises(ParseError, match=complaint) as caught:
        OPENCUA.parse(said(code), SCREEN)
    assert "pyautogui.click(x=100, y=200)" in str(caught.value)


TWO = said("computer.wait()") + said("computer.wait()").replace("## Code:", "")


@pytest.mark.parametrize("text", ["", "Click the button at (10, 20).", "## Code:\n", "```python\n```", TWO])
def test_a_reply_without_one_piece_of_code_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        OPENCUA.parse(text, SCREEN)


def test_what_the_model_forgot_around_its_code_is_mended_and_told() -> None:
    for text in ("pyautogui.click(x=196, y=37)<|im_end|>", "I click.\n## Code:\npyautogui.click(x=196, y=37)", "```python\nclick(196, 37)"):
        reply = OPENCUA.parse(text, SCREEN)
        assert reply.actions == (Click(point=AT),)
        assert reply.repairs


def test_kimi_points_by_fractions_and_its_thought_may_stand_between_marks() -> None:
    reply = KIMI.parse("◁think▷The star.◁/think▷## Action:\nClick it.\n## Code:\n```python\npyautogui.click(x=0.5, y=0.25)\n```", SCREEN)
    assert reply.actions == (Click(point=Point(644, 182)),)
    assert reply.thought == "The star.\nClick it."
    with pytest.raises(ParseError, match="fraction"):
        KIMI.parse("pyautogui.click(x=0.5, y=182)", SCREEN)


def test_the_history_keeps_thoughts_and_actions_and_the_last_pictures() -> None:
    look = Observation(np.zeros((728, 1288, 3), np.uint8))
    past = [PastStep("", Click(point=AT), SCREEN, look, reply=said(f"pyautogui.click({n}, 1)"), notes=("Look.",)) for n in range(5)]
    system, *turns, last = OPENCUA.render("find it", past, look)
    assert system.role == "system"
    assert [turn.role for turn in turns] == ["user", "assistant"] * 5
    assert [len(turn.pictures) for turn in turns[::2]] == [0, 0, 0, 1, 1]
    assert turns[1].text == "# Step 1:\n## Thought:\nIt is there.\n\n## Action:\nClick it.\n"
    assert all("Look." in turn.text for turn in turns[::2])
    assert "find it" in last.text
    assert "pyautogui.click(4" not in "".join(turn.text for turn in turns)
    (_, alone) = OpenCUA(ALL, history="text").render("find it", past, look)
    assert "Step 5: pyautogui.click(x=196, y=37)" in alone.text


def test_an_environment_is_offered_only_what_it_can_do() -> None:
    look = Observation(np.zeros((728, 1288, 3), np.uint8))
    assert "computer.goto" not in OpenCUA(frozenset({"click"})).render("x", [], look)[0].text
    assert "computer.goto" in OPENCUA.render("x", [], look)[0].text
    with pytest.raises(ParseError, match="cannot be done here"):
        OpenCUA(frozenset({"click"})).parse("```python\ncomputer.goto(url='https://example.org')\n```", SCREEN)


def test_bad_options_are_refused() -> None:
    with pytest.raises(SetupError, match="points"):
        open_dialect("opencua/computer", ALL, points="inches")
