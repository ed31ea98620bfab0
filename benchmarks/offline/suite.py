"""An offline benchmark as the runner takes it: its steps as questions, what they are asked with, and how rows become numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from handeye.agent.models.base import Sampling
from handeye.agent.provenance import prompt_hash
from handeye.benchmarks.offline.fingerprint import data_sha256
from handeye.benchmarks.offline.history import recorded
from handeye.benchmarks.offline.pictures import RecordPictures
from handeye.benchmarks.offline.protocol import find_level, find_protocol
from handeye.benchmarks.offline.questions import StepQuestion, open_manner, step_id
from handeye.benchmarks.offline.registry import OfflineBenchmark, find_benchmark, load_episodes
from handeye.benchmarks.offline.rules.registry import RULES, Rule, find_rule
from handeye.benchmarks.offline.scoring import StepScore, cell, table
from handeye.benchmarks.offline.step import OfflineEpisode
from handeye.benchmarks.offline.verdicts import VERDICTS, verdict_word
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

Key = TypeVar("Key")


@dataclass(frozen=True)
class OfflineOptions:
    """How an offline benchmark is asked and judged; what is left empty is the usual."""

    protocol: str = "handeye"
    level: str = ""
    """Empty: the protocol's usual one."""
    rule: str = ""
    """Empty: the benchmark's own, or where that one judges boxes the one for models that point."""
    dialect: str = ""
    """Empty: the one in which the benchmark's actions can be said."""
    max_pixels: int = 0
    """0: the protocol's."""
    group: str = ""
    split: str = ""
    size: Size | None = None
    """Of screens whose picture is not there. They become rows with an error, not skipped ones."""
    seed: int = 0


def offline_suite(name: str, data: Path, model: str, options: OfflineOptions = OfflineOptions()) -> Suite:
    """The benchmark `name` under `data`, to be asked of `model`.

    Raises `SetupError` for names that do not exist or do not fit together, for data that are not as their loader says (with file and
    row), and for a screenshot that is missing, unless `size` is given.
    """
    bench = find_benchmark(name)
    protocol = find_protocol(options.protocol, name)
    level = find_level(options.level, protocol)
    rule = find_rule(options.rule or bench.run_rule, bench.rules)
    manner = open_manner(protocol, level, options.dialect or bench.dialect, rule, options.max_pixels)
    episodes = _chosen(load_episodes(name, data, options.size), options.group, options.split, data)
    pictures, records = Pictures(), RecordPictures()
    questions = [StepQuestion(episode, index, manner, pictures, records) for episode in episodes for index in range(len(episode.steps))]
    sampling = Sampling(max_new_tokens=protocol.max_new_tokens, stop=manner.asks.stop)
    configuration = SampleConfiguration(
        benchmark=name,
        model=model,
        protocol=protocol.record(manner.dialect, level, manner.options),
        rules=(rule.name,),
        sampling=asdict(sampling),
        seed=options.seed,
        data={
            "sha256": data_sha256(episodes),
            "convention": bench.convention,
            "samples": len(questions),
            "group": options.group,
            "split": options.split,
        },
        prompt_sha256=_prompt_sha256(questions),
    )
    summary = _Summary(bench, rule, {question.id: question for question in questions})
    return Suite(bench.title, questions, configuration, sampling, summary, tuple(_notes(questions, episodes)))


def _chosen(found: Iterable[OfflineEpisode], group: str, split: str, data: Path) -> list[OfflineEpisode]:
    """The episodes of a group and a split. Raises `SetupError` when there are none."""
    episodes = [one for one in found if (not group or one.group == group) and (not split or one.split == split)]
    if not episodes:
        told = " and ".join(f"the {word} {name!r}" for word, name in (("group", group), ("split", split)) if name)
        raise SetupError(f"There are no episodes of {told} in {data}.", fix="leave --group and --split out")
    return episodes


def _prompt_sha256(questions: Sequence[StepQuestion]) -> str:
    """Of the first question that can be asked. Raises `SetupError` where none has the words that the level hands over."""
    can = [question for question in questions if not question.lacks]
    if not can:
        raise questions[0].lacks[0]
    seen = next((question for question in can if not question.step.assumed_size), None)
    return "" if seen is None else prompt_hash(seen.prepare().messages)


def _notes(questions: Sequence[StepQuestion], episodes: Sequence[OfflineEpisode]) -> Iterator[str]:
    unseen = [question.id for question in questions if question.step.assumed_size]
    if unseen:
        yield f"{len(unseen)} steps have no screenshot on this machine and become errors; the first is {unseen[0]}."
    wordless = [question.id for question in questions if question.lacks]
    if wordless:
        yield f"{len(wordless)} steps have no words for this level and become errors; the first is {wordless[0]}."
    silent = [step_id(step) for episode in episodes for step in episode.steps if not recorded(step, touch=False)]
    if silent:
        yield f"{len(silent)} steps have a recorded action without words here, and are missing in the history; the first is {silent[0]}."


@dataclass(frozen=True, eq=False)
class _Summary:
    """Numbers of rows: the replies are read and judged again, under every rule of the benchmark."""

    bench: OfflineBenchmark
    rule: Rule
    questions: Mapping[str, StepQuestion]

    def __call__(self, rows: Sequence[SampleRow]) -> dict[str, Any]:
        rules = [RULES[name] for name in self.bench.rules]
        scores = [self.questions[row.id].scores(None if row.error else row.reply, rules) for row in rows]
        lengths = {question.step.episode: len(question.episode.steps) for question in self.questions.values()}
        tables = {name: table([one[name] for one in scores], lengths) for name in self.bench.rules}
        mine = [one[self.rule.name] for one in scores]
        words = [verdict_word(one) for one in mine if not one.failed]
        found = tables[self.rule.name]
        splits = {question.step.episode: question.episode.split for question in self.questions.values()}
        return {
            **found,
            "averages": {"micro": found["accuracy"], "macro6": None, "macro_kinds": found["macro"]},
            "verdicts": {verdict: words.count(verdict) for verdict in VERDICTS},
            "cells": _cells(mine),
            "kinds": found["cells"],
            "cuts": {"split": _cut(mine, lambda one: splits[one.step.episode])} if any(splits.values()) else {},
            "denominators": None,
            "by_rule": tables,
        }


def _cells(scores: Sequence[StepScore]) -> list[dict[str, Any]]:
    parts = _cut(scores, lambda one: (one.group, one.kind))
    return [{"group": group, "kind": kind, **part} for (group, kind), part in parts.items()]


def _cut(scores: Sequence[StepScore], key: Callable[[StepScore], Key]) -> dict[Key, dict[str, Any]]:
    parts: dict[Key, list[StepScore]] = {}
    for one in scores:
        parts.setdefault(key(one), []).append(one)
    return {name: cell(part) for name, part in parts.items()}
