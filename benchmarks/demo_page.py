"""The demo's start page: one card for each part, with its episodes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from handeye.tools.errors import TrajectoryError

START_PAGE = "index.html"


@dataclass(frozen=True)
class Part:
    """A part of the demo."""

    name: str
    """Its folder."""
    title: str
    text: str
    """What it is, or why it was left out."""
    numbers: dict[str, Any] | None
    """None: it was left out."""

    @property
    def won(self) -> int:
        """Episodes that were solved."""
        return sum(row["success"] for row in self.numbers["rows"]) if self.numbers else 0


def write_start_page(out: Path, parts: list[Part]) -> Path:
    """Write `out`/index.html and give its path. Raises `TrajectoryError` when it cannot be written."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = (files("handeye.benchmarks") / "demo.html").read_text(encoding="utf-8")
    page = environment.from_string(template).render(parts=parts, page=lambda part, row: f"{part.name}/{quote(row['run'])}/index.html")
    path = out / START_PAGE
    try:
        path.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
    return path
