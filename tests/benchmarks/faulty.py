"""Episodes in which nothing is done but what the task's name says, by workers that begin quickly: for runs that are killed and go wrong."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from handeye.agent.setting import Event
from handeye.benchmarks.episodes import idle
from handeye.benchmarks.episodes.family import MARK
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.run import How, Plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.tools.errors import DeviceError

SINK = 3
"""The file descriptor on which a worker process speaks to the one who started it."""
SURROGATE = "half a pair: \ud83d"


class Worker(idle.Worker):
    """Runs an episode; what happens in it is in the task's name."""

    def __init__(self, configuration: idle.Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        self._helper: subprocess.Popen[bytes] | None = None

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Be quick, slow or broken."""
        kind = job.task.partition("-")[0]
        if kind != "plain" and self._helper is None:
            # What a browser is to a real worker: a process of its own session that must not outlive it.
            self._helper = subprocess.Popen(["sleep", "600"], start_new_session=True)
        if kind in ("tells", "hangs"):
            listen(Event("thinking", 0, f"{kind} now"))
        if (act := getattr(self, f"_{kind}", None)) is not None:
            act(job)
        values: dict[str, Any] = {"goal": self._reply(job)} if kind == "asks" else {}
        values |= {"nan": {"raw": float("nan")}, "surrogate": {"goal": SURROGATE}}.get(kind, {})
        return row.model_copy(update={"outcome": "reached", "raw": float(job.seed % 3 != 0), "done": True, **values})

    def drop_world(self) -> None:
        """End the helper."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
            self._helper = None

    def _reply(self, job: Job) -> str:
        """What the model says to a picture of the job's own grey."""
        import numpy as np

        from handeye.agent.messages import Message, Picture
        from handeye.agent.models.base import Sampling

        picture = Picture(np.full((56, 84, 3), 40 * job.seed, dtype=np.uint8))
        asked = [Message("user", (picture, f"Click number {job.seed}."))]
        return self.model().generate(asked, Sampling(max_new_tokens=12, temperature=0.0)).text

    def _slow(self, job: Job) -> None:
        threading.Event().wait(0.05)

    def _dies_once(self, job: Job) -> None:
        if job.attempt == 0:
            os._exit(7)

    def _hangs(self, job: Job) -> None:
        while not (self.out / "go_on").exists():
            threading.Event().wait(0.02)

    def _broken(self, job: Job) -> None:
        if not (self.out / "mended").exists():
            raise DeviceError("no server answers")

    def _nonsense(self, job: Job) -> None:
        os.write(SINK, b"\xff\xfe no JSON\n")
        threading.Event().wait()

    def _stranger(self, job: Job) -> None:
        os.write(SINK, b'{"row": {"task": "another", "kind": "", "index": 0, "seed": 0}}\n')
        threading.Event().wait()

    def _floods(self, job: Job) -> None:
        for stream in (1, 2):
            for _ in range(200):
                os.write(stream, b"\xe4" * 10_000 + b"\n")

    def _floods_and_dies(self, job: Job) -> None:
        self._floods(job)
        os.write(2, b"out of luck\n")
        os._exit(9)


class DiesAtImport(Worker):
    """Cannot be made in a worker process."""

    def __init__(self, configuration: idle.Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        if MARK in os.environ:
            raise RuntimeError("libnothing.so.6 is missing")


class KilledOnceAtStart(Worker):
    """The first process is killed before it has begun, as for want of memory."""

    def __init__(self, configuration: idle.Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        if MARK in os.environ and not (out / "killed").exists():
            (out / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)


def plan(tasks: Sequence[str], out: Path, how: How, kind: type[Worker] = Worker, model: str = "none") -> Plan:
    """A run of these tasks, each with its place as the seed."""
    configuration = idle.Configuration(model=model)
    return Plan(
        configuration=configuration,
        jobs=[Job(task, 0, seed) for seed, task in enumerate(tasks)],
        spec=spec_of(kind, configuration, out),
        count=partial(idle.count, configuration),
        wording=Wording("Faulty", "Without a device.", "faulty"),
        how=how,
    )


def main() -> None:
    """Run tasks into the folder that is the first argument, with as many workers as the second: either their common name and how many,
    or each by its name. `HANDEYE_TEST_BYTES`: as large as a file may become; `HANDEYE_TEST_MODEL`: which model;
    `HANDEYE_TEST_RAY`: on Ray, if it is there."""
    from rich.console import Console

    from handeye.benchmarks.episodes.run import run_plan

    out, workers, tasks = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if most := os.environ.get("HANDEYE_TEST_BYTES"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    if tasks[-1].isdigit():
        tasks = [f"{tasks[0]}-{number}" for number in range(int(tasks[-1]))]
    how = How(workers=workers, deadline_s=60.0 if workers > 1 else 0.0, ray=os.environ.get("HANDEYE_TEST_RAY"))
    run_plan(plan(tasks, out, how, model=os.environ.get("HANDEYE_TEST_MODEL", "none")), out, Console(quiet=True))
