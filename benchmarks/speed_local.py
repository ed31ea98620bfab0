"""`handeye bench speed local`: what a local model costs a step, what keeping prefixes saves, and what batches bring."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from handeye.agent.dialects.base import PastStep
from handeye.agent.dialects.qwen25vl import QwenComputerUse
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.messages import Message
from handeye.agent.models.base import Sampling
from handeye.agent.models.local.loading import Loaded
from handeye.agent.models.local.model import TransformersModel
from handeye.agent.models.local.options import LocalOptions
from handeye.benchmarks.buttons.drawing import draw
from handeye.benchmarks.buttons.screens import COLOURS, make_screen
from handeye.benchmarks.memory import peak_memory
from handeye.benchmarks.shapes import Shape, random_weights
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, compared
from handeye.envs.actions import Click
from handeye.envs.browser import ACTION_TYPES
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels
from handeye.tools.geometry import Point, Size

SCREEN = Size(1280, 800)
"""What the 3b and 7b shapes look at; the tiny one looks at the pages of `handeye bench buttons`."""
STEP = 10
REPLY_TOKENS = 30
"""About what one tool call takes."""
SAMPLES = 16
"""Pictures of the grounding batch."""
ANSWER_TOKENS = 20


@dataclass(frozen=True)
class Seconds:
    """Where the time of one step went."""

    render: float
    prepare: float
    vision: float
    prefill: float
    """The language model's part."""
    decode: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.render + self.prepare + self.vision + self.prefill + self.decode


def measure(shape: Shape, repeats: int, device: str) -> SpeedReport:
    """Medians of `repeats` measurements. Raises `SetupError` where the extra `local` is not installed."""
    loaded = random_weights(shape, device)
    screens = _screens(shape)
    kept, whole, kept_peak, whole_peak = _step_ten(loaded, screens, repeats)
    steps, step_peak = _own_layout(loaded, screens, repeats)
    together, alone, batch_peak = _grounding(loaded, screens, repeats)
    total = statistics.median(step.total for step in steps)
    preparing = statistics.median((step.render + step.prepare) for step in steps)
    rows = (
        compared(f"prefill at step {STEP}, screenshots kept: prefix reuse, to full recompute", kept, "s", whole),
        compared("preparing (render, tokens, pictures) of a step in the model's own layout, to the whole step", preparing, "s", total),
        compared(f"grounding {SAMPLES} pictures in a batch, to one by one", together, "s", alone),
        *(
            SpeedRow(f"peak memory, {name}", peak, "GiB")
            for name, peak in (
                ("prefix reuse", kept_peak), ("full recompute", whole_peak), ("own layout", step_peak), ("batch", batch_peak),
            )
            if peak is not None
        ),
    )  # fmt: skip
    return SpeedReport("speed local", rows, (_table(steps),), _notes(loaded, shape, screens, repeats))


