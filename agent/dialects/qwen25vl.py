"""Qwen2.5-VL: computer use and phone use by tool calls, points in pixels of the smart-resized picture.

Layout, history and coordinate space: QwenLM/Qwen2.5-VL (cookbooks/computer_use.ipynb, cookbooks/mobile_agent.ipynb) and the answers
of its maintainers in QwenLM/Qwen3-VL#676 (absolute pixels after the resize) and #904 (the history holds past calls, no pictures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from handeye.agent.coordinates import CoordinateSpace, Number, Relative, SmartResizedPixels
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.base import PastStep, Reply
from handeye.agent.dialects.calls import Call, Calls, read_calls
from handeye.agent.dialects.hermes import CALL_BEGIN, CALL_END, call_block, call_object, tools_section
from handeye.agent.dialects.history import DROPPED, pictures_kept, turns_of
from handeye.agent.dialects.picture import picture_of
from handeye.agent.dialects.prompt import Prompt, note_lines, plain, quoted, read_prompt, screen_facts
from handeye.agent.dialects.qwen25vl_schema import call_schema
from handeye.agent.dialects.qwen25vl_tools import COMPUTER, MOBILE, Tool
from handeye.agent.dialects.qwen25vl_verbs import ALIASES, VERBS
from handeye.agent.dialects.qwen25vl_write import write
from handeye.agent.dialects.reading import offered
from handeye.agent.messages import Message
from handeye.agent.models.base import Constraint
from handeye.envs.actions import LOOP_ACTIONS, Action, Click, Drag, Scroll
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

MIN_PIXELS = 3_136
"""The checkpoint's own lower limit: 4 visual tokens."""
MAX_PIXELS = 4_014_080
"""5,120 visual tokens. A 2560x1440 screen keeps its size, a 4K one is shrunk to 2660x1484, which still shows its text. The checkpoint takes
up to 12,845,056 (16,384 tokens): four times the time for a 4K screen."""

History: TypeAlias = Literal["text", "turns"]
"""text: past calls in words, no past pictures, as in training. turns: past screenshots and replies as they were."""
HISTORY_PICTURES = 10
"""Past screenshots that `turns` keeps at most."""

_SYSTEM = "You are a helpful assistant.{{tools}}"
_TASK = """The user query: {{goal}}
Task progress (You have done the following operation on the current device): {{progress}}
{{screen}}
{{notes}}
"""
COMPUTER_PROMPT = Prompt(_SYSTEM, "{{picture}}" + _TASK)
MOBILE_PROMPT = Prompt(_SYSTEM, _TASK + "{{picture}}")
TURNS_PROMPT = Prompt(_SYSTEM, "{{picture}}The user query: {{goal}}\n{{screen}}\n{{notes}}\n")

_GENERIC = ("", "function", "computer_use", "mobile_use", "computer", "mobile", "phone", "tool", "action")
_POINTS = {"coordinate", "bbox_2d", "point_2d"}
_IGNORED = ("thought", "reasoning", "description", "label")


