"""The browser part of `handeye demo`: which pages the embedded model works."""

from __future__ import annotations

from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.miniwob.seeds import page_seeds

DEMO_TASKS: tuple[tuple[str, int], ...] = (
    ("click-test-2", 1),
    ("click-button", 1),
    ("click-link", 1),
    ("enter-text", 1),
    ("click-dialog-2", 1),
    ("login-user", 1),
    ("click-checkboxes", 1),
    ("click-option", 1),
    ("click-tab", 1),
    ("click-shape", 1),
)
"""Tasks and how many of each one's first seeds. Not picked to win: some of them are beyond a model that only reads."""


def demo_jobs() -> list[Job]:
    """The episodes."""
    return [Job(task, index, seed) for task, count in DEMO_TASKS for index, seed in enumerate(page_seeds(task, count))]
