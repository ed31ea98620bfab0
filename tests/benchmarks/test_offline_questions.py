"""Recorded steps as questions to a model: what it is told and shown, and what its reply is worth, worked out by hand on real pictures."""

from __future__ import annotations

import json
import math
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.benchmarks.offline.pictures import RecordPictures
from handeye.benchmarks.offline.protocol import PROTOCOLS, find_level, find_protocol
from handeye.benchmarks.offline.questions import StepQuestion
from handeye.benchmarks.offline.registry import BENCHMARKS
from handeye.benchmarks.offline.suite import OfflineOptions, offline_suite
from handeye.benchmarks.offline.verdicts import VERDICTS
from handeye.benchmarks.samples.question import Asked
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.benchmarks.offline_data import png, recorded, tfrecord

DATA = Path(os.environ.get("HANDEYE_DATA", ""))
real = pytest.mark.skipif(not (DATA / "aitz").is_dir(), reason="HANDEYE_DATA names no folder of reference data")


def touch(**arguments: Any) -> str:
    return "<tool_call>\n" + json.dumps({"name": "mobile_use", "arguments": arguments}) + "\n</tool_call>"


def mouse(**arguments: Any) -> str:
    return "<tool_call>\n" + json.dumps({"name": "computer_use", "arguments": arguments}) + "\n</tool_call>"


def questions(name: str, folder: Path, **options: Any) -> dict[str, StepQuestion]:
    suite = offline_suite(name, folder, "scripted", OfflineOptions(**options))
    return {question.id: question for question in suite.questions if isinstance(question, StepQuestion)}


@cache
def asked(name: str, step: str, **options: Any) -> tuple[StepQuestion, Asked]:
    question = questions(name, DATA / name, **options)[step]
    return question, question.prepare()


AITZ, WINDOWS, MAC = "523638528775825151", "s_df0fd37049f470c2", "s_7f27a11115e596eb"


@real
def test_a_tap_in_aitz_by_hand() -> None:
    question, shown = asked("aitz", f"{AITZ}/2")
    # 270 / 28 = 9.6 and 600 / 28 = 21.4: ten and twenty-one patches.
    assert (shown.image, shown.shown) == (Size(270, 600), Size(280, 588))
    # result_touch_yx is [0.49836, 0.60698], y first, of 270x600.
    assert question.target["point"] == pytest.approx([0.60697728 * 270, 0.49836206 * 600])
    # x = 170 / 280 * 270 = 163.9, y = 293 / 588 * 600 = 299.0.
    right = question.judge(touch(action="click", coordinate=[170, 293]), shown)
    assert (right.correct, right.verdict, right.said["point"]) == (True, "right", [164, 299])
    # The rule for models that point: 200 / 280 * 270 = 192.9, that is (193 - 163.9) / 270 = 0.108 from the gold point, in no element; 0.14
    # is allowed.
    assert question.judge(touch(action="click", coordinate=[200, 293]), shown).correct
    # 212 / 280 * 270 = 204.4; 204 / 270 = 0.755, less 0.60698 is 0.148.
    wide = question.judge(touch(action="click", coordinate=[212, 293]), shown)
    assert (wide.correct, wide.verdict, wide.said["type_match"]) == (False, "wrong place", True)
    assert question.judge(touch(action="system_button", button="Home"), shown).verdict == "wrong action"
    unread = question.judge("I would tap the clock.", shown)
    assert (unread.verdict, "actions" in unread.said) == ("wrong format", False)
    assert "no tool call" in unread.said["why"]


@real
def test_the_published_rule_of_aitz_judges_a_point_by_its_very_pixel() -> None:
    question, shown = asked("aitz", f"{AITZ}/2", rule="coat")
    # The script rounds the gold point down, to (163, 299): 169 / 280 * 270 = 163.0 is on it, 170 is one beside.
    assert question.judge(touch(action="click", coordinate=[169, 293]), shown).correct
    assert question.judge(touch(action="click", coordinate=[170, 293]), shown).verdict == "wrong place"


@real
def test_scrolls_and_ends_of_aitz() -> None:
    # coat_action_desc says "scroll up", and the finger goes from y = 0.54 to 0.001.
    question, shown = asked("aitz", f"{AITZ}/1")
    assert question.judge(touch(action="swipe", coordinate=[140, 400], coordinate2=[140, 100]), shown).correct
    down = question.judge(touch(action="swipe", coordinate=[140, 100], coordinate2=[140, 400]), shown)
    assert (down.verdict, question.target["action"]) == ("wrong content", "scroll up")
    question, shown = asked("aitz", f"{AITZ}/3")
    assert question.judge(touch(action="terminate", status="success"), shown).correct


