"""What a person sees while pages are worked, and the table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from handeye.benchmarks.buttons.results import PageRow, Verdict

TONES: dict[Verdict, str] = {"inside": "green", "outside": "magenta", "no click": "yellow", "unreadable": "yellow", "error": "red"}
_MEANINGS: dict[str, str] = {
    "inside": "clicks inside the target",
    "outside": "clicks outside",
    "no click": "ended without a click",
    "unreadable": "replies that cannot be read",
    "error": "failures of browser or model",
}


class LiveProgress:
    """A bar with the rate, the clicks inside so far and the time left. Without a terminal: a line for each finished page."""

    def __init__(self, console: Console, title: str, total: int, before: Sequence[PageRow] = ()) -> None:
        self._console = console
        self._total = total
        self._done = len(before)
        self._inside = sum(row.verdict == "inside" for row in before)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(escape(title), total=total, completed=self._done, said=self._said())

    def __enter__(self) -> LiveProgress:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def finished(self, row: PageRow) -> None:
        """A page is over."""
        self._done += 1
        self._inside += row.verdict == "inside"
        self._progress.update(self._task, advance=1, said=self._said())
        if self._progress.disable:
            told = row.error or row.goal
            verdict = f"[{TONES[row.verdict]}]{row.verdict:<10}[/]"
            self._console.print(f"{self._done:>4}/{self._total}  {verdict}  {row.seconds:.2f} s  {escape(told)}", soft_wrap=True)

    def _said(self) -> str:
        rate = self._progress.tasks[0].speed if self._progress.tasks else None
        pace = f"{rate:.2f} pages/s" if rate else ""
        return f"[green]{self._inside}[/] inside ({self._inside / self._done:.1%})  {pace}" if self._done else ""


def print_summary(numbers: dict[str, Any], console: Console) -> None:
    """Verdicts, the interval of the rate, and what a page cost, from `results.summary`."""
    table = Table(title=f"buttons, {escape(numbers['model'])}, {numbers['episodes']} pages", title_justify="left")
    table.add_column("what")
    table.add_column("pages", justify="right")
    table.add_column("share", justify="right")
    count = max(1, numbers["episodes"])
    for verdict, number in numbers["verdicts"].items():
        table.add_row(_MEANINGS[verdict], str(number), f"{number / count:.1%}", style="bold" if verdict == "inside" else "")
    low, high = numbers["interval"]
    console.print(table)
    for line in (f"95% interval of the clicks inside: {low:.1%} to {high:.1%}", *_costs(numbers)):
        console.print(line, soft_wrap=True)


def _costs(numbers: dict[str, Any]) -> list[str]:
    lines = []
    if numbers["median_model_s"] is not None:
        phases = ", ".join(f"{name.removesuffix('_s')} {value:.2f}" for name, value in numbers["median_phases"].items())
        lines.append(f"median of the model: {numbers['median_model_s']:.2f} s a page" + (f" ({phases})" if phases else ""))
    if numbers["median_step_env_s"] is not None:
        lines.append(f"median of the environment: {numbers['median_step_env_s']:.2f} s a step")
    if numbers["cached_share"]:
        lines.append(f"{numbers['cached_share']:.0%} of the prompts' tokens were cached")
    return lines
