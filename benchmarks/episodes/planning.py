"""How long a larger run will take, simulated from the step times that a smaller one recorded.

Episodes are drawn with replacement from the recorded ones and handed to workers as the runner does it. A step waits for a free place at
a replica of the model's server, then takes the recorded time of the model and of the environment. What an episode took beside its steps
(making the world, scoring) stays with it. Not simulated: environments that share too few cores, and servers that answer slower the more
they are asked: record the smaller run with as many requests beside each other as the larger one is to have for each replica, and say so
with `places`.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from handeye.benchmarks.episodes.rows import DEADLINE, EpisodeRow, final_rows
from handeye.tools.errors import SetupError

SIMULATIONS = 25
HOUR_S = 3_600.0


@dataclass(frozen=True)
class Recorded:
    """One episode of the smaller run."""

    steps: tuple[tuple[float, float], ...]
    """Seconds of the model and of the environment."""
    beside_s: float
    """What it took beside its steps."""
    cost: float
    tokens: int


@dataclass(frozen=True)
class Setup:
    """On what the larger run is to be made."""

    episodes: int
    workers: int
    replicas: int
    places: int = 1
    """Requests that a replica answers beside each other as fast as in the recorded run."""
    replica_hour: float = 0.0
    """Price of a replica for an hour."""
    worker_hour: float = 0.0
    """Price of a worker for an hour."""


@dataclass(frozen=True)
class Forecast:
    """What the simulations say; times are medians over them."""

    setup: Setup
    seconds: float
    low: float
    high: float
    """Of nine simulations in ten the time lies between these."""
    workers_busy: float
    """Share of the workers' time in which they did not wait for a place at the server or for the end."""
    replicas_busy: float
    """Share of the server's places that were taken."""
    wait_s: float
    """Mean seconds that a step waited for a place."""
    tokens: float
    cost: float
    """Machines for the time, and what the calls cost."""


def recorded(rows: Sequence[EpisodeRow]) -> list[Recorded]:
    """The episodes of a run that can be drawn from: those that no failure of the world ended. Raises `SetupError` when there are none.

    One that its deadline ended is among them, without a step too: the larger run will have as many, and they are the longest.
    """
    found = []
    for row in final_rows(rows):
        if row.error or not (row.model_s or row.outcome == DEADLINE):
            continue
        # A row that was timed in part is told by the report; here it is a shorter one.
        steps = tuple(zip(row.model_s, row.env_s, strict=False))
        beside = max(0.0, row.seconds - sum(map(sum, steps)))
        found.append(Recorded(steps, beside, row.cost, row.prompt_tokens + row.completion_tokens))
    if not found:
        raise SetupError("the run has no finished episode with steps to plan from.", fix="run a few episodes first")
    return found


def forecast(episodes: Sequence[Recorded], setup: Setup, seed: int = 0) -> Forecast:
    """Simulate `SIMULATIONS` runs. The same seed gives the same forecast."""
    chance = random.Random(seed)
    runs = [_simulate([chance.choice(episodes) for _ in range(setup.episodes)], setup) for _ in range(SIMULATIONS)]
    times = [run.seconds for run in runs]
    tenths = quantiles(times, n=20)
    hours = median(times) / HOUR_S
    machines = hours * (setup.replicas * setup.replica_hour + setup.workers * setup.worker_hour)
    calls = fmean(one.cost for one in episodes) * setup.episodes
    steps = sum(run.steps for run in runs)
    return Forecast(
        setup,
        median(times),
        tenths[0],
        tenths[-1],
        fmean(_share(run.worked_s, run.seconds * setup.workers) for run in runs),
        fmean(_share(run.served_s, run.seconds * setup.replicas * setup.places) for run in runs),
        sum(run.waited_s for run in runs) / steps if steps else 0.0,
        fmean(one.tokens for one in episodes) * setup.episodes,
        machines + calls,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@dataclass
class _Run:
    seconds: float = 0.0
    worked_s: float = 0.0
    served_s: float = 0.0
    waited_s: float = 0.0
    steps: int = 0


def _simulate(episodes: Sequence[Recorded], setup: Setup) -> _Run:
    """Events in order of time: a worker asks, a place becomes free, a worker has finished its episode."""
    run, left = _Run(), deque(episodes)
    free = setup.replicas * setup.places
    queue: deque[tuple[float, int]] = deque()
    now_at: dict[int, tuple[Recorded, int]] = {}
    events: list[tuple[float, int, str, int]] = []
    count = 0

    def at(time_s: float, what: str, worker: int) -> None:
        nonlocal count
        count += 1
        heapq.heappush(events, (time_s, count, what, worker))

    def next_episode(time_s: float, worker: int) -> None:
        if left:
            episode = left.popleft()
            now_at[worker] = episode, 0
            run.worked_s += episode.beside_s
            at(time_s + episode.beside_s, "asks" if episode.steps else "ends", worker)

    def serve(time_s: float, worker: int) -> None:
        episode, step = now_at[worker]
        model_s, env_s = episode.steps[step]
        run.served_s += model_s
        run.worked_s += model_s + env_s
        at(time_s + model_s, "frees", worker)
        now_at[worker] = episode, step + 1
        at(time_s + model_s + env_s, "asks" if step + 1 < len(episode.steps) else "ends", worker)

    for worker in range(setup.workers):
        next_episode(0.0, worker)
    while events:
        now, _, what, worker = heapq.heappop(events)
        run.seconds = now
        if what == "ends":
            next_episode(now, worker)
        elif what == "asks":
            run.steps += 1
            if free:
                free -= 1
                serve(now, worker)
            else:
                queue.append((now, worker))
        elif queue:
            since, waiting = queue.popleft()
            run.waited_s += now - since
            serve(now, waiting)
        else:
            free += 1
    return run
