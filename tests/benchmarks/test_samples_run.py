"""The runner of single replies: rows on disk, resuming, errors as rows, refusals, shards, repeats."""

from __future__ import annotations

import json
import multiprocessing
import random
import signal
import threading
from collections.abc import Iterator
from io import StringIO
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.intervals import t_quantile, wilson
from handeye.benchmarks.results import ResultsFolder, read_rows
from handeye.benchmarks.samples.numbers import run_numbers
from handeye.benchmarks.samples.record import read_record
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import LOST_AFTER, RunOptions, run_suite, tasks_of
from handeye.tools.errors import InvalidAction, ModelError, SetupError, TrajectoryError
from tests.benchmarks.samples_suite import NumberQuestion, number_suite, run_process, without_times

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.benchmarks.samples_suite"])


def always(text: str = "The number 3") -> ScriptedModel:
    return ScriptedModel(cycle([text]))


def rows_in(out: Path) -> list[SampleRow]:
    return read_rows(out / "results.jsonl", SampleRow)[0]


def test_a_run_killed_ten_times_at_random_gives_the_numbers_of_one_that_was_not(tmp_path: Path) -> None:
    count, kills, each = 1200, 10, 200
    whole = run_suite(number_suite(count), always(), RunOptions(tmp_path / "whole", repeats=2), None)
    out, chance = tmp_path / "killed", random.Random()
    for _ in range(kills):
        # A row has more than 250 bytes: the kill comes before the model falls silent.
        wanted = size_of(out) + chance.randrange(1, each * 250)
        process = CONTEXT.Process(target=run_process, args=(out, count, each))
        process.start()
        while process.is_alive() and size_of(out) < wanted:
            process.join(0.001)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    last = CONTEXT.Process(target=run_process, args=(out, count))
    last.start()
    last.join()
    assert last.exitcode == 0
    numbers = json.loads((out / "summary.json").read_bytes())
    assert without_times(numbers) == without_times(json.loads((tmp_path / "whole" / "summary.json").read_bytes()))
    assert numbers["total"] == 2 * count == len({row.key for row in rows_in(out)}) == len(rows_in(out))
    assert whole["correct"] > 0
    record = read_record(out)
    assert record is not None
    assert len(record.sittings) == kills + 1


def size_of(out: Path) -> int:
    try:
        return (out / "results.jsonl").stat().st_size
    except FileNotFoundError:
        return 0


def test_a_row_tells_what_was_asked_said_and_found(tmp_path: Path) -> None:
    run_suite(number_suite([NumberQuestion(13)]), always(), RunOptions(tmp_path), None)
    (row,) = rows_in(tmp_path)
    assert (row.id, row.instruction, row.image, row.reply) == ("q00013", "Say the number 13.", "screen-13.png", "The number 3")
    assert (row.correct, row.verdict, row.said, row.target) == (True, "right", {"point": [3, 1]}, {"point": [13, 1]})
    assert (row.size, row.shown, row.cells) == ((56, 84), (56, 84), {"group": "web", "kind": "icon"})
    assert len(row.prompt_sha256) == 64


def test_a_last_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    run_suite(number_suite(5), always(), RunOptions(tmp_path), None)
    path = tmp_path / "results.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    model = always()
    numbers = run_suite(number_suite(5), model, RunOptions(tmp_path), None)
    assert len(model.asked) == 1
    assert numbers["total"] == 5 == len(rows_in(tmp_path))


def test_a_finished_run_does_not_open_its_model(tmp_path: Path) -> None:
    def open_none() -> ScriptedModel:
        raise AssertionError("it was opened")

    first = run_suite(number_suite(4), always, RunOptions(tmp_path), None)
    again = run_suite(number_suite(4), open_none, RunOptions(tmp_path), None)
    assert without_times(again) == without_times(first)


def test_a_run_may_be_extended(tmp_path: Path) -> None:
    run_suite(number_suite(30), always(), RunOptions(tmp_path, limit=7), None)
    assert len(rows_in(tmp_path)) == 7
    extended = run_suite(number_suite(30), always(), RunOptions(tmp_path), None)
    assert without_times(extended) == without_times(run_suite(number_suite(30), always(), RunOptions(tmp_path / "whole"), None))


