"""Prompts prepared ahead, in threads, in order: pictures are read, decoded and resized while the model is busy with earlier ones."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from handeye.benchmarks.samples.question import Asked, Question
from handeye.tools.errors import HandeyeError

MAX_BYTES = 512 * 2**20
"""Of pictures that wait: eight of ScreenSpot-Pro's largest (6016x3384), two hundred of 1280x720."""

DEPTH = 8
"""Prompts ahead for each thread, where the model asks for no more at a time. Questions about one picture stand together, about two in
ScreenSpot: so far a thread must see to find another picture than the one under way."""


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


@dataclass(eq=False)
class _Place:
    """Where a task's prompt will stand in the order."""

    task: Task
    picture: str
    prepared: Prepared | None = None


class Ahead:
    """Prepares `tasks` in threads. At most `depth` are under way or waiting, with at most `max_bytes` of pictures (one may have more).

    A thread rather begins with another picture than with one that is being decoded already, for which it could only wait; prompts are
    given in the tasks' order all the same.
    """

    def __init__(self, tasks: Sequence[Task], threads: int, depth: int, max_bytes: int = MAX_BYTES) -> None:
        """`threads` and `depth` are at least 1."""
        self._left = deque(tasks)
        self._depth, self._max_bytes = depth, max_bytes
        self._change = threading.Condition()
        self._places: deque[_Place] = deque()
        """The next tasks, in order."""
        self._open: deque[_Place] = deque()
        """Those of them that were not begun."""
        self._busy = Counter[str]()
        """Names of the pictures under way."""
        self._waiting_bytes = self._largest = self._under_way = 0
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"prepare-{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def take(self) -> Prepared | None:
        """The next one, in order, waiting for it if need be; None after the last, and after `close`. Threads may share this."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._drained() or (self._places and self._places[0].prepared))
            prepared = self._places[0].prepared if self._places else None
            if self._closed or prepared is None:
                return None
            self._places.popleft()
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

    def _drained(self) -> bool:
        return not (self._places or self._left)

    def _next(self) -> _Place | None:
        """What may be begun now."""
        while self._left and len(self._places) < self._depth:
            task = self._left.popleft()
            place = _Place(task, task.question.image_name)
            self._places.append(place)
            self._open.append(place)
        if not self._open:
            return None
        if self._waiting_bytes + (self._under_way + 1) * self._largest > self._max_bytes:
            # The first in order may always be begun, or nothing would ever be taken.
            return self._open[0] if self._open[0] is self._places[0] else None
        return next((place for place in self._open if not self._busy[place.picture]), self._open[0])

    def _work(self) -> None:
        while True:
            with self._change:
                place = None
                while not self._closed and (self._open or self._left) and (place := self._next()) is None:
                    self._change.wait()
                if self._closed or place is None:
                    return
                self._open.remove(place)
                self._busy[place.picture] += 1
                self._under_way += 1
            prepared = prepare(place.task)
            with self._change:
                place.prepared = prepared
                self._busy[place.picture] -= 1
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
