"""The gallery of misses: which rows are shown, and their pictures, so that the page stays small and every cell is seen."""

from __future__ import annotations

import base64
import io
import struct
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from PIL import Image

from handeye.benchmarks.samples.overlay import Shapes, Window, around, distance, pair, shapes
from handeye.benchmarks.samples.rows import SampleRow
from handeye.tools.errors import HandeyeError
from handeye.tools.geometry import Size

Picture = Callable[[SampleRow], bytes]
"""The stored picture of a row; raises an error of handeye's where it is not at hand."""

MOST_CARDS = 60
MOST_BYTES = 4_000_000
"""Of picture files; in base64 they take a third more."""
MOST_LISTED = 100
"""Wrong formats that are listed, and errors."""
MOST_TEXT = 1_500
"""Characters of a reply or an instruction that the page shows."""
WHOLE, CLOSE = (800, 600), (640, 480)
"""Largest width and height of the whole screen and of the part around the target, in pixels of the page's files."""
_LEAST = (320, 200)
"""Least width and height of the part around the target, in pixels of the stored picture."""
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)
"""What Pillow raises for damaged pictures (see `grounding/images.py`)."""


@dataclass(frozen=True)
class View:
    """A picture of the page, and what is drawn over it."""

    url: str
    window: Window
    """The part of the stored picture that it shows."""
    shapes: Shapes


@dataclass(frozen=True)
class Card:
    """A row that was wrong."""

    row: SampleRow
    cells: tuple[tuple[str, str], ...]
    """Names and values, one value each."""
    times: str
    """How many of the repeats were wrong, where there are several."""
    distance: str
    whole: View | None = None
    close: View | None = None
    problem: str = ""
    """Why there is no picture."""


@dataclass(frozen=True)
class Gallery:
    """The cards, and how many there would be."""

    cards: tuple[Card, ...]
    misses: int
    """Questions with a readable reply that was wrong in at least one repeat."""
    without_picture: int

    @property
    def left_out(self) -> int:
        """Misses that are not on the page."""
        return self.misses - len(self.cards)


def cells_of(row: SampleRow) -> Iterator[tuple[str, str]]:
    """Each cell that a row counts in; a value such as `a, b` is two."""
    for name, value in row.cells.items():
        for part in dict.fromkeys(value.split(", ")):
            if part:
                yield name, part


def gallery(rows: Sequence[SampleRow], picture: Picture | None, most: int = MOST_CARDS, most_bytes: int = MOST_BYTES) -> Gallery:
    """At most `most` misses, taken from all groups, kinds and verdicts in turn; pictures as long as they fit into `most_bytes`."""
    wrong = defaultdict[str, list[SampleRow]](list)
    asked = defaultdict[str, int](int)
    for row in rows:
        asked[row.id] += 1
        if not row.correct and not row.error and row.verdict != "wrong format":
            wrong[row.id].append(row)
    chosen = _spread([missed[0] for missed in wrong.values()], most)
    order = {id: number for number, id in enumerate(wrong)}
    chosen.sort(key=lambda row: order[row.id])
    album = _Album(picture, most_bytes)
    cards = tuple(
        _card(row, album, f"{len(wrong[row.id])} of {asked[row.id]} repeats wrong" if asked[row.id] > 1 else "") for row in chosen
    )
    return Gallery(cards, len(wrong), sum(card.whole is None for card in cards))


def _spread(rows: Sequence[SampleRow], most: int) -> list[SampleRow]:
    queues = defaultdict[tuple[str, str, str], deque[SampleRow]](deque)
    for row in rows:
        queues[row.cells.get("group", ""), row.cells.get("kind", ""), row.verdict].append(row)
    chosen = list[SampleRow]()
    while len(chosen) < most and queues:
        for key in list(queues):
            chosen.append(queues[key].popleft())
            if not queues[key]:
                del queues[key]
    return chosen[:most]


def _card(row: SampleRow, album: _Album, times: str) -> Card:
    whole, close, problem = album.views(row)
    return Card(row, tuple(cells_of(row)), times, _where(row), whole, close, problem)


def _where(row: SampleRow) -> str:
    """How far the prediction is from the target, and whether it is on the screen at all: what lies outside cannot be drawn."""
    point, words = pair(row.said.get("point")), distance(row.target, row.said)
    width, height = row.size
    if point is not None and width and not (0 <= point[0] <= width and 0 <= point[1] <= height):
        return f"{words}, outside of the picture" if words else "outside of the picture"
    return words


