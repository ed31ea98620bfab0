"""What a glance tells, from lines as phones of several versions print them."""

from __future__ import annotations

import pytest

from handeye.tools.android.glance import read_glance

SETTINGS = """\
  mCurrentFocus=Window{5f2c9d3 u0 com.android.settings/com.android.settings.Settings}
  mFocusedApp=ActivityRecord{d2c2c1b u0 com.android.settings/.Settings t12}
    mRotation=ROTATION_0 mDeferredRotationPauseCount=0
      showing=false
  mShowRequested=true mShowExplicitlyRequested=false mShowForced=false mInputShown=true
  mWakefulness=Awake
"""


def test_an_app_with_the_keyboard() -> None:
    glance = read_glance(SETTINGS)
    assert (glance.front.package, glance.front.activity) == ("com.android.settings", "com.android.settings.Settings")
    assert (glance.keyboard, glance.opening, glance.locked, glance.awake, glance.rotation) == (True, False, False, True, 0)


@pytest.mark.parametrize(
    "focus",
    [
        "mCurrentFocus=null",
        "mCurrentFocus=Window{1a2b3c4 u0 Splash Screen com.example.notes}",
        "mCurrentFocus=Window{1a2b3c4 u0 Starting com.example.notes}",
        "mCurrentFocus=Window{1a2b3c4 PausedWindow com.example.notes/com.example.notes.Main}",
    ],
)
def test_a_window_that_is_being_opened(focus: str) -> None:
    assert read_glance(f"  {focus}\n  mWakefulness=Awake\n").opening


def test_a_second_display_without_a_focus_is_nothing() -> None:
    assert not read_glance("  mCurrentFocus=null\n" + SETTINGS).opening


def test_asleep_nothing_is_being_opened() -> None:
    glance = read_glance("  mCurrentFocus=null\n  mWakefulness=Asleep\n      showing=true\n")
    assert (glance.awake, glance.opening, glance.locked) == (False, False, True)


@pytest.mark.parametrize(
    ("line", "turns"), [("mRotation=ROTATION_90", 1), ("mCurrentRotation=ROTATION_270", 3), ("mRotation=2", 2), ("", 0)]
)
def test_rotation(line: str, turns: int) -> None:
    assert read_glance(line).rotation == turns


@pytest.mark.parametrize("text", ["", "\x00\xff", "mCurrentFocus=", "mCurrentFocus=Window{", "a" * 10_000])
def test_nonsense_tells_nothing(text: str) -> None:
    glance = read_glance(text)
    assert glance.awake
    assert not glance.locked
