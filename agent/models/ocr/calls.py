"""Calls in the tool-call format of Qwen2.5-VL (QwenLM/Qwen2.5-VL:cookbooks/computer_use.ipynb and utils/agent_function_call.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from handeye.tools.geometry import Box, Point

Call = dict[str, Any]

SYSTEM_BUTTONS = ("back", "home", "recents")
"""Buttons of the `system_button` verb; the others are keys to the phone's tool."""


def click(point: Point, button: str = "left", count: int = 1) -> Call:
    """Click `count` times at `point`, a pixel of the picture."""
    names = {2: "double_click", 3: "triple_click"}
    action = names.get(count, f"{button}_click") if button == "left" else f"{button}_click"
    return {"action": action, "coordinate": [point.x, point.y]}


def drag(start: Point, end: Point) -> Call:
    """Drag from `start` to `end`."""
    return {"action": "left_click_drag", "start_coordinate": [start.x, start.y], "coordinate": [end.x, end.y]}


def scroll(point: Point, pixels: int) -> Call:
    """Scroll at `point`; positive is up, as in the cookbook."""
    return {"action": "scroll", "coordinate": [point.x, point.y], "pixels": pixels}


def scroll_sideways(point: Point, pixels: int) -> Call:
    """Scroll sideways at `point`; positive is to the right."""
    return {"action": "hscroll", "coordinate": [point.x, point.y], "pixels": pixels}


def long_press(point: Point) -> Call:
    """Press and hold at `point`."""
    return {"action": "long_press", "coordinate": [point.x, point.y], "time": 1}


def open_app(name: str) -> Call:
    """Open the app called `name`."""
    return {"action": "open", "text": name}


def button(name: str) -> Call:
    """Press a button of the phone."""
    return {"action": "system_button", "button": name.title()} if name in SYSTEM_BUTTONS else {"action": "key", "text": name}


def type_text(text: str) -> Call:
    """Type `text` into what has the focus."""
    return {"action": "type", "text": text}


def press(keys: Sequence[str]) -> Call:
    """Press `keys` together."""
    return {"action": "key", "keys": list(keys)}


def finish(success: bool) -> Call:
    """End the episode."""
    return {"action": "terminate", "status": "success" if success else "failure"}


def answer(text: str) -> Call:
    """Give an answer."""
    return {"action": "answer", "text": text}


def answer_dialog(accept: bool, text: str | None = None) -> Call:
    """Accept or dismiss the dialog that waits, with `text` if it asks for one."""
    return {"action": "answer_dialog", "accept": accept} | ({} if text is None else {"text": text})


def scaled(call: Call, scale: int) -> Call:
    """`call` for a picture that is `scale` times as wide and high: every point in the middle of where it was."""
    if scale == 1:
        return call
    points = {key: [scale * number + scale // 2 for number in value] for key, value in call.items() if "coordinate" in key}
    return call | points | ({"pixels": scale * call["pixels"]} if "pixels" in call else {})


def say(thought: str, call: Call, phone: bool) -> str:
    """The reply that makes `call`."""
    name = "mobile_use" if phone else "computer_use"
    body = json.dumps({"name": name, "arguments": said(call, phone)}, ensure_ascii=False)
    return f"{thought}\n<tool_call>\n{body}\n</tool_call>"


def boxes(found: Sequence[tuple[str, Box]]) -> str:
    """Labels and boxes as Qwen2.5-VL writes them (cookbooks/spatial_understanding.ipynb): the last pixel of a box belongs to it."""
    written = [{"bbox_2d": [box.left, box.top, box.right - 1, box.bottom - 1], "label": label} for label, box in found]
    return f"```json\n{json.dumps(written, ensure_ascii=False)}\n```"


def rest_of_point(point: Point | None) -> str:
    """What a call lacks that was begun up to the bracket of its point; -1, -1 where there is none, as UI-Venus says it."""
    return f"{point.x}, {point.y}]}}}}\n</tool_call>" if point else "-1, -1]}}\n</tool_call>"


def said(call: Call, phone: bool) -> Call:
    """`call` in the words of the tool that is asked for."""
    if not phone:
        return call
    action = call["action"]
    if action == "double_click":
        return call
    if action.endswith("_click"):
        return {"action": "long_press" if action == "right_click" else "click", "coordinate": call["coordinate"]}
    if action == "left_click_drag":
        return {"action": "swipe", "coordinate": call["start_coordinate"], "coordinate2": call["coordinate"]}
    if action in {"scroll", "hscroll"}:
        x, y = call["coordinate"]
        end = [x, max(1, y + call["pixels"])] if action == "scroll" else [max(1, x - call["pixels"]), y]
        return {"action": "swipe", "coordinate": [x, y], "coordinate2": end}
    if action == "key" and "keys" in call:
        return _key_of_phone([str(key).lower() for key in call["keys"]])
    return call


def _key_of_phone(keys: list[str]) -> Call:
    """A chord is for a keyboard, which a phone may have; a key alone is a button where it is one."""
    if len(keys) > 1:
        return {"action": "key", "keys": keys}
    named = {"escape": "Back", "home": "Home", "enter": "Enter"}.get(keys[0])
    return {"action": "system_button", "button": named} if named else {"action": "key", "text": keys[0]}
