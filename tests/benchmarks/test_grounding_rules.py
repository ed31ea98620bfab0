"""The rules, the formats that read replies, and what is counted from verdicts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.benchmarks.grounding.formats import FORMAT_NAMES, open_format
from handeye.benchmarks.grounding.images import FileImage
from handeye.benchmarks.grounding.rules import (
    RULES,
    Answer,
    Boxed,
    Outside,
    Pointed,
    Refused,
    Unreadable,
    Verdict,
    choose_rules,
    inclusive,
    polygon,
)
from handeye.benchmarks.grounding.sample import BoxTarget, Kind, PolygonTarget, RefusalTarget, Sample, Target
from handeye.benchmarks.grounding.scores import judge, summary
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

BOX = BoxTarget(10, 20, 30, 40)
DIAMOND = PolygonTarget(((50, 0), (100, 50), (50, 100), (0, 50)))
NOTHING = RefusalTarget()


@pytest.mark.parametrize(
    ("rule", "target", "answer", "verdict"),
    [
        ("inclusive", BOX, Pointed(10, 20), "right"),
        ("inclusive", BOX, Pointed(30, 40), "right"),
        ("inclusive", BOX, Pointed(30.001, 40), "wrong place"),
        ("inclusive", BOX, Pointed(20, 19.999), "wrong place"),
        ("inclusive", BOX, Boxed(10, 20, 30, 40), "wrong format"),
        ("inclusive", BOX, Refused(), "refused wrongly"),
        ("inclusive", BOX, Unreadable(""), "wrong format"),
        ("inclusive", BOX, Outside(), "wrong place"),
        ("centre-of-box", BOX, Boxed(0, 0, 40, 60), "right"),
        ("centre-of-box", BOX, Boxed(0, 0, 19, 60), "wrong place"),
        ("centre-of-box", BOX, Pointed(10, 40), "right"),
        ("polygon", DIAMOND, Pointed(50, 50), "right"),
        ("polygon", DIAMOND, Boxed(0, 0, 100, 100), "right"),
        ("polygon", DIAMOND, Pointed(10, 10), "wrong place"),
        ("polygon", DIAMOND, Pointed(99, 50), "right"),
        ("polygon", DIAMOND, Refused(), "refused wrongly"),
        # The first four numbers of the damaged row are 50, 0, 150, 50.
        ("first-four", DIAMOND, Pointed(140, 10), "right"),
        ("first-four", DIAMOND, Pointed(20, 50), "wrong place"),
        ("refusal", NOTHING, Refused(), "refused rightly"),
        ("refusal", NOTHING, Pointed(0, 0), "wrong place"),
        ("refusal", NOTHING, Outside(), "wrong place"),
        ("refusal", NOTHING, Unreadable(""), "wrong format"),
    ],
)
def test_a_rule_judges(rule: str, target: Target, answer: Answer, verdict: Verdict) -> None:
    assert choose_rules([rule]).judge(target, answer) == verdict
    assert RULES[rule][1](target, answer) == verdict


@given(st.floats(-10, 110), st.floats(-10, 110), st.booleans(), st.integers(0, 3))
def test_a_rectangle_as_a_polygon_is_judged_as_a_box_but_on_its_edges(x: float, y: float, reverse: bool, first: int) -> None:
    corners = [(0.0, 0.0), (100.0, 0.0), (100.0, 50.0), (0.0, 50.0)]
    turned = corners[first:] + corners[:first]
    area = PolygonTarget(tuple(turned[::-1] if reverse else turned))
    if min(abs(x), abs(x - 100), abs(y), abs(y - 50)) > 1e-5:
        assert polygon(area, Pointed(x, y)) == inclusive(BoxTarget(0, 0, 100, 50), Pointed(x, y))


def test_every_rule_names_its_source() -> None:
    for _, rule in RULES.values():
        assert "Source" in (rule.__doc__ or "")


def test_a_rule_takes_the_place_of_the_one_for_the_same_target() -> None:
    assert choose_rules().names == ("centre-of-box", "polygon", "refusal")
    assert choose_rules(["first-four", "inclusive"]).names == ("inclusive", "first-four", "refusal")
    assert choose_rules(["first-four"]).used_for([BOX, DIAMOND]) == ("centre-of-box", "first-four")
    with pytest.raises(InvalidAction, match="both judge"):
        choose_rules(["inclusive", "centre-of-box"])
    with pytest.raises(InvalidAction, match="choose of inclusive, "):
        choose_rules(["nearest"])


SCREEN = Size(960, 540)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        (
            "mai-ui",
            '<grounding_think>\nThought: at [1, 2]\n</grounding_think>\n<answer>\n{"coordinate":[968,176]}\n</answer>',
            Pointed(929.28, 95.04),
        ),
        ("mai-ui", '{"coordinate": [ 968 , 176 ]}', Pointed(929.28, 95.04)),
        ("mai-ui", "<think>a</think>(500, 1500)", Pointed(480, 810)),
        ("mai-ui", "[0, 0, 500, 1000]", Boxed(0, 0, 480, 540)),
        ("mai-ui", "[-1, -1]", Refused()),
        ("mai-ui", "[-5, 10]", Pointed(-4.8, 5.4)),
        ("mai-ui", "<grounding_think>It is at [100, 200]", Unreadable("the thought does not end")),
        ("mai-ui", "[1, 2] or [3, 4]", Unreadable("there are 2 places in it")),
        ("mai-ui", "[1, 2], that is [1.0, 2.0]", Pointed(0.96, 1.08)),
        ("mai-ui", "[1, 2, 3]", Unreadable("3 numbers are neither a point nor a box")),
        ("mai-ui", "nowhere", Unreadable("there is no place in brackets")),
        ("mai-ui", "", Unreadable("there is no place in brackets")),
        ("brackets-999", "[999, 999]", Pointed(960, 540)),
        ("brackets-1", "(0.5, 0.25)", Pointed(480, 135)),
        ("brackets-pixels", "[3, 4]", Pointed(3, 4)),
        # 960x540 is shown as 952x532 (34 x 19 squares of 28).
        ("qwen2.5-vl/point", '```json\n[{"point_2d": [476, 133], "label": "x"}]\n```', Pointed(480, 135)),
        ("qwen2.5-vl/point", '[{"bbox_2d": [0, 0, 476, 266], "label": "x"}]', Boxed(0, 0, 480, 270)),
        ("qwen2.5-vl/point", '[{"point_2d": [2000, 10]}]', Outside()),
        (
            "qwen2.5-vl/computer_use",
            '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [476, 133]}}\n</tool_call>',
            Pointed(480, 135),
        ),
        (
            "qwen2.5-vl/computer_use",
            '<tool_call>\n{"name": "computer_use", "arguments": {"action": "terminate", "status": "failure"}}\n</tool_call>',
            Refused(),
        ),
    ],
)
def test_a_reply_is_read(name: str, text: str, answer: Answer) -> None:
    found = open_format(name).read(text, SCREEN)
    assert type(found) is type(answer)
    assert vars(found) == pytest.approx(vars(answer))


def test_a_reply_of_a_dialect_that_points_at_nothing_is_of_the_wrong_format() -> None:
    words = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "type", "text": "a"}}\n</tool_call>'
    assert open_format("qwen2.5-vl/computer_use").read(words, SCREEN) == Unreadable("type_text names no place")
    assert isinstance(open_format("qwen2.5-vl/point").read("[]", SCREEN), Unreadable)


def test_an_unknown_dialect_is_told_with_those_that_there_are() -> None:
    with pytest.raises(SetupError, match=r"did you mean mai-ui or .*choose one of mai-ui, qwen2.5-vl/forced"):
        open_format("mai")


PIECES = [
    *("<grounding_think>", "</grounding_think>", "<think>", "</think>", "<answer>", "</answer>", '{"coordinate":', "[", "(", "]", ")"),
    *(",", "}", "1", "-1", "999999999", "1e400", "NaN", "0" * 50, " " * 30, "<tool_call>", '{"name": "computer_use", "arguments": {'),
    *('"action": "left_click"', "bbox_2d", "\ud800", "\x00", "٣"),
]
FORMATS = {name: open_format(name) for name in FORMAT_NAMES}


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)), st.sampled_from(FORMAT_NAMES))
def test_no_reply_breaks_a_format(text: str, name: str) -> None:
    answer = FORMATS[name].read(text, SCREEN)
    json.dumps(vars(answer), allow_nan=False)


@pytest.mark.parametrize("text", ["[" * 200_000, "[1," * 100_000, "<think>" * 50_000, "[" + "1" * 200_000 + ", 1]", "[1" + " " * 200_000])
def test_a_hostile_reply_is_read_in_linear_time(text: str) -> None:
    for name in FORMAT_NAMES:
        assert isinstance(open_format(name).read(text, SCREEN), Unreadable)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 6016), st.integers(1, 6016))
def test_a_pair_from_0_to_1000_lands_where_it_says(x: int, y: int, width: int, height: int) -> None:
    answer = open_format("mai-ui").read(json.dumps({"coordinate": [x, y]}), Size(width, height))
    assert isinstance(answer, Pointed)
    assert (answer.x, answer.y) == pytest.approx((x / 1000 * width, y / 1000 * height))


def a_sample(group: str, kind: Kind | None, target: Target = BOX) -> Sample:
    image = FileImage("a.png", Path("a.png"))
    return Sample("1", image, "click", SCREEN, target, group, kind, {"application": "word"}, "a.json row 0")


def test_micro_counts_rows_and_macro6_counts_cells() -> None:
    right, wrong, unreadable = Pointed(10, 20), Pointed(0, 0), Unreadable("")
    given = [(group, kind, right) for group in ("mobile", "desktop", "web") for kind in ("text", "icon")]
    given += [("web", "icon", wrong), ("web", "icon", wrong), ("web", "icon", unreadable)]
    numbers = summary([judge(a_sample(group, kind), answer, choose_rules()) for group, kind, answer in given])  # type: ignore[arg-type]
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"]) == (6, 9, 1)
    assert numbers["averages"] == {"micro": pytest.approx(6 / 9), "macro6": pytest.approx(5.25 / 6)}
    assert numbers["cells"][-1] == {"group": "web", "kind": "icon", "correct": 1, "total": 4, "wrong_format": 1, "accuracy": 0.25}
    assert numbers["cuts"]["application"]["word"]["total"] == 9
    assert numbers["denominators"] is None
    fewer = summary([judge(a_sample(group, kind), answer, choose_rules()) for group, kind, answer in given[1:]])  # type: ignore[arg-type]
    assert fewer["averages"]["macro6"] is None


def test_a_sample_of_several_types_counts_under_each() -> None:
    both = replace(a_sample("", None), cells={"types": "Icon, Button"})
    numbers = summary(
        [judge(both, Pointed(10, 20), choose_rules()), judge(replace(both, cells={"types": "Icon"}), Refused(), choose_rules())]
    )
    assert {name: (part["correct"], part["total"]) for name, part in numbers["cuts"]["types"].items()} == {"Icon": (1, 2), "Button": (1, 1)}


def test_rows_that_must_be_refused_give_two_denominators() -> None:
    given = [(BOX, Pointed(10, 20)), (DIAMOND, Pointed(50, 50)), (NOTHING, Pointed(1, 1)), (NOTHING, Refused())]
    numbers = summary([judge(a_sample("", None, target), answer, choose_rules()) for target, answer in given])
    assert numbers["denominators"]["all"]["correct"] == 3
    assert numbers["denominators"]["all"]["total"] == 4
    assert numbers["denominators"]["groundable"]["correct"] == 2
    assert numbers["denominators"]["groundable"]["total"] == 2
    assert numbers["verdicts"]["refused rightly"] == 1
