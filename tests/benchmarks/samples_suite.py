"""A benchmark of single replies for tests: numbers to be said, and what a model says that depends on nothing but its prompt."""

from __future__ import annotations

import re
import resource
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat
from pathlib import Path
from typing import Any

import numpy as np

from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Sampling
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.samples.question import Asked, Judgement
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

SIZE = Size(56, 84)
"""A picture that the Qwen family sees as it is."""
NUMBER = re.compile(r"number (\d+)")


def nothing() -> None:
    """What most questions do before they are prepared."""


@dataclass(frozen=True)
class NumberQuestion:
    """Right is a reply with the last digit of the question's number; some questions take no reply for one."""

    number: int
    sharing: int = 1
    """Questions that share a picture."""
    missing: bool = False
    size: Size = SIZE
    before: Callable[[], None] = field(default=nothing)

    @property
    def id(self) -> str:
        return f"q{self.number:05}"

    @property
    def instruction(self) -> str:
        return f"Say the number {self.number}."

    @property
    def image_name(self) -> str:
        return f"screen-{self.number // self.sharing}.png"

    @property
    def target(self) -> Mapping[str, Any]:
        return {"point": [self.number, 1]}

    @property
    def cells(self) -> Mapping[str, str]:
        return {"group": ("desktop", "web", "mobile")[self.number % 3], "kind": ("text", "icon")[self.number % 2]}

    def picture(self) -> bytes:
        raise SetupError("there is no file of it", fix="draw it")

    def prepare(self) -> Asked:
        self.before()
        if self.missing:
            raise SetupError(f"{self.image_name} is not there", fix="get it")
        pixels = np.full((self.size.height, self.size.width, 3), self.number % 251, np.uint8)
        return Asked((Message("user", (Picture(pixels), self.instruction)),), self.size, self.size)

    def judge(self, reply: str, asked: Asked) -> Judgement:
        found = NUMBER.search(reply)
        if reply == "break":
            raise ZeroDivisionError("a width of 0")
        if found is None or self.number % 11 == 10:
            return Judgement(False, "wrong format", {"why": "no number in it"})
        right = int(found.group(1)) % 10 == self.number % 10
        return Judgement(right, "right" if right else "wrong place", {"point": [int(found.group(1)), 1]})


def summary(rows: Sequence[SampleRow]) -> dict[str, Any]:
    """The numbers of the rows of one repeat."""

    def tally(part: Sequence[SampleRow]) -> dict[str, Any]:
        correct = sum(row.correct for row in part)
        return {
            "correct": correct,
            "total": len(part),
            "wrong_format": sum(row.verdict == "wrong format" for row in part),
            "errors": sum(bool(row.error) for row in part),
            "accuracy": correct / len(part) if part else None,
        }

    keys = dict.fromkeys((row.cells["group"], row.cells["kind"]) for row in rows)
    cells = [
        {"group": group, "kind": kind, **tally([row for row in rows if (row.cells["group"], row.cells["kind"]) == (group, kind)])}
        for group, kind in keys
    ]
    whole = tally(rows)
    verdicts = {word: sum(row.verdict == word for row in rows) for word in dict.fromkeys(row.verdict for row in rows if row.verdict)}
    return {
        **whole,
        "interval": wilson(whole["correct"], whole["total"]),
        "cells": cells,
        "groups": {group: tally([row for row in rows if row.cells["group"] == group]) for group, _ in keys},
        "kinds": {kind: tally([row for row in rows if row.cells["kind"] == kind]) for _, kind in keys},
        "cuts": {},
        "verdicts": verdicts,
        "averages": {"micro": whole["accuracy"], "macro6": None},
        "denominators": None,
    }


def number_suite(questions: Sequence[NumberQuestion] | int, model: str = "test", **changed: Any) -> Suite:
    """A suite of these questions, or of as many plain ones."""
    asked = [NumberQuestion(number) for number in range(questions)] if isinstance(questions, int) else list(questions)
    configuration = SampleConfiguration(
        benchmark="numbers",
        model=model,
        protocol={"name": "plain"},
        rules=("equal",),
        sampling={"temperature": 0.0},
        data={"convention": "none", "samples": len(asked)},
    )
    return Suite("Numbers", asked, configuration.model_copy(update=changed), Sampling(), summary)


def reply_to(text: str) -> str:
    """What a model says to a prompt: some right, some wrong, some not to be read."""
    found = NUMBER.search(text)
    assert found is not None
    number = int(found.group(1))
    return "I do not know." if number % 7 == 0 else f"The number {number + 1 if number % 5 == 0 else number}"


def without_times(numbers: dict[str, Any]) -> dict[str, Any]:
    """The numbers that must not depend on how a run went."""
    return {name: value for name, value in numbers.items() if name not in ("seconds", "samples_per_s")}


def run_process(out: Path, count: int, replies: int = 0, most_bytes: int = 0) -> None:
    """A whole run, for a process of its own: a model that always says the same.

    After so many `replies`, where it is not 0, the model says nothing for ever. `most_bytes` is as large as a file may become.
    """
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    said = chain(repeat("The number 3", replies), silence()) if replies else cycle(["The number 3"])
    run_suite(number_suite(count), ScriptedModel(said), RunOptions(out, repeats=2), None)


def silence() -> Iterator[str]:
    """No reply ever comes."""
    threading.Event().wait()
    yield ""
