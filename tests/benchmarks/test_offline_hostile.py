"""Annotations with anything in them are read, or refused by file and row; nothing else happens."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.benchmarks.offline.registry import load_episodes
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["[1, 2]", "[]", "{}", "1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["x", "y", "action", "text"]), inner, max_size=3),
    max_leaves=6,
)

AITZ = [
    {
        "episode_id": "7",
        "episode_length": 1,
        "step_id": 0,
        "instruction": "open the clock",
        "ui_positions": "[[10, 20, 30, 40]]",
        "ui_text": '["Clock"]',
        "ui_types": '["TEXT"]',
        "result_action_type": 4,
        "result_action_text": "",
        "result_touch_yx": "[0.5, 0.25]",
        "result_lift_yx": "[0.1, 0.25]",
        "image_path": "GENERAL-7_0.png",
        "coat_action_desc": "scroll up",
    }
]
STEPS = [
    {"action": "click", "coordinate": [5, 5], "candidate_bbox": [[1, 1, 9, 9]]},
    {"action": "long_press", "coordinate": [5, 5], "time": 2, "candidate_bbox": []},
    {"action": "swipe", "coordinate": [5, 50], "coordinate2": [5, 5], "direction": "down"},
    {"action": "type", "text": "tea"},
    {"action": "open", "text": "Clock", "candidate_bbox": [[1, 1, 9, 9]]},
    {"action": "system_button", "button": "Back"},
    {"action": "wait", "time": 2},
]
PREPARED = {
    "episode_id": 1,
    "goal": "reach it",
    "steps": [
        {"action_content": one, "check_options": one, "screenshot": f"1_{number}.png", "step_instruction": "do it"}
        for number, one in enumerate(STEPS)
    ],
}
BOX = {"rel_bbox": [0.25, 0.5, 0.5, 0.25], "abs_bbox": [25, 100, 50, 50]}
AGENTNET = {
    "task_id": "t",
    "high_level_task_description": "play it",
    "meta_info": {"domain": "Daily"},
    "steps": [
        {
            "step_num": 0,
            "image": "t_0.png",
            "inner_monologue": {"thought": "so"},
            "ground_truth_actions": [
                {"type": "click", "params": {"position": {"x": 0.5, "y": 0.5}}, "metadata": {"bboxes": [BOX]}},
                {"type": "write", "params": {"text": "tea\n"}, "metadata": {}},
                {"type": "scroll", "params": {"amount": -3}},
                {"type": "hotkey", "params": {"keys": ["ctrl", "c"]}},
                {"type": "terminate", "params": {"status": "success"}},
            ],
            "alternative_options": [[{"type": "moveTo", "params": {"position": {"x": 0.5, "y": 0.5}}}]],
        }
    ],
}


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    result = copy.deepcopy(value)
    holder = result
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = new
    return result


def read(name: str, folder: Path) -> None:
    """Every episode, or a `SetupError` that names the file or the folder."""
    try:
        episodes = list(load_episodes(name, folder, Size(100, 200)))
    except SetupError as error:
        named = str(folder) in str(error) or "episode" in str(error)
        if not named:
            raise AssertionError(f"no place in: {error}") from error
    else:
        assert all(episode.steps for episode in episodes)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


FILES = {"aitz": (AITZ, "GENERAL-7/GENERAL-7.json"), "android_control": (PREPARED, "ac.jsonl"), "agentnetbench": (AGENTNET, "t.json")}


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_read_before_anything_is_changed(scratch: Path, name: str) -> None:
    value, file = FILES[name]
    path = scratch / name / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    assert len(list(load_episodes(name, scratch / name, Size(100, 200)))) == 1


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from([*FILES]), new=JSON, data=st.data())
def test_anything_in_any_field(scratch: Path, name: str, new: Any, data: st.DataObject) -> None:
    value, file = FILES[name]
    place = data.draw(st.sampled_from(places(value)))
    path = scratch / name / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(changed(value, place, new)))
    read(name, scratch / name)


@settings(max_examples=50)
@given(content=st.binary(max_size=80), zipped=st.booleans())
def test_any_bytes_for_a_tfrecord(scratch: Path, content: bytes, zipped: bool) -> None:
    folder = scratch / "records"
    folder.mkdir(exist_ok=True)
    (folder / "android_control-00000-of-00020").write_bytes(gzip.compress(content) if zipped else content)
    read("android_control", folder)
