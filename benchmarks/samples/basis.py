"""What a number rests on, in words: data, protocol, rules with their sources, sampling; and what it cost: time, tokens, sizes."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from handeye.agent.viewer.safe_page import seconds
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.tables import MACROS, averages, percent

MOST_SIZES = 12
"""Sizes of pictures that are listed."""


_AVERAGES, _NOTES = "Averages and denominators", "Notes of the loader"
SAID_BEFORE = (_AVERAGES, _NOTES)
"""Headings of what `tables.sentences` says too."""


@dataclass(frozen=True)
class Facts:
    """A heading and what stands under it: names with their values."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A number that stands at the top of the page."""

    value: str
    name: str
    detail: str = ""
    bad: bool = False


_FIGURES = {
    "type_match": ("right type", "of action"),
    "points": ("mean points", "of graded answers"),
    "episode_success": ("episodes", "whose every step is right"),
    "goal_progress": ("goal progress", "steps before an episode's first miss"),
}


def figures(numbers: Mapping[str, Any]) -> list[Figure]:
    """The other averages, the other denominator, what only offline agents have, wrong formats and errors apart, the speed."""
    found = list[Figure]()
    for name, rate in (numbers.get("averages") or {}).items():
        if name != "micro" and rate is not None:
            found.append(Figure(percent(rate), name.replace("_", " "), f"{MACROS.get(name, 'another average')}; the headline is micro"))
    groundable = (numbers.get("denominators") or {}).get("groundable")
    if groundable:
        found.append(Figure(percent(groundable["accuracy"]), "with a target", f"{groundable['correct']} of {groundable['total']}"))
    found += [Figure(percent(numbers[key]), *words) for key, words in _FIGURES.items() if numbers.get(key) is not None]
    found.append(Figure(str(numbers["wrong_format"]), "wrong formats", "counted as wrong", bool(numbers["wrong_format"])))
    found.append(Figure(str(numbers.get("errors") or 0), "errors", "no reply, counted as wrong", bool(numbers.get("errors"))))
    if numbers.get("samples_per_s"):
        found.append(Figure(f"{numbers['samples_per_s']:.3g}", "samples/s", "in the last sitting"))
    return found


def basis(numbers: Mapping[str, Any]) -> list[Facts]:
    """Everything that must be known to compare the numbers with others'."""
    configuration: Mapping[str, Any] = numbers.get("configuration") or {}
    data = dict(configuration.get("data") or {})
    found = [
        Facts("Data", (("benchmark", str(numbers["benchmark"])), *_convention(numbers, data), *_settings(data))),
        Facts("Protocol", tuple(_settings(configuration.get("protocol") or {"name": numbers.get("protocol") or "not told"}))),
        Facts("Prompt", _prompt(configuration)),
        Facts("Rules", tuple((name, rule_words(name)) for name in _with_named(numbers["rules"]))),
        Facts("Model and sampling", (("model", str(numbers.get("model") or "")), *_sampling(configuration, numbers))),
        Facts(_AVERAGES, (*map(_named, averages(numbers)), *_interval(numbers))),
        Facts("Wrong formats and errors", _apart(numbers)),
        Facts(_NOTES, tuple(("", str(note)) for note in numbers.get("notes") or ())),
    ]
    return [facts for facts in found if facts.lines]


def _convention(numbers: Mapping[str, Any], data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    said = numbers.get("convention") or data.get("convention")
    data.pop("convention", None)
    yield "convention", str(said or "not told")


def _prompt(configuration: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    digest = configuration.get("prompt_sha256")
    return (("sha256 of the first prompt's text", str(digest)),) if digest else ()


def _sampling(configuration: Mapping[str, Any], numbers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _settings({name: value for name, value in (configuration.get("sampling") or {}).items() if name != "seed"})
    repeats = numbers.get("repeats")
    yield "seeds", f"{configuration.get('seed', 0)}{' + number of the repeat' if repeats else ''}"
    yield "repeats", str(repeats["count"]) if repeats else "1"


def _apart(numbers: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("wrong formats", f"{numbers['wrong_format']}, kept in the total as wrong"),
        ("errors", f"{numbers.get('errors') or 0} without a reply, kept as wrong"),
    )


def _interval(numbers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if numbers.get("interval_method"):
        yield "interval", str(numbers["interval_method"])


def _named(sentence: str) -> tuple[str, str]:
    name, colon, rest = sentence.partition(": ")
    return (name, rest) if colon and len(name) < 40 else ("", sentence)


def _settings(settings: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Names and values, those of nested settings under `outer.inner`."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _settings(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", _value(value)


def _value(value: Any) -> str:
    if value is None or value in ("", {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def rule_words(name: str) -> str:
    """What a rule asks for and where that is published: the text of its function. Empty for a rule that this version does not know."""
    from handeye.benchmarks.grounding.rules import RULES
    from handeye.benchmarks.offline.rules.registry import RULES as OFFLINE

    if name in RULES:
        return _paragraphs(RULES[name][1].__doc__ or "")
    return _paragraphs(OFFLINE[name].about) if name in OFFLINE else ""


def _with_named(rules: Sequence[str]) -> list[str]:
    """`rules`, and after each those that its words refer to."""
    found: dict[str, None] = {}
    waiting = [str(rule) for rule in rules]
    while waiting:
        rule = waiting.pop(0)
        if rule not in found:
            found[rule] = None
            waiting[:0] = [name for name in re.findall(r"`([a-z0-9-]+)`", rule_words(rule)) if rule_words(name)]
    return list(found)


def _paragraphs(text: str) -> str:
    return "\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


@dataclass(frozen=True)
class Cost:
    """One thing that was measured for each sample."""

    name: str
    total: str
    typical: str
    """The median."""
    high: str
    """The least that 90 of 100 samples do not exceed."""


def costs(rows: Sequence[SampleRow]) -> list[Cost]:
    """Where the time and the tokens went, of rows with a reply; parts that were never measured are left out."""
    replied = [row for row in rows if not row.error]
    measured: tuple[tuple[str, list[float], Callable[[float], str]], ...] = (
        ("prepare (read, decode, resize)", [row.prepare_s for row in replied], seconds),
        ("model", [row.model_s for row in replied], seconds),
        ("prompt tokens", [row.prompt_tokens for row in replied], _count),
        ("of these from a cache", [row.cached_tokens for row in replied], _count),
        ("reply tokens", [row.completion_tokens for row in replied], _count),
        ("characters of a reply", [len(row.reply) for row in replied], _count),
    )
    return [
        Cost(name, words(sum(values)), words(median(values)), words(sorted(values)[min(len(values) - 1, len(values) * 9 // 10)]))
        for name, values, words in measured
        if any(values)
    ]


def _count(number: float) -> str:
    return f"{number:,.0f}"


def sizes(rows: Sequence[SampleRow]) -> tuple[list[tuple[str, str, int]], int]:
    """Stored size, shown size and how many rows, the most frequent first; and how many rows have other sizes than these."""
    counts = Counter((row.size, row.shown) for row in rows if row.size != (0, 0))
    most = counts.most_common(MOST_SIZES)
    listed = [(_size(stored), _size(shown), count) for (stored, shown), count in most]
    return listed, sum(counts.values()) - sum(count for _, count in most)


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}" if size != (0, 0) else "not told"
