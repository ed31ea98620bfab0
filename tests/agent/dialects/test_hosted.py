"""The computer tools of OpenAI and Anthropic, as items of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handeye.agent.dialects.hosted import AnthropicComputer, FittingPixels, OpenAIComputer
from handeye.envs.actions import (
    ACTIONS,
    LOOP_ACTIONS,
    Action,
    Answer,
    AskUser,
    Click,
    Drag,
    GoBack,
    Goto,
    PressKeys,
    Scroll,
    TypeText,
    Wait,
)
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1024, 768)
AT = Point(100, 200)
OPENAI, ANTHROPIC = OpenAIComputer(ALL), AnthropicComputer(ALL)


def computer_call(**action: Any) -> dict[str, Any]:
    return {"type": "computer_call", "call_id": "c1", "status": "completed", "pending_safety_checks": [], "action": action}


def tool_use(**arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": "t1", "name": "computer", "input": arguments}


@pytest.mark.parametrize(
    ("item", "actions"),
    [
        (computer_call(type="click", button="wheel", x=100, y=200), (Click(point=AT, button="middle"),)),
        (computer_call(type="click", button="back", x=0, y=0), (GoBack(),)),
        (computer_call(type="scroll", x=100, y=200, scroll_x=0, scroll_y=-300), (Scroll(point=AT, direction="up", amount=300),)),
        (computer_call(type="scroll", x=100, y=200, scroll_x=120, scroll_y=0), (Scroll(point=AT, direction="right", amount=120),)),
        (computer_call(type="keypress", keys=["CTRL", "A"]), (PressKeys(keys=("ctrl", "a")),)),
        (computer_call(type="drag", path=[{"x": 100, "y": 200}, {"x": 5, "y": 6}]), (Drag(start=AT, end=Point(5, 6)),)),
        (computer_call(type="screenshot"), (Wait(seconds=0),)),
        (
            {"type": "computer_call", "actions": [{"type": "click", "button": "left", "x": 100, "y": 200}, {"type": "type", "text": "hi"}]},
            (Click(point=AT), TypeText(text="hi")),
        ),
        ({"type": "function_call", "name": "goto", "arguments": '{"url": "https://example.org"}'}, (Goto(url="https://example.org"),)),
        ([{"type": "reasoning", "summary": []}, computer_call(type="wait")], (Wait(),)),
        ({"type": "message", "content": [{"type": "output_text", "text": "It is 42."}]}, (Answer(text="It is 42."),)),
    ],
)
def test_openais_items_mean_our_actions(item: Any, actions: tuple[Action, ...]) -> None:
    assert OPENAI.parse(json.dumps(item), SCREEN).actions == actions


def test_a_pending_safety_check_is_put_to_the_person_and_the_action_is_not_done() -> None:
    checks = [{"id": "s1", "code": "malicious_instructions", "message": "The page tells the model what to do."}]
    item = computer_call(type="click", button="left", x=100, y=200) | {"pending_safety_checks": checks}
    (action,) = OPENAI.parse(json.dumps(item), SCREEN).actions
    assert isinstance(action, AskUser)
    assert "The page tells the model what to do." in action.question
    with pytest.raises(ParseError, match="ask_user"):
        OpenAIComputer(ALL, loop_actions=frozenset({"finish"})).parse(json.dumps(item), SCREEN)


@pytest.mark.parametrize(
    ("item", "actions"),
    [
        (tool_use(action="left_click", coordinate=[100, 200], text="shift"), (Click(point=AT, modifiers=("shift",)),)),
        (tool_use(action="triple_click", coordinate=[100, 200]), (Click(point=AT, count=3),)),
        (tool_use(action="key", text="ctrl+shift+Page_Down"), (PressKeys(keys=("ctrl", "shift", "page_down")),)),
        (
            tool_use(action="scroll", coordinate=[100, 200], scroll_direction="left", scroll_amount=2),
            (Scroll(point=AT, direction="left", amount=120),),
        ),
        (tool_use(action="wait", duration=2), (Wait(seconds=2),)),
        (tool_use(action="screenshot"), (Wait(seconds=0),)),
        ([{"type": "text", "text": "I click."}, tool_use(action="left_click", coordinate=[100, 200])], (Click(point=AT),)),
        ({"type": "text", "text": "It is 42."}, (Answer(text="It is 42."),)),
        ({"type": "tool_use", "name": "ask_user", "input": {"question": "Which?"}}, (AskUser(question="Which?"),)),
    ],
)
def test_anthropics_blocks_mean_our_actions(item: Any, actions: tuple[Action, ...]) -> None:
    assert ANTHROPIC.parse(json.dumps(item), SCREEN).actions == actions


@pytest.mark.parametrize(
    "item",
    [
        [],
        {"type": "tool_use", "name": "bash", "input": {"command": "ls"}},
        tool_use(action="fly"),
        tool_use(action="left_mouse_down"),
        tool_use(action="left_click", coordinate=[1, 2], where=3),
        tool_use(action="scroll", coordinate=[1, 2], scroll_direction="in", scroll_amount=2),
        {"type": "tool_use", "name": "computer", "input": 3},
    ],
)
def test_blocks_that_mean_nothing_are_refused(item: Any) -> None:
    with pytest.raises(ParseError):
        ANTHROPIC.parse(json.dumps(item), SCREEN)


@pytest.mark.parametrize("size", [Size(1024, 768), Size(1920, 1080), Size(3840, 2160), Size(1080, 2400), Size(5000, 20)])
def test_a_picture_fits_what_anthropic_leaves_alone(size: Size) -> None:
    shown = FittingPixels().picture_size(size)
    assert max(shown) <= 1_568
    assert shown.width * shown.height <= 1_150_000
    assert FittingPixels().picture_size(shown) == shown
