"""`handeye bench plan --from RUN`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from handeye.benchmarks.episodes.planning import Forecast, Setup, forecast, recorded
from handeye.benchmarks.episodes.registry import open_folder
from handeye.benchmarks.episodes.rows import EpisodeRow, final_rows
from handeye.benchmarks.results import read_rows
from handeye.tools.errors import InvalidAction

app = typer.Typer(
    pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
)


@app.command(epilog="Exit codes: 0 done, 2 usage error or a folder that is no run.")
def plan(
    run: Annotated[Path, typer.Option("--from", help="Folder of a smaller run, recorded with few requests beside each other.")],
    tasks: Annotated[int, typer.Option(min=1, help="Tasks of the larger run.")] = 116,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each.")] = 3,
    workers: Annotated[str, typer.Option(help="Numbers of workers, with commas between.")] = "1,2,4,8",
    replicas: Annotated[str, typer.Option(help="Numbers of replicas of the model's server, with commas between.")] = "1",
    places: Annotated[
        int, typer.Option(min=1, help="Requests that a replica answers beside each other as fast as in the recorded run.")
    ] = 1,
    replica_hour: Annotated[float, typer.Option(min=0, help="Price of a replica for an hour.")] = 0.0,
    worker_hour: Annotated[float, typer.Option(min=0, help="Price of a worker for an hour.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the simulations.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """How long a larger run will take on how many workers and servers, simulated from the step times of a smaller one."""
    open_folder(run)
    rows = read_rows(run / "results.jsonl", EpisodeRow)[0]
    episodes = recorded(rows)
    setups = [
        Setup(tasks * seeds, one, other, places, replica_hour, worker_hour)
        for other in _numbers("--replicas", replicas)
        for one in _numbers("--workers", workers)
    ]
    found = [forecast(episodes, setup, seed) for setup in setups]
    if as_json:
        numbers = {"benchmark": "plan", "from": str(run), "recorded": len(episodes), "rows": [asdict(one) for one in found]}
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console = Console(highlight=False)
    console.print(_table(found, priced=any(one.cost for one in found)))
    left_out = len(final_rows(rows)) - len(episodes)
    without = f" ({left_out} more failed for want of a world, or took no step, and are left out)" if left_out else ""
    console.print(
        f"{tasks * seeds} episodes, drawn from {len(episodes)} recorded ones{without}. Not in it: cores that environments share.",
        soft_wrap=True,
    )


def _numbers(name: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise InvalidAction(f"{name} is numbers with commas between, as 1,2,4, not {text!r}")
    return [int(part) for part in parts]


def _table(found: list[Forecast], priced: bool) -> Table:
    table = Table()
    for name in ("workers", "replicas", "time", "nine of ten", "workers busy", "server busy", "a step waits"):
        table.add_column(name, justify="right", no_wrap=name == "nine of ten")
    if priced:
        table.add_column("cost", justify="right")
    for one in found:
        cells = [str(one.setup.workers), str(one.setup.replicas), _time(one.seconds), f"{_time(one.low)} to {_time(one.high)}"]
        cells += [f"{one.workers_busy:.0%}", f"{one.replicas_busy:.0%}", f"{one.wait_s:.2f} s"]
        table.add_row(*cells, *([f"{one.cost:.2f}"] if priced else []))
    return table


def _time(seconds: float) -> str:
    minutes = seconds / 60
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes:.1f} min" if minutes < 10 else f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"
