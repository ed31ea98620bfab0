"""The loaders: counts of the published data, the box convention held against every row, and bad input named by file and row."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handeye.benchmarks.grounding.loaders.hub import opened_rows
from handeye.benchmarks.grounding.loaders.mai_copies import EMPTY_BOX, overhanging
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.reading import Problems, Unreadable
from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES, load_benchmark
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, PolygonTarget, RefusalTarget
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)


def picture(path: Path, size: tuple[int, int] = (400, 300)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(path, "PNG")


def write(path: Path, rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def load(name: str, folder: Path, **options: Any) -> Dataset:
    return load_benchmark(name, LoadOptions(folder, **{"partial": True, **options}))


# The published data


def cells(dataset: Dataset) -> dict[tuple[str, str | None], int]:
    return dict(Counter((sample.group, sample.kind) for sample in dataset.samples))


def six(mobile: tuple[int, int], desktop: tuple[int, int], web: tuple[int, int]) -> dict[tuple[str, str], int]:
    groups = {"mobile": mobile, "desktop": desktop, "web": web}
    return {(group, kind): count for group, counts in groups.items() for kind, count in zip(("text", "icon"), counts, strict=True)}


def test_screenspot_has_the_published_counts(data: Path) -> None:
    dataset = load("screenspot", data / "screenspot/v1", partial=False, images=data / "screenspot/images")
    assert cells(dataset) == six((273, 229), (194, 140), (230, 206))
    assert len({sample.image.name for sample in dataset.samples}) == 610
    assert dataset.convention.startswith("xywh in pixels")
    first = next(sample for sample in dataset.samples if sample.source == "screenspot_web.json row 322")
    assert first.target == BoxTarget(1940, 116, 1940 + 432, 116 + 68)
    assert first.size == Size(2560, 1440), "read from the image, as the file names no size"


def test_screenspot_v2_has_the_published_counts(data: Path) -> None:
    dataset = load("screenspot-v2", data / "screenspot/v2", partial=False)
    assert cells(dataset) == six((290, 211), (194, 140), (234, 203))
    assert dataset.convention.startswith("xyxy in pixels")
    assert any("mobile row 449" in note for note in dataset.notes)
    assert any("row 182 = screenspot_web_v2.json row 186" in note for note in dataset.notes)
    known = next(sample for sample in dataset.samples if sample.id == "screenspot_mobile_v2_449")
    assert known.target == BoxTarget(645, 625, 2361, 1590)


def test_screenspot_pro_has_the_published_counts(data: Path) -> None:
    dataset = load("screenspot-pro", data / "screenspot/pro", partial=False)
    table = {"Dev": (154, 145), "Creative": (198, 143), "CAD": (197, 64), "Scientific": (144, 110), "Office": (177, 53), "OS": (107, 89)}
    assert cells(dataset) == {(group, kind): table[group][kind == "icon"] for group in table for kind in ("text", "icon")}
    assert Counter(sample.cells["platform"] for sample in dataset.samples) == {"windows": 927, "macos": 604, "linux": 50}
    assert len({sample.image.name for sample in dataset.samples}) == 1581
    assert sum(sample.size is not None and sample.size.area > 12_845_056 for sample in dataset.samples) == 81
    assert any("inventor_windows_60" in note for note in dataset.notes)
    chinese = load("screenspot-pro", data / "screenspot/pro", partial=False, language="cn")
    assert next(sample for sample in chinese.samples if sample.id == "vmware_macos_0").instruction == "选择最大的磁盘分区"


@pytest.mark.parametrize("name", ["osworld-g", "osworld-g-refined"])
def test_osworld_g_has_the_published_counts_and_its_polygons_are_mended(data: Path, name: str) -> None:
    dataset = load(name, data / "osworld_g", partial=False)
    assert cells(dataset) == {("box", None): 470, ("polygon", None): 40, ("refusal", None): 54}
    assert Counter(sample.size for sample in dataset.samples) == {Size(1920, 1080): 395, Size(1280, 720): 165, Size(1280, 800): 4}
    octagon = next(sample for sample in dataset.samples if sample.id == "2ENZHM7E2X-0").target
    assert isinstance(octagon, PolygonTarget)
    first = [pytest.approx(corner, abs=0.005) for corner in ((1197.26, 350.44), (1192.98, 357.56), (1192.98, 363.26))]
    assert list(octagon.vertices[:3]) == first
    assert any("248 of 251 images" in note for note in dataset.notes)
    assert any("9bQOfLzvdu-0" in note for note in dataset.notes) == (name == "osworld-g-refined")


def test_published_rows_in_the_wrong_convention_are_refused(data: Path, tmp_path: Path) -> None:
    for name, other, turn in (
        ("screenspot_web.json", "v1", lambda box: [box[0], box[1], box[0] + box[2], box[1] + box[3]]),
        ("screenspot_web_v2.json", "v2", lambda box: [box[0], box[1], box[2] - box[0], box[3] - box[1]]),
    ):
        rows = json.loads((data / "screenspot" / other / name).read_text(encoding="utf-8"))
        write(tmp_path / other / name, [row | {"bbox": turn(row["bbox"])} for row in rows])
        with pytest.raises(SetupError, match="wrong convention"):
            load("screenspot" if other == "v1" else "screenspot-v2", tmp_path / other)


def test_mended_polygons_are_not_mended_twice(data: Path, tmp_path: Path) -> None:
    rows = json.loads((data / "osworld_g/OSWorld-G_sspro_format.json").read_text(encoding="utf-8"))
    for row in rows:
        if len(row["bbox"]) > 4:
            row["bbox"][2] -= row["bbox"][0]
            row["bbox"][3] -= row["bbox"][1]
    write(tmp_path / "OSWorld-G_sspro_format.json", rows)
    with pytest.raises(SetupError, match="and 32 more"):
        load("osworld-g", tmp_path)


# Each distribution, small


def native(**more: Any) -> dict[str, Any]:
    row = {"img_filename": "web_a.png", "bbox": [100, 20, 40, 30], "instruction": "save", "data_type": "text", "data_source": "shop"}
    return row | more


def gui_actor(**more: Any) -> dict[str, Any]:
    row = {"img_filename": "web_a.png", "bbox": [100, 20, 140, 50], "instruction": "save", "img_size": [400, 300]}
    return row | {"platform": "shop", "ui_type": "text", "group": "web"} | more


def pro(**more: Any) -> dict[str, Any]:
    row = {
        "img_filename": "word_mac/a.png",
        "bbox": [100, 20, 140, 50],
        "instruction": "save",
        "instruction_cn": "保存",
        "id": "word_macos_0",
    }
    return row | {"application": "word", "platform": "macos", "img_size": [400, 300], "ui_type": "icon", "group": "Office"} | more


def osworld(**more: Any) -> dict[str, Any]:
    row = {"id": "A-0", "image_path": "a.png", "image_size": [400, 300], "instruction": "save", "GUI_types": ["Icon", "Button"]}
    return row | {"box_type": "bbox", "box_coordinates": [100, 20, 40, 30]} | more


def test_native_files_are_x_y_width_height(tmp_path: Path) -> None:
    write(tmp_path / "screenspot_web.json", [native()])
    picture(tmp_path / "screenspot_imgs" / "web_a.png")
    dataset = load("screenspot", tmp_path, need_images=True)
    (sample,) = dataset.samples
    assert (sample.target, sample.size, sample.group, sample.kind) == (BoxTarget(100, 20, 140, 50), Size(400, 300), "web", "text")
    assert (sample.id, sample.source, sample.cells) == ("screenspot_web_0", "screenspot_web.json row 0", {"platform": "shop"})
    assert Image.open(io.BytesIO(sample.image.read())).size == (400, 300)
    assert "screenspot_mobile.json is not in" in " ".join(dataset.notes)


def test_the_copies_of_v2_are_told_apart_by_their_fields(tmp_path: Path) -> None:
    for folder, row in (("a", native()), ("b", gui_actor())):
        write(tmp_path / folder / "screenspot_web_v2.json", [row])
        (sample,) = load("screenspot-v2", tmp_path / folder).samples
        assert sample.target == BoxTarget(100, 20, 140, 50)


def test_the_hubs_json_in_0_to_1_needs_its_images(tmp_path: Path) -> None:
    row = {key: value for key, value in native(bbox=[0.25, 0.1, 0.35, 0.2]).items() if key != "img_filename"} | {"file_name": "web_a.png"}
    write(tmp_path / "screenspot_web.json", [row])
    with pytest.raises(SetupError, match=r"row 0: bbox .* is in 0\.\.1 and the image is not there"):
        load("screenspot", tmp_path)
    picture(tmp_path / "images" / "web_a.png")
    (sample,) = load("screenspot", tmp_path).samples
    assert sample.target == BoxTarget(*(pytest.approx(side) for side in (100, 30, 140, 60)))


def test_pro_knows_images_by_their_whole_path(tmp_path: Path) -> None:
    write(tmp_path / "annotations" / "word_macos.json", [pro()])
    picture(tmp_path / "images" / "word_mac" / "a.png")
    dataset = load("screenspot-pro", tmp_path, need_images=True)
    assert dataset.samples[0].image.name == "word_mac/a.png"
    assert load("screenspot-pro", tmp_path, language="cn").samples[0].instruction == "保存"


def test_native_osworld_g_has_three_kinds_of_target(tmp_path: Path) -> None:
    rows = [
        osworld(),
        osworld(id="A-1", box_type="polygon", box_coordinates=[1, 2, 50, 2, 50, 60]),
        osworld(id="A-2", box_type="refusal", box_coordinates=[-1, -1, -1, -1]),
    ]
    write(tmp_path / "benchmark" / "OSWorld-G.json", rows)
    targets = [sample.target for sample in load("osworld-g", tmp_path).samples]
    assert targets == [BoxTarget(100, 20, 140, 50), PolygonTarget(((1, 2), (50, 2), (50, 60))), RefusalTarget()]


def test_osworld_gs_abilities_are_read_where_they_are(tmp_path: Path) -> None:
    write(tmp_path / "OSWorld-G.json", [osworld(), osworld(id="A-1", instruction="open")])
    classified = {"text_matching": [{"id": "A-0"}], "element_recognition": [{"id": "A-0"}, {"id": "A-1"}]}
    write(tmp_path / "classification_result.json", {"classified": classified})
    samples = load("osworld-g", tmp_path).samples
    assert [sample.cells["abilities"] for sample in samples] == ["text_matching, element_recognition", "element_recognition"]
    assert samples[0].cells["types"] == "Icon, Button"
    write(tmp_path / "classification_result.json", [1])
    dataset = load("osworld-g", tmp_path)
    assert "abilities" not in dataset.samples[0].cells
    assert any("classification_result.json is not in its known form" in note for note in dataset.notes)


def test_a_row_of_pro_in_the_file_of_another_program_is_named(tmp_path: Path) -> None:
    write(tmp_path / "word_macos.json", [pro(application="excel")])
    with pytest.raises(SetupError, match=r"word_macos\.json row 0: it is of excel on macos, its file is not"):
        load("screenspot-pro", tmp_path)


def png(size: tuple[int, int] = (400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    return out.getvalue()


def hub_row(**more: Any) -> dict[str, Any]:
    row = {"image": {"bytes": png(), "path": None}, "bbox": [0.25, 0.1, 0.35, 0.2], "instruction": "save", "data_type": "icon"}
    return row | {"data_source": "ios"} | more


def parquet(path: Path, rows: Rows) -> Path:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow, of the extra datasets, is not installed")
    from pyarrow import parquet as writer

    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=2)
    return path


def test_parquet_files_hold_their_images(tmp_path: Path) -> None:
    named = {"bytes": png((200, 100)), "path": "mobile_b.png"}
    rows = [hub_row(), hub_row(image=named, data_source="shop"), hub_row(data_source="shop", instruction="buy")]
    parquet(tmp_path / "test-00000-of-00001.parquet", rows)
    dataset = load("screenspot-v2", tmp_path)
    assert [sample.group for sample in dataset.samples] == ["mobile", "mobile", ""]
    assert dataset.samples[1].target == BoxTarget(*(pytest.approx(side) for side in (50, 10, 70, 20)))
    assert Image.open(io.BytesIO(dataset.samples[2].image.read())).size == (400, 300)
    assert dataset.samples[1].image.read() == named["bytes"]
    assert any("1 rows do not tell whether they are mobile" in note for note in dataset.notes)
    with pytest.raises(SetupError, match="has 3 rows, the published file has 1272"):
        load("screenspot-v2", tmp_path, partial=False)


def test_pro_as_parquet_is_in_pixels_and_its_sizes_are_held_against_the_images(tmp_path: Path) -> None:
    row = {"image": {"bytes": png(), "path": None}} | pro()
    parquet(tmp_path / "a" / "train.parquet", [row])
    (sample,) = load("screenspot-pro", tmp_path / "a").samples
    assert (sample.id, sample.target, sample.image.read()) == ("word_macos_0", BoxTarget(100, 20, 140, 50), png())
    parquet(tmp_path / "b" / "train.parquet", [row, row | {"id": "word_macos_1", "img_size": [300, 400]}])
    with pytest.raises(SetupError, match=r"train\.parquet row 1: its image is 400x300, the annotation says 300x400"):
        load("screenspot-pro", tmp_path / "b")


def test_osworld_g_is_not_read_from_the_hubs_lesser_copy() -> None:
    with pytest.raises(SetupError, match="has no refusals and boxes for polygons") as error:
        load_benchmark("osworld-g", LoadOptions("hub"))
    assert (error.value.fix or "").startswith("git clone https://github.com/xlang-ai/OSWorld-G")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (hub_row(bbox=[100.0, 20.0, 140.0, 50.0]), "not in 0..1: the file is in another convention"),
        (hub_row(bbox=[0.3, 0.1, 0.1, 0.2]), "second corner is not right of"),
        (hub_row(image={"bytes": b"no image", "path": None}), "is no image"),
        (hub_row(image={"bytes": None, "path": None}), "has no image in it"),
        (hub_row(bbox=[0.1, 0.2, 0.3, float("nan")]), "holds nan"),
    ],
)
def test_a_bad_row_of_parquet_is_named(tmp_path: Path, row: dict[str, Any], what: str) -> None:
    parquet(tmp_path / "test.parquet", [hub_row(), row])
    with pytest.raises(SetupError, match=f"test.parquet row 1: .*{what}"):
        load("screenspot-v2", tmp_path)


def test_truncated_parquet_is_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "test.parquet", [hub_row()] * 5)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SetupError, match=r"test\.parquet: cannot be read as parquet, perhaps it was cut off"):
        load("screenspot-v2", tmp_path)


def test_the_library_datasets_opens_the_same_rows(tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="the extra datasets is not installed")
    parquet(tmp_path / "copy" / "test-00000-of-00001.parquet", [hub_row(), hub_row(bbox=[0.5, 0.5, 0.6, 0.6])])
    code = """if True:
        import sys
        from handeye.benchmarks.grounding.loaders.hub import dataset_rows
        from handeye.benchmarks.grounding.loaders.reading import Problems, Unreadable
        from handeye.tools.errors import SetupError
        rows = dataset_rows(sys.argv[1], Problems())
        print([(one.row.source, one.row.values["bbox"], tuple(one.size), len(one.image.read())) for one in rows])
        try:
            dataset_rows("nobody/nothing", Problems())
        except SetupError as error:
            print(error.fix)
    """
    offline = os.environ | {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    command = [sys.executable, "-c", code, str(tmp_path / "copy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=offline, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    count = len(png())
    expected = [("copy row 0", [0.25, 0.1, 0.35, 0.2], (400, 300), count), ("copy row 1", [0.5, 0.5, 0.6, 0.6], (400, 300), count)]
    fix = "hf download nobody/nothing --repo-type dataset --local-dir DIR, then --data DIR"
    assert done.stdout.splitlines() == [str(expected), fix]


def test_a_data_set_that_was_opened_keeps_its_images_where_they_are() -> None:
    problems = Problems()
    found = opened_rows([hub_row(), hub_row(image=None)], "HongxinLi/ScreenSpot_v2", problems)
    assert [one.size for one in found] == [Size(400, 300)]
    assert found[0].image.read() == png()
    assert problems.found == ["ScreenSpot_v2 row 1: has no image in it"]


# Bad input


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"bbox": [100, 20, 90, 50]}, "row 1: bbox .* cannot be xyxy in pixels.* as xywh in pixels it would fit"),
        ({"bbox": [100, 20, 401, 50]}, "row 1: bbox .* leaves its image of 400x300 as xyxy in pixels"),
        ({"bbox": [-1, 20, 140, 50]}, "row 1: bbox .* negative"),
        ({"bbox": [100, 20, float("nan"), 50]}, "row 1: bbox holds nan"),
        ({"bbox": [100, 20, 10**400, 50]}, "row 1: bbox holds 1000"),
        ({"bbox": [100, 20, True, 50]}, "row 1: bbox holds True"),
        ({"bbox": [100, 20, 140]}, "row 1: bbox has 3 numbers"),
        ({"bbox": None}, "row 1: bbox is None"),
        ({"instruction": "  "}, "row 1: its instruction is empty"),
        ({"instruction": 3}, "row 1: instruction is 3, not a text"),
        ({"ui_type": "image"}, "row 1: its ui_type is 'image'"),
        ({"group": "mobile"}, "row 1: its group is 'mobile', its file is that of web"),
        ({"img_size": [400.5, 300]}, "row 1: img_size .* not a width and a height"),
        ({"img_size": [500, 300]}, "row 1: its image web_a.png is 400x300, the annotation says 500x300"),
        ({"img_filename": "../web_a.png"}, "row 1: names the image '../web_a.png', which is no place"),
        ({"img_filename": "web_b.png"}, "row 1: its image web_b.png is not in"),
        ({"img_filename": "web_torn.png"}, "row 1: .*web_torn.png is no image"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    write(tmp_path / "screenspot_web_v2.json", [gui_actor(), gui_actor(**change), gui_actor(instruction="open")])
    picture(tmp_path / "images" / "web_a.png")
    (tmp_path / "images" / "web_torn.png").write_bytes(png()[:20])
    with pytest.raises(SetupError, match=f"screenspot_web_v2.json {what}") as error:
        load("screenspot-v2", tmp_path, need_images=True)
    assert error.value.fix is not None
    assert "hf download OS-Copilot/ScreenSpot-v2" in error.value.fix


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[{"img_filename": "a', r"screenspot_web_v2\.json: cannot be read, perhaps it was cut off"),
        ('{"a": 1}', "is not a list of rows"),
        ("[1]", "row 0: is not an object"),
        ('[{"a": 1}]', "row 0: has the fields a, of no known copy"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "screenspot_web_v2.json").write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=what):
        load("screenspot-v2", tmp_path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FILES: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "screenspot": ("screenspot_web.json", native),
    "screenspot-v2": ("screenspot_web_v2.json", gui_actor),
    "screenspot-pro": ("word_macos.json", pro),
    "osworld-g": ("OSWorld-G.json", osworld),
    "osworld-g-refined": ("OSWorld-G_refined_sspro_format.json", pro),
    "mmbench-gui-l2": ("MMbench_GUI_sspro_format.json", pro),
    "ui-vision": ("element_grounding_spatial.json", pro),
}


@given(st.sampled_from(BENCHMARK_NAMES), st.data())
def test_whatever_a_row_holds_it_is_loaded_or_named(tmp_path_factory: pytest.TempPathFactory, name: str, draw: st.DataObject) -> None:
    file, good = FILES[name]
    row = good()
    for key in draw.draw(st.lists(st.sampled_from(sorted(row)), max_size=3, unique=True)):
        row[key] = draw.draw(ANYTHING | st.lists(st.floats(-10, 500), min_size=4, max_size=8))
    folder = tmp_path_factory.getbasetemp() / "anything" / name
    write(folder / file, [row])
    try:
        told, count = "", len(load(name, folder).samples)
    except SetupError as error:
        told, count = str(error), 0
    assert count == 1 or file in told


def test_mmbench_gui_and_ui_vision_are_read_in_mai_ui_s_copy(tmp_path: Path) -> None:
    write(tmp_path / "MMbench_GUI_sspro_format.json", [pro(id=7, group="advanced", platform="os_web")])
    (sample,) = load("mmbench-gui-l2", tmp_path).samples
    assert (sample.id, sample.group, sample.cells["platform"]) == ("7", "advanced", "os_web")
    write(tmp_path / "element_grounding_basic.json", [pro(group="Button")])
    (sample,) = load("ui-vision", tmp_path).samples
    assert (sample.group, sample.cells["category"]) == ("basic", "Button")
    with pytest.raises(SetupError, match="has 1 rows, the published file has 1772"):
        load("ui-vision", tmp_path, partial=False)


def test_screenspot_v2_is_read_in_mai_ui_s_copy_too(tmp_path: Path) -> None:
    row = gui_actor(group="Dev", platform="v2", application="screenspot_web_v2", id="screenspot_web_v2_0")
    write(tmp_path / "screenspot_web_v2_convert.json", [row])
    dataset = load("screenspot-v2", tmp_path)
    (sample,) = dataset.samples
    assert (sample.id, sample.group, dataset.convention) == ("screenspot_web_v2_0", "web", "xyxy in pixels (Tongyi-MAI/MAI-UI)")


def test_boxes_of_ui_vision_may_leave_their_image_by_three_pixels() -> None:
    screen = Size(1920, 1080)
    assert overhanging((-1.74, 63, 65.46, 1082), screen) == BoxTarget(-1.74, 63, 65.46, 1082)
    assert overhanging(EMPTY_BOX, screen) == BoxTarget(*EMPTY_BOX)
    for box in ((-4, 63, 65, 84), (0, 63, 65, 1084), (5, 5, 5, 5), (1921, 0, 1922, 5), (1, 2, 3)):
        with pytest.raises(Unreadable):
            overhanging(box, screen)


def test_a_native_file_in_corners_is_refused_as_a_whole_where_no_sizes_are_known(tmp_path: Path) -> None:
    corners = [native(bbox=[10 + n, 20, 60 + n, 50], instruction=f"n{n}") for n in range(20)]
    write(tmp_path / "screenspot_web.json", corners)
    with pytest.raises(SetupError, match=r"screenspot_web\.json: is in the wrong convention: all of its 20 boxes"):
        load("screenspot", tmp_path)
    write(tmp_path / "screenspot_web.json", [native()])
    assert "was not checked" in " ".join(load("screenspot", tmp_path).notes)


def test_too_many_or_too_few_rows_are_refused_unless_a_part_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "screenspot_web_v2.json", [gui_actor()])
    with pytest.raises(SetupError) as error:
        load("screenspot-v2", tmp_path, partial=False)
    assert "screenspot_web_v2.json: has 1 rows, the published file has 437" in str(error.value)
    assert "screenspot_mobile_v2.json: is not in" in str(error.value)
    assert "has 1 rows, the published file has 437" in " ".join(load("screenspot-v2", tmp_path).notes)


def test_ids_must_differ_and_repeated_questions_are_counted(tmp_path: Path) -> None:
    write(tmp_path / "word_macos.json", [pro(), pro()])
    with pytest.raises(SetupError, match=r"row 1: has the id word_macos_0, as word_macos\.json row 0 has"):
        load("screenspot-pro", tmp_path)
    write(tmp_path / "word_macos.json", [pro(), pro(id="word_macos_1")])
    assert "row 0 = word_macos.json row 1" in " ".join(load("screenspot-pro", tmp_path).notes)


def test_a_file_that_is_there_twice_is_not_chosen_between(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder / "screenspot_web_v2.json", [gui_actor()])
    with pytest.raises(SetupError, match="give one of these folders"):
        load("screenspot-v2", tmp_path)


@pytest.mark.parametrize("name", BENCHMARK_NAMES)
def test_without_data_the_command_that_fetches_them_is_given(tmp_path: Path, name: str) -> None:
    for options in (LoadOptions(), LoadOptions(tmp_path / "none"), LoadOptions(tmp_path)):
        with pytest.raises(SetupError) as error:
            load_benchmark(name, options)
        assert re.match(r"(hf download \S+ --repo-type dataset|git clone https://\S+)", error.value.fix or "")


def test_an_unknown_benchmark_is_told_with_those_that_there_are() -> None:
    with pytest.raises(SetupError, match="osworld-g, osworld-g-refined, screenspot"):
        load_benchmark("screenspot-v3", LoadOptions())
