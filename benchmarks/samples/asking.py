"""Puts prepared questions to a model in the way that suits it: beside each other, in batches, or one by one."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from handeye.agent.models.base import BatchModel, Completion, ConcurrentModel, Model, Sampling
from handeye.benchmarks.samples.ahead import Ahead, Prepared, in_words
from handeye.benchmarks.samples.question import Asked
from handeye.tools.errors import OutOfMemory, SetupError

DEFAULT_BATCH = 16
"""Prompts handed to a local model together. It splits them further by their tokens (`batch_tokens`), like lengths beside each other."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A question with the reply, or why there is none."""

    prepared: Prepared
    completion: Completion | None
    error: str
    """Empty when there is a reply."""
    model_s: float
    model_failed: bool = False
    """The model was asked and gave no reply."""


@dataclass(frozen=True)
class Way:
    """How a model is asked."""

    kind: str
    """`concurrent`, `batch` or `single`."""
    width: int
    """Prompts that it is given at the same time."""


def way_of(model: Model, batch: int = 0, concurrency: int = 0) -> Way:
    """How to ask `model`; 0 is the default of either number. A server is never batched: a slow reply would hold up the others."""
    if isinstance(model, ConcurrentModel):
        return Way("concurrent", concurrency or model.concurrency)
    if isinstance(model, BatchModel) and batch != 1:
        return Way("batch", batch or DEFAULT_BATCH)
    return Way("single", 1)


def answers(model: Model, way: Way, ahead: Ahead, sampling: Sampling) -> Generator[Answered, None, None]:
    """Every question of `ahead` with its reply, as they come. Close the iterator to stop early.

    What cannot be asked, and what the model fails at, comes with its `error`. Raises `SetupError` when the model lacks a piece.
    """
    if way.kind == "concurrent":
        return _side_by_side(model, way.width, ahead, sampling)
    if isinstance(model, BatchModel) and way.kind == "batch":
        return _Batches(model, way.width, sampling).run(ahead)
    return _one_by_one(model, ahead, sampling)


def _one_by_one(model: Model, ahead: Ahead, sampling: Sampling) -> Generator[Answered, None, None]:
    while (prepared := ahead.take()) is not None:
        yield _ask(model, prepared, sampling)


def _ask(model: Model, prepared: Prepared, sampling: Sampling) -> Answered:
    if prepared.asked is None:
        return Answered(prepared, None, prepared.error, 0.0)
    messages = prepared.asked.messages
    return _answered(prepared, lambda: model.generate(messages, replace(sampling, seed=prepared.task.seed)))


def _answered(prepared: Prepared, call: Callable[[], Completion]) -> Answered:
    began = time.perf_counter()
    completion, error = None, ""
    try:
        completion = call()
    except SetupError:
        raise
    except Exception as failure:  # noqa: BLE001 - the edge at which a failure becomes a row
        error = in_words(failure)
    return Answered(prepared, completion, error, time.perf_counter() - began, model_failed=completion is None)


def _side_by_side(model: Model, width: int, ahead: Ahead, sampling: Sampling) -> Generator[Answered, None, None]:
    """As many threads as requests, each of which takes the next question the moment it has a reply."""
    done = queue.SimpleQueue[Answered | BaseException | None]()
    stopped = threading.Event()

    def work() -> None:
        try:
            while not stopped.is_set() and (prepared := ahead.take()) is not None:
                done.put(_ask(model, prepared, sampling))
        except BaseException as failure:  # noqa: BLE001 - raised again where the answers are read
            done.put(failure)
        done.put(None)

    # Daemons: a request that hangs must not hold up the end of the process after Ctrl-C.
    threads = [threading.Thread(target=work, name=f"ask-{number}", daemon=True) for number in range(width)]
    for thread in threads:
        thread.start()
    try:
        running = width
        while running:
            came = done.get()
            if came is None:
                running -= 1
            elif isinstance(came, BaseException):
                raise came
            else:
                yield came
    finally:
        stopped.set()


class _Batches:
    """Asks in batches. One that fails is asked again in parts, down to the question that it fails at."""

    def __init__(self, model: BatchModel, size: int, sampling: Sampling) -> None:
        self._model, self._size, self._sampling = model, size, sampling

    def run(self, ahead: Ahead) -> Generator[Answered, None, None]:
        batch: list[Prepared] = []
        while (prepared := ahead.take()) is not None:
            if prepared.asked is None:
                yield Answered(prepared, None, prepared.error, 0.0)
                continue
            # The replies of a batch share a seed.
            if batch and batch[0].task.seed != prepared.task.seed:
                yield from self._ask(batch)
                batch = []
            batch.append(prepared)
            if len(batch) >= self._size:
                yield from self._ask(batch)
                batch = []
        if batch:
            yield from self._ask(batch)

    def _ask(self, batch: Sequence[Prepared]) -> Iterator[Answered]:
        if len(batch) == 1:
            yield _answered(batch[0], lambda: self._together(batch)[0])
            return
        began = time.perf_counter()
        completions: tuple[Completion, ...] = ()
        part = 0
        try:
            completions = self._together(batch)
        except OutOfMemory:
            # What did not fit once will not fit later: the rest of the run has smaller batches.
            part = self._size = len(batch) // 2
        except SetupError:
            raise
        except Exception:  # noqa: BLE001 - whose failure it is, asking each alone will tell
            part = 1
        # Outside of the handlers: there the traceback would still hold the memory of the batch that failed.
        if part:
            for begin in range(0, len(batch), part):
                yield from self._ask(batch[begin : begin + part])
            return
        seconds = (time.perf_counter() - began) / len(batch)
        for prepared, completion in zip(batch, completions, strict=True):
            yield Answered(prepared, completion, "", seconds)

    def _together(self, batch: Sequence[Prepared]) -> tuple[Completion, ...]:
        prompts = [asked.messages for prepared in batch if isinstance(asked := prepared.asked, Asked)]
        return self._model.generate_batch(prompts, replace(self._sampling, seed=batch[0].task.seed))
