"""`handeye bench androidworld`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.androidworld.check import Row, check
from handeye.benchmarks.androidworld.host import AndroidWorldGuest
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER
from handeye.tools.android.serials import connect
from handeye.tools.android.server import PrivateServer
from handeye.tools.errors import InvalidAction
from handeye.tools.simphone.launcher import SimPhones

app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Exit codes: 0 every task is as it should be, 1 some are not, 2 usage or set-up error.")
def androidworld(
    android_world: Annotated[
        Path, typer.Option("--android-world", envvar="HANDEYE_ANDROID_WORLD", help="Checkout of google-research/android_world.")
    ],
    python: Annotated[
        str, typer.Option(envvar="HANDEYE_ANDROID_WORLD_PYTHON", help="A Python with AndroidWorld's packages.  [default: this one]")
    ] = "",
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated.")] = None,
    further: Annotated[bool, typer.Option("--further", help="The tasks on contacts, messages and files, too.")] = False,
    seed: Annotated[int, typer.Option(help="What the tasks' parameters are drawn by.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
) -> None:
    """AndroidWorld's own tasks, prepared and scored by its own code, carried out on a simulated phone through adb."""
    known = {**EIGHTEEN, **FURTHER}
    if unknown := set(task or ()) - set(known):
        raise InvalidAction(f"there is no solution for {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    names = task or [*EIGHTEEN, *(FURTHER if further else ())]
    console = Console(stderr=as_json, highlight=False)
    rows = []
    for row in rows_of(android_world, python or sys.executable, names, seed):
        rows.append(row)
        console.print(line_of(row), soft_wrap=True)
    good = sum(row.as_it_should for row in rows)
    if as_json:
        sys.stdout.write(json.dumps({"tasks": len(rows), "as_they_should": good, "rows": [row.as_dict() for row in rows]}) + "\n")
    else:
        console.print(f"{good} of {len(rows)} tasks are as they should be")
    raise typer.Exit(0 if good == len(rows) else 1)


def rows_of(checkout: Path, python: str, names: list[str], seed: int) -> Iterator[Row]:
    """Start a phone, an adb server and AndroidWorld's code, and run the tasks. Raises `SetupError` when one of them is missing."""
    with ExitStack() as stack:
        phones = stack.enter_context(SimPhones(1))
        server = stack.enter_context(PrivateServer())
        serial = connect(server.address, phones.serials[0])
        guest = stack.enter_context(AndroidWorldGuest(checkout, python, serial, server.address.port, str(server.adb.path)))
        yield from check(guest, names, lambda: _restore(phones, serial), seed)


def _restore(phones: SimPhones, serial: str) -> None:
    phones.run(serial, "simphone reset")


def line_of(row: Row) -> str:
    """A row of the table, with markup."""
    scores = " -> ".join("?" if score is None else f"{score:.1f}" for score in (row.before, row.after))
    state = "[green]ok[/]" if row.as_it_should else "[red]no[/]"
    return f"{state}  {row.task:<32} {scores}  {escape(row.error or row.goal)}"
