"""Reading annotations: rows with their place, and everything that is wrong with them in one error."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.benchmarks.grounding.sample import Sample
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

MAX_BYTES = 500_000_000
"""The largest annotation known here has 2 MB; a file beyond this is none."""
DEPTH = 4
"""How many folders deep a benchmark's files are looked for."""
SHOWN = 8
"""Problems that an error names; the others are counted."""


@dataclass(frozen=True)
class Row:
    """One row of an annotation file."""

    path: Path
    number: int
    """From 0."""
    values: Mapping[str, Any]

    @property
    def source(self) -> str:
        """File and row in words."""
        return f"{self.path.name} row {self.number}"


@dataclass
class Problems:
    """What is wrong with the data, collected so that one error tells all of it."""

    found: list[str] = field(default_factory=list)

    def add(self, source: str, what: str) -> None:
        """Note that `source` (a file, or a file and a row) is wrong."""
        self.found.append(f"{source}: {what}")

    def settle(self, name: str, fix: str) -> None:
        """Raise `SetupError` if anything was wrong; `fix` is what mends it."""
        if self.found:
            more = len(self.found) - SHOWN
            listed = "\n  ".join(self.found[:SHOWN]) + (f"\n  and {more} more" if more > 0 else "")
            raise SetupError(f"the data of {name} cannot be trusted:\n  {listed}\n", fix=fix)


class Unreadable(ValueError):
    """One value of a row is not what it must be; the message says how."""


def read_json_rows(path: Path, problems: Problems) -> list[Row]:
    """The rows of a JSON list of objects; whatever is wrong with the file goes to `problems`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            problems.add(path.name, f"has more than {MAX_BYTES // 1_000_000} MB")
            return []
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        problems.add(path.name, f"cannot be read, perhaps it was cut off ({error})")
        return []
    if not isinstance(data, list):
        problems.add(path.name, "is not a list of rows")
        return []
    rows = []
    for number, values in enumerate(data):
        if isinstance(values, dict):
            rows.append(Row(path, number, values))
        else:
            problems.add(f"{path.name} row {number}", "is not an object")
    return rows


def count_rows(rows: Iterable[Row], path: Path, published: int | None, partial: bool, problems: Problems, notes: list[str]) -> None:
    """Hold the number of rows of a file against the published one: another number is refused, or with `partial` noted."""
    found = sum(1 for _ in rows)
    if published is not None and found != published:
        what = f"has {found} rows, the published file has {published}"
        if partial:
            notes.append(f"{path.name} {what}.")
        else:
            problems.add(path.name, what)


def find_files(data: Path, names: Iterable[str]) -> dict[str, Path]:
    """Those of `names` that lie in `data` or in a folder of it.

    Raises `SetupError` when `data` is no folder, or a name is there twice (which of them was meant is not guessed).
    """
    if not data.is_dir():
        raise SetupError(f"{data} is no folder", fix="give the folder of the benchmark with --data")
    wanted, found = set(names), dict[str, Path]()
    root = os.fspath(data)
    for folder, inner, files in os.walk(root):
        if folder[len(root) :].count(os.sep) >= DEPTH:
            inner.clear()
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in wanted.intersection(files):
            if name in found:
                raise SetupError(f"{name} is in {found[name].parent} and in {folder}", fix="give one of these folders with --data")
            found[name] = Path(folder, name)
    return found


def text(values: Mapping[str, Any], key: str) -> str:
    """The text under `key`. Raises `Unreadable` when it is not there or no text."""
    value = values.get(key)
    if not isinstance(value, str):
        raise Unreadable(f"{key} is {value!r:.60}, not a text" if key in values else f"{key} is missing")
    return value


def numbers(values: Mapping[str, Any], key: str) -> tuple[float, ...]:
    """The list of finite numbers under `key`. Raises `Unreadable`."""
    value = values.get(key)
    if not isinstance(value, list | tuple):
        raise Unreadable(f"{key} is {value!r:.60}, not a list of numbers" if key in values else f"{key} is missing")
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e9:
            raise Unreadable(f"{key} holds {number!r:.40}, which is no finite number of pixels")
    return tuple(value)


def size_of(values: Mapping[str, Any], key: str) -> Size:
    """The width and height under `key`. Raises `Unreadable`."""
    given = numbers(values, key)
    if len(given) != 2 or any(side < 1 or side != math.floor(side) for side in given):
        raise Unreadable(f"{key} is {list(given)}, not a width and a height")
    return Size(int(given[0]), int(given[1]))


def note_duplicates(samples: Iterable[Sample], notes: list[str]) -> None:
    """Count the rows that ask the same of the same place again; they are published like that, and stay."""
    places = defaultdict[Any, list[str]](list)
    for sample in samples:
        places[sample.image.name, sample.instruction, repr(sample.target)].append(sample.source)
    twice = [sources for sources in places.values() if len(sources) > 1]
    if twice:
        some = "; ".join(" = ".join(sources) for sources in twice[:SHOWN])
        notes.append(f"Asked more than once, as published, and scored each time: {some}.")


def refuse_same_ids(samples: Iterable[Sample], problems: Problems) -> None:
    """Two rows under one id are refused: outputs could not be told apart."""
    seen = dict[str, str]()
    for sample in samples:
        if sample.id in seen:
            problems.add(sample.source, f"has the id {sample.id}, as {seen[sample.id]} has")
        seen.setdefault(sample.id, sample.source)
