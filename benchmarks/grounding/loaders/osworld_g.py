"""OSWorld-G (xlang-ai/OSWorld-G), as published and with refined instructions: boxes, polygons, and rows that must be refused.

Two copies are read, told apart by the file's name: the native one ([x, y, w, h] and flat polygons) and MAI-UI's (corners, its 40
polygons damaged and mended here).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handeye.benchmarks.grounding.loaders.boxes import mended_polygon, read_box, read_polygon
from handeye.benchmarks.grounding.loaders.folders import ImageFolder
from handeye.benchmarks.grounding.loaders.options import LoadOptions, folder_of
from handeye.benchmarks.grounding.loaders.reading import (
    Problems,
    Row,
    Unreadable,
    count_rows,
    find_files,
    note_duplicates,
    numbers,
    read_json_rows,
    refuse_same_ids,
    size_of,
    text,
)
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, PolygonTarget, RefusalTarget, Sample, Target
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

FETCH = "git clone https://github.com/xlang-ai/OSWorld-G data/osworld-g"
ROWS = 564
ABILITIES = "classification_result.json"
"""Which of the paper's abilities (text matching, element recognition, ...) each row asks for (xlang-ai/OSWorld-G:benchmark)."""
NO_INSTRUCTION = "9bQOfLzvdu-0"
"""The one row whose instruction is empty, in the refined file of MAI-UI's copy."""


@dataclass(frozen=True)
class _Copy:
    file: str
    convention: str
    native: bool


COPIES = {
    "osworld-g": (
        _Copy("OSWorld-G.json", "xywh in pixels, polygons as x, y, ... (xlang-ai/OSWorld-G)", True),
        _Copy("OSWorld-G_sspro_format.json", "xyxy in pixels, damaged polygons mended (Tongyi-MAI/MAI-UI)", False),
    ),
    "osworld-g-refined": (
        _Copy("OSWorld-G_refined.json", "xywh in pixels, polygons as x, y, ... (xlang-ai/OSWorld-G)", True),
        _Copy("OSWorld-G_refined_sspro_format.json", "xyxy in pixels, damaged polygons mended (Tongyi-MAI/MAI-UI)", False),
    ),
}


def load(options: LoadOptions) -> Dataset:
    """OSWorld-G as published. Raises `SetupError`."""
    return _load("osworld-g", options)


def load_refined(options: LoadOptions) -> Dataset:
    """OSWorld-G with refined instructions. Raises `SetupError`."""
    return _load("osworld-g-refined", options)


def _load(name: Literal["osworld-g", "osworld-g-refined"], options: LoadOptions) -> Dataset:
    data = folder_of(options, name, FETCH, "the hub's copy (MMInstruction/OSWorld-G) has no refusals and boxes for polygons")
    copies = COPIES[name]
    found = find_files(data, (copy.file for copy in copies))
    if not found:
        raise SetupError(f"{data} holds neither {' nor '.join(copy.file for copy in copies)}", fix=f"{FETCH}, then --data with that folder")
    if len(found) > 1:
        raise SetupError(f"{data} holds two copies of {name}: {', '.join(sorted(found))}", fix="give a folder with one of them with --data")
    (copy,) = (copy for copy in copies if copy.file in found)
    path = found[copy.file]
    problems, notes, samples = Problems(), list[str](), list[Sample]()
    images = ImageFolder([path.parent / "images", data / "images", path.parent], options, problems)
    rows = read_json_rows(path, problems)
    count_rows(rows, path, ROWS, options.partial, problems, notes)
    abilities = _abilities(path.parent / ABILITIES, notes)
    for row in rows:
        try:
            samples.append(_sample(row, copy.native, images, abilities, notes))
        except Unreadable as error:
            problems.add(row.source, str(error))
    refuse_same_ids(samples, problems)
    problems.settle(name, f"{FETCH}, or --partial for a part of the data")
    note_duplicates(samples, notes)
    return Dataset(name, tuple(samples), copy.convention, (*notes, *images.notes()))


def _abilities(path: Path, notes: list[str]) -> dict[str, list[str]]:
    """The abilities that each row asks for, by its id: `{"classified": {ability: [{"id", ...}]}}`, beside the native files."""
    found = dict[str, list[str]]()
    if not path.is_file():
        return found
    try:
        classified = json.loads(path.read_text(encoding="utf-8"))["classified"]
        for ability, members in classified.items():
            for member in members:
                found.setdefault(str(member["id"]), []).append(ability)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        notes.append(f"{path.name} is not in its known form ({error!r:.80}): the table has no abilities.")
        return {}
    return found


def _sample(row: Row, native: bool, images: ImageFolder, abilities: Mapping[str, Sequence[str]], notes: list[str]) -> Sample:
    values = row.values
    name = text(values, "id")
    said = size_of(values, "image_size" if native else "img_size")
    image, _ = images.look_up(text(values, "image_path" if native else "img_filename"), said, row.source)
    instruction = text(values, "instruction")
    if not instruction.strip():
        if name != NO_INSTRUCTION:
            raise Unreadable("its instruction is empty")
        notes.append(f"Known exception: the instruction of {name} ({row.source}) is empty, and stays.")
    tags = values.get("GUI_types" if native else "ui_type")
    cells = {"types": ", ".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ""}
    if abilities:
        cells["abilities"] = ", ".join(abilities.get(name, ()))
    target = (_native_target if native else _copied_target)(row, said)
    return Sample(name, image, instruction, said, target, TARGET_NAMES[type(target)], None, cells, row.source)


TARGET_NAMES: dict[type, str] = {BoxTarget: "box", PolygonTarget: "polygon", RefusalTarget: "refusal"}
"""The groups: what has to be met differs, and so do the scorers."""


def _native_target(row: Row, size: Size) -> Target:
    kind = text(row.values, "box_type")
    if kind == "refusal":
        return RefusalTarget()
    if kind == "bbox":
        return read_box(numbers(row.values, "box_coordinates"), "xywh in pixels", size)
    if kind == "polygon":
        return read_polygon(numbers(row.values, "box_coordinates"), size)
    raise Unreadable(f"its box_type is {kind!r:.40}, not bbox, polygon or refusal")


def _copied_target(row: Row, size: Size) -> Target:
    given = numbers(row.values, "bbox")
    if given == (0, 0, 0, 0):
        return RefusalTarget()
    return read_box(given, "xyxy in pixels", size) if len(given) == 4 else mended_polygon(given, size)
