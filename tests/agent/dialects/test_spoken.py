"""What the dialects of calls and literals in words read, refuse and say, beside the golden rows."""

from __future__ import annotations

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.envs import actions as act
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Click, Drag, Finish, PressKeys, Scroll, Swipe, TypeText, Wait
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
PHONE = frozenset({"click", "long_press", "swipe", "type_text", "press_button", "open_app", "wait"})
SCREEN = Size(1000, 1000)
AT = Point(200, 300)
CLICK = Click(point=AT)

READ: dict[str, tuple[str, str, tuple[Action, ...]]] = {
    "the turn goes on": (
        "ui-tars/computer",
        "Action: click(start_box='(200,300)')<|im_end|>\n<|im_start|>user\nAction: click(start_box='(1,2)')",
        (CLICK,),
    ),
    "a fence": ("ui-tars/computer", "Thought: now\nAction:\n```\nclick(start_box='(200,300)')\n```", (CLICK,)),
    "a call in the text": ("ui-tars/computer", "Action: type(content='Action: click(start_box=\\'(1,2)\\')')",
                           (TypeText(text="Action: click(start_box='(1,2)')"),)),
    "a backslash": ("ui-tars/computer", r"Action: type(content='C:\dir')", (TypeText(text="C:\\dir"),)),
    "unescaped quotes": ("ui-tars/computer", "Action: type(content='it's so')", (TypeText(text="it's so"),)),
    "a chord": ("ui-tars/computer", "Action: hotkey(key='ctrl shift t')", (PressKeys(keys=("ctrl", "shift", "t")),)),
    "a chord with plus": ("ui-tars/computer", "Action: hotkey(key='ctrl+c')", (PressKeys(keys=("ctrl", "c")),)),
    "doubao drags": (
        "doubao-1.5/computer",
        "Action: drag(start_point='<point>1 2</point>', end_point='<point>200 300</point>')",
        (Drag(start=Point(1, 2), end=AT),),
    ),
    "a phone drags": ("ui-tars/mobile", "Action: drag(start_box='(1,2)', end_box='(200,300)')", (Swipe(start=Point(1, 2), end=AT),)),
    "autoglm in tags": ("autoglm/phone",
        '<think>a do(action="Home")</think>\n<answer>do(action="Tap", element=[200,300])</answer>', (CLICK,)),
    "autoglm says it is delicate": ("autoglm/phone", 'do(action="Tap", element=[200,300], message="pays")', (CLICK,)),
    "autoglm is done": ("autoglm/phone", 'finish(message="It is (42).")', (Finish(message="It is (42)."),)),
    "cpm swipes": ("agentcpm-gui/phone", '{"POINT":[200,300],"to":"down"}', (Swipe(start=AT, end=Point(200, 700), duration_s=0.3),)),
    "cpm acts and is done": ("agentcpm-gui/phone", '{"POINT":[200,300],"STATUS":"finish"}', (CLICK, Finish())),
    "cpm taps for the default time": ("agentcpm-gui/phone", '{"POINT":[200,300],"duration":200}', (CLICK,)),
    "step": ("stepgui/phone", "<THINK> a </THINK>\nexplain:b\taction:CLICK\tpoint:200,300\tsummary:c", (CLICK,)),
    "step types at a place": ("stepgui/phone",
        "explain:b\taction:TYPE\tvalue:hi: you\tpoint:200,300\tsummary:c", (CLICK, TypeText(text="hi: you"))),
    "mai": ("mai-ui/phone", '<thinking>\na\n</thinking>\n<tool_call>\n{"name": "mobile_use", "arguments": {"action": "click", '
            '"coordinate": [200, 300]}}\n</tool_call>', (CLICK,)),
    "mai swipes": ("mai-ui/phone", '<tool_call>{"name": "mobile_use", "arguments": {"action": "swipe", "direction": "up", '
                   '"coordinate": [200, 800]}}</tool_call>', (Swipe(start=Point(200, 800), end=Point(200, 400)),)),
    "aguvis after its recipient": ("aguvis/computer", "os\npyautogui.click(x=0.2, y=0.3)", (CLICK,)),
    "aguvis by pages": ("aguvis/computer", "pyautogui.scroll(page=-0.25)", (Scroll(amount=250),)),
    "aguvis on a phone": ("aguvis/phone",
        "mobile.swipe(from_coord=[0.2, 0.3], to_coord=[0.2, 0.9])", (Swipe(start=AT, end=Point(200, 900)),)),
    "atlas": ("os-atlas-pro/phone", "thoughts:\na\nactions:\nSCROLL [DOWN]", (Scroll(),)),
    "atlas types brackets": ("os-atlas-pro/phone", "actions:\nTYPE [a [b] c]", (TypeText(text="a [b] c"),)),
    "showui types at a place": ("showui/web",
        "{'action': 'INPUT', 'value': 'it\\'s', 'position': [0.2, 0.3]}", (CLICK, TypeText(text="it's"))),
    "showui in JSON": ("showui/web", '{"action": "CLICK", "value": null, "position": [0.2, 0.3]}', (CLICK,)),
    "uground": ("uground/point", "(200, 300)", (CLICK,)),
}  # fmt: skip


@pytest.mark.parametrize("form", READ)
def test_forms_with_one_meaning_are_read(form: str) -> None:
    name, text, expected = READ[form]
    assert open_dialect(name, ALL).parse(text, SCREEN).actions == expected


