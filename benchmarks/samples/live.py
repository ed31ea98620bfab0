"""What a person sees while questions are asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from handeye.benchmarks.samples.rows import SampleRow

EVERY_S = 30.0
"""Between two lines where there is no terminal."""
WRONG_FORMAT = "wrong format"
"""The verdict on a reply that cannot be read (`Judgement.verdict`)."""


class LiveProgress:
    """A bar with rate, accuracy so far, wrong formats, errors and time left.

    Without a terminal: a line now and then. Without a console: nothing.
    """

    def __init__(self, console: Console | None, title: str, total: int, before: Sequence[SampleRow]) -> None:
        self._console, self._title, self._total = console, title, total
        self._done = self._correct = self._wrong_format = self._errors = 0
        for row in before:
            self._count(row)
        self._before = self._done
        self._begun = self._said = time.monotonic()
        self._bar: Progress | None = None
        if console is not None and console.is_terminal:
            one_line = Column(no_wrap=True, overflow="ellipsis")
            ends = TextColumn(f"[bold]{escape(title)}[/]", table_column=one_line), TextColumn("{task.completed}/{task.total}")
            bar = BarColumn(bar_width=None, table_column=Column(ratio=1))
            self._bar = Progress(ends[0], bar, ends[1], _Words(self), console=console, expand=True, refresh_per_second=5)
            self._shown = self._bar.add_task("", total=total, completed=self._done)

    def __enter__(self) -> LiveProgress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()
        elif self._done > self._before:
            self._say()

    def finished(self, row: SampleRow) -> None:
        """A row is known."""
        self._count(row)
        if self._bar:
            self._bar.update(self._shown, completed=self._done)
        elif time.monotonic() - self._said >= EVERY_S:
            self._said = time.monotonic()
            self._say()

    @property
    def words(self) -> str:
        """Rate, accuracy and what went wrong so far, and the time left."""
        here, seconds = self._done - self._before, time.monotonic() - self._begun
        said = [f"{here / seconds:.1f}/s" if here and seconds else "...", f"{self._correct / self._done:.1%} right" if self._done else ""]
        said += [
            f"{self._wrong_format} wrong format" if self._wrong_format else "",
            f"{self._errors} error{'s' * (self._errors > 1)}" if self._errors else "",
        ]
        if here and self._done < self._total:
            said.append(f"{_duration(seconds / here * (self._total - self._done))} left")
        return ", ".join(part for part in said if part)

    def _count(self, row: SampleRow) -> None:
        self._done += 1
        self._correct += row.correct
        self._wrong_format += row.verdict == WRONG_FORMAT
        self._errors += bool(row.error)

    def _say(self) -> None:
        if self._console is not None:
            self._console.print(Text(f"{self._title}: {self._done}/{self._total}, {self.words}"), soft_wrap=True)


class _Words(ProgressColumn):
    def __init__(self, live: LiveProgress) -> None:
        super().__init__(table_column=Column(no_wrap=True))
        self._live = live

    def render(self, task: Task) -> Text:
        return Text(self._live.words)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
