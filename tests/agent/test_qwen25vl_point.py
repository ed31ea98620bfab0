from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.dialects.check import check_dialect
from handeye.agent.dialects.qwen25vl import QwenComputerUse, QwenMobileUse
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Click
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Box, Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1288, 728)
"""A size that smart_resize leaves alone, so that the model's pixels are the screen's."""
COMPUTER, MOBILE = QwenComputerUse(ALL), QwenMobileUse(ALL)


def look(size: Size = SCREEN, **known: Any) -> Observation:
    return Observation(np.full((size.height, size.width, 3), 200, np.uint8), **known)


@pytest.mark.parametrize(
    ("text", "points", "boxes"),
    [
        ("[196, 37]", [(196, 37)], [None]),
        ("(196, 37)", [(196, 37)], [None]),
        ("It is here: [196, 37].", [(196, 37)], [None]),
        ('```json\n[\n\t{"bbox_2d": [190, 30, 202, 44], "label": "save"}\n]\n```', [(196, 37)], [Box(190, 30, 203, 45)]),
        ('{"bbox_2d": [202, 44, 190, 30]}', [(196, 37)], [Box(190, 30, 203, 45)]),
        ('[{"point_2d": [1, 2], "label": "a"}, {"point_2d": ["3", "4"]}]', [(1, 2), (3, 4)], [None, None]),
        ("[[190, 30, 202, 44]]", [(196, 37)], [Box(190, 30, 203, 45)]),
    ],
)
def test_points_and_boxes_are_located(text: str, points: list[tuple[int, int]], boxes: list[Box | None]) -> None:
    found = QwenPoint().locate(text, SCREEN)
    assert [item.point for item in found] == points
    assert [item.box for item in found] == boxes
    assert [action.point for action in QwenPoint().parse(text, SCREEN).actions] == points  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["", "nowhere", "[]", "[1]", "[1, 2, 3]", '{"label": "x"}', "[true, 1]", "[[1, 2], 3]", "{", '["a", "b"]', "[NaN, 1]"]
)
def test_what_points_nowhere_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match="bbox_2d"):
        QwenPoint().locate(text, SCREEN)


def test_the_question_for_a_point_holds_picture_and_target() -> None:
    _, user = QwenPoint().render("the save button", [], look())
    assert user.parts[0].pixels.shape == (728, 1288, 3)  # type: ignore[union-attr]
    assert "the save button" in user.text


def test_asking_for_every_one_has_its_own_words() -> None:
    _, user = QwenPoint(every=True).render("buttons", [], look(), ["Look again."])
    assert user.parts[1] == (
        "Outline the position of every one of these in the picture and give all bbox_2d in JSON format, each with its label: buttons\n"
        "Note: Look again."
    )
    _, user = QwenPoint().render("the button", [], look())
    assert user.parts[1] == "Locate this in the picture and give its bbox_2d in JSON format, with its label: the button"


def test_nothing_there_is_an_answer_only_where_every_one_was_asked_for() -> None:
    for text in ("[]", "```json\n[]\n```", "There are none: [ ]"):
        assert QwenPoint(every=True).pointing(text, SCREEN).found == ()
        with pytest.raises(ParseError, match="empty"):
            QwenPoint().pointing(text, SCREEN)
        with pytest.raises(ParseError, match="empty"):
            QwenPoint(every=True).parse(text, SCREEN)
    for text in ("", "There are none.", "{}", "[[]]", '[{"label": "x"}]', '[{"bbox_2d": [1, 2, 3, 4]}, {'):
        with pytest.raises(ParseError):
            QwenPoint(every=True).pointing(text, SCREEN)


def test_repairs_are_told() -> None:
    assert QwenPoint().pointing("[196, 37]", SCREEN).repairs == ()
    assert QwenPoint().pointing('{"bbox_2d": [190, 30, 202, 44], "label": "x"}', SCREEN).repairs == ()
    assert QwenPoint().pointing("(196, 37)", SCREEN).repairs != ()
    assert QwenPoint().pointing("[99999, 37]", SCREEN).repairs != ()


def test_a_stated_size_is_shown_and_scaled_back() -> None:
    dialect = QwenPoint(resized=Size(280, 140))
    screen = look(Size(1400, 700))
    assert dialect.render("x", [], screen)[1].pictures[0].pixels.shape == (140, 280, 3)
    assert dialect.locate("[10, 20]", screen.size)[0].point == (50, 100)


@pytest.mark.parametrize("options", [{"every": True}, {"resized": Size(280, 140)}])
def test_the_options_keep_to_the_contract(options: dict[str, Any]) -> None:
    actions = (Click(point=Point(0, 0)), Click(point=Point(1279, 799)), Click(point=Point(640, 333)))
    check_dialect(QwenPoint(**options), actions, (Size(1280, 800), Size(333, 77)))


@given(st.text(max_size=80) | st.text(alphabet='[]{}():,"0123456789.-bbox_2dlabel ', max_size=80))
def test_any_reply_is_places_on_the_screen_or_a_parse_error(text: str) -> None:
    try:
        found = QwenPoint(every=True).pointing(text, SCREEN).found
    except ParseError:
        return
    assert all(item.point.inside(SCREEN) for item in found)
