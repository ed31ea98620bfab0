"""`handeye bench miniwob`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.warnings import warn
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.benchmarks.miniwob.bench import Request, run_benchmark
from handeye.benchmarks.miniwob.seeds import SEEDS_PER_TASK
from handeye.tools.errors import InvalidAction

app = command_app()


@app.command(cls=options.EpisodeCommand, epilog=options.EXIT_CODES)
def miniwob(
    model: Annotated[str, typer.Option("--model", "-m", help="ocr (embedded), openai:MODEL@URL, ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format, or package.module:MyDialect.")] = "auto",
    tasks: Annotated[str, typer.Option(help="Names with commas between; all 125 if not given.", show_default=False)] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Seeds for each task.")] = SEEDS_PER_TASK,
    protocol: Annotated[
        str, typer.Option(help="distinct: every seed a different task; browsergym: the seeds of the published scores.")
    ] = "distinct",
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Give up after this many actions.  [default: 10; 80 with --oracle]", show_default=False)
    ] = None,
    workers: options.Workers = 1,
    deadline: options.Deadline = DEADLINE_S,
    retries: options.Retries = RETRIES,
    shard: options.Shard = "",
    ray: options.Ray = None,
    scale: Annotated[float, typer.Option(min=1, max=8, help="Pixels of the screenshot for each of the page's 160x210.")] = 4.0,
    oracle: Annotated[bool, typer.Option("--oracle", help="No model: solve from the DOM with real mouse and keyboard.")] = False,
    noop: Annotated[bool, typer.Option("--noop", help="No model: do nothing. Must score nothing.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/miniwob-TIME]", show_default=False
        ),
    ] = None,
    retry_errors: options.RetryErrors = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """MiniWoB++: 125 small web tasks, from pixels alone, scored by the pages' own reward."""
    if oracle and noop:
        raise InvalidAction("--oracle and --noop exclude each other")
    if protocol not in ("distinct", "browsergym"):
        raise InvalidAction(f"--protocol is distinct or browsergym, not {protocol!r}")
    console = Console(stderr=as_json, highlight=False)
    folder = out or Path("runs") / f"miniwob-{datetime.now():%Y%m%d-%H%M%S}"
    request = Request(
        model="oracle" if oracle else "noop" if noop else model,
        out=folder,
        dialect=dialect,
        tasks=tuple(name.strip() for name in tasks.split(",") if name.strip()),
        seeds=seeds,
        protocol="browsergym" if protocol == "browsergym" else "distinct",
        max_steps=max_steps,
        scale=scale,
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
    )
    warn(choose_dialect(request.model, request.dialect, "computer").warnings)
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(final_table(numbers, f"MiniWoB++, {numbers['model']}, {numbers['protocol']} seeds"))
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)
