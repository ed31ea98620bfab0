"""What is told about a desktop beside its picture, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from handeye.tools.desktop.windows import Window
from handeye.tools.geometry import Box, Point

_FRAME = 30
"""Pixels that a window manager's title bar takes at most, in which a window can be dragged or closed."""
_MOST = 4
"""Windows that are named one by one."""


def active(windows: Sequence[Window]) -> Window | None:
    """The window that the keyboard goes to."""
    return next((window for window in windows if window.active), None)


def top(windows: Sequence[Window], place: Point) -> Window | None:
    """The window at `place`, its title bar included; `windows` from the bottom up."""
    return next((one for one in reversed(windows) if _framed(one.box).contains(place)), None)


def _framed(box: Box) -> Box:
    return Box(box.left, box.top - _FRAME, box.right, box.bottom)


def desktop_notes(before: Sequence[Window], now: Sequence[Window], old_shape: Sequence[int], new_shape: Sequence[int]) -> tuple[str, ...]:
    """What happened to the windows and the screen since the last look; shapes are those of the pictures."""
    known, left = {window.id for window in before}, {window.id for window in now}
    notes = [f"A new window came up: {named(window)}." for window in now if window.id not in known][-_MOST:]
    notes += [f"The window {named(window)} is closed." for window in before if window.id not in left][-_MOST:]
    if tuple(old_shape[:2]) != tuple(new_shape[:2]):
        notes.append(f"The screen is {new_shape[1]}x{new_shape[0]} pixels now.")
    return tuple(notes)


def aside(before: Sequence[Window], now: Sequence[Window], place: Point | None) -> str:
    """Why an action at `place` of the display, or with the keyboard (None), would meet another window than it was meant for; else empty."""
    if place is None:
        old, new, at = active(before), active(now), "has the keyboard"
    else:
        old, new, at = top(before, place), top(now, place), "is at that place"
    if (old and old.id) == (new and new.id):
        return ""
    left_out = "since the last picture, so the action was not carried out. Look again."
    if old and old.id not in {window.id for window in now}:
        return f"The window {named(old)} was closed {left_out}"
    if new and new.id not in {window.id for window in before}:
        return f"The window {named(new)} came up {left_out}"
    return f"{f'The window {named(new)}' if new else 'No window'} {at} {left_out}"


def named(window: Window) -> str:
    """A window in a sentence."""
    return f'"{window.title or window.app or "without a title"}"'