class QwenTool:
    """One tool of a Qwen-VL model. Its families differ in the tool, the space of points, the prompt and the layout of a call."""

    def __init__(
        self,
        tool: Tool,
        name: str,
        action_types: frozenset[str],
        prompt: Prompt,
        space: CoordinateSpace,
        *,
        prompt_file: str | Path | None = None,
        loop_actions: frozenset[str] = LOOP_ACTIONS,
        history_steps: int = 100,
        history: History = "text",
        history_pictures: int = HISTORY_PICTURES,
        turns_prompt: Prompt = TURNS_PROMPT,
    ) -> None:
        """`action_types`: the environment's verbs; `loop_actions`: the loop's. `space` says how points are written. The rest is the
        user's to choose, but for `turns_prompt`, the first turns of `history="turns"`."""
        if history not in get_args(History) or history_pictures < 1:
            raise ValueError(f"history is one of {', '.join(get_args(History))}, and history_pictures at least 1")
        self._tool, self._name = tool, name
        self._types = action_types | loop_actions
        self._space = space
        self._turns = history == "turns"
        self._prompt = read_prompt(prompt_file) if prompt_file else turns_prompt if self._turns else prompt
        self._pictures = history_pictures if self._turns else 0
        self._history_steps = history_steps
        self._offered = tool.offered(self._types)

    @property
    def name(self) -> str:
        """The name under which the registry has it."""
        return self._name

    @property
    def action_types(self) -> frozenset[str]:
        """The environment's verbs and the loop's; there are words for all of them."""
        return self._types

    @property
    def history_pictures(self) -> int:
        """None as in training, unless the history is kept as turns."""
        return self._pictures

    @property
    def stop(self) -> tuple[str, ...]:
        """The end of a call."""
        return (CALL_END,)

    def constraint(self, size: Size) -> Constraint | None:
        """One call about a screenshot of `size`, with no words before it."""
        return Constraint(call_schema(self._tool, self._types, self.stated_size(size)), CALL_BEGIN, CALL_END)

    def picture_size(self, size: Size) -> Size:
        """The smart-resized size of a screenshot of `size`. Raises `InvalidAction` if its sides are more than 200 to 1."""
        return self._space.picture_size(size)

    def stated_size(self, size: Size) -> Size:
        """The size that the model is told a screen of `size` has: the picture's, or that of its own space."""
        if isinstance(self._space, Relative):
            return Size(int(self._space.extent), int(self._space.extent))
        return self.picture_size(size)

    def tools_text(self, size: Size) -> str:
        """The part of the system turn that offers the tool for a screen of `size`."""
        return tools_section([self._tool.definition(self._types, self.stated_size(size))])

    def calls_in(self, text: str) -> Calls:
        """The calls of a reply. Raises `ParseError` for one that has none."""
        return read_calls(text)

    def call_text(self, arguments: Mapping[str, Any]) -> str:
        """A call as the model writes it."""
        return call_block(self._tool.name, arguments)

    def past_call(self, arguments: Mapping[str, Any], step: PastStep) -> str:
        """A past call as the text of the history says it."""
        return call_object(self._tool.name, arguments)

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The system turn with the tool, then what the `history` option says.

        `text`: one user turn with the task, what was done, what is known, and the picture. `turns`: a turn for each screenshot and reply,
        in which nothing is ever rewritten, so that a model which keeps its cache computes only what is new.
        """
        if self._turns:
            return self._as_turns(goal, history, observation, notes)
        return self._fill(goal, observation, notes, self._progress(history))

    def _fill(self, goal: str, observation: Observation, notes: Sequence[str], progress: str = "") -> tuple[Message, ...]:
        shown = self.picture_size(observation.size)
        values = {
            "tools": self.tools_text(observation.size),
            "goal": plain(goal),
            "progress": progress,
            "screen": screen_facts(observation, self._types),
            "notes": note_lines(notes),
            "width": str(shown.width),
            "height": str(shown.height),
        }
        return self._prompt.fill(values, picture_of(observation.screenshot, shown))

    def _as_turns(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str]) -> tuple[Message, ...]:
        past = turns_of(history, self._reply_of)
        kept = pictures_kept(len(past), self._pictures)
        messages: list[Message] = []
        for number, turn in enumerate(past):
            shown = turn.observation if len(past) - number <= kept else None
            if not messages:
                messages += self._opening(goal, shown, observation, turn.notes)
            else:
                messages.append(self._later(shown, turn.notes))
            messages.append(Message("assistant", (turn.reply,)))
        return (*messages, self._later(observation, notes)) if messages else self._fill(goal, observation, notes)

    def _opening(self, goal: str, shown: Observation | None, now: Observation, notes: Sequence[str]) -> tuple[Message, ...]:
        """The system turn and the first user turn; `now` lends its size, and nothing else, where the first picture is dropped."""
        system, *rest = self._fill(goal, shown or Observation(now.screenshot), notes)
        if shown is not None:
            return (system, *rest)
        texts = [part for message in rest for part in message.parts if isinstance(part, str)]
        return (system, *rest[:-1], Message("user", (f"{DROPPED}\n", *texts)))

    def _later(self, shown: Observation | None, notes: Sequence[str]) -> Message:
        if shown is None:
            return Message("user", ("\n".join(line for line in (DROPPED, note_lines(notes)) if line),))
        lines = "\n".join(line for line in (screen_facts(shown, self._types), note_lines(notes)) if line)
        picture = picture_of(shown.screenshot, self.picture_size(shown.size))
        return Message("user", (picture, lines) if lines else (picture,))

    def parse(self, text: str, size: Size) -> Reply:
        """Read a reply to a screenshot of `size`. Raises `ParseError`, with the right form in it, for one that cannot be read."""
        try:
            found = self.calls_in(text)
            repairs = dict.fromkeys(found.repairs)
            if len(found.calls) > 1 and not all(call.name or "action" in call.arguments for call in found.calls):
                raise ParseError("there are several points and no action; choose one")
            actions = [action for call in found.calls for action in self._actions(call, size, repairs)]
        except ParseError as error:
            raise ParseError(f"Your reply could not be read: {error}. Reply with one call in this form: {self._example()}") from error
        return Reply(found.thought, tuple(actions), tuple(repairs))

    def format(self, action: Action, size: Size) -> str:
        """The reply that means `action`. Raises `InvalidAction` for a verb outside of `action_types`."""
        if action.type not in self._types:
            raise InvalidAction(f"{action.type} is not among the actions of this environment")
        verb, arguments = write(action, lambda point: list(self._space.from_screen(point, size)), self._tool.touch)
        return self.call_text({"action": verb} | arguments)

    def _reply_of(self, step: PastStep) -> str:
        try:
            return self.format(step.action, step.size)
        except InvalidAction:
            return self.call_text({"action": step.action.type})

    def _progress(self, history: Sequence[PastStep]) -> str:
        first = max(0, len(history) - self._history_steps)
        steps = (f"Step {number}: {self._past(step)}; " for number, step in enumerate(history[first:], first + 1))
        return "".join(steps)

    def _past(self, step: PastStep) -> str:
        def numbers(point: Point) -> list[Number]:
            return [round(number) for number in self._space.from_screen(point.clamped(step.size), step.size)]

        verb, arguments = write(step.action, numbers, self._tool.touch)
        short = {key: value[:499] + "…" if isinstance(value, str) and len(value) > 500 else value for key, value in arguments.items()}
        failed = f" (failed: {quoted(step.error)})" if step.error else ""
        return self.past_call({"action": verb} | short, step) + failed

    def _actions(self, call: Call, size: Size, repairs: dict[str, None]) -> tuple[Action, ...]:
        def mend(what: str) -> None:
            repairs[what] = None

        values = dict(call.arguments)
        verb = self._verb(call.name, values, mend)
        if call.cut and (missing := [key for key in VERBS[verb].expects if key not in values]):
            raise ParseError(f'the reply is cut off before "{missing[0]}"')
        arguments = Arguments(values, self._space, size, mend)
        actions = tuple(offered(action, self._types, self._offered) for action in VERBS[verb].read(arguments))
        if left := [name for name in arguments.left() if name not in _IGNORED]:
            # A point under a name that nobody knows must not become a click where the pointer happens to be.
            if any(_where_the_pointer_is(action) for action in actions):
                raise ParseError(f'{verb} does not take {left[0][:40]!r}; where to do it is said as "coordinate": [x, y]')
            mend(f"ignored {', '.join(repr(name[:40]) for name in left[:5])}, which {verb} does not take")
        return actions

    def _verb(self, name: str, values: dict[str, Any], mend: Any) -> str:
        said = values.pop("action", None)
        if said is not None and not isinstance(said, str):
            raise ParseError('"action" must be a string')
        tool = name.strip().lower()
        if tool in _GENERIC:
            if tool != self._tool.name:
                mend(f"the tool is called {self._tool.name}")
        elif (named := _known(tool)) is None:
            raise ParseError(f"there is no tool called {name[:40]!r}, only {self._tool.name}")
        elif said is not None and _known(said) != named:
            raise ParseError(f"the call names both {name[:40]!r} and {said[:40]!r}")
        else:
            mend("the action stood in the place of the tool's name")
            said = tool
        if said is None:
            if not values.keys() & _POINTS or values.keys() - _POINTS - {"status", *_IGNORED}:
                raise ParseError('"action" is missing')
            mend("a point without an action was taken for a click")
            return self._tool.click
        verb = _known(said)
        if verb is None:
            raise ParseError(f"there is no action {said[:40]!r}; there are {', '.join(self._offered)}")
        if verb != said or (verb in (COMPUTER.click, MOBILE.click) and verb != self._tool.click):
            mend(f"{said[:40]!r} was read as {verb}")
        return verb

    def _example(self) -> str:
        if self._tool.click in self._offered:
            return self.call_text({"action": self._tool.click, "coordinate": ["x", "y"]}).replace('["x", "y"]', "[x, y]")
        return self.call_text({"action": next(iter(self._offered), "wait")})


def _where_the_pointer_is(action: Action) -> bool:
    return (isinstance(action, Click | Scroll) and action.point is None) or (isinstance(action, Drag) and action.start is None)


def _known(name: str) -> str | None:
    folded = name.strip().lower().replace("-", "_").replace(" ", "_")
    folded = folded if folded in VERBS else ALIASES.get(folded, ALIASES.get(folded.replace("_", ""), folded))
    return folded if folded in VERBS else None


class QwenComputerUse(QwenTool):
    """Qwen2.5-VL with a mouse and a keyboard: the `computer_use` tool."""

    def __init__(self, action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> None:
        """`action_types`: the environment's verbs. Options: `min_pixels`, `max_pixels`, `prompt_file`, `loop_actions`, `history_steps`,
        `history`, `history_pictures`."""
        super().__init__(
            COMPUTER, "qwen2.5-vl/computer_use", action_types, COMPUTER_PROMPT, SmartResizedPixels(28, min_pixels, max_pixels), **options
        )


class QwenMobileUse(QwenTool):
    """Qwen2.5-VL with a touch screen: the `mobile_use` tool."""

    def __init__(self, action_types: frozenset[str], *, min_pixels: int = MIN_PIXELS, max_pixels: int = MAX_PIXELS, **options: Any) -> None:
        """`action_types`: the environment's verbs. Options: `min_pixels`, `max_pixels`, `prompt_file`, `loop_actions`, `history_steps`,
        `history`, `history_pictures`."""
        super().__init__(
            MOBILE, "qwen2.5-vl/mobile_use", action_types, MOBILE_PROMPT, SmartResizedPixels(28, min_pixels, max_pixels), **options
        )
