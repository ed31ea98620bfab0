"""Outputs scored by what their own rows carry, in the shapes in which they are published, and hostile ones."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from handeye.benchmarks.grounding import output_files
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.output_files import read_outputs
from handeye.benchmarks.grounding.rescore import Request, rescore
from handeye.benchmarks.grounding.rescore_cli import app
from handeye.tools.errors import InvalidAction, SetupError

NAMES = ["screenspot", "screenspot-v2", "screenspot-pro", "osworld-g", "osworld-g-refined", "mmbench-gui-l2", "ui-vision", "rows"]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)


def row(number: int, text: object = "[150, 75]", **more: Any) -> dict[str, Any]:
    """A row as ScreenSpot-Pro's script writes it; the place that most rows here name is right: (150, 45) of 1000x600."""
    same = {"id": f"q{number}", "img_path": f"/somewhere/web_{number}.png", "prompt_to_evaluate": f"press {number}", "raw_response": text}
    return same | {"bbox": [100, 30, 200, 60], "img_size": [1000, 600], "ui_type": "text", "group": "web", "lang": "en"} | more


def scored(path: Path, rows: object, name: str = "screenspot-v2", **more: Any) -> dict[str, Any]:
    path = path / "outputs.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), encoding="utf-8")
    return rescore(Request(name, path, **{"dialect": "mai-ui", **more}))


# Published outputs


def test_published_rows_are_scored_without_data(data: Path, tmp_path: Path) -> None:
    published = data / "screenspot/outputs/ssv2_maiui_first400.json"
    numbers = rescore(Request("screenspot-v2", published, "mai-ui"))
    assert (numbers["correct"], numbers["total"], numbers["annotations"]) == (383, 400, "rows")
    assert (numbers["published"]["agree"], numbers["data_rows"], numbers["space"]) == (400, 400, "0 to 1000")
    found = {(cell["group"], cell["kind"]): (cell["correct"], cell["total"]) for cell in numbers["cells"]}
    assert found["desktop", "icon"] == (128, 140)
    assert found["web", "icon"] == (24, 26)
    assert "xyxy in pixels (the rows' own" in numbers["convention"]
    assert "The file has 400 rows, the benchmark 1272." in numbers["notes"]
    for boxes in ("xywh", "xyxy-normalised"):
        with pytest.raises(SetupError, match="convention"):
            rescore(Request("screenspot-v2", published, "mai-ui", boxes=boxes))


def test_an_order_of_rows_changes_no_verdict(data: Path, tmp_path: Path) -> None:
    rows = json.loads((data / "screenspot/outputs/ssv2_maiui_first400.json").read_text(encoding="utf-8"))
    before = scored(tmp_path, rows)
    random.Random(7).shuffle(rows)
    after = scored(tmp_path, rows)
    assert {one["id"]: one["verdict"] for one in before["rows"]} == {one["id"]: one["verdict"] for one in after["rows"]}


@pytest.mark.parametrize("name", ["osworld-g", "osworld-g-refined"])
def test_osworld_g_s_rows_are_boxes_polygons_and_refusals(data: Path, tmp_path: Path, name: str) -> None:
    """The damaged polygons are mended as the loader mends them, and its groups are the same."""
    file = "OSWorld-G_sspro_format.json" if name == "osworld-g" else "OSWorld-G_refined_sspro_format.json"
    rows = json.loads((data / "osworld_g" / file).read_text(encoding="utf-8"))
    own = scored(tmp_path, [one | {"raw_response": "[-1, -1]"} for one in rows], name)
    groups = {group: (part["correct"], part["total"]) for group, part in own["groups"].items()}
    assert groups == {"box": (0, 470), "refusal": (54, 54), "polygon": (0, 40)}
    assert own["denominators"]["groundable"]["total"] == 510
    loaded = rescore(Request(name, tmp_path / "outputs.json", "mai-ui", load=LoadOptions(data / "osworld_g")))
    assert [one["verdict"] for one in loaded["rows"]] == [one["verdict"] for one in own["rows"]]


