"""`handeye bench speed browser|phone|desktop|dialects|runner|ocr|local|grounding|safety|start`."""

from __future__ import annotations

import json
import sys
from typing import Annotated, cast, get_args

import typer
from rich.console import Console

from handeye.benchmarks.command import AsJson
from handeye.benchmarks.shapes import Shape
from handeye.benchmarks.speed import SpeedReport, render
from handeye.tools.errors import InvalidAction, SetupError

app = typer.Typer(
    help="Measure speed: medians and ratios to a baseline of the same run.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Repeats = Annotated[int, typer.Option(min=1, help="How often each thing is measured.")]
ShapeOption = Annotated[str, typer.Option("--shape", help="tiny, or the shapes of Qwen2.5-VL 3b and 7b, with random weights.")]
DeviceOption = Annotated[
    str, typer.Option("--device", help="cpu, cuda, cuda:1, ...  [default: the GPU if there is one]", show_default=False)
]


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
def dialects(repeats: Repeats = 3, as_json: AsJson = False) -> None:
    """The worst hostile reply of 200 kB that each dialect is known to read: about a minute."""
    from handeye.benchmarks.speed_dialects import measure

    _print(measure(repeats), as_json)


@app.command()
def runner(
    episodes: Annotated[int, typer.Option(min=1, help="MiniWoB++ episodes of each run.")] = 48,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each, a second of the model each.")] = 8,
    idle: Annotated[int, typer.Option(min=200, help="Episodes in which nothing happens.")] = 5_000,
    ray: Annotated[bool, typer.Option(help="Measure Ray too.")] = True,
    as_json: AsJson = False,
) -> None:
    """The runner of episodes: eight workers beside one, processes beside Ray, its own cost and memory: about ten minutes."""
    from handeye.benchmarks.speed_runner import measure

    _print(measure(episodes, steps, idle, ray), as_json)


@app.command()
def ocr(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Reading a screen, and reading it again after a small change."""
    from handeye.benchmarks.speed_ocr import measure

    _print(measure(repeats), as_json)


@app.command()
def safety(repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """What safety costs: a page through the proxy, looks at targets, permitted steps. About 20 s for each repeat."""
    from handeye.benchmarks.speed_safety import measure

    _print(measure(repeats), as_json)


@app.command()
def start(repeats: Repeats = 7, as_json: AsJson = False) -> None:
    """Importing handeye, and its help."""
    from handeye.benchmarks.speed_start import measure

    _print(measure(repeats), as_json)


@app.command()
def local(shape: ShapeOption = "tiny", device: DeviceOption = "", repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """A local model: prefix reuse against full recompute, a step part by part, batches, memory."""
    from handeye.agent.models.local.loading import need_packages
    from handeye.benchmarks.speed_local import measure

    wanted = _shape(shape)
    need_packages()
    _print(measure(wanted, repeats, _device(device)), as_json)


@app.command()
def grounding(shape: ShapeOption = "tiny", device: DeviceOption = "", repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Single replies: the harness alone, decoding on all cores, a local model in batches and in the usual loop. Half a minute a repeat.

    `tiny` is the trained checkpoint of `handeye bench buttons` here. Without the extra `local` its part is left out.
    """
    from handeye.agent.models.local.loading import need_packages
    from handeye.benchmarks.speed_grounding import measure

    wanted = _shape(shape)
    try:
        need_packages()
    except SetupError:
        _print(measure(None, repeats, ""), as_json)
    else:
        _print(measure(wanted, repeats, _device(device)), as_json)


def _shape(shape: str) -> Shape:
    if shape not in get_args(Shape):
        raise InvalidAction(f"--shape is tiny, 3b or 7b, not {shape!r}")
    return cast(Shape, shape)


def _device(device: str) -> str:
    import torch

    return device or ("cuda" if torch.cuda.is_available() else "cpu")


def _print(report: SpeedReport, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict()) + "\n")
    else:
        Console().print(render(report))
