"""Kimi K2.5: an action in words and pyautogui code, points as fractions of the screen.

Sections, functions and history: the agent for Kimi in xlang-ai/OSWorld (mm_agents/kimi). A thought that the server leaves in
the reply stands between the marks of K2's chat template.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.opencua import OWN_VERBS, PYAUTOGUI_VERBS, STATUS, CodeDialect, Points, function
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.worded import Family, Reading, Said

MAX_PIXELS = 3_211_264
"""Pixels of a picture, ours: 4,096 patches of 28 x 28, which keeps 1920x1080 as it is. Fractions mean the same at any size."""
PICTURES = 2
"""Past screenshots that are shown; with the present one three, as in its agent."""

_THINKING = re.compile(r"\A\s*(?:◁think▷|<think>)(.*?)(?:◁/think▷|</think>)", re.S)
_SYSTEM = """You work a computer by looking at screenshots of its screen: you are given a task, what you did before and the screen as it \
is now, and do the task step by step.

Answer every step in this form:

## Action:
The next step in a sentence or two that name its target by what it looks like.
## Code:
```python
pyautogui code for that step, its points as fractions of the screen from 0 to 1; or one of the functions below
```

{{tools}}"""
_USER = """{{picture}}# Task Instruction:
{{goal}}
{{progress}}
{{screen}}
{{notes}}

Give the next step for this task and this screenshot."""
_TEXT = {"type": "string"}

KIMI = Family(
    name="kimi/computer",
    space=Relative(1, SmartResizedPixels(28, 3_136, MAX_PIXELS)),
    prompt=Prompt(_SYSTEM, _USER),
    verbs=(
        ("click", ""),
        *PYAUTOGUI_VERBS,
        ("wait", function("wait", "Wait 20 seconds; time.sleep(seconds) waits another time")),
        ("finish", function("terminate", "End the task and say how it ended", status=STATUS, answer=_TEXT | {"default": None})),
        ("answer", function("terminate", "End the task and say how it ended", status=STATUS, answer=_TEXT | {"default": None})),
        *OWN_VERBS,
    ),
    example="## Action:\n...\n## Code:\n```python\npyautogui.click(x=0.5, y=0.25)\n```",
    history="turns",
    pictures=PICTURES,
)


class KimiComputer(CodeDialect):
    """Kimi K2.5 with a mouse and a keyboard."""

    def __init__(self, action_types: frozenset[str], *, points: Points = "fractions", **options: Any) -> None:
        """`points`: fractions of the screen, as in its prompt, or pixels of the picture. Other options are those of `Worded`."""
        family = KIMI if points == "fractions" else replace(KIMI, space=SmartResizedPixels(28, 3_136, MAX_PIXELS))
        super().__init__(family, action_types, points, **options)

    def read(self, reading: Reading) -> Said:
        """See `Worded`; the thought may stand between marks."""
        match = _THINKING.match(reading.text)
        if match is None:
            return super().read(reading)
        reading.text = reading.text[match.end() :]
        said = super().read(reading)
        return Said(said.actions, "\n".join(part for part in (match.group(1).strip(), said.thought) if part))

    def remembered(self, reply: str) -> str:
        """As the chat template has it: the thought between its marks, then the action."""
        match = _THINKING.match(reply)
        kept = super().remembered(reply[match.end() :] if match else reply)
        return f"◁think▷{match.group(1).strip()}◁/think▷{kept}" if match else kept
