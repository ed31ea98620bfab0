"""What a person sees while a benchmark runs, and the table at its end."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from handeye.agent.describe import one_line
from handeye.benchmarks.episodes.attempts import Standing
from handeye.benchmarks.episodes.rows import EpisodeRow, Progress, score

KEPT = 14
"""How many of the finished episodes stay on the screen."""
HEADER = 2
"""Lines of the screen that are neither an episode's nor the numbers': the column names, and the one the cursor is in."""
SHOWN = 300
"""Characters of a goal or an error that are shown; what does not print in them is escaped, since pages and models write them."""


class LiveTable:
    """Episodes under way and lately finished, successes so far, what is left. Without a terminal: a line for each finished episode."""

    def __init__(self, console: Console, title: str, total: int, standing: Standing) -> None:
        """`standing` is kept up to date by the run."""
        self._console = console
        self._title = title
        self._total = total
        self._standing = standing
        self._before = len(standing.outcomes)
        self._lately: deque[EpisodeRow] = deque(maxlen=KEPT)
        self._now: dict[int, Progress] = {}
        self._begun = time.monotonic()
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=5) if console.is_terminal else None

    def __enter__(self) -> LiveTable:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._now.clear()
            self._live.stop()

    def progress(self, progress: Progress) -> None:
        """An episode has come further."""
        self._now[progress.worker] = progress

    def finished(self, row: EpisodeRow) -> None:
        """An episode is over, and the standing knows it."""
        self._lately.append(row)
        for worker, progress in list(self._now.items()):
            if progress.job.key == row.key:
                del self._now[worker]
        if self._live is None:
            done = len(self._standing.outcomes)
            again = f" (attempt {row.attempt + 1})" if row.attempt else ""
            why = f": {escape(one_line(row.error, SHOWN))}" if row.error else ""
            self._console.print(
                f"{done:>4}/{self._total}  {escape(row.task):<30} {verdict(row)}  {row.steps} steps, {row.seconds:.1f} s{again}{why}",
                soft_wrap=True,
            )

    def _render(self) -> RenderableType:
        table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
        table.add_column("task", no_wrap=True, max_width=30)
        table.add_column("seed", justify="right", width=6)
        table.add_column("steps", justify="right", width=5)
        table.add_column("result", width=9)
        table.add_column("goal, or what goes on", ratio=1, no_wrap=True)
        footer = Text.from_markup(self._footer())
        # What goes beyond the screen is cut off from below, where the numbers stand: episodes give way to them.
        room = max(0, self._console.height - len(footer.wrap(self._console, self._console.width)) - HEADER)
        running = [now for _, now in sorted(self._now.items())]
        shown = running if len(running) <= room else running[: max(0, room - 1)]
        lately = list(self._lately)
        for row in lately[len(lately) - min(len(lately), room - len(shown)) :] if len(shown) == len(running) else ():
            table.add_row(
                escape(row.task), str(row.seed), str(row.steps), verdict(row), Text(one_line(row.error or row.goal, SHOWN), style="dim")
            )
        for now in shown:
            table.add_row(f"[bold]{escape(now.job.task)}[/]", str(now.job.seed), str(now.step), "[cyan]...[/]", Text(now.text))
        if len(shown) < len(running):
            table.add_row(f"[dim]... and {len(running) - len(shown)} more run[/]")
        return Group(table, footer)

    def _footer(self) -> str:
        # Copies: this is drawn by a thread of its own, while episodes come and go.
        outcomes, running = list(self._standing.outcomes.values()), list(self._now.values())
        done = len(outcomes)
        won, full, broken, late = (sum(getattr(one, name) for one in outcomes) for name in ("success", "strict", "error", "late"))
        said = f"\n[bold]{escape(self._title)}[/]  {done}/{self._total} episodes"
        if done:
            said += f", solved [bold green]{won}[/] ({won / done:.0%}), in full {full} ({full / done:.0%})"
        if broken:
            said += f", [red]{broken} errors[/]"
        if late:
            said += f", {late} ended at the deadline"
        if self._standing.extra:
            said += f", {self._standing.extra} tried again"
        tokens = sum(one.tokens for one in outcomes) + sum(now.tokens for now in running)
        cost = sum(one.cost for one in outcomes) + sum(now.cost for now in running)
        said += f", {tokens:,} tokens" if tokens else ""
        said += f", {cost:.2f} spent" if cost else ""
        if (here := done - self._before) > 0:
            spent = time.monotonic() - self._begun
            said += f", {here / spent * 60:.1f} episodes a minute"
            if done < self._total:
                said += f", about {_duration(spent / here * (self._total - done))} left"
        return said


def verdict(row: EpisodeRow) -> str:
    """How an episode ended, as rich markup."""
    if row.error:
        return "[red]error[/]"
    if row.success:
        return "[green]solved[/]" if row.strict else f"[yellow]{score(row)}[/]"
    return f"[magenta]{score(row)}[/]" if row.done else "[dim]not done[/]"


def final_table(numbers: dict[str, Any], title: str) -> Table:
    """Rates by class and in all, from `rows.summary`."""
    table = Table(title=escape(title), title_justify="left")
    table.add_column("class")
    for name in ("tasks", "episodes", "raw > 0", "raw = 1", "errors"):
        table.add_column(name, justify="right")
    for kind, part in numbers["classes"].items():
        table.add_row(kind, *_cells(part))
    table.add_section()
    table.add_row("all", *_cells(numbers), style="bold")
    model, env = numbers["median_step_model_s"], numbers["median_step_env_s"]
    if model is not None:
        table.caption = f"median step: {model:.2f} s model, {env:.2f} s environment"
    return table


def _cells(part: dict[str, Any]) -> tuple[str, ...]:
    rates = (f"{part['success_rate']:.3f}", f"{part['success_rate_strict']:.3f}")
    return (str(part["tasks"]), str(part["episodes"]), *rates, str(part["errors"]))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
