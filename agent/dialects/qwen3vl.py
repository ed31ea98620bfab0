"""Qwen3-VL: computer use, phone use and pointing, points relative to the screen.

Names of verbs and parameters, the form of a reply, the history and the two extents of points (1000 for the computer, 999 for the
phone): QwenLM/Qwen3-VL, cookbooks/computer_use.ipynb and cookbooks/mobile_agent.ipynb. Descriptions are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handeye.agent.coordinates import CoordinateSpace, Relative, ResizedPixels, SmartResizedPixels
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.hermes import call_object
from handeye.agent.dialects.prompt import Prompt, plain
from handeye.agent.dialects.qwen25vl import QwenTool
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.dialects.qwen25vl_tools import COMPUTER, MOBILE

FACTOR = 32
MIN_PIXELS = 65_536
"""The checkpoint's own lower limit: 64 visual tokens."""
MAX_PIXELS = 5_242_880
"""5,120 visual tokens, as for Qwen2.5-VL; the checkpoint takes up to 16,777,216."""

_FORM = """

# Form of a reply

Three parts, in this order, and nothing else:
Thought: in one short sentence, why this is the next step.
Action: in one short imperative sentence, what to do.
<tool_call>
the call, in the form above
</tool_call>
To end the task, use the action `terminate` in the call."""
_SYSTEM = "You are a helpful assistant.{{tools}}" + _FORM
_TASK = """The user query: {{goal}}.
Task progress (You have done the following operation on the current device): {{progress}}.
{{screen}}
{{notes}}
{{picture}}"""
PROMPT = Prompt(_SYSTEM, _TASK)
TURNS_PROMPT = Prompt(_SYSTEM, "{{picture}}The user query: {{goal}}\n{{screen}}\n{{notes}}\n")
_SENTENCE = re.compile(r"^[ \t]*Action:[ \t]*(\S[^\n]*)", re.M)

COMPUTER_3 = replace(
    COMPUTER,
    trained=(
        "key", "type", "mouse_move", "left_click", "left_click_drag", "right_click", "middle_click", "double_click", "triple_click",
        "scroll", "hscroll", "wait", "terminate", "answer",
    ),
    extra=tuple(name for name in COMPUTER.extra if name not in ("triple_click", "hscroll", "answer")),
)  # fmt: skip
MOBILE_3 = replace(
    MOBILE,
    trained=("click", "long_press", "swipe", "type", "answer", "system_button", "wait", "terminate"),
    extra=("key", "open", *(name for name in MOBILE.extra if name != "answer")),
)


class _Qwen3Tool(QwenTool):
    def past_call(self, arguments: Mapping[str, Any], step: PastStep) -> str:
        """The model's own sentence about it, as in training; the call where it said none."""
        found = _SENTENCE.search(step.thought)
        if found is None:
            return call_object(self._tool.name, arguments)
        return plain(found.group(1)).replace('"', "").strip()


class Qwen3ComputerUse(_Qwen3Tool):
    """Qwen3-VL with a mouse and a keyboard: the `computer_use` tool."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        extent: int = 1000,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """`action_types`: the environment's verbs. `extent`: the number that stands for the far edge. The rest as for Qwen2.5-VL."""
        space = relative(extent, min_pixels, max_pixels)
        super().__init__(COMPUTER_3, "qwen3-vl/computer_use", action_types, PROMPT, space, turns_prompt=TURNS_PROMPT, **options)


class Qwen3MobileUse(_Qwen3Tool):
    """Qwen3-VL with a touch screen: the `mobile_use` tool."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        extent: int = 999,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """`action_types`: the environment's verbs. `extent`: the number that stands for the far edge. The rest as for Qwen2.5-VL."""
        space = relative(extent, min_pixels, max_pixels)
        super().__init__(MOBILE_3, "qwen3-vl/mobile_use", action_types, PROMPT, space, turns_prompt=TURNS_PROMPT, **options)


class Qwen3Point(QwenPoint):
    """Qwen3-VL for grounding: boxes and points from 0 to 1000."""

    NAME = "qwen3-vl/point"

    def __init__(
        self,
        action_types: frozenset[str] = frozenset({"click"}),
        *,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """The options are those of `QwenPoint`."""
        super().__init__(action_types, min_pixels=min_pixels, max_pixels=max_pixels, **options)

    def space_of(self, resize: SmartResizedPixels | ResizedPixels) -> CoordinateSpace:
        """0 to 1000, over pictures whose sides are multiples of 32."""
        return Relative(1000, replace(resize, factor=FACTOR) if isinstance(resize, SmartResizedPixels) else resize)


def relative(extent: int, min_pixels: int, max_pixels: int) -> Relative:
    """Numbers from 0 to `extent` over a picture of Qwen3-VL's sizes."""
    return Relative(extent, SmartResizedPixels(FACTOR, min_pixels, max_pixels))
