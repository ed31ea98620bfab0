"""The options of the command line that every episode benchmark has: on what its episodes are run."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias

import typer
from typer.core import TyperCommand

from handeye.benchmarks.episodes.run import How
from handeye.tools.errors import InvalidAction

EXIT_CODES = "Exit codes: 0 done, 2 usage or set-up error, 130 stopped by Ctrl-C; the same command goes on."
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
    str | None,
    typer.Option(
        metavar="[ADDRESS]",
        help="Run on a Ray cluster: the one at ADDRESS; without it (or with `local`), one that is started on this machine.",
        show_default=False,
    ),
]


class EpisodeCommand(TyperCommand):
    """A command whose `--ray` may stand without a value: typer has no word for that."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click's `Command.parse_args`."""
        told = [*args, "--"]
        filled = [
            part
            for index, arg in enumerate(args)
            for part in ((arg, "local") if arg == "--ray" and told[index + 1].startswith("-") else (arg,))
        ]
        return super().parse_args(ctx, filled)


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