@real
def test_a_click_on_a_desktop_by_hand() -> None:
    question, shown = asked("agentnetbench", f"{WINDOWS}/2")
    assert (shown.image, shown.shown) == (Size(1280, 720), Size(1288, 728))
    (box,) = question.target["boxes"]
    assert box == pytest.approx([332.76, 185.51, 653.45, 205.48])
    # 421 / 1288 * 1280 = 418.4, 196 / 728 * 720 = 193.8: in the box.
    inside = question.judge(mouse(action="left_click", coordinate=[421, 196]), shown)
    assert (inside.verdict, inside.said["point"], inside.said["points"]) == ("right", [418, 194], 1.0)
    # 214 / 728 * 720 = 211.6, below the box and (212 - 193.968) / 720 = 0.02504 below the gold point at (418.688, 193.968).
    below = question.judge(mouse(action="left_click", coordinate=[421, 214]), shown)
    away = math.hypot((418 - 418.688) / 1280, (212 - 193.968) / 720)
    assert (below.verdict, below.said["point"]) == ("partly right", [418, 212])
    assert below.said["points"] == pytest.approx(math.exp(-120 * (away - 0.01 * 2**0.5))) == pytest.approx(0.27, abs=0.005)


@real
def test_texts_scrolls_and_alternatives_of_a_desktop() -> None:
    question, shown = asked("agentnetbench", f"{MAC}/1")
    assert question.target["action"] == r"write 'SPOTIFY\n'"
    assert question.judge(mouse(action="type", text="spotify\n"), shown).verdict == "right"
    # Seven of seven letters, and a tenth less for the missing Enter: 0.9 is above the 0.8 from which a text is whole.
    assert question.judge(mouse(action="type", text="spotify"), shown).said["points"] == 1.0
    # Four of seven letters: 4 / 7 / 0.8, a tenth less.
    part = question.judge(mouse(action="type", text="spot"), shown)
    assert part.said["points"] == pytest.approx(4 / 7 * 0.9 / 0.8)
    question, shown = asked("agentnetbench", f"{WINDOWS}/6")
    # The record is a move and a scroll by -3; a scroll at a place is both, in the box, and its amount is three of six.
    assert question.target["action"] == "moveTo; scroll -3"
    half = question.judge(mouse(action="scroll", pixels=-6, coordinate=[640, 400]), shown)
    assert (half.verdict, half.said["points"]) == ("partly right", pytest.approx((1 + 3 / 6) / 2))
    other = next(one for one in questions("agentnetbench", DATA / "agentnetbench").values() if one.step.alternatives)
    spot = other.step.alternatives[0][0].spot
    assert spot is not None
    place = [round(spot.x / 1212 * 1204), round(spot.y / 758 * 756)]
    assert other.judge(mouse(action="left_click", coordinate=place), other.prepare()).correct


@real
def test_what_a_model_is_told_at_each_level() -> None:
    goal = 'open app "Clock" (install if not already installed)'
    told = {
        level: asked("aitz", f"{AITZ}/1", level=level)[1].messages[-1].text
        for level in ("high", "low", "high-with-thought", "low-with-thought")
    }
    assert told["high"].startswith(f"The user query: {goal}\nTask progress")
    assert told["low"].startswith(f"The user query: {goal}\nWhat to do in this step: scroll up\nTask progress")
    thought = 'The thought: Since the "Clock" app is not among the visible icons'
    assert thought in told["high-with-thought"]
    assert "What to do" not in told["high-with-thought"]
    assert "What to do in this step: scroll up\nThe thought: " in told["low-with-thought"]
    alone = asked("aitz", f"{AITZ}/1", protocol="instruction-alone")[1].messages[-1].text
    assert alone.startswith("The user query: scroll up\nTask progress")
    published = asked("aitz", f"{AITZ}/1", protocol="agentcpm-gui", level="low")[1].messages[-1]
    assert "\nCurrent step query: scroll up\n" in published.text
    assert isinstance(published.parts[0], str), "the text stands before the picture"


