"""`handeye doctor`: the diagnosis as a table, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handeye.agent.check_result import Check
from handeye.agent.doctor import diagnose
from handeye.agent.install_commands import CORE

NEEDED = (CORE, "browser", "ocr")
"""What handeye needs as it comes: its browser and its embedded model. The other extras are a choice."""


def doctor_command(deep: bool, as_json: bool) -> int:
    """Diagnose this machine and print it. The exit code: 0 when the browser and the embedded model can work, else 2."""
    checks = diagnose(deep=deep)
    if as_json:
        typer.echo(to_json(checks))
    else:
        show(checks)
    return 0 if all(check.ok for check in checks if check.extra in NEEDED) else 2


def show(checks: Sequence[Check], console: Console | None = None) -> None:
    """Print what is there and what is missing, extra by extra, then the commands that mend it, each on a line that can be copied."""
    console = console or Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("extra", "needs", "", "found"):
        table.add_column(heading, overflow="fold")
    previous = ""
    for check in checks:
        mark = "[green]ok[/]" if check.ok else "[red]missing[/]"
        table.add_row("" if check.extra == previous else check.extra, escape(check.name), mark, escape(check.detail))
        previous = check.extra
    console.print(table)
    fixes = {check.fix: check.extra for check in reversed(checks) if not check.ok and check.fix}
    if not fixes:
        console.print("\nNothing is missing.")
        return
    console.print("\nTo mend what you need of it:")
    for fix, extra in reversed(fixes.items()):
        console.print(f"  [bold]{extra:8}[/] {escape(fix)}", soft_wrap=True, highlight=False)


def to_json(checks: Sequence[Check]) -> str:
    """One JSON object: `ok`, and the checks with the fields of `Check`."""
    return json.dumps({"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}, indent=2)
