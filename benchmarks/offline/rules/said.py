"""What a prediction says, in the words that the phone benchmarks share, and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from handeye.benchmarks.offline.step import OPPOSITE, Rect, finger_direction
from handeye.envs.actions import (
    Action,
    Answer,
    Click,
    Finish,
    GoBack,
    LongPress,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
)
from handeye.tools.geometry import Point


@dataclass(frozen=True)
class Prediction:
    """What a model answered to one screen."""

    actions: tuple[Action, ...]
    """At least one; points are pixels of the screenshot."""
    box: Rect | None = None
    """The box that it gave instead of a point, in pixels, where its format has boxes."""


@dataclass(frozen=True)
class Verdict:
    """What a rule says about one step."""

    type_match: bool
    exact: bool
    """The step counts as right."""
    score: float | None = None
    """From 0 to 1, for rules that give parts of it."""
    parts: dict[str, float] = field(default_factory=dict, hash=False)
    """That score by kind of gold action, where a rule gives it."""

    @property
    def points(self) -> float:
        """The score, or 1 for right and 0 for wrong."""
        return float(self.exact) if self.score is None else self.score


WRONG = Verdict(False, False)


@dataclass(frozen=True)
class Said:
    """One action on a phone, in the words of UI-S1's file."""

    kind: str
    """`click`, `long_press`, `swipe`, `type`, `open`, `system_button`, `wait`, `terminate`, or a kind that no gold action has."""
    point: Point | None = None
    text: str = ""
    finger: str = ""
    """Where a swipe's finger goes."""
    button: str = ""
    success: bool = True


def said(prediction: Prediction) -> Said:
    """The prediction as one action of a phone.

    The first action of a reply counts, as in the scripts that these rules come from; but a click and then a typing are one `type` with
    a point, since that is how a dialect reads a call that types at a place. A scroll counts as a swipe: a phone has no wheel.
    """
    first, *rest = prediction.actions
    if isinstance(first, Click) and rest and isinstance(rest[0], TypeText):
        return Said("type", first.point, rest[0].text)
    return _plain(first)


def _plain(action: Action) -> Said:
    match action:
        case Click(point=point, button="left", count=1):
            return Said("click", point)
        case LongPress(point=point):
            return Said("long_press", point)
        case Swipe(start=start, end=end):
            return Said("swipe", start, finger=finger_direction(start, end))
        case Scroll(point=point, direction=direction):
            return Said("swipe", point, finger=OPPOSITE[direction])
        case TypeText(text=text):
            return Said("type", text=text)
        case OpenApp(name=name):
            return Said("open", text=name)
        case Wait():
            return Said("wait")
        case Finish(success=success):
            return Said("terminate", success=success)
        case Answer(text=text):
            return Said("answer", text=text)
        case _:
            return _button(action)


def _button(action: Action) -> Said:
    match action:
        case PressButton(button=button):
            return Said("system_button", button=button)
        case PressKeys(keys=("enter",)):
            return Said("system_button", button="enter")
        case GoBack():
            return Said("system_button", button="back")
        case _:
            return Said(f"other: {action.type}")
