"""The options of the command line that every episode benchmark has: on what its episodes are run."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

import typer

from handeye.benchmarks.episodes.run import How
from handeye.tools.errors import InvalidAction

Workers: TypeAlias = Annotated[int, typer.Option(min=1, help="Processes, each with a world of its own.")]
Deadline: TypeAlias = Annotated[
    float,
    typer.Option(min=0, help="Seconds after which an episode is ended with all that it started; 0: never."),
]
Retries: TypeAlias = Annotated[int, typer.Option(min=0, help="How often an episode is tried again that a failure of the world ended.")]
RetryErrors: TypeAlias = Annotated[
    bool, typer.Option("--retry-errors", help="Try episodes again whose retries are used up; every attempt stays in the results.")
]
Shard: TypeAlias = Annotated[
    str, typer.Option(help="i/n: only every n-th episode from the i-th on; `handeye bench merge` joins the runs.", show_default=False)
]
Ray: TypeAlias = Annotated[
    str | None, typer.Option(help="Run on a Ray cluster: its address, or `local` for one on this machine.", show_default=False)
]


def how_of(workers: int, deadline: float, retries: int, retry_errors: bool, shard: str, ray: str | None) -> How:
    """The options as the runner takes them. Raises `InvalidAction` for a shard that is none."""
    return How(workers, deadline, retries, retry_errors, read_shard(shard), "" if ray == "local" else ray)


def read_shard(text: str) -> tuple[int, int]:
    """`2/5` as (2, 5), nothing as (1, 1). Raises `InvalidAction`."""
    if not text:
        return 1, 1
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part <= parts:
        raise InvalidAction(f"--shard is i/n with i from 1 to n, as 2/5, not {text!r}")
    return part, parts
