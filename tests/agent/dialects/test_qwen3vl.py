from __future__ import annotations

import json

import numpy as np
import pytest

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.qwen3vl import Qwen3Point
from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Answer, Click, Finish, Scroll, Swipe
from handeye.envs.observation import Observation
from handeye.tools.geometry import Box, Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
PHONE = Size(1440, 3120)
COMPUTER, MOBILE = open_dialect("qwen3-vl/computer_use", ALL), open_dialect("qwen3-vl/mobile_use", ALL)


def call(name: str, **arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def look(size: Size) -> Observation:
    return Observation(np.full((size.height, size.width, 3), 200, np.uint8))


@pytest.mark.parametrize(
    ("size", "shown"), [((960, 540), (960, 544)), ((1080, 2400), (1088, 2400)), ((1440, 3120), (1440, 3136)), ((1920, 1080), (1920, 1088))]
)
def test_pictures_have_the_published_sizes(size: tuple[int, int], shown: tuple[int, int]) -> None:
    assert COMPUTER.picture_size(Size(*size)) == shown
    assert Qwen3Point().picture_size(Size(*size)) == shown


def test_the_computer_counts_to_1000_and_the_phone_to_999() -> None:
    screen = Size(2001, 1001)
    far = call("computer_use", action="left_click", coordinate=[999, 999])
    assert COMPUTER.parse(far, screen).actions == (Click(point=Point(1999, 1000)),)
    far = call("mobile_use", action="click", coordinate=[999, 999])
    assert MOBILE.parse(far, screen).actions == (Click(point=Point(2000, 1000)),)
    same = open_dialect("qwen3-vl/mobile_use", ALL, extent=1000)
    assert same.parse(far, screen).actions == (Click(point=Point(1999, 1000)),)


def test_the_tools_name_their_trained_verbs_first_and_the_size_of_their_space() -> None:
    trained = {
        COMPUTER: ["key", "type", "mouse_move", "left_click", "left_click_drag", "right_click", "middle_click", "double_click",
                   "triple_click", "scroll", "hscroll", "wait", "terminate", "answer"],
        MOBILE: ["click", "long_press", "swipe", "type", "answer", "system_button", "wait", "terminate"],
    }  # fmt: skip
    for dialect, verbs in trained.items():
        text = dialect.render("go", [], look(PHONE))[0].text
        tool = json.loads(text.split("<tools>\n")[1].split("\n</tools>")[0])["function"]
        assert tool["parameters"]["properties"]["action"]["enum"][: len(verbs)] == verbs
        assert ("999x999" if dialect is MOBILE else "1000x1000") in tool["description"]


def test_the_official_answer_and_its_sentence_in_the_history() -> None:
    text = 'Thought: Search first.\nAction: "Tap the search bar."\n' + call("mobile_use", action="click", coordinate=[447, 81])
    reply = MOBILE.parse(text, PHONE)
    assert reply.actions == (Click(point=Point(644, 253)),)
    assert reply.repairs == ()
    steps = [PastStep(reply.thought, reply.actions[0], PHONE), PastStep("", Swipe(start=Point(0, 0), end=Point(9, 9)), PHONE, error="no")]
    user = MOBILE.render("find it", steps, look(PHONE))[-1]
    assert user.text.startswith("The user query: find it.\nTask progress (")
    assert "Step 1: Tap the search bar.; Step 2: {" in user.text
    assert '(failed: "no")' in user.text
    assert not isinstance(user.parts[-1], str)


def test_answers_endings_and_scrolling_sideways_are_read() -> None:
    assert MOBILE.parse(call("mobile_use", action="answer", text="42"), PHONE).actions == (Answer(text="42"),)
    assert MOBILE.parse(call("mobile_use", action="terminate", status="failure"), PHONE).actions == (Finish(success=False),)
    assert COMPUTER.parse(call("computer_use", action="hscroll", pixels=-5), PHONE).actions == (Scroll(direction="left", amount=5),)


def test_pointing_reads_boxes_from_0_to_1000() -> None:
    dialect = Qwen3Point()
    (found,) = dialect.locate('```json\n[{"bbox_2d": [100, 200, 300, 400], "label": "ok"}]\n```', Size(1000, 500))
    assert (found.point, found.label) == (Point(200, 150), "ok")
    assert found.box == Box(100, 100, 301, 201)
    assert '"maximum": 1000' in json.dumps(dialect.constraint(Size(64, 64)).schema)  # type: ignore[union-attr]
    assert dialect.format(Click(point=Point(200, 150)), Size(1000, 500)) == "[200, 300]"
