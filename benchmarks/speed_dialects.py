"""`handeye bench speed dialects`: how long each dialect takes over a hostile reply of 200 kB, at worst."""

from __future__ import annotations

import statistics
import time
from contextlib import suppress

from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.check import example_actions
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Size

LENGTH = 200_000
"""Characters of a reply; all of them are one byte each in UTF-8."""
SCREEN = Size(1280, 800)
PIECES = (
    "[", "{", "(", '{"', '{"a":', '{"a":[', "[[1],", "<", "</", "<tool_call>", "<tool_call>{", '<tool_call>{"a":1}', "```", "```json\n{",
    "\\q", " ", "\n", '"', "\\", '\\"', "\\u0041", "1", "1,", "-", "e", ", ", "]}", "ctrl+", "a_", "x=1,", "<point>", "(1,2)", "[1,2],",
    "click(", "do(", "f(x,", "<|box_start|>", "<|im_end|>", "<|im_end|> ", "<parameter=a>", "<function=", "\n\n", "Action:", "Thought: ",
    "a.b(", "=",
)  # fmt: skip
"""What is repeated until the reply is long enough: openings that are never closed, closings, and marks of every format."""


def measure(repeats: int, names: tuple[str, ...] = ()) -> SpeedReport:
    """The worst reply of each dialect (all of them if `names` is empty): found in one pass over all replies, then timed `repeats` times.

    Times are of the processor: reading waits for nothing, and what else runs on the machine does not count.
    """
    lines: list[tuple[str, ...]] = []
    medians: list[float] = []
    for name in names or DIALECT_NAMES:
        dialect = open_dialect(name, frozenset(ACTIONS) - LOOP_ACTIONS)
        texts = [(head[:LENGTH] + piece * (LENGTH // len(piece)))[:LENGTH] for head in _heads(dialect) for piece in PIECES]
        worst = max(texts, key=lambda text: _seconds(dialect, text))
        median = statistics.median(_seconds(dialect, worst) for _ in range(repeats))
        medians.append(median)
        lines.append((name, f"{median * 1000:.1f}", repr(worst[:30])[1:-1] + " … " + repr(worst[-12:])[1:-1]))
    rows = (
        SpeedRow(f"the slowest of {len(medians)} dialects on its worst reply of {LENGTH // 1000} kB", max(medians) * 1000, "ms"),
        SpeedRow("the dialect in the middle, likewise", statistics.median(medians) * 1000, "ms"),
    )
    table = SpeedTable("Each dialect's worst reply", ("dialect", "ms", "reply"), tuple(lines))
    return SpeedReport("speed dialects", rows, (table,), (f"{len(PIECES)} repeated pieces behind the beginnings of real replies.",))


def _heads(dialect: Dialect) -> list[str]:
    """The beginnings behind which the pieces stand: nothing, a whole reply, and one that is cut where something is to follow."""
    said = ""
    for action in example_actions(dialect.action_types, SCREEN):
        with suppress(InvalidAction):
            said = said or dialect.format(action, SCREEN)
    return ["", said, said[: len(said) // 2], said[: len(said) - 4]]


def _seconds(dialect: Dialect, text: str) -> float:
    began = time.process_time()
    with suppress(ParseError):
        dialect.parse(text, SCREEN)
    return time.process_time() - began
