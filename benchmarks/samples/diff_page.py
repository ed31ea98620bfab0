"""A comparison of two runs as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from handeye.benchmarks.results import write_whole
from handeye.benchmarks.samples.diff_tables import facts, sentences, value
from handeye.benchmarks.samples.pairs import is_pixel
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
    from markupsafe import Markup

    folder = files("handeye.benchmarks.samples")
    template, style = ((folder / name).read_text(encoding="utf-8") for name in ("diff.html", "diff.css"))
    environment = Environment(
        loader=DictLoader({"diff.html": template}), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    changes = dict.fromkeys(sample["change"] for sample in found["samples"])
    groups = [(change, [_card(sample) for sample in found["samples"] if sample["change"] == change]) for change in changes]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("diff.html").render(
        found=found,
        sentences=sentences(found),
        facts=facts(found),
        value=value,
        groups=groups,
        most=MOST,
        style=Markup(style),  # noqa: S704 - a file of the package's own
        style_hash=f"sha256-{digest}",
    )


def _card(sample: Mapping[str, Any]) -> dict[str, Any]:
    width, height = sample["size"]
    if width <= 0 or height <= 0:
        return {"sample": sample, "drawing": None}
    points = [(name, *sample[name]["point"]) for name in ("a", "b") if sample[name]["point"]]
    return {"sample": sample, "drawing": {"width": width, "height": height, "outlines": _outlines(sample["target"]), "points": points}}


def _outlines(target: Mapping[str, Any]) -> list[str]:
    """The corners of each area that is meant, as SVG's `points` has them; what is no area is left out."""
    boxes = [target.get("box"), *(target["boxes"] if isinstance(target.get("boxes"), list) else ())]
    areas = [[(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])] for box in boxes if _places(box, 4)]
    polygon = target.get("polygon")
    if isinstance(polygon, list) and all(_places(corner, 2) for corner in polygon):
        areas.append(polygon)
    return [" ".join(f"{x:g},{y:g}" for x, y in area) for area in areas]


def _places(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(is_pixel, value))
