"""What stands between an agent and the world in the pack: the approver that users get, with the default rules."""

from __future__ import annotations

from handeye.agent.approval import Approver
from handeye.agent.safety.approver import RuleApprover
from handeye.agent.safety.reading import default_text, read_rules
from handeye.benchmarks.safety.scene import Bounds, Scene


def rules_approver(scene: Scene, bounds: Bounds) -> Approver:
    """The approver by rules, with the scene's own before the default ones. Raises `SetupError` for rules that cannot be read."""
    from handeye.tools.egress import Allowed

    rules = read_rules(f"{scene.rules}\n{default_text()}", f"rules of {scene.name}")
    allowed = None if bounds.hosts is None else Allowed.read(bounds.hosts, bounds.loads)
    return RuleApprover(rules, allowed=allowed, apps=bounds.apps, start=bounds.start)
