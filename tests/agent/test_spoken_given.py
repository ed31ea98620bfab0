"""Real replies of the models whose dialects are calls and literals in words: each has the outcome that the data's README asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.envs import actions as act
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
DIALECTS = {
    "ui-tars": "ui-tars/computer",
    "agentcpm-gui": "agentcpm-gui/phone",
    "stepgui": "stepgui/phone",
    "autoglm": "autoglm/phone",
}
"""The registry's name for each dialect of the data."""
SIZES = {"0..1 floats": Size(10_000, 10_000), "absolute px of the resized image": Size(1932, 1092)}
"""Screens on which the model's numbers are pixels, or a fixed number of them, for rows that name none."""


def rows(folder: Path, dialect: str) -> list[dict[str, Any]]:
    lines = (folder / "dialects/given.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["dialect"] == dialect]


def wanted(expected: dict[str, Any], size: Size, space: str) -> list[dict[str, Any]]:
    """An expected action in our fields, without the points; typing at a place is a click there, then typing."""
    kind, text = expected["type"], expected.get("text")
    scale = 1.0 if space == "absolute px of the resized image" else size.width / (1 if space == "0..1 floats" else 1000)
    tall = 1.0 if space == "absolute px of the resized image" else size.height / (1 if space == "0..1 floats" else 1000)
    at = expected.get("px") or (expected["native"][0] * scale, expected["native"][1] * tall) if "native" in expected else None
    end = (expected["native_end"][0] * scale, expected["native_end"][1] * tall) if "native_end" in expected else None
    simple = {
        "click": {"type": "click", "count": 1, "button": "left"},
        "double_click": {"type": "click", "count": 2, "button": "left"},
        "type_text": {"type": "type_text", "text": text},
        "press_keys": {"type": "press_keys", "keys": tuple(expected.get("keys", ()))},
        "press_button": {"type": "press_button", "button": expected.get("button")},
        "open_app": {"type": "open_app", "name": expected.get("app")},
        "finish": {"type": "finish", "success": expected.get("status", "success") == "success"},
        "scroll": {"type": "scroll", "direction": expected.get("direction")},
        "note": {"type": "wait", "seconds": 0},
        "wait": {"type": "wait"} | ({"seconds": expected["seconds"]} if "seconds" in expected else {}),
        "long_press": {"type": "long_press"} | ({"duration_s": expected["seconds"]} if "seconds" in expected else {}),
        "ask_user": {"type": "ask_user"} | ({"question": text} if text else {}),
    }
    found = dict(simple.get(kind, {"type": kind}))
    if kind == "finish" and text:
        found["message"] = text
    if kind == "type_text" and at is not None:
        return [{"type": "click", "at": [at]}, found]
    return [found | ({"at": [point for point in (at, end) if point]} if at else {})]


def fits(action: Action, expected: dict[str, Any], size: Size) -> bool:
    data = action.model_dump()
    if any(data.get(key) != value for key, value in expected.items() if key != "at"):
        return False
    inside = [(min(max(x, 0), size.width - 1), min(max(y, 0), size.height - 1)) for x, y in expected.get("at", [])]
    points = act.points_of(action)
    return len(points) == len(inside) and all(
        abs(p.x - x) <= 0.51 and abs(p.y - y) <= 0.51 for p, (x, y) in zip(points, inside, strict=True)
    )


def outcome(row: dict[str, Any], name: str) -> tuple[bool, bool]:
    """Whether the reply has the outcome that is asked for, and whether it was read."""
    size = Size(*row["image_size"]) if row["image_size"] else SIZES.get(row["space"], Size(1000, 1000))
    expected = [one for item in row["expected"] or [] for one in wanted(item, size, row["space"])]
    try:
        got = open_dialect(name, ALL).parse(row["raw"], size).actions
    except ParseError:
        return row["outcome"] != "ok", False
    exact = len(got) == len(expected) and all(fits(action, item, size) for action, item in zip(got, expected, strict=True))
    return exact and row["outcome"] in ("ok", "repair", "either"), True


@pytest.mark.parametrize("dialect", DIALECTS)
def test_real_replies_have_the_outcome_that_is_asked_for(dialect: str, data_folder: Path) -> None:
    wrong, unread, given = [], [], rows(data_folder, dialect)
    for row in given:
        name = DIALECTS[dialect]
        if row["space"] == "absolute px of the resized image":
            name = "ui-tars-1.5/computer"
        good, read = outcome(row, name)
        if not good:
            wrong.append(row["id"])
        if not read and row["outcome"] in ("repair", "either"):
            unread.append(row["id"])
    assert given
    assert wrong == []
    # What is broken but has one meaning is read, not only refused.
    assert unread == [identifier for identifier in UNREAD if identifier in {row["id"] for row in given}]


UNREAD: tuple[str, ...] = ()
"""Broken replies that are refused although a reading of them exists."""
