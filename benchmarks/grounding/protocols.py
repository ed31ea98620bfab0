"""How a model is asked where something is: named protocols, each with its source, whose every setting goes into a run's record.

The same model scores 15.6 or 25.9 on ScreenSpot-Pro depending on the prompt (ZJU-REAL/ClawGUI and microsoft/GUI-Actor on
Qwen2.5-VL-3B), so a number means something only together with its protocol. A setting may be changed for a run; the record then has the
setting, and under `changed` what the protocol of that name has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

from handeye.agent.coordinates import SmartResizedPixels
from handeye.agent.dialects.hermes import CALL_BEGIN, CALL_END, tools_section
from handeye.agent.dialects.picture import picture_of
from handeye.agent.dialects.prompt import Prompt, plain
from handeye.agent.dialects.qwen25vl import COMPUTER_PROMPT, MAX_PIXELS, MIN_PIXELS, MOBILE_PROMPT
from handeye.agent.dialects.qwen25vl_point import POINT_PROMPT
from handeye.agent.dialects.qwen25vl_tools import COMPUTER, MOBILE
from handeye.agent.messages import Message
from handeye.agent.models.base import Sampling
from handeye.benchmarks.grounding.published_tools import published_computer_use, screenspot_pro_computer_use
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.device import Pixels
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

Order: TypeAlias = Literal["image-then-text", "text-then-image"]
Reading: TypeAlias = Literal["qwen2.5-vl/point", "qwen2.5-vl/computer_use", "qwen2.5-vl/mobile_use", "qwen2.5-vl/forced", "brackets-1"]
FACTOR = 28
"""Sides of pictures are divisible by it: patches of 14, two by two (Qwen2.5-VL)."""
CHECKPOINT_MAX_PIXELS = 12_845_056
"""What the published checkpoints' preprocessor_config.json allows: 16,384 visual tokens."""
COMPUTER_VERBS = frozenset({"click", "move", "drag", "scroll", "type_text", "press_keys", "wait"}) | LOOP_ACTIONS
MOBILE_VERBS = frozenset({"click", "long_press", "swipe", "type_text", "press_button", "open_app", "wait"}) | LOOP_ACTIONS
THINK = "First say in a sentence or two, between <think> and </think>, where on the screen it is; then answer as asked."
_SYSTEM = "You are a helpful assistant."
_PICTURE = "{{picture}}"

TOOLS: Mapping[str, Callable[[Size], str]] = {
    "": lambda size: "",
    "handeye/computer_use": lambda size: tools_section([COMPUTER.definition(COMPUTER_VERBS, size)]),
    "handeye/mobile_use": lambda size: tools_section([MOBILE.definition(MOBILE_VERBS, size)]),
    "qwen/computer_use": published_computer_use,
    "screenspot-pro/computer_use": screenspot_pro_computer_use,
}
"""The tools that the system turn may offer, for a picture of a size, by name."""


