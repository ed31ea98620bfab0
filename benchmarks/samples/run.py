"""A whole run of single replies: what is left is asked, each row is on disk the moment it is known, and the numbers come from the rows."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.models.base import Completion, Model
from handeye.agent.provenance import prompt_hash
from handeye.benchmarks.results import ResultsFolder, write_whole
from handeye.benchmarks.samples.ahead import DEPTH, Ahead, Task, cores, in_words, prepare
from handeye.benchmarks.samples.asking import Answered, Way, answers, way_of
from handeye.benchmarks.samples.live import LiveProgress
from handeye.benchmarks.samples.numbers import check_rows, run_numbers
from handeye.benchmarks.samples.question import Asked, Question, Questions
from handeye.benchmarks.samples.record import write_record
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import InvalidAction, ModelError, SetupError, TrajectoryError

LOST_AFTER = 10
"""Failures of the model one after the other, with no reply between, after which it is taken for lost."""


@dataclass(frozen=True)
class RunOptions:
    """Which of a suite's questions are asked, and how fast. Nothing here can change the score of a question."""

    out: Path
    limit: int = 0
    """0: all; else the first N of the shard's questions."""
    shard: tuple[int, int] = (1, 1)
    """i of n, from 1: questions i-1, i-1+n, i-1+2n, ..."""
    repeats: int = 1
    """Repeat k, from 0, has the sampling seed `seed + k`."""
    batch: int = 0
    """Prompts together, for local models; 0: `asking.DEFAULT_BATCH`, 1: one by one, with what is cached of the prompt before."""
    concurrency: int = 0
    """Requests beside each other, for servers; 0: the model's own number."""
    decoders: int = 0
    """Threads that prepare ahead; 0: one for each core."""
    retry_errors: bool = False
    """Ask again what ended with an error before."""


def run_suite(suite: Suite, model: Model | Callable[[], Model], options: RunOptions, console: Console | None) -> dict[str, Any]:
    """Ask what is left, write `OUT/results.jsonl` and `OUT/summary.json`, and give the numbers of all rows in the folder.

    A `model` that is given as a function is opened only if a question is left, and closed. Raises `SetupError` or `InvalidAction` for
    what cannot be run so, `TrajectoryError` for a folder that is damaged or cannot be written, and `ModelError` when the model fails
    `LOST_AFTER` times one after the other. Whatever ends it, the rows so far are safe.
    """
    _check(suite.questions, options)
    wanted = tasks_of(suite, options)
    keys = {task.key for task in wanted}
    again = (lambda row: row.key in keys) if options.retry_errors else False
    results = ResultsFolder(options.out, suite.configuration, SampleRow, again)
    with closing(results):
        check_rows(results.rows, {question.id for question in suite.questions})
        done = {row.key for row in results.rows}
        left = [task for task in wanted if task.key not in done]
        if console is not None and len(left) < len(wanted):
            console.print(f"{len(wanted) - len(left)} of {len(wanted)} rows are there already.", style="dim")
        seconds = 0.0
        if left:
            before = [row for row in results.rows if row.key in keys]
            live = LiveProgress(console, suite.title, len(wanted), before)
            sitting = _Sitting(suite, options, left, results, live)
            if isinstance(model, Model):
                seconds = sitting.run(model)
            else:
                with closing(model()) as opened:
                    seconds = sitting.run(opened)
        numbers = run_numbers(suite, results.rows)
        numbers |= {"seconds": round(seconds, 3), "samples_per_s": round(len(left) / seconds, 3)} if left else _speed_before(options.out)
        _write_summary(options.out, numbers)
    return numbers


def tasks_of(suite: Suite, options: RunOptions) -> list[Task]:
    """What a run has to ask, in order: repeat by repeat, and in each the questions that share a picture one after the other."""
    index, count = options.shard
    chosen = suite.questions[index - 1 :: count]
    if options.limit:
        chosen = chosen[: options.limit]
    by_picture: dict[str, list[Question]] = {}
    for question in chosen:
        by_picture.setdefault(question.image_name, []).append(question)
    ordered = [question for sharing in by_picture.values() for question in sharing]
    seed = suite.configuration.seed
    return [Task(question, repeat, seed + repeat) for repeat in range(options.repeats) for question in ordered]


def _check(questions: Questions, options: RunOptions) -> None:
    index, count = options.shard
    if not 1 <= index <= count:
        raise InvalidAction(f"the shard is i/n with i from 1 to n, not {index}/{count}")
    least = {"limit": 0, "repeats": 1, "batch": 0, "concurrency": 0, "decoders": 0}
    for name, number in least.items():
        if (given := getattr(options, name)) < number:
            raise InvalidAction(f"{name} is at least {number}, not {given}")
    twice = [name for name, times in Counter(question.id for question in questions).items() if times > 1]
    if twice:
        raise SetupError(f"{len(twice)} ids stand for several questions, the first is {twice[0]!r}.", fix="give each question its own id")
    if not questions:
        raise SetupError("there are no questions.", fix="give the folder of the data")


