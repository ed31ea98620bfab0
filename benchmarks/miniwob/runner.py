"""Runs episodes, in this process or in several, and hands over each row the moment it is there."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

from handeye.benchmarks.miniwob.episode import Interrupted, Job, Progress, Worker
from handeye.benchmarks.miniwob.results import Configuration, EpisodeRow
from handeye.benchmarks.miniwob.tasks import find_task
from handeye.tools.errors import SetupError

STOP_S = 10.0
"""How long a worker may take to close its browser before it is killed."""

Listener = Callable[[Progress], None]


def run_jobs(
    jobs: Sequence[Job], configuration: Configuration, out: Path, workers: int = 1, on_progress: Listener = lambda progress: None
) -> Iterator[EpisodeRow]:
    """Run the jobs and give their rows as they end, in any order.

    Each worker keeps one browser and one model. With one worker all happens in this process. Raises `SetupError` when a piece is
    missing on this machine; Ctrl-C ends the workers and is raised on. Close the iterator to stop early.
    """
    workers = max(1, min(workers, len(jobs)))
    return (
        _in_this_process(jobs, configuration, out, on_progress)
        if workers == 1
        else _Pool(configuration, out, on_progress).run(jobs, workers)
    )


def _in_this_process(jobs: Sequence[Job], configuration: Configuration, out: Path, on_progress: Listener) -> Iterator[EpisodeRow]:
    worker = Worker(configuration, out)
    try:
        for job in jobs:
            yield worker.run(job, on_progress)
    except Interrupted:
        raise KeyboardInterrupt from None
    finally:
        worker.close()


class _Pool:
    """Worker processes, one pipe each: a pipe that ends is how each side learns that the other is gone."""

    def __init__(self, configuration: Configuration, out: Path, on_progress: Listener) -> None:
        self._configuration = configuration
        self._out = out
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
        process = self._context.Process(target=_work, args=(there, self._configuration, self._out, number), daemon=True)
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
            yield EpisodeRow(
                task=job.task,
                kind=find_task(job.task).kind,
                index=job.index,
                seed=job.seed,
                outcome="world_error",
                error=f"the worker process died (exit code {process.exitcode})",
                run=job.folder,
            )
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


def _work(pipe: Connection, configuration: Configuration, out: Path, number: int) -> None:
    """A worker process: takes jobs until the pipe ends. Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    worker = Worker(configuration, out)

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