@dataclass(frozen=True)
class Protocol:
    """How a question is put and its answer read. Frozen; `changed` gives one with other settings."""

    name: str
    about: str
    """What it is, in a sentence or two."""
    source: str
    """Where it is published, or that it is ours."""
    reading: Reading
    """How a reply is read: a dialect, or a name of `handeye.benchmarks.grounding.formats`."""
    tools: str = ""
    """A name of `TOOLS`."""
    system: str = _SYSTEM + "{{tools}}"
    """Template of the system turn; empty for none."""
    user: str = "{{goal}}"
    """Template of the user turn's text, without the picture."""
    order: Order = "image-then-text"
    beginning: str = ""
    """What the answer is forced to begin with."""
    think: bool = False
    """The user turn ends with `THINK`."""
    min_pixels: int = MIN_PIXELS
    max_pixels: int = MAX_PIXELS
    sampling: Sampling = field(default_factory=Sampling)
    changed: Mapping[str, Any] = field(default_factory=dict)
    """Settings that a run changed, and what they were."""

    def with_settings(self, **settings: Any) -> Protocol:
        """The same with `settings` where they are not None. Raises `InvalidAction` for settings that contradict each other."""
        other = {name: value for name, value in settings.items() if value is not None and value != getattr(self, name)}
        made = replace(self, **other, changed=dict(self.changed) | {name: getattr(self, name) for name in other})
        if made.think and made.beginning:
            raise InvalidAction(
                f"the protocol {self.name} forces the answer to begin with {self.beginning!r}, which leaves no room for a thought",
                fix="leave --think out, or choose another --protocol: computer-use, point",
            )
        try:
            SmartResizedPixels(FACTOR, made.min_pixels, made.max_pixels)
        except ValueError as error:
            raise InvalidAction(str(error), fix="set --min-pixels and --max-pixels further apart") from error
        return made

    def picture_size(self, size: Size) -> Size:
        """The size of the picture that the model sees of a stored one of `size`. Raises `InvalidAction` for one too long and narrow."""
        return SmartResizedPixels(FACTOR, self.min_pixels, self.max_pixels).picture_size(size)

    def messages(self, instruction: str, picture: Pixels) -> tuple[Message, ...]:
        """The prompt about a picture of any size, or one that has `picture_size` already; a forced beginning is its last turn."""
        shown = self.picture_size(Size(picture.shape[1], picture.shape[0]))
        text = f"{self.user.rstrip()}\n{THINK}" if self.think else self.user
        user = _PICTURE + text if self.order == "image-then-text" else text + _PICTURE
        values = {"tools": TOOLS[self.tools](shown), "goal": plain(instruction), "progress": "", "screen": "", "notes": ""}
        values |= {"width": str(shown.width), "height": str(shown.height)}
        asked = Prompt(self.system, user).fill(values, picture_of(picture, shown))
        return (*asked, Message("assistant", (self.beginning,))) if self.beginning else asked

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting, for the record of a run; JSON values only."""
        values = asdict(self)
        return {one.name: values[one.name] for one in fields(self) if one.name != "about"} | {"think_text": THINK if self.think else ""}


def _text_of(prompt: Prompt) -> str:
    return prompt.user.replace(_PICTURE, "")


SCREENSPOT_PRO = Protocol(
    "screenspot-pro",
    "The official run of ScreenSpot-Pro: the computer_use tool in Qwen's words, the bare instruction, and an answer that is forced to "
    "begin with a left click, so that a model hardly refuses.",
    "likaixin2000/ScreenSpot-Pro-GUI-Grounding:models/qwen2_5vl.py (GUIDED_PROMPT of its vLLM variant; greedy, 100 new tokens)",
    "qwen2.5-vl/forced",
    tools="screenspot-pro/computer_use",
    beginning=CALL_BEGIN + '{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [',
    max_pixels=99_999_999,
    sampling=Sampling(max_new_tokens=100),
)
"""The default: it is the one protocol whose every byte and limit the authors of a benchmark published, it was used for the reruns that
others report for Qwen2.5-VL (27.6 on Pro for 7B: microsoft/GUI-Actor, xlang-ai/OpenCUA), it leaves next to nothing to the reading of
replies, and the forced beginning saves some 25 tokens of each.

