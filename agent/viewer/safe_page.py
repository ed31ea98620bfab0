"""What every HTML page of handeye has in common: texts of models and web pages are in it, and nothing of them can run.

A page is a template with autoescaping, one style and one script. A content security policy names these two by their hashes and forbids
every connection, so the page needs neither other files nor a network, and gets none.
"""

from __future__ import annotations

import base64
import hashlib
import math
import os
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.tools.errors import TrajectoryError

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_HIDDEN = re.compile(
    r"([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff])"
)
"""Controls, halves of surrogate pairs, and marks that change how the text around them reads without being seen (Unicode's bidirectional
controls and zero-width characters)."""


def rendered_page(package: str, name: str, templates: tuple[str, ...], style: str, script: str, values: Mapping[str, Any]) -> str:
    """The template `name` of `package` with `values`, and `style`, `script`, `style_hash`, `script_hash` beside them.

    `templates` are the files of `package` that it may include. The filters `plain` and `seconds` are at hand.
    """
    page = (
        _environment(package, (name, *templates))
        .get_template(name)
        .render(style=_trusted(style), script=_trusted(script), style_hash=_hash(style), script_hash=_hash(script), **values)
    )
    # Half of a surrogate pair has no bytes in UTF-8; as a character reference browsers show it as a replacement character.
    return page.encode("utf-8", "xmlcharrefreplace").decode("utf-8")


def asset(package: str, name: str) -> str:
    """The text of a file that ships beside the modules of `package`."""
    return (files(package) / name).read_text(encoding="utf-8")


def styled(package: str, name: str) -> str:
    """The colours and fonts that all pages share, and the style `name` of `package` after them."""
    return asset("handeye.agent.viewer", "theme.css") + asset(package, name)


def save_page(path: Path, page: str) -> Path:
    """Write `page` to `path` in one go. Raises `TrajectoryError` when it cannot be written."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
    return path


@cache
def _environment(package: str, templates: tuple[str, ...]) -> Environment:
    """Kept, since compiling the templates takes longer than a short page's rendering."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({name: asset(package, name) for name in templates}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = plain
    environment.filters["seconds"] = seconds
    return environment


def plain(text: str) -> Markup:
    """`text` escaped, with characters that are not seen or turn the text around shown by their code."""
    from markupsafe import Markup, escape

    if text.isprintable():
        return escape(text)
    pieces = _HIDDEN.split(text)
    shown = (
        Markup('<span class="code-point">U+{:04X}</span>').format(ord(one)) if at % 2 else escape(one) for at, one in enumerate(pieces)
    )
    return Markup("").join(shown)


def seconds(duration_s: float) -> str:
    """A duration for people: `40 ms`, `1.84 s`, `12.3 s`, `2 min 05 s`."""
    if not math.isfinite(duration_s) or duration_s <= 0:
        return f"{duration_s:g} s"
    if duration_s < 0.9995:
        return f"{duration_s * 1000:.0f} ms" if duration_s >= 0.0005 else "<1 ms"
    if duration_s < 10:
        return f"{duration_s:.2f} s"
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - a file of the package's own


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
