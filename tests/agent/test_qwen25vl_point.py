from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from handeye.agent.dialects.qwen25vl import QwenComputerUse, QwenMobileUse
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Box, Size

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