@real
def test_earlier_steps_stand_in_the_dialect_s_words() -> None:
    _, shown = asked("aitz", f"{AITZ}/2")
    told = shown.messages[-1].text
    # The swipe begins at [0.5411, 0.5074], y first: x = 0.5074 * 270 = 136, * 280 / 270 = 141; y = 0.5411 * 600 = 324, * 588 / 600 = 318.
    assert 'Step 1: {"name": "mobile_use", "arguments": {"action": "system_button", "button": "Home"}}; ' in told
    assert 'Step 2: {"name": "mobile_use", "arguments": {"action": "swipe", "coordinate": [141, 318], "coordinate2": [162, 0]}}; ' in told
    assert "Step 3" not in told
    assert "Step" not in asked("aitz", f"{AITZ}/2", protocol="no-history")[1].messages[-1].text
    # A move and a scroll are one call, as a model says it: 997 / 1280 * 1288 = 1003, 334 / 720 * 728 = 338.
    told = asked("agentnetbench", f"{WINDOWS}/7")[1].messages[-1].text
    assert 'Step 4: {"name": "computer_use", "arguments": {"action": "scroll", "coordinate": [1003, 338], "pixels": -3}}; ' in told


@real
def test_the_turns_of_opencua() -> None:
    scrolled = asked("agentnetbench", f"{WINDOWS}/7", protocol="opencua")[1].messages[-3].text
    assert scrolled.startswith("Step 4: Scroll down")
    assert '"coordinate": [1003, 338], "pixels": -300}' in scrolled
    question, shown = asked("agentnetbench", f"{MAC}/7", protocol="opencua")
    assert [message.role for message in shown.messages] == ["system", *["user", "assistant"] * 5]
    first = shown.messages[1]
    assert not isinstance(first.parts[0], str)
    # The seventh step: two before the last four, which are told in words.
    assert "Done before:\nStep 1: Click on the search bar" in first.text
    assert "\nStep 2: Type 'SPOTIFY'" in first.text
    assert shown.messages[2].text.startswith("Step 3: Click on the link titled")
    assert shown.messages[-1].text == "Step 7: Thought:"
    assert all(len(message.pictures) == (message.role == "user") for message in shown.messages)
    # What was forced is read with what follows it.
    assert question.judge(" scroll down.\n" + mouse(action="scroll", pixels=-10, coordinate=[600, 500]), shown).said["type_match"]


def android(folder: Path, *actions: dict[str, Any], instruction: str = "do it", without: tuple[int, ...] = ()) -> Path:
    (folder / "images").mkdir(parents=True)
    steps = [
        {
            "action_content": action,
            "check_options": action | ({"candidate_bbox": [[50, 100, 60, 120]]} if action["action"] == "click" else {}),
            "screenshot": f"theirs/5_{number}.png",
            "step_instruction": instruction,
        }
        for number, action in enumerate(actions)
    ]
    for number in range(len(actions)):
        if number not in without:
            (folder / "images" / f"5_{number}.png").write_bytes(png(Size(108, 240), 40 * number))
    (folder / "ac.jsonl").write_text(json.dumps({"episode_id": 5, "goal": "make tea", "steps": steps}) + "\n")
    return folder


TAP = {"action": "click", "coordinate": [55, 110]}
SWIPE = {"action": "swipe", "coordinate": [54, 180], "coordinate2": [54, 60]}
TYPE = {"action": "type", "text": "tea"}


def test_prepared_android_control_with_pictures(tmp_path: Path) -> None:
    found = questions("android_control", android(tmp_path / "data", TAP, SWIPE, TYPE))
    first = found["5/0"]
    shown = first.prepare()
    # 108 / 28 = 3.9, 240 / 28 = 8.6: four and nine patches.
    assert (shown.image, shown.shown, first.image_name) == (Size(108, 240), Size(112, 252), "5_0.png")
    # The box enlarged 1.2 times about (55, 110) is 12 wide and 24 high: 49..61. 63 / 112 * 108 = 60.75, rounded 61 and in;
    # 65 / 112 * 108 = 62.7 is out, and (63 - 55) / 108 = 0.074 is more than 0.04.
    assert first.judge(touch(action="click", coordinate=[63, 116]), shown).correct
    assert first.judge(touch(action="click", coordinate=[65, 116]), shown).verdict == "wrong place"
    assert found["5/1"].judge(touch(action="swipe", coordinate=[5, 9], coordinate2=[50, 9]), shown).correct, "any swipe is right under qwen"
    assert found["5/2"].judge(touch(action="type", text="coffee"), shown).verdict == "wrong content"
    last = found["5/2"].prepare()
    assert int(last.messages[-1].pictures[0].pixels[0, 0, 0]) == 80
    assert 'Step 1: {"name": "mobile_use", "arguments": {"action": "click", "coordinate": [57, 116]}}; Step 2: ' in last.messages[-1].text
    low = questions("android_control", tmp_path / "data", level="low")["5/0"].prepare()
    assert "make tea\nWhat to do in this step: do it\n" in low.messages[-1].text


