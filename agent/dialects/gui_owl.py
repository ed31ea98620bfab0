"""GUI-Owl 1 and 1.5: Qwen's tool calls with conclusions of their own, for computers and phones.

GUI-Owl 1 (X-PLUG/MobileAgent, Mobile-Agent-v3/cookbook) has Qwen2.5-VL's tools and space, thinks between tags before the call and
concludes between tags after it; the conclusions are the history. GUI-Owl 1.5 (Mobile-Agent-v3.5, computer_use/utils.py and
mobile_use/utils.py) points from 0 to 1000, writes `Action:` and a call, adds the verbs `answer` and `interact` (it asks the user), and
has the last screens as turns, what came before as lines. Descriptions are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handeye.agent.coordinates import SmartResizedPixels
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.calls import Call, Calls, read_calls
from handeye.agent.dialects.hermes import call_block, call_object, tools_section
from handeye.agent.dialects.history import Turn, turns_of
from handeye.agent.dialects.prompt import Prompt, plain
from handeye.agent.dialects.qwen3vl import relative
from handeye.agent.dialects.qwen25vl import MAX_PIXELS, MIN_PIXELS, QwenTool
from handeye.agent.dialects.qwen25vl_tools import COMPUTER, MOBILE, Tool
from handeye.agent.messages import Message
from handeye.envs.observation import Observation
from handeye.tools.geometry import Size

MIN_PIXELS_15, MAX_PIXELS_15 = 3_136, 5_242_880
"""Of a picture for GUI-Owl 1.5: its own lower limit, and 5,120 visual tokens; it takes up to 10,035,200 pixels."""
PICTURES_15 = 4
"""Past screenshots that GUI-Owl 1.5 is shown; with the present one five."""

_SYSTEM_1 = """You are a helpful assistant.{{tools}}

Before the call, think step by step between <thinking> and </thinking>. After it, say in a short sentence what you did, between \
<conclusion> and </conclusion>."""
_TASK_1 = """The user query: {{goal}}
Task progress (You have done the following operation on the current device): {{progress}}
{{screen}}
{{notes}}
"""
COMPUTER_PROMPT = Prompt(_SYSTEM_1, "{{picture}}" + _TASK_1)
MOBILE_PROMPT = Prompt(_SYSTEM_1, _TASK_1 + "{{picture}}")
_SYSTEM_15 = """{{tools}}

# Response format

Every step has two parts, in this order, and nothing else:
1) Action: a short imperative sentence, what to do in the interface.
2) One <tool_call>...</tool_call> with the call in the form above.
To end the task, use the action terminate."""
_TASK_15 = """Give the next step for this screenshot, this task and what was done before.

Instruction: {{goal}}
{{screen}}
{{notes}}

Previous actions:
{{progress}}
{{picture}}"""
PROMPT_15 = Prompt(_SYSTEM_15, _TASK_15)

_CONCLUSION = re.compile(r"<conclusion>(.*?)(?:</conclusion>|\Z)", re.S)
_SENTENCE = re.compile(r"Action:(.*?)(?:<tool_call>|\Z)", re.S)
_TAGS = re.compile(r"</?(?:thinking|conclusion)>")
_LONGEST = 500

_COMPUTER_15 = replace(
    COMPUTER,
    trained=(
        "key", "type", "mouse_move", "left_click", "left_click_drag", "right_click", "middle_click", "double_click", "triple_click",
        "scroll", "hscroll", "wait", "terminate", "answer", "ask_user",
    ),
    extra=tuple(name for name in COMPUTER.extra if name not in ("triple_click", "hscroll", "answer", "ask_user")),
)  # fmt: skip
_MOBILE_15 = replace(
    MOBILE,
    trained=("key", "click", "long_press", "swipe", "type", "system_button", "open", "wait", "answer", "ask_user", "terminate"),
    extra=tuple(name for name in MOBILE.extra if name not in ("answer", "ask_user")),
)


class _Owl1(QwenTool):
    @property
    def stop(self) -> tuple[str, ...]:
        """The end of the conclusion."""
        return ("</conclusion>",)

    def calls_in(self, text: str) -> Calls:
        """The calls, and what was thought without its tags."""
        found = read_calls(text)
        return replace(found, thought=_TAGS.sub("", found.thought).strip())

    def past_call(self, arguments: Mapping[str, Any], step: PastStep) -> str:
        """The model's conclusion, as in training; the call where there is none."""
        found = _CONCLUSION.search(step.reply)
        return _line(found.group(1)) if found and found.group(1).strip() else call_object(self._tool.name, arguments)


