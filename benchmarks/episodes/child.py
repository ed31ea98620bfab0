"""A worker process: takes episodes as lines of JSON on standard input, says how they go (`said`) on standard output.

Started by `crew`. What anything here prints goes to standard error. When its input ends it closes its world and ends; when that takes
too long it is ended with all that it started.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from types import FrameType
from typing import TextIO

from handeye.benchmarks.episodes.rows import Job, Progress
from handeye.benchmarks.episodes.said import Said, Step
from handeye.benchmarks.episodes.spec import WorkerSpec
from handeye.tools.errors import SetupError

CLOSE_S = 10.0
"""How long closing the world may take."""


class Child:
    """One worker and its two streams."""

    def __init__(self, source: TextIO, sink: TextIO) -> None:
        self._source, self._sink = source, sink
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def serve(self) -> None:
        """Open the worker that the first line names, and run episodes until the input ends, which `SystemExit` tells."""
        spec = WorkerSpec.model_validate_json(self._source.readline())
        threading.Thread(target=self._read, daemon=True).start()
        worker = spec.open()
        try:
            self._say(Said(ready=True))
            while True:
                job = self._jobs.get()
                self._say(Said(row=worker.run(job, self._progress)))
        except SetupError as error:
            self._say(Said(setup=str(error.args[0] if error.args else error), fix=error.fix))
        finally:
            # A SIGTERM that comes right here still leads to the closing, and to no second one.
            try:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            finally:
                worker.close()

    def _progress(self, progress: Progress) -> None:
        self._say(Said(step=Step(step=progress.step, text=progress.text, tokens=progress.tokens, cost=progress.cost)))

    def _say(self, said: Said) -> None:
        self._sink.write(said.model_dump_json(exclude_defaults=True) + "\n")
        self._sink.flush()

    def _read(self) -> None:
        for line in self._source:
            self._jobs.put(Job(**json.loads(line)))
        # The one who started us has closed the stream, or is gone: an episode that is under way is not wanted any more.
        closing = threading.Timer(CLOSE_S, _give_up)
        closing.daemon = True
        closing.start()
        os.kill(os.getpid(), signal.SIGTERM)


def _give_up() -> None:
    _end_all()
    os._exit(1)


def _end_all() -> None:
    from handeye.benchmarks.episodes.family import MARK, end_family

    if mark := os.environ.get(MARK):
        end_family(mark)


def _leave(signum: int, frame: FrameType | None) -> None:
    # What closes the world is not to be cut off by a second one.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def main() -> None:
    """Serve on the streams that this process was started with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    parent = os.getppid()
    # Programs that are started here must neither read our lines nor write among them.
    sink = os.fdopen(os.dup(1), "w", encoding="utf-8")
    source = os.fdopen(os.dup(0), "r", encoding="utf-8")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout = sys.stderr
    try:
        Child(source, sink).serve()
    finally:
        if os.getppid() != parent:
            # Nobody is left who would look for what was not closed.
            _end_all()


if __name__ == "__main__":
    main()