def test_missing_pictures_are_refused_or_become_errors_and_are_named(tmp_path: Path) -> None:
    folder = android(tmp_path / "data", TAP, SWIPE, TYPE, without=(1,))
    with pytest.raises(SetupError, match=r"ac\.jsonl, line 1, step 1: the picture .*5_1\.png is missing"):
        questions("android_control", folder)
    suite = offline_suite("android_control", folder, "scripted", OfflineOptions(size=Size(108, 240)))
    assert suite.notes == ("1 steps have no screenshot on this machine and become errors; the first is 5/1.",)
    with pytest.raises(SetupError, match=r"ac\.jsonl, line 1, step 1: its screenshot is not on this machine"):
        suite.questions[1].prepare()
    # A picture that was exchanged after the data were read.
    (folder / "images" / "5_2.png").write_bytes(png(Size(50, 60)))
    with pytest.raises(SetupError, match="step 2: the picture is 50x60 now, and was 108x240"):
        suite.questions[2].prepare()


def test_a_level_for_which_the_data_have_no_words(tmp_path: Path) -> None:
    folder = android(tmp_path / "data", TAP, instruction="")
    with pytest.raises(SetupError, match="step 0: the data has no words for the level low"):
        questions("android_control", folder, level="low")
    (row,) = map(json.loads, (folder / "ac.jsonl").read_text().splitlines())
    row["steps"].append(row["steps"][0] | {"screenshot": "5_1.png", "step_instruction": "do it"})
    (folder / "images" / "5_1.png").write_bytes(png(Size(108, 240)))
    (folder / "ac.jsonl").write_text(json.dumps(row))
    suite = offline_suite("android_control", folder, "scripted", OfflineOptions(level="low"))
    assert suite.notes == ("1 steps have no words for this level and become errors; the first is 5/0.",)
    assert suite.questions[0].instruction == "make tea"
    with pytest.raises(SetupError, match="no words"):
        suite.questions[0].prepare()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protocol": "opencua"}, "no protocol 'opencua' for android_control"),
        ({"protocol": "qwen-thought"}, "no protocol"),
        ({"protocol": "agentcpm-gui", "level": "low-with-thought"}, "does not ask at the level"),
        ({"rule": "coat"}, "no rule 'coat'"),
        ({"dialect": "esperanto"}, "no dialect"),
        ({"group": "IDD"}, "no episodes of the group 'IDD'"),
    ],
)
def test_names_that_do_not_fit_together(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        questions("android_control", android(tmp_path / "data", TAP), **options)


def shades(found: dict[str, StepQuestion], names: list[str]) -> list[int]:
    return [int(np.asarray(found[name].prepare().messages[-1].pictures[0].pixels)[0, 0, 0]) for name in names]


def test_pictures_in_tfrecords_are_read_again_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "splits.json").write_text(json.dumps({"test": [1, 2], "train": [3]}))
    tfrecord(tmp_path, *(recorded(episode_id=[number], goal=[b"go"]) for number in (1, 2, 3)))
    found = questions("android_control", tmp_path, split="test")
    assert list(found)[:2] == ["1/0", "1/1"]
    assert len(found) == 16, "eight steps of two episodes"
    assert all(not question.step.picture for question in found.values())
    assert shades(found, ["2/7", "1/0", "2/3", "1/5"]) == [7, 0, 3, 5]
    assert found["2/3"].image_name == "android_control-00000-of-00001, record 1, step 3"
    assert found["2/3"].cells == {"group": "test", "kind": "type", "level": "high", "split": "test"}
    # A scroll of content to the left is a finger to the right, over half of the width: 25..75 of 100 pixels, of which 112
    # are shown; and 100 of 200 rows, of which 196 are shown.
    told = found["1/2"].prepare().messages[-1].text
    assert '{"action": "swipe", "coordinate": [28, 98], "coordinate2": [84, 98]}' in told