def test_another_configuration_is_refused_and_named(tmp_path: Path) -> None:
    run_suite(number_suite(2), always(), RunOptions(tmp_path), None)
    with pytest.raises(SetupError, match=r"protocol\.name plain there, other now"):
        run_suite(number_suite(2, protocol={"name": "other"}), always(), RunOptions(tmp_path), None)
    assert len(rows_in(tmp_path)) == 2


def test_pictures_that_are_not_there_are_rows_with_an_error(tmp_path: Path) -> None:
    questions = [NumberQuestion(number, missing=number in (0, 13)) for number in range(20)]
    numbers = run_suite(number_suite(questions), always(), RunOptions(tmp_path), None)
    assert (numbers["total"], numbers["errors"], numbers["correct"]) == (20, 2, 1)
    errors = [row for row in rows_in(tmp_path) if row.error]
    assert sorted(row.id for row in errors) == ["q00000", "q00013"]
    assert all("is not there" in row.error and not row.correct and row.verdict == "" for row in errors)
    mended = run_suite(number_suite(20), always(), RunOptions(tmp_path, retry_errors=True), None)
    assert (mended["total"], mended["errors"], mended["correct"]) == (20, 0, 2)


def test_where_not_one_picture_is_there_the_run_ends_with_words(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="not one of 3 questions can be asked"):
        run_suite(number_suite([NumberQuestion(number, missing=True) for number in range(3)]), always(), RunOptions(tmp_path), None)
    assert rows_in(tmp_path) == []


def test_what_a_question_raises_beyond_its_contract_stays_with_its_row(tmp_path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("struct of a damaged header")

    questions = [NumberQuestion(number, before=fail) if number == 2 else NumberQuestion(number) for number in range(5)]
    numbers = run_suite(number_suite(questions), always(), RunOptions(tmp_path), None)
    assert (numbers["total"], numbers["errors"]) == (5, 1)


def test_a_reply_that_cannot_be_judged_is_a_row_with_an_error(tmp_path: Path) -> None:
    numbers = run_suite(number_suite(3), ScriptedModel(["number 0", "break", "number 2"]), RunOptions(tmp_path), None)
    assert (numbers["correct"], numbers["errors"]) == (2, 1)
    (row,) = (row for row in rows_in(tmp_path) if row.error)
    assert (row.id, row.reply) == ("q00001", "break")
    assert row.error == "the reply could not be judged: ZeroDivisionError: a width of 0"


def test_a_model_that_fails_now_and_then_leaves_rows_with_errors(tmp_path: Path) -> None:
    numbers = run_suite(number_suite(LOST_AFTER - 1), ScriptedModel([]), RunOptions(tmp_path), None)
    assert numbers["errors"] == numbers["total"] == LOST_AFTER - 1
    assert numbers["accuracy"] == 0


def test_a_model_that_is_lost_ends_the_run_and_the_rows_are_safe(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"10 times one after the other.*no further reply.*--retry-errors"):
        run_suite(number_suite(40), ScriptedModel(["The number 3"] * 5), RunOptions(tmp_path), None)
    assert len(rows_in(tmp_path)) == 5 + LOST_AFTER
    numbers = run_suite(number_suite(40), always(), RunOptions(tmp_path, retry_errors=True), None)
    assert (numbers["total"], numbers["errors"]) == (40, 0)


def test_retrying_takes_out_no_row_that_is_not_asked(tmp_path: Path) -> None:
    questions = [NumberQuestion(number, missing=number in (2, 8)) for number in range(10)]
    run_suite(number_suite(questions), always(), RunOptions(tmp_path), None)
    numbers = run_suite(number_suite(10), always(), RunOptions(tmp_path, limit=5, retry_errors=True), None)
    assert (numbers["total"], numbers["errors"]) == (10, 1)
    assert [row.id for row in rows_in(tmp_path) if row.error] == ["q00008"]


def test_a_reply_that_no_file_can_hold_stops_no_run(tmp_path: Path) -> None:
    numbers = run_suite(number_suite([NumberQuestion(3)]), always("number 3 \ud800!"), RunOptions(tmp_path), None)
    assert numbers["correct"] == 1
    assert [row.reply for row in rows_in(tmp_path)] == ["number 3 ?!"]


def test_one_process_writes_a_folder(tmp_path: Path) -> None:
    suite = number_suite(3)
    first = ResultsFolder(tmp_path, suite.configuration, SampleRow)
    with pytest.raises(SetupError, match="another process is writing"):
        run_suite(suite, always(), RunOptions(tmp_path), None)
    first.close()
    assert run_suite(suite, always(), RunOptions(tmp_path), None)["total"] == 3


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    process = CONTEXT.Process(target=run_process, args=(tmp_path, 60, 0, 15_000))
    process.start()
    process.join()
    assert process.exitcode == 1
    assert 0 < len(rows_in(tmp_path)) < 120
    numbers = run_suite(number_suite(60), always(), RunOptions(tmp_path, repeats=2), None)
    assert numbers["total"] == 120 == len(rows_in(tmp_path))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TrajectoryError, match="cannot be written"):
        run_suite(number_suite(2), always(), RunOptions(tmp_path / "file" / "run"), None)


