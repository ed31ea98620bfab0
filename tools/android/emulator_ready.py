"""Whether an Android that was just started can be worked with, what it still lacks, and what is done about it."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from handeye.tools.android import state
from handeye.tools.android.deadline import Deadline
from handeye.tools.android.transport import DeviceLink
from handeye.tools.android.uitree import read_tree
from handeye.tools.errors import DeviceError, DeviceTimeout, SetupError

LOOK_S = 0.5
STEADY = 2
"""Looks in a row that must find nothing lacking: a launcher that came first may be covered by a dialog a moment later."""
ANSWER_S = 20.0
"""An Android that boots answers late."""
TRUST_S = 90.0
"""An emulator learns the user's key while it boots, and trusts nobody before."""
WAKE, HOME = 224, 3
"""android.view.KeyEvent."""
MARK = "handeye:"
QUESTIONS = {
    "booted": "getprop sys.boot_completed",
    "animation": "getprop init.svc.bootanim",
    "packages": "pm path android",
    "storage": "ls -d /sdcard/Android",
    "launcher": "cmd package resolve-activity --brief -a android.intent.action.MAIN -c android.intent.category.HOME",
    "power": "dumpsys power",
    "window": "dumpsys window",
}
"""Asked in one go; each answer follows a line with its name."""
SCRIPT = "; ".join(f"echo {MARK}{name}; {command} 2>&1" for name, command in QUESTIONS.items())
DIALOG = re.compile(r"Application (?:Not Responding|Error): ")
"""Titles of the windows in which Android asks what to do about an app (AOSP: AppNotRespondingDialog.java, AppErrorDialog.java)."""
WAITS = ("android:id/aerr_wait", "android:id/aerr_close", "android:id/aerr_restart")
"""Their buttons, the least harmful first (AOSP: res/layout/app_anr_dialog.xml, app_error_dialog.xml)."""
FALLBACK = "FallbackHome"
"""What stands in for the launcher until the user's storage is unlocked (AOSP: packages/apps/Settings)."""


@dataclass(frozen=True)
class Look:
    """What a phone said. `lacks` is empty when it is ready."""

    lacks: tuple[str, ...]
    window: str = ""
    """Title of the window that has the focus."""
    asleep: bool = False
    locked: bool = False
    booted: bool = False


def look(link: DeviceLink, limit_s: float = ANSWER_S) -> Look:
    """Ask a phone for everything at once. Raises what `DeviceLink.shell` does."""
    return read_look(link.shell(SCRIPT, limit_s, "seeing whether it is ready").text)


def read_look(text: str) -> Look:
    """What the answers to `QUESTIONS` say."""
    said = dict.fromkeys(QUESTIONS, "")
    for part in text.split(MARK)[1:]:
        name, _, answer = part.partition("\n")
        if name.strip() in said:
            said[name.strip()] = answer.strip()
    front = state.foreground(said["window"])
    launcher = said["launcher"].splitlines()[-1] if said["launcher"] else ""
    package, _, activity = launcher.partition("/")
    asleep, locked = state.awake(said["power"]) is False, state.locked(said["window"]) is True
    booted = said["booted"] == "1"
    lacks = {
        "Android has not finished booting": not booted,
        "its boot animation still runs": said["animation"] == "running",
        "its package manager does not answer": not said["packages"].startswith("package:"),
        "its storage is not mounted": said["storage"] != "/sdcard/Android",
        "its launcher is not there yet": not activity or FALLBACK in activity,
        "its screen is off": asleep,
        "its screen is locked": locked,
        f"a dialog is in front: {front.window}": DIALOG.search(front.window) is not None,
        f"its launcher is not in front, {front.package or front.window or 'nothing'} is": front.package != package,
    }
    return Look(tuple(words for words, holds in lacks.items() if holds), front.window, asleep, locked, booted)


def until_ready(link: DeviceLink, limit_s: float, alive: Callable[[], None] = lambda: None) -> None:
    """Wait until a phone has nothing lacking, and help where one can: wake it, unlock it, answer a dialog, go home.

    `alive` raises when there is no point in waiting any longer. Raises `DeviceTimeout` with what is lacking, and `SetupError` when there
    is no adb server, or the phone does not come to trust this computer.
    """
    deadline, pause = Deadline(limit_s, "becoming ready"), threading.Event()
    trust = Deadline(TRUST_S, "trusting this computer")
    lacks: tuple[str, ...] = ("adb does not reach it",)
    steady = 0
    while steady < STEADY:
        alive()
        if deadline.passed:
            raise DeviceTimeout(f"The phone {link.serial} was not ready within {limit_s:.0f} s: {'; '.join(lacks)}.")
        try:
            seen = look(link, deadline.left(ANSWER_S))
            lacks = seen.lacks
            steady = 0 if lacks else steady + 1
            _help(link, seen)
        except (DeviceError, SetupError) as error:
            if isinstance(error, SetupError) and trust.passed:
                raise
            lacks, steady = (str(error.args[0]).rstrip("."),), 0
            link.forget()
        if steady < STEADY:
            pause.wait(LOOK_S)


def _help(link: DeviceLink, seen: Look) -> None:
    if not seen.booted or not seen.lacks:
        return
    if seen.asleep:
        link.shell(f"input keyevent {WAKE}", ANSWER_S)
    elif seen.locked:
        link.shell("wm dismiss-keyguard", ANSWER_S)
    elif DIALOG.search(seen.window):
        _answer_dialog(link)
    elif seen.lacks[-1].startswith("its launcher is not in front"):
        link.shell(f"input keyevent {HOME}", ANSWER_S)


def _answer_dialog(link: DeviceLink) -> None:
    """Touch the dialog's button by its name in Android's resources: what is written on it is in the phone's language."""
    with suppress(DeviceError):
        place = f"/data/local/tmp/handeye-{secrets.token_hex(6)}.xml"
        tree = read_tree(link.shell(f"uiautomator dump {place} 1>&2; cat {place}; rm -f {place}", ANSWER_S).text)
        nodes = {node.resource_id: node for node in tree.walk() if node.resource_id in WAITS}
        for name in WAITS:
            if name in nodes:
                box = nodes[name].bounds
                link.shell(f"input tap {(box.left + box.right) // 2} {(box.top + box.bottom) // 2}", ANSWER_S)
                return