Replies are cut after their last brace and must then be JSON; two numbers are a point, four a box. Two things of the original are not
here. Its Hugging Face variant shrinks the 81 images above 12,845,056 pixels once more in the
processor while the prompt keeps the larger size; here prompt and picture always agree. And that variant takes the checkpoint's
repetition penalty of 1.05 along, which the vLLM variant does not.
"""

PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        SCREENSPOT_PRO,
        Protocol(
            "computer-use",
            "What handeye's agent asks in its first step on a desktop or in a browser, with the verbs of a computer; a click counts, and "
            "`terminate` with `failure` is a refusal.",
            "ours: the dialect qwen2.5-vl/computer_use, layout of QwenLM/Qwen2.5-VL:cookbooks/mobile_agent.ipynb (API example)",
            "qwen2.5-vl/computer_use",
            tools="handeye/computer_use",
            user=_text_of(COMPUTER_PROMPT),
            sampling=Sampling(max_new_tokens=512, stop=(CALL_END,)),
        ),
        Protocol(
            "computer-use-think",
            "computer-use, with a thought asked for before the call.",
            "ours",
            "qwen2.5-vl/computer_use",
            tools="handeye/computer_use",
            user=_text_of(COMPUTER_PROMPT),
            think=True,
            sampling=Sampling(max_new_tokens=1024, stop=(CALL_END,)),
        ),
        Protocol(
            "mobile-use",
            "What handeye's agent asks in its first step on a phone, with a phone's verbs; a click or a long press counts.",
            "ours: the dialect qwen2.5-vl/mobile_use, layout of QwenLM/Qwen2.5-VL:cookbooks/mobile_agent.ipynb (local example)",
            "qwen2.5-vl/mobile_use",
            tools="handeye/mobile_use",
            user=_text_of(MOBILE_PROMPT),
            order="text-then-image",
            sampling=Sampling(max_new_tokens=512, stop=(CALL_END,)),
        ),
        Protocol(
            "point",
            "What `handeye locate` asks: a box in JSON, whose centre counts; an empty list is a refusal.",
            "ours: the dialect qwen2.5-vl/point, answers as in QwenLM/Qwen2.5-VL:cookbooks/spatial_understanding.ipynb",
            "qwen2.5-vl/point",
            system=POINT_PROMPT.system,
            user=_text_of(POINT_PROMPT),
            sampling=Sampling(max_new_tokens=512),
        ),
        Protocol(
            "qwen-cookbook",
            "The computer_use tool in Qwen's words and the bare instruction, as Qwen-Agent writes it, and nothing forced.",
            "QwenLM/Qwen2.5-VL:cookbooks/computer_use.ipynb, as repeated in xlang-ai/OpenCUA:evaluation/agentnetbench/agent/qwen25vl.py",
            "qwen2.5-vl/computer_use",
            tools="qwen/computer_use",
            max_pixels=CHECKPOINT_MAX_PIXELS,
            sampling=Sampling(max_new_tokens=512, stop=(CALL_END,)),
        ),
        Protocol(
            "lmms-eval",
            "A point from 0 to 1 in brackets, with lmms-eval's own pixel limits. Theirs sends pictures as JPEG, and takes numbers above 1 "
            "for pixels of the stored picture; here pictures are not compressed again, and such numbers lie outside.",
            "EvolvingLMMs-Lab/lmms-eval:lmms_eval/tasks/screenspot_pro (utils.py and .yaml), lmms_eval/models/simple/qwen2_5_vl.py",
            "brackets-1",
            user="Identify the UI element for the instruction and output exactly one click point as [x, y] in normalized coordinates "
            "within [0, 1]. Do not output a bounding box.\nInstruction: {{goal}}",
            min_pixels=200_704,
            max_pixels=1_605_632,
            sampling=Sampling(max_new_tokens=128),
        ),
    )
}
"""Every protocol by its name."""

DEFAULT_PROTOCOL = SCREENSPOT_PRO.name


def default_protocol(model: str) -> str:
    """The protocol of a model that none was named for: `point` for `ocr`, which refuses what it does not find, and there it can."""
    return "point" if model == "ocr" else DEFAULT_PROTOCOL


def open_protocol(name: str) -> Protocol:
    """The protocol called `name`. Raises `SetupError` for one that does not exist."""
    if name not in PROTOCOLS:
        raise SetupError(
            f"there is no protocol {name!r}", fix=f"choose one of {', '.join(PROTOCOLS)}; `handeye bench protocols` tells more"
        )
    return PROTOCOLS[name]
