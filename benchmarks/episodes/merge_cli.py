"""`handeye bench merge OUT PART PART ...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.cli.warnings import warn
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.merge import merge
from handeye.benchmarks.episodes.registry import open_folder
from handeye.benchmarks.episodes.report import write_report
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.sittings import read_sittings, unfinished
from handeye.benchmarks.results import read_rows

app = command_app()


@app.command(epilog="Exit codes: 0 done, 2 usage error or folders that are no parts of one run.")
def merge_runs(
    out: Annotated[Path, typer.Argument(help="The new folder.", show_default=False)],
    parts: Annotated[list[Path], typer.Argument(help="Folders of --shard 1/n, 2/n, ... of one command.", show_default=False)],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Join the shards of one run, of episodes or single replies, that were run in several places."""
    done = merge(out, parts)
    console = Console(stderr=as_json, highlight=False)
    told = f"{done.rows} rows of {done.folders} folders" + (f", {done.alike} of them in more than one" if done.alike else "")
    if "protocol" in done.configuration and "data" in done.configuration:
        console.print(f"{told}. Numbers and report: handeye bench report {escape(str(out))}", soft_wrap=True)
        if as_json:
            sys.stdout.write(json.dumps({"rows": done.rows, "folders": done.folders}) + "\n")
        return
    benchmark, configuration = open_folder(out)
    numbers = benchmark.summary(configuration, read_rows(out / "results.jsonl", EpisodeRow)[0])
    wording = benchmark.wording(configuration)
    write_report(out, numbers, wording)
    warn(unfinished(read_sittings(out), numbers["episodes"]))
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(f"{told}.")
    console.print(final_table(numbers, f"{wording.title}, {numbers['model']}"))
    console.print(f"report: {escape(str(out / 'index.html'))}", soft_wrap=True)
