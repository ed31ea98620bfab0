"""`handeye demo`: the embedded model works some web pages, a simulated phone and a virtual desktop before the user's eyes."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.demo_page import START_PAGE, Part, write_start_page
from handeye.benchmarks.desktop import bench as desktop
from handeye.benchmarks.desktop.demo import desktop_jobs, why_no_desktop
from handeye.benchmarks.miniwob import bench as miniwob
from handeye.benchmarks.miniwob.demo import demo_jobs
from handeye.benchmarks.simphone import bench as simphone
from handeye.benchmarks.simphone.demo import phone_jobs, why_no_phone
from handeye.tools.errors import InvalidAction

MODEL = "ocr"


def run_demo(out: Path, as_json: bool = False) -> int:
    """Run the demo into `out`, an earlier demo there making room, and give the exit code.

    The phone's and the desktop's part are left out, with the reason, where their packages or programs are not installed. Raises
    `SetupError` when another piece is missing, `InvalidAction` when `out` holds something else.
    """
    _make_room(out)
    console = Console(stderr=as_json, highlight=False)
    console.print("[bold]handeye demo[/]: the embedded model sees nothing but the pixels, and works the pages with mouse and keyboard.")
    console.print("[dim]It reads the screen and follows explicit instructions; where a task needs more than that, it may fail.[/]\n")
    browser = miniwob.run_benchmark(miniwob.Request(MODEL, out / "browser"), console, demo_jobs(), "handeye demo, browser")
    parts = [
        Part("browser", "Web pages", "Pages of MiniWoB++, with mouse and keyboard.", browser),
        _phone(out, console),
        _desktop(out, console),
    ]
    write_start_page(out, parts)
    if as_json:
        sys.stdout.write(json.dumps(_numbers(parts)) + "\n")
        return 0
    _tell(console, out, parts)
    return 0


def _phone(out: Path, console: Console) -> Part:
    title = "A phone"
    if why := why_no_phone():
        console.print(f"\n[dim]The phone's part is left out: {escape(why)}[/]")
        return Part("phone", title, why, None)
    console.print("\nAnd a [bold]simulated Android phone[/], through the real adb, with a finger:\n")
    numbers = simphone.run_benchmark(simphone.Request(MODEL, out / "phone"), console, phone_jobs(), "handeye demo, phone")
    return Part("phone", title, "A simulated Android phone, through adb; scored by what is then stored on it.", numbers)


def _desktop(out: Path, console: Console) -> Part:
    title = "A desktop"
    if why := why_no_desktop():
        console.print(f"\n[dim]The desktop's part is left out: {escape(why)}[/]")
        return Part("desktop", title, why, None)
    console.print("\nAnd a [bold]virtual desktop[/] with real programs, which your own screen sees nothing of:\n")
    request = desktop.Request(MODEL, out / "desktop")
    numbers = desktop.run_benchmark(request, console, desktop_jobs(), "handeye demo, desktop")
    return Part("desktop", title, "Real programs on a virtual desktop; scored by the files that they leave behind.", numbers)


def _tell(console: Console, out: Path, parts: list[Part]) -> None:
    numbers = _numbers(parts)
    won = round(numbers["success_rate"] * numbers["episodes"])
    each = ", ".join(f"{part.name} {part.won} of {part.numbers['episodes']}" for part in parts if part.numbers is not None)
    console.print(f"\n[bold green]success rate {numbers['success_rate']:.0%}[/] ({won} of {numbers['episodes']} episodes: {each})")
    console.print("Look at each episode step by step:", escape(str((out / START_PAGE).resolve())), soft_wrap=True)


def _numbers(parts: list[Part]) -> dict[str, Any]:
    """The numbers of all parts together, and each part's own; of one that was left out, the reason."""
    run = [part.numbers for part in parts if part.numbers is not None]
    rows = [row for numbers in run for row in numbers["rows"]]
    return {
        "benchmark": "demo",
        "model": MODEL,
        "tasks": sum(numbers["tasks"] for numbers in run),
        "episodes": len(rows),
        "success_rate": sum(row["success"] for row in rows) / len(rows) if rows else 0.0,
        "errors": sum(numbers["errors"] for numbers in run),
        "rows": rows,
        **{part.name: part.numbers if part.numbers is not None else {"left_out": part.text} for part in parts},
    }


def _make_room(out: Path) -> None:
    """Take away an earlier demo: a second look at the demo is a run, not a resumed one."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    folders = [folder for folder in (out, out / "browser", out / "phone", out / "desktop") if (folder / "config.json").is_file()]
    if not folders:
        raise InvalidAction(f"{out} exists and holds no earlier demo", fix="give another --out")
    for folder in folders:
        for name in ("config.json", "results.jsonl", START_PAGE):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "episodes", ignore_errors=True)
    (out / START_PAGE).unlink(missing_ok=True)
