"""The base of dialects whose replies are actions in words (calls as text, literals, points), not tool calls.

A family of models is a `Family` (what it was trained to read) and a subclass of `Worded` with three methods: `read` a reply, `write` an
action, and `reply`, which wraps the words of an action as the model wraps them. Everything else is here.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from handeye.agent.coordinates import CoordinateSpace, Number
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.base import PastStep, Reply
from handeye.agent.dialects.history import DROPPED, pictures_kept, turns_of
from handeye.agent.dialects.picture import picture_of
from handeye.agent.dialects.prompt import Prompt, note_lines, plain, quoted, read_prompt, screen_facts
from handeye.agent.dialects.reading import offered
from handeye.agent.messages import Message
from handeye.agent.models.base import Constraint
from handeye.envs.actions import LOOP_ACTIONS, Action
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

MAX_TEXT = 400_000
"""Characters of a reply beyond which it is not read."""
MAX_ACTIONS = 16
"""Actions that one reply may hold."""

History: TypeAlias = Literal["text", "turns"]
"""text: past actions in words, in the prompt. turns: past screenshots and replies as they were, one turn each."""
Numbers: TypeAlias = Callable[[Point], list[Number]]
"""The numbers that mean a pixel of the screen in the family's coordinate space."""

_LONGEST = 500
_MARKS = r"<\|(?:im_end|endoftext|diff_marker|eot_id)\|>|</s>"
_END = re.compile(rf"(?:{_MARKS})\s*+(?={_MARKS}|<\|im_start\|>|\Z)")
"""Where a turn ends although the text may go on: with the next turn, which the model was not asked for."""


@dataclass(frozen=True)
class Family:
    """What a family of models was trained to read and write."""

    name: str
    """The name under which the registry has its dialect."""
    space: CoordinateSpace
    prompt: Prompt
    """For `history="text"`, and the first turns of `history="turns"` (there `{{progress}}` is empty)."""
    verbs: tuple[tuple[str, str], ...]
    """Types of our actions, each with the line that tells the model how to say it; a type may have several lines, a line several types."""
    example: str
    """The form of a reply, shown when one could not be read."""
    stop: tuple[str, ...] = ()
    history: History = "text"
    pictures: int = 5
    """Past screenshots that `turns` keeps at most."""


@dataclass(frozen=True)
class Said:
    """What `Worded.read` found."""

    actions: tuple[Action, ...]
    thought: str = ""


class Reading:
    """A reply that is being read: its text without the marks of the end of a turn, and the screen that it is about."""

    def __init__(self, text: str, size: Size, space: CoordinateSpace, repairs: dict[str, None]) -> None:
        self.text, self.size, self._space, self._repairs = text, size, space, repairs

    def mend(self, what: str) -> None:
        """Note that something had to be mended, in words."""
        self._repairs[what] = None

    def point(self, value: Any, box: bool = False) -> Point:
        """The pixel that two numbers mean (a list, or text that holds them), or the centre of four; `box` if four were asked for."""
        quiet = Arguments({}, self._space, self.size, self._quiet)
        return quiet.to_point(value, "point", box_asked=box)

    def arguments(self, values: dict[str, Any]) -> Arguments:
        """Named values, to be taken by their types."""
        return Arguments(values, self._space, self.size, self.mend)

    def _quiet(self, what: str) -> None:
        if not what.startswith("read the text in"):
            self.mend(what)


