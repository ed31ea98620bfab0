"""handeye's actions as AndroidWorld's own (google-research/android_world: env/json_action.py), for a phone that only its code touches.

What its `execute_action` makes of them (env/actuation.py, env/adb_utils.py, read at d9c569f), and what is done about it here:

- There are no strokes from one point to another. `scroll` goes from the middle of the screen to an edge; `swipe` goes from one edge to the
  other, its `left` from the left edge to the right and its `right` from the right edge to the left, against its `up` and `down`, which
  name the finger's way. So `swipe` is used for strokes that begin at an edge, by the edge where it begins, and `scroll` for all others.
- `index=0` counts as no index in `scroll`. Places are given by `x` and `y`, never by index.
- `input_text` presses Enter after every text. A line end with which the text ends is that Enter; else the model is told of it.
- `input_text` drops what is not ASCII after NFKD, so that another text arrives, and types `%s` as a space: such text is refused.
- `long_press` takes 1 s, `wait` 1 s, whatever was asked for. Waiting is done here; a hold that is no long press is refused.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from handeye.envs.actions import Action, Click, GoBack, LongPress, OpenApp, PressButton, PressKeys, Scroll, Swipe, TypeText
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

JSONAction: TypeAlias = dict[str, Any]
"""The arguments of AndroidWorld's class of that name."""

ACTION_TYPES = frozenset(
    ("click", "long_press", "swipe", "scroll", "type_text", "press_keys", "press_button", "open_app", "go_back", "wait")
)
"""The verbs that can be said."""
EDGE = 0.03
"""How far from an edge, as a part of the screen's width or height, a stroke still begins at it: Android's back gesture begins within about
24 of some 400 dp (source.android.com: gesture navigation), the pull for notifications within the status bar."""
LONG_PRESS_S = 0.5
"""From where on Android takes a touch for a long press (`ViewConfiguration.DEFAULT_LONG_PRESS_TIMEOUT`, 400 ms since Android 11)."""
MOST_SCROLLS = 10
"""Strokes of one scroll at most, each a half screen."""
ENTER_NOTE = "After the text Enter was pressed: AndroidWorld always does that."

_BUTTONS = {"back": "navigate_back", "home": "navigate_home", "enter": "keyboard_enter"}


def json_actions(action: Action, size: Size) -> list[JSONAction]:
    """What AndroidWorld is to be given, one after the other, to carry `action` out on a screen of `size`; nothing for `wait`.

    Raises `InvalidAction`, for the model to read, for what AndroidWorld's actions cannot say.
    """
    match action:
        case Click(point=point, count=count) if point is not None:
            if count > 2:
                raise InvalidAction("AndroidWorld can tap once or twice, not three times")
            return [{"action_type": "click" if count == 1 else "double_tap", "x": point.x, "y": point.y}]
        case LongPress(point=point, duration_s=seconds):
            if seconds < LONG_PRESS_S:
                raise InvalidAction(
                    f"AndroidWorld holds for 1 s, which is another thing than {seconds:g} s; tap, or hold for {LONG_PRESS_S} s"
                )
            return [{"action_type": "long_press", "x": point.x, "y": point.y}]
        case Swipe():
            return [_stroke(action, size)]
        case Scroll(direction=direction, amount=amount):
            half = (size.height if direction in ("up", "down") else size.width) / 2
            return [{"action_type": "scroll", "direction": direction}] * min(MOST_SCROLLS, max(1, round(amount / half)))
        case TypeText(text=text):
            return _typing(text)
        case PressKeys(keys=("enter",)):
            return [{"action_type": "keyboard_enter"}]
        case PressButton(button=button) if button in _BUTTONS:
            return [{"action_type": _BUTTONS[button]}]
        case GoBack():
            return [{"action_type": "navigate_back"}]
        case OpenApp(name=name):
            return [{"action_type": "open_app", "app_name": name}]
    if action.type == "wait":
        return []
    raise InvalidAction(f"AndroidWorld has no action for {_what(action)}")


def told(action: Action) -> str:
    """What the model has to know of how `action` was carried out; empty if there is nothing."""
    return ENTER_NOTE if isinstance(action, TypeText) and action.text and not action.text.endswith("\n") else ""


def _what(action: Action) -> str:
    match action:
        case PressKeys(keys=keys):
            return f"the keys {'+'.join(keys)}; it has enter"
        case PressButton(button=button):
            return f"the {button} button; it has {', '.join(_BUTTONS)}"
    return action.type


def _stroke(swipe: Swipe, size: Size) -> JSONAction:
    """The nearest that there is to the stroke: its direction is kept, and whether it begins at an edge."""
    start, across, down = swipe.start, swipe.end.x - swipe.start.x, swipe.end.y - swipe.start.y
    if across == down == 0:
        raise InvalidAction("a swipe that does not move is none; long_press holds")
    if abs(down) >= abs(across):
        edge = start.y < EDGE * size.height if down > 0 else start.y >= (1 - EDGE) * size.height
        finger, content = ("down", "up") if down > 0 else ("up", "down")
        return {"action_type": "swipe", "direction": finger} if edge else {"action_type": "scroll", "direction": content}
    edge = start.x < EDGE * size.width if across > 0 else start.x >= (1 - EDGE) * size.width
    # The side where the finger begins: what `swipe` calls it, and where the content is that `scroll` brings into view.
    side = "left" if across > 0 else "right"
    return {"action_type": "swipe" if edge else "scroll", "direction": side}


def _typing(text: str) -> list[JSONAction]:
    odd = sorted({character for character in text if not (" " <= character <= "~" or character == "\n")})
    if odd:
        quoted = ", ".join(map(repr, odd[:5]))
        raise InvalidAction(f"AndroidWorld types ASCII only and would leave out or change {quoted}")
    if "%s" in text:
        raise InvalidAction("AndroidWorld types %s as a space; type the text in two parts, % and what follows")
    if not text:
        return []
    line = text.removesuffix("\n")
    # A text is pressed Enter after; of a line end alone, only that is left.
    return [{"action_type": "input_text", "text": line}] if line else [{"action_type": "keyboard_enter"}]