@dataclass(frozen=True, eq=False)
class _Sitting:
    """One start of a run to its end."""

    suite: Suite
    options: RunOptions
    left: Sequence[Task]
    results: ResultsFolder[SampleRow]
    live: LiveProgress

    def run(self, model: Model) -> float:
        """Ask what is left; the seconds that it took."""
        way = way_of(model, self.options.batch, self.options.concurrency)
        with self._recorded(model, way):
            began = time.perf_counter()
            threads = self.options.decoders or cores()
            ahead = Ahead(self.left, threads, depth=max(2 * way.width, DEPTH * threads))
            with closing(ahead), self.live, closing(answers(model, way, ahead, self.suite.sampling)) as coming:
                self._write(coming)
            return time.perf_counter() - began

    def _write(self, coming: Iterable[Answered]) -> None:
        failures = 0
        for answered in coming:
            row = row_of(answered)
            self.results.append(row)
            self.live.finished(row)
            if answered.completion is not None:
                failures = 0
            elif answered.model_failed:
                failures += 1
            if failures >= LOST_AFTER:
                raise ModelError(
                    f"the model failed {failures} times one after the other, at last so: {row.error}",
                    fix="mend that; --retry-errors asks again what failed",
                )

    @contextmanager
    def _recorded(self, model: Model, way: Way) -> Iterator[None]:
        """Note in the run's record that a sitting begins, and how it ends."""
        options = {name: value for name, value in asdict(self.options).items() if name != "out"}
        out, suite, known = self.options.out, self.suite, {**options, "asked": way.kind, "beside_each_other": way.width}
        first = first_asked(suite.questions)
        write_record(out, suite, model, first, known)
        try:
            yield
        except BaseException as error:
            how = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
            with suppress(TrajectoryError):
                write_record(out, suite, model, first, known, how=how)
            raise
        write_record(out, suite, model, first, known, how="done")


def first_asked(questions: Questions) -> Asked:
    """The first question that can be shown, as it is asked. Raises `SetupError` where there is none: so whole a failure is no result."""
    failures = []
    for question in questions:
        prepared = prepare(Task(question, 0, 0))
        if prepared.asked is not None:
            return prepared.asked
        failures.append(prepared.error)
    raise SetupError(f"not one of {len(failures)} questions can be asked, the first because: {failures[0]}")


def row_of(answered: Answered) -> SampleRow:
    """The row of an answer; the reply is judged here."""
    prepared = answered.prepared
    question, asked = prepared.task.question, prepared.asked
    known: dict[str, Any] = {
        "id": question.id,
        "repeat": prepared.task.repeat,
        "seed": prepared.task.seed,
        "instruction": question.instruction,
        "image": question.image_name,
        "cells": dict(question.cells),
        "target": dict(question.target),
        "prepare_s": round(prepared.prepare_s, 6),
        "model_s": round(answered.model_s, 6),
        "error": answered.error,
    }
    if asked is not None:
        known |= {
            "size": (asked.image.width, asked.image.height),
            "shown": (asked.shown.width, asked.shown.height),
            "prompt_sha256": prompt_hash(asked.messages),
        }
        if answered.completion is not None:
            known |= _said(answered.completion) | _judged(question, answered.completion.text, asked)
    return SampleRow(**known)


def _judged(question: Question, reply: str, asked: Asked) -> dict[str, Any]:
    try:
        judgement = question.judge(reply, asked)
    except Exception as failure:  # noqa: BLE001 - the edge at which a failure becomes a row
        return {"error": f"the reply could not be judged: {in_words(failure)}"}
    return {"verdict": judgement.verdict, "correct": judgement.correct, "said": dict(judgement.said)}


def _said(completion: Completion) -> dict[str, Any]:
    usage = completion.usage
    return {
        "reply": completion.text,
        "finish_reason": str(completion.details.get("finish_reason") or ""),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens,
    }


def _speed_before(out: Path) -> dict[str, Any]:
    """How fast the last sitting was that asked anything."""
    try:
        before = json.loads((out / "summary.json").read_bytes())
    except (OSError, ValueError):
        before = {}
    known = before if isinstance(before, dict) else {}
    return {name: known.get(name) for name in ("seconds", "samples_per_s")}


def _write_summary(out: Path, numbers: dict[str, Any]) -> None:
    try:
        write_whole(out / "summary.json", json.dumps(numbers, indent=1).encode())
    except OSError as error:
        raise TrajectoryError(f"{out} cannot be written ({error}).", fix="make room there; the rows are safe") from error