def test_all_of_screenspot_pro_s_own_rows_can_be_scored(data: Path, tmp_path: Path) -> None:
    rows = [one for file in sorted((data / "screenspot/pro").glob("*.json")) for one in json.loads(file.read_text(encoding="utf-8"))]
    for one in rows:
        (left, top, right, bottom), (width, height) = one["bbox"], one["img_size"]
        one["raw_response"] = f"x={(left + right) / 2 / width:.6f}, y={(top + bottom) / 2 / height:.6f}"
    numbers = scored(tmp_path, rows, "screenspot-pro", dialect="kimi-vl")
    assert (numbers["correct"], numbers["total"], numbers["unmatched"]) == (1581, 1581, [])
    assert {group: part["total"] for group, part in numbers["groups"].items()}["CAD"] == 261


# Shapes of files


def test_the_shapes_in_which_rows_are_published(tmp_path: Path) -> None:
    """SE-GUI's `results`, lmms-eval's `doc` and lists, ClawGUI's MODEL_infer, whole-number ids, and verdicts as 0 and 1."""
    se_gui = {"image": "a.png", "question": "go", "ground_truth": [100, 30, 200, 60], "img_size": [1000, 600], "correct": 1}
    numbers = scored(tmp_path, {"accuracy": 1, "results": [se_gui | {"model_output": "[150, 75]"}]}, "rows")
    assert (numbers["correct"], numbers["published"]["agree"]) == (1, 1)
    lmms = {"doc_id": 3, "doc": {"bbox": [0.1, 0.05, 0.2, 0.1], "image_size": [1000, 600], "id": 3}, "resps": [["[0.15, 0.075]"]]}
    numbers = scored(tmp_path, [lmms], "rows", dialect="brackets-1", boxes="xyxy-normalised")
    assert numbers["rows"][0] | {"point": None} == {"id": "3", "verdict": "right", "source": "outputs.json row 0", "point": None}
    claw = {"id": 0, "answer": [100, 30, 200, 60], "image_size": [1000, 600], "maiui_infer": "[900, 75]", "correctness": "incorrect"}
    numbers = scored(tmp_path, json.dumps(claw) + "\n" + json.dumps(claw | {"id": 1}) + "\n", "rows")
    assert (numbers["correct"], numbers["total"], numbers["published"]["agree"]) == (0, 2, 2)


def test_boxes_are_read_as_they_are_said_to_be_written(tmp_path: Path) -> None:
    xywh = [row(n, bbox=[100, 30, 100, 30]) for n in range(3)]
    assert scored(tmp_path, xywh, boxes="xywh")["correct"] == 3
    with pytest.raises(SetupError, match="cannot be xyxy in pixels") as error:
        scored(tmp_path, xywh)
    assert "--boxes xywh or xyxy-normalised" in str(error.value.fix)
    with pytest.raises(SetupError, match=r"row 1: bbox \[0\.1, 0\.05, 0\.2, 0\.1\] lies in 0\.\.1"):
        scored(tmp_path, [row(0), row(1, bbox=[0.1, 0.05, 0.2, 0.1])])
    corners = [row(n, bbox=[10 + n, 20, 60 + n, 50]) for n in range(20)]
    for one in corners:
        del one["img_size"]
        one["pred"] = [20, 30]
    with pytest.raises(SetupError, match="all of its 20 boxes could be two corners"):
        scored(tmp_path, corners, boxes="xywh", dialect="")
    assert scored(tmp_path, corners, dialect="")["correct"] == 11


def test_a_place_on_an_edge_is_right_whatever_the_rounding_of_a_copy(tmp_path: Path) -> None:
    """Row 234 of Tongyi-MAI/MAI-UI:evaluation/grounding/output_server/MMBench.jsonl: 0.093 of 2560 is 238.08, its box ends just before."""
    edge = row(0, '{"coordinate":[93,82]}', bbox=[224.0, 110.01599999999999, 238.07999999999998, 124.992], img_size=[2560, 1440])
    assert scored(tmp_path, [edge], "mmbench-gui-l2")["correct"] == 1
    assert scored(tmp_path, [edge | {"raw_response": "[93.001,82]"}], "mmbench-gui-l2")["correct"] == 0


