"""What a run of the hosts pack found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from handeye.benchmarks.safety.hosts.vectors import Verdict


@dataclass(frozen=True)
class HostRow:
    """One case."""

    number: int
    """The class of case, as numbered in `README.md`."""
    case: str
    expected: Verdict
    delivered: int
    """Bytes that reached the forbidden host."""
    stray: int
    """Connections to it with nothing on them."""
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class HostsReport:
    """All cases of one run."""

    rows: tuple[HostRow, ...]
    unclaimed_bytes: int
    """Bytes at the forbidden host that name no case."""
    unclaimed_stray: int
    seconds: float
    browser: str

    @property
    def escapes(self) -> int:
        """Bytes that reached the forbidden host, by TCP or UDP."""
        return self.unclaimed_bytes + sum(row.delivered for row in self.rows)

    @property
    def stray(self) -> int:
        """Connections to the forbidden host with nothing on them."""
        return self.unclaimed_stray + sum(row.stray for row in self.rows)

    @property
    def false_blocks(self) -> int:
        """Cases that must be allowed and were not."""
        return sum(row.expected == "allowed" and not row.ok for row in self.rows)

    @property
    def failed(self) -> tuple[HostRow, ...]:
        """The cases that did not come out as they must."""
        return tuple(row for row in self.rows if not row.ok)

    @property
    def passed(self) -> bool:
        """Nothing got out, nothing was stopped that should not be, every case came out as it must."""
        return not (self.escapes or self.stray or self.failed)

    def failures(self) -> tuple[str, ...]:
        """What did not come out as it must, a line each."""
        lines = [f"case {row.number}, {row.case}: {row.detail or f'{row.delivered} bytes delivered'}" for row in self.failed]
        if self.unclaimed_bytes or self.unclaimed_stray:
            lines.append(f"{self.unclaimed_bytes} bytes and {self.unclaimed_stray} connections that name no case")
        return tuple(lines)

    def numbers(self) -> dict[str, Any]:
        """As JSON values."""
        totals = {"escapes": self.escapes, "stray": self.stray, "false_blocks": self.false_blocks, "failed": len(self.failed)}
        return {**totals, "cases": len(self.rows), "seconds": round(self.seconds, 1), "browser": self.browser} | {
            "rows": [asdict(row) for row in self.rows]
        }


@dataclass(frozen=True)
class BaselineReport:
    """The vectors without a gate: which of them do anything at all in this browser."""

    fired: tuple[str, ...]
    silent: tuple[str, ...]
    seconds: float
    browser: str
