"""`handeye bench report RUN`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.markup import escape

from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes.registry import is_episodes
from handeye.benchmarks.samples.again import read_run
from handeye.benchmarks.samples.report import rendered, report_markdown, write_report
from handeye.tools.errors import InvalidAction, SetupError

app = command_app()


@app.command(epilog="Exit codes: 0 written, 2 usage, set-up error or a damaged folder.")
def report(
    run: Annotated[
        Path, typer.Argument(help="Folder of a run of episodes (miniwob, androidworld, ...) or single replies (ScreenSpot, AITZ, ...).")
    ],
    data: Annotated[Path | None, typer.Option(help="Folder of the benchmark's data, for the pictures.", show_default=False)] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the images, where they lie elsewhere.", show_default=False)] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the Markdown to this file too.", show_default=False)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make the report of a run again, every number from its rows: RUN/report.html (index.html of episodes) and RUN/report.md."""
    made = _of_episodes(run, data or images) if is_episodes(run) else _of_replies(run, data, images)
    if markdown is not None:
        try:
            markdown.write_text(made.markdown, encoding="utf-8", errors="replace")
        except OSError as error:
            raise SetupError(f"{markdown} cannot be written ({error})", fix="give another --markdown") from error
    if as_json:
        sys.stdout.write(json.dumps(made.numbers) + "\n")
        return
    console = Console(highlight=False)
    console.print(made.shown)
    console.print(f"Report: {escape(str(made.page))}", soft_wrap=True)


@dataclass(frozen=True)
class _Made:
    numbers: dict[str, Any]
    markdown: str
    shown: RenderableType
    page: Path


def _of_replies(run: Path, data: Path | None, images: Path | None) -> _Made:
    again = read_run(run, data, images)
    write_report(run, again.numbers, again.rows, again.picture)
    return _Made(again.numbers, report_markdown(again.numbers, again.rows), rendered(again.numbers), run / "report.html")


def _of_episodes(run: Path, data: Path | None) -> _Made:
    from handeye.benchmarks.episodes import report as episodes
    from handeye.benchmarks.episodes.registry import read_folder
    from handeye.benchmarks.episodes.tables import rendered as tables

    if data is not None:
        raise InvalidAction("a run of episodes has its pictures in its own folder", fix="leave --data and --images out")
    rows, benchmark, configuration = read_folder(run)
    numbers = benchmark.summary(configuration, rows)
    wording = benchmark.wording(configuration)
    page = episodes.write_report(run, numbers, wording)
    shown = tables(numbers, f"{wording.title}, {configuration.model}")
    return _Made(numbers, episodes.report_markdown(run, numbers, wording), shown, page)
