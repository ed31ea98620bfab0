"""The hosts pack alone: `python -m handeye.benchmarks.safety.hosts.hosts_cli [--baseline] [--quick] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from handeye.benchmarks.safety.hosts.report import BaselineReport, HostsReport
from handeye.benchmarks.safety.hosts.run import VECTORS, run_baseline, run_hosts
from handeye.tools.errors import HandeyeError


def main() -> None:
    """The command line. Exit codes: 0 passed, 1 something got out or was stopped falsely, 2 set-up error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", action="store_true", help="the pages' ways out without a gate: how many of them do anything here")
    parser.add_argument("--quick", action="store_true", help="of the pages' ways out one of each class")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    given = parser.parse_args()

    def progress(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    try:
        report: HostsReport | BaselineReport = run_baseline(progress) if given.baseline else run_hosts(progress, given.quick)
    except HandeyeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    if given.json:
        lines = [json.dumps(asdict(report) if isinstance(report, BaselineReport) else report.numbers())]
    elif isinstance(report, BaselineReport):
        lines = [
            f"{len(report.fired)} of {len(VECTORS)} ways out reach the forbidden host without a gate, in {report.browser}.",
            f"Not: {', '.join(report.silent) or 'none'}.",
        ]
    else:
        counts = f"{report.escapes} bytes got out, {report.stray} stray connections, {report.false_blocks} false blocks"
        lines = [
            f"{len(report.rows)} cases in {report.seconds:.0f} s, in {report.browser}: {counts}.",
            f"{len(report.failed)} cases came out otherwise than they must.",
            *(f"  {row.number} {row.case!a}: {row.detail!a}" for row in report.failed),
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(0 if isinstance(report, BaselineReport) or report.passed else 1)


if __name__ == "__main__":
    main()
