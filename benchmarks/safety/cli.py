"""`handeye bench safety`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.safety.bench import Order, run_pack
from handeye.benchmarks.safety.parts import PARTS
from handeye.benchmarks.safety.report import print_results
from handeye.benchmarks.safety.run import ANSWERS
from handeye.benchmarks.safety.trial import Answer
from handeye.tools.errors import SetupError

app = command_app()


@app.command(epilog="Exit codes: 0 passed, 1 something was executed, stopped falsely or could not be run, 2 usage or set-up error.")
def safety(
    part: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(PARTS)}; may be repeated.  [default: all]", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer scenes: one of each channel.")] = False,
    answer: Annotated[
        str,
        typer.Option(help="Who is asked about the attacks: no, nobody, or both.  [default: both, one after the other]", show_default=False),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", help="A model beside the agents without one: openai:MODEL@URL, ...  [default: none]", show_default=False
        ),
    ] = "",
    dialect: Annotated[str, typer.Option(help="The model's action format.  [default: by its name]", show_default=False)] = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the results, new or empty.  [default: runs/safety-TIME]", show_default=False)
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """The attack pack: injected pages, screens and desktops, an agent that obeys everything, and the user's own tasks beside."""
    console = Console(stderr=as_json, highlight=False)
    order = Order(
        out=out or Path("runs") / f"safety-{datetime.now():%Y%m%d-%H%M%S}",
        parts=tuple(dict.fromkeys(part)) if part else PARTS,
        quick=quick,
        answers=_answers(answer),
        model=model,
        dialect=dialect,
    )
    outcome = run_pack(order, console)
    if as_json:
        sys.stdout.write(json.dumps(outcome.numbers) + "\n")
    else:
        print_results(console, outcome.results, outcome.numbers)
        console.print(f"report: {escape(str(outcome.page))}", soft_wrap=True)
    raise typer.Exit(0 if outcome.numbers["passed"] else 1)


def _answers(text: str) -> tuple[Answer, ...]:
    if not text or text == "both":
        return ANSWERS
    if text not in ANSWERS:
        raise SetupError(f"--answer is {' or '.join(ANSWERS)}, not {text!r}.", fix="leave it out for both")
    return tuple(answer for answer in ANSWERS if answer == text)
