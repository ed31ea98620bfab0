"""`handeye bench diff A B`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.markup import escape

from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes.registry import is_episodes
from handeye.benchmarks.samples.diff import compare
from handeye.benchmarks.samples.diff_tables import rendered
from handeye.benchmarks.samples.sides import read_side
from handeye.tools.errors import TrajectoryError

app = command_app()

A = Annotated[Path, typer.Argument(metavar="A", help="Folder of a run, or a file that `handeye bench rescore --json` printed.")]
B = Annotated[Path, typer.Argument(metavar="B", help="The same; it is measured against A.")]


@app.command(
    epilog="Exit codes: 0 compared, whatever differs; 1 with --fail-if-worse, where B is worse than that or the two cannot be compared; "
    "2 usage, or something that is no run."
)
def diff_runs(
    a: A,
    b: B,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write all of it to this page too.", show_default=False)] = None,
    show: Annotated[int, typer.Option(min=0, help="Samples or episodes of each kind of disagreement in the terminal.")] = 5,
    fail_if_worse: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=100.0, help="Exit with 1 where B is more than so many points of accuracy or success below A.", show_default=False
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Say what differs between two runs of episodes or single replies: how they were made, and one by one where they disagree."""
    found, shown, write_page = _episodes(a, b) if is_episodes(a) or is_episodes(b) else _replies(a, b)
    if html is not None:
        write_page(html, found)
    if as_json:
        sys.stdout.write(json.dumps(found, allow_nan=False) + "\n")
    else:
        console = Console(highlight=False)
        console.print(shown(found, show))
        if html is not None:
            console.print(f"Page: {escape(str(html))}", soft_wrap=True)
    if fail_if_worse is not None and (not found["comparable"] or 100 * found["results"]["difference"] < -fail_if_worse):
        raise typer.Exit(1)


_Compared = tuple[dict[str, Any], Callable[[dict[str, Any], int], RenderableType], Callable[[Path, dict[str, Any]], None]]
"""What differs, how a terminal shows it, and what writes its page."""


def _replies(a: Path, b: Path) -> _Compared:
    from handeye.benchmarks.samples.diff_page import write_page

    return compare(read_side(a), read_side(b)), rendered, write_page


def _episodes(a: Path, b: Path) -> _Compared:
    from handeye.benchmarks.episodes import diff, diff_tables

    for one, other in ((a, b), (b, a)):
        if not is_episodes(one):
            raise TrajectoryError(f"{other} is a run of episodes, and {one} is none.", fix="give two runs of the same benchmark")
    return diff.compare(diff.read_side(a), diff.read_side(b)), diff_tables.rendered, diff_tables.write_page
