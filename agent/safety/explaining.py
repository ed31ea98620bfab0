"""Rules in words, so that one who wrote a file can see whether it says what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from handeye.agent.describe import one_line
from handeye.agent.safety.classes import CLASSES
from handeye.agent.safety.rules import Rule, Rules
from handeye.tools.egress.hosts import Pattern

_ANSWERS = {"allow": "allowed", "deny": "denied", "ask": "a person is asked", "instead": "not done, and the model is told"}


def in_words(rules: Rules) -> Iterator[str]:
    """A line for each rule, in order, and for what else the file says."""
    for number, rule in enumerate(rules.rules, 1):
        yield f"{number}. {rule_in_words(rule)}"
    yield f"{len(rules.rules) + 1}. Whatever none of these fits: denied."
    for entry in rules.harmless:
        yield f"Always let through, whatever caused it: {one_line(entry, 200)}"
    limits = {"steps": rules.steps, "seconds": rules.seconds, "cost": rules.cost, "seconds for an answer": rules.answer_within}
    for name, value in limits.items():
        if value is not None:
            yield f"At most {value:g} {name}."


def rule_in_words(rule: Rule) -> str:
    """One rule as a sentence."""
    what = _either(f"{risk} ({CLASSES[risk]})" for risk in sorted(rule.classes)) if rule.classes else "whatever it does"
    conditions = [
        ("by", _either(sorted(rule.actions))),
        ("in", _either(sorted(rule.surfaces))),
        ("at the place", _either(sorted(rule.places))),
        ("in a frame that is", _either(sorted(rule.frames))),
        ("with every host one of", _either(map(_host, rule.hosts))),
        ("on a page at", _either(rule.paths)),
        ("in the app", _either(rule.apps)),
        ("on a", _either(rule.roles)),
        ("called", _either(f'"{name}"' for name in rule.names)),
        ("of input type", _either(sorted(rule.input_types))),
        ("by method", _either(sorted(rule.methods))),
        ("with every sum at most", "" if rule.max_amount is None else f"{rule.max_amount} {rule.currency}"),
    ]
    said = "".join(f", {label} {value}" for label, value in conditions if value)
    if rule.named_by_user is not None:
        said += f", {'' if rule.named_by_user else 'not '}named in the user's own words"
    if rule.start_host is not None:
        said += f", {'' if rule.start_host else 'not '}all of it at the host where the run began"
    answer = _ANSWERS[rule.answer] + (f": {rule.says}" if rule.says else "")
    times = "" if rule.times is None else f", {rule.times} times in a run at most" if rule.times > 1 else ", once in a run"
    title = f" [{rule.title}]" if rule.title else ""
    return one_line(f"What {'is ' if rule.classes else ''}{what}{said}: {answer}{times}.{title}", 2_000)


def _either(values: Iterable[str]) -> str:
    return " or ".join(values)


def _host(pattern: Pattern) -> str:
    port = "" if pattern.port == 443 else f":{pattern.port}"
    pinned = f"={pattern.address}" if pattern.address else ""
    return f"{'*.' if pattern.below else ''}{pattern.host}{port}{pinned}"
