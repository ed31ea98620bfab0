"""Every rule by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from handeye.benchmarks.offline.rules import agentnet, aitz, android_control
from handeye.benchmarks.offline.rules.said import Prediction, Verdict
from handeye.benchmarks.offline.step import OfflineStep
from handeye.tools.errors import SetupError

Judge: TypeAlias = Callable[[OfflineStep, Prediction], Verdict]


@dataclass(frozen=True)
class Rule:
    """A rule: its function's docstring says what it asks for and where it comes from."""

    name: str
    judge: Judge
    short_of: str = ""
    """Why the recorded actions themselves may not all be right under it; empty where they must be."""

    @property
    def about(self) -> str:
        """The rule in words, with its source."""
        return inspect.cleandoc(self.judge.__doc__ or "")


_LEFT_RIGHT = "UI-S1's swipes to the left and right move the finger the way of the word, and this rule expects the other way"

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("qwen", android_control.qwen),
        Rule("qwen-corrected", android_control.qwen_corrected),
        Rule("os-atlas", android_control.os_atlas, _LEFT_RIGHT),
        Rule("os-atlas-corrected", android_control.os_atlas_corrected),
        Rule("uground", android_control.uground, "clicks without a candidate box or node around them are wrong whatever is said"),
        Rule("clawgui", android_control.clawgui, _LEFT_RIGHT),
        Rule("clawgui-corrected", android_control.clawgui_corrected),
        Rule("coat", aitz.coat),
        Rule("coat-released", aitz.coat_released, "the released script compares clicks with the point (0, 0)"),
        Rule("coat-point", aitz.coat_point),
        Rule("agentcpm-gui", aitz.agentcpm_gui),
        Rule("agentnetbench", agentnet.agentnetbench),
        Rule("agentnetbench-released", agentnet.agentnetbench_released, "the released script gives no point for wait and middleClick"),
        Rule("agentnetbench-2025-08", agentnet.agentnetbench_2025_08, "the released script gives no point for wait and middleClick"),
        Rule("agentnetbench-strict", agentnet.agentnetbench_strict, "a recorded point may lie outside of its own box"),
    )
}


def find_rule(name: str, among: tuple[str, ...] = tuple(RULES)) -> Rule:
    """The rule called `name`. Raises `SetupError` for one that is not `among` those that fit."""
    if name not in among:
        raise SetupError(f"There is no rule {name!r} here.", fix=f"choose one of {', '.join(among)}")
    return RULES[name]
