"""`handeye bench androidworld`."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.warnings import warn
from handeye.benchmarks.androidworld.bench import Request, run_benchmark
from handeye.benchmarks.androidworld.emulators import NO_SNAPSHOT, SNAPSHOT, AppResult, Emulators, set_up_avd, set_up_serials
from handeye.benchmarks.androidworld.solutions import EIGHTEEN
from handeye.benchmarks.androidworld.suite import BUDGETS, SEED, TRIED, check_commit, doubts
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.episodes import options
from handeye.benchmarks.episodes.attempts import RETRIES
from handeye.benchmarks.episodes.live import final_table
from handeye.benchmarks.episodes.run import DEADLINE_S
from handeye.benchmarks.episodes.tables import over_seeds
from handeye.envs.sizes import read_size
from handeye.tools.android.emulator import FIRST_PORT
from handeye.tools.errors import InvalidAction

Checkout: TypeAlias = Annotated[
    Path, typer.Option("--android-world", envvar="HANDEYE_ANDROID_WORLD", help="Checkout of google-research/android_world.")
]
ItsPython: TypeAlias = Annotated[
    str, typer.Option(envvar="HANDEYE_ANDROID_WORLD_PYTHON", help="A Python with AndroidWorld's packages.  [default: this one]")
]
Serials: TypeAlias = Annotated[
    str, typer.Option(help="Running phones or emulators, with commas between: one for each worker.", show_default=False)
]
Avd: TypeAlias = Annotated[
    str, typer.Option(help="Emulators of this virtual device of the Android SDK, started here, one for each worker.", show_default=False)
]
Snapshot: TypeAlias = Annotated[
    str, typer.Option(help=f"What emulators load before each task; {NO_SNAPSHOT}: they boot, and nothing is brought back between tasks.")
]
SetUp: TypeAlias = Annotated[
    bool,
    typer.Option("--setup", help="First-time setup: AndroidWorld downloads and prepares its apps; with --avd it is saved as the snapshot."),
]
EmulatorPort: TypeAlias = Annotated[int, typer.Option(help="Console port of the first emulator; the others follow in steps of two.")]
EmulatorArgs: TypeAlias = Annotated[
    str, typer.Option(help="What else the emulator is told, as '-gpu host -memory 4096'.", show_default=False)
]
AnyCommit: TypeAlias = Annotated[
    bool, typer.Option("--any-commit", help=f"Run a checkout that is not at {TRIED}; the results say which commit it was.")
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the results; the same one again goes on where it stopped.  [default: runs/androidworld-TIME]", show_default=False
    ),
]
app = command_app()


@app.command(cls=options.EpisodeCommand, epilog=options.EXIT_CODES)
def androidworld(
    android_world: Checkout,
    python: ItsPython = "",
    model: Annotated[str, typer.Option("--model", "-m", help="openai:MODEL@URL, transformers:..., ...")] = "ocr",
    dialect: Annotated[str, typer.Option(help="The model's action format, or package.module:MyDialect.")] = "auto",
    device: Annotated[str, typer.Option(help="sim: simulated phones, started here, which host a part of the tasks.")] = "sim",
    serials: Serials = "",
    avd: Avd = "",
    snapshot: Snapshot = SNAPSHOT,
    setup: SetUp = False,
    emulator_port: EmulatorPort = FIRST_PORT,
    emulator_args: EmulatorArgs = "",
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
    any_commit: AnyCommit = False,
    out: Out = None,
    retry_errors: options.RetryErrors = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """AndroidWorld: its own code sets tasks up and scores them, the agent works the phone through handeye's driver."""
    if oracle and noop:
        raise InvalidAction("--oracle and --noop exclude each other")
    if device != "sim":
        raise InvalidAction(f"--device is sim, not {device!r}", fix="name running phones with --serials, or a virtual device with --avd")
    if avd and serials:
        raise InvalidAction("--avd and --serials exclude each other")
    names, running = listed(tasks), listed(serials)
    emulators = Emulators(avd, snapshot, emulator_port, tuple(shlex.split(emulator_args))) if avd else None
    console = Console(stderr=as_json, highlight=False)
    check_commit(android_world, any_commit)
    if setup:
        set_up(emulators, running, android_world, python or sys.executable, console, as_json)
        return
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
        serials=running,
        emulators=emulators,
        screen=read_size(size),
        how=options.how_of(workers, deadline, retries, retry_errors, shard, ray),
    )
    warn([*choose_dialect(request.model, request.dialect, "phone").warnings, *doubts(android_world)])
    numbers = run_benchmark(request, console)
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    show(numbers, folder, console)


def show(numbers: dict[str, Any], folder: Path, console: Console) -> None:
    """The table, AndroidWorld's own means, and where the report is."""
    console.print(final_table(numbers, f"AndroidWorld, {numbers['model']}"))
    means = {name: numbers[name] for name in ("task_mean", "published_mean", "without_true_at_once") if numbers[name] is not None}
    console.print(", ".join(f"{name.replace('_', ' ')} {mean:.1%}" for name, mean in means.items()), soft_wrap=True)
    if (seeds := over_seeds(numbers)) is not None:
        console.print("{1}: {0}, {2}".format(*seeds), soft_wrap=True)
    console.print(f"report: {escape(str(folder / 'index.html'))}", soft_wrap=True)


def listed(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def set_up(
    emulators: Emulators | None, serials: tuple[str, ...], checkout: Path, python: str, console: Console, as_json: bool
) -> None:  # fmt: skip
    """The first-time setup; exits with 1 when an app was not installed. Raises `InvalidAction` for simulated phones."""
    if emulators is None and not serials:
        raise InvalidAction("a simulated phone needs no setup, and runs no APKs", fix="name a virtual device with --avd, or --serials")

    def listen(result: AppResult) -> None:
        said = result.error or "; ".join(result.warnings) or "ready"
        console.print(
            f"{escape(result.serial)}  {escape(result.app)}: {escape(said)}", soft_wrap=True, style="red" if result.error else None
        )

    if emulators is not None:
        results = set_up_avd(emulators, checkout, python, listen)
    else:
        results = set_up_serials(serials, checkout, python, listen)
    failed = [result for result in results if result.error]
    if as_json:
        sys.stdout.write(json.dumps({"apps": [asdict(result) for result in results], "failed": len(failed)}) + "\n")
    elif failed:
        console.print(f"{len(failed)} of {len(results)} apps were not installed, and no snapshot was saved: run the same again.")
    elif emulators is not None:
        console.print(f"The snapshot {emulators.snapshot} of {emulators.avd} is what runs with --avd {emulators.avd} start from.")
    if failed:
        raise typer.Exit(1)
