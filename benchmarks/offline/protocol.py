"""How a step is put to a model: what it is told, what it is shown of earlier steps, how its answer begins. Each way has a name.

Levels: HIGH gives the goal alone, LOW the goal and what is to be done in this step. The names are those of
google-research/google-research:android_control/README.md and of every table since. Some published runs called low hand over the recorded
thought as well (bytedance/UI-TARS#79), and Qwen's number for AITZ is made with the thought given (QwenLM/Qwen3-VL#904), so both
have names of their own here.

A published protocol is one whose script is public. What it fixes is kept: tool, order of text and picture, history, forced
beginning, limits of the picture, length of the answer. The sentences are ours. Not here is UI-S1's own evaluation
(X-PLUG/MobileAgent:UI-S1/evaluation/eval_qwenvl.py): its history is what the model itself said to earlier steps, and an episode ends
at its first miss, so its questions cannot be asked one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from handeye.agent.dialects.qwen25vl import MAX_PIXELS, MIN_PIXELS
from handeye.benchmarks.offline.step import OfflineStep
from handeye.tools.errors import SetupError

LEVELS = ("high", "high-with-thought", "low", "low-with-thought")
History: TypeAlias = Literal["calls", "turns", "none"]
"""calls: the recorded earlier actions, in the dialect's words. turns: the latest ones as turns, each with its picture and what was
done, those before in words. none: nothing."""

CHECKPOINT_PIXELS = (3_136, 12_845_056)
"""Least and most pixels of Qwen2.5-VL's own processor (preprocessor_config.json of Qwen/Qwen2.5-VL-7B-Instruct)."""
THINKING = (
    "Reason step by step between <thinking> and </thinking> before the call, and sum up what you did between <conclusion> and "
    "</conclusion> after it."
)
"""The tags are those of X-PLUG/MobileAgent:UI-S1/x/data/agent/mobile_use.py."""