class Worded(ABC):
    """A dialect of actions in words. Pure, like every dialect."""

    def __init__(
        self,
        family: Family,
        action_types: frozenset[str],
        *,
        prompt_file: str | Path | None = None,
        loop_actions: frozenset[str] = LOOP_ACTIONS,
        history: History | None = None,
        history_steps: int = 100,
        history_pictures: int | None = None,
    ) -> None:
        """`action_types`: the environment's verbs; those without words are left out. The rest is the user's to choose."""
        history = family.history if history is None else history
        pictures = family.pictures if history_pictures is None else history_pictures
        if history not in get_args(History) or pictures < 1:
            raise ValueError(f"history is one of {', '.join(get_args(History))}, and history_pictures at least 1")
        self.family = family
        self._types = (action_types | loop_actions) & {kind for kind, _ in family.verbs}
        self._prompt = read_prompt(prompt_file) if prompt_file else family.prompt
        self._turns, self._pictures, self._steps = history == "turns", pictures if history == "turns" else 0, history_steps

    @abstractmethod
    def read(self, reading: Reading) -> Said:
        """What `reading.text` says. Raises `ParseError` where it says nothing, or could mean two things."""

    @abstractmethod
    def write(self, action: Action, numbers: Numbers) -> str:
        """The words of `action`, its points by `numbers`. Raises `InvalidAction` where there are none."""

    def reply(self, words: str, thought: str = "") -> str:
        """A whole reply around the words of an action; by default the thought, a line break and the words."""
        return f"{thought}\n{words}" if thought else words

    @property
    def name(self) -> str:
        """The name under which the registry has it."""
        return self.family.name

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of the environment and the loop that the family has words for."""
        return self._types

    @property
    def history_pictures(self) -> int:
        """Past screenshots that are shown; none unless the history is kept as turns."""
        return self._pictures

    @property
    def stop(self) -> tuple[str, ...]:
        """The family's own end of a reply."""
        return self.family.stop

    def constraint(self, size: Size) -> Constraint | None:
        """None, unless a subclass knows a form."""
        return None

    def picture_size(self, size: Size) -> Size:
        """The size that the family's coordinate space asks for. Raises `InvalidAction` for a screen that cannot be shown."""
        return self.family.space.picture_size(size)

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The family's prompt, filled; with `history="turns"` a turn for each screenshot and reply before the present one."""
        if not self._turns:
            return self._fill(goal, observation, notes, self.progress(history))
        messages: list[Message] = []
        past = turns_of(history, lambda step: self.reply(self.words(step), step.thought))
        kept = pictures_kept(len(past), self._pictures)
        for number, turn in enumerate(past):
            shown = turn.observation if len(past) - number <= kept else None
            messages += self._later(shown, turn.notes) if messages else self._opening(goal, shown, observation, turn.notes)
            messages.append(Message("assistant", (turn.reply,)))
        return (*messages, *self._later(observation, notes)) if messages else self._fill(goal, observation, notes)

    def progress(self, history: Sequence[PastStep]) -> str:
        """The steps so far, for `{{progress}}`: a numbered line for each."""
        first = max(0, len(history) - self._steps)
        return "\n".join(self.past(number, step) for number, step in enumerate(history[first:], first + 1))

    def past(self, number: int, step: PastStep) -> str:
        """One line of `progress`, with what went wrong if something did."""
        return f"Step {number}: {self.words(step)}" + (f" (failed: {quoted(step.error)})" if step.error else "")

    def words(self, step: PastStep) -> str:
        """The words of a past action on one line, its points in whole numbers where the space has them."""

        def numbers(point: Point) -> list[Number]:
            exact = self.family.space.from_screen(point.clamped(step.size), step.size)
            return list(exact) if max(map(abs, exact)) <= 1 else [round(number) for number in exact]

        try:
            words = self.write(step.action, numbers)
        except InvalidAction:
            words = f"({step.action.type.replace('_', ' ')})"
        words = plain(words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…")
        return words.replace("\n", "\\n") if not self._turns else words

    def parse(self, text: str, size: Size) -> Reply:
        """Read a reply to a screenshot of `size`. Raises `ParseError`, with the right form in it, for one that cannot be read."""
        repairs: dict[str, None] = {}
        try:
            if len(text) > MAX_TEXT:
                raise ParseError("the reply is far too long")
            # Halves of surrogate pairs could neither be typed nor written to a file later.
            text = text.encode("utf-8", "replace").decode("utf-8")
            if end := _END.search(text):
                if "<|im_start|>" in text[end.end() :]:
                    repairs["left out what follows the end of the turn"] = None
                text = text[: end.start()]
            if not text.strip():
                raise ParseError("the reply is empty")
            said = self.read(Reading(text, size, self.family.space, repairs))
            if not 1 <= len(said.actions) <= MAX_ACTIONS:
                raise ParseError(f"the reply holds {len(said.actions)} actions; give one")
            actions = tuple(offered(action, self._types, sorted(self._types)) for action in said.actions)
        except ParseError as error:
            raise ParseError(f"Your reply could not be read: {error}. Reply in this form: {self.family.example}") from error
        return Reply(said.thought.strip(), actions, tuple(repairs))

    def format(self, action: Action, size: Size) -> str:
        """The reply that means `action`. Raises `InvalidAction` for a verb outside of `action_types`, and for particulars of an action
        that the family has no words for: whatever would be read back as something else.
        """
        if action.type not in self._types:
            raise InvalidAction(f"{self.name} has no words for {action.type} in this environment")
        text = self.reply(self.write(action, lambda point: list(self.family.space.from_screen(point, size))))
        try:
            read = self.parse(text, size)
        except ParseError:
            read = None
        if read is None or read.actions != (action,) or read.repairs:
            raise InvalidAction(f"{self.name} has no words for this {action.type}: {action!r}")
        return text

    def _fill(self, goal: str, observation: Observation, notes: Sequence[str], progress: str = "") -> tuple[Message, ...]:
        shown = self.picture_size(observation.size)
        values = {
            "tools": "\n".join(dict.fromkeys(line for kind, line in self.family.verbs if kind in self._types and line)),
            "goal": plain(goal),
            "progress": progress,
            "screen": screen_facts(observation, self._types),
            "notes": note_lines(notes),
            "width": str(shown.width),
            "height": str(shown.height),
        }
        return self._prompt.fill(values, picture_of(observation.screenshot, shown))

    def _opening(self, goal: str, shown: Observation | None, now: Observation, notes: Sequence[str]) -> tuple[Message, ...]:
        # `now` lends its size, and nothing else, where the first picture is dropped.
        filled = self._fill(goal, shown or Observation(now.screenshot), notes)
        if shown is not None:
            return filled
        user = filled[-1]
        parts = (part if isinstance(part, str) else f"{DROPPED}\n" for part in user.parts)
        return (*filled[:-1], Message("user", ("".join(parts),)))

    def _later(self, shown: Observation | None, notes: Sequence[str]) -> tuple[Message, ...]:
        told = note_lines(notes)
        if shown is None:
            return (Message("user", ("\n".join(line for line in (DROPPED, told) if line),)),)
        lines = "\n".join(line for line in (screen_facts(shown, self._types), told) if line)
        picture = picture_of(shown.screenshot, self.picture_size(shown.size))
        return (Message("user", (picture, lines) if lines else (picture,)),)
