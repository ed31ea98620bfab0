"""Qwen's tool calls with a family's own verbs and layout: Fara, GUI-Owl 1 and 1.5."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.fara import FaraBrowser
from handeye.agent.dialects.gui_owl import GuiOwl15Computer, GuiOwl15Mobile, GuiOwlComputer
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, AskUser, Click, Finish, Goto, PressKeys, TypeText, Wait
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1288, 728)
"""A size that smart_resize leaves alone, so that the model's pixels are the screen's."""
AT = Click(point=Point(196, 37))
LOOK = Observation(np.zeros((728, 1288, 3), np.uint8))


def call(name: str = "computer_use", **arguments: Any) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


@pytest.mark.parametrize(
    ("arguments", "actions"),
    [
        ({"action": "type", "text": "hi", "press_enter": False}, (TypeText(text="hi"),)),
        ({"action": "type", "text": "hi", "press_enter": True}, (TypeText(text="hi\n"),)),
        ({"action": "type", "text": "hi"}, (TypeText(text="hi"),)),
        (
            {"action": "type", "coordinate": [196, 37], "text": "hi", "press_enter": True, "delete_existing_text": True},
            (AT, PressKeys(keys=("ctrl", "a")), TypeText(text="hi\n")),
        ),
        ({"action": "web_search", "query": "a b&c"}, (Goto(url="https://www.bing.com/search?q=a+b%26c"),)),
        ({"action": "pause_and_memorize_fact", "fact": "It costs 3."}, (Wait(seconds=0),)),
        ({"action": "refresh"}, (PressKeys(keys=("f5",)),)),
        ({"action": "key", "keys": ["ArrowDown"]}, (PressKeys(keys=("down",)),)),
        ({"action": "terminate", "status": "success"}, (Finish(message="Seen."),)),
        ({"action": "terminate", "answer": "42"}, (Finish(message="42"),)),
    ],
)
def test_faras_verbs_are_said_by_our_actions(arguments: dict[str, Any], actions: tuple[Action, ...]) -> None:
    assert FaraBrowser(ALL).parse("Seen.\n" + call(**arguments), SCREEN).actions == actions


@pytest.mark.parametrize("arguments", [{"action": "web_search"}, {"action": "type", "text": "x", "press_enter": 3}, {"action": "type"}])
def test_faras_verbs_without_what_they_need_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        FaraBrowser(ALL).parse(call(**arguments), SCREEN)


def test_faras_tool_offers_its_verbs_where_the_browser_can_do_them() -> None:
    system, *_ = FaraBrowser(ALL).render("x", [], LOOK)
    assert all(f"`{word}`" in system.text for word in ("web_search", "pause_and_memorize_fact", "refresh", "press_enter"))
    system, *_ = FaraBrowser(frozenset({"click", "type_text"})).render("x", [], LOOK)
    assert not any(word in system.text for word in ("web_search", "pause_and_memorize_fact", "refresh"))


def test_owl_1_thinks_and_concludes_in_tags_and_the_conclusions_are_its_history() -> None:
    reply = f"<thinking>\nThere.\n</thinking>\n{call(action='left_click', coordinate=[196, 37])}\n<conclusion>\nClicked it\n</conclusion>"
    owl = GuiOwlComputer(ALL)
    read = owl.parse(reply, SCREEN)
    assert (read.actions, read.repairs) == ((AT,), ())
    assert "<" not in read.thought
    assert read.thought.startswith("There.")
    past = [PastStep("", AT, SCREEN, reply=reply), PastStep("", AT, SCREEN, reply=call(action="left_click", coordinate=[196, 37]))]
    _, user = owl.render("x", past, LOOK)
    assert 'Step 1: Clicked it; Step 2: {"name": "computer_use"' in user.text


def test_owl_15_points_to_a_thousand_and_asks_by_interact() -> None:
    for owl in (GuiOwl15Computer(ALL), GuiOwl15Mobile(ALL)):
        assert owl.parse(call(action="interact", text="Which?"), SCREEN).actions == (AskUser(question="Which?"),)
        assert '"interact"' in owl.format(AskUser(question="Which?"), SCREEN)
        assert "interact" in owl.render("x", [], LOOK)[0].text
        assert "ask_user" not in owl.render("x", [], LOOK)[0].text
        assert owl.parse(call(action="click", coordinate=[500, 500]), SCREEN).actions == (Click(point=Point(644, 364)),)


def test_owl_15_sees_its_last_turns_and_reads_of_those_before() -> None:
    reply = "Action: Click number {}.\n" + call(action="left_click", coordinate=[500, 500])
    past = [PastStep("", AT, SCREEN, LOOK, reply=reply.replace("{}", str(number))) for number in range(1, 7)]
    _, *turns = GuiOwl15Computer(ALL).render("find it", past, LOOK, ["Nothing changed."])
    assert [turn.role for turn in turns] == ["user", "assistant"] * 4 + ["user"]
    assert [len(turn.pictures) for turn in turns[::2]] == [1] * 5
    assert "Previous actions:\nStep 1: Click number 1.\nStep 2: Click number 2.\n" in turns[0].text
    assert "Nothing changed." in turns[-1].text
    _, alone = GuiOwl15Computer(ALL).render("find it", [], LOOK)
    assert "Previous actions:\nNone" in alone.text
    _, text = GuiOwl15Computer(ALL, history="text").render("find it", past, LOOK)
    assert "Click number 6." in text.text
