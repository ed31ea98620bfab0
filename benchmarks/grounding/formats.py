"""How the text of a model's reply is read as a place: a named format, or any dialect of `handeye.agent.dialects`.

A format here is less than a dialect: published outputs are only read again, so there is no prompt and nothing to write. Numbers are
neither rounded to pixels nor moved inside of the image, as they are for clicking, since the published scorers did neither. Each format
states what its numbers count (`Space`); nothing here guesses that from the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, Protocol, TypeAlias

from handeye.agent.coordinates import smart_resize, unrounded
from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.benchmarks.grounding.places import (
    ANY,
    SHAPE_WORDS,
    Shape,
    after_forced,
    alone,
    in_brackets,
    in_calls,
    in_tags,
    places_in,
    under_keys,
    with_y_first,
)
from handeye.benchmarks.grounding.rules import Answer, Boxed, Outside, Pointed, Refused, Unreadable
from handeye.envs.actions import ACTIONS, Click, Finish, LongPress, Move
from handeye.tools.errors import InvalidAction, ParseError, SetupError
from handeye.tools.geometry import Size

LARGEST = 100_000
"""Characters of a reply that are looked at."""
THOUGHTS = ("grounding_think", "thinking", "think")
"""Tags around what a model says to itself."""
Pick: TypeAlias = Literal["only", "first", "last"]


class Format(Protocol):
    """Reads replies."""

    @property
    def name(self) -> str:
        """Its name in reports."""

    def read(self, text: str, size: Size) -> Answer:
        """What a reply about an image of `size` means; never raises, whatever the text."""


def answer_part(text: str) -> str | None:
    """The reply without its thought; None if the thought was begun and not ended."""
    for tag in THOUGHTS:
        _, begun, rest = text.partition(f"<{tag}>")
        _, ended, after = (rest if begun else text).rpartition(f"</{tag}>")
        if ended:
            text = after
        elif begun:
            return None
    _, begun, rest = text.rpartition("<answer>")
    return rest.partition("</answer>")[0] if begun else text


@dataclass(frozen=True)
class Space:
    """What numbers count: 0 to `extent` of the image, or pixels of a picture of it."""

    words: str
    extent: float = 0.0
    """0: pixels."""
    factor: int = 0
    """Of the smart-resized picture, whose pixels count; 0: pixels of the image as it is stored."""
    min_pixels: int = 0
    max_pixels: int = 0

    def sides(self, size: Size) -> tuple[float, float]:
        """The numbers that mean the right and the lower edge of an image of `size`. Raises `ValueError` for one that cannot be resized."""
        if self.extent:
            return self.extent, self.extent
        return smart_resize(size, self.factor, self.min_pixels, self.max_pixels) if self.factor else size


ONE, NINES, THOUSAND = Space("0 to 1", 1.0), Space("0 to 999", 999.0), Space("0 to 1000", 1000.0)
HUNDRED = Space("0 to 100", 100.0)
STORED = Space("pixels of the stored image")


def resized(min_pixels: int = 3_136, max_pixels: int = 12_845_056, factor: int = 28) -> Space:
    """Pixels of a smart-resized picture; the limits are those of the Qwen2.5-VL checkpoints (see `handeye.agent.coordinates`)."""
    words = f"pixels of the image smart-resized by {factor}, {min_pixels:,} to {max_pixels:,} pixels"
    return Space(words, 0.0, factor, min_pixels, max_pixels)


RESIZED = resized()


@dataclass(frozen=True)
class TextFormat:
    """Numbers of one space, written in one of a few shapes.

    A thought in tags is left out; one that does not end leaves no answer. Negative numbers only, as in `[-1, -1]`, are a refusal
    (lmms-eval's osworld_g, UI-Venus).
    """

    name: str
    about: str
    """Who writes so, and the source."""
    space: Space
    shapes: tuple[Shape, ...] = (in_brackets,)
    pick: Pick = "only"
    """Which of several different places counts; with `only` they are no answer."""
    after: str = ""
    """Where these words are in the reply, what follows the last of them counts."""

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`."""
        said = answer_part(text[:LARGEST])
        if said is None:
            return Unreadable("the thought does not end")
        if self.after:
            said = said.rpartition(self.after)[2]
        places = places_in(said, self.shapes)
        if not places or (self.pick == "only" and len(places) > 1):
            where = " or ".join(SHAPE_WORDS[shape] for shape in self.shapes)
            return Unreadable(f"there are {len(places)} places in it" if places else f"there is no place {where}")
        numbers = places[-1 if self.pick == "last" else 0]
        if len(numbers) not in (2, 4):
            return Unreadable(f"{len(numbers)} numbers are neither a point nor a box")
        if max(numbers) < 0:
            return Refused()
        try:
            sides = self.space.sides(size)
        except ValueError as error:
            return Unreadable(str(error))
        first = unrounded(numbers[0], numbers[1], size, sides)
        return Pointed(*first) if len(numbers) == 2 else Boxed(*first, *unrounded(numbers[2], numbers[3], size, sides))


@dataclass(frozen=True)
class DialectFormat:
    """A dialect, asked in the pixels of the picture that it shows, so that whole numbers stay what the model wrote."""

    dialect: Dialect
    space: Space = RESIZED
    """What its numbers count, for reports."""

    @property
    def name(self) -> str:
        """The dialect's."""
        return self.dialect.name

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`. The first place of the reply counts, as for the published scorers."""
        try:
            shown = self.dialect.picture_size(size)
            if isinstance(self.dialect, QwenPoint):
                return self._pointing(self.dialect, text, shown, size)
            reply = self.dialect.parse(text, shown)
        except (ParseError, InvalidAction) as error:
            return Unreadable(str(error))
        if any("lies outside" in repair for repair in reply.repairs):
            return Outside()
        for action in reply.actions:
            if isinstance(action, Finish) and not action.success:
                return Refused()
            if isinstance(action, Click | Move | LongPress) and action.point is not None:
                return Pointed(*unrounded(*action.point, size, shown))
        return Unreadable(f"{reply.actions[0].type} names no place")

    def _pointing(self, dialect: QwenPoint, text: str, shown: Size, size: Size) -> Answer:
        pointing = dialect.pointing(text, shown)
        if any("lies outside" in repair for repair in pointing.repairs):
            return Outside()
        found = pointing.found[0]
        if found.box is None:
            return Pointed(*unrounded(*found.point, size, shown))
        # A Box ends at the first pixel outside, the model's own numbers one before it.
        second = unrounded(found.box.right - 1, found.box.bottom - 1, size, shown)
        return Boxed(*unrounded(found.box.left, found.box.top, size, shown), *second)


_SS_PRO = "likaixin2000/ScreenSpot-Pro-GUI-Grounding:models"
_JSON = (under_keys, in_brackets)
_MODELS = (
    # The published scorer takes the first pair in the whole reply; its thoughts hold none.
    TextFormat("mai-ui", 'MAI-UI: {"coordinate": [x, y]} after the thought (Tongyi-MAI/MAI-UI:evaluation/grounding)', THOUSAND),
    TextFormat(
        "qwen2.5-vl/forced",
        "what follows the forced beginning of ScreenSpot-Pro's official Qwen2.5-VL run, `123, 456]}}`, or the whole "
        f"({_SS_PRO}/qwen2_5vl.py)",
        resized(max_pixels=99_999_999),
        (after_forced,),
    ),
    TextFormat("qwen2.5-vl/loose", "Qwen2.5-VL: any JSON, list or call, also broken (QwenLM/Qwen2.5-VL:cookbooks)", RESIZED, ANY, "first"),
    TextFormat(
        "qwen2-vl", f"Qwen2-VL: the last <|box_start|>(x1,y1),(x2,y2)<|box_end|> ({_SS_PRO}/qwen2vl.py)", THOUSAND, (in_tags,), "last"
    ),
    TextFormat("qwen3-vl", "Qwen3-VL: tool call or JSON (QwenLM/Qwen3-VL:cookbooks/computer_use.ipynb)", THOUSAND, _JSON, "first"),
    TextFormat("qwen3-vl/999", "Qwen3-VL as its phone cookbook scales (QwenLM/Qwen3-VL:cookbooks)", NINES, _JSON, "first"),
    TextFormat(
        "ui-tars", "UI-TARS 1.0: Action: click(start_box='(x,y)') (bytedance/UI-TARS)", THOUSAND, (in_tags, in_calls), "first", "Action:"
    ),
    TextFormat(
        "ui-tars-1.5",
        "UI-TARS 1.5: click(point='<point>x y</point>') (bytedance/UI-TARS; limits as in ZJU-REAL/ClawGUI:clawgui-eval/judge)",
        resized(min_pixels=78_400),
        (in_tags, in_calls),
        "first",
        "Action:",
    ),
    TextFormat(
        "os-atlas",
        f"OS-Atlas: <|box_start|>(x1,y1),(x2,y2)<|box_end|>, <point>[[x,y]]</point> (OS-Copilot/OS-Atlas, {_SS_PRO}/osatlas7b.py)",
        THOUSAND,
        (in_tags, in_brackets),
        "first",
    ),
    TextFormat("uground", "UGround-V1: (x, y) (OSU-NLP-Group/UGround:grounding)", NINES, (in_brackets, alone), "first"),
    TextFormat("aguvis", "Aguvis: pyautogui.click(x=0.1, y=0.2) (xlang-ai/aguvis, ZeonLap's models/aguvis.py)", ONE, (in_calls,), "first"),
    TextFormat("opencua", "OpenCUA: pyautogui.click(x=1443, y=343) (xlang-ai/OpenCUA:model)", RESIZED, (in_calls,), "first"),
    TextFormat("showui", f"ShowUI: [0.73, 0.21] ({_SS_PRO}/showui.py)", ONE, (under_keys, in_brackets, alone), "first"),
    TextFormat("seeclick", f"SeeClick: (0.49,0.12) ({_SS_PRO}/seeclick.py)", ONE, (in_brackets,), "first"),
    TextFormat("cogagent", f"CogAgent: box=[[x1,y1,x2,y2]] ({_SS_PRO}/cogagent24.py)", THOUSAND, (in_brackets,), "first"),
    TextFormat("internvl", f"InternVL: <box>[[x1,y1,x2,y2]]</box> ({_SS_PRO}/internvl.py)", THOUSAND, (in_tags, in_brackets), "first"),
    TextFormat("kimi-vl", f"Kimi-VL: x=0.1, y=0.2 ({_SS_PRO}/kimivl.py)", ONE, (in_calls,), "first"),
    TextFormat("kimi-k2.5", "Kimi K2.5: (x, y), the last (ZJU-REAL/ClawGUI:clawgui-eval/judge)", THOUSAND, (in_brackets, alone), "last"),
    TextFormat("seed", "Seed 1.8: <point>x y</point>, the last (ZJU-REAL/ClawGUI:clawgui-eval/judge)", THOUSAND, (in_tags,), "last"),
    TextFormat("gui-owl-1.5", "GUI-Owl 1.5: tool call (X-PLUG/MobileAgent:Mobile-Agent-v3.5)", THOUSAND, _JSON, "first"),
    TextFormat("ui-venus-1.5", "UI-Venus 1.5: [x, y] (inclusionAI/UI-Venus:models/grounding)", THOUSAND),
    TextFormat("step-gui", "StepGUI: point:107,611 (ZJU-REAL/ClawGUI:clawgui-eval/judge)", NINES, (alone, in_calls, in_brackets), "first"),
    TextFormat("autoglm", 'AutoGLM: do(action="Tap", element=[x,y]) (zai-org/Open-AutoGLM)', THOUSAND, (in_calls,), "first"),
    TextFormat("agentcpm-gui", 'AgentCPM-GUI: {"POINT":[x,y]} (OpenBMB/AgentCPM-GUI)', THOUSAND, (under_keys,), "first"),
    TextFormat(
        "holo1.5",
        f'Holo 1.5: {{"x": x, "y": y}}, Click(x, y) ({_SS_PRO}/holo1_5.py)',
        resized(max_pixels=3_686_400),
        (under_keys, in_calls),
        "first",
    ),
    TextFormat("holo2", 'Holo 2: {"x": x, "y": y} (hcompai/hai-cookbook)', THOUSAND, (under_keys, in_calls), "first"),
    TextFormat("gemini", 'Gemini: "box_2d": [y1, x1, y2, x2] (ai.google.dev, image understanding)', THOUSAND, (with_y_first,), "first"),
    TextFormat("molmo", 'Molmo: <point x="50.1" y="30.2"> (allenai/Molmo-7B-D-0924, model card)', HUNDRED, (in_tags,), "first"),
)
_SPACES = {"1": ONE, "999": NINES, "1000": THOUSAND, "pixels": STORED, "resized": RESIZED}
_GENERAL = tuple(
    TextFormat(f"{name}-{space}", about, meaning, shapes)
    for name, about, shapes in (
        ("brackets", "one place in brackets, [x, y], (x, y) or [x1, y1, x2, y2]; several different ones are none", (in_brackets,)),
        ("any", "one place in tags, JSON, a call, brackets or alone; several different ones are none", ANY),
    )
    for space, meaning in _SPACES.items()
)
_TEXTS = {found.name: found for found in (*_MODELS, *_GENERAL)}
_DIALECTS = tuple(name for name in DIALECT_NAMES if name.startswith("qwen2.5-vl/"))
"""The dialects whose numbers are pixels of a resized picture; what others write is read by the formats above, to fractions of a pixel."""
_DIALECTS_SAY = f"handeye's own dialect, read as an agent reads it; {RESIZED.words}"
FORMATS: Mapping[str, str] = {
    **{name: f"{found.about}; {found.space.words}" for name, found in _TEXTS.items()},
    **dict.fromkeys(_DIALECTS, _DIALECTS_SAY),
}
"""A line about each format."""
FORMAT_NAMES = tuple(FORMATS)
"""The names that `open_format` knows."""


def open_format(name: str, *, min_pixels: int = 0, max_pixels: int = 0) -> TextFormat | DialectFormat:
    """A format or dialect by its name; the limits (0: its own) are those of the run, where numbers are pixels of a resized picture.

    Raises `SetupError` for a name that does not exist and for limits that no picture has, `InvalidAction` for limits where the numbers
    do not depend on them.
    """
    if name in _DIALECTS:
        # An agent shows large screens smaller than the checkpoint would take them; who published outputs mostly did not.
        space = resized(min_pixels or RESIZED.min_pixels, max_pixels or RESIZED.max_pixels)
        limits = {"min_pixels": space.min_pixels, "max_pixels": space.max_pixels}
        return DialectFormat(open_dialect(name, frozenset(ACTIONS), **limits), space)
    if name not in _TEXTS:
        close = get_close_matches(name, FORMAT_NAMES, 3, 0.4)
        near = f", did you mean {' or '.join(close)}?" if close else ""
        raise SetupError(f"there is no dialect {name!r}{near}", fix=f"choose one of {', '.join(FORMAT_NAMES)}")
    found = _TEXTS[name]
    if not min_pixels and not max_pixels:
        return found
    space = found.space
    if not space.factor:
        raise InvalidAction(f"{name} counts {space.words}: its numbers do not depend on --min-pixels or --max-pixels")
    low, high = min_pixels or space.min_pixels, max_pixels or space.max_pixels
    if not 1 <= low <= high or high < space.factor**2:
        raise SetupError(f"no picture has {low} to {high} pixels and sides divisible by {space.factor}", fix="give the limits of the run")
    return replace(found, space=resized(low, high, space.factor))
