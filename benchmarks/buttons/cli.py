"""`handeye bench buttons`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.buttons.bench import DEFAULT_DIALECT, PAGES, Request, run_benchmark
from handeye.benchmarks.buttons.episode import Keep
from handeye.benchmarks.buttons.live import print_summary
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.tools.errors import InvalidAction

app = command_app()


@app.command(epilog="Exit codes: 0 done, 2 usage or set-up error, 130 stopped by Ctrl-C; the same command goes on.")
def buttons(
    model: Annotated[str, typer.Option("--model", "-m", help="ocr (embedded), transformers:FOLDER, openai:MODEL@URL, ...")] = "ocr",
    pages: Annotated[int, typer.Option(min=1, help="How many pages of the series.")] = PAGES,
    seed: Annotated[int, typer.Option(help="Which series of pages; none of them was trained on.")] = 0,
    constrain: Annotated[bool, typer.Option("--constrain", help="Hold replies to the dialect's form.")] = False,
    dialect: Annotated[str, typer.Option(help="The model's action format.")] = DEFAULT_DIALECT,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/buttons-TIME]", show_default=False
        ),
    ] = None,
    keep: Annotated[str, typer.Option(help="Trajectories that stay: all, failures or none.")] = "all",
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Run pages again that a failure of the world ended.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Fresh pages of coloured buttons in real Chromium: how many clicks land inside the button that is meant."""
    if keep not in get_args(Keep):
        raise InvalidAction(f"--keep is all, failures or none, not {keep!r}")
    console = Console(stderr=as_json, highlight=False)
    folder = out or Path("runs") / f"buttons-{datetime.now():%Y%m%d-%H%M%S}"
    numbers = run_benchmark(Request(model, folder, pages, seed, dialect, constrain, cast(Keep, keep), retry_errors), console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    print_summary(numbers, console)
    console.print(f"results: {escape(str(folder))}", soft_wrap=True)
    if (sheet := folder / "failures.png").is_file():
        console.print(f"what went wrong: {escape(str(sheet))}", soft_wrap=True)
