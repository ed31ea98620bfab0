"""The page of a run: its template, style and script put together (`safe_page` says what no text in it can do)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from handeye.agent.trajectory import Trajectory, load_trajectory
from handeye.agent.viewer.pictures import PAGE_LIMIT, embed
from handeye.agent.viewer.safe_page import asset, rendered_page, save_page, styled
from handeye.agent.viewer.steps import end_view, screens_of, step_views

_HERE = "handeye.agent.viewer"


def render(trajectory: Trajectory, picture_limit: int = PAGE_LIMIT) -> str:
    """One HTML page that shows the run, its screenshots inlined; it needs neither other files nor a network.

    Screenshots that cannot be read are replaced by words. When the picture files exceed `picture_limit` bytes they are made
    smaller, and the page says so.
    """
    album = embed(trajectory, screens_of(trajectory), picture_limit)
    values = {
        "episode": trajectory.episode,
        "tables": [(name.replace("_", " ").capitalize(), value) for name, value in trajectory.episode if isinstance(value, dict)],
        "result": trajectory.result,
        "truncated": trajectory.truncated,
        "steps": list(step_views(trajectory, album)),
        "end": end_view(trajectory, album),
        "note": album.note,
        "started": _when(trajectory.episode.started_at),
    }
    return rendered_page(_HERE, "page.html", ("parts.html",), styled(_HERE, "viewer.css"), asset(_HERE, "viewer.js"), values)


def write(run: Path, out: Path | None = None) -> Path:
    """Save the page of the run in the folder `run` as `out` (`run`/index.html without one) and give its path.

    Raises `TrajectoryError` when the run cannot be read or the page cannot be written.
    """
    return save_page(run / "index.html" if out is None else out, render(load_trajectory(run)))


def _when(stamp: str) -> str:
    """An ISO time as `2025-11-22 14:03 UTC`; what is not one stays as it is."""
    try:
        return datetime.fromisoformat(stamp).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return stamp
