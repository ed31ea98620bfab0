"""The report: one self-contained HTML page with the rates, every episode's last picture, and links to the episodes."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from handeye.agent.viewer.safe_page import asset, rendered_page, save_page, styled
from handeye.benchmarks.episodes.rows import EpisodeRow, score

_HERE = "handeye.benchmarks.episodes"
TONES = {"full": "in full", "some": "partly", "wrong": "wrong", "open": "not done", "error": "error"}
THUMB, WIDE_THUMB = (96, 126), (320, 200)
"""Largest width and height of a picture, in pixels, and of one that is wider than high."""


@dataclass(frozen=True)
class Wording:
    """What a benchmark's report says in its own words."""

    title: str
    how: str
    """How the episodes were run, a sentence or two."""
    world: str
    """Whose failures count as errors, as in `browser or model`."""
    full: str = "raw reward of 1"
    solved: str = "raw reward above 0"
    footer: str = ""
    wide: bool = False
    """Whether screens are wider than high."""


@dataclass(frozen=True)
class _Card:
    tone: str
    word: str
    seed: int
    steps: int
    seconds: float
    goal: str
    note: str
    search: str
    page: str
    thumb: str


@dataclass(frozen=True)
class _Task:
    name: str
    kind: str
    won: int
    cards: tuple[_Card, ...]


def write_report(out: Path, numbers: dict[str, Any], wording: Wording) -> Path:
    """Write `out`/index.html from a summary and give its path. Raises `TrajectoryError` when it cannot be written."""
    return save_page(out / "index.html", render(out, numbers, wording))


def render(out: Path, numbers: dict[str, Any], wording: Wording) -> str:
    """The page for the results in `out`. All text of pages and models is escaped, and nothing on the page can reach a network."""
    rows = [EpisodeRow.model_validate(row) for row in numbers["rows"]]
    thumb = WIDE_THUMB if wording.wide else THUMB
    values = {
        "numbers": numbers,
        "wording": wording,
        "tasks": [_task(out, name, list(of), thumb) for name, of in groupby(rows, key=lambda row: row.task)],
        "tones": TONES,
    }
    return rendered_page(_HERE, "report.html", (), styled(_HERE, "report.css"), asset(_HERE, "report.js"), values)


def _task(out: Path, name: str, rows: list[EpisodeRow], thumb: tuple[int, int]) -> _Task:
    return _Task(name, rows[0].kind, sum(row.success for row in rows), tuple(_card(out, row, thumb) for row in rows))


def _card(out: Path, row: EpisodeRow, thumb: tuple[int, int]) -> _Card:
    tone = "error" if row.error else "full" if row.strict else "some" if row.success else "wrong" if row.done else "open"
    note = row.error or row.reason or ("" if row.success or row.done else row.message)
    return _Card(
        tone=tone,
        word=score(row) if tone in ("some", "wrong") else TONES[tone],
        seed=row.seed,
        steps=row.steps,
        seconds=row.seconds,
        goal=row.goal,
        note=note,
        search=f"{row.task} {row.goal} {note}".lower(),
        page=quote(f"{row.run}/index.html") if row.run and (out / row.run / "index.html").is_file() else "",
        thumb=_thumb(out / row.run / row.last_screen, thumb) if row.run and row.last_screen else "",
    )


def _thumb(path: Path, most: tuple[int, int]) -> str:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail(most, Image.Resampling.LANCZOS, reducing_gap=2.0)
    except (OSError, SyntaxError, ValueError):
        return ""
    data = io.BytesIO()
    small.save(data, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")
