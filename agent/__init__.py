"""What should be done next: the loop, dialects, models, approval, trajectories and the command line.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handeye.agent.choosing import choose_dialect
    from handeye.agent.dialects.registry import open_dialect
    from handeye.agent.loop import Agent, Event, Limits, run_episode
    from handeye.agent.models.base import BatchModel, Completion, Constraint, Model, Sampling, Usage
    from handeye.agent.models.registry import open_model
    from handeye.agent.models.scripted import ScriptedModel
    from handeye.agent.trajectory import Result, Trajectory, load_trajectory

__all__ = [
    "Agent",
    "BatchModel",
    "Completion",
    "Constraint",
    "Event",
    "Limits",
    "Model",
    "Result",
    "Sampling",
    "ScriptedModel",
    "Trajectory",
    "Usage",
    "choose_dialect",
    "load_trajectory",
    "open_dialect",
    "open_model",
    "run_episode",
]

_HOMES = {
    "handeye.agent.choosing": ("choose_dialect",),
    "handeye.agent.dialects.registry": ("open_dialect",),
    "handeye.agent.loop": ("Agent", "Event", "Limits", "run_episode"),
    "handeye.agent.models.base": ("BatchModel", "Completion", "Constraint", "Model", "Sampling", "Usage"),
    "handeye.agent.models.registry": ("open_model",),
    "handeye.agent.models.scripted": ("ScriptedModel",),
    "handeye.agent.trajectory": ("Result", "Trajectory", "load_trajectory"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