@dataclass(frozen=True)
class OfflineProtocol:
    """One way to ask."""

    name: str
    about: str
    """What it is, where it comes from, and in what it differs from there."""
    benchmarks: tuple[str, ...]
    levels: tuple[str, ...] = LEVELS
    """Those that it can ask at, the usual one first."""
    history: History = "calls"
    past_pictures: int = 0
    """Earlier screenshots of `turns`."""
    wheel: int = 1
    """What one unit of a recorded scroll is in the history."""
    instruction: str = "What to do in this step: {instruction}"
    """How the step's instruction is said; `{instruction}` alone leaves the goal out."""
    thinking: bool = False
    """The model is asked to reason in `<thinking>` tags."""
    beginning: str = ""
    """What the answer is forced to begin with; `{step}` is the number of the step in its episode, from 1."""
    pixels: tuple[int, int] = (MIN_PIXELS, MAX_PIXELS)
    """Least and most pixels of the picture; the dialect's own unless said."""
    max_new_tokens: int = 2048

    @property
    def options(self) -> dict[str, Any]:
        """The dialect's options that reading an answer needs too."""
        return {"min_pixels": self.pixels[0], "max_pixels": self.pixels[1]}

    def record(self, dialect: str, level: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """All that it stands for, JSON values only. `options`: the dialect's, as they are used."""
        settings = {key: value for key, value in asdict(self).items() if key not in ("about", "benchmarks", "levels", "pixels")}
        return {**settings, "dialect": dialect, "level": level, "options": dict(options), "about": self.about}


_PHONES = ("aitz", "android_control")
_ALL = (*_PHONES, "agentnetbench")

PROTOCOLS: dict[str, OfflineProtocol] = {
    protocol.name: protocol
    for protocol in (
        OfflineProtocol(
            "handeye",
            "As handeye's loop asks: the dialect's own layout and limits, the recorded earlier actions in its words, no earlier pictures.",
            _ALL,
        ),
        OfflineProtocol("no-history", "As handeye, and nothing of what was done before.", _ALL, history="none"),
        OfflineProtocol(
            "instruction-alone",
            "The step's instruction in place of the goal, no history: how well a plain instruction is carried out. Ours; no published "
            "number is made so.",
            _ALL,
            levels=("low",),
            history="none",
            instruction="{instruction}",
        ),
        OfflineProtocol(
            "agentcpm-gui",
            "OpenBMB/AgentCPM-GUI:eval/run_predict_qwen2.5VL.py, the source of independent numbers for Qwen2.5-VL: mobile_use, text then "
            "picture, the recorded earlier calls, the checkpoint's own pixel limits. Its script takes the calls before number step_id - 1, "
            "which leaves out the latest where numbers begin at 0; here all of the earlier calls stand.",
            _PHONES,
            levels=("high", "low"),
            instruction="Current step query: {instruction}",
            pixels=CHECKPOINT_PIXELS,
        ),
        OfflineProtocol(
            "mobile-agent-thinking",
            "X-PLUG/MobileAgent:UI-S1/x/data/agent/mobile_use.py, MobileUseSingleTurnFormat with a thought: as agentcpm-gui, with "
            "reasoning asked for in tags and pictures of up to 12,800 tokens (UI-S1/x/qwen/image.py). At low its history is the steps' "
            "instructions; here it is the calls. The answer is read up to its call.",
            _PHONES,
            levels=("high", "low"),
            instruction="Current step query: {instruction}",
            thinking=True,
            pixels=(784, 12_800 * 28 * 28),
        ),
        OfflineProtocol(
            "qwen-thought",
            "AITZ as Qwen's own number is said to be made (QwenLM/Qwen3-VL#904): the recorded thought given, only actions in the history. "
            "The script stands in a gist that was not read, so its sentences may be others.",
            ("aitz",),
            levels=("high-with-thought",),
            pixels=CHECKPOINT_PIXELS,
        ),
        OfflineProtocol(
            "opencua",
            "xlang-ai/OpenCUA:evaluation/agentnetbench/agent/qwen25vl.py: computer_use, the last four steps as turns with picture, "
            "instruction and call, those before in words, the answer forced to begin with the thought of its step, 1,000 tokens. Its "
            "earlier pictures are padded where they grow, and its scrolls turned round; here neither.",
            ("agentnetbench",),
            levels=("high",),
            history="turns",
            past_pictures=4,
            wheel=100,
            beginning="Step {step}: Thought:",
            pixels=(3_136, 14 * 14 * 4 * 2_560),
            max_new_tokens=1_000,
        ),
    )
}
"""In the order in which they are listed."""


def find_protocol(name: str, benchmark: str) -> OfflineProtocol:
    """The protocol called `name` for `benchmark`. Raises `SetupError` for one that does not exist or is another benchmark's."""
    fitting = [protocol.name for protocol in PROTOCOLS.values() if benchmark in protocol.benchmarks]
    if name not in fitting:
        raise SetupError(f"There is no protocol {name!r} for {benchmark}.", fix=f"choose one of {', '.join(fitting)}")
    return PROTOCOLS[name]


def find_level(name: str, protocol: OfflineProtocol) -> str:
    """The level called `name`; the protocol's usual one for an empty name. Raises `SetupError` for one that it does not ask at."""
    level = name or protocol.levels[0]
    if level not in protocol.levels:
        raise SetupError(f"The protocol {protocol.name} does not ask at the level {level!r}.", fix=f"choose {', '.join(protocol.levels)}")
    return level


def words(step: OfflineStep, level: str, protocol: OfflineProtocol = PROTOCOLS["handeye"]) -> str:
    """The task in words, as a dialect's goal. Raises `SetupError` for another level, and where the data lacks what it hands over."""
    if level not in LEVELS:
        raise SetupError(f"There is no level {level!r}.", fix=f"choose one of {', '.join(LEVELS)}")
    parts = [step.goal]
    if level.startswith("low"):
        said = protocol.instruction.format(instruction=_given(step, step.instruction, level))
        parts = [said] if protocol.instruction == "{instruction}" else [step.goal, said]
    if level.endswith("-with-thought"):
        parts.append(f"The thought: {_given(step, step.thought, level)}")
    if protocol.thinking:
        parts.append(THINKING)
    return "\n".join(parts)


def _given(step: OfflineStep, text: str, level: str) -> str:
    if not text.strip():
        raise SetupError(f"{step.source}: the data has no words for the level {level}.", fix="choose --level high")
    return text
