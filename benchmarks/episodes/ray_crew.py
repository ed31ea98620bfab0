"""Workers on Ray, on one machine or a cluster: actors keep worker processes, as the run on one machine does.

On a cluster that is there already each worker has an actor and a processor of its own, so that Ray places them. On one machine a single
actor keeps them all: another process of Ray's for each worker would only take the time of those that work.

Every node needs handeye with the benchmark's extras, and must see the folder of the results under the same path. Local weights are
loaded once, by an actor of their own; the workers reach it over the cluster's network. A cluster of yours should be started with
`RAY_kill_child_processes_on_worker_exit=0`: else a worker whose actor dies cannot close its browser, which then runs on until an actor
of the same run and number starts on that node. A cluster that asks for a token (which Ray only logs) wants `RAY_AUTH_MODE=token` here.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict
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
REACH_S = 10.0
"""How long a cluster's port may take to be opened. Ray itself tries for minutes, and says nothing meanwhile but lines of its log."""
_FIX = "name the address that `ray start --head` printed; where it asks for a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
STORE_BYTES = 100_000_000
"""Ray's object store on one machine: nothing large goes through it."""


def _reach(address: str) -> None:
    """Whether anything listens at the `HOST:PORT` of a cluster; other addresses (`auto`, `ray://...`) are Ray's own to try."""
    match = re.fullmatch(r"\[?([^/\[\]]+?)\]?:([0-9]{1,5})", address)
    if match is None:
        return
    try:
        socket.create_connection((match[1], int(match[2])), timeout=REACH_S).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise SetupError(f"Ray on {address} cannot be reached ({error}).", fix=_FIX) from error


class EpisodeActor:
    """Workers of these numbers, on whatever node."""

    def __init__(self, spec: dict[str, Any], deadline_s: float, numbers: Sequence[int]) -> None:
        self._progress: dict[int, dict[str, Any]] = {}
        told = WorkerSpec.model_validate(spec)
        # What an actor of these numbers that was killed has left on this node would take this one's ports.
        for number in numbers:
            end_family(mark_of(Path(told.out), number))
        self._crews = {number: LocalCrew(told, 1, deadline_s, self._hear, number) for number in numbers}

    def run(self, number: int, job: dict[str, Any]) -> dict[str, Any]:
        """How the episode ended that worker `number` ran, as JSON values."""
        try:
            ended = self._crews[number].one(Job(**job))
        except SetupError as error:
            return {"setup": str(error.args[0] if error.args else error), "fix": error.fix}
        row = None if ended.row is None else ended.row.model_dump(mode="json", exclude_defaults=True)
        return {"row": row, "lost": ended.lost, "late": ended.late, "seconds": ended.seconds}

    def progress(self) -> list[dict[str, Any]]:
        """How far the episodes are."""
        return list(self._progress.values())

    def close(self) -> None:
        """End the workers."""
        closing = [threading.Thread(target=crew.close) for crew in self._crews.values()]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

    def _hear(self, progress: Progress) -> None:
        self._progress[progress.worker] = asdict(progress)


class ModelActor:
    """Holds a model in a process on its node."""

    def __init__(self, model: str, callers: int) -> None:
        import ray

        self._host = ModelHost(model, ray.util.get_node_ip_address(), callers)
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
        each = 1 if address else workers
        self._teams = [range(first, min(first + each, workers)) for first in range(0, workers, each)]
        """The numbers of the workers that an actor keeps."""
        self._actors: dict[range, Any] = {}
        self._asked: dict[Any, tuple[int, Any, Job]] = {}
        """For each episode under way its worker, and the actor that keeps it."""

    def run(self, left: deque[Job]) -> Iterator[Ended]:
        """See `Crew`."""
        host: Any = None
        try:
            self._connect()
            if self._model:
                host = self._ray.remote(num_cpus=0, num_gpus=self._gpus())(ModelActor).remote(self._model, self._workers)
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
        _reach(self._address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # Else Ray takes a GPU away from actors that ask for none, and from the model's child with them.
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        # Else Ray kills the worker processes of an actor that dies, and they cannot close their browsers.
        os.environ.setdefault("RAY_kill_child_processes_on_worker_exit", "0")
        # Some of what Ray starts outlives a killed run; by its mark the next run in the folder ends it.
        os.environ[MARK] = mark_of(Path(self._spec.out)) + "ray/"
        # A processor is what an actor asks for; Ray starts a process for each in advance.
        own = {} if self._address else {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
        try:
            self._ray.init(address=self._address or "local", log_to_driver=False, logging_level="ERROR", **own)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = self._address or "this machine"
            raise SetupError(f"Ray on {where} cannot be reached ({error}).", fix=_FIX) from error
        finally:
            del os.environ[MARK]
        there = int(self._ray.cluster_resources().get("CPU", 0))
        if there < len(self._teams):
            # Actors beyond that would wait for ever, each with an episode.
            raise SetupError(f"The Ray cluster has {there} processors, too few for {self._workers} workers.", fix=f"say --workers {there}")

    def _gpus(self) -> int:
        return 1 if self._ray.cluster_resources().get("GPU", 0) >= 1 else 0

    def _fill(self, left: deque[Job]) -> None:
        busy = {number for number, _, _ in self._asked.values()}
        for team in self._teams:
            for number in team:
                if left and number not in busy:
                    actor = self._actor(team)
                    job = left.popleft()
                    self._asked[actor.run.remote(number, asdict(job))] = (number, actor, job)

    def _actor(self, team: range) -> Any:
        """Started at the first call, and anew when it has died."""
        if team not in self._actors:
            # A thread for each episode, one for what is asked meanwhile and one for the end.
            kind = self._ray.remote(num_cpus=1, max_concurrency=len(team) + 2)(EpisodeActor)
            self._actors[team] = kind.remote(self._spec.model_dump(mode="json"), self._deadline_s, list(team))
        return self._actors[team]

    def _hear(self) -> Iterator[Ended]:
        done, _ = self._ray.wait(list(self._asked), timeout=LOOK_S)
        if not done:
            self._look()
        for one in done:
            _, actor, job = self._asked.pop(one)
            try:
                said = self._ray.get(one)
            except self._ray.exceptions.RayError as error:
                # The actor that took its place is not to be forgotten with it.
                self._actors = {team: other for team, other in self._actors.items() if other is not actor}
                yield Ended(job, lost=f"the Ray actor died ({type(error).__name__})")
                continue
            if "setup" in said:
                raise SetupError(said["setup"], fix=said["fix"])
            row = None if said["row"] is None else EpisodeRow.model_validate(said["row"])
            yield Ended(job, row, said["lost"], said["late"], said["seconds"])

    def _look(self) -> None:
        under_way = {job for _, _, job in self._asked.values()}
        asked = [actor.progress.remote() for actor in self._actors.values()]
        done, _ = self._ray.wait(asked, num_returns=len(asked), timeout=LOOK_S) if asked else ([], [])
        for one in done:
            try:
                told = self._ray.get(one)
            except self._ray.exceptions.RayError:
                continue  # of an actor that died, which its episodes' end tells
            for progress in told:
                if (job := Job(**progress["job"])) in under_way:  # an actor also remembers what its workers did last
                    self._listen(Progress(**progress | {"job": job}))