def test_known_exceptions_stay_and_others_do_not(tmp_path: Path) -> None:
    known = row(0, "[500, 500]", bbox=[645, 625, 2361, 1590], img_size=[2360, 1640])
    assert scored(tmp_path, [known])["correct"] == 1
    with pytest.raises(SetupError, match="leaves its image"):
        scored(tmp_path, [known], "rows")
    overhanging = row(0, "[500, 500]", bbox=[-2, 0, 600, 602], group="Button", task_filename="element_grounding_basic")
    numbers = scored(tmp_path, [overhanging], "ui-vision")
    assert (numbers["correct"], list(numbers["groups"])) == (1, ["basic"])
    with pytest.raises(SetupError, match="leaves its image"):
        scored(tmp_path, [overhanging | {"bbox": [-2, 0, 600, 604]}], "ui-vision")


def test_sizes_come_from_the_rows_or_from_the_images(tmp_path: Path) -> None:
    bare = {key: value for key, value in row(0).items() if key != "img_size"}
    with pytest.raises(SetupError, match="has no img_size") as error:
        scored(tmp_path, [bare])
    assert "give --images DIR" in str(error.value.fix)
    assert "hf download OS-Copilot/ScreenSpot-v2" in str(error.value.fix)
    (tmp_path / "somewhere").mkdir()
    Image.new("RGB", (1000, 600)).save(tmp_path / "somewhere" / "web_0.png")
    load = LoadOptions(images=tmp_path)
    assert scored(tmp_path, [bare], load=load)["correct"] == 1
    (tmp_path / "somewhere" / "web_0.png").write_bytes(b"no picture")
    with pytest.raises(SetupError, match=r"web_0\.png is no image"):
        scored(tmp_path, [bare], load=load)
    assert scored(tmp_path, [bare, row(1)])["unmatched"] == ["outputs.json row 0: has no img_size, which its numbers need"]


def test_rows_that_cannot_be_scored_are_named(tmp_path: Path) -> None:
    rows = [row(0), row(0), row(0, prompt_to_evaluate="other"), row(1, bbox=None), 7, row(2, None)]
    numbers = scored(tmp_path, rows)
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"]) == (1, 2, 1)
    assert numbers["unmatched"] == [
        "outputs.json row 4: is not an object",
        "outputs.json row 1: a second output of q0, after outputs.json row 0",
        "outputs.json row 2: another question under the id q0, after outputs.json row 0",
        "outputs.json row 3: has no box under bbox or ground_truth or answer",
    ]


@pytest.mark.parametrize("bad", [[100, 30, float("nan"), 60], [100, 30, float("inf"), 60], [100, 30, 10**30, 60], [1, 2, 3], ["a"] * 4])
def test_boxes_that_are_none_are_refused(tmp_path: Path, bad: list[Any]) -> None:
    with pytest.raises(SetupError, match="row 1: bbox"):
        scored(tmp_path, [row(0), row(1, bbox=bad)])


@pytest.mark.parametrize(
    ("dialect", "text", "doubt"),
    [
        ("mai-ui", "[0.5, 0.5]", "at most 1"),
        ("brackets-1", "[150, 75]", "outside"),
        ("brackets-pixels", "[150, 75]", "No place is beyond 1000"),
        ("brackets-resized", "[0.4, 0.6]", "at most 1"),
        ("mai-ui", "[150, 75]", ""),
    ],
)
def test_a_space_that_can_hardly_be_right_is_doubted(tmp_path: Path, dialect: str, text: str, doubt: str) -> None:
    notes = scored(tmp_path, [row(n, text, img_size=[2000, 1200]) for n in range(30)], dialect=dialect)["notes"]
    doubts = [note for note in notes if "perhaps" in note]
    assert len(doubts) == bool(doubt)
    assert all(doubt in note for note in doubts)


# Files of any size, and any content


