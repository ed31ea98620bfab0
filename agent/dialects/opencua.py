"""OpenCUA: a thought, an action in words and pyautogui code, points in pixels of the smart-resized picture.

Sections, the two functions of `computer`, the layout of the history (thoughts and actions of past steps, three pictures in all, the task
in the last turn) and its headings: xlang-ai/OpenCUA and its agent in xlang-ai/OSWorld (mm_agents/opencua_agent.py). Its training data
(AgentNet) and the first checkpoints, on Qwen2-VL, point by fractions of the screen instead: `points="fractions"` writes those; both are
read, since two fractions below 1 mean no pixel. A click at (-1, -1) is its way to say that the target is not there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

from handeye.agent.coordinates import CoordinateSpace, Relative, SmartResizedPixels
from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.history import DROPPED, pictures_kept, turns_of
from handeye.agent.dialects.picture import picture_of
from handeye.agent.dialects.prompt import Prompt, note_lines
from handeye.agent.dialects.pyautogui_verbs import SAYABLE, read_actions, write_action
from handeye.agent.dialects.python_calls import Plus, find_code, read_python
from handeye.agent.dialects.qwen25vl import MAX_PIXELS, MIN_PIXELS
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.agent.messages import Message
from handeye.envs.actions import Action
from handeye.envs.observation import Observation
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Point

Points: TypeAlias = Literal["pixels", "fractions"]
"""pixels of the picture that was sent, or fractions of its sides."""
PICTURES = 2
"""Past screenshots that are shown; with the present one three, as in its agent."""

_SECTIONS = ("## Thought:", "## Action:", "## Code:")
_SYSTEM = """You work a computer by looking at screenshots of its screen: you are given a task and the screen as it is now, and do the \
task by a series of pyautogui actions.

Answer every step in this form:

## Thought:
What is on the screen, what the last step changed, and why the next one follows.

## Action:
The next step in a sentence or two that name its target by what it looks like.

## Code:
```python
pyautogui code for that step, or one of the functions below
```

{{tools}}"""
_USER = """{{picture}}# Task Instruction:
{{goal}}
{{progress}}
{{screen}}
{{notes}}

