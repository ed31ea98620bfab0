"""Prompts prepared ahead, in threads, in order: pictures are read, decoded and resized while the model is busy with earlier ones."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from handeye.benchmarks.samples.question import Asked, Question
from handeye.tools.errors import HandeyeError

MAX_BYTES = 512 * 2**20
"""Of pictures that wait: eight of ScreenSpot-Pro's largest (6016x3384), two hundred of 1280x720."""


@dataclass(frozen=True, eq=False)
class Task:
    """A question that is to be asked."""

    question: Question
    repeat: int
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """That of its row."""
        return self.question.id, self.repeat


@dataclass(frozen=True, eq=False)
class Prepared:
    """A task that can be put to the model, or why it cannot."""

    task: Task
    asked: Asked | None
    error: str
    """Empty when there is something to ask."""
    prepare_s: float

    @property
    def bytes(self) -> int:
        """Of its pictures and videos."""
        if self.asked is None:
            return 0
        messages = self.asked.messages
        pictures = sum(picture.pixels.nbytes for message in messages for picture in message.pictures)
        return pictures + sum(video.frames.nbytes for message in messages for video in message.videos)


class Ahead:
    """Prepares `tasks` in threads. At most `depth` are under way or waiting, with at most `max_bytes` of pictures (one may have more)."""

    def __init__(self, tasks: Sequence[Task], threads: int, depth: int, max_bytes: int = MAX_BYTES) -> None:
        """`threads` and `depth` are at least 1."""
        self._left = deque(tasks)
        self._depth, self._max_bytes = depth, max_bytes
        self._change = threading.Condition()
        self._places: deque[list[Prepared]] = deque()
        """What was begun, in order, each place empty until it is prepared."""
        self._waiting_bytes = self._largest = self._under_way = 0
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"prepare-{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def take(self) -> Prepared | None:
        """The next one, in order, waiting for it if need be; None after the last, and after `close`. Threads may share this."""
        with self._change:
            self._change.wait_for(lambda: self._closed or (self._places and self._places[0]) or not (self._places or self._left))
            if self._closed or not self._places:
                return None
            (prepared,) = self._places.popleft()
            self._waiting_bytes -= prepared.bytes
            self._change.notify_all()
            return prepared

    def close(self) -> None:
        """Give up what was not taken, and wait for the threads. A second call does nothing."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def _may_begin(self) -> bool:
        if not self._places:
            return True
        expected = self._waiting_bytes + (self._under_way + 1) * self._largest
        return len(self._places) < self._depth and expected <= self._max_bytes

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or not self._left or self._may_begin())
                if self._closed or not self._left:
                    return
                task, place = self._left.popleft(), list[Prepared]()
                self._places.append(place)
                self._under_way += 1
            prepared = prepare(task)
            with self._change:
                place.append(prepared)
                self._under_way -= 1
                self._waiting_bytes += prepared.bytes
                self._largest = max(self._largest, prepared.bytes)
                self._change.notify_all()


def prepare(task: Task) -> Prepared:
    """Prepare a task. Never raises: what goes wrong with one picture is the affair of its row."""
    began = time.perf_counter()
    asked, error = None, ""
    try:
        asked = task.question.prepare()
    except Exception as failure:  # noqa: BLE001 - the edge at which a failure becomes a row
        error = in_words(failure)
    return Prepared(task, asked, error, time.perf_counter() - began)


def in_words(error: Exception) -> str:
    """An error as a row tells it, never empty: handeye's own say all in their message, others begin with their kind."""
    own = str(error) if isinstance(error, HandeyeError) else ""
    return own or f"{type(error).__name__}: {error}"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
