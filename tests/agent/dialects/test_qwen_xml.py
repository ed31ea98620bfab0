from __future__ import annotations

import json

import numpy as np
import pytest

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Click, Drag, TypeText, Wait
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1000, 1000)
XML = open_dialect("qwen-xml/computer_use", ALL)
JSON_CALL = json.dumps({"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [500, 250]}})
CODE = '  {"a": [1]}\nfor i in x:\n\tpass\n'
AT = Click(point=Point(500, 250))


def call(name: str = "computer_use", **parameters: str) -> str:
    inside = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in parameters.items())
    return f"<tool_call>\n<function={name}>\n{inside}</function>\n</tool_call>"


READABLE: dict[str, tuple[str, tuple[Action, ...]]] = {
    "whole": (call(action="left_click", coordinate="[500, 250]"), (AT,)),
    "no line breaks": (call(action="left_click", coordinate="[500, 250]").replace("\n", ""), (AT,)),
    "no tags around": (call(action="left_click", coordinate="[500, 250]")[12:-12], (AT,)),
    "no end": (call(action="left_click", coordinate="[500, 250]").split("</function>")[0], (AT,)),
    "numbers without brackets": (call(action="left_click", coordinate="500, 250"), (AT,)),
    "the verb as the function": (call("left_click", coordinate="[500, 250]"), (AT,)),
    "JSON instead": (f"<tool_call>\n{JSON_CALL}\n</tool_call>", (AT,)),
    "text to the letter": (call(action="type", text=CODE), (TypeText(text=CODE),)),
    "a number as text": (call(action="type", text="42"), (TypeText(text="42"),)),
    "two": (call(action="left_click", coordinate="[500, 250]") + "\n" + call(action="wait", time="1"), (AT, Wait())),
    "drag": (
        call(action="left_click_drag", start_coordinate="[0, 0]", coordinate="[500, 250]"),
        (Drag(start=Point(0, 0), end=Point(500, 250)),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", READABLE)
def test_forms_with_one_meaning_are_read(form: str) -> None:
    text, actions = READABLE[form]
    assert XML.parse(text, SCREEN).actions == actions


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<function=computer_use>",
        call(action="left_click", coordinate="[500, 2").split("\n</parameter>\n</function>")[0],
        call(action="left_click", coordinate="[500, 250").replace("\n", ""),
        call(action="left_click", where="[1, 2]"),
        call(action="left_click") .replace("</function>", "[1, 2]</function>"),
        "<tool_call>\n<function=computer_use>\n<parameter=action>\nleft_click\n</parameter>\n",
        call(action="fly"),
        call("get_weather", city="Boston"),
        call(action="wait") * 20,
        "<function=computer_use>" * 9_000,
        "<function=computer_use><parameter=action>" * 5_000,
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ParseError, match=r"<parameter=action>\nleft_click") as caught:
        XML.parse(text, SCREEN)
    assert len(str(caught.value)) < 1_200


def test_the_thought_is_what_stands_around() -> None:
    reply = XML.parse("<think>\nred\n</think>\n\n" + READABLE["whole"][0] + "<|im_end|>", SCREEN)
    assert (reply.thought, reply.repairs) == ("<think>\nred\n</think>", ())


def test_a_text_that_holds_the_tags_cannot_be_said_and_the_history_survives_it() -> None:
    for text in ("</tool_call>", "a\n</parameter>\nb"):
        with pytest.raises(InvalidAction):
            XML.format(TypeText(text=text), SCREEN)
        step = PastStep("", TypeText(text=text), SCREEN)
        look = Observation(np.zeros((1000, 1000, 3), np.uint8))
        for history in ("text", "turns"):
            messages = open_dialect("qwen-xml/computer_use", ALL, history=history).render("go", [step], look)
            assert any("type" in message.text for message in messages)


def test_the_tool_is_offered_as_json_and_the_form_as_tags() -> None:
    system = XML.render("go", [], Observation(np.zeros((1000, 1000, 3), np.uint8)))[0].text
    tool = json.loads(system.split("<tools>\n")[1].split("\n</tools>")[0])
    assert tool["function"]["name"] == "computer_use"
    assert "<function=" in system
