"""`handeye bench androidworld`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.warnings import warn
from handeye.benchmarks.androidworld.bench import Request, run_benchmark
from handeye.benchmarks.androidworld.solutions import EIGHTEEN
from handeye.benchmarks.androidworld.suite import BUDGETS, SEED
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.envs.sizes import read_size
from handeye.tools.errors import InvalidAction

app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Exit codes: 0 done, 1 stopped, 2 usage or set-up error.")
def androidworld(
    android_world: Annotated[
        Path, typer.Option("--android-world", envvar="HANDEYE_ANDROID_WORLD", help="Checkout of google-research/android_world.")
    ],
    python: Annotated[
        str, typer.Option(envvar="HANDEYE_ANDROID_WORLD_PYTHON", help="A Python with AndroidWorld's packages.  [default: this one]")
    ] = "",
    model: Annotated[str, typer.Option("--model", "-m", help="openai:MODEL@URL, transformers:..., ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format, or package.module:MyDialect.")] = "auto",
    device: Annotated[str, typer.Option(help="sim: simulated phones, started here, which host a part of the tasks.")] = "sim",
    serials: Annotated[
        str, typer.Option(help="Running phones or emulators, with commas between: one for each worker.", show_default=False)
    ] = "",
    tasks: Annotated[str, typer.Option(help="Names with commas between; eighteen: those scored by settings; all if not given.")] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Instances of each task, each with parameters of its own.")] = 1,
    seed: Annotated[int, typer.Option(help="What the instances' parameters are drawn by.")] = SEED,
    budget: Annotated[str, typer.Option(help=f"Steps that an agent has: {', '.join(BUDGETS)}.")] = "official",
    max_steps: Annotated[int | None, typer.Option(min=1, help="Give up after this many instead.", show_default=False)] = None,
    workers: options.Workers = 1,
    deadline: options.Deadline = DEADLINE_S,
    retries: options.Retries = RETRIES,
    shard: options.Shard = "",
    ray: options.Ray = None,
    size: Annotated[str, typer.Option(help="Pixels of a simulated phone's screen.")] = "1080x2400",
    oracle: Annotated[bool, typer.Option("--oracle", help="No model: each task's own steps; scored before and after.")] = False,
    noop: Annotated[bool, typer.Option("--noop", help="No model: do nothing and say that it is done.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; the same one again goes on where it stopped.  [default: runs/androidworld-TIME]",
            show_default=False,
        ),
    ] = None,
    retry_errors: options.RetryErrors = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """AndroidWorld: its own code sets tasks up and scores them, the agent works the phone through handeye's driver."""
    if oracle and noop:
        raise InvalidAction("--oracle and --noop exclude each other")
    if device != "sim":
        raise InvalidAction(f"--device is sim, not {device!r}", fix="name running phones with --serials")
    names = tuple(name.strip() for name in tasks.split(",") if name.strip())
    console = Console(stderr=as_json, highlight=False)
    folder = out or Path("runs") / f"androidworld-{datetime.now():%Y%m%d-%H%M%S}"
    request = Request(
        model="oracle" if oracle else "noop" if noop else model,
        out=folder,
        checkout=android_world,
        python=python or sys.executable,
        dialect=dialect,
        tasks=tuple(EIGHTEEN) if names == ("eighteen",) else names,
        seeds=seeds,
        seed=seed,
        budget=budget,
        max_steps=max_steps,
        serials=tuple(serial.strip() for serial in serials.split(",") if serial.strip()),
        screen=read_size(size),
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
    )
    warn(choose_dialect(request.model, request.dialect, "phone").warnings)
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console.print(final_table(numbers, f"AndroidWorld, {numbers['model']}"))
    means = {name: numbers[name] for name in ("task_mean", "published_mean", "without_true_at_once") if numbers[name] is not None}
    console.print(", ".join(f"{name.replace('_', ' ')} {mean:.1%}" for name, mean in means.items()), soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)
