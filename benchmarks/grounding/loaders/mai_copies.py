"""MMBench-GUI L2 and UI-Vision's element grounding, as Tongyi-MAI/MAI-UI:evaluation/grounding/data has them: corners in pixels.

Both are in ScreenSpot-Pro's shape there. MMBench-GUI's own files have corners in 0..1 and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handeye.benchmarks.grounding.loaders.boxes import Corners, read_box
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
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, Sample
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

FETCH = "git clone https://github.com/Tongyi-MAI/MAI-UI data/mai-ui"
CONVENTION = "xyxy in pixels (Tongyi-MAI/MAI-UI)"
OVERHANG = 3
"""Pixels by which UI-Vision's boxes may leave their image: 78 of 5479 do, by 2.23 at most (counted)."""
EMPTY_BOX: Corners = (371.3833251953125, 54.857137625558025, 371.3833251953125, 54.857137625558025)
"""The one box of UI-Vision without width and height, spatial row 1908: only this very point is right there."""
_SPLIT = re.compile(r"element_grounding_(basic|functional|spatial)\.json")


@dataclass(frozen=True)
class _Copy:
    name: str
    files: Mapping[str, int]
    """Published rows of each file (counted)."""


MMBENCH = _Copy("mmbench-gui-l2", {"MMbench_GUI_sspro_format.json": 3594})
UI_VISION = _Copy(
    "ui-vision",
    {"element_grounding_basic.json": 1772, "element_grounding_functional.json": 1772, "element_grounding_spatial.json": 1935},
)


def load_mmbench(options: LoadOptions) -> Dataset:
    """MMBench-GUI's level 2, basic and advanced instructions. Raises `SetupError`."""
    return _load(MMBENCH, options)


def load_ui_vision(options: LoadOptions) -> Dataset:
    """UI-Vision's element grounding, its three splits as groups. Raises `SetupError`."""
    return _load(UI_VISION, options)


def overhanging(given: Sequence[float], size: Size | None) -> BoxTarget:
    """A box of UI-Vision: corners in pixels, up to `OVERHANG` outside of the image; one is a point. Raises `Unreadable`."""
    if tuple(given) == EMPTY_BOX:
        return BoxTarget(*EMPTY_BOX)
    if len(given) != 4 or size is None:
        return read_box(given, "xyxy in pixels", size)
    left, top, right, bottom = given
    inner = (_inside(left, size.width), _inside(top, size.height), _inside(right, size.width), _inside(bottom, size.height))
    read_box(inner, "xyxy in pixels", size)
    return BoxTarget(float(left), float(top), float(right), float(bottom))


def _inside(number: float, side: int) -> float:
    return min(max(number, 0), side) if -OVERHANG <= number <= side + OVERHANG else number


def _load(copy: _Copy, options: LoadOptions) -> Dataset:
    data = folder_of(options, copy.name, FETCH, "the hub has no copy of it in this shape")
    found = find_files(data, copy.files)
    if not found:
        raise SetupError(f"{data} holds none of {', '.join(copy.files)}", fix=f"{FETCH}, then --data with that folder")
    problems, notes, samples = Problems(), list[str](), list[Sample]()
    images = ImageFolder([data / "images", data], options, problems)
    for name, published in copy.files.items():
        if name not in found:
            if not options.partial:
                problems.add(name, f"is not in {data}")
            continue
        rows = read_json_rows(found[name], problems)
        count_rows(rows, found[name], published, options.partial, problems, notes)
        for row in rows:
            try:
                samples.append(_sample(row, copy, images))
            except Unreadable as error:
                problems.add(row.source, str(error))
    refuse_same_ids(samples, problems)
    problems.settle(copy.name, f"{FETCH}, or --partial for a part of the data")
    note_duplicates(samples, notes)
    return Dataset(copy.name, tuple(samples), CONVENTION, (*notes, *images.notes()))


def _sample(row: Row, copy: _Copy, images: ImageFolder) -> Sample:
    values = row.values
    said = size_of(values, "img_size")
    image, size = images.look_up(text(values, "img_filename"), said, row.source)
    instruction, kind = text(values, "instruction"), text(values, "ui_type")
    if not instruction.strip():
        raise Unreadable("its instruction is empty")
    if kind not in ("text", "icon"):
        raise Unreadable(f"its ui_type is {kind!r:.40}, not text or icon")
    given = numbers(values, "bbox")
    split = _SPLIT.fullmatch(row.path.name)
    target = overhanging(given, size) if split else read_box(given, "xyxy in pixels", size)
    group = split.group(1) if split else text(values, "group")
    cells = {"platform": text(values, "platform"), "application": text(values, "application")}
    if split:
        cells["category"] = text(values, "group")
    return Sample(_id(row), image, instruction, size, target, group, "text" if kind == "text" else "icon", cells, row.source)


def _id(row: Row) -> str:
    value = row.values.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(row.values, "id")
