"""`handeye bench speed grounding`: what the harness itself costs, pictures on all cores, and batches against the usual loop."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from rich.console import Console

from handeye.agent.dialects.picture import picture_of
from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Model, Sampling
from handeye.benchmarks.buttons.screens import VIEWPORT
from handeye.benchmarks.grounding.protocols import open_protocol
from handeye.benchmarks.memory import peak_memory
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.ahead import cores
from handeye.benchmarks.samples.asking import DEFAULT_BATCH
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.suite import Suite
from handeye.benchmarks.shapes import Shape, random_weights
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, compared
from handeye.benchmarks.speed_suites import SCREENSPOT_V2_SIZES, drawn_screens, drawn_suite
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from handeye.agent.models.local.loading import Loaded

HARNESS_PROTOCOL = "screenspot-pro"
"""The default of the grounding benchmarks."""
LOCAL_PROTOCOL = "point"
"""The tiny checkpoint was trained on it."""
PNG_SIZE = Size(1920, 1080)
BESIDE = 8
"""Requests beside each other: the default for servers."""
CHECKPOINT = Path(__file__).parent / "buttons" / "checkpoint"
LARGE_SCREEN = Size(1280, 800)
"""What the 3b and 7b shapes look at; the tiny checkpoint looks at screens of the size it was trained on."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    questions: int = 1272
    """For the harness: as many as ScreenSpot-v2 has."""
    pngs: int = 24
    samples: int = 64
    """For local models."""
    answer_tokens: int = 48
    """At most; the tiny checkpoint ends its answers itself, random weights do not."""


def measure(shape: Shape | None, repeats: int, device: str, scale: Scale = Scale()) -> SpeedReport:
    """Medians of `repeats` measurements; what is compared is measured in turn. Without a `shape` the local part is left out.

    Raises `SetupError` where there is a shape and the extra `local` is not installed.
    """
    rows = [*_harness(repeats, scale), *_decoding(repeats, scale)]
    notes = [
        f"Harness: {scale.questions} questions of the protocol {HARNESS_PROTOCOL} about screens of ScreenSpot-v2's sizes, decoded before; "
        "the whole run from the empty folder to the numbers, rows flushed, progress drawn.",
        f"Pictures: {scale.pngs} drawn screens, to the size that Qwen2.5-VL sees; {cores()} cores. {repeats} repeats.",
    ]
    tables = []
    if shape is None:
        notes.append("No local model was measured: the extra `local` is not installed.")
    else:
        loaded, screen = _loaded(shape, device), VIEWPORT if shape == "tiny" else LARGE_SCREEN
        ways = _local(loaded, screen, repeats, scale)
        usual, _, batches = ways
        rows.append(compared(f"local model, batches of {DEFAULT_BATCH}; to the usual loop", batches.rate, "samples/s", usual.rate))
        rows.extend(SpeedRow(f"peak memory, {way.name}", way.peak, "GiB") for way in ways if way.peak is not None)
        tables.append(_table(ways))
        notes.extend(_local_notes(loaded, shape, screen, scale))
    return SpeedReport("speed grounding", tuple(rows), tuple(tables), tuple(notes))


class _AtOnce:
    """Answers before it was asked, in a form that the harness protocol reads."""

    name = "at-once"

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        return Completion("40, 30]}}")

    def close(self) -> None:
        pass


class _AtOnceInBatches(_AtOnce):
    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        return tuple(self.generate(prompt) for prompt in prompts)


class _AtOnceBeside(_AtOnce):
    concurrency = BESIDE


