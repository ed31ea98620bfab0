"""The `computer_use` tool in the words in which others offer it to Qwen2.5-VL, for runs that are to be compared with theirs.

The agent's own dialect describes the same verbs in words of ours (`handeye.agent.dialects.qwen25vl_tools`); names, their order and the
layout of the system turn are taken from there. The sentences below are QwenLM's (Apache-2.0), as they stand in QwenLM/Qwen2.5-VL
(cookbooks/computer_use.ipynb) and in likaixin2000/ScreenSpot-Pro-GUI-Grounding (models/qwen2_5vl.py): data, to be kept to the letter.
"""

from __future__ import annotations

from typing import Any

from handeye.agent.dialects.hermes import tools_section
from handeye.agent.dialects.qwen25vl_tools import COMPUTER
from handeye.tools.geometry import Size

_ABOUT = """\
Use a mouse and keyboard to interact with a computer, and take screenshots.
* This is an interface to a desktop GUI. You do not have access to a terminal or applications menu. You must click on desktop icons to \
start applications.
* Some applications may take time to start or process actions, so you may need to wait and take successive screenshots to see the \
results of your actions. E.g. if you click on Firefox and a window doesn't open, try wait and taking another screenshot.
* The screen's resolution is {size}.
* Whenever you intend to move the cursor to click on an element like an icon, you should consult a screenshot to determine the \
coordinates of the element before moving the cursor.
* If you tried clicking on a program or link but it failed to load, even after waiting, try adjusting your cursor position so that the \
tip of the cursor visually falls on the element that you want to click.
* Make sure to click any buttons, links, icons, etc with the cursor tip in the center of the element. Don't click boxes on their edges \
unless asked."""
_VERBS = {
    "key": "Performs key down presses on the arguments passed in order, then performs key releases in reverse order.",
    "type": "Type a string of text on the keyboard.",
    "mouse_move": "Move the cursor to a specified (x, y) pixel coordinate on the screen.",
    "left_click": "Click the left mouse button.",
    "left_click_drag": "Click and drag the cursor to a specified (x, y) pixel coordinate on the screen.",
    "right_click": "Click the right mouse button.",
    "middle_click": "Click the middle mouse button.",
    "double_click": "Double-click the left mouse button.",
    "scroll": "Performs a scroll of the mouse scroll wheel.",
    "wait": "Wait specified seconds for the change to happen.",
    "terminate": "Terminate the current task and report its completion status.",
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "keys": {"description": "Required only by `action=key`.", "type": "array"},
    "text": {"description": "Required only by `action=type`.", "type": "string"},
    "coordinate": {
        "description": "(x, y): The x (pixels from the left edge) and y (pixels from the top edge) coordinates to move the mouse to. "
        "Required only by `action=mouse_move` and `action=left_click_drag`.",
        "type": "array",
    },
    "pixels": {
        "description": "The amount of scrolling to perform. Positive values scroll up, negative values scroll down. "
        "Required only by `action=scroll`.",
        "type": "number",
    },
    "time": {"description": "The seconds to wait. Required only by `action=wait`.", "type": "number"},
    "status": {
        "description": "The status of the task. Required only by `action=terminate`.",
        "type": "string",
        "enum": ["success", "failure"],
    },
}


def published_computer_use(size: Size) -> str:
    """The part of the system turn that offers the tool for a picture of `size`, with line ends in JSON strings written as `\\n`."""
    verbs = COMPUTER.trained
    described = "\n".join(("The action to perform. The available actions are:", *(f"* `{verb}`: {_VERBS[verb]}" for verb in verbs)))
    properties = {"action": {"description": described, "enum": list(verbs), "type": "string"}} | _PARAMETERS
    tool = {
        "name_for_human": COMPUTER.name,
        "name": COMPUTER.name,
        "description": _ABOUT.format(size=size),
        "parameters": {"properties": properties, "required": ["action"], "type": "object"},
        "args_format": "Format the arguments as a JSON object.",
    }
    return tools_section([tool])


def screenspot_pro_computer_use(size: Size) -> str:
    """The same as ScreenSpot-Pro's models/qwen2_5vl.py writes it: one empty line more, and the line ends in JSON strings as they are."""
    return "\n" + published_computer_use(size).replace("\\n", "\n")