def test_records_are_read_on_from_where_they_are_and_few_are_kept(tmp_path: Path) -> None:
    record = recorded()
    tfrecord(tmp_path, *[record] * 5)
    path = tmp_path / "android_control-00000-of-00001"
    small = RecordPictures(max_bytes=2 * len(record))
    for number in (0, 4, 2, 3, 0, 4):
        assert small.picture(path, number, 6) == png(Size(100, 200), 6)
    with pytest.raises(SetupError, match="holds 5 records, and number 5"):
        small.picture(path, 5, 0)
    with pytest.raises(SetupError, match="holds 9 screenshots, and number 9"):
        small.picture(path, 0, 9)
    path.unlink()
    with pytest.raises(SetupError, match="cannot be read"):
        RecordPictures().picture(path, 0, 0)


def test_the_data_s_hash_is_of_what_is_in_them(tmp_path: Path) -> None:
    def sha(folder: Path) -> str:
        return str(offline_suite("android_control", folder, "x").configuration.data["sha256"])

    one, same = sha(android(tmp_path / "one", TAP, TYPE)), sha(android(tmp_path / "same", TAP, TYPE))
    assert one == same
    assert sha(android(tmp_path / "other", TAP, TYPE | {"text": "milk"})) != one


def test_every_protocol_says_where_it_comes_from_and_is_recorded_whole(tmp_path: Path) -> None:
    folder = android(tmp_path / "data", TAP)
    prompts = {}
    for name, protocol in PROTOCOLS.items():
        assert protocol.about
        assert set(protocol.benchmarks) <= set(BENCHMARKS)
        assert find_level("", protocol) == protocol.levels[0]
        if "android_control" not in protocol.benchmarks:
            continue
        configuration = offline_suite("android_control", folder, "x", OfflineOptions(protocol=name)).configuration
        assert (configuration.protocol["name"], configuration.protocol["level"]) == (name, protocol.levels[0])
        assert configuration.protocol["options"] == {"min_pixels": protocol.pixels[0], "max_pixels": protocol.pixels[1]}
        prompts[name] = configuration.prompt_sha256
    assert prompts["handeye"] != prompts["mobile-agent-thinking"] != prompts["instruction-alone"]
    assert find_protocol("qwen-thought", "aitz").levels == ("high-with-thought",)
    small = offline_suite("android_control", folder, "x", OfflineOptions(max_pixels=7_840))
    # 10 patches of 28x28 at most: 2 x 4 of them fit 108x240.
    assert (small.configuration.protocol["options"]["max_pixels"], small.questions[0].prepare().shown) == (7_840, Size(56, 112))


REPLIES = st.text(max_size=80) | st.builds(
    lambda verb, values: touch(**values, action=verb),
    st.sampled_from(["click", "swipe", "type", "key", "open", "scroll", "wait", "terminate", "left_click", "system_button"]),
    st.dictionaries(
        st.sampled_from(["coordinate", "coordinate2", "text", "keys", "pixels", "time", "button", "status"]),
        st.none()
        | st.booleans()
        | st.floats()
        | st.integers()
        | st.text(max_size=9)
        | st.lists(st.floats() | st.integers(-9, 3_000), max_size=4),
        max_size=4,
    ),
)


@cache
def made(folder: Path) -> list[tuple[StepQuestion, Asked]]:
    android(folder, TAP, SWIPE, TYPE, {"action": "wait", "time": 2}, {"action": "open", "text": "Tea"})
    return [(question, question.prepare()) for question in questions("android_control", folder).values()]


@settings(max_examples=60, deadline=None)
@given(reply=REPLIES, place=st.integers(0, 4), rule=st.sampled_from(BENCHMARKS["android_control"].rules))
def test_no_reply_stops_a_run(tmp_path_factory: pytest.TempPathFactory, reply: str, place: int, rule: str) -> None:
    question, shown = made(tmp_path_factory.getbasetemp() / "hostile-replies")[place]
    found = question.judge(reply, shown)
    assert found.verdict in VERDICTS
    assert found.correct == (found.verdict == "right")
    assert ("why" in found.said) == (found.verdict == "wrong format") == ("actions" not in found.said)
    json.dumps(dict(found.said), allow_nan=False)