def _screens(shape: Shape) -> list[Pixels]:
    """Screens that differ, of the size that the shape looks at."""
    random_ = random.Random(0)
    small = [draw(make_screen(random_), random_) for _ in range(SAMPLES)]
    if shape == "tiny":
        return small
    wide = []
    for picture in small:
        tiles = np.tile(picture, (SCREEN.height // picture.shape[0] + 1, SCREEN.width // picture.shape[1] + 1, 1))
        wide.append(np.ascontiguousarray(tiles[: SCREEN.height, : SCREEN.width]))
    return wide


def _step_ten(loaded: Loaded, screens: Sequence[Pixels], repeats: int) -> tuple[float, float, float | None, float | None]:
    """Median prefill of the tenth step with and without what the nine before it left, and the peak memory of each."""
    prompts = _episode(screens)
    warm, cold = TransformersModel(loaded), TransformersModel(loaded, LocalOptions(caches=0))
    one = Sampling(max_new_tokens=1)
    kept, whole, peaks, whole_peaks = [], [], [], []
    for _ in range(repeats + 1):
        warm.forget()
        for prompt in prompts[:-1]:
            warm.generate(prompt, one)
        with peak_memory(loaded.device.type) as peak:
            kept.append(warm.generate(prompts[-1], one).timings["prefill_s"])
        peaks.append(peak())
        warm.forget()
        with peak_memory(loaded.device.type) as peak:
            whole.append(cold.generate(prompts[-1], one).timings["prefill_s"])
        whole_peaks.append(peak())
        cold.forget()
    # The first round loads kernels and fills caches of the allocator.
    return statistics.median(kept[1:]), statistics.median(whole[1:]), _largest(peaks), _largest(whole_peaks)


def _episode(screens: Sequence[Pixels]) -> list[tuple[Message, ...]]:
    """The prompts of an episode that keeps its screenshots."""
    dialect = QwenComputerUse(ACTION_TYPES, history="turns", history_pictures=STEP)
    past: list[PastStep] = []
    prompts = []
    for number in range(STEP):
        seen = Observation(screens[number % len(screens)], url="http://localhost:8080/page", title="Buttons")
        prompts.append(dialect.render(f"Click the {sorted(COLOURS)[0]} button ten times", past, seen))
        click = Click(point=Point(20 + number, 30 + number))
        past.append(PastStep("", click, seen.size, seen, reply=dialect.format(click, seen.size)))
    return prompts


def _own_layout(loaded: Loaded, screens: Sequence[Pixels], repeats: int) -> tuple[list[Seconds], float | None]:
    """Steps in the layout of the model's training: past calls in words, one screenshot, every prompt from its beginning."""
    dialect = QwenComputerUse(ACTION_TYPES)
    model = TransformersModel(loaded, LocalOptions(caches=0))
    size = Size(screens[0].shape[1], screens[0].shape[0])
    past = [PastStep("", Click(point=Point(20 + number, 30)), size) for number in range(STEP - 1)]
    steps, peaks = [], []
    with _timed_vision(loaded) as vision:
        for number in range(repeats + 1):
            vision.clear()
            seen = Observation(screens[number % len(screens)])
            began = time.perf_counter()
            prompt = dialect.render("Click the red button ten times", past, seen)
            rendered = time.perf_counter() - began
            with peak_memory(loaded.device.type) as peak:
                timings = model.generate(prompt, Sampling(max_new_tokens=REPLY_TOKENS)).timings
            peaks.append(peak())
            seen_s = sum(vision)
            steps.append(Seconds(rendered, timings["prepare_s"], seen_s, timings["prefill_s"] - seen_s, timings["decode_s"]))
    return steps[1:], _largest(peaks)


def _grounding(loaded: Loaded, screens: Sequence[Pixels], repeats: int) -> tuple[float, float, float | None]:
    dialect = QwenPoint()
    model = TransformersModel(loaded, LocalOptions(caches=0))
    prompts = [dialect.render(f"the {name} button", (), Observation(screen)) for name, screen in zip(COLOURS, screens, strict=False)]
    prompts = (prompts * SAMPLES)[:SAMPLES]
    sampling = Sampling(max_new_tokens=ANSWER_TOKENS)
    together, alone, peaks = [], [], []
    for _ in range(repeats):
        began = time.perf_counter()
        with peak_memory(loaded.device.type) as peak:
            model.generate_batch(prompts, sampling)
        together.append(time.perf_counter() - began)
        peaks.append(peak())
        began = time.perf_counter()
        for prompt in prompts:
            model.generate(prompt, sampling)
        alone.append(time.perf_counter() - began)
    return statistics.median(together), statistics.median(alone), _largest(peaks)


@contextmanager
def _timed_vision(loaded: Loaded) -> Iterator[list[float]]:
    """The seconds that the vision tower takes, call by call."""
    seconds: list[float] = []
    began: list[float] = []

    def before(*_: Any) -> None:
        _synchronize(loaded)
        began.append(time.perf_counter())

    def after(*_: Any) -> None:
        _synchronize(loaded)
        seconds.append(time.perf_counter() - began.pop())

    tower = loaded.model.model.visual
    hooks = [tower.register_forward_pre_hook(before), tower.register_forward_hook(after)]
    try:
        yield seconds
    finally:
        for hook in hooks:
            hook.remove()


def _synchronize(loaded: Loaded) -> None:
    if loaded.device.type == "cuda":
        import torch

        torch.cuda.synchronize()


def _largest(peaks: Sequence[float | None]) -> float | None:
    known = [peak for peak in peaks if peak is not None]
    return max(known) if known else None


def _table(steps: Sequence[Seconds]) -> SpeedTable:
    total = statistics.median(step.total for step in steps)
    parts = {
        "render: dialect, picture to its size": [step.render for step in steps],
        "prepare: chat, tokens, qwen-vl-utils, processor": [step.prepare for step in steps],
        "vision tower": [step.vision for step in steps],
        "language model, prompt": [step.prefill for step in steps],
        f"language model, {REPLY_TOKENS} tokens of reply": [step.decode for step in steps],
    }
    lines = tuple(
        (name, f"{statistics.median(values):.4f} s", f"{statistics.median(values) / total:.1%}") for name, values in parts.items()
    )
    return SpeedTable("One step in the model's own layout (past calls in words, one screenshot)", ("", "median", "share"), lines)


def _notes(loaded: Loaded, shape: Shape, screens: Sequence[Pixels], repeats: int) -> tuple[str, ...]:
    import torch

    parameters = sum(value.numel() for value in loaded.model.parameters())
    device = torch.cuda.get_device_name() if loaded.device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    high, wide = screens[0].shape[:2]
    return (
        f"Shape {shape}, {parameters / 1e6:,.1f} M random weights in {str(loaded.model.dtype).removeprefix('torch.')}, on: {device}.",
        f"Screens of {wide}x{high}; {repeats} repeats after one to warm up.",
    )
