"""Whether a phone is ready, read from what it said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.android.emulator_ready import MARK, QUESTIONS, read_look

LAUNCHER = "com.google.android.apps.nexuslauncher"
READY = {
    "booted": "1",
    "animation": "stopped",
    "packages": "package:/system/framework/framework-res.apk",
    "storage": "/sdcard/Android",
    "launcher": "priority=0 preferredOrder=0 match=0x108000\ncom.google.android.apps.nexuslauncher/.NexusLauncherActivity",
    "power": "mWakefulness=Awake",
    "window": f"  mCurrentFocus=Window{{1 u0 {LAUNCHER}/{LAUNCHER}.NexusLauncherActivity}}\n"
    f"  mFocusedApp=ActivityRecord{{1 u0 {LAUNCHER}/.NexusLauncherActivity t1}}",
}
ANR = "  mCurrentFocus=Window{2 u0 Application Not Responding: com.android.systemui}\n" + READY["window"].splitlines()[1]


def said(**changes: str) -> str:
    answers = READY | changes
    return "".join(f"{MARK}{name}\n{answers[name]}\n" for name in QUESTIONS)


def test_nothing_is_lacking_when_all_is_well() -> None:
    assert read_look(said()).lacks == ()
    assert read_look(said(animation="")).lacks == ()


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"booted": ""}, "Android has not finished booting"),
        ({"animation": "running"}, "its boot animation still runs"),
        ({"packages": "cmd: Can't find service: package"}, "its package manager does not answer"),
        ({"storage": "ls: /sdcard/Android: No such file or directory"}, "its storage is not mounted"),
        ({"launcher": "com.android.settings/.FallbackHome"}, "its launcher is not there yet"),
        ({"launcher": "No activity found"}, "its launcher is not there yet"),
        ({"power": "mWakefulness=Asleep"}, "its screen is off"),
        ({"window": READY["window"] + "\n mKeyguardShowing=true"}, "its screen is locked"),
        ({"window": ANR}, "a dialog is in front: Application Not Responding: com.android.systemui"),
        ({"window": "mFocusedApp=ActivityRecord{1 u0 com.android.settings/.Settings t1}"}, "com.android.settings is"),
        ({"window": ""}, "nothing is"),
    ],
)
def test_what_is_lacking_is_said(changes: dict[str, str], lacks: str) -> None:
    assert lacks in "; ".join(read_look(said(**changes)).lacks)


@given(st.dictionaries(st.sampled_from(sorted(QUESTIONS)), st.text(max_size=80)), st.text(max_size=80))
def test_whatever_it_says_is_read(changes: dict[str, str], before: str) -> None:
    seen = read_look(before + said(**changes))
    assert all(seen.lacks)
    assert read_look(before).lacks
