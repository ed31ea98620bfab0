"""Which seeds each task is run with.

Two protocols, both of 125 tasks x 5 seeds. A seed is the number given to the page's `Math.seedrandom`: the same number is the same task.

- `distinct` (the default): seed k of a task is drawn from the SHA-256 of its name and k, so it depends neither on the other tasks
  chosen nor on how many seeds are asked for, and the seeds of one task always differ.
- `browsergym`: the seeds that BrowserGym's published scores were measured with (ServiceNow/BrowserGym:
  browsergym/experiments/src/browsergym/experiments/benchmark/utils.py). Its loop.py writes the bound as `2 ^ 32`, which in Python is 34,
  so task seeds lie in 0..33, 33 tasks are given some seed twice and only 590 of the 625 episodes are different. It is here to
  compare with, not to be proud of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, TypeAlias

from handeye.benchmarks.miniwob.tasks import TASKS
from handeye.tools.errors import InvalidAction

Protocol: TypeAlias = Literal["distinct", "browsergym"]

SEEDS_PER_TASK = 5
SEED_MAX = 34
"""BrowserGym's `2 ^ 32`."""
JS_SEED_MAX = 1_000_000
"""Bound of the number given to the page (ServiceNow/BrowserGym: miniwob/base.py)."""
_START = 42


def page_seeds(task: str, count: int = SEEDS_PER_TASK, protocol: Protocol = "distinct") -> tuple[int, ...]:
    """The first `count` seeds of `task`, each in 0..999,999. Raises `InvalidAction` for a count that the protocol does not have."""
    if count < 1:
        raise InvalidAction(f"at least one seed is needed, not {count}")
    if protocol == "distinct":
        return _distinct(task, count)
    if count > SEEDS_PER_TASK:
        raise InvalidAction(f"the browsergym protocol has {SEEDS_PER_TASK} seeds for each task, not {count}")
    return tuple(page_seed(seed) for seed in task_seeds(task)[:count])


def task_seeds(task: str) -> tuple[int, ...]:
    """BrowserGym's five task seeds of `task`, each in 0..33: five draws for each task in alphabetical order, from one generator."""
    import numpy as np

    generator = np.random.RandomState(_START)
    for name in TASKS:
        drawn = generator.randint(0, SEED_MAX, SEEDS_PER_TASK)
        if name == task:
            return tuple(int(seed) for seed in drawn)
    raise InvalidAction(f"no MiniWoB++ task is called {task!r}")


def page_seed(task_seed: int) -> int:
    """The number that BrowserGym gives to the page for a task seed."""
    import numpy as np

    return int(np.random.RandomState(task_seed).randint(0, JS_SEED_MAX))


def episodes(tasks: Sequence[str], count: int, protocol: Protocol) -> tuple[tuple[str, int, int], ...]:
    """(task, index of the seed, seed) for every episode of a run, the first seed of every task before the second of any."""
    seeds = {task: page_seeds(task, count, protocol) for task in tasks}
    return tuple((task, index, seeds[task][index]) for index in range(count) for task in tasks)


def _distinct(task: str, count: int) -> tuple[int, ...]:
    seeds: list[int] = []
    draw = 0
    while len(seeds) < count:
        digest = hashlib.sha256(f"{task} {draw}".encode()).digest()
        draw += 1
        if (seed := int.from_bytes(digest[:8], "big") % JS_SEED_MAX) not in seeds:
            seeds.append(seed)
    return tuple(seeds)
