from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from handeye.agent.trajectory import (
    SCHEMA_VERSION,
    Attempt,
    Episode,
    Result,
    SettledRow,
    StepRow,
    Timings,
    Trajectory,
    TrajectoryWriter,
    load_trajectory,
)
from handeye.envs.actions import ACTIONS, Action, Click, TypeText
from handeye.tools.device import Pixels
from handeye.tools.errors import TrajectoryError
from handeye.tools.geometry import Point, Size
from handeye.tools.keys import KEY_NAMES, MODIFIERS

SIZE = Size(8, 6)

proper = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""Actions of bounded length refuse lone surrogates."""
texts = proper | proper.map(lambda text: text + "\ud83d")
"""A reply that is cut off within an escaped pair ends in a lone surrogate."""
points = st.builds(Point, st.integers(-5, 5000), st.integers(-5, 5000))
seconds = st.floats(0, 300, allow_nan=False)
_FIELDS: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("click", "count"): st.integers(1, 3),
    ("click", "button"): st.sampled_from(["left", "middle", "right"]),
    ("click", "modifiers"): st.lists(st.sampled_from(MODIFIERS), max_size=2).map(tuple),
    ("drag", "via"): st.lists(points, max_size=3).map(tuple),
    ("scroll", "direction"): st.sampled_from(["up", "down", "left", "right"]),
    ("scroll", "amount"): st.integers(1, 100_000),
    ("press_keys", "keys"): st.lists(st.sampled_from([*KEY_NAMES, "a", "/", "é"]), min_size=1, max_size=6).map(tuple),
    ("press_button", "button"): st.sampled_from(["back", "home", "volume_up"]),
    ("open_app", "name"): proper.filter(bool),
    ("goto", "url"): proper.filter(bool),
    ("switch_tab", "index"): st.integers(0, 99),
    ("answer_dialog", "accept"): st.booleans(),
    ("answer_dialog", "text"): st.none() | proper,
    ("choose_files", "paths"): st.lists(proper, max_size=3).map(tuple),
    ("finish", "success"): st.booleans(),
}
_BY_NAME = {
    "point": points, "start": points, "end": points, "duration_s": seconds, "seconds": seconds,
    "text": proper, "message": proper, "question": proper,
}  # fmt: skip


def _actions_of(name: str) -> st.SearchStrategy[Action]:
    fields = {
        field: _FIELDS[name, field] if (name, field) in _FIELDS else _BY_NAME[field]
        for field in ACTIONS[name].model_fields
        if field != "type"
    }
    optional = {field for field, info in ACTIONS[name].model_fields.items() if not info.is_required()} - {"type"}
    required = {field: values for field, values in fields.items() if field not in optional}
    return st.fixed_dictionaries(required, optional={field: fields[field] for field in optional}).map(lambda data: ACTIONS[name](**data))


actions = st.sampled_from(sorted(ACTIONS)).flatmap(_actions_of)
attempts = st.builds(
    Attempt, text=texts, error=texts, model_s=seconds, parse_s=seconds, prompt_tokens=st.integers(0, 10**6),
    details=st.dictionaries(proper, st.none() | st.booleans() | st.integers(-9, 9) | texts, max_size=2),
)  # fmt: skip
settled = st.builds(
    SettledRow, waited_s=seconds, waited_for=st.lists(texts, max_size=2).map(tuple), left_out=st.lists(texts, max_size=2).map(tuple),
    capped=st.booleans(),
)  # fmt: skip
several = st.lists(texts, max_size=2).map(tuple)
rows = st.builds(
    StepRow, index=st.integers(0, 999), turn=st.integers(0, 999), screen=st.just("screens/0000.png"), size=st.just(SIZE),
    url=texts, title=texts, app=texts, dialog=texts, thought=texts, error=texts, approval=texts,
    seen=several, told=several, repairs=several,
    attempts=st.lists(attempts, max_size=2).map(tuple), action=st.none() | actions, changed=st.none() | st.booleans(), settled=settled,
    timings=st.builds(Timings, capture_s=seconds, model_s=seconds, parse_s=seconds, act_s=seconds, settle_s=seconds),
    reward=st.none() | st.floats(-1, 1),
)  # fmt: skip


def picture(shade: int, size: Size = SIZE) -> Pixels:
    return np.full((size.height, size.width, 3), shade, np.uint8)


def write_run(path: Path, count: int = 3, result: Result | None = None) -> Path:
    writer = TrajectoryWriter(path, Episode(goal="Say ✓", seed=3, versions={"handeye": "0.1.0"}))
    for index in range(count):
        name = writer.screen(picture(index))
        writer.append(StepRow(index=index, turn=index, screen=name, size=SIZE, action=TypeText(text=f"é\n{index}"), thought="日本"))
    if result is None:
        writer.close()
    else:
        writer.finish(result)
    return path


def test_a_finished_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    result = Result(outcome="reached", success=True, answer="42", steps=3, seconds=1.5, reward=1.0, last_screen="screens/0002.png")
    run = load_trajectory(write_run(tmp_path / "run", 3, result))
    assert run.episode == Episode(goal="Say ✓", seed=3, versions={"handeye": "0.1.0"})
    assert [row.action for row in run.steps] == [TypeText(text=f"é\n{n}") for n in range(3)]
    assert run.result == result
    assert not run.truncated
    for index, row in enumerate(run.steps):
        assert np.array_equal(run.screen(row.screen), picture(index))


def test_a_run_without_its_end_reads_as_far_as_it_got(tmp_path: Path) -> None:
    run = load_trajectory(write_run(tmp_path / "run"))
    assert run.result is None
    assert len(run.steps) == 3
    empty = load_trajectory(write_run(tmp_path / "empty", 0))
    assert empty.steps == ()
    (tmp_path / "empty" / "steps.jsonl").unlink()
    assert load_trajectory(tmp_path / "empty").steps == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.lists(rows, min_size=1, max_size=3))
def test_every_row_survives_the_round_trip(tmp_path_factory: pytest.TempPathFactory, given_rows: list[StepRow]) -> None:
    path = tmp_path_factory.mktemp("rows") / "run"
    writer = TrajectoryWriter(path, Episode(goal="x"))
    for row in given_rows:
        writer.append(row)
    writer.close()
    assert load_trajectory(path).steps == tuple(given_rows)


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_the_strategy_makes_every_action(name: str) -> None:
    @settings(max_examples=5)
    @given(_actions_of(name))
    def check(action: Any) -> None:
        adapter: TypeAdapter[Any] = TypeAdapter(Action)
        assert adapter.validate_python(action.model_dump()) == action

    check()


def test_a_last_line_cut_at_any_byte_is_left_out(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run")
    steps = path / "steps.jsonl"
    whole = steps.read_bytes()
    start = whole.rstrip(b"\n").rindex(b"\n") + 1
    for length in range(start, len(whole)):
        steps.write_bytes(whole[:length])
        run = load_trajectory(path)
        assert [row.index for row in run.steps] == [0, 1]
        assert run.truncated == (length > start)


@pytest.mark.parametrize(
    "damage", [b"{", b"", b"[]", b"null", b'{"index": 0}', b"\xff\xfe", b"7", b'{"action": {"type": "fly"}}', b"[" * 100_000]
)
def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, damage: bytes) -> None:
    path = write_run(tmp_path / "run")
    lines = (path / "steps.jsonl").read_bytes().split(b"\n")
    lines[1] = damage
    (path / "steps.jsonl").write_bytes(b"\n".join(lines))
    with pytest.raises(TrajectoryError, match=r"steps\.jsonl, line 2 is damaged"):
        load_trajectory(path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(["episode.json", "steps.jsonl", "result.json"]), st.binary(max_size=60))
def test_no_content_of_a_file_raises_anything_else(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "run"
    if not path.exists():
        write_run(path, 1, Result(outcome="reached", success=True))
    kept = (path / name).read_bytes()
    (path / name).write_bytes(content)
    message = name
    try:
        load_trajectory(path)
    except TrajectoryError as error:
        message = str(error)
    finally:
        (path / name).write_bytes(kept)
    assert name in message


def test_a_newer_schema_says_to_upgrade_even_where_fields_changed(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run")
    (path / "episode.json").write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1, "aim": "other"}))
    with pytest.raises(TrajectoryError, match="newer handeye") as caught:
        load_trajectory(path)
    assert caught.value.fix == "pip install -U handeye"


def test_unknown_fields_of_the_same_schema_are_no_obstacle(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run", 1)
    row = json.loads((path / "steps.jsonl").read_text())
    (path / "steps.jsonl").write_text(json.dumps({**row, "weather": "rain"}) + "\n")
    assert load_trajectory(path).steps[0].thought == "日本"


def test_a_folder_that_is_no_run_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(TrajectoryError, match="is not a run"):
            load_trajectory(path)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "screens/../../secret.png", "a\0b", "link.png", "loop/x.png"])
def test_a_row_cannot_name_a_picture_outside_of_the_run(tmp_path: Path, name: str) -> None:
    path = write_run(tmp_path / "run", 1)
    (path / "screens/0000.png").rename(tmp_path / "secret.png")
    (path / "link.png").symlink_to(tmp_path / "secret.png")
    (path / "loop").symlink_to(path / "loop")
    with pytest.raises(TrajectoryError):
        load_trajectory(path).screen(name)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_picture_is_a_trajectory_error_or_a_picture(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "run"
    if not path.exists():
        write_run(path, 1)
        (path / "good").write_bytes((path / "screens/0000.png").read_bytes())
    content = bytearray((path / "good").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (path / "screens/0000.png").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    run = Trajectory(path, Episode(goal=""), (), None)
    with contextlib.suppress(TrajectoryError):
        assert run.screen("screens/0000.png").shape[2] == 3


@pytest.mark.parametrize("name", ["", "screens", "screens/9999.png"])
def test_a_picture_that_is_not_there_is_a_trajectory_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrajectoryError, match="cannot be read"):
        load_trajectory(write_run(tmp_path / "run", 1)).screen(name)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    TrajectoryWriter(tmp_path / "run", Episode(goal="an empty folder is fine")).close()
    with pytest.raises(TrajectoryError, match="not empty"):
        TrajectoryWriter(tmp_path / "run", Episode(goal="again"))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(TrajectoryError):
        TrajectoryWriter(tmp_path / "file", Episode(goal="x"))
    assert load_trajectory(tmp_path / "run").episode.goal == "an empty folder is fine"
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "run"]


def test_unchanged_screens_share_a_file(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    names = [writer.screen(picture(shade)) for shade in (1, 1, 2, 2, 1)]
    writer.close()
    assert names == ["screens/0000.png", "screens/0000.png", "screens/0001.png", "screens/0001.png", "screens/0002.png"]
    assert len(list((tmp_path / "run/screens").iterdir())) == 3


def test_a_changed_buffer_does_not_pass_for_the_same_screen(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    buffer = picture(1)
    first = writer.screen(buffer)
    buffer[:] = 2
    second = writer.screen(buffer)
    writer.close()
    run = load_trajectory(tmp_path / "run")
    assert first != second
    assert [int(run.screen(name)[0, 0, 0]) for name in (first, second)] == [1, 2]


def test_a_row_is_on_disk_with_its_picture_before_append_returns(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    for index in range(3):
        name = writer.screen(picture(index, Size(640, 400)))
        writer.append(StepRow(index=index, turn=index, screen=name, size=Size(640, 400), action=Click(point=Point(1, 2))))
        run = load_trajectory(tmp_path / "run")
        assert len(run.steps) == index + 1
        assert int(run.screen(run.steps[-1].screen)[0, 0, 0]) == index
    writer.close()
    writer.close()


def test_numbers_that_json_does_not_have_do_not_spoil_a_run(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x", sampling={"temperature": float("nan")}))
    attempt = Attempt(text="hm", details={"logprob": float("-inf")}, model_s=float("inf"))
    writer.append(StepRow(index=0, turn=0, screen="", size=SIZE, reward=float("nan"), attempts=(attempt,)))
    writer.finish(Result(outcome="interrupted", success=False, seconds=float("nan")))
    run = load_trajectory(tmp_path / "run")
    assert run.steps[0].attempts[0].model_s == float("inf")
    assert run.result is not None
    for name in ("episode.json", "steps.jsonl", "result.json"):
        json.loads((tmp_path / "run" / name).read_text(), parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))


def test_text_that_utf8_cannot_hold_does_not_stop_the_writer(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    with_surrogate = json.loads('"\\ud83d"')
    writer.append(StepRow(index=0, turn=0, screen="", size=SIZE, thought=with_surrogate, attempts=(Attempt(text=with_surrogate),)))
    writer.finish(Result(outcome="unreadable", success=False, message=with_surrogate))
    run = load_trajectory(tmp_path / "run")
    assert run.steps[0].thought == with_surrogate
    assert run.result is not None
    assert run.result.message == with_surrogate
    (tmp_path / "run/steps.jsonl").read_text(encoding="utf-8")
