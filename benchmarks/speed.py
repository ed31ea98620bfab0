"""What a speed benchmark reports: figures with the baseline that was measured beside them, and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class SpeedRow:
    """One figure: a median, and how it compares with a baseline of the same run. Trust the ratio, not the absolute value."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    """`value / baseline`."""

    def as_dict(self) -> dict[str, Any]:
        """The row as `--json` prints it."""
        return {"name": self.name, "value": self.value, "unit": self.unit, "baseline": self.baseline, "ratio": self.ratio}


@dataclass(frozen=True)
class SpeedTable:
    """A table beside the rows: columns, and lines of as many cells."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SpeedReport:
    """What one speed benchmark measured."""

    title: str
    rows: tuple[SpeedRow, ...]
    tables: tuple[SpeedTable, ...] = ()
    notes: tuple[str, ...] = ()
    """What the figures were measured on and how, a sentence each."""

    def as_dict(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        tables = [
            {"title": table.title, "columns": list(table.columns), "lines": [list(line) for line in table.lines]} for table in self.tables
        ]
        return {"benchmark": self.title, "rows": [row.as_dict() for row in self.rows], "tables": tables, "notes": list(self.notes)}


def compared(name: str, value: float, unit: str, baseline: float) -> SpeedRow:
    """A row with its ratio to `baseline`."""
    return SpeedRow(name, value, unit, baseline, value / baseline if baseline else None)


def render(report: SpeedReport) -> RenderableType:
    """The report for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    figures = Table(title=report.title, title_justify="left")
    for column in ("", "median", "baseline", "ratio"):
        figures.add_column(column, justify="left" if not column else "right")
    for row in report.rows:
        baseline = "" if row.baseline is None else f"{row.baseline:.4g} {row.unit}"
        figures.add_row(row.name, f"{row.value:.4g} {row.unit}", baseline, "" if row.ratio is None else f"{row.ratio:.2f}x")
    parts: list[RenderableType] = [figures]
    for table in report.tables:
        drawn = Table(title=table.title, title_justify="left")
        for number, column in enumerate(table.columns):
            drawn.add_column(column, justify="right" if number else "left")
        for line in table.lines:
            drawn.add_row(*line)
        parts.append(drawn)
    parts.extend(Text(note) for note in report.notes)
    return Group(*parts)
