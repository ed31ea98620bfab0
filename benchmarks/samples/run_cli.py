"""What every `handeye bench NAME` of single replies has in common: its options, and what is printed and written at the end."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.models.registry import open_model
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.question import Question
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import InvalidAction, ModelError

ModelOption: TypeAlias = Annotated[str, typer.Option("--model", "-m", help="ocr (embedded), transformers:FOLDER, openai:MODEL@URL, ...")]
OutOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Folder of the results; the same one again goes on where it stopped.  [default: runs/NAME-TIME]", show_default=False),
]
LimitOption: TypeAlias = Annotated[int, typer.Option(min=0, help="Ask only the first N questions (of the shard); 0: all.")]
ShardOption: TypeAlias = Annotated[str, typer.Option(help="i/n: every n-th question, from the i-th. For several machines.")]
RepeatsOption: TypeAlias = Annotated[int, typer.Option(min=1, help="Ask everything so often, with the seeds SEED, SEED+1, ...")]
SeedOption: TypeAlias = Annotated[int, typer.Option(help="Of the model's sampling, where the temperature is above 0.")]
BatchOption: TypeAlias = Annotated[int, typer.Option(min=0, help="Prompts together (local models); 0: 16, 1: one by one.")]
ConcurrencyOption: TypeAlias = Annotated[int, typer.Option(min=0, help="Requests beside each other (servers); 0: the model's own.")]
DecodersOption: TypeAlias = Annotated[int, typer.Option(min=0, help="Threads that read and resize pictures ahead; 0: one for each core.")]
RetryErrorsOption: TypeAlias = Annotated[bool, typer.Option("--retry-errors", help="Ask again what ended with an error.")]


def default_out(name: str) -> Path:
    """Where a run of the benchmark `name` goes if nothing else was said."""
    return Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"


def read_shard(text: str) -> tuple[int, int]:
    """The shard `i/n`; empty is all. Raises `InvalidAction` for anything else."""
    if not text:
        return 1, 1
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise InvalidAction(f"--shard is i/n with i from 1 to n, as 2/8, not {text!r}")
    return int(index), int(count)


def run_and_print(suite: Suite, model: str, options: RunOptions, as_json: bool) -> None:
    """Run, print the table (or the numbers as JSON), write the report. The model is opened only if a question is left.

    Raises as `run_suite` does; whoever can go on is told how on standard error.
    """
    from handeye.benchmarks.samples.report import rendered, write_report

    told = Console(stderr=True, highlight=False)
    try:
        numbers = run_suite(suite, partial(open_model, model), options, told)
    except (KeyboardInterrupt, ModelError):
        if (options.out / "results.jsonl").is_file():
            told.print(f"The rows so far are safe. To go on: {escape(command_to_go_on(sys.argv, options.out))}", soft_wrap=True)
        raise
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
    else:
        console = Console(highlight=False)
        console.print(rendered(numbers))
        console.print(f"Interval: {numbers['interval_method']}.", soft_wrap=True)
    rows, _ = read_rows(options.out / "results.jsonl", SampleRow)
    by_id = {question.id: question for question in suite.questions}
    write_report(options.out, numbers, rows, partial(_picture, by_id))
    told.print(f"report: {escape(str(options.out / 'report.html'))}", soft_wrap=True)


def command_to_go_on(arguments: Sequence[str], out: Path) -> str:
    """The command line that goes on with a run into `out`."""
    given = any(word == "--out" or word.startswith("--out=") for word in arguments)
    return shlex.join(["handeye", *arguments[1:], *(() if given else ("--out", str(out)))])


def _picture(by_id: dict[str, Question], row: SampleRow) -> bytes:
    return by_id[row.id].picture()