def _harness(repeats: int, scale: Scale) -> list[SpeedRow]:
    sizes = list(chain.from_iterable(repeat(size, count) for size, count in SCREENSPOT_V2_SIZES.items()))[: scale.questions]
    suite = drawn_suite(drawn_screens(sizes), scale.questions, HARNESS_PROTOCOL, Pictures())
    for question in suite.questions[: len(sizes)]:
        question.prepare()
    ways: dict[str, Model] = {
        "one by one": _AtOnce(),
        f"in batches of {DEFAULT_BATCH}": _AtOnceInBatches(),
        f"{BESIDE} beside each other": _AtOnceBeside(),
    }

    def bare() -> None:
        model = _AtOnce()
        for question in suite.questions:
            asked = question.prepare()
            question.judge(model.generate(asked.messages).text, asked)

    def whole(model: Model) -> Callable[[], object]:
        # A terminal's progress, without a terminal.
        return lambda: _run(suite, model, Console(file=io.StringIO(), force_terminal=True, width=120))

    loop, *runs = _rates(scale.questions, repeats, [_timed(work) for work in (bare, *map(whole, ways.values()))])
    return [
        compared(f"harness, a model that answers at once, {way}; to prompts and verdicts alone", rate, "samples/s", loop)
        for way, rate in zip(ways, runs, strict=True)
    ]


def _run(suite: Suite, model: Model, console: Console | None = None, batch: int = 0, decoders: int = 0) -> tuple[list[SampleRow], float]:
    """A whole run in a folder that is removed again: its rows, and the seconds from the first picture to the last row."""
    with tempfile.TemporaryDirectory(prefix="handeye-speed-") as folder:
        numbers: dict[str, Any] = run_suite(suite, model, RunOptions(Path(folder), batch=batch, decoders=decoders), console)
        rows, _ = read_rows(Path(folder) / "results.jsonl", SampleRow)
    return rows, numbers["seconds"]


def _decoding(repeats: int, scale: Scale) -> list[SpeedRow]:
    screens = drawn_screens([PNG_SIZE] * scale.pngs)
    shown_size = open_protocol(HARNESS_PROTOCOL).picture_size
    # Keeps nothing, so that each is decoded again.
    pictures = Pictures(max_bytes=0)

    def arrays() -> None:
        for screen in screens:
            with Image.open(io.BytesIO(screen.image.read())) as image:
                stored = np.asarray(image.convert("RGB"))
            picture_of(stored, shown_size(screen.size))

    def here() -> None:
        for screen in screens:
            pictures.shown(screen.image.name, screen.image.read, shown_size)

    with ThreadPoolExecutor(cores()) as pool:

        def everywhere() -> None:
            list(pool.map(lambda screen: pictures.shown(screen.image.name, screen.image.read, shown_size), screens))

        through_arrays, one, every = _rates(scale.pngs, repeats, [_timed(arrays), _timed(here), _timed(everywhere)])

    def run(decoders: int) -> float:
        # Two questions a picture, as in ScreenSpot; the second must not hold up a thread.
        return _run(drawn_suite(screens, 2 * len(screens), HARNESS_PROTOCOL, Pictures()), _AtOnce(), decoders=decoders)[1]

    alone, beside = _rates(scale.pngs, repeats, [lambda: run(1), lambda: run(cores())])
    what = f"{PNG_SIZE} PNGs decoded and resized"
    return [
        compared(f"{what}, on {cores()} cores; to one", every, "pictures/s", one),
        compared(f"{what} for a whole run, two questions each, on {cores()} cores; to one", beside, "pictures/s", alone),
        compared(f"{what}, before they become arrays; to after, one thread", one, "pictures/s", through_arrays),
    ]


def _rates(count: int, repeats: int, works: Sequence[Callable[[], float]]) -> list[float]:
    """`count` by the median of the seconds that each work tells, all of them in turn, so that a busy machine is busy for all."""
    seconds = [[work() for work in works] for _ in range(repeats)]
    return [count / statistics.median(taken) for taken in zip(*seconds, strict=True)]


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def timed() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return timed


@dataclass(frozen=True)
class _Way:
    """How a local model was asked, and what that took."""

    name: str
    rate: float
    prompt_tokens: float
    """Of one sample, on average."""
    peak: float | None
    replies: dict[str, str]
    right: int


