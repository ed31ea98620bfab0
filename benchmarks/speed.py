"""What a speed benchmark reports: medians, each beside a baseline that was measured in the same run, and the ratio of the two.

Absolute times depend on the machine and on what else it does; the ratios are what can be compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table


@dataclass(frozen=True)
class SpeedRow:
    """One figure. `ratio` is `value / baseline`: below 1 is faster than the baseline."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""
    limit: float | None = None
    """The largest value or, where there is a baseline, ratio that the project promises."""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline this is; None without one."""
        return self.value / self.baseline if self.baseline else None


@dataclass(frozen=True)
class SpeedTable:
    """A table that goes with the rows: its cells are text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SpeedReport:
    """The result of one speed benchmark."""

    benchmark: str
    rows: tuple[SpeedRow, ...]
    tables: tuple[SpeedTable, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """`{benchmark, rows: [{name, value, unit, baseline, ratio, ...}], tables}`."""
        return {
            "benchmark": self.benchmark,
            "rows": [{**asdict(row), "ratio": row.ratio} for row in self.rows],
            "tables": [asdict(table) for table in self.tables],
        }


def median_s(action: Callable[[], object], repeats: int, warm_up: int = 1) -> float:
    """Median seconds of `repeats` runs of `action`, after `warm_up` runs that do not count."""
    for _ in range(warm_up):
        action()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def render(report: SpeedReport) -> RenderableType:
    """The report for a terminal."""
    rows = Table(title=f"speed: {report.benchmark}", title_justify="left")
    for column in ("what", "value", "baseline", "ratio", "promised"):
        rows.add_column(column, justify="left" if column == "what" else "right")
    for row in report.rows:
        baseline = f"{row.baseline:.4g} {row.unit} {row.baseline_name}".rstrip() if row.baseline is not None else ""
        promised = f"<= {row.limit:g}{'x' if row.baseline is not None else ' ' + row.unit}" if row.limit is not None else ""
        rows.add_row(row.name, f"{row.value:.4g} {row.unit}", baseline, f"{row.ratio:.2f}x" if row.ratio is not None else "", promised)
    return Group(rows, *(_table(table) for table in report.tables))


def _table(table: SpeedTable) -> Table:
    rendered = Table(*table.columns, title=table.title, title_justify="left")
    for cells in table.rows:
        rendered.add_row(*cells)
    return rendered
