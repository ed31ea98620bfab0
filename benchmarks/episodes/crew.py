"""Worker processes on this machine: each runs one episode after the other, and is ended with all that it started when it takes too long."""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from pydantic import ValidationError

from handeye.benchmarks.episodes.family import MARK, end_family, mark_of
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress
from handeye.benchmarks.episodes.said import Said
from handeye.benchmarks.episodes.spec import WorkerSpec
from handeye.benchmarks.episodes.worker import Listener
from handeye.tools.errors import SetupError

STOP_S = 12.0
"""How long a worker may take to close its world before it is killed."""
START_S = 300.0
"""How long a worker may take to begin."""
LOOK_S = 1.0
"""How often deadlines are looked at when nothing is heard."""
PAUSED_S = 5.0
"""When this process did not get to look for so long, it was stopped (Ctrl-Z, a laptop's lid): that time is nobody's."""
SAID = 2_000
"""Bytes of a dead worker's last words that are kept."""
LONGEST_LINE = 16 << 20
"""Bytes of one line; a row has some hundreds."""
CHILD_ENVIRONMENT = {"NODE_OPTIONS": "--max-semi-space-size=1"}
"""What a worker's environment has beside ours. Playwright's driver takes 12 MB less with a small young generation (measured)."""


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

    def __init__(self, spec: WorkerSpec, number: int, events: queue.SimpleQueue[tuple[Member, bytes]]) -> None:
        """Start it. What it says goes to `events`, nothing at all when it has ended. Raises `SetupError` when it cannot be started."""
        self.number = number
        self.job: Job | None = None
        self.since = time.monotonic()
        self.ready = False
        self._mark = mark_of(Path(spec.out), number)
        self._words = b""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "handeye.benchmarks.episodes.child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                env={**CHILD_ENVIRONMENT, **os.environ, MARK: self._mark},
            )  # fmt: skip
        except OSError as error:
            raise SetupError(f"A worker process cannot be started ({error}).", fix="use fewer --workers") from error
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._hearer = threading.Thread(target=self._keep_words, args=(self._process.stderr,), daemon=True)
        self._hearer.start()
        threading.Thread(target=self._listen, args=(self._process.stdout, events), daemon=True).start()
        self._send(spec.model_copy(update={"number": number}).model_dump(mode="json"))

    @property
    def failed(self) -> bool:
        """It has ended by itself."""
        return (self._process.poll() or 0) >= 0

    def give(self, job: Job) -> None:
        """Have it run an episode."""
        self.job, self.since = job, time.monotonic()
        self._send(asdict(job))

    def end(self, patience_s: float = STOP_S) -> str:
        """Ask it to end, for so long, then kill it and all that it started. Gives its last words. May be called again."""
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
        self._hearer.join(1.0)
        words = self._words.decode("utf-8", "replace").strip()
        return words.splitlines()[-1] if words else "it said nothing"

    def obituary(self) -> str:
        """How it ended by itself, in words."""
        last, code = self.end(), self._process.returncode
        return f"the worker process died ({_signal_name(-code) if code < 0 else f'exit code {code}'}): {last}"

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # of one that is dead, which its output's end tells
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, stream: IO[bytes], events: queue.SimpleQueue[tuple[Member, bytes]]) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                if line.endswith(b"\n") or len(line) == LONGEST_LINE:
                    events.put((self, line))
        events.put((self, b""))

    def _keep_words(self, stream: IO[bytes]) -> None:
        with stream:
            for line in iter(lambda: stream.readline(SAID), b""):
                self._words = (self._words + line)[-SAID:]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class LocalCrew:
    """Processes on this machine. See `Crew`."""

    def __init__(self, spec: WorkerSpec, workers: int, deadline_s: float, listen: Listener, first: int = 0) -> None:
        """`deadline_s`: when an episode is ended; 0 for never. `first`: the first worker's number; no two of a run share one."""
        self._spec, self._deadline_s, self._listen = spec, deadline_s, listen
        self._numbers = range(first, first + workers)
        self._events: queue.SimpleQueue[tuple[Member, bytes]] = queue.SimpleQueue()
        self._members: dict[int, Member] = {}
        self._looked = time.monotonic()
        self._begun = False
        """Whether a worker ever began: one that dies before it does is then no proof that none can."""

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
        self._excuse(busy)
        # First what was said: a row that waits here was in time, however late it is read.
        try:
            member, line = self._events.get_nowait()
        except queue.Empty:
            for member in busy:
                if self._left_s(member) <= 0:
                    return self._too_late(member)
            try:
                member, line = self._events.get(timeout=max(0.0, min([LOOK_S, *map(self._left_s, busy)])))
            except queue.Empty:
                return None
        return self._heard(member, line)

    def _excuse(self, busy: Sequence[Member]) -> None:
        now = time.monotonic()
        unseen, self._looked = now - self._looked, now
        if unseen > PAUSED_S:
            for member in busy:
                member.since = min(now, member.since + unseen)

    def _left_s(self, member: Member) -> float:
        limit_s = self._deadline_s if member.ready else START_S
        return member.since + limit_s - time.monotonic() if limit_s else math.inf

    def _too_late(self, member: Member) -> Ended | None:
        if not member.ready:
            return self._broken(member, f"the worker process had not begun after {START_S:g} s")
        assert member.job is not None
        del self._members[member.number]
        member.end(patience_s=0.0)
        return Ended(member.job, late=True, seconds=time.monotonic() - member.since)

    def _heard(self, member: Member, line: bytes) -> Ended | None:
        if self._members.get(member.number) is not member:
            return None  # one that was ended already
        if not line:
            return self._dead(member)
        try:
            said = Said.model_validate_json(line)
        except ValidationError:
            return self._broken(member, f"the worker process said what no worker says: {line[:80]!r}")
        if said.setup:
            raise SetupError(said.setup, fix=said.fix)
        if said.ready:
            self._begun = member.ready = True
            # What it took to start is not the episode's.
            member.since = time.monotonic()
        elif said.step is not None and member.job is not None:
            step = said.step
            self._listen(Progress(member.job, step.step, step.text, member.number, step.tokens, step.cost))
        elif said.row is not None:
            return self._done(member, said.row)
        return None

    def _done(self, member: Member, row: EpisodeRow) -> Ended | None:
        job = member.job
        if job is None or (row.key, row.attempt) != (job.key, job.attempt):
            return self._broken(member, f"the worker process gave a row that it was not asked for ({row.task}, {row.index})")
        member.job = None
        return Ended(job, row, seconds=time.monotonic() - member.since)

    def _broken(self, member: Member, why: str) -> Ended | None:
        del self._members[member.number]
        last = member.end(patience_s=0.0)
        seconds = time.monotonic() - member.since
        return None if member.job is None else Ended(member.job, lost=f"{why}. Its last words: {last}", seconds=seconds)

    def _dead(self, member: Member) -> Ended | None:
        del self._members[member.number]
        lost = member.obituary()
        if not (member.ready or self._begun) and member.failed:
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