def _local(loaded: Loaded, screen: Size, repeats: int, scale: Scale) -> tuple[_Way, _Way, _Way]:
    """The usual loop, the runner one by one, and the runner in batches."""
    from handeye.agent.models.local.model import TransformersModel
    from handeye.agent.models.local.options import LocalOptions

    # Every prompt from its beginning: what is kept of a prompt would only help one that follows with the same picture.
    model = TransformersModel(loaded, LocalOptions(caches=0))
    drawn = drawn_suite(drawn_screens([screen] * scale.samples), scale.samples, LOCAL_PROTOCOL, Pictures(max_bytes=0))
    suite = replace(drawn, sampling=replace(drawn.sampling, max_new_tokens=scale.answer_tokens))
    asking: dict[str, Callable[[], tuple[list[SampleRow], float]]] = {
        "usual loop (decode, resize, generate, one by one)": lambda: _usual_loop(suite, model),
        "handeye's runner, one by one": lambda: _run(suite, model, batch=1),
        f"handeye's runner, batches of {DEFAULT_BATCH}": lambda: _run(suite, model),
    }
    rows: dict[str, list[SampleRow]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in asking}
    peaks: dict[str, list[float | None]] = {name: [] for name in asking}
    # The first round loads kernels and fills caches of the allocator.
    for number in range(repeats + 1):
        for name, ask in asking.items():
            with peak_memory(loaded.device.type) as peak:
                rows[name], taken = ask()
            if number:
                seconds[name].append(taken)
                peaks[name].append(peak())
    usual, single, batches = (_way(name, rows[name], statistics.median(seconds[name]), peaks[name]) for name in asking)
    return usual, single, batches


def _usual_loop(suite: Suite, model: Model) -> tuple[list[SampleRow], float]:
    """What an evaluation script does: one sample after the other, each from its stored picture to its verdict; nothing is written."""
    rows = []
    began = time.perf_counter()
    for question in suite.questions:
        asked = question.prepare()
        said = model.generate(asked.messages, suite.sampling)
        judged = question.judge(said.text, asked)
        rows.append(SampleRow(id=question.id, reply=said.text, correct=judged.correct, prompt_tokens=said.usage.prompt_tokens))
    return rows, time.perf_counter() - began


def _way(name: str, rows: Sequence[SampleRow], seconds: float, peaks: Sequence[float | None]) -> _Way:
    known = [peak for peak in peaks if peak is not None]
    return _Way(
        name,
        len(rows) / seconds,
        statistics.fmean(row.prompt_tokens for row in rows),
        max(known) if known else None,
        {row.id: row.reply for row in rows},
        sum(row.correct for row in rows),
    )


def _table(ways: Sequence[_Way]) -> SpeedTable:
    usual = ways[0]
    lines = tuple(
        (
            way.name,
            f"{way.rate:.2f}",
            f"{way.rate / usual.rate:.2f}x",
            f"{way.prompt_tokens:,.0f}",
            "" if way.peak is None else f"{way.peak:.2f}",
            f"{sum(way.replies[name] == reply for name, reply in usual.replies.items())}/{len(usual.replies)}",
            f"{way.right}/{len(way.replies)}",
        )
        for way in ways
    )
    columns = ("", "samples/s", "to the loop", "prompt tokens", "peak GiB", "same replies", "right")
    return SpeedTable("Grounding with a local model", columns, lines)


def _local_notes(loaded: Loaded, shape: Shape, screen: Size, scale: Scale) -> tuple[str, ...]:
    import torch

    parameters = sum(value.numel() for value in loaded.model.parameters())
    device = torch.cuda.get_device_name() if loaded.device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    weights = "the trained checkpoint of `handeye bench buttons`" if shape == "tiny" else "random weights"
    return (
        f"Local model: shape {shape}, {weights}, {parameters / 1e6:,.1f} M in {str(loaded.model.dtype).removeprefix('torch.')}, "
        f"on: {device}.",
        f"{scale.samples} screens of {screen}, protocol {LOCAL_PROTOCOL}, at most {scale.answer_tokens} tokens of reply, greedy; "
        "after one round to warm up; from the first picture to the last row.",
    )


def _loaded(shape: Shape, device: str) -> Loaded:
    from handeye.agent.models.local.loading import load
    from handeye.agent.models.local.options import LocalOptions

    return load(str(CHECKPOINT), LocalOptions(device_map=device)) if shape == "tiny" else random_weights(shape, device)
