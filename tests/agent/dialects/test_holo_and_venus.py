"""Holo and UI-Venus: asked to point, a browser by JSON, a phone by calls in words."""

from __future__ import annotations

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import (
    ACTIONS,
    LOOP_ACTIONS,
    Action,
    Answer,
    AskUser,
    Click,
    Finish,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
)
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1400, 700)
"""A size that smart_resize leaves alone, so that the model's pixels are the screen's."""
AT = Click(point=Point(350, 342))


@pytest.mark.parametrize(
    ("name", "text", "actions"),
    [
        ("holo/point", "It is here: Click(350, 342)", (AT,)),
        ("holo/point", "click(x=350, y=342)", (AT,)),
        ("holo/point", '{"action": "click", "x": 350, "y": 342}', (AT,)),
        ("holo2/point", '{"x": 250, "y": 500}', (Click(point=Point(350, 350)),)),
        ("ui-venus/point", "[250,500]", (Click(point=Point(350, 350)),)),
        ("ui-venus/point", "[-1, -1]", (Finish(success=False),)),
        ("ui-venus-1/point", "[340,332,360,352]", (AT,)),
        ("holo/browser", '{"note": "", "thought": "x", "action": {"action": "click_element", "element": "b", "x": 350, "y": 342}}', (AT,)),
        (
            "holo/browser",
            '{"note": "", "thought": "x", "action": {"action": "write_element_abs", "content": "hi", "element": "b", "x": 350, "y": 342}}',
            (AT, TypeText(text="hi\n")),
        ),
        ("holo/browser", '{"thought": "x", "action": {"action": "scroll", "direction": "down"}}', (Scroll(amount=600),)),
        ("holo/browser", '{"thought": "x", "action": {"action": "refresh"}}', (PressKeys(keys=("f5",)),)),
        ("holo/browser", '{"note": "42", "thought": "x", "action": {"action": "answer", "content": "42"}}', (Answer(text="42"),)),
        ("ui-venus/phone", "<think>x</think><action>Click(box=(250,500))</action>", (Click(point=Point(350, 350)),)),
        (
            "ui-venus/phone",
            "<action>Scroll(start=(500,900), end=(500,100))</action><conclusion>Scrolled.</conclusion>",
            (Swipe(start=Point(700, 630), end=Point(700, 70)),),
        ),
        ("ui-venus/phone", "<think>x</think>\nPressRecent()", (PressButton(button="recents"),)),
        ("ui-venus/phone", "<action>CallUser(content='Which?')</action>", (AskUser(question="Which?"),)),
        ("ui-venus/phone", "<action>Finished(content='42')</action>", (Finish(message="42"),)),
    ],
)
def test_replies_mean_our_actions(name: str, text: str, actions: tuple[Action, ...]) -> None:
    assert open_dialect(name, ALL).parse(text, SCREEN).actions == actions


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("holo/point", "Click(350, 342) or Click(1, 2)"),
        ("holo/point", '{"x": 350, "y": 342'),
        ("holo/point", '{"x": 350}'),
        ("holo2/point", "250, 500"),
        ("ui-venus/point", "[1,2] or [3,4]"),
        ("ui-venus/point", "[1,2,3]"),
        ("holo/browser", '{"thought": "x", "action": {"action": "click_element", "element": "b"}}'),
        ("holo/browser", '{"thought": "x", "action": {"action": "restart"}}'),
        ("holo/browser", '{"thought": "x", "action": {"action": "go_back", "where": 3}}'),
        ("holo/browser", '{"thought": "x"}'),
        ("ui-venus/phone", "<action>Click((250,500))</action>"),
        ("ui-venus/phone", "<action>Click(box=(250,500), now=1)</action>"),
        ("ui-venus/phone", "<action>Type(content=3)</action>"),
        ("ui-venus/phone", "<action>Wait()</action><action>Wait()</action>"),
        ("ui-venus/phone", "<action>Wait(); Wait()</action>"),
        ("ui-venus/phone", "<action>Fly()</action>"),
    ],
)
def test_replies_that_mean_nothing_or_two_things_are_refused(name: str, text: str) -> None:
    with pytest.raises(ParseError, match="Reply in this form"):
        open_dialect(name, ALL).parse(text, SCREEN)
