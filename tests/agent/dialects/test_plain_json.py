from __future__ import annotations

import json

import numpy as np
import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Click, Drag, OpenApp, PressKeys, Scroll, TypeText, Wait
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError, SetupError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1000, 500)
JSON = open_dialect("json", ALL)
AT = Click(point=Point(100, 100))

READABLE: dict[str, tuple[str, Action]] = {
    "whole": ('{"thought": "It is red.", "action": {"type": "click", "point": [100, 200]}}', AT),
    "fence": ('```json\n{"action": {"type": "click", "point": [100, 200]}}\n```', AT),
    "flat": ('{"type": "click", "point": [100, 200]}', AT),
    "named action": ('{"action": "click", "coordinate": [100, 200]}', AT),
    "a point": ('{"thought": "here", "result": [100, 200]}', AT),
    "a box": ('{"action": {"type": "click", "bbox": [90, 190, 110, 210]}}', AT),
    "words around": ('Sure! {"action": {"type": "click", "point": [100, 200]}} Done.', AT),
    "cut after the point": ('{"action": {"type": "click", "point": [100, 200]', AT),
    "flat app": ('{"type": "open_app", "name": "Files"}', OpenApp(name="Files")),
    "chord": ('{"action": {"type": "press_keys", "keys": ["ctrl+s"]}}', PressKeys(keys=("ctrl", "s"))),
    "defaults": ('{"action": {"type": "scroll"}}', Scroll()),
    "text": ('{"action": {"type": "wait", "seconds": "2"}}', Wait(seconds=2)),
    "drag": ('{"action": {"type": "drag", "start": [0, 0], "end": [100, 200]}}', Drag(start=Point(0, 0), end=Point(100, 100))),
}


@pytest.mark.parametrize("form", READABLE)
def test_forms_with_one_meaning_are_read(form: str) -> None:
    text, action = READABLE[form]
    assert JSON.parse(text, SCREEN).actions == (action,)


@pytest.mark.parametrize(
    "text",
    [
        "Click the button at (100, 200).",
        '{"action": {"type": "fly"}}',
        '{"action": {"point": [1, 2], "button": "left"}}',
        '{"action": {"type": "click", "where": [1, 2]}}',
        '{"action": {"type": "click", "point": [1, 2, 3]}}',
        '{"action": {"type": "click", "button": "right"',
        '{"action": {"type": "type_text", "text": "Dear S',
        '{"action": {"type": "drag", "end": [1, 2, 3, 4]}}',
        '{"action": {"type": "wait", "seconds": 1e9}}',
        '{"action": ' * 10_000,
    ],
)
def test_what_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match='"type": "click", "point"'):
        JSON.parse(text, SCREEN)


def test_the_thought_is_kept_apart_and_said_again() -> None:
    reply = JSON.parse(READABLE["whole"][0], SCREEN)
    assert (reply.thought, reply.repairs) == ("It is red.", ())
    from_turns = open_dialect("json", ALL, history="turns")
    assert "type_text" in from_turns.format(TypeText(text="x"), SCREEN)


def test_the_prompt_holds_what_the_environment_can_do_and_nothing_else() -> None:
    look = Observation(np.zeros((500, 1000, 3), np.uint8))
    system = open_dialect("json/pixels", frozenset({"click"})).render("go", [], look)[0].text
    assert "1000 wide and 500 high" in system
    assert '"type": "click"' in system
    assert "type_text" not in system


def test_the_form_holds_points_to_the_picture() -> None:
    form = json.dumps(open_dialect("json/pixels", frozenset({"click"})).constraint(Size(640, 480)).schema)  # type: ignore[union-attr]
    assert '"maximum": 640' in form
    assert '"maximum": 480' in form


def test_a_space_that_does_not_exist_is_a_setup_error() -> None:
    with pytest.raises(SetupError, match="1000, pixels"):
        open_dialect("json", ALL, space="miles")
