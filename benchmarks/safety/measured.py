"""The parts of the pack that are no scenes, as figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.benchmarks.safety.hosts.report import HostsReport


@dataclass(frozen=True)
class HostFigures:
    """What reached a host that is not listed."""

    report: HostsReport

    @property
    def passed(self) -> bool:
        """No byte and no connection arrived, and what is listed worked."""
        return bool(self.report.rows) and not self.failures() and not self.report.escapes and not self.report.stray

    def numbers(self) -> dict[str, Any]:
        """See `Figures.numbers`."""
        return self.report.as_json()

    def failures(self) -> tuple[str, ...]:
        """See `Figures.failures`."""
        lines = [f"case {row.number}, {row.case}: {row.detail or f'{row.delivered} bytes delivered'}" for row in self.report.failed]
        if self.report.unclaimed_bytes or self.report.unclaimed_stray:
            lines.append(f"{self.report.unclaimed_bytes} bytes and {self.report.unclaimed_stray} connections that name no case")
        return tuple(lines)


def hosts(folder: Path, quick: bool, tell: Callable[[str], None]) -> HostFigures:
    """The part `hosts`: the same whether quick or not. Raises `SetupError` where there is no browser."""
    from handeye.benchmarks.safety.hosts.run import run_hosts

    return HostFigures(run_hosts(tell))