Give the next step for this task and this screenshot."""


def function(name: str, description: str, /, **parameters: dict[str, Any]) -> str:
    """The line that offers a function as these models read it: its JSON schema, all of `parameters` required but those with a default."""
    needed = [key for key, value in parameters.items() if "default" not in value]
    schema = {"type": "object", "properties": parameters, "required": needed}
    return "- " + json.dumps({"name": f"computer.{name}", "description": description, "parameters": schema})


_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}
STATUS = {"type": "string", "enum": ["success", "failure"], "description": "How the task ended"}
OWN_VERBS = (
    ("long_press", function("long_press", "Press the left button at a point and hold it", x=_NUMBER, y=_NUMBER, duration_s=_NUMBER)),
    ("open_app", function("open_app", "Open a program by its name", name=_TEXT)),
    ("goto", function("goto", "Open an address in this tab", url=_TEXT)),
    ("go_back", function("go_back", "Go back to the page before")),
    ("switch_tab", function("switch_tab", "Bring a tab to the front; they are counted from 0", index={"type": "integer"})),
    ("close_tab", function("close_tab", "Close the tab in front")),
    (
        "answer_dialog",
        function("answer_dialog", "Answer the dialog of the page", accept={"type": "boolean"}, text=_TEXT | {"default": None}),
    ),
    ("choose_files", function("choose_files", "Answer the file chooser; an empty list cancels it", paths={"type": "array"})),
    ("ask_user", function("ask_user", "Ask the user what only they know or may decide", question=_TEXT)),
)
PYAUTOGUI_VERBS = tuple((kind, "") for kind in ("move", "drag", "scroll", "type_text", "press_keys"))
OPENCUA = Family(
    name="opencua/computer",
    space=SmartResizedPixels(28, MIN_PIXELS, MAX_PIXELS),
    prompt=Prompt(_SYSTEM, _USER),
    verbs=(
        *PYAUTOGUI_VERBS,
        ("click", function("triple_click", "Click three times at a point", x=_NUMBER, y=_NUMBER)),
        ("wait", "- time.sleep(seconds) waits"),
        ("finish", function("terminate", "End the task and say how it ended", status=STATUS)),
        ("answer", function("terminate", "The same, with the answer to what was asked", status=STATUS, answer=_TEXT)),
        *OWN_VERBS,
    ),
    example="## Thought:\n...\n\n## Action:\n...\n\n## Code:\n```python\npyautogui.click(x=100, y=200)\n```",
    history="turns",
    pictures=PICTURES,
)


class CodeDialect(Worded):
    """A dialect of sections and pyautogui code."""

    def __init__(self, family: Family, action_types: frozenset[str], points: Points, **options: Any) -> None:
        if points not in get_args(Points):
            raise ValueError(f"points is one of {', '.join(get_args(Points))}")
        super().__init__(family, action_types & SAYABLE, **options)
        self._fractions = points == "fractions"
        self._by_fraction, self._by_pixel = Relative(1), family.space.resize if isinstance(family.space, Relative) else family.space

    def read(self, reading: Reading) -> Said:
        """See `Worded`."""
        code = find_code(reading.text)
        for repair in code.repairs:
            reading.mend(repair)
        actions = read_actions(read_python(code.text), lambda x, y: self._point(x, y, reading), reading.mend)
        return Said(actions, said_before(code.before))

    def write(self, action: Action, numbers: Numbers) -> str:
        """See `Worded`."""

        def words(point: Point) -> dict[str, str]:
            x, y = numbers(point)
            # Fractions of the first pixel would be read as fractions of the screen.
            sign = "+" if not self._fractions and max(x, y) <= 1 and (x, y) != (int(x), int(y)) else ""
            return {"x": f"{sign}{x!r}", "y": f"{sign}{y!r}"}

        return write_action(action, words)

    def reply(self, words: str, thought: str = "") -> str:
        """The code in its section, after the thought in its own."""
        before = f"{_SECTIONS[0]}\n{thought}\n\n" if thought else ""
        return f"{before}{_SECTIONS[2]}\n```python\n{words}\n```"

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The system turn; what was thought and done at each past step, the last ones with their pictures; the picture and the task."""
        if not self._turns:
            return super().render(goal, history, observation, notes)
        *system, user = self._fill(goal, observation, notes)
        past = turns_of(history[max(0, len(history) - self._steps) :], lambda step: self.reply(self.words(step), step.thought))
        kept = pictures_kept(len(past), self._pictures)
        messages: list[Message] = []
        for number, turn in enumerate(past, 1):
            shown = turn.observation if len(past) - number < kept else None
            told = note_lines(turn.notes)
            if shown is not None:
                picture = picture_of(shown.screenshot, self.picture_size(shown.size))
                messages.append(Message("user", (picture, told) if told else (picture,)))
            else:
                messages.append(Message("user", ("\n".join(line for line in (DROPPED, told) if line),)))
            messages.append(Message("assistant", (f"# Step {number}:\n{self.remembered(turn.reply)}\n",)))
        return (*system, *messages, user)

    def remembered(self, reply: str) -> str:
        """What the history keeps of a reply: thought and action without the code; the code alone where there is nothing else."""
        try:
            before = find_code(reply).before
        except ParseError:
            return reply
        kept = before.strip().removesuffix(_SECTIONS[2]).strip()
        return kept or reply

    def _point(self, x: float, y: float, reading: Reading) -> Point | None:
        if (x, y) == (-1, -1):
            return None
        small = 0 <= x <= 1 and 0 <= y <= 1 and not isinstance(x, Plus)
        space: CoordinateSpace = self._by_pixel
        if small and (self._fractions or (x, y) != (int(x), int(y))):
            space = self._by_fraction
        elif self._fractions and any(0 < number < 1 for number in (x, y)):
            raise ParseError("one number of the point is a fraction and the other is not")
        elif self._fractions:
            reading.mend("read a point above 1 as pixels of the picture")
        point, clamped = space.to_screen(x, y, reading.size)
        if clamped:
            reading.mend(f"({x:g}, {y:g}) lies outside of the picture and was moved to its edge")
        return point


def said_before(text: str) -> str:
    """The thought and the action of a reply, without their headings."""
    lines = (line for line in text.splitlines() if line.strip() not in _SECTIONS)
    return "\n".join(lines).strip()


class OpenCUA(CodeDialect):
    """OpenCUA with a mouse and a keyboard."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        points: Points = "pixels",
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """`points`: pixels, or fractions as by the checkpoints on Qwen2-VL. `min_pixels`, `max_pixels` of the picture; other options are
        those of `Worded`."""
        pixels = SmartResizedPixels(28, min_pixels, max_pixels)
        family = replace(OPENCUA, space=Relative(1, pixels) if points == "fractions" else pixels)
        super().__init__(family, action_types, points, **options)
