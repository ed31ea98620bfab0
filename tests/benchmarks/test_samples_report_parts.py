"""What the report is made of: tables, shapes, published numbers, and a run's folder read again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.protocols import open_protocol
from handeye.benchmarks.grounding.rules import RULES
from handeye.benchmarks.grounding.suite import GroundingRun, grounding_suite
from handeye.benchmarks.offline.rules.registry import RULES as OFFLINE_RULES
from handeye.benchmarks.offline.suite import offline_suite
from handeye.benchmarks.samples.again import read_run
from handeye.benchmarks.samples.basis import rule_words
from handeye.benchmarks.samples.overlay import Window, around, distance, shapes
from handeye.benchmarks.samples.published import doubts, part_of_it, published
from handeye.benchmarks.samples.report_cli import app
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.suite import Suite
from handeye.benchmarks.samples.tables import markdown, rendered, score_tables
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

BENCHMARKS = (
    *("screenspot", "screenspot-v2", "screenspot-pro", "osworld-g", "osworld-g-refined", "mmbench-gui-l2", "ui-vision"),
    *("aitz", "android_control", "agentnetbench"),
)


def cell(correct: int, total: int, **more: Any) -> dict[str, Any]:
    return {"correct": correct, "total": total, "wrong_format": 1, "accuracy": correct / total if total else None, **more}


def numbers(**more: Any) -> dict[str, Any]:
    return {
        "benchmark": "screenspot-pro",
        "title": "ScreenSpot-Pro",
        "model": "m",
        "protocol": "screenspot-pro",
        "rules": ["inclusive"],
        **cell(3, 8),
        "interval": [0.1, 0.7],
        "averages": {"micro": 0.375, "macro6": None},
        "cells": [
            {"group": "CAD", "kind": "text", **cell(1, 2)},
            {"group": "CAD", "kind": "icon", **cell(0, 4)},
            {"group": "OS", "kind": "text", **cell(2, 2)},
        ],
        "groups": {"CAD": cell(1, 6), "OS": cell(2, 2)},
        "kinds": {"text": cell(3, 4), "icon": cell(0, 4)},
        "cuts": {"application": {"autocad": cell(1, 6), "windows": cell(2, 2)}, "language": {"en": cell(3, 8)}},
    } | more


def test_the_tables_are_the_benchmarks_own() -> None:
    own, by_application = score_tables(numbers())
    assert own.columns == ("", "text", "icon", "all", "wrong format")
    assert own.lines == (
        ("CAD", "1/2 50.0%", "0/4 0.0%", "1/6 16.7%", "1"),
        ("OS", "2/2 100.0%", "", "2/2 100.0%", "1"),
        ("all", "3/4 75.0%", "0/4 0.0%", "3/8 37.5%", "1"),
    )
    assert [line[:3] for line in by_application.lines] == [("autocad", "1/6", "16.7%"), ("windows", "2/2", "100.0%")]


def test_actions_have_a_line_each_with_types_and_points() -> None:
    kinds = {"click": cell(1, 4, type_match=0.75, points=0.3), "write": cell(0, 0, type_match=None, points=None)}
    cells = [{"group": "", "kind": "click", **kinds["click"]}]
    given = numbers(kinds=kinds, cells=cells, cuts={}, type_match=0.5, points=0.2, episode_success=0.25)
    own, by_group = score_tables(given)
    assert by_group.lines[0][:2] == ("CAD", "1/6")
    assert own.columns == ("kind", "right", "exact", "type", "points", "wrong format")
    assert own.lines[0] == ("click", "1/4", "25.0%", "75.0%", "30.0%", "1")
    assert own.lines[1] == ("write", "0/0", "–", "–", "–", "1")
    assert "episodes whose every step is right 25.0%" in markdown(given)


def test_rules_stand_beside_each_other() -> None:
    table = score_tables(numbers(by_rule={"qwen": cell(3, 8), "os-atlas": cell(2, 8)}))[-1]
    assert [line[0] for line in table.lines] == ["qwen", "os-atlas"]


def test_names_of_others_reach_neither_terminal_nor_markup() -> None:
    hostile = "\x1b[2J[red]<b>|`*\u202e"
    given = numbers(groups={hostile: cell(1, 6)}, model=hostile, notes=[hostile])
    console = Console(width=200, force_terminal=True, color_system=None, record=True)
    with console.capture() as capture:
        console.print(rendered(given))
    assert "\x1b[2J" not in capture.get()
    assert "\u202e" not in capture.get()
    assert "[red]" in capture.get()
    written = markdown(given)
    assert "\\[red\\]\\<b\\>\\|\\`\\*" in written
    assert "\x1b" not in written


numeric = st.one_of(st.integers(-(10**9), 10**9), st.floats(), st.none(), st.text(max_size=3), st.booleans())
places = st.fixed_dictionaries(
    {},
    optional={
        "box": st.lists(numeric, max_size=5) | numeric,
        "boxes": st.lists(st.lists(numeric, min_size=4, max_size=4), max_size=3) | numeric,
        "polygon": st.lists(st.lists(numeric, min_size=2, max_size=2) | numeric, max_size=6) | numeric,
        "point": st.lists(numeric, max_size=3) | numeric,
    },
)


@given(target=places, said=places, width=st.integers(1, 7000), height=st.integers(1, 7000))
def test_whatever_stands_in_a_row_can_be_drawn(target: dict[str, Any], said: dict[str, Any], width: int, height: int) -> None:
    size = Size(width, height)
    window = around(target, said, size, (320, 200)) or Window(0, 0, width, height)
    assert 0 <= window.left <= width - window.width
    assert 0 <= window.top <= height - window.height
    assert window.width > 0
    assert window.height > 0
    drawn = shapes(target, said, window)
    assert all(0 <= spot.x <= 100 and 0 <= spot.y <= 100 for spot in drawn.spots)
    assert "nan" not in " ".join(area.points for area in drawn.areas)
    assert "inf" not in distance(target, said)


def test_a_close_view_holds_target_and_near_prediction() -> None:
    target, said = {"box": [3000, 2000, 3020, 2010]}, {"point": [3150, 2040]}
    window = around(target, said, Size(3840, 2160), (320, 200))
    assert window is not None
    assert window.left <= 3000
    assert window.left + window.width >= 3150
    assert window.top + window.height <= 2160
    assert window.width < 500


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ([110, 50], "inside the target's bounds"),
        ([130, 50], "10 px right of the target"),
        ([90, 20], "10 px left of and 20 px above the target"),
        ([500, 500], "100 px below the target"),
    ],
)
def test_the_distance_is_to_the_nearest_box(point: list[int], words: str) -> None:
    assert distance({"boxes": [[100, 40, 120, 60], [480, 380, 520, 400]]}, {"point": point}) == words


@pytest.mark.parametrize("name", BENCHMARKS)
def test_published_numbers_have_a_source_and_a_size(name: str) -> None:
    entries = published(name)
    assert "Qwen2.5-VL-7B" in {entry.model for entry in entries}
    for entry in entries:
        assert 0 < entry.score < 100
        assert "/" in entry.source
        assert len(entry.commit) in (0, 40)
        assert entry.rule in ("", *RULES, *OFFLINE_RULES)
        assert entry.commit or any("unverified" in doubt for doubt in doubts(entry, numbers()))


def test_levels_of_android_control_are_kept_apart() -> None:
    high, low = ({entry.score for entry in published("android_control", level)} for level in ("high", "low"))
    assert 60.1 in high
    assert 91.4 in low
    assert not high & low


def test_a_part_of_a_benchmark_is_told() -> None:
    assert part_of_it(numbers()) == "This run has 8 of the benchmark's 1581 samples: its number is no number of the benchmark."
    assert part_of_it(numbers(total=1581)) == ""
    assert part_of_it(numbers(total=3 * 1581, repeats={"count": 3})) == ""


def test_every_rule_has_words_and_a_source() -> None:
    for name in (*RULES, *OFFLINE_RULES):
        assert len(rule_words(name)) > 30
    assert rule_words("no such rule") == ""


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)


def ran(suite: Suite, replies: list[str], out: Path) -> dict[str, Any]:
    return run_suite(suite, ScriptedModel(replies), RunOptions(out), None)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(json.loads(json.dumps(one)) == json.loads(json.dumps(other)))


def test_a_run_of_grounding_is_reported_again_from_its_folder(data: Path, tmp_path: Path) -> None:
    load = LoadOptions(data / "osworld_g", data / "osworld_g/images", partial=True)
    suite = grounding_suite(GroundingRun("osworld-g", "scripted", load, open_protocol("screenspot-pro"), with_images=True))
    counted = ran(suite, ["850, 542]}}\n</tool_call>", "no"] * 5, tmp_path)
    again = read_run(tmp_path)
    assert same(again.numbers, counted)
    assert again.picture is None
    result = CliRunner().invoke(
        app, [str(tmp_path), "--data", str(data / "osworld_g"), "--images", str(data / "osworld_g/images"), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert same(json.loads(result.stdout), counted)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp") >= 5
    assert "OSWorld-G" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_run_of_offline_steps_is_reported_again_from_its_folder(data: Path, tmp_path: Path) -> None:
    suite = offline_suite("agentnetbench", data / "agentnetbench", "scripted")
    reply = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [223, 419]}}\n</tool_call>'
    counted = ran(suite, [reply, "no"] * 9, tmp_path)
    again = read_run(tmp_path).numbers
    for name in (
        "correct",
        "total",
        "accuracy",
        "interval",
        "type_match",
        "points",
        "wrong_format",
        "errors",
        "episode_success",
        "goal_progress",
    ):
        assert json.loads(json.dumps(again[name])) == json.loads(json.dumps(counted[name])), name
    assert same(again["kinds"], counted["kinds"])
    assert same(again["averages"], counted["averages"])
    assert same(again["by_rule"], counted["by_rule"])
    result = CliRunner().invoke(app, [str(tmp_path), "--data", str(data / "agentnetbench"), "--markdown", str(tmp_path / "more.md")])
    assert result.exit_code == 0, result.output
    assert "AgentNetBench, scripted" in result.stdout
    assert "data:image/webp" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "more.md").is_file()


def test_pictures_of_other_data_are_not_drawn_over(data: Path, tmp_path: Path) -> None:
    load = LoadOptions(data / "osworld_g", data / "osworld_g/images", partial=True)
    suite = grounding_suite(GroundingRun("osworld-g", "scripted", load, open_protocol("screenspot-pro"), with_images=True))
    ran(suite, ["1, 1]}}\n</tool_call>"] * 10, tmp_path)
    rows = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    moved = json.loads(rows[0])
    moved["target"]["box"][0] += 1
    (tmp_path / "results.jsonl").write_text("\n".join([json.dumps(moved), *rows[1:]]) + "\n", encoding="utf-8")
    again = read_run(tmp_path, load.data if isinstance(load.data, Path) else None, load.images)
    assert again.picture is not None
    with pytest.raises(SetupError, match="have another target"):
        again.picture(again.rows[0])
    assert again.picture(again.rows[1]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "config.json cannot be read"),
        ({"config.json": "{}"}, "not the configuration"),
        ({"config.json": '{"benchmark": "miniwob", "model": "m"}'}, "not the configuration"),
    ],
)
def test_folders_that_are_no_run_are_told(tmp_path: Path, files: dict[str, str], words: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=words):
        read_run(tmp_path)
