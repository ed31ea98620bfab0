"""`handeye bench speed runner`: what workers bring, what the runner costs an episode, and whether its memory stays flat."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.benchmarks.episodes import idle
from handeye.benchmarks.episodes.family import mark_of, members
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.miniwob.bench import Request, run_benchmark
from handeye.benchmarks.processes import weight_gb
from handeye.benchmarks.speed import SpeedReport, SpeedRow, compared

MODEL_S = 1.0
WORKERS = 8
TASKS = ("click-test", "click-button", "enter-text", "click-link")
LOOK_S = 10.0
QUIET = Console(quiet=True)
REPLY = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "mouse_move", "coordinate": [%d, 20]}}\n</tool_call>'


def measure(episodes: int, steps: int, idle_episodes: int, ray: bool) -> SpeedReport:
    """One run of each kind: MiniWoB++ pages with a model that takes a second a step, by one worker, by eight, by eight on Ray; then
    `idle_episodes` episodes in which nothing happens. Raises `SetupError` where MiniWoB++, a browser or Ray is missing."""
    with sleeping_server() as address, tempfile.TemporaryDirectory() as folder:
        model = f"openai:sleeper@{address}"
        run = partial(_timed, model, episodes, steps)
        eight, memory = run(Path(folder) / "eight", How(workers=WORKERS, deadline_s=600))
        one, _ = run(Path(folder) / "one", How(workers=1, deadline_s=600))
        rows = [
            compared(f"{episodes} episodes of {steps} steps of a {MODEL_S:g} s model: {WORKERS} workers, to one", eight, "s", one),
            SpeedRow(f"memory of {WORKERS} workers with their browsers (PSS)", memory, "GB"),
        ]
        if ray:
            on_ray, _ = run(Path(folder) / "ray", How(workers=WORKERS, deadline_s=600, ray=""))
            start = _ray_start(Path(folder) / "start")
            rows.append(compared(f"the same on Ray with {WORKERS} workers, its start included, to processes", on_ray, "s", eight))
            rows.append(SpeedRow("Ray's start and end alone, nothing run", start, "s"))
            rows.append(compared("the same on Ray, its start and end left out, to processes", on_ray - start, "s", eight))
        rows += _idle(Path(folder) / "idle", idle_episodes)
    return SpeedReport("speed runner", tuple(rows), notes=(f"{os.cpu_count()} cores. Each run was made once.",))


def _timed(model: str, episodes: int, steps: int, out: Path, how: How) -> tuple[float, float]:
    """Seconds of a run, and the most that its workers weighed."""
    tasks = TASKS[: max(1, min(len(TASKS), episodes))]
    jobs = [Job(tasks[number % len(tasks)], number // len(tasks), number) for number in range(episodes)]
    with _watched(out) as heaviest:
        began = time.perf_counter()
        numbers = run_benchmark(Request(model, out, max_steps=steps, how=how), QUIET, jobs)
        seconds = time.perf_counter() - began
    if numbers["errors"] or any(row["steps"] != steps for row in numbers["rows"]):
        raise AssertionError(f"the episodes did not go as they should: {numbers['failures']}, {numbers['rows'][0]}")
    return seconds, heaviest()


def _ray_start(out: Path) -> float:
    """Seconds that a cluster on this machine takes to start and to end: a run with no episode."""
    from handeye.benchmarks.episodes.ray_crew import RayCrew

    out.mkdir()
    crew = RayCrew(spec_of(idle.Worker, idle.Configuration(), out), WORKERS, 600, lambda progress: None, "", "")
    began = time.perf_counter()
    for _ in crew.run(deque()):
        raise AssertionError("there was nothing to run")
    return time.perf_counter() - began


def _idle(out: Path, episodes: int) -> list[SpeedRow]:
    """What an episode costs beside itself, and what the parent's memory does."""
    configuration = idle.Configuration()
    sizes: list[float] = []
    stamps: list[float] = []

    class Watch(Console):
        def print(self, *values: Any, **options: Any) -> None:
            stamps.append(time.perf_counter())
            if len(stamps) % 100 == 0:
                sizes.append(_resident_mb())

    plan = Plan(
        configuration,
        [Job("idle", number, number) for number in range(episodes)],
        spec_of(idle.Worker, configuration, out),
        partial(idle.count, configuration),
        Wording("Idle", "", "nothing"),
        How(workers=2, deadline_s=600),
    )
    began = time.process_time()
    run_plan(plan, out, Watch(quiet=True))
    spent = time.process_time() - began
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    first, last = sizes[0] if sizes else 0.0, sizes[-1] if sizes else 0.0
    return [
        SpeedRow("from one finished episode to the next, two workers with nothing to do", statistics.median(gaps) * 1000, "ms"),
        SpeedRow("processor time of the parent, an episode, reports included", spent / episodes * 1000, "ms"),
        compared(f"memory of the parent after {episodes} episodes, to after 100", last, "MB", first),
    ]


def _resident_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


@contextmanager
def _watched(out: Path) -> Iterator[Callable[[], float]]:
    """Looks on while a run goes on; gives the most that its workers weighed together, in GB."""
    heaviest, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(LOOK_S):
            heaviest.append(sum(weight_gb(pid) for pid in members(mark_of(out))))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield lambda: max(heaviest)
    finally:
        done.set()
        watcher.join()


@contextmanager
def sleeping_server(seconds: float = MODEL_S) -> Iterator[str]:
    """An OpenAI-compatible server that moves the pointer a little, after `seconds`. Gives its address."""
    count = iter(range(1_000_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "sleeper", "object": "model"}]})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            threading.Event().wait(seconds)
            message = {"role": "assistant", "content": REPLY % (20 + next(count) % 100)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            self._send({"id": "0", "object": "chat.completion", "created": 0, "model": "sleeper", "choices": [choice], "usage": usage})

        def _send(self, value: dict[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