REFUSED = [
    ("ui-tars/computer", "Action: click()", "place is missing"),
    ("ui-tars/computer", "Action: click(start_box='(12,3", "cut off"),
    ("ui-tars/computer", "Action: type(content='Dear S", "cut off"),
    ("ui-tars/computer", "Action: click(start_box='(1,2)')\nThought: then\nAction: click(start_box='(3,4)')", "stands after"),
    ("ui-tars/computer", "<think>I will\nAction: click(start_box='(1,2)')", "ends inside of the thought"),
    ("ui-tars/computer", "Action: click(start_box='(１,２)')", "two numbers"),
    ("ui-tars/computer", "Action: click(start_box='(nan,2)')", "two numbers"),
    ("ui-tars/computer", f"Action: click(start_box='({'9' * 40},2)')", "two numbers"),
    ("autoglm/phone", 'do(action="Tap")', "element is missing"),
    ("autoglm/phone", 'do(action="Tap", element=[1,2]) or do(action="Home")', "stands after"),
    ("agentcpm-gui/phone", '{"POINT":[1,2],"TYPE":"a"}', "one action a step"),
    ("agentcpm-gui/phone", '{"STATUS":"continue"}', "no action"),
    ("agentcpm-gui/phone", '{"POINT":[1,2]', "cut off"),
    ("stepgui/phone", "explain:a\taction:CLICK\tsummary:b", "needs point"),
    ("stepgui/phone", "explain:a\taction:CLICK\tpoint:1\tsummary:b", "two numbers"),
    ("mai-ui/point", "<grounding_think>x", "ends inside of the thought"),
    ("aguvis/computer", "import os\nos.system('x')", "no code"),
    ("aguvis/computer", "pyautogui.click(x=int('1'), y=0.5)", "no constant"),
    ("aguvis/computer", "pyautogui.click(x=640, y=360)", "fractions"),
    ("os-atlas-base/point", "(1,2),(3,4) or (5,6),(7,8)", "several boxes"),
    ("os-atlas-pro/phone", "actions:\nTYPE [a]\nTYPE [b]", "one action"),
    ("showui/web", "{'action': 'CLICK', 'value': None, 'position': None}", "needs a position"),
    ("showui/web", "{'action': 'CLICK', 'position': [0.1, __import__('os')]}", "could not be read"),
    ("uground/point", "(1, 2) or (3, 4)", "several points"),
]


@pytest.mark.parametrize(("name", "text", "words"), REFUSED)
def test_what_could_mean_two_things_is_refused_in_words(name: str, text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        open_dialect(name, ALL).parse(text, SCREEN)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ui-tars/mobile", "Action: scroll(start_box='(500,500)', direction='down')"),
        ("os-atlas-pro/phone", "actions:\nSCROLL [DOWN]"),
    ],
)
def test_a_phone_that_cannot_scroll_is_swiped(name: str, text: str) -> None:
    dialect = open_dialect(name, PHONE)
    (swipe,) = dialect.parse(text, SCREEN).actions
    assert isinstance(swipe, Swipe)
    # The finger goes up, so that what lies below comes into view.
    assert swipe.start.y - swipe.end.y == 400
    assert swipe.start.x == swipe.end.x == 500


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("ui-tars/computer", Click(point=AT, count=3)),
        ("ui-tars/computer", Click()),
        ("ui-tars/computer", Scroll(amount=7)),
        ("autoglm/phone", act.PressButton(button="camera")),
        ("agentcpm-gui/phone", Finish(message="done")),
        ("stepgui/phone", TypeText(text="a\tb")),
        ("os-atlas-pro/phone", TypeText(text="a]\nTYPE [b")),
        ("showui/web", PressKeys(keys=("ctrl", "v"))),
        ("uground/point", Click(point=AT, button="right")),
    ],
)
def test_what_a_family_has_no_words_for_is_not_said_as_something_else(name: str, action: Action) -> None:
    with pytest.raises(InvalidAction, match="no words for"):
        open_dialect(name, ALL).format(action, SCREEN)


def test_the_picture_of_agentcpm_has_the_side_that_it_was_trained_on() -> None:
    dialect = open_dialect("agentcpm-gui/phone", ALL)
    assert dialect.picture_size(Size(1080, 2400)) == (504, 1120)
    assert dialect.picture_size(Size(2400, 1080)) == (1120, 504)
    assert dialect.picture_size(Size(640, 480)) == (640, 480)


def test_versions_of_ui_tars_point_in_their_own_spaces() -> None:
    screen = Size(1920, 1080)
    assert open_dialect("ui-tars/computer", ALL).format(Click(point=Point(960, 540)), screen) == "Action: click(start_box='(500,500)')"
    assert open_dialect("ui-tars-1.5/computer", ALL).format(Click(point=Point(960, 540)), screen) == "Action: click(start_box='(966,546)')"
    said = open_dialect("doubao-1.5/computer", ALL).format(Click(point=Point(960, 540)), screen)
    assert said == "Action: click(point='<point>500 500</point>')"


def test_a_wait_without_a_number_is_five_seconds_in_ui_tars() -> None:
    assert open_dialect("ui-tars/computer", ALL).parse("Action: wait()", SCREEN).actions == (Wait(seconds=5),)
