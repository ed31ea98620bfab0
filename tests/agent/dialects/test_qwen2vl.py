from __future__ import annotations

import numpy as np
import pytest

from handeye.agent.dialects.qwen2vl import Qwen2Box, boxes_in
from handeye.envs.actions import Click, Wait
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

SCREEN = Size(1000, 500)
BOX = Qwen2Box()
SAID = "<|object_ref_start|>OK<|object_ref_end|><|box_start|>(90,190),(110,210)<|box_end|>"


def test_a_box_is_a_click_in_its_middle() -> None:
    for text in (SAID, SAID + "<|im_end|>", "<|box_start|>(90,190),(110,210)<|box_end|>", "<|box_start|>(100,200)<|box_end|>"):
        reply = BOX.parse(text, SCREEN)
        assert reply.actions == (Click(point=Point(100, 100)),)
        assert reply.repairs == ()
    assert BOX.parse(SAID, SCREEN).thought == "OK(90,190),(110,210)"


def test_words_around_a_box_and_the_same_box_twice_are_mended() -> None:
    for text in ("It is " + SAID, SAID + " or " + SAID, "<|object_ref_start|>" + SAID):
        reply = BOX.parse(text, SCREEN)
        assert reply.actions == (Click(point=Point(100, 100)),)
        assert reply.repairs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no box",
        "(1,2),(3,4)",
        "<|box_start|>(1,2,3,4)<|box_end|>",
        SAID + SAID.replace("90", "9"),
        "<|box_start|>(1,2),(3",
        "<|box_start|>" * 9_000,
    ],
)
def test_no_box_and_two_boxes_are_refused(text: str) -> None:
    with pytest.raises(ParseError, match="box_start"):
        BOX.parse(text, SCREEN)


def test_only_a_plain_click_can_be_said() -> None:
    assert BOX.format(Click(point=Point(100, 100)), SCREEN) == "<|box_start|>(100,200),(100,200)<|box_end|>"
    for action in (Click(), Click(point=Point(1, 1), count=2), Wait()):
        with pytest.raises(InvalidAction):
            BOX.format(action, SCREEN)


def test_the_question_holds_picture_and_target() -> None:
    _, user = BOX.render("the OK button", [], Observation(np.zeros((500, 1000, 3), np.uint8)), ["Again."])
    assert user.parts[0].pixels.shape == (504, 1008, 3)  # type: ignore[union-attr]
    assert "the OK button" in user.text
    assert "Again." in user.text


def test_boxes_are_found_in_order() -> None:
    assert boxes_in("<|box_start|>(5,6)<|box_end|>" + SAID) == [(5, 6, 5, 6), (90, 190, 110, 210)]