class GuiOwlComputer(_Owl1):
    """GUI-Owl 1 with a mouse and a keyboard."""

    def __init__(self, action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> None:
        """Options as for Qwen2.5-VL."""
        space = SmartResizedPixels(28, min_pixels, max_pixels)
        super().__init__(COMPUTER, "gui-owl-1/computer_use", action_types, COMPUTER_PROMPT, space, **options)


class GuiOwlMobile(_Owl1):
    """GUI-Owl 1 with a touch screen."""

    def __init__(self, action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> None:
        """Options as for Qwen2.5-VL."""
        space = SmartResizedPixels(28, min_pixels, max_pixels)
        super().__init__(MOBILE, "gui-owl-1/mobile_use", action_types, MOBILE_PROMPT, space, **options)


class _Owl15(QwenTool):
    def __init__(
        self,
        tool: Tool,
        name: str,
        action_types: frozenset[str],
        *,
        min_pixels: int = MIN_PIXELS_15,
        max_pixels: int = MAX_PIXELS_15,
        **options: Any,
    ) -> None:
        """Options as for Qwen2.5-VL; the history is turns by default."""
        chosen: dict[str, Any] = {"history": "turns", "history_pictures": PICTURES_15} | options
        space = relative(1000, min_pixels, max_pixels)
        super().__init__(tool, name, action_types, PROMPT_15, space, turns_prompt=PROMPT_15, **chosen)

    def tools_text(self, size: Size) -> str:
        """The tool, its question to the user under the name that it was trained on."""
        return tools_section([self._tool.definition(self._types, self.stated_size(size))]).replace("ask_user", "interact")

    def calls_in(self, text: str) -> Calls:
        """The calls, `interact` as our question to the user."""
        found = read_calls(text)
        return replace(found, calls=tuple(_renamed(call) for call in found.calls))

    def call_text(self, arguments: Mapping[str, Any]) -> str:
        """A call as the model writes it."""
        return call_block(self._tool.name, dict(arguments) | ({"action": "interact"} if arguments.get("action") == "ask_user" else {}))

    def past_call(self, arguments: Mapping[str, Any], step: PastStep) -> str:
        """The model's own sentence about it, as in training; the call where it said none."""
        return _sentence(step.reply) or call_object(self._tool.name, arguments)

    def _as_turns(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str]) -> tuple[Message, ...]:
        # As trained: the last screens as turns, what was done before them as lines of the first one.
        past = turns_of(history, self._reply_of)
        early, late = past[: max(0, len(past) - self._pictures)], past[max(0, len(past) - self._pictures) :]
        told = "\n".join(f"Step {number}: {_sentence(turn.reply) or _line(turn.reply)}" for number, turn in enumerate(early, 1)) or "None"
        if not late:
            return self._fill(goal, observation, notes, told)
        messages = list(self._opened(goal, late[0], observation, told))
        for turn in late[1:]:
            messages += [self._later(turn.observation, turn.notes), Message("assistant", (turn.reply,))]
        return (*messages, self._later(observation, notes))

    def _opened(self, goal: str, turn: Turn, now: Observation, told: str) -> tuple[Message, ...]:
        *first, user = self._fill(goal, turn.observation or Observation(now.screenshot), turn.notes, told)
        if turn.observation is None:
            user = Message("user", tuple(part for part in user.parts if isinstance(part, str)))
        return (*first, user, Message("assistant", (turn.reply,)))


class GuiOwl15Computer(_Owl15):
    """GUI-Owl 1.5 with a mouse and a keyboard."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options as for Qwen2.5-VL; the history is turns by default."""
        super().__init__(_COMPUTER_15, "gui-owl-1.5/computer_use", action_types, **options)


class GuiOwl15Mobile(_Owl15):
    """GUI-Owl 1.5 with a touch screen."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options as for Qwen2.5-VL; the history is turns by default."""
        super().__init__(_MOBILE_15, "gui-owl-1.5/mobile_use", action_types, **options)


def _renamed(call: Call) -> Call:
    if call.arguments.get("action") != "interact":
        return call
    return replace(call, arguments=call.arguments | {"action": "ask_user"})


def _sentence(reply: str) -> str:
    found = _SENTENCE.search(reply)
    return _line(found.group(1)) if found else ""


def _line(text: str) -> str:
    return plain(" ".join(text[:_LONGEST].split()))
