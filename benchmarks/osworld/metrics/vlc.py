"""Metrics on the settings of VLC (its vlcrc)."""

from __future__ import annotations

from typing import Any

from handeye.benchmarks.osworld.documents import text

Rules = dict[str, Any]


def _value(path: str | None, name: str) -> str:
    """A setting's value; empty where it is only a comment, which means the default."""
    if not path:
        return ""
    for line in text(path).splitlines():
        key, _, value = line.partition("=")
        if key.strip() == name:
            return value.strip()
    return ""


def is_vlc_recordings_folder(result: str | None, rules: Rules) -> float:
    """Recordings go to `recording_file_path`."""
    return float(_value(result, "input-record-path") == rules["recording_file_path"])


def check_qt_bgcone(result: str | None, rules: Rules) -> float:
    """The cone in the background is on or off (`expected_qt_bgcone`)."""
    return float((_value(result, "qt-bgcone") or "1") == str(rules["expected_qt_bgcone"]))


def check_qt_max_volume(result: str | None, rules: Rules) -> float:
    """The largest volume is `expected_qt_max_volume`."""
    return float((_value(result, "qt-max-volume") or "125") == str(rules["expected_qt_max_volume"]))


def check_qt_minimal_view(result: str | None, rules: Rules) -> float:
    """The minimal view is on or off (`expected_qt_minimal_view`)."""
    return float((_value(result, "qt-minimal-view") or "0") == str(rules["expected_qt_minimal_view"]))


def check_one_instance_when_started_from_file(result: str | None, rules: Rules) -> float:
    """A file opens in the window that is there (`expected_one_instance_when_started_from_file`)."""
    return float(
        (_value(result, "one-instance-when-started-from-file") or "1") == str(rules["expected_one_instance_when_started_from_file"])
    )


def check_play_and_exit(result: str | None, rules: Rules) -> float:
    """VLC ends after playing (`expected_play_and_exit`)."""
    return float((_value(result, "play-and-exit") or "0") == str(rules["expected_play_and_exit"]))


def check_global_key_play_pause(result: str | None, rules: Rules) -> float:
    """A global key for play and pause is set, or not (`expected_global_key_play_pause`)."""
    return float(str(int(bool(_value(result, "global-key-play-pause")))) == str(rules["expected_global_key_play_pause"]))
