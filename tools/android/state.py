"""What a phone is doing, read from its dumps: asleep, locked, protected, turned, which app is in front.

Every function takes text and gives facts; the wording differs between Android versions, and all of those seen are understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handeye.tools.geometry import Size

SECURE_BIT = 0x2000
"""`WindowManager.LayoutParams.FLAG_SECURE`."""


@dataclass(frozen=True)
class Foreground:
    """What is in front. `activity` is a full class name; `window` the title of the window that has the focus, which may belong to
    another app: the notification shade, a keyboard's popup, `Application Not Responding: ...`. Empty where nothing says it."""

    package: str = ""
    activity: str = ""
    window: str = ""

    @property
    def component(self) -> str:
        """`package/activity`, as `am start -n` takes it; empty when unknown."""
        return f"{self.package}/{self.activity}" if self.package and self.activity else ""


_COMPONENT = r"(?P<package>[A-Za-z][\w]*(?:\.\w+)+)/(?P<activity>[\w.$]+)"
_RESUMED = re.compile(
    r"(?:topResumedActivity|mResumedActivity|ResumedActivity|mFocusedActivity)[=:]\s*ActivityRecord\{\S+ \S+ " + _COMPONENT
)
_FOCUSED_APP = re.compile(r"mFocusedApp=(?:AppWindowToken\{.*?)?ActivityRecord\{\S+ \S+ " + _COMPONENT)
_STACK = re.compile(r"taskId=\d+: .*visible=true topActivity=ComponentInfo\{" + _COMPONENT)
_FOCUS = re.compile(r"mCurrentFocus=(?:null|Window\{(?P<hash>[0-9a-f]+) (?:u\d+ )?(?P<paused>PausedWindow )?(?P<title>[^}]*)\})")


def foreground(text: str) -> Foreground:
    """What is in front, from any of `dumpsys window`, `dumpsys activity activities` and `am stack list`, or several of them together.

    The activity that is resumed counts; the focused window's when none is named.
    """
    title = ""
    for found in _FOCUS.finditer(text):
        title = (found.group("title") or "").strip() or title
    for pattern in (_RESUMED, _FOCUSED_APP, _STACK):
        if found_activity := pattern.search(text):
            return _foreground(found_activity, title)
    found_title = re.match(_COMPONENT, title)
    return _foreground(found_title, title) if found_title else Foreground(window=title)


def full_activity(package: str, activity: str) -> str:
    """An activity's full class name: `.Main` is short for one in the package."""
    return package + activity if activity.startswith(".") else activity


def _foreground(found: re.Match[str], title: str) -> Foreground:
    package = found.group("package")
    return Foreground(package, full_activity(package, found.group("activity")), title)


def awake(text: str) -> bool | None:
    """Whether the screen is on, from `dumpsys power`; None when it does not say."""
    if found := re.search(r"mWakefulness=(\w+)", text):
        return found.group(1) in ("Awake", "Dreaming")
    if found := re.search(r"Display Power: state=(\w+)|mScreenOn=(true|false)", text):
        return found.group(1) == "ON" or found.group(2) == "true"
    return None


def stays_awake(text: str) -> bool:
    """Whether the screen stays on while it charges, from `dumpsys power`."""
    return re.search(r"mStayOn=true|mStayOnWhilePluggedInSetting=[1-9]", text) is not None


def locked(text: str) -> bool | None:
    """Whether the lock screen is shown, from `dumpsys window` (its part `policy` is enough); None when it does not say."""
    if found := re.search(r"KeyguardServiceDelegate[^\n]*\n(?:.*\n){0,4}?\s*showing=(true|false)", text):
        return found.group(1) == "true"
    if found := re.search(
        r"(?:isStatusBarKeyguard|mShowingLockscreen|mKeyguardShowing|mDreamingLockscreen|keyguardShowing)=(true|false)", text
    ):
        return found.group(1) == "true"
    return None


def secure(text: str) -> bool:
    """Whether the window in front forbids screenshots (FLAG_SECURE), from `dumpsys window windows`."""
    focus = next(reversed(list(_FOCUS.finditer(text))), None)
    blocks = re.split(r"(?m)^\s*Window #\d+ ", text)[1:]
    if focus is not None and focus.group("hash"):
        blocks = [block for block in blocks if f"Window{{{focus.group('hash')} " in block.split("\n", 1)[0]] or blocks
    else:
        blocks = [block for block in blocks if "isOnScreen=true" in block or "mHasSurface=true" in block]
    return any(_is_secure(block) for block in blocks)


def _is_secure(block: str) -> bool:
    for flags in re.findall(r"\bfl=((?:#?[0-9a-fx]+|[A-Z_]+)(?: [A-Z_]+)*)", block):
        words = flags.split()
        if "SECURE" in words or "FLAG_SECURE" in words:
            return True
        number = words[0].lstrip("#").removeprefix("0x")
        if re.fullmatch(r"[0-9a-f]{4,8}", number) and int(number, 16) & SECURE_BIT:
            return True
    return False


def quarter_turns(text: str) -> int | None:
    """How far the screen is turned, 0 to 3, from `dumpsys window`, `dumpsys display` or `dumpsys input`; None when they do not say."""
    if found := re.search(r"m(?:Current)?Rotation=(?:ROTATION_)?(\d+)", text):
        number = int(found.group(1))
        return number // 90 % 4 if number > 3 else number
    if found := re.search(r"(?:SurfaceOrientation: |orientation=)([0-3])\b", text):
        return int(found.group(1))
    return None


def window_size(text: str) -> Size | None:
    """The size that input works in, upright, from `wm size`: the override where there is one."""
    sizes = dict(re.findall(r"(Physical|Override) size:\s*(\d+x\d+)", text))
    chosen = sizes.get("Override") or sizes.get("Physical")
    if chosen is None:
        return None
    width, height = chosen.split("x")
    return Size(int(width), int(height))
