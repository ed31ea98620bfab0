"""Who may say no: an approver sees each action before the device is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from handeye.envs.actions import Action
from handeye.envs.observation import Observation

Asker: TypeAlias = Callable[[str], str | None]
"""Puts a question to the person and gives the answer, or None when nobody is there to answer."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """An action that is about to be carried out, and what it would be done to."""

    goal: str
    thought: str
    action: Action
    observation: Observation


@dataclass(frozen=True)
class Verdict:
    """The approver's word. `ask` puts the matter to the person; without one it is a denial."""

    decision: Literal["allow", "deny", "ask"]
    reason: str = ""


def agreed(answer: str) -> bool:
    """Whether the person's words are a yes: `y` or `yes`, and nothing else."""
    return answer.strip().lower() in {"y", "yes"}


class Approver(Protocol):
    """Called once for every action that the loop is about to carry out."""

    def __call__(self, proposal: Proposal) -> Verdict:
        """Allow, deny (the reason is told to the model) or ask the person."""


def allow_all(proposal: Proposal) -> Verdict:
    """Allow everything."""
    return Verdict("allow")


def ask_always(proposal: Proposal) -> Verdict:
    """Put every action to the person."""
    return Verdict("ask")


def decide(approver: Approver, proposal: Proposal, question: str, asker: Asker | None) -> Verdict:
    """The final word, allow or deny: `ask` is settled by the person, whose answer y or yes allows; no answer denies."""
    verdict = approver(proposal)
    if verdict.decision != "ask":
        return verdict
    answer = asker(question) if asker else None
    if answer is None:
        return Verdict("deny", verdict.reason or "nobody is there to approve it")
    if agreed(answer):
        return Verdict("allow", "approved by the person")
    return Verdict("deny", "the person said no" if answer.strip().lower() in {"", "n", "no"} else f"the person says: {answer.strip()}")
