"""The speed benchmark of grounding runs, and reports every figure that is asked for. Nothing here depends on how fast the machine is."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from handeye.benchmarks.samples.ahead import cores
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.speed_cli import app
from handeye.benchmarks.speed_grounding import Scale, measure
from handeye.benchmarks.speed_suites import SCREENSPOT_V2_SIZES, drawn_screens, drawn_suite
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

SMALL = Scale(questions=2, pngs=1, samples=2, answer_tokens=8)


def _check_harness(rows: dict[str, float]) -> None:
    for way in ("one by one", "in batches of 16", "8 beside each other"):
        assert f"harness, a model that answers at once, {way}; to prompts and verdicts alone" in rows
    for what in ("", " for a whole run, two questions each"):
        assert f"1920x1080 PNGs decoded and resized{what}, on {cores()} cores; to one" in rows
    assert "1920x1080 PNGs decoded and resized, before they become arrays; to after, one thread" in rows
    assert all(value > 0 for value in rows.values())


def test_every_figure_of_the_harness_is_there() -> None:
    report = measure(None, 1, "", SMALL)
    _check_harness({row.name: row.value for row in report.rows})
    assert all(row.ratio == pytest.approx(row.value / (row.baseline or 0)) for row in report.rows)
    assert not report.tables
    assert any("No local model was measured" in note for note in report.notes)
    json.dumps(report.as_dict())


def test_a_local_model_gives_the_same_replies_in_every_way() -> None:
    pytest.importorskip("transformers")
    report = measure("tiny", 1, "cpu", SMALL)
    _check_harness({row.name: row.value for row in report.rows})
    batched = next(row for row in report.rows if row.name == "local model, batches of 16; to the usual loop")
    assert batched.ratio == pytest.approx(batched.value / (batched.baseline or 0))
    (table,) = report.tables
    cells = [dict(zip(table.columns, line, strict=True)) for line in table.lines]
    assert len(cells) == 3
    assert {line["same replies"] for line in cells} == {"2/2"}
    assert len({line["right"] for line in cells}) == 1
    assert all(int(line["prompt tokens"]) > 100 for line in cells)
    json.dumps(report.as_dict())


def test_drawn_questions_can_be_asked_and_answered() -> None:
    screens = drawn_screens([Size(500, 300), Size(336, 224)])
    suite = drawn_suite(screens, 3, "point", Pictures())
    assert [question.image_name for question in suite.questions] == [screens[number % 2].image.name for number in range(3)]
    for question in suite.questions:
        asked = question.prepare()
        box = question.target["box"]
        x, y = (
            (box[0] + box[2]) / 2 * asked.shown.width / asked.image.width,
            (box[1] + box[3]) / 2 * asked.shown.height / asked.image.height,
        )
        assert question.judge(f'[{{"point_2d": [{x:.0f}, {y:.0f}], "label": "it"}}]', asked).correct
        assert not question.judge('[{"point_2d": [0, 0], "label": "it"}]', asked).correct
    assert sum(SCREENSPOT_V2_SIZES.values()) == 12


def test_a_shape_that_does_not_exist_is_refused() -> None:
    result = CliRunner().invoke(app, ["grounding", "--shape", "9b"])
    assert isinstance(result.exception, InvalidAction)
    assert "tiny, 3b or 7b" in str(result.exception)