def test_ids_that_stand_for_several_questions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="'q00004'"):
        run_suite(number_suite([NumberQuestion(4), NumberQuestion(4)]), always(), RunOptions(tmp_path), None)


def test_rows_that_are_there_twice_or_of_other_data_are_refused(tmp_path: Path) -> None:
    run_suite(number_suite(3), always(), RunOptions(tmp_path), None)
    with pytest.raises(TrajectoryError, match="'q00002', which the data do not have"):
        run_suite(number_suite(2, data=number_suite(3).configuration.data), always(), RunOptions(tmp_path), None)
    path = tmp_path / "results.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(TrajectoryError, match="'q00000', repeat 0, 2 times"):
        run_suite(number_suite(3), always(), RunOptions(tmp_path), None)


def test_ctrl_c_leaves_the_rows_and_nothing_that_runs(tmp_path: Path) -> None:
    def interrupted() -> Iterator[str]:
        yield from ["The number 3"] * 6
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_suite(number_suite(500), ScriptedModel(interrupted()), RunOptions(tmp_path), None)
    assert len(rows_in(tmp_path)) == 6
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare-")]
    record = read_record(tmp_path)
    assert record is not None
    assert [(sitting.how, sitting.rows) for sitting in record.sittings] == [("interrupted", 6)]
    assert run_suite(number_suite(500), always(), RunOptions(tmp_path, limit=8), None)["total"] == 8


@given(count=st.integers(0, 60), shards=st.integers(1, 9), sharing=st.integers(1, 7), repeats=st.integers(1, 3), limit=st.integers(0, 20))
def test_shards_part_the_questions_exactly(count: int, shards: int, sharing: int, repeats: int, limit: int) -> None:
    suite = number_suite([NumberQuestion(number, sharing) for number in range(count)], seed=40)
    parts = [tasks_of(suite, RunOptions(Path("out"), shard=(index, shards), repeats=repeats)) for index in range(1, shards + 1)]
    found = [(task.question.id, task.repeat) for part in parts for task in part]
    assert sorted(found) == sorted((question.id, repeat) for question in suite.questions for repeat in range(repeats))
    assert all(task.seed == 40 + task.repeat for part in parts for task in part)
    limited = tasks_of(suite, RunOptions(Path("out"), limit=limit, shard=(shards, shards)))
    own = [question.id for question in suite.questions[shards - 1 :: shards]]
    assert sorted(task.question.id for task in limited) == own[: limit or None]


@given(numbers=st.permutations(range(24)), sharing=st.integers(2, 6))
def test_questions_that_share_a_picture_are_asked_one_after_the_other(numbers: list[int], sharing: int) -> None:
    suite = number_suite([NumberQuestion(number, sharing) for number in numbers])
    names = [task.question.image_name for task in tasks_of(suite, RunOptions(Path("out")))]
    changes = sum(one != other for one, other in pairwise(names))
    assert changes == len(set(names)) - 1


