"""How an action is said with the verbs of `handeye.agent.dialects.qwen25vl_verbs`; what `read` of the same verb takes back exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from handeye.agent.dialects.qwen25vl_verbs import KEY_BUTTONS
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point
from handeye.tools.keys import KEY_NAMES

Numbers: TypeAlias = Callable[[Point], list[int | float]]
Written: TypeAlias = tuple[str, dict[str, Any]]


def write(action: act.Action, numbers: Numbers, touch: bool) -> Written:
    """The verb and the arguments that mean `action`; `touch` for the phone's names."""
    match action:
        case act.Click():
            return _write_click(action, numbers, touch)
        case act.Move(point=point):
            return "mouse_move", {"coordinate": numbers(point)}
        case act.LongPress(point=point, duration_s=time):
            return "long_press", {"coordinate": numbers(point), "time": _short(time)}
        case act.Drag(start=start, end=end, via=via):
            begin = {} if start is None else {"start_coordinate": numbers(start)}
            between = {"via": [numbers(point) for point in via]} if via else {}
            # What a reply that is cut off must not lose stands before the point.
            return "left_click_drag", between | {"coordinate": numbers(end)} | begin
        case act.Swipe(start=start, end=end, duration_s=time):
            slow = {} if time == act.Swipe.model_fields["duration_s"].default else {"time": _short(time)}
            return "swipe", {"coordinate": numbers(start), "coordinate2": numbers(end)} | slow
        case act.Scroll(point=point, direction=direction, amount=amount):
            pixels = amount if direction in ("up", "right") else -amount
            at = {} if point is None else {"coordinate": numbers(point)}
            return ("scroll" if direction in ("up", "down") else "hscroll"), at | {"pixels": pixels}
        case act.PressKeys(keys=keys):
            return "key", {"text": keys[0]} if touch and len(keys) == 1 and keys[0] in KEY_NAMES else {"keys": list(keys)}
        case act.PressButton(button=button):
            return ("key", {"text": button}) if button in KEY_BUTTONS else ("system_button", {"button": button.title()})
        case _:
            return _write_plain(action)


def _write_click(action: act.Click, numbers: Numbers, touch: bool) -> Written:
    left = {1: "click" if touch else "left_click", 2: "double_click", 3: "triple_click"}
    verb = left[action.count] if action.button == "left" else f"{action.button}_click"
    arguments: dict[str, Any] = {"modifiers": list(action.modifiers)} if action.modifiers else {}
    if action.button != "left" and action.count > 1:
        arguments["clicks"] = action.count
    return verb, arguments | ({} if action.point is None else {"coordinate": numbers(action.point)})


def _write_plain(action: act.Action) -> Written:
    match action:
        case act.TypeText(text=text):
            return "type", {"text": text}
        case act.OpenApp(name=name):
            return "open", {"text": name}
        case act.Goto(url=url):
            return "visit_url", {"url": url}
        case act.GoBack():
            return "history_back", {}
        case act.SwitchTab(index=index):
            return "switch_tab", {"index": index}
        case act.CloseTab():
            return "close_tab", {}
        case act.AnswerDialog(accept=accept, text=text):
            return "answer_dialog", {"accept": accept} | ({} if text is None else {"text": text})
        case act.ChooseFiles(paths=paths):
            return "choose_files", {"paths": list(paths)}
        case act.Wait(seconds=seconds):
            return "wait", {"time": _short(seconds)}
        case act.Answer(text=text):
            return "answer", {"text": text}
        case act.AskUser(question=question):
            return "ask_user", {"text": question}
        case act.Finish(success=success, message=message):
            return "terminate", {"status": "success" if success else "failure"} | ({"text": message} if message else {})
    raise InvalidAction(f"there are no words for {action.type}")


def _short(seconds: float) -> int | float:
    return int(seconds) if seconds.is_integer() else seconds