def test_json_lines_are_read_one_by_one_and_long_ones_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_files, "MAX_LINE", 1000)
    monkeypatch.setattr(output_files, "MAX_BYTES", 2000)
    path = tmp_path / "outputs.jsonl"
    lines = [json.dumps({"id": n, "raw_response": "[1, 2]"}) for n in range(100)]
    lines[3:3] = [json.dumps({"raw_response": "x" * 3000}), "{", ""]
    path.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    rows, strange = read_outputs(path)
    assert [one.first(["id"]) for one in rows] == [str(n) for n in range(100)]
    assert strange == [
        "outputs.jsonl row 3: has more than 0 million characters",
        "outputs.jsonl row 4: is no JSON, perhaps it was cut off",
    ]
    path.write_text(json.dumps([{"id": n} for n in range(1000)]), encoding="utf-8")
    with pytest.raises(SetupError, match="has more than"):
        read_outputs(path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted([*row(0), "pred", "correct", "doc", "answer", "resps", "img_filename"])
BOX = st.lists(st.integers(-5, 1200) | st.floats(0, 1), min_size=4, max_size=4)
ROW = ANYTHING | st.builds(lambda some: row(9) | some, st.dictionaries(st.sampled_from(FIELDS), ANYTHING | BOX, max_size=4))


@given(
    st.lists(ROW, max_size=5),
    st.sampled_from(NAMES),
    st.sampled_from(["mai-ui", "any-1000", ""]),
    st.sampled_from(["xyxy", "xywh", "xyxy-normalised"]),
)
def test_no_row_is_lost_whatever_the_file_holds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], name: str, dialect: str, boxes: str
) -> None:
    first = row(0, pred=[150, 45], bbox=[0.1, 0.05, 0.2, 0.1] if boxes == "xyxy-normalised" else [100, 30, 200, 60])
    try:
        told, numbers = "", scored(tmp_path_factory.getbasetemp(), [first, *rows], name, dialect=dialect, boxes=boxes)
    except SetupError as error:
        told, numbers = str(error), {}
    if told:
        # A row contradicts the convention.
        assert "outputs.json row" in told
        return
    assert numbers["total"] + len(numbers["unmatched"]) == len(rows) + 1 == numbers["output_rows"]
    assert numbers["rows"][0]["verdict"] == "right"
    json.dumps(numbers, allow_nan=False)


# The command


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_command_without_data(tmp_path: Path) -> None:
    out = tmp_path / "outputs.json"
    out.write_text(json.dumps([row(0), row(1, "[900, 75]")]), encoding="utf-8")
    result = run("screenspot-v2", "--outputs", out, "--dialect", "mai-ui", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["correct"] == 1
    told = run("screenspot-v2", "--outputs", out, "--dialect", "mai-ui").stdout
    assert "Numbers read as: 0 to 1000." in told
    assert "The boxes are the rows' own" in told


def test_the_command_names_what_there_is(tmp_path: Path) -> None:
    listed = run("--list-dialects")
    assert listed.exit_code == 0
    assert "qwen2.5-vl/forced: " in listed.stdout
    assert "For aitz, android_control, agentnetbench: " in listed.stdout
    outputs = ("--outputs", tmp_path / "none.json")
    assert "rows, aitz, android_control" in str(run("screenspot-v3", *outputs).exception)
    assert "--boxes is one of xyxy, xywh, xyxy-normalised" in str(run("rows", *outputs, "--boxes", "yx").exception)
    assert "did you mean mai-ui" in str(run("rows", *outputs, "--dialect", "maiui").exception)
    assert "do not depend on" in str(run("rows", *outputs, "--dialect", "mai-ui", "--max-pixels", 5).exception)
    (tmp_path / "none.json").write_text(json.dumps([row(0)]), encoding="utf-8")
    refused = run("rows", *outputs, "--dialect", "mai-ui", "--data", tmp_path).exception
    assert isinstance(refused, InvalidAction)
    assert "has no --data" in str(refused)


def test_offline_benchmarks_are_scored_by_the_same_command(data: Path, tmp_path: Path) -> None:
    episode = json.loads((data / "android_control/android_control_first150.jsonl").open(encoding="utf-8").readline())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one.jsonl").write_text(json.dumps(episode) + "\n", encoding="utf-8")
    answer = '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "system_button", "button": "Back"}}\n</tool_call>'
    out = tmp_path / "outputs.jsonl"
    rows = [{"episode": episode["episode_id"], "step": number, "response": answer} for number in range(len(episode["steps"]))]
    out.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    backs = sum(step["action_content"].get("button") == "Back" for step in episode["steps"])
    options = ("--outputs", out, "--data", tmp_path / "data", "--size", "1080x2400")
    result = run("android_control", *options, "--json")
    assert result.exit_code == 0, result.output
    numbers = json.loads(result.stdout)
    assert (numbers["correct"], numbers["total"], numbers["rule"]) == (backs, len(rows), "qwen")
    assert "no use for --images" in str(run("android_control", *options, "--images", tmp_path).exception)
    assert "--data DIR is missing" in str(run("aitz", "--outputs", out).exception)
