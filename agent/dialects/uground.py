"""UGround-V1: a target in words, answered by `(x, y)` in 0..1000.

Layout and form: OSU-NLP-Group/UGround, README.md, which divides by 1000 what the model writes (its numbers end at 999).
"""

from __future__ import annotations

import re
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError

MIN_PIXELS, MAX_PIXELS = 3_136, 12_845_056
"""The limits of the Qwen2-VL checkpoint on which the model stands."""

_PROMPT = Prompt(
    "",
    """{{picture}}Find the place on the screen that the description means and give its coordinates (x, y).

- Point at its middle, or at a place that surely belongs to it.
- If the description is vague, take what fits it best.
- The answer is one string (x, y).

Description: {{goal}}
{{progress}}
{{screen}}
{{notes}}

Answer:""",
)
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,20})?"
_PAIR = rf"({_NUMBER})\s{{0,9}},\s{{0,9}}({_NUMBER})\s{{0,9}}"
_POINT = re.compile(rf"[(\[]\s{{0,9}}{_PAIR}(?:,\s{{0,9}}{_PAIR})?[)\]]")
_BARE = re.compile(rf"\s*+({_NUMBER})\s{{0,9}},\s{{0,9}}({_NUMBER})\s*+")


def one_point(reading: Reading) -> tuple[act.Click, str]:
    """The click at the one point, or in the one box, of a reply that should be a point alone, and the words around it."""
    found = list(zip(range(3), _POINT.finditer(reading.text), strict=False))
    if len(found) > 1 and len({match.group() for _, match in found}) > 1:
        raise ParseError("there are several points; give one")
    if not found:
        if (bare := _BARE.fullmatch(reading.text)) is None:
            raise ParseError("there is no point in it")
        reading.mend("put brackets around a point")
        return act.Click(point=reading.point([float(part) for part in bare.groups()])), ""
    match = found[0][1]
    words = (reading.text[: match.start()] + reading.text[match.end() :]).strip()
    if words:
        reading.mend("took the point out of the words around it")
    numbers = [float(part) for part in match.groups() if part is not None]
    return act.Click(point=reading.point(numbers)), words


class UGround(Worded):
    """UGround-V1 in 2B, 7B and 72B."""

    def __init__(
        self,
        action_types: frozenset[str],
        *,
        divisor: int = 1000,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        """`divisor`: what the model's numbers are divided by, 1000 or 999. `min_pixels`, `max_pixels` of the picture; other options are
        those of `Worded`."""
        space = Relative(divisor, SmartResizedPixels(28, min_pixels, max_pixels))
        super().__init__(Family("uground/point", space, _PROMPT, (("click", ""),), "(x, y)"), action_types, **options)

    def read(self, reading: Reading) -> Said:
        """The one point."""
        click, words = one_point(reading)
        return Said((click,), words)

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """`(x, y)`."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action!r}")
        x, y = numbers(action.point)
        return f"({x}, {y})"
