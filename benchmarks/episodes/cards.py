"""The cards of a report: each episode with its last picture and the way to its viewer, within bounds of pictures, bytes and cards."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from handeye.benchmarks.episodes.breakdown import FAILURES, kind_name
from handeye.benchmarks.episodes.rows import EpisodeRow, score
from handeye.benchmarks.episodes.tables import clipped

TONES = {"full": "in full", "some": "partly", "wrong": "wrong", "open": "not done", "error": "error"}
THUMB, WIDE_THUMB = (96, 126), (320, 200)
"""Largest width and height of a picture, in pixels, and of one that is wider than high."""
MOST_CARDS, MOST_PICTURES = 1500, 300
"""A browser scrolls through so many cards without effort."""
MOST_PIXELS = 250_000_000
"""That are decoded: a phone's PNG of 2.6 million takes a tenth of a second."""
MOST_BYTES = 4_000_000
"""Of all pictures on the page."""
GOAL, NOTE = 300, 400
"""Characters of a goal and of a message; all of it is in the episode's viewer and in `results.jsonl`."""


@dataclass(frozen=True)
class Card:
    """One episode."""

    anchor: str
    tone: str
    word: str
    failure: str
    """Its kind, as `EpisodeRow.failure`."""
    failed: str
    """The kind for people."""
    means: str
    """The kind in words."""
    index: int
    seed: int
    steps: str
    """Used, and of how many."""
    seconds: float
    attempt: int
    goal: str
    note: str
    page: str
    """The way to the episode's viewer, relative to the report; empty where there is none."""
    thumb: str


@dataclass(frozen=True)
class Gallery:
    """All cards, and what was left out to keep the page quick."""

    tasks: tuple[TaskCards, ...]
    left_out: int
    """Episodes without a card."""
    pictures: int
    without_picture: int
    """Cards whose episode has a last screen that is not shown."""


@dataclass(frozen=True)
class TaskCards:
    """The episodes of one task."""

    name: str
    kind: str
    difficulty: str
    tags: tuple[str, ...]
    won: int
    count: int
    """Episodes, shown or not."""
    cards: tuple[Card, ...]


def gallery(out: Path, rows: Sequence[EpisodeRow], wide: bool, budgets: Sequence[int]) -> Gallery:
    """The tasks with their cards. `budgets` are the rows'.

    Episodes that failed come before solved ones where there are more than fit, and likewise for pictures.
    """
    order = sorted(range(len(rows)), key=lambda place: rows[place].success)
    shown = set(order[:MOST_CARDS])
    pictures = _pictures(out, rows, [place for place in order if place in shown], WIDE_THUMB if wide else THUMB)
    tasks = []
    for name, places in groupby(range(len(rows)), key=lambda place: rows[place].task):
        of = list(places)
        cards = tuple(_card(out, rows[place], place, budgets[place], pictures.get(place, "")) for place in of if place in shown)
        first = rows[of[0]]
        won = sum(rows[place].success for place in of)
        tasks.append(TaskCards(name, first.kind, first.difficulty, first.tags, won, len(of), cards))
    screens = sum(bool(rows[place].last_screen) for place in shown)
    return Gallery(tuple(task for task in tasks if task.cards), len(rows) - len(shown), len(pictures), screens - len(pictures))


def viewer(out: Path, row: EpisodeRow) -> str:
    """The way to the episode's viewer, relative to the report; empty where there is none."""
    if not row.run or not inside(out, row.run):
        return ""
    return quote(f"{row.run}/index.html") if (out / row.run / "index.html").is_file() else ""


def inside(out: Path, name: str) -> bool:
    """Whether a name of a row stays in the run's folder."""
    try:
        return (out / name).resolve().is_relative_to(out.resolve())
    except (OSError, ValueError, RuntimeError):  # a zero byte is a ValueError, a loop of links a RuntimeError before 3.13
        return False


def _card(out: Path, row: EpisodeRow, place: int, budget: int, thumb: str) -> Card:
    tone = "error" if row.error else "full" if row.strict else "some" if row.success else "wrong" if row.done else "open"
    note = row.error or row.reason or ("" if row.success or row.done else row.message)
    return Card(
        anchor=f"e{place}",
        tone=tone,
        word=score(row) if tone in ("some", "wrong") else TONES[tone],
        failure=row.failure,
        failed=kind_name(row.failure),
        means=FAILURES.get(row.failure, ""),
        index=row.index,
        seed=row.seed,
        steps=f"{row.steps} of {budget} steps" if budget else f"{row.steps} step{'' if row.steps == 1 else 's'}",
        seconds=row.seconds,
        attempt=row.attempt,
        goal=clipped(row.goal, GOAL),
        note=clipped(note, NOTE),
        page=viewer(out, row),
        thumb=thumb,
    )


def _pictures(out: Path, rows: Sequence[EpisodeRow], places: Sequence[int], most: tuple[int, int]) -> dict[int, str]:
    """By place: the last screen as a `data:` address, until pictures, pixels or bytes are used up. Pillow decodes on all cores at once."""
    wanted, pixels = dict[int, Path](), 0
    for place in places:
        row = rows[place]
        if len(wanted) == MOST_PICTURES or pixels >= MOST_PIXELS:
            break
        if row.run and row.last_screen and inside(out, f"{row.run}/{row.last_screen}"):
            path = out / row.run / row.last_screen
            if size := _pixels(path):
                wanted[place] = path
                pixels += size
    found, left = dict[int, str](), MOST_BYTES
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for place, data in zip(wanted, pool.map(lambda path: _thumb(path, most), wanted.values()), strict=True):
            if data and len(data) <= left:
                found[place] = data
                left -= len(data)
    return found


def _pixels(path: Path) -> int:
    """How many pixels a picture has, from its first bytes; 0 for what is none."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.width * picture.height
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0


def _thumb(path: Path, most: tuple[int, int]) -> str:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail(most, Image.Resampling.LANCZOS, reducing_gap=2.0)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    data = io.BytesIO()
    small.save(data, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")
