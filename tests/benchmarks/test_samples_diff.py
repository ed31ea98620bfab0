"""What differs between two runs: of made-up runs whose differences are known, of published outputs, and of what is no run at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.provenance import now
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.rescore import Request, rescore
from handeye.benchmarks.intervals import mcnemar, paired_difference
from handeye.benchmarks.paired import compare_pairs
from handeye.benchmarks.results import ResultsFolder
from handeye.benchmarks.samples.diff import compare
from handeye.benchmarks.samples.diff_page import page
from handeye.benchmarks.samples.diff_tables import rendered
from handeye.benchmarks.samples.record import Prompt, Record, Sitting
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.sides import Side, read_side
from handeye.tools.errors import TrajectoryError
from tests.benchmarks.samples_suite import NumberQuestion, number_suite
from tests.command_line import handeye_here

SWAPPED = {
    "a": "b",
    "b": "a",
    "right in A alone": "right in B alone",
    "right in B alone": "right in A alone",
    "other verdict": "other verdict",
}


def configured(**more: Any) -> SampleConfiguration:
    known: dict[str, Any] = {
        "benchmark": "screenspot-v2",
        "model": "scripted",
        "protocol": {"name": "official", "dialect": "qwen2.5-vl", "max_pixels": 1000},
        "rules": ("centre-of-box",),
        "sampling": {"temperature": 0.0},
        "data": {"sha256": "d1", "convention": "xyxy", "samples": 4},
        "prompt_sha256": "p1",
    }
    return SampleConfiguration(**{**known, **more})


def row(key: str, correct: bool = True, **more: Any) -> SampleRow:
    known: dict[str, Any] = {
        "instruction": f"find {key}",
        "image": f"{key}.png",
        "cells": {"group": "web", "kind": "icon" if key > "m" else "text", "application": "x, y"},
        "target": {"box": [10, 10, 20, 20]},
        "verdict": "right" if correct else "wrong place",
        "said": {"point": [15, 15] if correct else [50, 50]},
        "reply": "(15, 15)" if correct else "(50, 50)",
        "size": (100, 100),
        "shown": (56, 56),
    }
    return SampleRow(id=key, correct=correct, **{**known, **more})


def run(folder: Path, rows: Sequence[SampleRow], configuration: SampleConfiguration | None = None, record: Record | None = None) -> Path:
    results = ResultsFolder(folder, configuration or configured(), SampleRow)
    for one in rows:
        results.append(one)
    results.close()
    if record is not None:
        (folder / "record.json").write_text(record.model_dump_json())
    return folder


def side(rows: Sequence[SampleRow], name: str = "run", record: Record | None = None, **more: Any) -> Side:
    by_id = dict[str, tuple[SampleRow, ...]]()
    for one in rows:
        by_id[one.id] = (*by_id.get(one.id, ()), one)
    return Side(name, configured(**more).model_dump(mode="json"), record, by_id)


def recorded(text: str = "[user]\nWhere?", sha256: str = "p1", **more: Any) -> Record:
    known: dict[str, Any] = {"started": now(), "versions": {"pillow": "11"}, "code": {"commit": "c1", "dirty": False}, "command": "handeye"}
    return Record(prompt=Prompt(sha256=sha256, text=text), sittings=(Sitting(**{**known, **more}),))


NAMES = st.sampled_from([f"s{number}" for number in range(12)])
SAMPLE_ROWS = st.builds(
    row,
    NAMES,
    st.booleans(),
    repeat=st.integers(0, 2),
    verdict=st.sampled_from(["right", "wrong place", "wrong format", ""]),
    instruction=st.text(max_size=5),
    reply=st.text(max_size=5),
    error=st.sampled_from(["", "the server is gone"]),
    said=st.fixed_dictionaries({}, optional={"point": st.lists(st.floats() | st.text(max_size=2), max_size=3), "why": st.text(max_size=5)}),
    shown=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
RUNS = st.lists(SAMPLE_ROWS, min_size=1, max_size=16, unique_by=lambda one: one.key).map(lambda rows: sorted(rows, key=lambda one: one.key))


class TestStatistics:
    @pytest.mark.parametrize(
        ("first", "second", "p_value"),
        # (1, 7): Fagerland, Lydersen and Laake, Statistics in Medicine 33, 2014. The others: sums of binomials by hand.
        [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (1, 7, 2 * (1 + 8) / 256), (2, 12, 2 * (1 + 14 + 91) / 2**14), (3, 3, 1.0)],
    )
    def test_mcnemar(self, first: int, second: int, p_value: float) -> None:
        assert mcnemar(first, second) == pytest.approx(p_value)
        assert mcnemar(second, first) == mcnemar(first, second)

    @pytest.mark.parametrize(
        ("cells", "interval"),
        # Newcombe 1998 (36 both, 12 and 2 in one alone), and Fagerland et al. 2014 (1 both, 1 and 7, 12 neither).
        [((36, 2, 12, 0), (0.0569, 0.3404)), ((1, 7, 1, 12), (-0.507, -0.026)), ((0, 0, 0, 0), (-1, 1))],
    )
    def test_newcombes_interval(self, cells: tuple[int, int, int, int], interval: tuple[float, float]) -> None:
        assert paired_difference(*cells) == pytest.approx(interval, abs=5e-4)

    @given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
    def test_the_interval_holds_the_difference_and_turns_with_it(self, both: int, first: int, second: int, neither: int) -> None:
        low, high = paired_difference(both, first, second, neither)
        count = both + first + second + neither
        assert -1 <= low <= high <= 1
        assert low - 1e-9 <= ((second - first) / count if count else 0) <= high + 1e-9
        assert paired_difference(both, second, first, neither) == pytest.approx((-high, -low))

    def test_graded_outcomes_of_tasks(self) -> None:
        found = compare_pairs({"t1": 0.5, "t2": 1.0, "t3": 0.0, "alone": 1.0}, {"t1": 1.0, "t2": 1.0, "t3": 0.25, "other": 0.0})
        assert (found.common, found.first, found.second) == (3, 0.5, 0.75)
        assert (found.first_better, found.second_better, found.same, found.p_value) == (0, 2, 1, 0.5)
        assert found.interval is not None
        assert found.interval[0] < 0.25 < found.interval[1]
        assert "sign test" in found.method

    def test_nothing_in_common_is_no_rate(self) -> None:
        found = compare_pairs({"a": 1.0}, {"b": 1.0})
        assert (found.common, found.difference, found.p_value) == (0, None, None)


class TestTwoRuns:
    @given(RUNS)
    def test_a_run_does_not_differ_from_itself(self, rows: list[SampleRow]) -> None:
        one = side(rows, record=recorded())
        found = compare(one, one)
        for name in ("configuration", "record", "cells", "verdicts", "samples", "likely", "against"):
            assert found[name] == [], name
        assert found["comparable"]
        assert (found["prompt"]["same"], found["prompt"]["diff"], found["prompt"]["other"]) == (True, [], 0)
        assert (found["data"]["only_a"], found["data"]["only_b"], found["data"]["changed"]) == ([], [], [])
        assert (found["results"]["difference"], found["results"]["p_value"]) == (0, 1.0)
        assert found["sizes"]["other"] == found["replies"]["other"] == 0
        json.dumps(found, allow_nan=False)

    @given(RUNS, RUNS)
    def test_the_other_way_round_everything_is_the_other_way_round(self, one: list[SampleRow], two: list[SampleRow]) -> None:
        a = side(one, "one", recorded())
        b = side(two, "two", recorded("[user]\nWhat?", "p2", command="handeye bench"), model="other", seed=3)
        if not {row.key for row in one} & {row.key for row in two}:
            with pytest.raises(TrajectoryError, match="no sample is in both"):
                compare(a, b)
            return
        there, back = compare(a, b), compare(b, a)
        assert there["results"]["difference"] == pytest.approx(-back["results"]["difference"])
        assert there["results"]["p_value"] == back["results"]["p_value"]
        assert there["results"]["interval"] == pytest.approx([-limit for limit in reversed(back["results"]["interval"])])
        assert there["results"]["a_better"] == back["results"]["b_better"]
        for name in ("configuration", "record", "verdicts"):
            assert sorted(map(str, map(sorted_items, there[name]))) == sorted(str(sorted_items(swapped(line))) for line in back[name])
        changes = {(sample["id"], sample["repeat"]): sample["change"] for sample in there["samples"]}
        assert changes == {(sample["id"], sample["repeat"]): SWAPPED[sample["change"]] for sample in back["samples"]}
        assert (there["data"]["only_a"], there["points"]["median_px"]) == (back["data"]["only_b"], back["points"]["median_px"])
        json.dumps(there, allow_nan=False)

    @settings(max_examples=15)
    @given(RUNS, RUNS)
    def test_every_comparison_can_be_shown(self, one: list[SampleRow], two: list[SampleRow]) -> None:
        rows = [row("shared", said={"point": [10**400, -(10**400)]})]
        found = compare(side([*one, *rows]), side([*two, *rows], seed=1))
        assert "</html>" in page(found)
        with open(os.devnull, "w") as nowhere:
            Console(file=nowhere, width=60).print(rendered(found, 3))

    def test_every_kind_of_difference_is_told(self, tmp_path: Path) -> None:
        a = run(tmp_path / "a", [row("a"), row("b"), row("c", False), row("z")], record=recorded())
        protocol = {"name": "official", "dialect": "qwen2.5-vl", "max_pixels": 500, "thinking": True}
        record = recorded("[user]\nWhere is it?", "p2", versions={"pillow": "12"}, code={"commit": "c2", "dirty": True})
        changed = row("b", False, prompt_tokens=7, said={"point": [53, 14]}, instruction="find it", shown=(28, 28))
        rows = [row("a"), changed, row("c"), row("z", False, verdict="wrong format", said={"why": "no point"}, reply="?"), row("new")]
        b = run(tmp_path / "b", rows, configured(protocol=protocol, prompt_sha256="p2"), record)
        found = compare(read_side(a), read_side(b))
        assert {line["field"]: (line["a"], line["b"]) for line in found["configuration"]} == {
            "prompt_sha256": ("p1", "p2"),
            "protocol.max_pixels": (1000, 500),
            "protocol.thinking": (None, True),
        }
        assert {line["field"] for line in found["record"]} == {"code.commit", "code.dirty", "versions.pillow"}
        assert found["prompt"]["diff"] == ["@@ -1,2 +1,2 @@", " [user]", "-Where?", "+Where is it?"]
        assert found["data"]["only_b"] == ["new"]
        assert found["data"]["changed"] == [{"id": "b", "field": "instruction", "a": "find b", "b": "find it"}]
        assert found["sizes"]["pairs"] == [{"a": [56, 56], "b": [28, 28], "count": 1}]
        results = found["results"]
        assert (results["common"], results["a"]["correct"], results["b"]["correct"], results["difference"]) == (4, 3, 2, -0.25)
        assert (results["a_better"], results["b_better"], results["b"]["wrong_format"]) == (2, 1, 1)
        assert (results["a"]["prompt_tokens"], results["b"]["prompt_tokens"]) == (0, 7)
        assert [(sample["id"], sample["change"]) for sample in found["samples"]] == [
            ("b", "right in A alone"),
            ("z", "right in A alone"),
            ("c", "right in B alone"),
        ]
        assert found["samples"][0]["distance_px"] == pytest.approx(38.0131556)
        assert found["cells"][0]["cut"] == "application"
        assert {"a": "right", "b": "wrong format", "count": 1} in found["verdicts"]
        assert not found["comparable"], "the instruction under an id is another"
        assert any("no commit holds" in line for line in found["warnings"])

    def test_of_two_runs_that_were_really_made(self, tmp_path: Path) -> None:
        for name, number in (("a", 3), ("b", 4)):
            suite = number_suite([NumberQuestion(index) for index in range(20)])
            run_suite(suite, ScriptedModel(cycle([f"The number {number}"])), RunOptions(tmp_path / name), None)
        found = compare(read_side(tmp_path / "a"), read_side(tmp_path / "b"))
        assert {sample["change"] for sample in found["samples"]} == {"right in A alone", "right in B alone"}
        assert (found["comparable"], found["configuration"], found["record"], found["prompt"]["same"]) == (True, [], [], True)
        assert (found["replies"]["known"], found["replies"]["other"], found["prompt"]["known"], found["prompt"]["other"]) == (20, 20, 20, 0)
        assert found["a"]["sittings"] == 1

    def test_repeats_count_as_one_sample(self) -> None:
        a = side([row("a", repeat=repeat, correct=repeat == 0) for repeat in range(4)] + [row("b", repeat=repeat) for repeat in range(4)])
        found = compare(a, side([row("a"), row("b")]))
        assert (found["results"]["common"], found["results"]["a"]["accuracy"], found["results"]["b"]["accuracy"]) == (2, 0.625, 1.0)
        assert any("means over each sample's repeats" in line for line in found["warnings"])


def sorted_items(line: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(line.items())


def swapped(line: Mapping[str, Any]) -> dict[str, Any]:
    return {SWAPPED.get(name, name): value for name, value in line.items()}


class TestReasons:
    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"benchmark": "aitz"}, "Another benchmark: screenspot-v2 and aitz"),
            ({"rules": ("inclusive",)}, "Other scoring rules: centre-of-box and inclusive"),
            ({"data": {"sha256": "d2", "convention": "xywh"}}, "Another convention of boxes: xyxy and xywh"),
            ({"data": {"sha256": "d2", "convention": "xyxy"}}, "Other data: the sha256"),
        ],
    )
    def test_what_forbids_the_comparison(self, more: dict[str, Any], told: str) -> None:
        found = compare(side([row("a")]), side([row("a", False)], **more))
        assert not found["comparable"]
        assert any(line.startswith(told) for line in found["against"])

    def test_another_space_of_coordinates(self) -> None:
        places = [(20 * number + 7, 30 * number + 5) for number in range(12)]
        a = side([row(f"s{index}", said={"point": [x, y]}) for index, (x, y) in enumerate(places)])
        b = side([row(f"s{index}", False, said={"point": [x / 2, y / 2 + 0.01]}) for index, (x, y) in enumerate(places)])
        assert compare(a, b)["likely"][0] == "B's points are A's times 0.5 across and 0.5 down: another space of coordinates."
        assert compare(b, a)["likely"][0] == "B's points are A's times 2 across and 2 down: another space of coordinates."

    @pytest.mark.parametrize(
        ("worse", "told"),
        [
            ({"verdict": "", "error": "timed out", "said": {}, "reply": ""}, "have no reply on one side"),
            ({"verdict": "wrong format", "said": {}}, "are in a wrong format on one side"),
            ({"target": {"box": [1, 2, 3, 4]}}, "are of another instruction, target or picture"),
            ({"reply": "(15, 15)"}, "are the same reply, judged otherwise"),
            ({"shown": (112, 112)}, "were shown in another size"),
        ],
    )
    def test_what_the_turned_samples_share_comes_first(self, worse: dict[str, Any], told: str) -> None:
        a = side([row(f"s{number}") for number in range(6)])
        b = side([row(f"s{number}", number < 2, **({} if number < 2 else worse)) for number in range(6)], seed=1)
        likely = compare(a, b)["likely"]
        assert re.fullmatch(rf"4 of the 4 samples .*{re.escape(told)}.*", likely[0])
        assert likely[-1] == "The only difference of configuration: another seed (seed)."

    def test_nothing_recorded_differs(self) -> None:
        likely = compare(side([row("a"), row("b")]), side([row("a"), row("b", False)]))["likely"]
        assert likely == ["Nothing that was recorded differs: chance (sampling, order of sums on a GPU), or a server that changed."]

    def test_sittings_of_one_run_that_differ(self) -> None:
        one = recorded()
        two = Record(prompt=one.prompt, sittings=(recorded(versions={"pillow": "10"}).sittings[0], one.sittings[0]))
        found = compare(side([row("a")], record=two), side([row("a")], record=one))
        assert found["warnings"] == ["A was made in 2 sittings that differ in versions; only the last is compared."]


class TestBadInput:
    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            (lambda run: run / "nowhere", "there is no"),
            (lambda run: run.parent, "not the folder of a run: it has no config.json"),
            (
                lambda run: write(run / "config.json", '{"model": "m", "dialect": "d", "max_steps": 3}'),
                "not the configuration of a run of samples",
            ),
            (lambda run: write(run / "config.json", "{"), "cannot be read as JSON"),
            (lambda run: write(run / "config.json", "[" * 100_000), "cannot be read as JSON"),
            (lambda run: write(run / "config.json", nested(run, 400)), "not the configuration of a run of samples"),
            (lambda run: write(run / "config.json", json.dumps({"format": 2, "unheard": 1})), "newer handeye .format 2, this one reads 1"),
            (lambda run: write(run / "results.jsonl", ""), "holds no row"),
            (lambda run: write(run / "results.jsonl", '{"id": "a"}\nnothing\n{"id": "b"}\n'), "line 2 is damaged"),
            (lambda run: write(run / "results.jsonl", '{"id": "a"}\n{"id": "a"}\n'), "two rows of 'a'"),
            (lambda run: write(run / "record.json", '{"format": 7}'), "record.json was written by a newer handeye"),
            (lambda run: write(run / "rows.json", "[]") / "rows.json", "not what `handeye bench rescore --json` prints"),
            (lambda run: scored(run, {"id": "a"}), "row 1 has no id or no verdict"),
            (lambda run: scored(run, {"id": "a", "verdict": "right", "size": "big"}), "row 1 is damaged .size"),
            (lambda run: scored(run, {"id": "a", "verdict": "right", "target": deep(300)}), "row 1 is damaged"),
        ],
    )
    def test_what_is_no_run_is_named(self, tmp_path: Path, spoil: Any, told: str) -> None:
        good = run(tmp_path / "runs" / "good", [row("a")])
        done = handeye_here("bench", "diff", good, spoil(run(tmp_path / "runs" / "bad", [row("a")])))
        assert done.returncode == 2
        assert re.search(told, done.stderr)
        assert "Traceback" not in done.stderr

    def test_half_a_surrogate_pair_does_no_harm(self, tmp_path: Path) -> None:
        file = scored(tmp_path, {"id": "a", "verdict": "right", "reply": "\ud83d", "instruction": "x\udfff", "why": "\ud83d"})
        done = handeye_here("bench", "diff", file, run(tmp_path / "run", [row("a", False)]), "--html", tmp_path / "page.html")
        assert done.returncode == 0, done.stderr

    def test_a_row_that_was_cut_off_is_told_and_left_out(self, tmp_path: Path) -> None:
        cut = run(tmp_path / "cut", [row("a"), row("b")])
        with (cut / "results.jsonl").open("a") as file:
            file.write('{"id": "c", "ver')
        found = compare(read_side(cut), read_side(run(tmp_path / "whole", [row("a"), row("b"), row("c")])))
        assert found["warnings"][0] == "A: its last row was cut off and is left out."
        assert (found["results"]["common"], found["data"]["only_b"]) == (2, ["c"])

    def test_nothing_in_common(self, tmp_path: Path) -> None:
        done = handeye_here("bench", "diff", run(tmp_path / "a", [row("a")]), run(tmp_path / "b", [row("b")]))
        assert done.returncode == 2
        assert "no sample is in both ('a' in" in done.stderr

    def test_rows_of_a_newer_handeye_are_not_called_damaged(self, tmp_path: Path) -> None:
        newer = run(tmp_path / "newer", [row("a")])
        data = json.loads((newer / "config.json").read_text()) | {"format": 2}
        (newer / "config.json").write_text(json.dumps(data))
        (newer / "results.jsonl").write_text('{"key": "a"}\n')
        with pytest.raises(TrajectoryError, match=r"written by a newer handeye .format 2, this one reads 1"):
            ResultsFolder(newer, configured(), SampleRow)


def deep(levels: int) -> Any:
    return {"d": deep(levels - 1)} if levels else {}


def nested(folder: Path, levels: int) -> str:
    return json.dumps(json.loads((folder / "config.json").read_text()) | {"protocol": deep(levels)})


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path.parent


def scored(folder: Path, *rows: Mapping[str, Any]) -> Path:
    path = folder / "scored.json"
    path.write_text(json.dumps({"benchmark": "screenspot-v2", "dialect": "mai-ui", "rules": ["centre-of-box"], "rows": rows}))
    return path


class TestCommand:
    def test_hostile_texts_do_nothing(self, tmp_path: Path) -> None:
        evil = "\x1b]0;owned\x07\x1b[2J[red]<script>alert(1)</script>\u202e</code>\r\n"
        one = row("a", instruction=evil, reply=evil, image=evil, cells={"group": evil}, said={"point": [1, 2], "why": evil})
        two = row(
            "a",
            False,
            instruction=evil + "2",
            reply=evil + "2",
            cells={"group": evil},
            target={"box": [evil, 1, 2, 3], "boxes": 3, "polygon": [1, 2]},
            error=evil,
        )
        a = run(tmp_path / "a", [one], configured(model=evil), recorded(f"[user]\n{evil}", versions={evil: evil}))
        b = run(tmp_path / "b", [two], configured(model=evil + "2"), recorded(f"[user]\n{evil}2", "p2"))
        done = handeye_here("bench", "diff", a, b, "--html", tmp_path / "page.html")
        assert done.returncode == 0, done.stderr
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", done.stdout)
        assert "[red]" in done.stdout
        text = (tmp_path / "page.html").read_text()
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "default-src 'none'" in text

    def test_one_object_and_the_exit_codes(self, tmp_path: Path) -> None:
        a = run(tmp_path / "a", [row(f"s{number}") for number in range(10)])
        b = run(tmp_path / "b", [row(f"s{number}", number > 0) for number in range(10)])
        done = handeye_here("bench", "diff", a, b, "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["results"]["difference"] == pytest.approx(-0.1)
        assert [handeye_here("bench", "diff", a, b, "--fail-if-worse", points).returncode for points in (5, 15)] == [1, 0]
        assert handeye_here("bench", "diff", b, a, "--fail-if-worse", 0).returncode == 0
        other = run(tmp_path / "other", [row("s1")], configured(benchmark="aitz"))
        assert handeye_here("bench", "diff", a, other, "--fail-if-worse", 50).returncode == 1

    def test_show_says_how_many_more_there_are(self, tmp_path: Path) -> None:
        a = run(tmp_path / "a", [row(f"s{number}") for number in range(9)])
        b = run(tmp_path / "b", [row(f"s{number}", False) for number in range(9)])
        few, none = (handeye_here("bench", "diff", a, b, "--show", count).stdout for count in (2, 0))
        assert "Right in A alone: 9" in few
        assert "and 7 more" in few
        assert "find s0" not in none


def test_published_outputs_read_in_two_ways(tmp_path: Path) -> None:
    data = os.environ.get("HANDEYE_DATA", "")
    if not data:
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    folder = Path(data) / "screenspot"
    for dialect in ("mai-ui", "brackets-999"):
        request = Request("screenspot-v2", folder / "outputs/ssv2_maiui_first400.json", dialect, load=LoadOptions(folder / "v2"))
        (tmp_path / f"{dialect}.json").write_text(json.dumps(rescore(request)))
    done = handeye_here("bench", "diff", tmp_path / "mai-ui.json", tmp_path / "brackets-999.json", "--json")
    found = json.loads(done.stdout)
    assert (found["results"]["a"]["correct"], found["results"]["b"]["correct"], found["results"]["common"]) == (383, 382, 400)
    assert [sample["change"] for sample in found["samples"]] == ["right in A alone"]
    assert found["likely"][0].startswith("The only difference of configuration: another dialect")
    assert found["comparable"]
