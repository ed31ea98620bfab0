"""Worker processes on this machine: each runs one episode after the other, and is ended with all that it started when it takes too long."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

from handeye.benchmarks.episodes.family import MARK, end_family, mark_of
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress
from handeye.benchmarks.episodes.spec import WorkerSpec
from handeye.benchmarks.episodes.worker import Listener
from handeye.tools.errors import SetupError

STOP_S = 12.0
"""How long a worker may take to close its world before it is killed."""
SAID = 2_000
"""Characters of a dead worker's last words that are told."""


@dataclass(frozen=True)
class Ended:
    """An episode that is over: its row, or why there is none."""

    job: Job
    row: EpisodeRow | None = None
    lost: str = ""
    """What became of the worker."""
    late: bool = False
    """It was ended at its deadline."""
    seconds: float = 0.0


class Crew(Protocol):
    """Workers somewhere."""

    def run(self, left: deque[Job]) -> Iterator[Ended]:
        """Run jobs from the left end of `left` until none is left and none under way; more may be put in meanwhile.

        Raises `SetupError` when a piece is missing where the workers run. Close the iterator to stop early.
        """


class Member:
    """One worker process."""

    def __init__(self, spec: WorkerSpec, number: int, events: queue.SimpleQueue[tuple[Member, str]]) -> None:
        """Start it. What it says goes to `events`, an empty text when it has ended."""
        self.number = number
        self.job: Job | None = None
        self.since = 0.0
        self.ready = False
        self._mark = mark_of(Path(spec.out), number)
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "handeye.benchmarks.episodes.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, start_new_session=True,
            env={**os.environ, MARK: self._mark},
        )  # fmt: skip
        self._send(spec.model_copy(update={"number": number}).model_dump(mode="json"))
        assert self._process.stdout is not None
        threading.Thread(target=self._listen, args=(self._process.stdout, events), daemon=True).start()

    def give(self, job: Job) -> None:
        """Have it run an episode."""
        self.job, self.since = job, time.monotonic()
        self._send(asdict(job))

    def end(self, patience_s: float = STOP_S) -> str:
        """Ask it to end, for so long, then kill it and all that it started. Gives how it ended, in words. May be called again."""
        process = self._process
        if process.stdin is not None and not process.stdin.closed:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        end_family(self._mark)
        return self._obituary()

    def _obituary(self) -> str:
        if self._words.closed:
            return ""
        length = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, length - SAID))
        words = self._words.read().decode("utf-8", "replace").strip()
        self._words.close()
        last = words.splitlines()[-1] if words else "it said nothing"
        return f"the worker process died (exit code {self._process.returncode}): {last}"

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # of one that is dead, which its output's end tells
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, stream: IO[bytes], events: queue.SimpleQueue[tuple[Member, str]]) -> None:
        for line in stream:
            if line.endswith(b"\n"):
                events.put((self, line.decode("utf-8", "replace")))
        events.put((self, ""))


class LocalCrew:
    """Processes on this machine. See `Crew`."""

    def __init__(self, spec: WorkerSpec, workers: int, deadline_s: float, listen: Listener, first: int = 0) -> None:
        """`deadline_s`: when an episode is ended; 0 for never. `first`: the first worker's number; no two of a run share one."""
        self._spec, self._deadline_s, self._listen = spec, deadline_s, listen
        self._numbers = range(first, first + workers)
        self._events: queue.SimpleQueue[tuple[Member, str]] = queue.SimpleQueue()
        self._members: dict[int, Member] = {}

    def run(self, left: deque[Job]) -> Iterator[Ended]:
        """See `Crew`."""
        try:
            self._fill(left)
            while any(member.job for member in self._members.values()):
                ended = self._next()
                if ended is not None:
                    yield ended
                    self._fill(left)
        finally:
            self.close()

    def one(self, job: Job) -> Ended:
        """Run one episode and keep the worker for the next. Raises `SetupError`."""
        self._fill(deque([job]))
        while True:
            if (ended := self._next()) is not None:
                return ended

    def _fill(self, left: deque[Job]) -> None:
        for member in self._members.values():
            if left and member.job is None:
                member.give(left.popleft())
        for number in self._numbers:
            if left and number not in self._members:
                self._members[number] = Member(self._spec, number, self._events)
                self._members[number].give(left.popleft())

    def _next(self) -> Ended | None:
        busy = [member for member in self._members.values() if member.job is not None]
        for member in busy:
            if self._left_s(member) <= 0:
                return self._too_late(member)
        try:
            member, line = self._events.get(timeout=min(map(self._left_s, busy)))
        except queue.Empty:
            return None
        return self._heard(member, line)

    def _left_s(self, member: Member) -> float:
        return member.since + self._deadline_s - time.monotonic() if self._deadline_s else threading.TIMEOUT_MAX

    def _too_late(self, member: Member) -> Ended:
        assert member.job is not None
        del self._members[member.number]
        member.end(patience_s=0.0)
        return Ended(member.job, late=True, seconds=time.monotonic() - member.since)

    def _heard(self, member: Member, line: str) -> Ended | None:
        if self._members.get(member.number) is not member:
            return None  # one that was ended already
        if not line:
            return self._dead(member)
        said = json.loads(line)
        if "ready" in said:
            member.ready = True
            # What it took to start is not the episode's.
            member.since = time.monotonic()
        elif "setup" in said:
            raise SetupError(said["setup"], fix=said["fix"])
        elif "progress" in said and member.job is not None:
            self._listen(replace(Progress(member.job, **said["progress"]), worker=member.number))
        elif "row" in said and member.job is not None:
            job, member.job = member.job, None
            return Ended(job, EpisodeRow.model_validate(said["row"]), seconds=time.monotonic() - member.since)
        return None

    def _dead(self, member: Member) -> Ended | None:
        del self._members[member.number]
        lost = member.end()
        if not member.ready:
            raise SetupError(f"A worker could not begin: {lost}", fix="run the same with --workers 1 to see where it fails")
        return None if member.job is None else Ended(member.job, lost=lost, seconds=time.monotonic() - member.since)

    def close(self) -> None:
        """End the workers, with all that they started."""
        members, self._members = list(self._members.values()), {}
        enders = [threading.Thread(target=member.end) for member in members]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()