class _Album:
    """Reads, cuts and compresses pictures, the last one kept, since neighbours often share it."""

    def __init__(self, picture: Picture | None, most_bytes: int) -> None:
        self._picture = picture
        self._left = most_bytes
        self._last: tuple[str, Image.Image] | None = None
        self._whole = b""
        """The last picture's whole screen, compressed."""

    def views(self, row: SampleRow) -> tuple[View | None, View | None, str]:
        """The whole screen, the part around the target, and why there is neither."""
        if self._picture is None:
            return None, None, "The pictures were not at hand: say --data DIR."
        if self._left <= 0:
            return None, None, "Left out to keep this page small."
        try:
            image = self._open(row, self._picture)
            size = Size(*image.size)
            if row.size not in ((0, 0), size):
                return None, None, f"The picture is {size}, the row says {Size(*row.size)}: it is not the one that was asked."
            everything = Window(0, 0, *size)
            self._whole = self._whole or _compressed(image, everything, WHOLE)
            part = around(row.target, row.said, size, _LEAST)
            close = None if part is None else self._view(_compressed(image, part, CLOSE), part, row)
            whole = self._view(self._whole, everything, row)
        except HandeyeError as error:
            return None, None, f"There is no picture: {error}"
        except _UNREADABLE as error:
            return None, None, f"The picture cannot be read: {error}"
        return whole, close, ""

    def _open(self, row: SampleRow, picture: Picture) -> Image.Image:
        if self._last is None or not row.image or self._last[0] != row.image:
            with Image.open(io.BytesIO(picture(row))) as stored:
                self._last, self._whole = (row.image, stored.convert("RGB")), b""
        return self._last[1]

    def _view(self, file: bytes, window: Window, row: SampleRow) -> View:
        self._left -= len(file)
        url = "data:image/webp;base64," + base64.b64encode(file).decode("ascii")
        return View(url, window, shapes(row.target, row.said, window))


def _compressed(image: Image.Image, window: Window, most: tuple[int, int]) -> bytes:
    """The part `window` of a picture as WebP, at most as large as `most`, never enlarged."""
    scale = min(1.0, most[0] / window.width, most[1] / window.height)
    size = max(1, round(window.width * scale)), max(1, round(window.height * scale))
    part = (window.left, window.top, window.left + window.width, window.top + window.height)
    small = image.crop(part) if scale == 1 else image.resize(size, Image.Resampling.LANCZOS, box=part, reducing_gap=2.0)
    file = io.BytesIO()
    small.save(file, format="WEBP", quality=72, method=2)
    return file.getvalue()


@dataclass(frozen=True)
class Listed:
    """Rows of one sort, the first of them, and how many there are."""

    rows: tuple[SampleRow, ...]
    total: int
    reasons: tuple[tuple[str, int], ...]
    """Why, and how often, the most frequent first."""

    @property
    def left_out(self) -> int:
        """Rows that are not listed."""
        return self.total - len(self.rows)


def wrong_formats(rows: Sequence[SampleRow], most: int = MOST_LISTED) -> Listed:
    """Replies that could not be read."""
    return _listed([row for row in rows if not row.error and row.verdict == "wrong format"], lambda row: str(row.said.get("why", "")), most)


def errors(rows: Sequence[SampleRow], most: int = MOST_LISTED) -> Listed:
    """Rows without a reply."""
    return _listed([row for row in rows if row.error], lambda row: row.error, most)


def _listed(rows: Sequence[SampleRow], why: Callable[[SampleRow], str], most: int) -> Listed:
    counts = defaultdict[str, int](int)
    for row in rows:
        counts[why(row)] += 1
    reasons = sorted(counts.items(), key=lambda item: -item[1])
    return Listed(tuple(rows[:most]), len(rows), tuple(reasons[:20]))


def cell_choices(rows: Sequence[SampleRow]) -> Mapping[str, Mapping[str, int]]:
    """Every name of a cell with its values and a number for each, for the page's filter; names that do not vary are left out."""
    found = defaultdict[str, dict[str, int]](dict)
    for number, (name, value) in enumerate(dict.fromkeys(chain.from_iterable(map(cells_of, rows)))):
        found[name][value] = number
    return {name: values for name, values in found.items() if len(values) > 1}


def clipped(text: str, most: int = MOST_TEXT) -> str:
    """`text`, cut off with a word about it when it is long."""
    return text if len(text) <= most else f"{text[:most]} … and {len(text) - most:,} more characters"


def told(row: SampleRow) -> list[tuple[str, str]]:
    """What was wanted, what was read in the reply, and why it could not be read, as names with words."""
    target, said = row.target, row.said
    lines = []
    if target.get("action"):
        lines.append(("wanted", str(target["action"])))
    if target.get("refusal"):
        lines.append(("wanted", "a refusal: nothing on the screen is meant"))
    actions = said.get("actions")
    if actions:
        places = [", ".join(map(_action, actions)) if isinstance(actions, list | tuple) else str(actions)]
    else:
        places = [f"{name} {_place(said[name])}" for name in ("point", "box") if said.get(name)]
    if places:
        lines.append(("read", "; ".join(places)))
    if said.get("why"):
        lines.append(("why", str(said["why"])))
    return lines


def _place(numbers: Any) -> str:
    if not isinstance(numbers, list | tuple):
        return str(numbers)
    return ", ".join(f"{number:.1f}".removesuffix(".0") if isinstance(number, int | float) else str(number) for number in numbers)


def _action(action: Any) -> str:
    if not isinstance(action, Mapping):
        return str(action)
    parts = ", ".join(f"{name} {value}" for name, value in action.items() if name != "type" and value not in (None, "", [], {}))
    return f"{action.get('type', 'action')}({parts})"
