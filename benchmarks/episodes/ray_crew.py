"""Workers on Ray, on one machine or a cluster: each actor keeps one worker process, as the run on one machine does.

Every node needs handeye with the benchmark's extras, and must see the folder of the results under the same path. Local weights are
loaded once, by an actor of their own; the workers reach it over the cluster's network. A cluster of yours should be started with
`RAY_kill_child_processes_on_worker_exit=0`: else a worker whose actor dies cannot close its browser, which then runs on until an actor
of the same run and number starts on that node.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from handeye.agent.install_commands import install_command
from handeye.benchmarks.episodes.crew import Ended, LocalCrew
from handeye.benchmarks.episodes.family import MARK, end_family, mark_of
from handeye.benchmarks.episodes.model_host import ModelHost, is_heavy
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress
from handeye.benchmarks.episodes.spec import WorkerSpec
from handeye.benchmarks.episodes.worker import Listener
from handeye.tools.errors import SetupError

LOOK_S = 0.5
"""How often the actors are asked how far they are."""
END_S = 15.0
STORE_BYTES = 100_000_000
"""Ray's object store on one machine: nothing large goes through it."""


class EpisodeActor:
    """One worker, on whatever node."""

    def __init__(self, spec: dict[str, Any], deadline_s: float, number: int) -> None:
        self._progress: dict[str, Any] = {}
        told = WorkerSpec.model_validate(spec)
        # What an actor of this number that was killed has left on this node would take this one's ports.
        end_family(mark_of(Path(told.out), number))
        self._crew = LocalCrew(told, 1, deadline_s, self._hear, number)

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """The episode's end, as JSON values."""
        try:
            ended = self._crew.one(Job(**job))
        except SetupError as error:
            return {"setup": str(error.args[0] if error.args else error), "fix": error.fix}
        row = None if ended.row is None else ended.row.model_dump(mode="json", exclude_defaults=True)
        return {"row": row, "lost": ended.lost, "late": ended.late, "seconds": ended.seconds}

    def progress(self) -> dict[str, Any]:
        """How far the episode is."""
        return self._progress

    def close(self) -> None:
        """End the worker."""
        self._crew.close()

    def _hear(self, progress: Progress) -> None:
        self._progress = asdict(progress) | {"job": asdict(progress.job)}


class ModelActor:
    """Holds a model in a process on its node."""

    def __init__(self, model: str) -> None:
        import ray

        self._host = ModelHost(model, ray.util.get_node_ip_address())
        self._host.__enter__()

    def address(self) -> str:
        """Where workers reach it."""
        return self._host.address

    def close(self) -> None:
        """End it."""
        self._host.__exit__(None, None, None)


class RayCrew:
    """See `Crew`."""

    def __init__(self, spec: WorkerSpec, workers: int, deadline_s: float, listen: Listener, address: str, model: str) -> None:
        """`address` of the cluster; empty: one is started on this machine and ended with the run. Raises `SetupError` without Ray."""
        try:
            import ray
        except ImportError as error:
            raise SetupError("Ray is not installed.", fix=install_command("ray")) from error
        self._ray: Any = ray
        self._spec, self._workers, self._deadline_s, self._listen, self._address = spec, workers, deadline_s, listen, address
        self._model = model if is_heavy(model) else ""
        self._actors: dict[int, Any] = {}
        self._asked: dict[Any, tuple[int, Job]] = {}

    def run(self, left: deque[Job]) -> Iterator[Ended]:
        """See `Crew`."""
        host: Any = None
        try:
            self._connect()
            if self._model:
                host = self._ray.remote(num_cpus=0, num_gpus=self._gpus())(ModelActor).remote(self._model)
                self._spec = self._spec.model_copy(update={"model_at": self._ray.get(host.address.remote())})
            self._fill(left)
            while self._asked:
                yield from self._hear()
                self._fill(left)
        finally:
            closing = [actor.close.remote() for actor in [*self._actors.values(), *([host] if host else [])]]
            self._ray.wait(closing, num_returns=len(closing), timeout=END_S) if closing else None
            self._ray.shutdown()

    def _connect(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # Else Ray takes a GPU away from actors that ask for none, and from the model's child with them.
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        # Else Ray kills the worker processes of an actor that dies, and they cannot close their browsers.
        os.environ.setdefault("RAY_kill_child_processes_on_worker_exit", "0")
        # Some of what Ray starts outlives a killed run; by its mark the next run in the folder ends it.
        os.environ[MARK] = mark_of(Path(self._spec.out)) + "ray/"
        own = {} if self._address else {"num_cpus": self._workers, "object_store_memory": STORE_BYTES, "include_dashboard": False}
        try:
            self._ray.init(address=self._address or "local", log_to_driver=False, logging_level="ERROR", **own)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = self._address or "this machine"
            raise SetupError(
                f"Ray on {where} cannot be reached ({error}).", fix="name the address that `ray start --head` printed"
            ) from error
        finally:
            del os.environ[MARK]
        there = int(self._ray.cluster_resources().get("CPU", 0))
        if there < self._workers:
            # Actors beyond that would wait for ever, each with an episode.
            raise SetupError(f"The Ray cluster has {there} processors, too few for {self._workers} workers.", fix=f"say --workers {there}")

    def _gpus(self) -> int:
        return 1 if self._ray.cluster_resources().get("GPU", 0) >= 1 else 0

    def _fill(self, left: deque[Job]) -> None:
        busy = {number for number, _ in self._asked.values()}
        for number in range(self._workers):
            if left and number not in busy:
                if number not in self._actors:
                    kind = self._ray.remote(num_cpus=1, max_concurrency=3)(EpisodeActor)
                    self._actors[number] = kind.remote(self._spec.model_dump(mode="json"), self._deadline_s, number)
                job = left.popleft()
                self._asked[self._actors[number].run.remote(asdict(job))] = (number, job)

    def _hear(self) -> Iterator[Ended]:
        done, _ = self._ray.wait(list(self._asked), timeout=LOOK_S)
        if not done:
            self._look()
        for one in done:
            number, job = self._asked.pop(one)
            try:
                said = self._ray.get(one)
            except self._ray.exceptions.RayError as error:
                del self._actors[number]
                yield Ended(job, lost=f"the Ray actor died ({type(error).__name__})")
                continue
            if "setup" in said:
                raise SetupError(said["setup"], fix=said["fix"])
            row = None if said["row"] is None else EpisodeRow.model_validate(said["row"])
            yield Ended(job, row, said["lost"], said["late"], said["seconds"])

    def _look(self) -> None:
        asked = {actor.progress.remote(): number for number, actor in self._actors.items()}
        done, _ = self._ray.wait(list(asked), num_returns=len(asked), timeout=LOOK_S)
        for one in done:
            try:
                told = self._ray.get(one)
            except self._ray.exceptions.RayError:
                continue  # of an actor that died, which its episode's end tells
            if told:
                self._listen(replace(Progress(**told | {"job": Job(**told["job"])}), worker=asked[one]))
