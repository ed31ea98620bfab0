"""Actions that carry what is on the screen to somewhere else without saying it: copying, cutting, dragging, pasting."""

from __future__ import annotations

from collections.abc import Sequence

from handeye.envs.actions import Action, Click, Drag, PressKeys
from handeye.tools.geometry import Box

_COPIES = (frozenset({"c"}), frozenset({"x"}), frozenset({"insert"}))
_HELD = frozenset({"ctrl", "meta", "shift"})
_SLACK = 14
"""Pixels around a dark box that belong to it: it is drawn larger than what it hides."""


def takes_along(action: Action, dark: Sequence[Box]) -> bool:
    """Whether `action` may carry away what is hidden in the boxes `dark` of the screen that it is done on: a chord that copies or cuts
    (Ctrl+C, Ctrl+X, Ctrl+Insert, with Shift too), a drag that begins in one, a middle click, which pastes a selection on X11."""
    match action:
        case PressKeys(keys=keys):
            return bool({"ctrl", "meta"} & set(keys)) and frozenset(key.lower() for key in keys) - _HELD in _COPIES
        case Drag(start=start):
            return start is None or any(box.grown(_SLACK).contains(start) for box in dark)
        case Click(button="middle"):
            return True
        case _:
            return False


def pastes(action: Action) -> bool:
    """Whether `action` may put in what was copied or taken along: a chord that pastes (Ctrl+V, Shift+Insert), a drag, a middle click."""
    match action:
        case PressKeys(keys=keys):
            held = frozenset(key.lower() for key in keys)
            return bool("v" in held and {"ctrl", "meta"} & held) or held >= {"shift", "insert"}
        case Drag() | Click(button="middle"):
            return True
        case _:
            return False
