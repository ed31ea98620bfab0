"""`handeye bench diff A B`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.samples.diff import compare
from handeye.benchmarks.samples.diff_tables import rendered
from handeye.benchmarks.samples.sides import read_side

app = typer.Typer(
    pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
)

A = Annotated[Path, typer.Argument(metavar="A", help="Folder of a run, or a file that `handeye bench rescore --json` printed.")]
B = Annotated[Path, typer.Argument(metavar="B", help="The same; it is measured against A.")]


@app.command(
    epilog="Exit codes: 0 compared, whatever differs; 1 with --fail-if-worse, where B is worse than that or the two cannot be compared; "
    "2 usage, or something that is no run."
)
def diff_runs(
    a: A,
    b: B,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write all of it to this page too.", show_default=False)] = None,
    show: Annotated[int, typer.Option(min=0, help="Samples of each kind of disagreement in the terminal.")] = 5,
    fail_if_worse: Annotated[
        float | None,
        typer.Option(min=0.0, max=100.0, help="Exit with 1 where B is more than so many points of accuracy below A.", show_default=False),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """Say what differs between two runs: configuration, versions, prompt, data, and sample by sample where they disagree."""
    found = compare(read_side(a), read_side(b))
    if html is not None:
        from handeye.benchmarks.samples.diff_page import write_page

        write_page(html, found)
    if as_json:
        sys.stdout.write(json.dumps(found, allow_nan=False) + "\n")
    else:
        console = Console(highlight=False)
        console.print(rendered(found, show))
        if html is not None:
            console.print(f"Page: {escape(str(html))}", soft_wrap=True)
    if fail_if_worse is not None and (not found["comparable"] or 100 * found["results"]["difference"] < -fail_if_worse):
        raise typer.Exit(1)
