"""The report: one self-contained HTML page with the rates, every episode's last picture, and links to the episodes."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from handeye.benchmarks.episodes.rows import EpisodeRow, score
from handeye.tools.errors import TrajectoryError

if TYPE_CHECKING:
    from markupsafe import Markup

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
    page = render(out, numbers, wording)
    path = out / "index.html"
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(page, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
    return path


def render(out: Path, numbers: dict[str, Any], wording: Wording) -> str:
    """The page for the results in `out`. All text of pages and models is escaped, and nothing on the page can reach a network."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"report.html": _text("report.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = _asset("report.css"), _asset("report.js")
    rows = [EpisodeRow.model_validate(row) for row in numbers["rows"]]
    page = environment.get_template("report.html").render(
        numbers=numbers,
        wording=wording,
        tasks=[_task(out, name, list(of), WIDE_THUMB if wording.wide else THUMB) for name, of in groupby(rows, key=lambda row: row.task)],
        tones=TONES,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    # Half of a surrogate pair has no bytes in UTF-8.
    return page.encode("utf-8", "xmlcharrefreplace").decode("utf-8")


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


def _text(name: str) -> str:
    return (files("handeye.benchmarks.episodes") / name).read_text(encoding="utf-8")


def _asset(name: str) -> Markup:
    from markupsafe import Markup

    return Markup(_text(name))


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
