"""`handeye bench speed browser|phone|desktop|runner|ocr|local|start`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from handeye.benchmarks.speed import SpeedReport, render
from handeye.tools.errors import InvalidAction

app = typer.Typer(help="Measure speed: medians and ratios to a baseline of the same run.", no_args_is_help=True)

Repeats = Annotated[int, typer.Option(min=1, help="How often each thing is measured.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@app.command()
def browser(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """A step in the browser, and settling in nine scenarios: about half a minute for each repeat."""
    from handeye.benchmarks.speed_browser import measure

    _print(measure(repeats), as_json)


@app.command()
def phone(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Screenshots beside adbutils', a tap step, and a simulated phone's boot, reset and memory: about 10 s for each repeat."""
    from handeye.benchmarks.speed_phone import measure

    _print(measure(repeats), as_json)


@app.command()
def desktop(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Screenshots, clicks and typing beside pyautogui, mss and xdotool, a step, a virtual desktop's start: about 10 s for each repeat."""
    from handeye.benchmarks.speed_desktop import measure

    _print(measure(repeats), as_json)


@app.command()
def runner(
    episodes: Annotated[int, typer.Option(min=1, help="MiniWoB++ episodes of each run.")] = 24,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each, a second of the model each.")] = 8,
    idle: Annotated[int, typer.Option(min=200, help="Episodes in which nothing happens.")] = 5_000,
    ray: Annotated[bool, typer.Option(help="Measure Ray too.")] = True,
    as_json: AsJson = False,
) -> None:
    """The runner of episodes: eight workers beside one, processes beside Ray, its own cost and memory: about five minutes."""
    from handeye.benchmarks.speed_runner import measure

    _print(measure(episodes, steps, idle, ray), as_json)


@app.command()
def ocr(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Reading a screen, and reading it again after a small change."""
    from handeye.benchmarks.speed_ocr import measure

    _print(measure(repeats), as_json)


@app.command()
def start(repeats: Repeats = 7, as_json: AsJson = False) -> None:
    """Importing handeye, and its help."""
    from handeye.benchmarks.speed_start import measure

    _print(measure(repeats), as_json)


@app.command()
def local(
    shape: Annotated[str, typer.Option(help="tiny, or the shapes of Qwen2.5-VL 3b and 7b, with random weights.")] = "tiny",
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, ...  [default: the GPU if there is one]", show_default=False)] = "",
    repeats: Repeats = 5,
    as_json: AsJson = False,
) -> None:
    """A local model: prefix reuse against full recompute, a step part by part, batches, memory."""
    from handeye.agent.models.local.loading import need_packages
    from handeye.benchmarks.speed_local import measure

    if shape not in ("tiny", "3b", "7b"):
        raise InvalidAction(f"--shape is tiny, 3b or 7b, not {shape!r}")
    need_packages()
    import torch

    where = device or ("cuda" if torch.cuda.is_available() else "cpu")
    _print(measure("tiny" if shape == "tiny" else "3b" if shape == "3b" else "7b", repeats, where), as_json)


def _print(report: SpeedReport, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict()) + "\n")
    else:
        Console().print(render(report))
