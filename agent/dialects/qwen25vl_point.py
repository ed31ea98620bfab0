"""Qwen2.5-VL asked to point: a target in words, answered by points or boxes in pixels of the smart-resized picture.

The JSON keys `bbox_2d`, `point_2d` and `label` are those of QwenLM/Qwen2.5-VL (cookbooks/spatial_understanding.ipynb).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.agent.coordinates import CoordinateSpace, Relative, ResizedPixels, SmartResizedPixels
from handeye.agent.dialects.arguments import Arguments
from handeye.agent.dialects.base import PastStep, Reply
from handeye.agent.dialects.hermes import dump
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.picture import picture_of
from handeye.agent.dialects.prompt import Prompt, note_lines, read_prompt
from handeye.agent.dialects.qwen25vl import MAX_PIXELS, MIN_PIXELS
from handeye.agent.messages import Message
from handeye.agent.models.base import Constraint
from handeye.envs.actions import Action, Click
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Box, Point, Size

POINT_PROMPT = Prompt(
    "You are a helpful assistant.",
    "{{picture}}Locate this in the picture and give its bbox_2d in JSON format, with its label: {{goal}}\n{{notes}}\n",
)
EVERY_PROMPT = Prompt(
    "You are a helpful assistant.",
    "{{picture}}Outline the position of every one of these in the picture and give all bbox_2d in JSON format, "
    "each with its label: {{goal}}\n{{notes}}\n",
)
_START = re.compile(r"[\[{(]")
_LARGEST = 100_000


@dataclass(frozen=True)
class Located:
    """Something that the model found on the screen."""

    point: Point
    """Where to click it: the point given, or the middle of the box."""
    box: Box | None = None
    label: str = ""


@dataclass(frozen=True)
class Pointing:
    """A reply, read."""

    found: tuple[Located, ...]
    repairs: tuple[str, ...] = ()
    """What had to be mended to read it."""


class QwenPoint:
    """Qwen2.5-VL for grounding: what it finds is said as clicks, and in full by `locate`."""

    NAME = "qwen2.5-vl/point"

    def __init__(
        self,
        action_types: frozenset[str] = frozenset({"click"}),
        *,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        prompt_file: str | Path | None = None,
        every: bool = False,
        resized: Size | None = None,
    ) -> None:
        """Only `click` of `action_types` can be said.

        `every` asks for all that fit, and takes an empty list for an answer. `resized` shows the picture at this size, whatever its
        own. The other options are those of `QwenComputerUse`.
        """
        self._types = action_types & {"click"}
        self._every = every
        resize = SmartResizedPixels(28, min_pixels, max_pixels) if resized is None else ResizedPixels(resized)
        self._space = self.space_of(resize)
        self._prompt = read_prompt(prompt_file) if prompt_file else EVERY_PROMPT if every else POINT_PROMPT

    def space_of(self, resize: SmartResizedPixels | ResizedPixels) -> CoordinateSpace:
        """The space of the model's numbers, for pictures that `resize` brings to their size."""
        return resize

    @property
    def name(self) -> str:
        """The name under which the registry has it."""
        return self.NAME

    @property
    def action_types(self) -> frozenset[str]:
        """Clicks, with the left button, once."""
        return self._types

    @property
    def history_pictures(self) -> int:
        """None."""
        return 0

    @property
    def stop(self) -> tuple[str, ...]:
        """None: the model ends its turn after the list."""
        return ()

    def constraint(self, size: Size) -> Constraint | None:
        """A list of boxes with labels in the picture of a screenshot of `size`; one box at least, unless every one is asked for."""
        space = self._space
        shown = (space.extent, space.extent) if isinstance(space, Relative) else self.picture_size(size)
        sides = [{"type": "integer", "minimum": 0, "maximum": side} for side in (*shown, *shown)]
        box = {"type": "array", "prefixItems": sides, "items": False, "minItems": 4}
        properties = {"bbox_2d": box, "label": {"type": "string", "maxLength": 200}}
        found = {"type": "object", "properties": properties, "required": ["bbox_2d", "label"], "additionalProperties": False}
        return Constraint({"type": "array", "items": found, "minItems": 0 if self._every else 1}, "```json\n", "\n```")

    def picture_size(self, size: Size) -> Size:
        """The smart-resized size of a screenshot of `size`. Raises `InvalidAction` if its sides are more than 200 to 1."""
        return self._space.picture_size(size)

    def render(self, goal: str, history: Sequence[PastStep], observation: Observation, notes: Sequence[str] = ()) -> tuple[Message, ...]:
        """The picture and what to look for; the history says nothing here."""
        shown = self.picture_size(observation.size)
        values = {"goal": goal, "notes": note_lines(notes), "progress": "", "screen": "", "tools": ""}
        values |= {"width": str(shown.width), "height": str(shown.height)}
        return self._prompt.fill(values, picture_of(observation.screenshot, shown))

    def locate(self, text: str, size: Size) -> tuple[Located, ...]:
        """What a reply about a screen of `size` points at: see `pointing`."""
        return self.pointing(text, size).found

    def pointing(self, text: str, size: Size) -> Pointing:
        """What a reply about a screen of `size` points at: at least one place, none only if every one was asked for.

        Raises `ParseError` for a reply that cannot be read, and for an empty list where one place was asked for.
        """
        _, found, repairs = self._read(text, size, empty=self._every)
        return Pointing(found, repairs)

    def parse(self, text: str, size: Size) -> Reply:
        """The reply as clicks. Raises `ParseError` for one that points at nothing."""
        thought, found, repairs = self._read(text, size)
        return Reply(thought, tuple(Click(point=item.point) for item in found), repairs)

    def format(self, action: Action, size: Size) -> str:
        """`[x, y]`. Raises `InvalidAction` for anything but a plain click at a point."""
        if not isinstance(action, Click) or action.point is None or action != Click(point=action.point) or action.type not in self._types:
            raise InvalidAction(f"{self.name} can only say a plain click at a point, not {action.type}")
        return dump(list(self._space.from_screen(action.point, size)))

    def _read(self, text: str, size: Size, empty: bool = False) -> tuple[str, tuple[Located, ...], tuple[str, ...]]:
        repairs: dict[str, None] = {}
        text = text[:_LARGEST].encode("utf-8", "replace").decode("utf-8")
        start = _START.search(text)
        try:
            if start is None:
                raise ParseError("there is no point in it")
            read = read_loose(text, start.start())
            repairs |= dict.fromkeys(read.repairs)
            found = tuple(self._located(item, size, repairs) for item in _items(read.value))
            if not found and not empty:
                raise ParseError("the list is empty")
        except ParseError as error:
            form = '{"bbox_2d": [x1, y1, x2, y2], "label": "..."}'
            raise ParseError(f"Your reply could not be read: {error}. Reply in this form: {form}") from error
        around = (text[: start.start()] + text[read.end :]).replace("```json", "").replace("```", "").strip()
        return around, found, tuple(repairs)

    def _located(self, item: Any, size: Size, repairs: dict[str, None]) -> Located:
        def mend(what: str) -> None:
            repairs[what] = None

        if isinstance(item, list):
            item = {"bbox_2d" if len(item) == 4 else "point_2d": item}
        if not isinstance(item, dict):
            raise ParseError("a list of points and boxes holds something else")
        arguments = Arguments(item, self._space, size, mend)
        label = arguments.text("label", "text", "name") or ""
        box_names, point_names = ("bbox_2d", "bbox", "box"), ("point_2d", "point", "coordinate", "coordinates")
        numbers = next((item[name] for name in box_names if name in item), None)
        if numbers is not None:
            middle = arguments.to_point(numbers, "bbox_2d", box_asked=True)
            return Located(middle, arguments.box(*box_names), label)
        return Located(arguments.needed_point(*point_names), None, label)


def _items(value: Any) -> list[Any]:
    if isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
        return [value]
    return value if isinstance(value, list) else [value]
