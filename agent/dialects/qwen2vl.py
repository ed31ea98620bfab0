"""Qwen2-VL asked to point: a box between its own tokens, corners from 0 to 1000.

Tokens and form: QwenLM/Qwen2-VL (README, "object grounding"); OS-Atlas-Base answers in the same form.
"""

from __future__ import annotations

import re
from pathlib import Path

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs.actions import Action, Click
from handeye.tools.errors import InvalidAction, ParseError

MIN_PIXELS, MAX_PIXELS = 3_136, 4_014_080
"""The checkpoint's lower limit, and the same upper one as for Qwen2.5-VL's dialect; the checkpoint takes up to 12,845,056."""
PROMPT = Prompt(
    "You are a helpful assistant.",
    "{{picture}}Give the bounding box of what this names in the picture: {{goal}}\n{{notes}}\n",
)
_NUMBER = r"\s{0,4}-?[0-9]{1,20}(?:\.[0-9]{1,20})?\s{0,4}"
_PAIR = rf"\(({_NUMBER}),({_NUMBER})\)"
_BOX = re.compile(rf"<\|box_start\|>\s{{0,4}}{_PAIR}\s{{0,4}},\s{{0,4}}{_PAIR}\s{{0,4}}<\|box_end\|>")
_POINT = re.compile(rf"<\|box_start\|>\s{{0,4}}{_PAIR}\s{{0,4}}<\|box_end\|>")
_NAMED = re.compile(r"\A\s*+<\|object_ref_start\|>[^<]{0,2000}+<\|object_ref_end\|>\s*+<\|box_start\|>[^<]*+<\|box_end\|>\s*+\Z")
_TOKENS = re.compile(r"<\|(?:object_ref|box)_(?:start|end)\|>")


def boxes_in(text: str) -> list[tuple[float, float, float, float]]:
    """Corners of every box, and of every point as a box without area, in order and as the model wrote them."""
    found = [(match.start(), *map(float, match.groups())) for match in _BOX.finditer(text)]
    found += [(match.start(), *map(float, match.groups() * 2)) for match in _POINT.finditer(text)]
    return [(left, top, right, bottom) for _, left, top, right, bottom in sorted(found)]


class BoxDialect(Worded):
    """Points at one thing by a box; says a click as a box without area."""

    def read(self, reading: Reading) -> Said:
        """See `Worded.read`. Several different boxes could mean several clicks, and are refused."""
        boxes = list(dict.fromkeys(boxes_in(reading.text)))
        if len(boxes) != 1:
            raise ParseError("there is no box in it" if not boxes else f"there are {len(boxes)} different boxes; give one")
        if reading.text.count("<|box_start|>") != 1 or not _NAMED.match(reading.text):
            bare = reading.text.strip()
            if not (bare.startswith("<|box_start|>") and bare.endswith("<|box_end|>") and bare.count("<|") == 2):
                reading.mend("left out the words around the box")
        return Said((build(Click, point=reading.point(list(boxes[0]), box=True)),), _TOKENS.sub("", reading.text[:2_000]).strip())

    def write(self, action: Action, numbers: Numbers) -> str:
        """See `Worded.write`."""
        if not isinstance(action, Click) or action.point is None:
            raise InvalidAction(f"{self.name} can only say a plain click at a point, not {action.type}")
        x, y = numbers(action.point)
        return f"<|box_start|>({x},{y}),({x},{y})<|box_end|>"


class Qwen2Box(BoxDialect):
    """Qwen2-VL for grounding."""

    def __init__(
        self,
        action_types: frozenset[str] = frozenset({"click"}),
        *,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        prompt_file: str | Path | None = None,
    ) -> None:
        """Only `click` of `action_types` can be said; the limits are those of the picture."""
        family = Family(
            name="qwen2-vl/box",
            space=Relative(1000, SmartResizedPixels(28, min_pixels, max_pixels)),
            prompt=PROMPT,
            verbs=(("click", ""),),
            example="<|object_ref_start|>name<|object_ref_end|><|box_start|>(x1,y1),(x2,y2)<|box_end|>",
        )
        super().__init__(family, action_types, prompt_file=prompt_file, loop_actions=frozenset())
