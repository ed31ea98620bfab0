"""Reading fields of annotations: each getter gives the right type or says which file, row and field is wrong."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from handeye.benchmarks.offline.step import OfflineEpisode, Rect, Source, Spot
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

CHECK = "compare the file with its source, or leave it out"


def fault(source: Source | Path, message: str, fix: str = CHECK) -> SetupError:
    """The error for a row that cannot be used."""
    return SetupError(f"{source}: {message}.", fix=fix)


def text(record: Mapping[str, Any], key: str, source: Source, missing: str | None = None) -> str:
    """A string; `missing` where it is not there."""
    value = record.get(key, missing)
    if not isinstance(value, str):
        raise fault(source, f'"{key}" must be a string, not {value!r:.80}')
    return value


def whole(record: Mapping[str, Any], key: str, source: Source) -> int:
    """A whole number; of digits in a string too, as some files have it."""
    value = record.get(key)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise fault(source, f'"{key}" must be a whole number, not {value!r:.80}')
    return value


def mapping(value: Any, what: str, source: Source) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise fault(source, f"{what} must be an object, not {value!r:.80}")
    return value


def items(value: Any, what: str, source: Source) -> list[Any]:
    """A JSON list."""
    if not isinstance(value, list):
        raise fault(source, f"{what} must be a list, not {value!r:.80}")
    return value


def numbers(value: Any, count: int, what: str, source: Source) -> list[float]:
    """A list of `count` finite numbers."""
    if not isinstance(value, list) or len(value) != count or not all(_finite(item) for item in value):
        raise fault(source, f"{what} must be {count} finite numbers, not {value!r:.120}")
    return [float(item) for item in value]


def _finite(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool) and abs(item) < 1e9 and math.isfinite(item)


def packed(record: Mapping[str, Any], key: str, source: Source) -> Any:
    """What JSON text in a string holds, or the value itself where a copy of the file has it unpacked."""
    value = record.get(key)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise fault(source, f'"{key}" is not JSON: {value[:80]!r}') from error


def spot(value: Any, what: str, size: Size, source: Source) -> Spot:
    """[x, y] in pixels, which must lie on the screen."""
    x, y = numbers(value, 2, what, source)
    if not (0 <= x < size.width and 0 <= y < size.height):
        raise fault(source, f"{what} ({x:g}, {y:g}) lies outside of the {size} screenshot; is it in another convention, or the size wrong?")
    return Spot(x, y)


def corners(value: Any, what: str, source: Source) -> Rect:
    """[x1, y1, x2, y2] in pixels. It may leave the screen, as accessibility nodes do, but not have its corners exchanged."""
    box = Rect(*numbers(value, 4, what, source))
    if box.left > box.right or box.top > box.bottom:
        raise fault(source, f"{what} {value} is not [x1, y1, x2, y2]: the second corner lies before the first")
    return box


def read_json(path: Path) -> Any:
    """A JSON file. Raises `SetupError` for one that is not there, cut off or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise fault(path, f"cannot be read as JSON: {error}") from error


def json_lines(path: Path) -> Iterator[tuple[Source, Mapping[str, Any]]]:
    """The objects of a JSON Lines file, each with its line. Empty lines are left out. Raises `SetupError`."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                source = Source(path, f"line {number}")
                if not line.strip():
                    continue
                try:
                    yield source, mapping(json.loads(line), "the line", source)
                except (ValueError, RecursionError) as error:
                    raise fault(source, f"is no JSON, or is cut off: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise fault(path, f"cannot be read: {error}") from error


def picture_size(path: Path) -> Size | None:
    """The size that a picture's header says, or None if there is no such file. Raises `SetupError` for one that is no picture."""
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        return None
    try:
        with Image.open(path) as picture:
            return Size(*picture.size)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise fault(path, f"is no picture: {error}") from error


def needed_size(path: Path, assumed: Size | None, source: Source) -> tuple[Size, bool]:
    """The picture's size, else the assumed one and True. Raises `SetupError` when there is neither."""
    found = picture_size(path)
    if found is not None:
        return found, False
    if assumed is None:
        raise fault(source, f"the picture {path} is missing, so the size of the screen is not known", "fetch it, or say --size 1080x2400")
    return assumed, True


def distinct(episodes: Iterable[OfflineEpisode]) -> Iterator[OfflineEpisode]:
    """The episodes as they come. Raises `SetupError` at the first that has no steps, or whose name or step numbers came before."""
    seen: dict[str, Source] = {}
    for episode in episodes:
        if not episode.steps:
            raise SetupError(f"The episode {episode.id} has no steps.", fix=CHECK)
        source = episode.steps[0].source
        if episode.id in seen:
            raise fault(source, f"the episode {episode.id} was read before, from {seen[episode.id]}")
        seen[episode.id] = source
        counted: set[int] = set()
        for step in episode.steps:
            if step.number in counted:
                raise fault(step.source, f"step {step.number} of episode {episode.id} is there twice")
            counted.add(step.number)
        yield episode


def read_size(text: str) -> Size | None:
    """The size that a person writes as 1080x2400; None for nothing. Raises `InvalidAction` for anything else."""
    if not text:
        return None
    match = re.fullmatch(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})", text)
    if match is None:
        raise InvalidAction(f"--size is WIDTHxHEIGHT, not {text!r}")
    return Size(int(match[1]), int(match[2]))
