"""The offline benchmarks' data is read as it is distributed, and what is not as its loader says is refused by file and row."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handeye.benchmarks.offline.protocol import words
from handeye.benchmarks.offline.registry import load_episodes
from handeye.benchmarks.offline.step import OfflineEpisode, OfflineStep, Rect, Spot
from handeye.envs.actions import Click, Finish, LongPress, OpenApp, PressButton, Scroll, Swipe, TypeText, Wait
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size
from tests.benchmarks.offline_data import png, recorded, tfrecord

SCREEN = Size(1080, 2400)


def steps_of(name: str, folder: Path, size: Size | None = None) -> list[OfflineStep]:
    return [step for episode in load_episodes(name, folder, size) for step in episode.steps]


@pytest.fixture
def data() -> Path:
    folder = Path(os.environ.get("HANDEYE_DATA", ""))
    if not (folder / "android_control").is_dir():
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return folder


def kinds(episodes: list[OfflineEpisode]) -> Counter[str]:
    return Counter(gold.kind for episode in episodes for step in episode.steps for gold in step.gold)


def test_the_shared_android_control_episodes_are_those_of_the_facts(data: Path) -> None:
    episodes = list(load_episodes("android_control", data / "android_control", SCREEN))
    expected = {"click": 468, "swipe": 113, "open": 65, "type": 58, "wait": 53, "system_button": 38, "long_press": 2}
    assert len(episodes) == 150
    assert kinds(episodes) == expected
    golds = [step.gold[0] for episode in episodes for step in episode.steps]
    assert sum(gold.kind == "click" and not gold.boxes for gold in golds) == 18
    assert sum(gold.kind == "open" and bool(gold.boxes) for gold in golds) == 9
    assert {gold.button for gold in golds if gold.kind == "system_button"} == {"Back"}
    swipes = Counter((gold.finger, gold.direction) for gold in golds if gold.kind == "swipe")
    assert swipes == {("up", "down"): 95, ("down", "up"): 9, ("right", "right"): 6, ("left", "left"): 3}


def test_the_shared_aitz_episode_is_that_of_the_facts(data: Path) -> None:
    (episode,) = load_episodes("aitz", data / "aitz")
    assert [step.gold[0].kind for step in episode.steps] == ["press", "scroll", "click", "stop"]
    assert {step.size for step in episode.steps} == {Size(270, 600)}
    assert all(step.screenshot is not None and step.screenshot.is_file() for step in episode.steps)
    assert episode.steps[1].gold[0].direction == "up"
    assert episode.steps[0].ui[0].rect == Rect(17, 54, 29, 62)


def test_the_shared_agentnet_episodes_are_those_of_the_facts(data: Path) -> None:
    mac, windows = load_episodes("agentnetbench", data / "agentnetbench")
    assert kinds([windows]) == {"click": 4, "write": 1, "moveTo": 1, "scroll": 1, "terminate": 1}
    assert kinds([mac]) == {"click": 7, "write": 2, "moveTo": 1, "scroll": 1, "terminate": 1}
    assert sum(len(step.alternatives) for step in mac.steps) == 2
    assert [step.number for step in mac.steps] == [0, 1, 3, 4, 5, 6, 7, 8, 10, 12, 13]
    assert (mac.steps[0].size, windows.steps[0].size) == (Size(1212, 758), Size(1280, 720))


# AITZ


def aitz_row(number: int = 0, code: int = 4, touch: str = "[0.5, 0.25]", lift: str = "[0.5, 0.25]", **more: Any) -> dict[str, Any]:
    return {
        "episode_id": "7",
        "episode_length": 1,
        "step_id": number,
        "instruction": "open the clock",
        "ui_positions": "[[10, 20, 30, 40]]",
        "ui_text": '["Clock"]',
        "ui_types": '["TEXT"]',
        "result_action_type": code,
        "result_action_text": "",
        "result_touch_yx": touch,
        "result_lift_yx": lift,
        "image_path": f"somewhere/else/GENERAL-7/GENERAL-7_{number}.png",
    } | more


def aitz(folder: Path, *rows: dict[str, Any]) -> Path:
    home = folder / "test" / "general" / "GENERAL-7"
    home.mkdir(parents=True)
    (home / "GENERAL-7.json").write_text(json.dumps(rows))
    for index in range(len(rows)):
        (home / f"GENERAL-7_{index}.png").write_bytes(png(Size(200, 400)))
    return folder


def test_aitz_has_y_first(tmp_path: Path) -> None:
    (episode,) = load_episodes("aitz", aitz(tmp_path, aitz_row()))
    (step,) = episode.steps
    assert (episode.group, step.gold[0].spot, step.gold[0].actions) == ("GENERAL", Spot(50, 200), (Click(point=Point(50, 200)),))
    assert step.ui[0].rect == Rect(20, 10, 60, 40)


@pytest.mark.parametrize(
    ("row", "kind", "action"),
    [
        (aitz_row(code=3, result_action_text="tea"), "type", TypeText(text="tea")),
        (aitz_row(code=4, lift="[0.1, 0.25]"), "scroll", Swipe(start=Point(50, 200), end=Point(50, 40))),
        (aitz_row(code=4, lift="[0.51, 0.27]"), "click", Click(point=Point(50, 200))),
        (aitz_row(code=5, touch="[-1.0, -1.0]"), "press", PressButton(button="back")),
        (aitz_row(code=7), "press", PressButton(button="enter")),
        (aitz_row(code=10), "stop", Finish()),
        (aitz_row(code=11), "stop", Finish(success=False)),
    ],
)
def test_aitz_action_codes(tmp_path: Path, row: dict[str, Any], kind: str, action: object) -> None:
    (step,) = steps_of("aitz", aitz(tmp_path, row))
    assert (step.gold[0].kind, step.gold[0].actions) == (kind, (action,))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (aitz_row(touch="[300, 100]"), "not \\[y, x\\] in parts"),
        (aitz_row(touch="[NaN, 0.1]"), "2 finite numbers"),
        (aitz_row(touch="[0.5, 0.25"), "is not JSON"),
        (aitz_row(ui_positions="[[10, 390, 30, 40]]"), "not \\[y, x, h, w\\]"),
        (aitz_row(ui_text="[]"), "1 UI boxes, 0 texts"),
        (aitz_row(code=9), "action code 9"),
        (aitz_row(episode_length=3), "says that there are 3"),
        (aitz_row(number=1), "step is missing"),
    ],
)
def test_aitz_rows_that_are_wrong_are_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message) as caught:
        steps_of("aitz", aitz(tmp_path, row), Size(200, 400))
    assert "GENERAL-7.json" in str(caught.value)


# AndroidControl, prepared


def prepared(action: dict[str, Any], options: dict[str, Any] | None = None, number: int = 0) -> dict[str, Any]:
    return {
        "action_content": action,
        "check_options": {**action, **(options or {})},
        "screenshot": f"/their/disk/images/12_{number}.png",
        "step_instruction": "do it",
    }


def jsonl(folder: Path, *steps: dict[str, Any], episode: int = 12, name: str = "ac.jsonl") -> Path:
    line = json.dumps({"episode_id": episode, "goal": "reach it", "is_successful": True, "steps": steps})
    with (folder / name).open("a") as file:
        file.write(line + "\n")
    return folder


def test_prepared_actions_are_ours(tmp_path: Path) -> None:
    folder = jsonl(
        tmp_path,
        prepared({"action": "click", "coordinate": [540, 2273]}, {"candidate_bbox": [[456, 2211, 624, 2337]]}, 0),
        prepared({"action": "long_press", "coordinate": [1, 2], "time": 2}, {"candidate_bbox": []}, 1),
        prepared({"action": "open", "text": "Clock"}, None, 2),
        prepared({"action": "system_button", "button": "Back"}, None, 3),
        prepared({"action": "wait", "time": 2}, None, 4),
        prepared({"action": "swipe", "coordinate": [540.0, 1800.0], "coordinate2": [540.0, 600.0]}, {"direction": "down"}, 5),
    )
    steps = steps_of("android_control", folder, SCREEN)
    assert [step.gold[0].actions[0] for step in steps] == [
        Click(point=Point(540, 2273)),
        LongPress(point=Point(1, 2), duration_s=2),
        OpenApp(name="Clock"),
        PressButton(button="back"),
        Wait(seconds=2),
        Swipe(start=Point(540, 1800), end=Point(540, 600)),
    ]
    assert (steps[0].gold[0].boxes, steps[0].assumed_size) == ((Rect(456, 2211, 624, 2337),), True)
    assert (words(steps[0], "high"), words(steps[0], "low")) == ("reach it", "reach it\nWhat to do in this step: do it")
    with pytest.raises(SetupError, match="no words for the level"):
        words(steps[0], "low-with-thought")


def test_the_size_is_the_picture_s_where_there_is_one(tmp_path: Path) -> None:
    folder = jsonl(tmp_path, prepared({"action": "wait", "time": 2}))
    with pytest.raises(SetupError, match=r"ac\.jsonl, line 1, step 0: the picture .* is missing.*--size"):
        steps_of("android_control", folder)
    (folder / "images").mkdir()
    (folder / "images" / "12_0.png").write_bytes(png(Size(30, 40)))
    (step,) = steps_of("android_control", folder, SCREEN)
    assert (step.size, step.assumed_size, step.screenshot) == (Size(30, 40), False, folder / "images" / "12_0.png")


CLICK = {"action": "click", "coordinate": [540, 2273]}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (prepared({"action": "click", "coordinate": [1080, 5]}), "outside of the 1080x2400"),
        (prepared({"action": "click", "coordinate": [-1, 5]}), "outside of the 1080x2400"),
        (prepared({"action": "click", "coordinate": [5]}), "2 finite numbers"),
        (prepared(CLICK, {"candidate_bbox": [[456, 2211, 168, 126]]}), "not \\[x1, y1, x2, y2\\]"),
        (prepared(CLICK, {"candidate_bbox": [[0, 0, float("nan"), 5]]}), "4 finite numbers"),
        (prepared(CLICK, {"action": "type"}), "says 'click' and"),
        (prepared({"action": "fly"}), "not among the actions"),
        (prepared({"action": "system_button", "button": "Rewind"}), "cannot be said"),
        (prepared({"action": "wait", "time": -3}), "cannot be said"),
        (prepared({"action": "swipe", "coordinate": [5, 9], "coordinate2": [5, 1]}, {"direction": "up"}), "against the convention"),
        (prepared(CLICK, number=4), "called 12_4.png"),
    ],
)
def test_prepared_rows_that_are_wrong_are_named(tmp_path: Path, step: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message) as caught:
        steps_of("android_control", jsonl(tmp_path, step), SCREEN)
    assert "ac.jsonl, line 1, step 0" in str(caught.value)


def test_files_that_are_cut_off_doubled_or_absent_are_named(tmp_path: Path) -> None:
    step = prepared({"action": "wait", "time": 2})
    jsonl(tmp_path, step)
    jsonl(tmp_path, step)
    with pytest.raises(SetupError, match="line 2, step 0: the episode 12 was read before"):
        steps_of("android_control", tmp_path, SCREEN)
    (tmp_path / "ac.jsonl").write_text('{"episode_id": 12, "goal": "re')
    with pytest.raises(SetupError, match="line 1: is no JSON, or is cut off"):
        steps_of("android_control", tmp_path, SCREEN)
    with pytest.raises(SetupError, match="gcloud"):
        steps_of("android_control", tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SetupError, match=r"neither a \.jsonl"):
        steps_of("android_control", tmp_path / "empty")


# AndroidControl, original


@pytest.mark.parametrize("zipped", [True, False])
def test_the_original_tfrecords_are_read(tmp_path: Path, zipped: bool) -> None:
    (tmp_path / "test_subsplits.json").write_text(json.dumps({"IDD": [31], "app_unseen": [5]}))
    (episode,) = load_episodes("android_control", tfrecord(tmp_path, recorded(), zipped=zipped))
    assert (episode.id, episode.goal, episode.group, len(episode.steps)) == ("31", "set an alarm", "IDD", 8)
    golds = [step.gold[0] for step in episode.steps]
    assert [gold.kind for gold in golds] == ["click", "swipe", "open", "type", "type", "system_button", "wait", "long_press"]
    assert golds[0].boxes == (Rect(10, 20, 30, 40), Rect(0, 0, 100, 200))
    assert (golds[1].actions, golds[1].finger) == ((Scroll(direction="left"),), "right")
    assert (golds[2].boxes, golds[2].text) == ((Rect(10, 20, 30, 40),), "Clock")
    assert golds[4].actions == (Click(point=Point(15, 25)), TypeText(text="milk"))
    assert episode.steps[0].size == Size(100, 200)
    assert [box.text for box in episode.steps[0].ui] == ["", "My clock"]


def test_pictures_inside_of_tfrecords_are_kept_if_asked_for(tmp_path: Path) -> None:
    folder = tfrecord(tmp_path, recorded())
    (plain,) = load_episodes("android_control", folder)
    (whole,) = load_episodes("android_control", folder, pictures=True)
    assert (plain.steps[0].picture, whole.steps[0].picture) == (b"", png(Size(100, 200)))


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("mend", "message"),
    [
        (flip(0), "record 0: the record's length does not fit"),
        (flip(40), "record 0: the record does not fit its checksum"),
        (lambda data: data[:-10], "record 0: the record is cut off"),
        (lambda data: data + b"abc", "record 1: the record's length"),
    ],
)
def test_damaged_tfrecords_are_named(tmp_path: Path, mend: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        steps_of("android_control", tfrecord(tmp_path, recorded(), mend=mend))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"no example", "holds no Example"),
        (recorded(screenshots=[b"x"]), "1 screenshots and 8 actions"),
        (recorded(size=Size(200, 100)), "is 100x200 and annotated as 200x100"),
        (recorded(({"action_type": "click", "x": 100, "y": 5},)), "step 0: the point .* outside of the 100x200"),
        (recorded(({"action_type": "click"},)), "a click without a point"),
        (recorded(({"action_type": "dance"},)), "'dance' is not among the actions"),
        (recorded(accessibility_trees=[b"\xff"] * 9), "holds no Forest"),
        (recorded(goal=[]), '"goal" has 0 values'),
    ],
)
def test_records_that_are_wrong_are_named(tmp_path: Path, record: bytes, message: str) -> None:
    with pytest.raises(SetupError, match=message) as caught:
        steps_of("android_control", tfrecord(tmp_path, record))
    assert "android_control-00000-of-00001, record 0" in str(caught.value)


def test_a_gzip_that_is_cut_off_is_named(tmp_path: Path) -> None:
    folder = tfrecord(tmp_path, recorded())
    path = folder / "android_control-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SetupError, match="cut off or damaged"):
        steps_of("android_control", folder)


# AgentNetBench


def agentnet(folder: Path, *steps: dict[str, Any]) -> Path:
    (folder / "images").mkdir(exist_ok=True)
    for step in steps:
        (folder / "images" / str(step["image"])).write_bytes(png(Size(200, 100)))
    (folder / "t1.json").write_text(json.dumps({"task_id": "t1", "high_level_task_description": "play it", "steps": steps}))
    return folder


def clicked(number: int, x: float = 0.5, **box: list[float]) -> dict[str, Any]:
    metadata = {"bboxes": [box]} if box else {}
    action = {"type": "click", "params": {"position": {"x": x, "y": 0.5}}, "metadata": metadata}
    return {"step_num": number, "image": f"t1_{number}.png", "ground_truth_actions": [action]}


def test_agentnet_boxes_are_parts_of_the_picture(tmp_path: Path) -> None:
    folder = agentnet(tmp_path, clicked(2, rel_bbox=[0.25, 0.5, 0.5, 0.25], abs_bbox=[50, 50, 100, 25]), clicked(5))
    first, second = steps_of("agentnetbench", folder)
    assert (first.number, first.gold[0].boxes, first.gold[0].actions) == (2, (Rect(50, 50, 150, 75),), (Click(point=Point(100, 50)),))
    assert (second.number, second.gold[0].boxes) == (5, ())


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (clicked(0, x=1.5), "not in parts of the picture"),
        (clicked(0, rel_bbox=[50, 50, 100, 25]), '"rel_bbox" .* is not'),
        (clicked(0, rel_bbox=[0.25, 0.5, 0.75, 0.75], abs_bbox=[50, 50, 100, 25]), 'and "abs_bbox" says'),
        ({"step_num": 0, "image": "t1_0.png", "ground_truth_actions": []}, "no gold action"),
        ({"step_num": 0, "image": "t1_0.png", "ground_truth_actions": [{"type": "dragTo", "params": {}}]}, "without a position"),
    ],
)
def test_agentnet_rows_that_are_wrong_are_named(tmp_path: Path, step: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message) as caught:
        steps_of("agentnetbench", agentnet(tmp_path, step))
    assert "t1.json, step 0" in str(caught.value)


def test_agentnet_steps_must_rise(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="do not rise"):
        steps_of("agentnetbench", agentnet(tmp_path, clicked(3), clicked(3)))
