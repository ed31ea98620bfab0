"""The loop's side of approvals: look, ask the approver, ask the person, count, and say how long that took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from handeye.agent.approval import Approver, Decision, Door, Proposal, Question, Reply, SightedApprover, Verdict, settle
from handeye.agent.describe import describe
from handeye.agent.trajectory import DecisionRow
from handeye.envs.actions import Action
from handeye.envs.env import Permit, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.target import Target


@dataclass(eq=False)
class Gate:
    """What stands between the model and the device, for one episode."""

    goal: str
    approver: Approver
    door: Door | None
    look: Callable[[Action], tuple[Target, ...]] | None
    """None: what an action would touch cannot be told."""
    asked_s: float = 0.0
    """Seconds for which the person was asked so far."""
    unapproved: list[str] = field(default_factory=list)
    """Risky steps that were carried out and no person approved, in words."""
    _denied: tuple[object, int] = (None, 0)

    def propose(self, action: Action, thought: str, observation: Observation) -> Proposal:
        """The proposal with what `action` would touch, if the approver wants to know. Raises as `SightedEnv.targets` does."""
        sees = isinstance(self.approver, SightedApprover) and self.approver.sees_targets
        targets = self.look(action) if sees and self.look else None
        return Proposal(self.goal, thought, action, observation, targets)

    def decide(self, proposal: Proposal) -> Decision:
        """The final word on it."""
        verdict = self.approver(proposal)
        decision = self._settled(verdict, proposal)
        self._count(proposal, decision)
        return decision

    def ask(self, question: Question) -> Reply | None:
        """Put a question to the person; the clock of the run stands still meanwhile."""
        if self.door is None:
            return None
        begun = time.perf_counter()
        try:
            return self.door.ask(question)
        finally:
            self.asked_s += time.perf_counter() - begun

    @property
    def denials(self) -> int:
        """How often the last thing that was proposed was denied, one time after the other."""
        return self._denied[1]

    def permit(self, proposal: Proposal, decision: Decision) -> Permit | None:
        """What is to be handed to the environment; None where nobody looked."""
        if proposal.targets is None or not isinstance(self.approver, SightedApprover):
            return None
        effects = decision.of.effects or decision.by == "person"
        return Permit(proposal.targets, effects, decision.of.harmless, decision.of.sends)

    def carried_out(self, proposal: Proposal, decision: Decision, after: TimeStep, index: int) -> str:
        """Take note of a step that was carried out; what the model has to be told of it."""
        if isinstance(self.approver, SightedApprover):
            self.approver.carried_out(proposal, after)
        risky = [risk for risk in decision.of.classes if risk != "free"]
        if risky and decision.by == "rule":
            self.unapproved.append(f"step {index + 1}, {describe(proposal.action)}: {', '.join(risky)}, allowed by {decision.of.rule!r}")
        if not after.held:
            return ""
        methods = ", ".join(sorted({effect.method for effect in after.held}))
        if after.sent:
            return (
                f"Your last action was done, and what was allowed was sent. The page was about to change something else beside it "
                f"({methods}), and that was held back. Look whether the task needs more than was done; only then take the same action "
                "again, and a person will be asked."
            )
        return (
            f"The page was about to change something on a server because of your last action ({methods}), and that was held back: nobody "
            "has allowed it. If the task needs it, take the same action again, and a person will be asked."
        )

    def _settled(self, verdict: Verdict, proposal: Proposal) -> Decision:
        if verdict.decision != "ask":
            return Decision(verdict.decision, "rule", verdict.reason, of=verdict)
        before = self.asked_s
        reply = self.ask(Question("approval", describe(proposal.action), verdict.facts, proposal.thought))
        return settle(verdict, reply, self.asked_s - before)

    def _count(self, proposal: Proposal, decision: Decision) -> None:
        if decision.verdict != "deny":
            self._denied = (None, 0)
            return
        identities = tuple(target.identity for target in proposal.targets or () if target.identity)
        key = (proposal.action.type, identities) if identities else proposal.action
        self._denied = (key, self._denied[1] + 1 if self._denied[0] == key else 1)


def decision_row(proposal: Proposal, decision: Decision) -> DecisionRow:
    """The record of a decision, with the facts that it was made on."""
    return DecisionRow(**decision.told(), targets=tuple(target.facts() for target in proposal.targets or ()))
