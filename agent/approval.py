"""Who may say no: an approver sees each action before the device is touched, and the person behind one door settles what it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from handeye.envs.actions import Action
from handeye.envs.env import Effect, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction
from handeye.tools.target import Target

Asker: TypeAlias = Callable[[str], str | None]
"""Puts a question to the person and gives the answer, or None when nobody is there to answer."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """An action that is about to be carried out, and what it would be done to."""

    goal: str
    thought: str
    action: Action
    observation: Observation
    targets: tuple[Target, ...] | None = None
    """What the action would touch, from the device. None: nobody looked, or the environment cannot tell."""


@dataclass(frozen=True)
class Verdict:
    """The approver's word. `ask` puts the matter to the person; without one it is a denial."""

    decision: Literal["allow", "deny", "ask", "instead"]
    """`instead`: not carried out, and `reason` tells the model what to do."""
    reason: str = ""
    rule: str = ""
    """The rule that decided, as its file names it."""
    classes: tuple[str, ...] = ()
    """Classes of risk that the action has."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the person is shown, each with its label, the gravest first."""
    effects: bool = False
    """Whether what is allowed covers changes on servers."""
    harmless: tuple[str, ...] = ()
    """Addresses that may always be sent to, as `Permit.harmless` has them."""
    sends: tuple[Effect, ...] = ()
    """What was held back before and is part of what is decided now."""


def agreed(answer: str) -> bool:
    """Whether the person's words are a yes: `y` or `yes`, and nothing else."""
    return answer.strip().lower() in {"y", "yes"}


class Approver(Protocol):
    """Called once for every action that the loop is about to carry out."""

    def __call__(self, proposal: Proposal) -> Verdict:
        """Allow, deny (the reason is told to the model), ask the person, or say what to do instead."""


@runtime_checkable
class SightedApprover(Protocol):
    """An approver that judges what an action would touch: only for such a one is it looked at."""

    @property
    def sees_targets(self) -> bool:
        """Whether it wants `Proposal.targets`."""

    def __call__(self, proposal: Proposal) -> Verdict:
        """See `Approver`."""

    def carried_out(self, proposal: Proposal, after: TimeStep) -> None:
        """What came of a proposal that was allowed: what was held back is asked for when it is proposed again."""


@dataclass(frozen=True)
class Question:
    """What is put to the person."""

    kind: Literal["approval", "question"]
    text: str
    """approval: the action in handeye's words. question: the model's words."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the action would touch and why it is asked, from the device and the rules. Page text is in it: show it escaped."""
    said: str = ""
    """The model's words about it, which prove nothing."""

    def line(self) -> str:
        """All of it on one line, for those who can show but one."""
        if self.kind == "question":
            return self.text
        told = "; ".join(f"{label}: {value}" for label, value in self.facts)
        return f"Allow {self.text}?" + (f" ({told})" if told else "")


@dataclass(frozen=True)
class Reply:
    """What the person said. `text`: an answer to a question; to an approval, what is to be done instead.

    `handed_over`: the person worked the screen themselves and gave it back.
    """

    kind: Literal["yes", "no", "text", "handed_over"]
    text: str = ""


@runtime_checkable
class Door(Protocol):
    """The one way to the person."""

    def ask(self, question: Question) -> Reply | None:
        """The person's reply; None when nobody is there, the time for it was up, or it could not be understood."""


@dataclass(frozen=True)
class AskerDoor:
    """A plain function from question to answer as a door: y and yes allow, n, no and nothing deny, other words are an instruction."""

    asker: Asker

    def ask(self, question: Question) -> Reply | None:
        """See `Door`. Raises `InvalidAction` for an answer that is no text."""
        answer = self.asker(question.line())
        if not isinstance(answer, str | None):
            raise InvalidAction(f"the asker answered {type(answer).__name__}, which is no text", fix="return a str, or None for no answer")
        return None if answer is None else read_reply(question, answer) or Reply("text", answer.strip())


def read_reply(question: Question, answer: str) -> Reply | None:
    """What an answer in words means; None for words that are neither yes nor no to an approval."""
    said = answer.strip()
    if question.kind == "question":
        return Reply("text", answer)
    if agreed(said):
        return Reply("yes")
    return Reply("no") if said.casefold() in {"", "n", "no"} else None


def as_door(asker: Asker | Door | None) -> Door | None:
    """The door to whom `asker` reaches."""
    return asker if asker is None or isinstance(asker, Door) else AskerDoor(asker)


@dataclass(frozen=True)
class Decision:
    """The final word on one proposal."""

    verdict: Literal["allow", "deny", "instead", "handed_over"]
    by: Literal["rule", "person", "nobody"]
    """`rule`: the approver alone. `nobody`: the person was to be asked, and did not answer."""
    reason: str = ""
    asked_s: float = 0.0
    """Seconds that the person took; the clock of the run stood still."""
    of: Verdict = field(default_factory=lambda: Verdict("allow"))

    def told(self) -> dict[str, Any]:
        """The record of it, as JSON values."""
        verdict = self.of
        return {
            "verdict": self.verdict,
            "by": self.by,
            "reason": self.reason,
            "rule": verdict.rule,
            "classes": verdict.classes,
            "facts": dict(verdict.facts),
            "effects": self.verdict == "allow" and (verdict.effects or self.by == "person"),
            "asked_s": self.asked_s,
        }


def allow_all(proposal: Proposal) -> Verdict:
    """Allow everything."""
    return Verdict("allow")


def ask_always(proposal: Proposal) -> Verdict:
    """Put every action to the person."""
    return Verdict("ask")


def settle(verdict: Verdict, reply: Reply | None, asked_s: float) -> Decision:
    """The final word, where the approver said `ask` and `reply` is what came of it; no reply denies."""
    match reply:
        case None:
            return Decision("deny", "nobody", verdict.reason or "nobody is there to approve it", asked_s, verdict)
        case Reply(kind="yes"):
            return Decision("allow", "person", "approved by the person", asked_s, verdict)
        case Reply(kind="handed_over"):
            return Decision("handed_over", "person", "the person worked the screen instead", asked_s, verdict)
        case Reply(kind="text", text=text) if text.strip():
            return Decision("instead", "person", f"the person says: {text.strip()}", asked_s, verdict)
        case _:
            return Decision("deny", "person", "the person said no", asked_s, verdict)
