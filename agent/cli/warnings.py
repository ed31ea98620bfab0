"""What a user must not miss."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape


def warn(sentences: Sequence[str]) -> None:
    """Each sentence on standard error, in colour where that is a terminal."""
    console = Console(stderr=True, highlight=False)
    for sentence in sentences:
        console.print(f"[bold red]WARNING[/]: {escape(sentence)}", soft_wrap=True)
