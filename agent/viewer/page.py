"""The page: template, style and script put together so that nothing which a model or a web page said can run in it.

Every text goes through the template's autoescaping, the page holds no data for its script beside the markup, and a content security
policy names the one style and the one script by their hashes and forbids every connection.
"""

from __future__ import annotations

import base64
import hashlib
import math
import os
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.agent.trajectory import Trajectory, load_trajectory
from handeye.agent.viewer.pictures import PAGE_LIMIT, embed
from handeye.agent.viewer.steps import end_view, screens_of, step_views
from handeye.tools.errors import TrajectoryError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_INVISIBLE = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\ufeff") | {chr(n) for n in (*range(0x202A, 0x202F), *range(0x2060, 0x2070))}
"""Marks that change how the text around them reads without being seen (Unicode's bidirectional controls and zero-width characters)."""


def render(trajectory: Trajectory, picture_limit: int = PAGE_LIMIT) -> str:
    """One HTML page that shows the run, its screenshots inlined; it needs neither other files nor a network.

    Screenshots that cannot be read are replaced by words. When the picture files exceed `picture_limit` bytes they are made
    smaller, and the page says so.
    """
    album = embed(trajectory, screens_of(trajectory), picture_limit)
    style, script = _asset("viewer.css"), _asset("viewer.js")
    page = (
        _environment()
        .get_template("page.html")
        .render(
            episode=trajectory.episode,
            tables=[(name.replace("_", " ").capitalize(), value) for name, value in trajectory.episode if isinstance(value, dict)],
            result=trajectory.result,
            truncated=trajectory.truncated,
            steps=list(step_views(trajectory, album)),
            end=end_view(trajectory, album),
            note=album.note,
            started=_when(trajectory.episode.started_at),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    # Half of a surrogate pair has no bytes in UTF-8; as a character reference browsers show it as a replacement character.
    return page.encode("utf-8", "xmlcharrefreplace").decode("utf-8")


def write(run: Path, out: Path | None = None) -> Path:
    """Save the page of the run in the folder `run` as `out` (`run`/index.html without one) and give its path.

    Raises `TrajectoryError` when the run cannot be read or the page cannot be written.
    """
    page = render(load_trajectory(run))
    path = run / "index.html" if out is None else out
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
    return path


def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"page.html": _text("page.html"), "parts.html": _text("parts.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = _plain
    environment.filters["seconds"] = _seconds
    return environment


def _plain(text: str) -> Markup:
    """`text` escaped, with characters that are not seen or turn the text around shown by their code."""
    from markupsafe import Markup, escape

    if text.isprintable():
        return escape(text)
    pieces = (
        Markup('<span class="code-point">U+{:04X}</span>').format(ord(character)) if _is_hidden(character) else escape(character)
        for character in text
    )
    return Markup("").join(pieces)


def _is_hidden(character: str) -> bool:
    code = ord(character)
    return (code < 32 and character not in "\n\t\r") or 127 <= code < 160 or 0xD800 <= code < 0xE000 or character in _INVISIBLE


def _seconds(seconds: float) -> str:
    """A duration for people: `40 ms`, `1.84 s`, `12.3 s`, `2 min 05 s`."""
    if not math.isfinite(seconds) or seconds <= 0:
        return f"{seconds:g} s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "<1 ms"
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _when(stamp: str) -> str:
    """An ISO time as `2025-11-22 14:03 UTC`; what is not one stays as it is."""
    try:
        return datetime.fromisoformat(stamp).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return stamp


def _text(name: str) -> str:
    return (files("handeye.agent.viewer") / name).read_text(encoding="utf-8")


def _asset(name: str) -> Markup:
    from markupsafe import Markup

    return Markup(_text(name))


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
