"""What a person sees while episodes run: the numbers whatever the size of the terminal, and why an episode failed where there is none."""

from __future__ import annotations

import io
import threading
import time

import pytest
from rich.console import Console

from handeye.benchmarks.episodes.attempts import Standing
from handeye.benchmarks.episodes.live import LiveTable
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress


def row(number: int, **values: object) -> EpisodeRow:
    return EpisodeRow.model_validate({"task": f"done-{number}", "kind": "k", "index": 0, "seed": number, "steps": 3, **values})


@pytest.mark.parametrize(("running", "height"), [(8, 24), (40, 24), (4, 12), (1, 24)])
def test_the_numbers_are_seen_on_a_small_terminal_whatever_runs(running: int, height: int) -> None:
    screen, standing = io.StringIO(), Standing()
    console = Console(file=screen, force_terminal=True, width=80, height=height, color_system=None)
    with LiveTable(console, "MiniWoB++, " + "a model of a long name, " * 3, 500, standing) as table:
        for number in range(running):
            table.progress(Progress(Job(f"now-{number}", 0, 0), 2, "thinking aloud", number, tokens=10))
        for number in range(20):
            standing.add(row(number, raw=1.0))
            table.finished(row(number, raw=1.0))
        end = time.monotonic() + 20
        while "20/500 episodes" not in screen.getvalue() and time.monotonic() < end:
            threading.Event().wait(0.02)
        seen = screen.getvalue()
        frame = seen[seen.rfind("goal, or what goes on") :]
    for part in ("20/500 episodes", "solved 20 (100%)", f"{10 * running} tokens", "episodes a minute", "left"):
        assert part in " ".join(frame.split()), frame
    assert "now-0" in frame
    assert "thinking aloud" in frame
    assert (f"now-{running - 1}" in frame) == (running < 20), "what does not fit is counted"
    assert ("more run" in frame) == (running == 40)
    assert ("done-19" in frame) == (running < 20)


def test_without_a_terminal_a_failure_of_the_world_says_what_it_was() -> None:
    out, standing = io.StringIO(), Standing()
    with LiveTable(Console(file=out, width=80), "MiniWoB++", 1, standing) as table:
        failed = row(0, error="no server [red]answers[/] at http://127.0.0.1:8000/v1: " + "long " * 30)
        standing.add(failed)
        table.finished(failed)
    assert out.getvalue().count("\n") == 1, "a line for each episode"
    assert "no server [red]answers[/] at http" in out.getvalue()
