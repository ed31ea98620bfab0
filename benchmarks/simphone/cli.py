"""`handeye bench simphone`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.warnings import warn
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.benchmarks.simphone.bench import Request, run_benchmark
from handeye.envs.sizes import read_size
from handeye.tools.errors import InvalidAction

app = command_app()


@app.command(cls=options.EpisodeCommand, epilog=options.EXIT_CODES)
def simphone(
    model: Annotated[str, typer.Option("--model", "-m", help="ocr (embedded), openai:MODEL@URL, ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format, or package.module:MyDialect.")] = "auto",
    tasks: Annotated[str, typer.Option(help="Names with commas between; all if not given.", show_default=False)] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Sets of parameters for each task.")] = 1,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Give up after this many actions.  [default: each task's own budget]", show_default=False)
    ] = None,
    workers: options.Workers = 1,
    deadline: options.Deadline = DEADLINE_S,
    retries: options.Retries = RETRIES,
    shard: options.Shard = "",
    ray: options.Ray = None,
    size: Annotated[str, typer.Option(help="Pixels of the phone's screen; 540x1200 shows the same in fewer.")] = "1080x2400",
    oracle: Annotated[bool, typer.Option("--oracle", help="No model: the tasks' own solutions, on the screen. Must solve all.")] = False,
    noop: Annotated[bool, typer.Option("--noop", help="No model: do nothing and say it is done. Must score nothing.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the tasks and stop.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/simphone-TIME]", show_default=False
        ),
    ] = None,
    retry_errors: options.RetryErrors = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tasks on a simulated Android phone, from pixels alone, scored by the phone's state as adb reads it."""
    if oracle and noop:
        raise InvalidAction("--oracle and --noop exclude each other")
    console = Console(stderr=as_json, highlight=False)
    if show:
        _list(console, as_json)
        return
    folder = out or Path("runs") / f"simphone-{datetime.now():%Y%m%d-%H%M%S}"
    request = Request(
        model="oracle" if oracle else "noop" if noop else model,
        out=folder,
        dialect=dialect,
        tasks=tuple(name.strip() for name in tasks.split(",") if name.strip()),
        seeds=seeds,
        max_steps=max_steps,
        screen=read_size(size),
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
    )
    warn(choose_dialect(request.model, request.dialect, "phone").warnings)
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(final_table(numbers, f"Phone tasks, {numbers['model']}"))
    levels = ", ".join(f"{name} {of['success_rate']:.0%} of {of['episodes']}" for name, of in numbers["difficulties"].items())
    console.print(f"by difficulty: {levels}. {numbers['policy']}.", soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)


def _list(console: Console, as_json: bool) -> None:
    """Every task: its class, difficulty, budget, apps, and its goal at the first seed."""
    from handeye.benchmarks.simphone.catalogue import TASKS, task_seed

    drawn = [kind.draw(task_seed(name, 0)) for name, kind in TASKS.items()]
    if as_json:
        rows = [
            {
                "task": task.name,
                "kind": task.kind,
                "difficulty": task.difficulty,
                "max_steps": task.max_steps,
                "apps": task.apps,
                "question": task.question,
                "template": task.template,
                "goal": task.goal,
            }
            for task in drawn
        ]
        sys.stdout.write(json.dumps({"benchmark": "simphone", "tasks": rows}) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("task", "difficulty", "steps", "apps", "goal at the first seed"):
        table.add_column(name, no_wrap=name == "task")
    for task in drawn:
        table.add_row(task.name, task.difficulty, str(task.max_steps), ", ".join(task.apps), escape(task.goal))
    console.print(table)
