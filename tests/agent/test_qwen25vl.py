from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.dialects.qwen25vl import QwenComputerUse, QwenMobileUse
from handeye.envs import actions as act
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Click, Drag, Finish, PressButton, PressKeys, Scroll, Swipe, TypeText, Wait
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size
from tests.strategies import actions

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1288, 728)
"""A size that smart_resize leaves alone, so that the model's pixels are the screen's."""
COMPUTER, MOBILE = QwenComputerUse(ALL), QwenMobileUse(ALL)


def call(arguments: Any, name: str = "computer_use") -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


# Reading: each of these forms has one meaning

CLICK = Click(point=Point(196, 37))
AT = '"coordinate": [196, 37]'
READABLE: dict[str, tuple[str, tuple[Action, ...]]] = {
    "no end tag": ('<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}", (CLICK,)),
    "no start tag": ('{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}\n</tool_call>", (CLICK,)),
    "start tag at the end": ('<tool_call>{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}<tool_call>", (CLICK,)),
    "fence in tags": (
        '<tool_call>\n```json\n{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}\n```\n</tool_call>",
        (CLICK,),
    ),
    "fence": ('```json\n{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}\n```", (CLICK,)),
    "text around": ('I will click it.\n<tool_call>\n{"action": "left_click", ' + AT + "}\n</tool_call>\nDone.", (CLICK,)),
    "trailing commas": ('<tool_call>{"name": "tool", "arguments": {"action": "left_click", "coordinate": [196, 37,],},}'
                        "</tool_call>", (CLICK,)),
    "braces too many": ('<tool_call>{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}}}}</tool_call>", (CLICK,)),
    "braces too few": ('<tool_call>{"name": "computer_use", "arguments": {"action": "left_click", ' + AT + "}</tool_call>", (CLICK,)),
    "truncated after the point": ('<tool_call>{"name": "computer_use", "arguments": {"action": "left_click", ' + AT, (CLICK,)),
    "square bracket left open": ('{"action": "left_click", "coordinate": [196, 37}', (CLICK,)),
    "missing comma": ('{"action": "left_click" "coordinate": [196 37]}', (CLICK,)),
    "python": ("{'name': 'computer_use', 'arguments': {'action': 'left_click', 'coordinate': (196, 37), 'text': None}}", (CLICK,)),
    "smart quotes": ("{“name”: “computer_use”, “arguments”: {“action”: “left_click”, “coordinate”: [196, 37]}}", (CLICK,)),
    "bare keys": ('{action: "left_click", coordinate: [196, 37]}', (CLICK,)),
    "text as numbers": (call({"action": "left_click", "coordinate": ["196", "37"]}), (CLICK,)),
    "one text": (call({"action": "left_click", "coordinate": "[196, 37]"}), (CLICK,)),
    "point tag": (call({"action": "left_click", "coordinate": "<point>196 37</point>"}), (CLICK,)),
    "dict": (call({"action": "left_click", "coordinate": {"x": 196, "y": 37}}), (CLICK,)),
    "x and y": (call({"action": "left_click", "x": 196, "y": 37}), (CLICK,)),
    "floats": (call({"action": "left_click", "coordinate": [196.2, 36.8]}), (CLICK,)),
    "box": (call({"action": "left_click", "coordinate": [190, 30, 202, 44]}), (CLICK,)),
    "box in a list": (call({"action": "left_click", "bbox_2d": [[190, 30, 202, 44]]}), (CLICK,)),
    "arguments as text": (call('{"action": "left_click", "coordinate": [196, 37]}'), (CLICK,)),
    "arguments as a list": (call([196, 37], "left_click"), (CLICK,)),
    "arguments beside": ('{"name": "computer_use", "arguments": {"action": "left_click"}, "coordinate": [196, 37]}', (CLICK,)),
    "no arguments": ('{"name": "left_click", "coordinate": [196, 37]}', (CLICK,)),
    "parameters": ('{"name": "computer_use", "parameters": {"action": "left_click", "coordinate": [196, 37]}}', (CLICK,)),
    "openai": ('{"type": "function", "function": {"name": "computer_use", "arguments": "{\\"action\\": \\"left_click\\", '
               '\\"coordinate\\": [196, 37]}"}}', (CLICK,)),
    "the other tool": (call({"action": "click", "coordinate": [196, 37]}, "mobile_use"), (CLICK,)),
    "space in a key": ('{"name": "computer_use", " arguments": {"action ": "left_click", "coordinate": [196, 37]}}', (CLICK,)),
    "capitals": (call({"action": "Left_Click", "coordinate": [196, 37]}), (CLICK,)),
    "no coordinate": (call({"action": "left_click"}), (Click(),)),
    "drag with an end": (call({"action": "left_click_drag", "coordinate": [196, 37]}), (Drag(end=Point(196, 37)),)),
    "drag with two ends": (
        call({"action": "left_click_drag", "coordinate": [1, 2], "coordinate2": [196, 37]}),
        (Drag(start=Point(1, 2), end=Point(196, 37)),),
    ),
    "swipe": (call({"action": "swipe", "coordinate": [1, 2], "coordinates2": [3, 4]}), (Swipe(start=Point(1, 2), end=Point(3, 4)),)),
    "chord in one": (call({"action": "key", "keys": ["Ctrl+Shift+T"]}), (PressKeys(keys=("ctrl", "shift", "t")),)),
    "chord with plus": (call({"action": "hotkey", "text": "ctrl++"}), (PressKeys(keys=("ctrl", "+")),)),
    "key as text": (call({"action": "key", "text": "Return"}), (PressKeys(keys=("enter",)),)),
    "seconds": (call({"action": "wait", "time": "2 s"}), (Wait(seconds=2),)),
    "scroll by words": (call({"action": "scroll", "direction": "down", "amount": 300}), (Scroll(direction="down", amount=300),)),
    "scroll": (call({"action": "scroll", "pixels": -40.4}), (Scroll(direction="down", amount=40),)),
    "type at a place": (call({"action": "type", "coordinate": [196, 37], "text": "hi"}), (CLICK, TypeText(text="hi"))),
    "raw line break": ('<tool_call>{"arguments": {"action": "type", "text": "a\nb"}}</tool_call>', (TypeText(text="a\nb"),)),
    "tag inside": (call({"action": "type", "text": "</tool_call><tool_call>"}), (TypeText(text="</tool_call><tool_call>"),)),
    "ended": (call({"action": "terminate", "status": "failed"}), (Finish(success=False),)),
    "button": (call({"action": "system_button", "button": "Volume Up"}), (PressButton(button="volume_up"),)),
    "two calls": (call({"action": "left_click", "coordinate": [196, 37]}) + "\n" + call({"action": "wait", "time": 1}), (CLICK, Wait())),
    "two in one tag": ('<tool_call>\n{"action": "left_click", ' + AT + '}\n{"action": "wait", "time": 1}\n</tool_call>', (CLICK, Wait())),
}  # fmt: skip


@pytest.mark.parametrize("form", READABLE)
def test_broken_forms_with_one_meaning_are_read(form: str) -> None:
    text, expected = READABLE[form]
    reply = COMPUTER.parse(text, SCREEN)
    assert reply.actions == expected
    if form not in (
        "no coordinate",
        "drag with an end",
        "tag inside",
        "text around",
        "scroll",
        "floats",
        "key as text",
        "button",
        "fence in tags",
    ):
        assert reply.repairs
    assert "{" not in reply.thought
    assert "tool_call" not in reply.thought


UNREADABLE = {
    "nothing": ("", "empty"),
    "prose": ("The button is at (1240, 258). Click it.", "no tool call"),
    "code": ("Click it:\n```python\npyautogui.click(10, 20)\nrun({'action': 'left_click', 'coordinate': [10, 20]})\n```", "no tool call"),
    "bare numbers": ("[196, 37]", "no tool call"),
    "another tool": (call({"city": "Boston"}, "get_current_weather"), "no tool called 'get_current_weather'"),
    "another action": (call({"action": "fly"}), "no action 'fly'"),
    "no action": (call({"text": "hello"}), '"action" is missing'),
    "two names": (call({"action": "type", "coordinate": [1, 2]}, "left_click"), "names both"),
    "cut in a number": ('<tool_call>{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [196, 3', "cut off"),
    "cut after a number": ('{"action": "left_click", "coordinate": [196, 37', "cut off"),
    "cut in a text": ('<tool_call>\n{"name": "computer_use", "arguments": {"action": "type", "text": "Dear S', "cut off"),
    "cut before the point": ('<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click"', "cut off before"),
    "cut before the start of a drag": ('{"action": "left_click_drag", "coordinate": [1, 2]', "cut off before"),
    "cut in the keys": ('{"action": "key", "keys": ["ctrl", ', "cut off"),
    "a point outside of the object": (
        '<tool_call>{"name": "computer_use", "arguments": {"action": "left_click"}}, "coordinate": [1, 2]}</tool_call>',
        "brackets",
    ),
    "an unknown name for the point": (call({"action": "left_click", "where": [1, 2]}), "'where'"),
    "one number": (call({"action": "left_click", "coordinate": [5]}), "has 1 numbers"),
    "three numbers": (call({"action": "left_click", "coordinate": [5, 6, 7]}), "has 3 numbers"),
    "not finite": ('{"action": "left_click", "coordinate": [NaN, 3]}', "NaN"),
    "infinite": ('{"action": "left_click", "coordinate": [1e999, 3]}', "finite"),
    "true as a number": ('{"action": "left_click", "coordinate": [true, 3]}', "numbers only"),
    "words as a point": (call({"action": "left_click", "coordinate": "the OK button"}), "two numbers"),
    "null as a point": ('{"action": "mouse_move", "coordinate": null}', "coordinate"),
    "placeholders": ('{"action": "left_click", "coordinate": [x, y]}', "'x'"),
    "one key twice": ('{"action": "left_click", "coordinate": [1, 2], "coordinate": [3, 4]}', "twice"),
    "four numbers for a drag": (call({"action": "left_click_drag", "coordinate": [1, 2, 3, 4]}), "has 4 numbers"),
    "a swipe without an end": (call({"action": "swipe", "coordinate": [1, 2]}), "coordinate2"),
    "no pixels": (call({"action": "scroll"}), "pixels"),
    "up and down": (call({"action": "scroll", "direction": "up", "pixels": -3}), "direction"),
    "unknown key": (call({"action": "key", "keys": ["left_click", "1"]}), "no key is called"),
    "too many keys": (call({"action": "key", "keys": list("abcdefgh")}), "keys"),
    "no status": (call({"action": "terminate"}), "status"),
    "too long a wait": (call({"action": "wait", "time": 1e6}), "time"),
    "a choice in prose": ('Either {"action": "wait", "time": 1} or {"action": "left_click", "coordinate": [1, 2]}.', "several calls"),
    "several boxes": ('```json\n[{"bbox_2d": [1, 2, 3, 4]}, {"bbox_2d": [5, 6, 7, 8]}]\n```', "several points"),
    "xml": ("<tool_call>\n<function=computer_use>\n<parameter=action>\nwait\n</parameter>\n</function>\n</tool_call>", "no JSON object"),
    "for ever": (call({"action": "wait"}) * 50, "more than 16"),
    "half a character": ('{"action": "type", "text": "\\ud800"}', "text"),
}


@pytest.mark.parametrize("form", UNREADABLE)
def test_what_could_mean_two_things_is_refused_in_words(form: str) -> None:
    text, words = UNREADABLE[form]
    with pytest.raises(ParseError) as caught:
        COMPUTER.parse(text, SCREEN)
    message = str(caught.value)
    assert words in message
    assert '{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [x, y]}}' in message
    assert len(message) < 1_200


def test_points_outside_of_the_picture_are_clamped_and_recorded() -> None:
    reply = COMPUTER.parse(call({"action": "left_click", "coordinate": [5000, -3]}), SCREEN)
    assert reply.actions == (Click(point=Point(1287, 0)),)
    assert any("outside" in repair for repair in reply.repairs)


def test_the_thought_is_what_stands_around_the_call() -> None:
    reply = COMPUTER.parse(
        "<thinking>It is red.</thinking>\n" + call({"action": "wait", "time": 1}) + "\n<conclusion>Waited</conclusion><|im_end|>", SCREEN
    )
    assert reply.thought == "<thinking>It is red.</thinking>\n\n<conclusion>Waited</conclusion>"
    assert reply.repairs == ()


def test_an_action_that_the_environment_lacks_is_refused_both_ways() -> None:
    dialect = QwenComputerUse(frozenset({"click"}))
    with pytest.raises(ParseError, match="left_click, right_click"):
        dialect.parse(call({"action": "visit_url", "url": "x"}), SCREEN)
    with pytest.raises(InvalidAction):
        dialect.format(act.Goto(url="x"), SCREEN)


def test_a_phone_without_a_keyboard_presses_its_buttons() -> None:
    phone = QwenMobileUse(frozenset({"click", "press_button"}))
    for said, button in (("volume_up", "volume_up"), ("enter", "enter"), ("Back", "back"), ("home", "home"), ("KEYCODE_POWER", "power")):
        assert phone.parse(call({"action": "key", "text": said}, "mobile_use"), SCREEN).actions == (PressButton(button=button),)  # type: ignore[arg-type]
    assert MOBILE.parse(call({"action": "key", "text": "enter"}, "mobile_use"), SCREEN).actions == (PressKeys(keys=("enter",)),)


@settings(max_examples=50)
@given(data=st.data())
def test_a_reply_cut_anywhere_is_read_in_full_or_refused(data: st.DataObject) -> None:
    action = data.draw(actions(SCREEN))
    text = COMPUTER.format(action, SCREEN)
    for end in range(len(text)):
        try:
            got = COMPUTER.parse(text[:end], SCREEN).actions
        except ParseError:
            continue
        # Only how long something lasts, and a remark at the end, may be lost without a trace.
        lost = {"duration_s", "seconds", "message"}
        assert [one.model_dump(exclude=lost) for one in got] == [action.model_dump(exclude=lost)]


@pytest.mark.parametrize(
    "action",
    [
        Click(point=Point(196, 37)),
        Click(point=Point(196, 37), button="right"),
        Click(point=Point(196, 37), count=2),
        Click(point=Point(196, 37), modifiers=("ctrl",)),
        Drag(start=Point(10, 20), end=Point(300, 400)),
        Swipe(start=Point(10, 20), end=Point(300, 400)),
        Scroll(point=Point(30, 40), amount=70),
        Wait(seconds=17),
        Finish(success=False),
    ],
    ids=lambda action: action.type,
)
def test_one_wrong_character_never_makes_another_action(action: Action) -> None:
    text = COMPUTER.format(action, SCREEN)
    changed = [text[:at] + put + text[at + drop :] for at in range(len(text)) for put in ("", *"{}[]()\"\\',: `<x") for drop in (0, 1)]
    read = 0
    for reply in changed:
        try:
            got = COMPUTER.parse(reply, SCREEN).actions
        except ParseError:
            continue
        read += 1
        # Digits may be lost, the direction with its sign, and a modifier under a misspelled name; nothing else.
        assert [one.type for one in got] == [action.type], reply
        assert len(act.points_of(got[0])) == len(act.points_of(action)), reply
        kept = {"button", "count", "success"}
        assert got[0].model_dump(include=kept) == action.model_dump(include=kept), reply
    assert read > 100
