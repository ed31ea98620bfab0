"""`handeye demo`: the embedded model works some MiniWoB++ pages before the user's eyes."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.miniwob.bench import Request, run_benchmark
from handeye.benchmarks.miniwob.seeds import page_seeds
from handeye.tools.errors import InvalidAction

MODEL = "ocr"
DEMO_TASKS: tuple[tuple[str, int], ...] = (
    ("click-test-2", 1),
    ("click-button", 1),
    ("click-link", 1),
    ("enter-text", 1),
    ("click-dialog-2", 1),
    ("login-user", 1),
    ("click-checkboxes", 1),
    ("click-option", 1),
    ("click-tab", 1),
    ("click-shape", 1),
)
"""Tasks and how many of each one's first seeds. Not picked to win: some of them are beyond a model that only reads."""


def demo_jobs() -> list[Job]:
    """The episodes of the demo."""
    return [Job(task, index, seed) for task, count in DEMO_TASKS for index, seed in enumerate(page_seeds(task, count))]


def run_demo(out: Path, as_json: bool = False) -> int:
    """Run the demo into `out`, an earlier demo there making room, and give the exit code.

    Raises `SetupError` when a piece is missing, `InvalidAction` when `out` holds something else.
    """
    _make_room(out)
    console = Console(stderr=as_json, highlight=False)
    console.print("[bold]handeye demo[/]: the embedded model sees nothing but the pixels, and works the pages with mouse and keyboard.")
    console.print("[dim]It reads the screen and follows explicit instructions; where a task needs more than that, it may fail.[/]\n")
    numbers = run_benchmark(Request(MODEL, out), console, demo_jobs(), "handeye demo")
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return 0
    won = sum(row["success"] for row in numbers["rows"])
    console.print(f"\n[bold green]success rate {numbers['success_rate']:.0%}[/] ({won} of {numbers['episodes']} episodes)")
    console.print("Look at each episode step by step:", escape(str((out / "index.html").resolve())), soft_wrap=True)
    return 0


def _make_room(out: Path) -> None:
    """Take away an earlier demo: a second look at the demo is a run, not a resumed one."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / "config.json").is_file():
        raise InvalidAction(f"{out} exists and holds no earlier demo", fix="give another --out")
    for name in ("config.json", "results.jsonl", "index.html"):
        (out / name).unlink(missing_ok=True)
    shutil.rmtree(out / "episodes", ignore_errors=True)
