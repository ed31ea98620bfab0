"""Every real reply has the outcome that its row asks for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.dialects.table import REPLIES
from handeye.envs import actions as act
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size
from handeye.tools.keys import canonical_key
from tests.agent.dialects.given import GIVEN, Given, Row

ALL = frozenset(act.ACTIONS) - act.LOOP_ACTIONS
TEXTS = {"text", "answer", "app"}
"""Fields of rows that hold words, whatever the field of our action is called."""
CLICKS = {"double_click": {"count": 2}, "triple_click": {"count": 3}}
POINTING = act.Click | act.Move | act.LongPress | act.Drag | act.Swipe | act.Scroll


@pytest.fixture(scope="module")
def rows(data_folder: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for line in (data_folder / "dialects/given.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["dialect"], []).append(row)
    return found


@pytest.mark.parametrize("name", GIVEN)
def test_real_replies_have_the_outcome_that_is_asked_for(rows: dict[str, list[Row]], name: str) -> None:
    wrong = {row["id"]: complaint for row in rows[name] if (complaint := fault(row, given_for(row)))}
    assert wrong == {}


def test_the_docs_count_the_replies_that_were_read(rows: dict[str, list[Row]]) -> None:
    read = Counter(given_for(row).dialect for found in rows.values() for row in found if row["dialect"] in GIVEN)
    assert dict(read) == REPLIES


def given_for(row: Row) -> Given:
    chosen = GIVEN[row["dialect"]]
    return chosen if isinstance(chosen, Given) else chosen(row)


def fault(row: Row, how: Given) -> str:
    """What is wrong with the reading of a row; empty if nothing is."""
    dialect = open_dialect(how.dialect, ALL, **how.options)
    size = Size(*row["image_size"]) if row["image_size"] else how.screen
    try:
        actions = dialect.parse(row["raw"], size).actions
    except ParseError as error:
        return f"refused: {error}" if row["outcome"] == "ok" else ""
    if row["outcome"] == "error":
        return f"read as {actions}"
    if row["outcome"] == "nonpointer":
        # Typing and keys may be right; a place on the screen cannot be.
        return f"read as {actions}" if any(isinstance(action, act.Click | act.Drag | act.Swipe | act.Scroll) for action in actions) else ""
    return compared(actions, row, size, dialect.picture_size(size), how)


def compared(actions: Sequence[act.Action], row: Row, size: Size, shown: Size, how: Given) -> str:
    expected = [step for wanted in row["expected"] or [] for step in in_our_verbs(wanted)]
    if len(actions) != len(expected):
        return f"{actions} are not {len(expected)} actions"
    for action, wanted in zip(actions, expected, strict=True):
        if complaint := unlike(action, wanted, row, size, shown, how):
            return f"{complaint}: {action!r} where {wanted} was said"
    return ""


def in_our_verbs(wanted: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Typing at a place is a click there and then typing."""
    if wanted["type"] == "type_text" and wanted.get("native"):
        return [{"type": "click", "native": wanted["native"]}, {"type": "type_text", "text": wanted["text"]}]
    return [wanted]


def unlike(action: act.Action, wanted: Mapping[str, Any], row: Row, size: Size, shown: Size, how: Given) -> str:
    kinds = {
        "ask_user": {"ask_user"},
        "finish": {"finish", "answer"},
        "note": {"answer", "finish", "wait", "ask_user"},
        "screenshot": {"wait"},
    }
    kind = "click" if wanted["type"] in CLICKS else wanted["type"]
    if action.type not in kinds.get(kind, {kind}):
        return "another verb"
    said = action.model_dump()
    for name, value in (CLICKS.get(wanted["type"], {}) | fields(action, wanted)).items():
        if said[name] != value:
            return f"another {name}"
    ends = [key for key in ("native", "native_end") if wanted.get(key) is not None]
    points = act.points_of(action)
    if len(points) != len(ends):
        return "another number of points"
    for index, (point, key) in enumerate(zip(points, ends, strict=True)):
        x, y = place(wanted, key, row, size, shown)
        x, y = min(max(x, 0), size.width - 1), min(max(y, 0), size.height - 1)
        if max(abs(point.x - x), abs(point.y - y)) > 0.51:
            return f"point {index} is not ({x:g}, {y:g})"
    return ""


def fields(action: act.Action, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that `action` must have, with the defaults of a click where the row says nothing."""
    found: dict[str, Any] = {}
    if isinstance(action, act.Click):
        found |= {"button": wanted.get("button", "left"), "modifiers": tuple(map(canonical_key, wanted.get("modifiers", ())))}
        found |= {"count": 1} if wanted["type"] == "click" else {}
    if "keys" in wanted:
        found["keys"] = tuple(map(canonical_key, wanted["keys"]))
    if "seconds" in wanted:
        found["seconds" if isinstance(action, act.Wait) else "duration_s"] = wanted["seconds"]
    if "status" in wanted:
        found["success"] = wanted["status"] == "success"
    if "pixels" in wanted:
        found |= {"amount": abs(wanted["pixels"]), "direction": "up" if wanted["pixels"] > 0 else "down"}
    found |= {name: wanted[name] for name in ("direction", "button") if name in wanted and not isinstance(action, act.Click)}
    words = {act.TypeText: "text", act.Answer: "text", act.Finish: "message", act.OpenApp: "name", act.AskUser: "question"}
    found |= {words[type(action)]: wanted[key] for key in TEXTS if key in wanted and type(action) in words}
    return found


def place(wanted: Mapping[str, Any], key: str, row: Row, size: Size, shown: Size) -> tuple[float, float]:
    """Where on the screen a row's point lies: as derived by those who collected it, or from its numbers and their space."""
    if key == "native" and row["image_size"]:
        if wanted.get("px"):
            return tuple(wanted["px"])  # type: ignore[return-value]
        if "px_div_999" in wanted:
            return tuple(wanted["px_div_999"])  # type: ignore[return-value]
    x, y = wanted[key]
    space = row["space"] or ""
    extents = {"0..1000": (1000, 1000), "0..999": (999, 999), "0..1 ": (1, 1)}
    wide, high = next((extent for name, extent in extents.items() if space.startswith(name)), shown)
    return x * size.width / wide, y * size.height / high


def test_the_comparison_can_fail(rows: dict[str, list[Row]]) -> None:
    name = "qwen2.5-vl/point"
    row = rows[name][0]
    off = {**row, "expected": [{**row["expected"][0], "native": [1, 1]}]}
    assert "is not" in fault(off, given_for(row))
    assert "another verb" in fault({**row, "expected": [{"type": "wait"}]}, given_for(row))
    assert "read as" in fault({**row, "outcome": "nonpointer"}, given_for(row))
    assert "read as" in fault({**row, "outcome": "error"}, given_for(row))
    assert "refused" in fault({**row, "raw": "no"}, given_for(row))
