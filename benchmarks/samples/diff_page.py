"""A comparison of two runs as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from handeye.benchmarks.results import write_whole
from handeye.benchmarks.samples.diff_tables import facts, sentences, value
from handeye.tools.errors import SetupError

MOST = 300
"""Samples of one kind of disagreement on the page; a browser scrolls through so many without effort."""


def write_page(path: Path, found: Mapping[str, Any]) -> None:
    """Write the page. Raises `SetupError` where it cannot be written."""
    try:
        write_whole(path, page(found).encode("utf-8", "xmlcharrefreplace"))
    except OSError as error:
        raise SetupError(f"{path} cannot be written ({error})", fix="give another --html") from error


def page(found: Mapping[str, Any]) -> str:
    """The page of what `handeye.benchmarks.samples.diff.compare` gives. Texts of data and models are escaped."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    folder = files("handeye.benchmarks.samples")
    template, style = ((folder / name).read_text(encoding="utf-8") for name in ("diff.html", "diff.css"))
    environment = Environment(
        loader=DictLoader({"diff.html": template}), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    changes = dict.fromkeys(sample["change"] for sample in found["samples"])
    groups = [(change, [_card(sample) for sample in found["samples"] if sample["change"] == change]) for change in changes]
    from markupsafe import Markup

    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("diff.html").render(
        found=found,
        sentences=sentences(found),
        facts=facts(found),
        value=value,
        groups=groups,
        most=MOST,
        style=Markup(style),
        style_hash=f"sha256-{digest}",
    )


def _card(sample: Mapping[str, Any]) -> dict[str, Any]:
    width, height = sample["size"]
    if width <= 0 or height <= 0:
        return {"sample": sample, "drawing": None}
    target = sample["target"]
    boxes = [box for box in (target.get("box"), *(target.get("boxes") or ())) if _numbers(box)]
    points = [(name, *sample[name]["point"]) for name in ("a", "b") if sample[name]["point"]]
    rectangles = [(left, top, max(0, right - left), max(0, bottom - top)) for left, top, right, bottom in boxes]
    return {"sample": sample, "drawing": {"width": width, "height": height, "boxes": rectangles, "points": points}}


def _numbers(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(isinstance(edge, int | float) and isfinite(edge) for edge in box)
