"""Runs episodes, in this process or in several, and hands over each row the moment it is there."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress
from handeye.benchmarks.episodes.worker import EpisodeWorker, Interrupted, Listener
from handeye.tools.errors import SetupError

STOP_S = 10.0
"""How long a worker may take to close its world before it is killed."""

OpenWorker = Callable[[], EpisodeWorker]
"""Makes a worker; it is sent to other processes, so it is a `functools.partial` of a class and plain values."""


def run_jobs(
    jobs: Sequence[Job], open_worker: OpenWorker, workers: int = 1, on_progress: Listener = lambda progress: None
) -> Iterator[EpisodeRow]:
    """Run the jobs and give their rows as they end, in any order.

    Each worker keeps one world and one model. With one worker all happens in this process. Raises `SetupError` when a piece is
    missing on this machine; Ctrl-C ends the workers and is raised on. Close the iterator to stop early.
    """
    workers = max(1, min(workers, len(jobs)))
    return _in_this_process(jobs, open_worker(), on_progress) if workers == 1 else _Pool(open_worker, on_progress).run(jobs, workers)


def _in_this_process(jobs: Sequence[Job], worker: EpisodeWorker, on_progress: Listener) -> Iterator[EpisodeRow]:
    try:
        for job in jobs:
            yield worker.run(job, on_progress)
    except Interrupted:
        raise KeyboardInterrupt from None
    finally:
        worker.close()


class _Pool:
    """Worker processes, one pipe each: a pipe that ends is how each side learns that the other is gone."""

    def __init__(self, open_worker: OpenWorker, on_progress: Listener) -> None:
        self._open_worker = open_worker
        self._on_progress = on_progress
        self._context = multiprocessing.get_context("spawn")
        self._workers: dict[Connection, tuple[int, BaseProcess]] = {}
        self._busy: dict[Connection, Job] = {}

    def run(self, jobs: Sequence[Job], workers: int) -> Iterator[EpisodeRow]:
        left = list(reversed(jobs))
        try:
            for number in range(workers):
                self._start(number, left)
            while self._busy:
                for pipe in wait(list(self._busy)):
                    assert isinstance(pipe, Connection)
                    yield from self._hear(pipe, left)
        finally:
            self._stop()

    def _start(self, number: int, left: list[Job]) -> None:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_work, args=(there, self._open_worker, number), daemon=True)
        process.start()
        there.close()
        self._workers[here] = (number, process)
        self._give(here, left)

    def _give(self, pipe: Connection, left: list[Job]) -> None:
        if left:
            self._busy[pipe] = left.pop()
            pipe.send(self._busy[pipe])

    def _hear(self, pipe: Connection, left: list[Job]) -> Iterator[EpisodeRow]:
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            number, process = self._workers.pop(pipe)
            job = self._busy.pop(pipe)
            process.join(STOP_S)
            pipe.close()
            lost = f"the worker process died (exit code {process.exitcode})"
            yield self._open_worker().blank(job).model_copy(update={"outcome": "world_error", "error": lost})
            if left:
                self._start(number, left)
            return
        if isinstance(said, Progress):
            self._on_progress(said)
        elif isinstance(said, SetupError):
            raise said
        else:
            del self._busy[pipe]
            self._give(pipe, left)
            yield said

    def _stop(self) -> None:
        for pipe, (_, process) in self._workers.items():
            if pipe in self._busy:
                process.terminate()
            pipe.close()
        for _, process in self._workers.values():
            process.join(STOP_S)
            if process.is_alive():
                process.kill()
                process.join()


def _work(pipe: Connection, open_worker: OpenWorker, number: int) -> None:
    """A worker process: takes jobs until the pipe ends. Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    worker = open_worker()

    def send(message: Any) -> None:
        pipe.send(replace(message, worker=number) if isinstance(message, Progress) else message)

    try:
        while True:
            send(worker.run(pipe.recv(), send))
    except SetupError as error:
        send(error)
    except (EOFError, OSError):
        pass
    finally:
        worker.close()


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
