"""A whole run: the pages that are left, live display, results, and a picture of what went wrong.

Beside the runner of the episode benchmarks (`handeye.benchmarks.episodes`), on purpose. This measures single clicks: one a page, of a
model of this process, in one browser. Its rows say where each click went, by which words, and what each phase of the model took; a row
of the runner (`EpisodeRow`) has no room for these and drops them. What the runner is for, this has no use for: pages have no tasks to be
grouped by, and take a quarter of a second. Of an episode only the loop itself is the same, `handeye.agent.loop.run_episode`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.agent.models.registry import open_model
from handeye.benchmarks.buttons.episode import Keep, PageRunner
from handeye.benchmarks.buttons.failures import write_failures
from handeye.benchmarks.buttons.live import LiveProgress
from handeye.benchmarks.buttons.results import Configuration, PageRow, summary
from handeye.benchmarks.results import ResultsFolder

PAGES = 200
STEPS = 3
"""A model that moves the pointer first may still click."""
MAX_NEW_TOKENS = 256
"""A click takes about 40; a model that has lost its way is not worth waiting for."""
DEFAULT_DIALECT = "qwen2.5-vl/computer_use"


@dataclass(frozen=True)
class Request:
    """What to run."""

    model: str
    out: Path
    pages: int = PAGES
    seed: int = 0
    """Which series of pages."""
    dialect: str = DEFAULT_DIALECT
    constrain: bool = False
    keep: Keep = "all"
    retry_errors: bool = False

    def configuration(self) -> Configuration:
        """What the results are bound to."""
        return Configuration(
            model=self.model,
            dialect=self.dialect,
            seed=self.seed,
            constrain=self.constrain,
            steps=STEPS,
            max_new_tokens=MAX_NEW_TOKENS,
        )


def run_benchmark(request: Request, console: Console) -> dict[str, Any]:
    """Run what is left of the request, write the results below `request.out`, and give the summary.

    Raises `SetupError` for a missing piece or a folder with results of another configuration. Ctrl-C leaves every finished row.
    """
    configuration = request.configuration()
    results = ResultsFolder(request.out, configuration, PageRow, request.retry_errors)
    try:
        before = [row for row in results.rows if row.page < request.pages]
        done = {row.page for row in before}
        left = [page for page in range(request.pages) if page not in done]
        if before:
            console.print(f"[dim]{len(before)} of {request.pages} pages are there already.[/]")
        if left:
            _run_pages(left, request, results, LiveProgress(console, configuration.model, request.pages, before))
    finally:
        results.close()
        write_failures(request.out, results.rows)
    return summary(configuration, [row for row in results.rows if row.page < request.pages])


def _run_pages(pages: list[int], request: Request, results: ResultsFolder[PageRow], live: LiveProgress) -> None:
    model = open_model(request.model)
    runner = PageRunner(request.configuration(), model, request.out, request.keep)
    try:
        with live:
            for page in pages:
                row = runner.run(page)
                results.append(row)
                live.finished(row)
    finally:
        runner.close()
        model.close()
