"""Grounding benchmarks through the whole path, on real screens: load, resize, prompt, reply, map back, score; results computed by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from handeye.agent.cli.bench import GROUP
from handeye.agent.models.registry import open_model
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.grounding import cli
from handeye.benchmarks.grounding.images import FileImage
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES, load_benchmark
from handeye.benchmarks.grounding.protocols import PROTOCOLS, open_protocol
from handeye.benchmarks.grounding.questions import GroundingQuestion
from handeye.benchmarks.grounding.replies import reader_of
from handeye.benchmarks.grounding.rules import VERDICTS, Outside, Pointed, Refused, Unreadable, choose_rules
from handeye.benchmarks.grounding.sample import BoxTarget, PolygonTarget, RefusalTarget, Sample, Target
from handeye.benchmarks.grounding.scores import judge, row_summary, summary
from handeye.benchmarks.grounding.suite import TITLES, GroundingRun, fingerprint, grounding_suite
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.question import Question
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import HandeyeError, InvalidAction, SetupError
from handeye.tools.geometry import Size
from tests.agent.openai.chat_server import ChatServer, says

PICTURES = Pictures()
"""Shared, so that each real screen is decoded once at each size."""


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)


def suite_of(benchmark: str, load: LoadOptions, protocol: str, **settings: Any) -> Suite:
    chosen = open_protocol(protocol).with_settings(**settings)
    return grounding_suite(GroundingRun(benchmark, "scripted", load, chosen, with_images=True, pictures=PICTURES))


def web(data: Path) -> LoadOptions:
    return LoadOptions(data / "screenspot/v2", data / "screenspot/images")


def verdicts(suite: Suite, id_: str, replies: list[str]) -> list[str]:
    (question,) = (question for question in suite.questions if question.id == id_)
    asked = question.prepare()
    return [question.judge(reply, asked).verdict for reply in replies]


def test_both_sides_of_each_edge_of_a_real_target(data: Path) -> None:
    """The search box of Wikidata, [1940, 116, 2372, 184] in 2560x1440, shown as 2548x1428.

    Across a number means x * 2560 / 2548: 1930 is 1939.09 and 1931 is 1940.09; 2360 is 2371.11 and 2361 is 2372.12.
    Down it means y * 1440 / 1428: 115 is 115.97 and 116 is 116.97; 182 is 183.53 and 183 is 184.54.
    """
    suite = suite_of("screenspot-v2", web(data), "screenspot-pro")
    asked = suite.questions[0].prepare()
    assert (asked.image, asked.shown) == (Size(2560, 1440), Size(2548, 1428))
    assert asked.messages[-1].text.endswith('"coordinate": [')
    points = [(1930, 150), (1931, 150), (2360, 150), (2361, 150), (2000, 115), (2000, 116), (2000, 182), (2000, 183)]
    found = verdicts(suite, "screenspot_web_v2_276", [f"{x}, {y}]}}}}\n</tool_call>" for x, y in points])
    assert found == ["wrong place", "right", "right", "wrong place", "wrong place", "right", "right", "wrong place"]
    # Were they taken for pixels of the stored screen, 1938 would be left of the box; and the centre of a box counts.
    assert verdicts(suite, "screenspot_web_v2_276", ["1938, 150]}}", "1900, 100, 1961, 200]}}", "no"]) == [
        "right",
        "wrong place",
        "wrong format",
    ]
    assert suite.questions[0].judge("2000, 150]}}", asked).said == {"point": [2000 * 2560 / 2548, 150 * 1440 / 1428]}


def test_other_protocols_say_the_same_place_in_their_own_words(data: Path) -> None:
    """(1300, 20) of 2548x1428 and half of it in 1288x728 (--max-pixels 1,003,520: 1316x728) mean what they mean.

    The second target is [1464, 7, 1642, 64]. Under 1,003,520 pixels 2560x1440 is shown as 1316x728: beta = sqrt(2560 * 1440 / 1003520) =
    1.9166, 2560 / beta / 28 = 47.7 and 1440 / beta / 28 = 26.8, so 47 * 28 and 26 * 28. There x 753 means 753 * 2560 / 1316 = 1464.8 and
    752 means 1462.86; y 32 means 32 * 1440 / 728 = 63.3 and 33 means 65.3.
    """
    call = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [%d, %d]}}\n</tool_call>'
    id_ = "screenspot_web_v2_277"
    small = suite_of("screenspot-v2", web(data), "computer-use", max_pixels=1_003_520)
    assert small.questions[1].prepare().shown == Size(1316, 728)
    assert verdicts(small, id_, [call % (752, 20), call % (753, 32), call % (753, 33), call % (4000, 20), "I cannot"]) == [
        "wrong place", "right", "wrong place", "wrong place", "wrong format",
    ]  # fmt: skip
    point = suite_of("screenspot-v2", web(data), "point")
    boxes = ['[{"bbox_2d": [1400, 0, 1700, 70], "label": "English"}]', '[{"bbox_2d": [1300, 0, 1500, 70], "label": "English"}]', "[]"]
    assert verdicts(point, id_, boxes) == ["right", "wrong place", "refused wrongly"]
    ones = suite_of("screenspot-v2", web(data), "lmms-eval")
    # 1464 / 2560 = 0.571875, 64 / 1440 = 0.0444.
    assert verdicts(ones, id_, ["[0.572, 0.044]", "[0.5718, 0.044]", "[0.572, 0.045]"]) == ["right", "wrong place", "wrong place"]


OSWORLD_G = [
    # Boxes in 1920x1080, shown as 1932x1092; a number means x * 1920 / 1932 and y * 1080 / 1092. The first is right, the second is not.
    ("0FOB4CLBT2-0", (1432, 331), (1431, 331)),  # left 1422.9 * 1.00625 = 1431.8; 331 means 327.4, top 326.4
    ("0FOB4CLBT2-1", (1319, 549), (1320, 549)),  # right 1311.13 * 1.00625 = 1319.3; 549 means 542.97, bottom 543.3
    ("0FOB4CLBT2-2", (480, 432), (480, 431)),  # top 426.53 * 1.0111 = 431.3
    ("6GNDSETVY9-0", (90, 279), (90, 280)),  # bottom 276.4 * 1.0111 = 279.5
    ("6GNDSETVY9-1", (79, 700), (78, 700)),  # left 78.39 * 1.00625 = 78.9
    ("07JVNIBSB9-0", (300, 100), (300, 129)),  # bottom 126.93 * 1.0111 = 128.3
    ("07JVNIBSB9-1", (1860, 230), (1870, 230)),  # right 1857.22 * 1.00625 = 1868.8
    ("07JVNIBSB9-2", (1783, 1078), (1782, 1078)),  # left 1771.69 * 1.00625 = 1782.8; top 1065.98 * 1.0111 = 1077.8
    ("07JVNIBSB9-3", (500, 132), (500, 131)),  # top 129.78 * 1.0111 = 131.2
    ("07JVNIBSB9-4", (1861, 1086), (1862, 1086)),  # right 1850.23 * 1.00625 = 1861.8; bottom 1074.11 * 1.0111 = 1086.04
]


@pytest.mark.parametrize(("which", "right"), [(1, 10), (2, 0)])
def test_ten_real_rows_of_osworld_g_are_run_and_counted(data: Path, tmp_path: Path, which: int, right: int) -> None:
    suite = suite_of("osworld-g", LoadOptions(data / "osworld_g"), "screenspot-pro")
    places = {row[0]: row[which] for row in OSWORLD_G}
    assert {question.id for question in suite.questions} == places.keys()
    replies = ["{}, {}]}}}}\n</tool_call>".format(*places[question.id]) for question in suite.questions]
    numbers = run_suite(suite, ScriptedModel(replies), RunOptions(tmp_path), None)
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"], numbers["errors"]) == (right, 10, 0, 0)
    rows, _ = read_rows(tmp_path / "results.jsonl", SampleRow)
    assert {row.shown for row in rows} == {(1932, 1092)}
    assert {row.cells["group"] for row in rows} == {"box"}
    assert rows[0].image in ("0FOB4CLBT2.png", "6GNDSETVY9.png", "07JVNIBSB9.png")
    assert all(len(row.target["box"]) == 4 and len(row.said["point"]) == 2 for row in rows)


def test_the_official_answers_on_the_phones_of_qwens_cookbook(data: Path) -> None:
    """(935, 406) of 1092x2408 is (924.725, 404.651) of 1080x2400; (639, 1095) of 728x1288 is (631.978, 1088.199) of 720x1280."""
    items = json.loads((data / "qwen_demo/expected.json").read_text())["items"]
    assert len(items) == 2
    for item in items:
        question = question_of(data / "qwen_demo" / item["file"], BoxTarget(*item["target_box_by_eye"]), "mobile-use", item["goal"])
        asked = question.prepare()
        assert list(asked.image) == item["original_size"]
        assert list(asked.shown) == item["resized_size"]
        judged = question.judge(item["raw_response"], asked)
        assert judged.verdict == "right"
        assert judged.said["point"] == pytest.approx(item["original_point"], abs=0.001)
        assert item["goal"] in asked.messages[-1].text


def test_servers_go_on_from_the_forced_beginning_or_the_run_ends_at_once(data: Path, tmp_path: Path) -> None:
    suite = suite_of("screenspot-v2", web(data), "screenspot-pro")
    server = ChatServer()
    server.answers = [says("2000, ", "150]}}\n</tool_call>")]
    try:
        model = open_model(f"openai:qwen@{server.url}?kind=vllm")
        numbers = run_suite(suite, model, RunOptions(tmp_path / "vllm"), None)
        assert (numbers["correct"], numbers["total"], numbers["errors"]) == (1, 2, 0)
        for asked in server.asked:
            assert asked.body["continue_final_message"] is True
            assert asked.body["messages"][-1] == {"role": "assistant", "content": suite.configuration.protocol["beginning"]}
            assert (asked.body["temperature"], asked.body["max_tokens"]) == (0.0, 100)
        model.close()
        other = open_model(f"openai:qwen@{server.url}?kind=ollama")
        with pytest.raises(SetupError, match="--protocol point"):
            run_suite(suite, other, RunOptions(tmp_path / "ollama"), None)
        assert len(server.asked) == 2
        other.close()
    finally:
        server.close()


def question_of(path: Path, target: Target, protocol: str, instruction: str = "the button", size: Size | None = None) -> GroundingQuestion:
    sample = Sample("one", FileImage(path.name, path), instruction, size, target, "web", "text", {"platform": "tool"}, "rows.json row 7")
    chosen = open_protocol(protocol)
    return GroundingQuestion(sample, chosen, reader_of(chosen), choose_rules(), Pictures())


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Path]:
    Image.new("RGBA", (640, 480), (200, 0, 0, 0)).save(tmp_path / "screen.png")
    return tmp_path / "screen.png"


def test_bad_images_are_named_with_file_and_row(screen: Path, tmp_path: Path) -> None:
    target = BoxTarget(0, 0, 10, 10)
    (tmp_path / "broken.png").write_bytes(screen.read_bytes()[:60])
    Image.new("RGB", (6000, 20)).save(tmp_path / "long.png")
    cases: list[tuple[Question, type[HandeyeError], str]] = [
        (question_of(tmp_path / "none.png", target, "point"), SetupError, "none.png cannot be read"),
        (question_of(tmp_path / "broken.png", target, "point"), SetupError, "picture"),
        (question_of(tmp_path / "long.png", target, "point"), InvalidAction, "too long and narrow"),
        (question_of(screen, target, "point", size=Size(480, 640)), SetupError, "screen.png is 640x480, the annotation says 480x640"),
    ]
    for question, kind, said in cases:
        with pytest.raises(kind, match=said) as raised:
            question.prepare()
        assert str(raised.value).startswith("rows.json row 7: ")
        assert str(raised.value).count("rows.json row 7") == 1


def test_missing_images_of_a_part_of_the_data_are_errors_that_count(data: Path, tmp_path: Path) -> None:
    load = LoadOptions(data / "screenspot/v2", data / "screenspot/images", partial=True)
    suite = grounding_suite(GroundingRun("screenspot-v2", "scripted", load))
    assert len(suite.questions) == 1272
    numbers = run_suite(suite, ScriptedModel(["1, 2]}}"] * 3), RunOptions(tmp_path, limit=3), None)
    assert (numbers["total"], numbers["correct"], numbers["errors"], numbers["accuracy"]) == (3, 0, 3, 0.0)
    rows, _ = read_rows(tmp_path / "results.jsonl", SampleRow)
    assert all(row.error.startswith(row.id.rpartition("_")[0] + ".json row ") and row.image in row.error for row in rows)


def test_transparent_pixels_keep_their_colour(screen: Path) -> None:
    (picture,) = question_of(screen, BoxTarget(0, 0, 1, 1), "point").prepare().messages[-1].pictures
    assert picture.pixels.shape == (476, 644, 3)
    assert (picture.pixels == (200, 0, 0)).all()


@pytest.mark.parametrize(
    ("target", "drawn"),
    [
        (BoxTarget(1, 2, 3.5, 4), {"box": [1, 2, 3.5, 4]}),
        (PolygonTarget(((0, 0), (4, 0), (4, 4))), {"polygon": [[0, 0], [4, 0], [4, 4]]}),
        (RefusalTarget(), {"refusal": True}),
    ],
)
def test_targets_as_reports_draw_them(screen: Path, target: Target, drawn: dict[str, Any]) -> None:
    question = question_of(screen, target, "point")
    assert question.target == drawn
    assert question.cells == {"group": "web", "kind": "text", "platform": "tool"}
    refused = question.judge("[]", question.prepare())
    assert refused.correct is isinstance(target, RefusalTarget)
    assert refused.said == {"refused": True}


def test_rows_give_the_numbers_that_rescoring_gives(data: Path) -> None:
    samples = load_benchmark("osworld-g", LoadOptions(data / "osworld_g")).samples
    answers = cycle([Pointed(500, 500), Refused(), Unreadable("no"), Outside(), Pointed(960, 30)])
    rules = choose_rules()
    judged = [judge(sample, answer, rules) for sample, answer in zip(samples, answers, strict=False)]
    chosen = open_protocol("point")
    questions = [GroundingQuestion(one.sample, chosen, reader_of(chosen), rules, PICTURES) for one in judged]
    rows = [
        SampleRow(id=question.id, cells=question.cells, target=question.target, verdict=one.verdict, correct=one.correct)
        for question, one in zip(questions, judged, strict=True)
    ]
    stored = [SampleRow.model_validate_json(row.model_dump_json()) for row in rows]
    assert row_summary(stored) == summary(judged)
    assert summary(judged)["denominators"]["groundable"]["total"] == 510
    assert set(summary(judged)["verdicts"]) == set(VERDICTS)
    failed = row_summary([*stored[:9], replace_row(stored[9])])
    assert (failed["total"], failed["errors"]) == (10, 1)
    assert row_summary([])["accuracy"] is None


def replace_row(row: SampleRow) -> SampleRow:
    return row.model_copy(update={"verdict": "", "correct": False, "error": "the model is gone"})


def test_the_configuration_tells_what_can_change_a_score(data: Path) -> None:
    suite = suite_of("screenspot-v2", web(data), "screenspot-pro", max_pixels=1_003_520)
    told = suite.configuration
    assert told.protocol["name"] == "screenspot-pro"
    assert told.protocol["changed"] == {"max_pixels": 99_999_999}
    assert told.rules == ("centre-of-box",)
    assert told.sampling["max_new_tokens"] == 100
    assert told.data["samples"] == 2
    assert told.data["convention"].startswith("xyxy in pixels")
    assert len(told.prompt_sha256) == 64
    assert told == suite_of("screenspot-v2", web(data), "screenspot-pro", max_pixels=1_003_520).configuration
    assert any("2 rows whose image is there, of 1272" in note for note in suite.notes)
    samples = [question.sample for question in suite.questions if isinstance(question, GroundingQuestion)]
    changed = [replace(samples[0], instruction=samples[0].instruction + "."), *samples[1:]]
    assert fingerprint(samples) == told.data["sha256"] != fingerprint(changed)


def test_screens_beyond_the_checkpoints_limit_are_counted_and_told(data: Path) -> None:
    load = LoadOptions(data / "screenspot/pro", partial=True)
    suite = grounding_suite(GroundingRun("screenspot-pro", "scripted", load))
    (note,) = (note for note in suite.notes if "12,845,056" in note)
    assert note.startswith("81 pictures")
    assert "99999999" in note
    assert suite.configuration.prompt_sha256 == ""
    low = grounding_suite(GroundingRun("screenspot-pro", "scripted", load, open_protocol("point")))
    assert not any("12,845,056" in note for note in low.notes)


def run_cli(app: Any, *arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_every_benchmark_that_can_be_loaded_has_a_command() -> None:
    entries = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    assert set(TITLES) == set(BENCHMARK_NAMES)
    assert all(isinstance(entries[name].load(), typer.Typer) for name in BENCHMARK_NAMES)


@pytest.mark.parametrize(
    ("app", "command"),
    [
        (cli.screenspot, "hf download rootsautomation/ScreenSpot"),
        (cli.screenspot_v2, "hf download OS-Copilot/ScreenSpot-v2"),
        (cli.screenspot_pro, "hf download likaixin/ScreenSpot-Pro"),
        (cli.osworld_g, "git clone https://github.com/xlang-ai/OSWorld-G"),
        (cli.osworld_g_refined, "git clone https://github.com/xlang-ai/OSWorld-G"),
    ],
)
def test_without_data_the_command_that_fetches_them(app: Any, command: str) -> None:
    result = run_cli(app)
    assert isinstance(result.exception, SetupError)
    assert command in str(result.exception)


def test_images_that_are_not_there_are_named_and_what_to_do(data: Path) -> None:
    result = run_cli(cli.screenspot_v2, "--data", str(data / "screenspot/v2"))
    assert isinstance(result.exception, SetupError)
    said = str(result.exception)
    assert "screenspot_mobile_v2.json row 0" in said
    assert "--with-images" in said


def test_a_run_from_the_command_line(data: Path, tmp_path: Path) -> None:
    replies = ['[{"bbox_2d": [1400, 0, 1700, 70], "label": "English"}]'] * 2
    script = tmp_path / "script.jsonl"
    script.write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    result = run_cli(
        cli.screenspot_v2, "--data", str(data / "screenspot/v2"), "--images", str(data / "screenspot/images"), "--with-images", "--model",
        f"scripted:{script}", "--protocol", "point", "--out", str(tmp_path / "out"), "--json",
    )  # fmt: skip
    assert result.exception is None, result.output
    numbers = json.loads(result.stdout)
    assert (numbers["benchmark"], numbers["protocol"], numbers["correct"], numbers["total"]) == ("screenspot-v2", "point", 1, 2)
    assert (tmp_path / "out/report.html").is_file()
    record = json.loads((tmp_path / "out/record.json").read_text())
    assert "Locate this in the picture" in record["prompt"]["text"]


def test_the_protocols_are_told_with_their_sources() -> None:
    told = json.loads(run_cli(cli.protocols, "--json").stdout)
    assert told["default"] == "screenspot-pro"
    assert told["protocols"].keys() == PROTOCOLS.keys()
    for_people = run_cli(cli.screenspot, "--list-protocols").stdout
    assert all(protocol.source in for_people for protocol in PROTOCOLS.values())


@pytest.mark.parametrize(
    "wrong", [("--order", "sideways"), ("--language", "fr"), ("--protocol", "none"), ("--rule", "none"), ("--shard", "3/2")]
)
def test_wrong_options_are_refused_before_anything_is_asked(data: Path, wrong: tuple[str, str]) -> None:
    folder = str(data / "screenspot/images")
    result = run_cli(cli.screenspot_v2, "--data", str(data / "screenspot/v2"), "--images", folder, "--with-images", *wrong)
    assert isinstance(result.exception, InvalidAction | SetupError)
