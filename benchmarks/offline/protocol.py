"""What a step asks a model for: HIGH gives the goal alone, LOW the goal and what is to be done in this step.

The names are those of google-research/google-research:android_control/README.md and of every table since; some published runs called low
hand over the recorded thought as well (bytedance/UI-TARS#79), which has a name of its own here.
"""

from __future__ import annotations

from handeye.benchmarks.offline.step import OfflineStep
from handeye.tools.errors import SetupError

LEVELS = ("high", "low", "low-with-thought")


def words(step: OfflineStep, level: str) -> str:
    """The task in words, as a dialect's goal. Raises `SetupError` for another level, and where the data lacks what it hands over."""
    if level not in LEVELS:
        raise SetupError(f"There is no level {level!r}.", fix=f"choose one of {', '.join(LEVELS)}")
    if level == "high":
        return step.goal
    parts = [step.goal, f"What to do in this step: {step.instruction}"]
    if level == "low-with-thought":
        parts.append(f"The thought: {step.thought}")
    if not step.instruction or (level == "low-with-thought" and not step.thought):
        raise SetupError(f"{step.source}: the data has no words for the level {level}.", fix="choose --level high")
    return "\n".join(parts)