@pytest.mark.parametrize(
    "changed", [{"shard": (0, 2)}, {"shard": (3, 2)}, {"limit": -1}, {"repeats": 0}, {"batch": -1}, {"concurrency": -1}]
)
def test_options_that_cannot_be_meant_are_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidAction):
        run_suite(number_suite(2), always(), RunOptions(tmp_path, **changed), None)


def test_one_repeat_has_wilsons_interval_and_several_have_students(tmp_path: Path) -> None:
    # 20 questions, of which each repeat has so many right.
    questions = [NumberQuestion(number) for number in range(0, 600, 20) if number % 11 != 10][:20]
    replies = [f"The number {0 if place < right else 5}" for right in (10, 11, 12) for place in range(20)]
    suite = number_suite(questions)
    one = run_suite(suite, ScriptedModel(replies[:20]), RunOptions(tmp_path / "one"), None)
    assert (one["accuracy"], one["repeats"]) == (0.5, None)
    assert one["interval"] == pytest.approx(wilson(10, 20))
    assert one["interval_method"].startswith("Wilson")
    three = run_suite(suite, ScriptedModel(replies), RunOptions(tmp_path / "three", repeats=3), None)
    # sd 0.05; 4.302653 (two degrees of freedom) * 0.05 / sqrt(3) = 0.124207
    assert three["repeats"]["accuracies"] == pytest.approx([0.5, 0.55, 0.6])
    assert (three["repeats"]["mean"], three["repeats"]["sd"]) == pytest.approx((0.55, 0.05))
    assert three["interval"] == pytest.approx([0.425793, 0.674207], abs=1e-6)
    assert three["interval_method"].startswith("Student t over 3 repeats")
    assert (three["correct"], three["total"], three["accuracy"]) == (33, 60, pytest.approx(0.55))
    assert sum(cell["total"] for cell in three["cells"]) == 60


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.706205), (2, 4.302653), (3, 3.182446), (4, 2.776445), (5, 2.570582), (9, 2.262157), (10, 2.228139), (30, 2.042272)],
)
def test_quantiles_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=1e-6)


def test_a_repeat_that_is_not_whole_is_left_out_and_told(tmp_path: Path) -> None:
    run_suite(number_suite(6), always(), RunOptions(tmp_path, limit=4, repeats=3), None)
    numbers = run_suite(number_suite(6), always(), RunOptions(tmp_path), None)
    assert (numbers["total"], numbers["repeats"]) == (6, None)
    assert numbers["notes"] == [f"Repeat {repeat} has 4 rows where the largest has 6: it is not counted." for repeat in (1, 2)]


@given(order=st.permutations(range(24)))
def test_the_order_of_rows_changes_no_number(order: list[int]) -> None:
    suite = number_suite(12)
    rows = [
        SampleRow(id=question.id, repeat=repeat, cells=question.cells, correct=(place + repeat) % 3 == 0, verdict="right")
        for repeat in range(2)
        for place, question in enumerate(suite.questions)
    ]
    assert json.dumps(run_numbers(suite, [rows[place] for place in order])) == json.dumps(run_numbers(suite, rows))


def test_progress_is_one_plain_line_where_there_is_no_terminal_and_nothing_without_a_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = [NumberQuestion(number, missing=number == 1) for number in range(12)]
    said = StringIO()
    run_suite(number_suite(questions), always(), RunOptions(tmp_path / "a"), Console(file=said, width=300))
    (line,) = said.getvalue().splitlines()
    assert line.startswith("Numbers: 12/12, ")
    assert line.endswith("8.3% right, 1 wrong format, 1 error")
    run_suite(number_suite(questions), always(), RunOptions(tmp_path / "b"), None)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(tmp_path: Path) -> None:
    said = StringIO()
    run_suite(number_suite(12), always(), RunOptions(tmp_path), Console(file=said, width=200, force_terminal=True))
    assert "12/12" in said.getvalue()
    assert "8.3% right, 1 wrong format" in said.getvalue()
