"""Rules: typed conditions on one target of one action, and the answer. The first that fits decides, of several the strictest answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias
from urllib.parse import unquote

from handeye.agent.safety.addresses import read_address
from handeye.agent.safety.classes import Judged
from handeye.agent.safety.elements import role_of
from handeye.agent.safety.spending import within
from handeye.agent.safety.words import fold, readings
from handeye.envs.actions import Action
from handeye.tools.egress.addresses import canonical
from handeye.tools.egress.hosts import Pattern
from handeye.tools.errors import InvalidAction
from handeye.tools.target import Target

Answer: TypeAlias = Literal["deny", "ask", "instead", "allow"]
STRICTEST: tuple[Answer, ...] = ("deny", "ask", "instead", "allow")
ANSWER_WITHIN_S = 120.0
"""How long a person who is asked has time, unless told otherwise. Nobody answers what they do not see: peers deny after 60 s."""


@dataclass(frozen=True)
class Rule:
    """One `[[rule]]`. A field that is empty or None sets no condition."""

    answer: Answer
    title: str = ""
    says: str = ""
    """deny, ask: why. instead: what the model is told to do."""
    classes: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    surfaces: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()
    hosts: tuple[Pattern, ...] = ()
    """Every host that the target has to do with must fit one: that of its document, of the tab, and that to which it leads."""
    paths: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    input_types: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    max_amount: Decimal | None = None
    currency: str = ""
    named_by_user: bool | None = None
    start_host: bool | None = None
    times: int | None = None
    line: int = 0
    """Where it stands in its file."""

    def fits(self, risk: str, action: Action, judged: Judged, start: str) -> bool:
        """Whether it is about `risk` of this target; `start`: the address at which the run began."""
        target = judged.target
        if self.classes and risk not in self.classes:
            return False
        if self.actions and action.type not in self.actions:
            return False
        if self.named_by_user is not None and self.named_by_user != judged.named:
            return False
        if self.asks_target() and (target is None or not self._fits_target(target, judged)):
            return False
        if self.start_host is None:
            return True
        return self.start_host == (target is not None and at_start(target, start))

    def asks_target(self) -> bool:
        """Whether one of its conditions is about the target itself."""
        conditions = (self.surfaces, self.places, self.frames, self.hosts, self.paths, self.apps, self.roles, self.names, self.input_types)
        return any(conditions) or bool(self.methods) or self.max_amount is not None

    def _fits_target(self, target: Target, judged: Judged) -> bool:
        of_sets = (
            (self.surfaces, target.surface),
            (self.places, target.place),
            (self.frames, target.frame),
            (self.input_types, target.input_type),
        )
        if any(wanted and value not in wanted for wanted, value in of_sets):
            return False
        if self.hosts and not _all_hosts(target, judged, self.hosts):
            return False
        if self.methods and not _methods(target, judged) <= self.methods:
            return False
        allows = self.answer == "allow"
        of_globs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
            (self.paths, _paths(target, allows)),
            (self.apps, (target.app.casefold(), *target.app.casefold().split())),
            (self.roles, (target.role.casefold(), role_of(target))),
            (self.names, (fold(target.name or target.text),) if allows else _called(target)),
        )
        if any(wanted and not any(fnmatchcase(value, glob) for value in values if value for glob in wanted) for wanted, values in of_globs):
            return False
        if self.max_amount is None:
            return True
        limit, currency = self.max_amount, self.currency
        return bool(target.amounts) and all(within(amount, limit, currency) for amount in target.amounts)


@dataclass(frozen=True)
class Rules:
    """A whole file of rules."""

    rules: tuple[Rule, ...]
    harmless: tuple[str, ...] = ()
    """As `Permit.harmless` has them."""
    steps: int | None = None
    seconds: float | None = None
    cost: float | None = None
    answer_within: float | None = None
    where: str = ""
    """The file, for messages."""

    def first(self, fits: Callable[[int, Rule], bool]) -> int | None:
        """Number of the first rule that fits, from 0."""
        return next((number for number, rule in enumerate(self.rules) if fits(number, rule)), None)


@dataclass(frozen=True)
class Ruling:
    """What the rules say of a whole action."""

    answer: Answer
    says: str
    rule: str
    """Title of the rule that decided, or where it stands."""
    risk: str
    judged: Judged
    used: tuple[int, ...] = field(default=())
    """Numbers of the rules that allowed something and may do so only a few times."""


def rule_on(rules: Rules, action: Action, judged: tuple[Judged, ...], start: str, spent: dict[int, int]) -> Ruling:
    """The strictest of the answers to every risk of every target; no rule that fits denies. `spent`: how often a rule allowed before."""
    rulings: list[Ruling] = []
    used: list[int] = []
    for one in judged:
        for risk in sorted(one.classes):
            number = rules.first(
                lambda number, rule, one=one, risk=risk: (  # type: ignore[misc]
                    (rule.times is None or spent.get(number, 0) < rule.times) and rule.fits(risk, action, one, start)
                )
            )
            if number is None:
                rulings.append(Ruling("deny", "no rule allows it", "", risk, one))
                continue
            rule = rules.rules[number]
            rulings.append(Ruling(rule.answer, rule.says, rule.title or f"line {rule.line}", risk, one))
            if rule.times is not None and number not in used:
                used.append(number)
    strictest = min(rulings, key=lambda ruling: STRICTEST.index(ruling.answer))
    return Ruling(strictest.answer, strictest.says, strictest.rule, strictest.risk, strictest.judged, tuple(used))


def at_start(target: Target, start: str) -> bool:
    """Whether everything about `target` is at the host where the run began."""
    begun = _place(start)
    return begun is not None and all(_place(address) == begun for address in _addresses(target)) and bool(_addresses(target))


def _addresses(target: Target) -> list[str]:
    return [address for address in (target.origin, target.page, target.form_action, target.href) if address]


def _place(address: str) -> tuple[str, str, int] | None:
    try:
        read = canonical(address)
    except InvalidAction:
        return None
    return (read.scheme, read.host, read.port) if read.host else None


def _all_hosts(target: Target, judged: Judged, patterns: tuple[Pattern, ...]) -> bool:
    addresses = [*_addresses(target), *(effect.url for effect in judged.effects)]
    places = [_place(address) for address in addresses]
    return bool(places) and all(
        place is not None and any(pattern.matches(place[1], place[2], place[0] in ("https", "wss")) for pattern in patterns)
        for place in places
    )


def _paths(target: Target, allows: bool) -> tuple[str, ...]:
    """The path of its page without escapes, as rules are written; none for a rule that allows where an escape hides how it is divided."""
    page = read_address(target.page or target.href)
    if page is None:
        return ()
    plain = unquote(page.path)
    return () if allows and (plain.count("/") != page.path.count("/") or "\\" in plain) else (plain,)


def _called(target: Target) -> tuple[str, ...]:
    """What it is called, and how that may be read: nobody gets around a rule that denies by disguised letters, or another word on it."""
    texts = [text for text in (target.name, target.text) if text]
    return tuple(dict.fromkeys([*map(fold, texts), *(" ".join(read) for text in texts for read in readings(text))]))


def _methods(target: Target, judged: Judged) -> set[str]:
    said = {effect.method.upper() for effect in judged.effects}
    return said or {(target.form_method or "get").upper()}
