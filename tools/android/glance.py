"""A glance at what a phone is doing, in one round trip: window with the focus, whether one is being opened, keyboard, rotation, sleep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from handeye.tools.android.state import Foreground, awake, foreground, quarter_turns
from handeye.tools.android.transport import ShellResult

_LINES = "mCurrentFocus=|mFocusedApp=|m(Current)?Rotation=|mInputShown=|mWakefulness=|showing=|isStatusBarKeyguard=|mShowingLockscreen="
_BRIEF = f"{{ dumpsys window displays; dumpsys window policy; dumpsys input_method; dumpsys power; }} | grep -E '{_LINES}'"
_WHOLE = f"{{ dumpsys window; dumpsys input_method; dumpsys power; }} | grep -E '{_LINES}'"
"""Before Android 10 the focus is not told among the displays (AOSP: DisplayContent.dump, WindowManagerService.dumpWindowsNoHeader)."""
_STARTING = re.compile(r"\b(?:Splash Screen|Starting|SnapshotStartingWindow)\b|PausedWindow")
"""Titles of the windows that stand in for an app until it has drawn (AOSP: PhoneWindowManager, StartingSurfaceDrawer)."""


@dataclass(frozen=True)
class Glance:
    """What is in front, and how the phone is."""

    front: Foreground
    opening: bool = False
    """No window has the focus, or one that stands in for an app that is being started."""
    keyboard: bool = False
    """The keyboard on the screen is shown."""
    rotation: int = 0
    """Quarter turns, 0 to 3."""
    awake: bool = True
    locked: bool = False


def read_glance(text: str) -> Glance:
    """The glance that the lines of the dumps give. What they do not say is taken to be as usual."""
    focuses = re.findall(r"mCurrentFocus=(.*)", text)
    titles = [focus for focus in focuses if focus.strip() != "null"]
    on = awake(text) is not False
    opening = on and bool(focuses) and (not titles or any(_STARTING.search(title) for title in titles))
    return Glance(
        foreground(text),
        opening,
        "mInputShown=true" in text,
        quarter_turns(text) or 0,
        on,
        bool(re.search(r"(?:^|\s)(?:showing|isStatusBarKeyguard|mShowingLockscreen)=true", text, re.MULTILINE)),
    )


class Shell(Protocol):
    """Runs a line in a phone's shell, as `AndroidDriver.shell` does."""

    def __call__(self, command: str, limit_s: float | None = None) -> ShellResult: ...


class Glances:
    """Glances at one phone."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._line = _BRIEF

    def take(self) -> Glance:
        """What the phone is doing now. Raises what `AndroidDriver.shell` raises."""
        text = self._shell(self._line).text
        if "mCurrentFocus=" not in text and self._line == _BRIEF:
            self._line = _WHOLE
            text = self._shell(self._line).text
        return read_glance(text)
