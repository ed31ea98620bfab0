"""Benchmarks reach the command line through entry points, so that the agent never imports them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from handeye.agent.install_commands import install_command
from handeye.tools.errors import SetupError

GROUP = "handeye.benchmarks"
"""Entry points of this group are `typer.Typer` apps; each becomes `handeye bench NAME`."""
LONGEST = 1_000
"""Characters of a sentence about a command, more than any has."""
DEMO_GROUP = "handeye.demo"
"""An entry point of this group is a function `(out, as_json) -> exit code`; `handeye demo` runs the first."""


class WholeGroup(TyperGroup):
    """A group that lists its commands with what they do as a whole sentence; click cuts it off at the terminal's width."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """See click's `Group.format_commands`."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(limit=LONGEST)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class BenchGroup(WholeGroup):
    """A group whose commands are the installed benchmarks, each loaded when it is named."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Names of the installed benchmarks."""
        return sorted(entry.name for entry in metadata.entry_points(group=GROUP))

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """The command of one benchmark, or None if it is not installed."""
        for entry in metadata.entry_points(group=GROUP, name=cmd_name):
            try:
                return typer.main.get_command(entry.load())
            except ImportError as error:
                raise SetupError(f"The benchmark {cmd_name} cannot be loaded: {error}.", fix="install what brings it again") from error
        return None


def load_demo() -> Callable[[Path, bool], int]:
    """The installed demo. Raises `SetupError` when there is none."""
    for entry in metadata.entry_points(group=DEMO_GROUP):
        loaded: Callable[[Path, bool], int] = entry.load()
        return loaded
    raise SetupError("The demo is not installed.", fix=install_command("browser,ocr,bench"))
