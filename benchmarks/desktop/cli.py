"""`handeye bench desktop`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.warnings import warn
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.desktop.bench import Request, run_benchmark
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.benchmarks.osworld.machine import DEFAULT_SIZE, OSWORLD_SIZE
from handeye.envs.sizes import read_size
from handeye.tools.errors import InvalidAction

app = command_app()


@app.command(cls=options.EpisodeCommand, epilog=options.EXIT_CODES)
def desktop(
    model: Annotated[str, typer.Option("--model", "-m", help="ocr (embedded), openai:MODEL@URL, ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format, or package.module:MyDialect.")] = "auto",
    tasks: Annotated[str, typer.Option(help="Names with commas between; all if not given.", show_default=False)] = "",
    domain: Annotated[str, typer.Option(help="Domains with commas between; all if not given.", show_default=False)] = "",
    repeats: Annotated[int, typer.Option(min=1, help="Times that each task is run.")] = 1,
    max_steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Give up after this many actions; OSWorld reports 15, 50 and 100.  [default: 15, or 50 with several programs]",
            show_default=False,
        ),
    ] = None,
    workers: options.Workers = 1,
    deadline: options.Deadline = DEADLINE_S,
    retries: options.Retries = RETRIES,
    shard: options.Shard = "",
    ray: options.Ray = None,
    size: Annotated[
        str, typer.Option(help="Pixels of the screen.  [default: 1280x800, or OSWorld's 1920x1080 with --osworld]", show_default=False)
    ] = "",
    oracle: Annotated[bool, typer.Option("--oracle", help="No model: the tasks' own solutions. Must solve all.")] = False,
    noop: Annotated[bool, typer.Option("--noop", help="No model: do nothing and say it is done. Must score nothing.")] = False,
    osworld: Annotated[
        Path | None,
        typer.Option(help="Run the tasks of this OSWorld checkout that need no virtual machine, not ours.", show_default=False),
    ] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Let the checkout's tasks run their commands on this machine, as you.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the tasks and stop.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/desktop-TIME]", show_default=False
        ),
    ] = None,
    retry_errors: options.RetryErrors = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Tasks with real programs on a virtual desktop, from pixels alone, scored by files and settings as OSWorld scores."""
    if oracle and noop:
        raise InvalidAction("--oracle and --noop exclude each other")
    console = Console(stderr=as_json, highlight=False)
    if show:
        _list(console, as_json, osworld)
        return
    folder = out or Path("runs") / f"desktop-{datetime.now():%Y%m%d-%H%M%S}"
    request = Request(
        model="oracle" if oracle else "noop" if noop else model,
        out=folder,
        dialect=dialect,
        tasks=_names(tasks),
        domains=_names(domain),
        repeats=repeats,
        max_steps=max_steps,
        screen=read_size(size) if size else OSWORLD_SIZE if osworld else DEFAULT_SIZE,
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
        osworld=osworld,
        trusted=trust,
    )
    warn(choose_dialect(request.model, request.dialect, "computer").warnings)
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(final_table(numbers, f"Desktop tasks, {numbers['model']}"))
    console.print(f"mean score {numbers['mean_score']:.3f}. {numbers['policy']}.", soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _list(console: Console, as_json: bool, osworld: Path | None) -> None:
    """Every task: its domain, limit, programs, instruction, and what keeps it from running here."""
    rows = [*_rows(osworld)]
    if as_json:
        sys.stdout.write(json.dumps({"benchmark": "desktop", "tasks": rows}) + "\n")
        return
    if osworld:
        # One line each, whatever the width: for grep. What matters of these tasks is what runs; their instructions are long.
        width = max(len(row["task"]) for row in rows)
        for row in rows:
            console.print(f"{escape(row['task']):{width}}  {escape(row['obstacle']) or 'runs here'}", soft_wrap=True)
        console.print(_summary(osworld))
    else:
        console.print(_table(rows))
    console.print(f"{sum(not row['obstacle'] for row in rows)} of {len(rows)} tasks can run here.")


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("task", "steps", "programs", "instruction"):
        table.add_column(name, no_wrap=name == "task")
    for row in rows:
        told = escape(row["instruction"]) + (f"\n[dim]not here: {escape(row['obstacle'])}[/]" if row["obstacle"] else "")
        table.add_row(escape(row["task"]), str(row["max_steps"]), ", ".join(row["apps"]), told)
    return table


def _summary(osworld: Path) -> Table:
    """How many tasks each reason keeps from running here."""
    from handeye.benchmarks.desktop.catalogue import entries
    from handeye.benchmarks.osworld.support import counted

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("tasks", "by it alone", "reason"):
        table.add_column(name, justify="left" if name == "reason" else "right")
    for reason, count, alone in counted(entry.task for entry in entries(osworld).values()):
        table.add_row(str(count), str(alone), escape(reason))
    return table


def _rows(osworld: Path | None) -> list[dict[str, Any]]:
    from handeye.benchmarks.desktop.catalogue import entries
    from handeye.benchmarks.osworld.task import why_not

    return [
        {
            "task": name,
            "kind": entry.domain,
            "max_steps": entry.max_steps,
            "apps": [*entry.task.related_apps],
            "instruction": entry.task.instruction,
            "obstacle": why_not(entry.task),
        }
        for name, entry in entries(osworld).items()
    ]
