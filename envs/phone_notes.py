"""What is told about a phone beside its picture, in sentences."""

from __future__ import annotations

from handeye.tools.android.capture import Blank
from handeye.tools.android.glance import Glance

PERMISSIONS = ("com.android.permissioncontroller", "com.google.android.permissioncontroller", "com.android.packageinstaller")
"""Packages whose dialogs ask for a permission (AOSP, Google's builds, Android 9 and older)."""


def notes_of(now: Glance, before: Glance | None, blank: Blank | None) -> tuple[str, ...]:
    """What happened since the glance `before`, and what hides the screen; `before` is None at the start of an episode."""
    notes = [_hidden(now, blank), _dialog(now, before)]
    if before is not None:
        if now.rotation != before.rotation:
            notes.append("The screen was turned." if now.rotation else "The screen was turned upright again.")
        if now.keyboard and not before.keyboard:
            notes.append("The keyboard came up.")
        elif before.keyboard and not now.keyboard:
            notes.append("The keyboard went away.")
    return tuple(note for note in notes if note)


def _hidden(now: Glance, blank: Blank | None) -> str:
    if blank is not None:
        return f"{blank.message} To go on, {blank.fix}."
    if not now.awake:
        return "The phone's screen is off. Press the power button to wake it."
    return "The phone is locked; swipe up to unlock it." if now.locked else ""


def _dialog(now: Glance, before: Glance | None) -> str:
    """A dialog that the system put before the app; told once."""
    title = now.front.window
    if before is not None and before.front.window == title:
        return ""
    if title.startswith("Application Error"):
        return f"The system says that an app crashed: {title.partition(':')[2].strip() or 'it does not say which'}."
    if title.startswith("Application Not Responding"):
        return f"The system says that an app does not respond: {title.partition(':')[2].strip() or 'it does not say which'}."
    if title.partition("/")[0] in PERMISSIONS or now.front.package in PERMISSIONS:
        return "The system asks for a permission in a dialog."
    return "A dialog of the system is in front." if "SystemDialog" in title or "AlertDialog" in title else ""
