"""The approver that goes by rules: what is really there, its classes of risk, the first rule that fits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from handeye.agent.approval import Proposal, Verdict
from handeye.agent.describe import one_line
from handeye.agent.safety.classes import CLASSES, FREE, Around, Judged, judge
from handeye.agent.safety.elements import is_terminal
from handeye.agent.safety.keyboard import strokes
from handeye.agent.safety.rules import Rules, Ruling, rule_on
from handeye.envs.actions import Action, Click, PressKeys, TypeText
from handeye.envs.env import Effect, TimeStep
from handeye.tools.egress.hosts import Allowed
from handeye.tools.target import Target

REMEMBERED = 64
"""Effects that were held back and are remembered."""
AMOUNTS = 4
"""Sums that a person is shown: a long list would hide what comes after it."""
SHOWN = 80
"""Characters of a page's text that are quoted."""
_MARKUP = re.compile(r"[<>{}\[\]|`\\]")


class RuleApprover:
    """Judges every action by rules. One object for one run: it remembers what was held back and how often a rule allowed."""

    def __init__(
        self,
        rules: Rules,
        *,
        allowed: Allowed | None = None,
        apps: Sequence[str] = (),
        start: str = "",
        raise_class: Callable[[Proposal], frozenset[str]] | None = None,
    ) -> None:
        """`allowed`, `apps`: where the run may go; None and none: anywhere. `start`: the address at which it begins. `raise_class`: a
        second opinion, a model's perhaps, whose classes are added to every target's; it can take none away."""
        self._rules = rules
        self._refusal: Callable[[str], str | None] = (lambda url: allowed.refusal(url, True)) if allowed else lambda url: None
        self._apps = tuple(apps)
        self._start = start
        self._raise_class = raise_class
        self._held: deque[tuple[Action, Effect]] = deque(maxlen=REMEMBERED)
        self._typed: dict[str, str | None] = {}
        self._spent: dict[int, int] = {}

    @property
    def sees_targets(self) -> bool:
        """It does."""
        return True

    def __call__(self, proposal: Proposal) -> Verdict:
        """Allow, deny, ask, or say what to do instead."""
        around = Around(proposal.goal, self._refusal, self._apps, self._typed, tuple(self._held))
        judged = self._raised(proposal, judge(proposal.action, proposal.targets, around))
        ruling = rule_on(self._rules, proposal.action, judged, self._start, self._spent)
        if ruling.answer == "allow":
            for number in ruling.used:
                self._spent[number] = self._spent.get(number, 0) + 1
        risks = frozenset(risk for one in judged for risk in one.classes)
        gravest = tuple(risk for risk in CLASSES if risk in risks)
        return Verdict(
            ruling.answer,
            _reason(ruling),
            ruling.rule,
            gravest,
            _facts(gravest, judged, ruling),
            effects=risks != FREE,
            harmless=self._rules.harmless,
            sends=tuple(dict.fromkeys(effect for one in judged for effect in one.effects)),
        )

    def carried_out(self, proposal: Proposal, after: TimeStep) -> None:
        """Remember what was held back and what was typed into terminals."""
        self._held.extend((proposal.action, effect) for effect in after.held)
        for target in proposal.targets or ():
            if is_terminal(target) and (target.place == "focus" or isinstance(proposal.action, Click)):
                self._typed[target.identity] = _line_after(self._typed.get(target.identity, ""), proposal.action)
                while len(self._typed) > REMEMBERED:
                    del self._typed[next(iter(self._typed))]

    def _raised(self, proposal: Proposal, judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
        more = (self._raise_class(proposal) if self._raise_class else frozenset()) - FREE
        if not more:
            return judged
        known = frozenset(risk if risk in CLASSES else "unknown" for risk in more)
        return tuple(Judged(one.target, one.classes - FREE | known, one.named, one.effects) for one in judged)


def _line_after(before: str | None, action: Action) -> str | None:
    """What stands on a terminal's line after `action`; None when nobody knows."""
    if isinstance(action, TypeText):
        last = re.split(r"[\r\n]", action.text)
        line = last[-1] if len(last) > 1 else None if before is None else before + action.text
        return None if "\t" in last[-1] else line  # a completed word
    if isinstance(action, PressKeys):
        for key, held in strokes(action.keys):
            before = _line_after_key(before, key, held)
        return before
    return None if isinstance(action, Click) and action.button == "middle" else before


def _line_after_key(before: str | None, key: str, held: frozenset[str]) -> str | None:
    if key == "enter" or (held == {"ctrl"} and key == "c"):
        return ""
    if held == {"ctrl"} and key == "u":  # what is behind the cursor stays, and nobody knows where that is
        return None if before is None else ""
    if not held and len(key) == 1 and before is not None:
        return before + key
    return before if held == {"ctrl"} and key == "l" else None


def _reason(ruling: Ruling) -> str:
    """Why, for the model and the person, without a word of the page that could be taken for an order."""
    what = f"it {CLASSES[ruling.risk]}" if ruling.risk in CLASSES else f"its class is {ruling.risk}"
    on = _called(ruling.judged.target)
    match ruling.answer:
        case "instead":
            return f"{ruling.says} (The rules say so, because {what}{on}.)"
        case "allow":
            return ""
        case "deny":
            return f"{what}{on}, and {ruling.says or 'a rule forbids that'}."
        case _:
            return f"{what}{on}, which a person has to approve" + (f" ({ruling.says})" if ruling.says else "") + "; nobody did."


def _called(target: Target | None) -> str:
    name = "" if target is None else target.name or target.text or target.href
    return f" (on what the screen calls {quoted_page(name)})" if name else ""


def quoted_page(text: str, limit: int = 60) -> str:
    """Text of a page in quotes for a prompt: one line, cut short, without the characters of which calls, markup and chat marks are made."""
    return '"' + _MARKUP.sub("\N{MIDDLE DOT}", one_line(text, limit)).replace('"', "'") + '"'


def _facts(gravest: Iterable[str], judged: Sequence[Judged], ruling: Ruling) -> tuple[tuple[str, str], ...]:
    """What a person needs to decide: sums and aims first, then what it is and where, last what cannot be told."""
    found: list[tuple[str, str]] = []
    targets = [one.target for one in judged if one.target is not None]
    amounts = list(dict.fromkeys(amount for target in targets for amount in target.amounts))
    found += [("amount", amount) for amount in amounts[:AMOUNTS]]
    found += [("amount", f"and {len(amounts) - AMOUNTS} more sums")] if len(amounts) > AMOUNTS else []
    for effect in dict.fromkeys(e for one in judged for e in one.effects):
        found.append(("would send", f"{effect.method} {effect.url}" + (f" ({effect.why})" if effect.why else "")))
    for target in targets:
        found += _about(target)
    found.append(("class", ", ".join(f"{risk} ({CLASSES.get(risk, risk)})" for risk in gravest)))
    if ruling.rule:
        found.append(("rule", f"{ruling.rule}{': ' + ruling.says if ruling.says else ''}"))
    if not targets:
        found.append(("target", "cannot be told here"))
    return tuple((label, one_line(value, 200)) for label, value in found)


def _about(target: Target) -> list[tuple[str, str]]:
    what = " ".join(part for part in (target.role or target.place, f'"{one_line(target.name or target.text, SHOWN)}"') if part != '""')
    pairs = [
        ("target", what),
        ("in", target.container),
        ("at", target.origin or target.app),
        ("page", target.page),
        ("leads to", target.href),
        ("sends to", f"{target.form_method.upper() or 'GET'} {target.form_action}" if target.form_action else ""),
        ("window", target.window),
        ("detail", target.detail),
        ("frame", "of another origin" if target.frame == "other" else ""),
        ("doubtful", ", ".join(target.doubts)),
    ]
    return [(label, value) for label, value in pairs if value]
