"""A whole run: which episodes, the ones that are left, live display, results, report."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.benchmarks.episodes.registry import EpisodeBenchmark
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.episodes.run import How, Plan, run_plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.webgames.env import base_address
from handeye.benchmarks.webgames.episode import Worker
from handeye.benchmarks.webgames.games import choose, content_hash, read_games
from handeye.benchmarks.webgames.results import Configuration, summary
from handeye.tools.geometry import Size

DEFAULT_DIALECT = "qwen2.5-vl/computer_use"
STEPS = 40
"""The published runs had 20 turns of up to ten actions each (browser-use 0.1.45: agent/views.py, `max_actions_per_step`); a turn here is
mostly one action."""


@dataclass(frozen=True)
class Request:
    """What to run."""

    model: str
    """A model's name, or `noop`."""
    out: Path
    base_url: str
    """Where a copy of the games is served."""
    tasks: Path
    """WebGames' own JSONL."""
    dialect: str = ""
    games: tuple[str, ...] = ()
    """None named: all."""
    variants: tuple[str, ...] = ()
    """None named: all."""
    repeats: int = 1
    max_steps: int = STEPS
    viewport: Size = Size(1280, 800)
    how: How = field(default_factory=How)


def run_benchmark(request: Request, console: Console) -> dict[str, Any]:
    """Run what is left of the request, write results and report below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece, a file of games that is none, or a folder with results of another configuration, and
    `InvalidAction` for an address or a game that is none. Ctrl-C leaves every finished row.
    """
    base, games = base_address(request.base_url), read_games(request.tasks)
    configuration = Configuration(
        model=request.model,
        dialect="action-json" if request.model == "noop" else request.dialect or DEFAULT_DIALECT,
        max_steps=request.max_steps,
        games=content_hash(games),
        viewport=request.viewport,
    )
    chosen = choose(games, request.games, request.variants)
    plan = Plan(
        configuration=configuration,
        jobs=[Job(game.name, index, index) for index in range(request.repeats) for game in chosen],
        spec=spec_of(Worker, configuration, request.out, base=base, games=[game.model_dump(mode="json") for game in chosen]),
        count=partial(summary, configuration),
        wording=wording(configuration),
        how=request.how,
    )
    return run_plan(plan, request.out, console)


def wording(configuration: Configuration) -> Wording:
    """What the report says of a run."""
    how = (
        f"{configuration.policy}. At most {configuration.max_steps} steps, dialect {configuration.dialect}, screenshots of "
        f"{Size(*configuration.viewport)}, games {configuration.games}."
    )
    footer = "Published scores come from agents that read the page's elements; see the README of benchmarks/webgames."
    return Wording("WebGames", how, "browser, server or model", full="password said", solved="password said", footer=footer, wide=True)


BENCHMARK = EpisodeBenchmark(Configuration, summary, wording)
