"""When the loop thinks that a screen is the same, and that the model repeats itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.repeats import RepeatGuard, changed_box, same_screen
from handeye.envs.actions import Action, Click, Scroll, Wait
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box, Point


def blank(width: int = 60, height: int = 40, grey: int = 255) -> Pixels:
    return np.full((height, width, 3), grey, np.uint8)


def painted(box: Box) -> Pixels:
    picture = blank()
    picture[box.top : box.bottom, box.left : box.right] = 0
    return picture


@given(st.integers(0, 58), st.integers(0, 38), st.integers(1, 60), st.integers(1, 40))
def test_changed_box_is_exactly_what_changed(left: int, top: int, width: int, height: int) -> None:
    box = Box(left, top, min(60, left + width), min(40, top + height))
    assert changed_box(blank(), painted(box)) == box


def test_a_caret_is_no_change_and_a_letter_is_one() -> None:
    assert same_screen(blank(), painted(Box(10, 5, 12, 25)))
    assert not same_screen(blank(), painted(Box(10, 5, 18, 15)))
    assert not same_screen(blank(60, 40), blank(60, 41))
    assert changed_box(blank(), blank()) is None


def proposals(guard: RepeatGuard, turns: list[tuple[Action, Pixels]]) -> tuple[list[bool], list[bool]]:
    """Whether each turn drew advice, and whether it was the end."""
    counts = [(action, guard.note(action, screen)) for action, screen in turns]
    return [bool(guard.advice(*turn)) for turn in counts], [guard.exhausted(*turn) for turn in counts]


def test_repeats_draw_advice_and_then_an_end() -> None:
    advised, ended = proposals(RepeatGuard(stop_at=4), [(Click(point=Point(1, 1)), blank())] * 4)
    assert advised == [False, True, True, True]
    assert ended == [False, False, False, True]


def test_a_cycle_of_two_actions_is_found() -> None:
    cycle: list[tuple[Action, Pixels]] = [(Click(point=Point(1, 1)), blank()), (Click(point=Point(9, 9)), blank(grey=0))]
    _, ended = proposals(RepeatGuard(stop_at=4), cycle * 4)
    assert ended == [False] * 6 + [True, True]


def test_scrolling_a_page_that_changes_is_never_stopped() -> None:
    _, ended = proposals(RepeatGuard(stop_at=4), [(Scroll(point=Point(5, 5)), blank(grey=n)) for n in range(200)])
    assert not any(ended)


def test_waiting_has_more_patience() -> None:
    _, ended = proposals(RepeatGuard(stop_at=4), [(Wait(seconds=1), blank())] * 12)
    assert ended == [False] * 11 + [True]
