from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Drag, PressKeys, Swipe, action_schema, points_of, read_action
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point, Size
from tests.strategies import actions

SCREEN = Size(1280, 800)
SCHEMA = action_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(list(ACTIONS)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "point", "text", "keys", "x"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(actions(SCREEN))
def test_every_action_survives_json(action: Action) -> None:
    data = json.loads(action.model_dump_json())
    assert read_action(data) == action
    assert read_action(json.dumps(data)) == action
    assert read_action(action.model_dump()) == action


@settings(max_examples=100)
@given(actions(SCREEN))
def test_every_action_fits_the_schema_of_all_and_of_its_own_verb(action: Action) -> None:
    data = json.loads(action.model_dump_json())
    VALIDATOR.validate(data)
    own(action.type).validate(data)


@cache
def own(verb: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(action_schema(frozenset({verb})))


@settings(max_examples=150)
@given(json_values)
def test_what_the_schema_allows_can_be_read(data: Any) -> None:
    if VALIDATOR.is_valid(data):
        read_action(json.dumps(data))
    else:
        assert data not in ({"type": "go_back"}, {"type": "close_tab"})


@settings(max_examples=150)
@given(json_values)
def test_anything_else_is_refused_in_words(data: Any) -> None:
    try:
        action = read_action(data) if not isinstance(data, str) else read_action(json.dumps(data))
    except InvalidAction as error:
        words = str(error)
    else:
        words = "not an action: "
        assert ACTIONS[action.type]
    assert words.startswith("not an action: ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{", "JSON"),
        ("[" * 5_000, "JSON"),
        ("\ud800", "unicode"),
        (b"\xff", "JSON"),
        ({}, "type"),
        ({"type": "fly"}, "fly"),
        ({"type": "move"}, "point"),
        ({"type": "move", "point": [1]}, "point"),
        ({"type": "move", "point": [1, 2.5]}, "point"),
        ({"type": "move", "point": [1, float("nan")]}, "point"),
        ({"type": "click", "count": 4}, "count"),
        ({"type": "click", "colour": "red"}, "colour"),
        ({"type": "click", "modifiers": ["a"]}, "not a modifier"),
        ({"type": "press_keys", "keys": ["left_click"]}, "no key is called"),
        ({"type": "press_keys", "keys": []}, "keys"),
        ({"type": "wait", "seconds": -1}, "seconds"),
        ({"type": "wait", "seconds": float("inf")}, "seconds"),
        ({"type": "type_text", "text": "\ud800"}, "text"),
        ({"type": "scroll", "amount": 0}, "amount"),
    ],
)
def test_the_first_fault_is_named(data: Any, words: str) -> None:
    with pytest.raises(InvalidAction, match=words):
        read_action(data)


def test_schemas_are_valid_and_only_for_known_actions() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    some = action_schema(frozenset({"click", "wait"}))
    jsonschema.Draft202012Validator.check_schema(some)
    assert len(some["oneOf"]) == 2
    assert not jsonschema.Draft202012Validator(some).is_valid({"seconds": 1})
    with pytest.raises(InvalidAction, match="fly"):
        action_schema(frozenset({"click", "fly"}))
    with pytest.raises(InvalidAction, match="at least"):
        action_schema(frozenset())


def test_verbs_and_classes_agree() -> None:
    assert len(ACTIONS) == 20
    assert all(cls.model_fields["type"].default == name for name, cls in ACTIONS.items())
    assert set(ACTIONS) >= LOOP_ACTIONS


def test_keys_are_stored_under_their_canonical_names() -> None:
    assert PressKeys(keys=("Control_L", "A")) == PressKeys(keys=("ctrl", "a"))


def test_points_come_in_the_order_of_touch() -> None:
    a, b, c = Point(1, 1), Point(2, 2), Point(3, 3)
    assert points_of(Drag(start=a, end=c, via=(b,))) == (a, b, c)
    assert points_of(Drag(end=c)) == (c,)
    assert points_of(Swipe(start=a, end=b)) == (a, b)


@given(actions(SCREEN))
def test_all_points_of_an_action_are_found(action: Action) -> None:
    def pairs(value: Any) -> list[list[int]]:
        if isinstance(value, list) and len(value) == 2 and all(isinstance(item, int) for item in value):
            return [value]
        return [pair for item in value for pair in pairs(item)] if isinstance(value, list) else []

    found = [pair for value in json.loads(action.model_dump_json()).values() for pair in pairs(value)]
    assert sorted(found) == sorted(list(point) for point in points_of(action))
