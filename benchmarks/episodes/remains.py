"""What is on disk of an episode that was cut off: its deadline came, its worker died, or its score could not be computed.

Steps, tokens, money and the last screen were spent and seen all the same, and people want to look at just these episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.tools.errors import TrajectoryError

if TYPE_CHECKING:
    from handeye.agent.trajectory import Attempt, StepRow


def with_remains(row: EpisodeRow, folder: Path) -> EpisodeRow:
    """The row with what the trajectory in `folder` says of the episode until it was cut off; as it is where there is none to be read."""
    from handeye.agent.trajectory import load_trajectory

    try:
        found = load_trajectory(folder)
    except TrajectoryError:
        return row
    attempts = [attempt for step in found.steps for attempt in step.attempts]
    limit = found.episode.limits.get("steps")
    return row.model_copy(
        update={
            "goal": row.goal or found.episode.goal,
            "budget": row.budget or (limit if isinstance(limit, int) else 0),
            "prompt_tokens": sum(attempt.prompt_tokens for attempt in attempts),
            "completion_tokens": sum(attempt.completion_tokens for attempt in attempts),
            "last_screen": row.last_screen or _last_screen(folder),
            **measured(found.steps),
        }
    )


def measured(steps: Sequence[StepRow]) -> dict[str, Any]:
    """The fields of a row that are computed from an episode's steps."""
    return {
        "cost": round(sum(cost_of(attempt) for step in steps for attempt in step.attempts), 6),
        "steps": len(steps),
        "model_s": tuple(round(step.timings.model_s + step.timings.parse_s, 4) for step in steps),
        "env_s": tuple(round(step.timings.act_s + step.timings.settle_s + step.timings.capture_s, 4) for step in steps),
    }


def cost_of(attempt: Attempt) -> float:
    """Money that a call of the model cost; 0 where its backend does not tell."""
    cost = attempt.details.get("cost")
    return float(cost) if isinstance(cost, int | float) else 0.0


def write_episode_page(folder: Path) -> None:
    """The episode's own HTML page, to which the report links; a run that cannot be shown is still a run."""
    if not (folder / "episode.json").is_file():
        return
    from handeye.agent.viewer import write

    with suppress(Exception):
        write(folder)


def _last_screen(folder: Path) -> str:
    """The newest screenshot, of whose step there may be no row yet."""
    try:
        names = sorted(path.name for path in (folder / "screens").glob("*.png"))
    except OSError:
        return ""
    return f"screens/{names[-1]}" if names else ""
