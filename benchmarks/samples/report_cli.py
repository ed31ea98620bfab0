"""`handeye bench report RUN`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.samples.again import read_run
from handeye.benchmarks.samples.report import rendered, report_markdown, write_report
from handeye.tools.errors import SetupError

app = typer.Typer(
    pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
)


@app.command(epilog="Exit codes: 0 written, 2 usage, set-up error or a damaged folder.")
def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run of single replies (ScreenSpot, OSWorld-G, AITZ, ...).")],
    data: Annotated[Path | None, typer.Option(help="Folder of the benchmark's data, for the pictures.", show_default=False)] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the images, where they lie elsewhere.", show_default=False)] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the Markdown to this file too.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """Make the report of a run again, every number from its rows: RUN/report.html and RUN/report.md."""
    again = read_run(run, data, images)
    write_report(run, again.numbers, again.rows, again.picture)
    if markdown is not None:
        try:
            markdown.write_text(report_markdown(again.numbers, again.rows), encoding="utf-8", errors="replace")
        except OSError as error:
            raise SetupError(f"{markdown} cannot be written ({error})", fix="give another --markdown") from error
    if as_json:
        sys.stdout.write(json.dumps(again.numbers) + "\n")
        return
    console = Console(highlight=False)
    console.print(rendered(again.numbers))
    console.print(f"Report: {escape(str(run / 'report.html'))}", soft_wrap=True)
