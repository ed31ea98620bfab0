"""The speed benchmark of the desktop measures and reports; its figures are not tested, what it says of wrong texts is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from handeye.benchmarks.speed import SpeedReport
from handeye.benchmarks.speed_desktop import TEXT, measure
from handeye.benchmarks.typing_programs import PROGRAMS
from handeye.tools.errors import SetupError

TK = next(program for program in PROGRAMS if program.toolkit == "Tk")
ABSENT = replace(TK, toolkit="Absent", executables=("no-such-program",))


@pytest.fixture(scope="module")
def report() -> SpeedReport:
    if TK.missing:
        pytest.skip(f"{TK.missing} is not installed")
    try:
        return measure(1, (TK, ABSENT), idle_s=0.2)
    except SetupError as error:
        pytest.skip(str(error))


def test_every_figure_is_there(report: SpeedReport) -> None:
    rows = {row.name: row for row in report.rows}
    alone = rows["screenshot to RGB (baseline: mss alone, not RGB)"]
    assert alone.ratio == pytest.approx(alone.value / (alone.baseline or 0))
    wanted = {
        "step without the model on a quiet desktop",
        "of it: settle",
        "idle desktop: memory",
        "start of a virtual desktop with its window manager",
    }
    assert wanted <= set(rows)
    assert any(name.startswith("click") for name in rows)
    assert all(row.value > 0 for row in report.rows if row.unit in ("s", "GB") and row.name != "of it: settle")
    assert set(json.loads(json.dumps(report.as_dict()))) == {"benchmark", "rows", "tables", "notes"}


def test_typing_is_read_back_and_a_wrong_text_is_shown(report: SpeedReport) -> None:
    (typed,) = [row for row in report.rows if row.name.startswith("typing 200 characters in Tk, exact")]
    (line,) = report.tables[0].lines
    assert (line[0], line[2]) == ("Tk", f"{typed.value:.0f}/1")
    wrong = {"handeye": typed.value, "xdotool": typed.baseline}
    for who, share in wrong.items():
        assert any(note.startswith(f"Wrong in Tk by {who}: ") for note in report.notes) == (share == 0.0)


def test_a_program_that_is_missing_is_left_out_with_the_reason(report: SpeedReport) -> None:
    assert not any("Absent" in row.name for row in report.rows)
    assert "Left out: typing in Absent, for want of no-such-program." in report.notes


def test_the_text_is_what_it_is_said_to_be() -> None:
    assert len(TEXT) == 200
    assert set("<>&") <= set(TEXT)
    assert any(ord(character) > 0xFFFF for character in TEXT)
    assert any(0x4E00 <= ord(character) < 0xA000 for character in TEXT)
    assert len(set(TEXT)) > 100
