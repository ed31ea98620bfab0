"""OSWorld's metrics on plain values and on VLC's settings, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from handeye.benchmarks.osworld.metrics import METRICS
from tests.benchmarks.osworld_cases import Case, both, check, uncovered, write

DATE = {"expected": {"date": "3 May", "city": "Berlin"}}
LISTING = {"children": [{"name": "b.jpg"}, {"name": "a.jpg"}]}
UTC = "    Local time: Mon\nUniversal time: Mon\n      RTC time: Mon\n     Time zone: {} ({}, {})\nNTP service: inactive\n"

VALUES: list[Case] = [
    *both("exact_match", ("true", {"expected": "true"}), ("True", {"expected": "true"})),
    *both("exact_match", (["a", "b"], {"expected": ["a", "b"]}), (["b", "a"], {"expected": ["a", "b"]}), "list"),
    *both("match_in_list", ("b", {"expected": ["a", "b"]}), ("c", {"expected": ["a", "b"]})),
    *both("is_in_list", (["a", "b"], {"expected": "a"}), (["a", "b"], {"expected": "c"})),
    *both("literal_match", ("5", 5), ("5", 6)),
    *both("literal_match", ("ABC", "abc"), ("ABD", "abc"), "case", ignore_case=True),
    *both("literal_match", (["a", 1], ["a", "1"]), ("a", ["a"]), "list", type="list"),
    *both("fuzzy_match", ("Berlin", {"expected": "Berlin"}), ("Berlim", {"expected": "Berlin"})),
    *both("check_include_exclude", ("a b", {"include": ["a"], "exclude": ["c"]}), ("a c", {"include": ["a"], "exclude": ["c"]})),
    *both("check_include_exclude", ("x", {"include": []}), (None, {"include": []}), "nothing"),
    *both("check_direct_json_object", ({"date": "3 May", "city": "Berlin", "more": 1}, DATE), ({"date": "3 May"}, DATE)),
    *both("check_direct_json_object", ("{'a': 'x'}", {"expected": {"a": "x"}}), ("{'a': 'y'}", {"expected": {"a": "x"}}), "text"),
    *both(
        "check_direct_json_object",
        ({"a": "has x in it"}, {"expected": {"a": "x"}, "expect_in_result": True}),
        ({"a": "has y in it"}, {"expected": {"a": "x"}, "expect_in_result": True}),
        "within",
    ),
    *both(
        "check_direct_json_object",
        ({"a": "two", "b": ["x", "y"]}, {"expected": {"a": ["one", "two"], "b": ["y"]}, "expect_in_result": True}),
        ({"a": "two of them"}, {"expected": {"a": ["one", "two"]}, "expect_in_result": True}),
        "choices",
    ),
    *both("check_direct_json_object", ({"a": None}, {"expected": {}}), (None, {"expected": {}}), "none"),
    *both("check_moved_jpgs", (LISTING, {"expected": ["a.jpg", "b.jpg"]}), (LISTING, {"expected": ["a.jpg"]})),
    *both("is_utc_0", (UTC.format("Etc/UTC", "UTC", "+0000"),), (UTC.format("Europe/Berlin", "CET", "+0100"),)),
    *both("check_text_enlarged", ("1.25\n",), ("1.0\n",)),
    *both("is_in_vm_clickboard", ({"expected": "a"}, "cab"), ({"expected": "d"}, "cab")),
    *both("is_in_vm_clickboard", ({"expected": ["a", "b"]}, "cab"), ({"expected": ["a", "d"]}, "cab"), "all"),
    *both(
        "check_gnome_favorite_apps",
        ("['b.desktop', 'a.desktop']\n", {"expected": ["a.desktop", "b.desktop"]}),
        ("['a.desktop']\n", {"expected": ["a.desktop", "b.desktop"]}),
    ),
]


def _vlc(metric: str, key: str, good: str, bad: str, rule: dict[str, object], note: str = "") -> list[Case]:
    def config(line: str) -> object:
        return lambda folder: (write(folder / "vlcrc", f"[core] # the core\n# {key}=other\n{line}\n"), rule)

    return [Case(metric, True, config(good), note), Case(metric, False, config(bad), note)]  # type: ignore[arg-type]


def _switch(name: str, key: str, on_by_default: bool) -> list[Case]:
    """A switch of VLC's: set to 1, set to 0, and left at its default, which is a comment."""
    default = f"#{key}={int(on_by_default)}"
    return [
        *_vlc(f"check_{name}", key, f"{key}=1", f"{key}=0", {f"expected_{name}": 1}, "on"),
        *_vlc(f"check_{name}", key, f"{key}=0", f"{key}=1", {f"expected_{name}": 0}, "off"),
        *_vlc(f"check_{name}", key, default, f"{key}={int(not on_by_default)}", {f"expected_{name}": int(on_by_default)}, "default"),
    ]


VLC: list[Case] = [
    *_vlc(
        "is_vlc_recordings_folder",
        "input-record-path",
        "input-record-path=/home/user/Desktop",
        "input-record-path=/home/user",
        {"recording_file_path": "/home/user/Desktop"},
    ),
    *_vlc("check_qt_max_volume", "qt-max-volume", "qt-max-volume=200", "#qt-max-volume=125", {"expected_qt_max_volume": 200}),
    *_vlc("check_qt_max_volume", "qt-max-volume", "#qt-max-volume=125", "qt-max-volume=126", {"expected_qt_max_volume": 125}, "default"),
    *_vlc(
        "check_global_key_play_pause",
        "global-key-play-pause",
        "global-key-play-pause=Media Play",
        "#global-key-play-pause=",
        {"expected_global_key_play_pause": 1},
    ),
    *_switch("qt_bgcone", "qt-bgcone", True),
    *_switch("qt_minimal_view", "qt-minimal-view", False),
    *_switch("one_instance_when_started_from_file", "one-instance-when-started-from-file", True),
    *_switch("play_and_exit", "play-and-exit", False),
]
CASES = [*VALUES, *VLC]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.parametrize("module", ["values", "vlc"])
def test_every_metric_is_tried_both_ways(module: str) -> None:
    assert not uncovered(CASES, module)


def test_every_module_of_metrics_has_its_tests() -> None:
    modules = {metric.__module__.rpartition(".")[2] for metric in METRICS.values()}
    here = {path.stem.rpartition("_")[2] for path in Path(__file__).parent.glob("test_osworld_metrics_*.py")}
    assert modules - {"vlc"} <= here
