"""Outputs that others published, scored again: on the shared 400 of MAI-UI exactly as they scored them, and hostile files named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from handeye.benchmarks.grounding.formats import open_format
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.registry import load_benchmark
from handeye.benchmarks.grounding.output_files import read_outputs
from handeye.benchmarks.grounding.outputs import join
from handeye.benchmarks.grounding.rescore import Request, rescore
from handeye.benchmarks.grounding.rescore_cli import app
from handeye.benchmarks.grounding.rules import Pointed, inclusive
from handeye.benchmarks.grounding.sample import BoxTarget
from handeye.benchmarks.samples.tables import markdown, sentences
from handeye.tools.errors import SetupError

V2 = "screenspot_web_v2"


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)


@pytest.fixture(scope="module")
def published(data: Path) -> Path:
    return data / "screenspot/outputs/ssv2_maiui_first400.json"


def of_data(data: Path, outputs: Path, **more: Any) -> dict[str, Any]:
    return rescore(Request("screenspot-v2", outputs, load=LoadOptions(data / "screenspot/v2"), **{"dialect": "mai-ui", **more}))


@pytest.fixture(scope="module")
def scored(data: Path, published: Path) -> dict[str, Any]:
    return of_data(data, published)


def test_every_published_verdict_is_reproduced(scored: dict[str, Any], published: Path) -> None:
    assert (scored["correct"], scored["total"], scored["wrong_format"]) == (383, 400, 0)
    assert scored["published"] == {"rows": 400, "correct": 383, "agree": 400, "differ": []}
    found = {(cell["group"], cell["kind"]): (cell["correct"], cell["total"]) for cell in scored["cells"]}
    assert found == {
        ("desktop", "text"): (191, 194),
        ("desktop", "icon"): (128, 140),
        ("web", "text"): (40, 40),
        ("web", "icon"): (24, 26),
    }
    assert scored["verdicts"]["wrong place"] == 17
    assert scored["unmatched"] == []
    assert scored["without_output"] == 1272 - 400
    assert scored["averages"]["macro6"] is None
    rows = {row["id"]: row for row in scored["rows"]}
    for row in json.loads(published.read_text(encoding="utf-8")):
        assert rows[row["id"]]["point"] == pytest.approx(row["pred"], abs=1e-6)
        assert (rows[row["id"]]["verdict"] == "right") == (row["correctness"] == "correct")


def test_the_points_that_came_with_the_rows_score_the_same(data: Path, published: Path) -> None:
    stored = of_data(data, published, dialect="")
    assert (stored["correct"], stored["total"], stored["dialect"]) == (383, 400, "pred")


def test_how_sensitive_the_number_is_to_a_wrong_reading(data: Path, published: Path) -> None:
    """The vectors of what is known about these outputs: a wrong convention may score higher."""
    assert of_data(data, published, dialect="brackets-999")["correct"] == 382
    assert of_data(data, published, rules=("inclusive",))["correct"] == 383
    dataset = load_benchmark("screenspot-v2", LoadOptions(data / "screenspot/v2"))
    pairs = join(dataset, read_outputs(published)[0]).pairs
    reader, strict, misread = open_format("mai-ui"), 0, 0
    for sample, output in pairs:
        assert sample.size is not None
        point, box = reader.read(output.text("") or "", sample.size), sample.target
        assert isinstance(point, Pointed)
        assert isinstance(box, BoxTarget)
        strict += box.left < point.x < box.right and box.top < point.y < box.bottom
        misread += inclusive(BoxTarget(box.left, box.top, box.left + box.right, box.top + box.bottom), point) == "right"
    assert (strict, misread) == (383, 385)


@pytest.mark.parametrize("form", ["details", "jsonl"])
def test_outputs_find_their_samples_by_image_and_instruction_too(data: Path, published: Path, tmp_path: Path, form: str) -> None:
    rows = json.loads(published.read_text(encoding="utf-8"))
    for row in rows:
        del row["id"]
        row["img_path"] = "/somewhere/images/" + row.pop("img_filename")
        row["prompt_to_evaluate"] = row.pop("instruction")
    out = tmp_path / "outputs.jsonl"
    out.write_text("".join(json.dumps(row) + "\n" for row in rows) if form == "jsonl" else json.dumps({"details": rows}), encoding="utf-8")
    numbers = of_data(data, out)
    assert (numbers["correct"], numbers["total"], numbers["published"]["agree"]) == (383, 400, 400)


# Small data, hostile outputs


def sample(number: int, **more: Any) -> dict[str, Any]:
    row = {"img_filename": f"web_{number}.png", "bbox": [100, 30, 200, 60], "instruction": f"press {number}", "img_size": [1000, 600]}
    return row | {"platform": "shop", "ui_type": "text" if number % 2 else "icon", "group": "web"} | more


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("v2")
    (folder / f"{V2}.json").write_text(json.dumps([sample(number) for number in range(4)]), encoding="utf-8")
    return folder


def output(number: int, text: object = "[150, 75]", **more: Any) -> dict[str, Any]:
    return {"id": f"{V2}_{number}", "raw_response": text} | more


def of_small(small: Path, tmp_path: Path, rows: object, **more: Any) -> dict[str, Any]:
    path = tmp_path / "outputs.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return rescore(Request("screenspot-v2", path, load=LoadOptions(small, partial=True), **{"dialect": "mai-ui", **more}))


def test_a_wrong_format_is_counted_apart_and_stays_in_the_total(small: Path, tmp_path: Path) -> None:
    rows = [output(0), output(1, "[900, 75]"), output(2, "I do not know"), output(3, None)]
    numbers = of_small(small, tmp_path, rows)
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"]) == (1, 4, 2)
    assert [row["verdict"] for row in numbers["rows"]] == ["right", "wrong place", "wrong format", "wrong format"]
    assert numbers["rows"][2]["why"] == "there is no place in brackets"
    assert numbers["rows"][3]["why"] == "the row has no text"
    assert numbers["published"] is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (output(0), "a second output of screenspot_web_v2_0, after outputs.json row 0"),
        (output(9), "no sample has this id, or this image and instruction ('screenspot_web_v2_9')"),
        (output(1, instruction="press 2"), "its instruction is 'press 2', in the data 'press 1' (screenspot_web_v2.json row 1)"),
        (output(1, img_filename="web_2.png"), "its image is 'web_2.png', in the data 'web_1.png'"),
        (output(1, img_size=[600, 1000]), "its image has 600x1000, in the data 1000x600"),
        ({"raw_response": "[1, 2]"}, "(it names none)"),
        (7, "is not an object"),
    ],
)
def test_a_row_that_belongs_to_no_sample_is_named_and_not_scored(small: Path, tmp_path: Path, row: object, why: str) -> None:
    numbers = of_small(small, tmp_path, [output(0), row])
    assert (numbers["correct"], numbers["total"], numbers["output_rows"]) == (1, 1, 2)
    (named,) = numbers["unmatched"]
    assert named.startswith("outputs.json row 1: ")
    assert why in named
    assert "1 rows of the outputs belong to no sample and are not scored." in numbers["notes"]


def test_a_line_that_was_cut_off_is_named(small: Path, tmp_path: Path) -> None:
    numbers = of_small(small, tmp_path, json.dumps(output(0)) + "\n" + json.dumps(output(1)) + '\n{"id": "scre')
    assert numbers["total"] == 2
    assert numbers["unmatched"] == ["outputs.json row 2: is no JSON, perhaps it was cut off"]


def test_another_box_and_another_verdict_are_told(small: Path, tmp_path: Path) -> None:
    numbers = of_small(small, tmp_path, [output(0, bbox=[100, 30, 100, 30], correctness="wrong"), output(1, bbox=[100, 30, 200, 60])])
    assert any("1 rows carry another box than the data" in note for note in numbers["notes"])
    assert numbers["published"]["differ"] == ["outputs.json row 0 (screenspot_web_v2_0): right here"]


@pytest.mark.parametrize(
    ("rows", "dialect", "what"),
    [
        ("", "mai-ui", "are no JSON"),
        ('[{"id": "a"', "mai-ui", "are no JSON, perhaps the file was cut off"),
        ("[]", "mai-ui", "holds no rows"),
        ("3", "mai-ui", "holds no rows"),
        ("[" * 100_000, "mai-ui", "are no JSON"),
        ([{"id": "a"}], "mai-ui", "no row of outputs.json has a text under raw_response or .* the first has id"),
        ([{"id": "a", "raw_response": "[1, 2]"}], "mai-ui", "none of the 1 rows of outputs.json belongs to screenspot-v2"),
        ([output(0)], "", "has a point under pred"),
        ([output(0, pred=[0.5, 0.5])], "", "is in 0..1, not in pixels"),
        ([output(0)], "mai", "there is no dialect 'mai'"),
    ],
)
def test_outputs_that_cannot_be_used_are_refused(small: Path, tmp_path: Path, rows: object, dialect: str, what: str) -> None:
    with pytest.raises(SetupError, match=what):
        of_small(small, tmp_path, rows, dialect=dialect)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["id", "raw_response", "img_filename", "instruction", "img_size", "bbox", "pred", "correctness", "correct"]
ROW = JSON | st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from([f"{V2}_1", "web_1.png", "press 1", "[150, 75]"]), max_size=6)


@given(st.lists(ROW, max_size=5), st.sampled_from(["mai-ui", "qwen2.5-vl/point", ""]))
def test_no_row_is_lost_whatever_the_file_holds(rows: list[Any], dialect: str) -> None:
    small, path = FOLDER / "data", FOLDER / "outputs.json"
    path.write_text(json.dumps([output(0, pred=[150, 45]), *rows]), encoding="utf-8")
    numbers = rescore(Request("screenspot-v2", path, dialect, load=LoadOptions(small, partial=True)))
    assert numbers["total"] + len(numbers["unmatched"]) == len(rows) + 1 == numbers["output_rows"]
    assert sum(numbers["verdicts"].values()) == numbers["total"] == len(numbers["rows"])
    json.dumps(numbers, allow_nan=False)


FOLDER = Path()


@pytest.fixture(scope="module", autouse=True)
def folder_for_hypothesis(small: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    # A property must not take a fixture that is made once and used by all its examples by way of the function's arguments.
    global FOLDER
    FOLDER = tmp_path_factory.mktemp("property")
    (FOLDER / "data").symlink_to(small, target_is_directory=True)


# The command


Invoke = Callable[..., Any]


@pytest.fixture
def invoke(small: Path, tmp_path: Path) -> Invoke:
    path = tmp_path / "outputs.json"
    hostile = output(3, "[1]", correctness="correct", instruction="\x1b]0;owned\x07 [red]| <b>*")
    path.write_text(json.dumps([output(0), output(1, "[900, 75]"), hostile]), encoding="utf-8")

    def run(*more: str) -> Any:
        command = ["screenspot-v2", "--outputs", str(path), "--data", str(small), "--partial", "--dialect", "mai-ui", *more]
        return CliRunner().invoke(app, command, env={"COLUMNS": "100"})

    return run


def test_json_is_one_object_and_nothing_else(invoke: Invoke) -> None:
    result = invoke("--json")
    assert result.exit_code == 0, result.output
    numbers = json.loads(result.stdout)
    assert (numbers["benchmark"], numbers["correct"], numbers["total"], numbers["wrong_format"]) == ("screenspot-v2", 1, 2, 0)
    assert numbers["rules"] == ["centre-of-box"]
    assert [(cell["group"], cell["kind"], cell["total"]) for cell in numbers["cells"]] == [("web", "icon", 1), ("web", "text", 1)]


def test_the_table_and_the_markdown_say_the_same(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("--markdown", str(tmp_path / "report.md"), "--rule", "inclusive")
    assert result.exit_code == 0, result.output
    written = (tmp_path / "report.md").read_text(encoding="utf-8")
    for text in (result.stdout, written):
        assert "1/2 50.0%" in text
        assert "Rules: inclusive." in text
        assert "\x1b" not in text
    assert "| web | 0/1 0.0% | 1/1 100.0% | 1/2 50.0% | 0 |" in written
    assert "<b>" not in written.replace("\\<b", "")


def test_the_terminal_names_some_rows_and_counts_the_others(small: Path, tmp_path: Path) -> None:
    numbers = of_small(small, tmp_path, [output(0), *(output(9) for _ in range(30))])
    assert len([line for line in sentences(numbers, 8) if "no sample has this id" in line]) == 8
    assert "... and 22 more, all in --json and --markdown." in sentences(numbers, 8)
    assert len([line for line in markdown(numbers).splitlines() if "no sample has this id" in line]) == 30


def test_the_commands_options_are_checked(invoke: Invoke) -> None:
    assert "--language is en or cn" in str(invoke("--language", "de").exception)
    assert "there is no rule 'nearest'" in str(invoke("--rule", "nearest").exception)


def test_sizes_come_from_the_outputs_where_the_data_have_none(tmp_path: Path) -> None:
    native = {"img_filename": "web_a.png", "bbox": [100, 30, 100, 30], "instruction": "go", "data_type": "text", "data_source": "tool"}
    (tmp_path / "screenspot_web.json").write_text(json.dumps([native]), encoding="utf-8")
    outputs = tmp_path / "outputs.json"
    request = Request("screenspot", outputs, "mai-ui", load=LoadOptions(tmp_path, partial=True))
    row = {"id": "screenspot_web_0", "response": ["[150, 75]"]}
    outputs.write_text(json.dumps([row]), encoding="utf-8")
    with pytest.raises(SetupError, match=r"the size of the image web_a\.png is neither in the data"):
        rescore(request)
    outputs.write_text(json.dumps([row | {"img_size": [1000, 600]}]), encoding="utf-8")
    assert rescore(request)["rows"][0] == {
        "id": "screenspot_web_0",
        "verdict": "right",
        "source": "outputs.json row 0",
        "point": [150, 45],
    }
    assert load_benchmark("screenspot", request.load).samples[0].size is None
