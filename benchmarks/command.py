"""What the commands of all benchmarks have alike: how their app is made, and the options that each of them takes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]


def command_app() -> typer.Typer:
    """An app for one command; errors are for `handeye.agent.cli` to tell."""
    return typer.Typer(
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
