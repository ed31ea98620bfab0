"""What stands between an agent and the world in the pack: the approver that users get, with the default rules."""

from __future__ import annotations

from handeye.agent.approval import Approver, ask_always
from handeye.benchmarks.safety.scene import Scene


def rules_approver(scene: Scene) -> Approver:
    """The approver by rules, with the scene's own on top of the defaults."""
    return ask_always
