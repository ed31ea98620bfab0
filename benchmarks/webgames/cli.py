"""`handeye bench webgames`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from string import ascii_lowercase
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.benchmarks.webgames.bench import STEPS, Request, run_benchmark
from handeye.envs.sizes import read_size

app = command_app()


@app.command(cls=options.EpisodeCommand, epilog=options.EXIT_CODES)
def webgames(
    base_url: Annotated[str, typer.Option(help="Where your copy of convergence-ai/webgames is served, as http://localhost:5173.")],
    tasks: Annotated[Path, typer.Option(help="Its list of games, the JSONL that its start page has for download.")],
    model: Annotated[str, typer.Option("--model", "-m", help="openai:MODEL@URL, transformers:..., ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format.  [default: qwen2.5-vl/computer_use]", show_default=False)] = "",
    games: Annotated[str, typer.Option(help="Ids with commas between; all if not given.", show_default=False)] = "",
    variants: Annotated[str, typer.Option(help="base, easy, hard, with commas between; all if not given.", show_default=False)] = "",
    repeats: Annotated[int, typer.Option("--repeats", "--seeds", min=1, help="Times that each game is played; games have no seeds.")] = 1,
    max_steps: Annotated[int, typer.Option(min=1, help="Give up after this many actions.")] = STEPS,
    workers: options.Workers = 1,
    deadline: options.Deadline = DEADLINE_S,
    retries: options.Retries = RETRIES,
    shard: options.Shard = "",
    ray: options.Ray = None,
    size: Annotated[str, typer.Option(help="Pixels of the browser's window.")] = "1280x800",
    noop: Annotated[bool, typer.Option("--noop", help="No model: do nothing and say it is done. Must score nothing.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/webgames-TIME]", show_default=False
        ),
    ] = None,
    retry_errors: options.RetryErrors = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """WebGames: games on web pages, from pixels alone, solved when the agent says the password that the game shows."""
    console = Console(stderr=as_json, highlight=False)
    folder = out or Path("runs") / f"webgames-{datetime.now():%Y%m%d-%H%M%S}"
    request = Request(
        model="noop" if noop else model,
        out=folder,
        base_url=base_url,
        tasks=tasks,
        dialect=dialect,
        games=_names(games),
        variants=_names(variants),
        repeats=repeats,
        max_steps=max_steps,
        viewport=read_size(size),
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
    )
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(final_table(numbers, f"WebGames, {numbers['model']}"))
    for verdict, count in numbers["verdicts"].items():
        console.print(f"{count:5} {verdict}", soft_wrap=True)
    console.print(_beside(numbers))
    for mark, note in _notes(numbers["published"]).items():
        console.print(f"[dim]{mark} {escape(note)}[/]", soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)


def _beside(numbers: Mapping[str, Any]) -> Table:
    """This run's rate by the published rule, above the published ones."""
    table = Table(title="beside published scores, by their rule: the password anywhere in the answer", title_justify="left")
    table.add_column("model")
    table.add_column("solved", justify="right")
    table.add_column("games", justify="right")
    table.add_column("")
    table.add_row(escape(str(numbers["model"])), f"{numbers['published_rule_rate']:.3f}", str(numbers["tasks"]), "this run", style="bold")
    marks = {note: mark for mark, note in _notes(numbers["published"]).items()}
    for row in numbers["published"]:
        table.add_row(escape(row["model"]), f"{row['score']:.3f}", str(row["total"]), marks[_note(row)])
    return table


def _notes(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What is said of the published rows, by the letters under which the table has it."""
    return dict(zip(ascii_lowercase, dict.fromkeys(map(_note, rows)), strict=False))


def _note(row: Mapping[str, Any]) -> str:
    told = (row["protocol"], f"{row['source']} at {row['commit']}", "" if row["verified"] else "unverified", row["doubt"])
    return "; ".join(part for part in told if part)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
