"""Outputs that carry what they are judged by: each row has its own box, and no data are needed.

So are the results of ScreenSpot-Pro's script and of all that were made from it. The convention of the boxes is stated by whoever asks
(`Boxes`), and every box is held against it; it is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from handeye.benchmarks.grounding.images import FileImage, image_size
from handeye.benchmarks.grounding.loaders.boxes import Convention, Corners, mended_polygon, read_box, why_not_xywh
from handeye.benchmarks.grounding.loaders.mai_copies import overhanging
from handeye.benchmarks.grounding.loaders.osworld_g import TARGET_NAMES
from handeye.benchmarks.grounding.loaders.reading import Problems, note_duplicates, numbers
from handeye.benchmarks.grounding.loaders.reading import Unreadable as BadValue
from handeye.benchmarks.grounding.loaders.screenspot import PREFIXES
from handeye.benchmarks.grounding.loaders.screenspot_pro import KNOWN as KNOWN_PRO
from handeye.benchmarks.grounding.loaders.screenspot_v2 import BENCHMARK as V2
from handeye.benchmarks.grounding.output_files import ID_FIELDS, IMAGE_FIELDS, INSTRUCTION_FIELDS, Output
from handeye.benchmarks.grounding.outputs import Joined, path_parts
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, Kind, RefusalTarget, Sample, Target
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

Boxes: TypeAlias = Literal["xyxy", "xywh", "xyxy-normalised"]
BOXES: tuple[Boxes, ...] = get_args(Boxes)
CONVENTIONS: Mapping[Boxes, Convention] = {"xyxy": "xyxy in pixels", "xywh": "xywh in pixels", "xyxy-normalised": "xyxy in 0..1"}
BOX_FIELDS = ("bbox", "ground_truth", "answer")
"""Where a row's box is looked for: ScreenSpot's own files and all results of ScreenSpot-Pro's script, SE-GUI's, ClawGUI's."""
PUBLISHED_ROWS: Mapping[str, int] = {
    "screenspot": 1272,
    "screenspot-v2": 1272,
    "screenspot-pro": 1581,
    "osworld-g": 564,
    "osworld-g-refined": 564,
    "mmbench-gui-l2": 3594,
    "ui-vision": 5479,
}
"""Rows of the whole benchmarks, as their loaders count them."""
ROWS = "rows"
"""The name under which outputs of a benchmark that is not known here are scored."""
_GROUPS = re.compile(r"\b(?:screenspot_)?(mobile|desktop|web)(?:_v2|\b)")
_SPLITS = re.compile(r"(basic|functional|spatial)")
_GROUP_FIELDS = ("group", "platform", "application", "task_filename", "dataset_source", "id")


@dataclass
class _Rows:
    """What is found on the way through the rows."""

    name: str
    boxes: Boxes
    box_field: str
    images: Path | None
    need_size: bool
    problems: Problems = field(default_factory=Problems)
    sizes: dict[Path, Size | None] = field(default_factory=dict)
    without_size: list[str] = field(default_factory=list)
    unchecked: int = 0


class _NoAnnotation(ValueError):
    """A row does not carry what it would be judged by."""


def own_dataset(
    name: str, outputs: Sequence[Output], *, boxes: Boxes, box_field: str, images: Path | None, need_size: bool, fix: str
) -> tuple[Dataset, Joined]:
    """The rows as samples, by the convention `boxes`, each beside itself.

    `need_size`: places cannot be read without the size of the image; it comes from the row or from the image's file in `images`. Rows
    that carry no box or no size belong to no sample and are named in `unmatched`. Raises `SetupError` when a box contradicts the
    convention, and when no row can be used; `fix` is what mends the latter.
    """
    rows = _Rows(name, boxes, box_field, images, need_size)
    pairs, unmatched, seen = list[tuple[Sample, Output]](), list[str](), dict[str, tuple[Output, Sample]]()
    for output in outputs:
        try:
            sample = _sample(rows, output)
        except _NoAnnotation as why:
            unmatched.append(f"{output.source}: {why}")
            continue
        except BadValue as why:
            rows.problems.add(output.source, str(why))
            continue
        if sample.id in seen:
            unmatched.append(f"{output.source}: {_second(sample, *seen[sample.id])}")
            continue
        seen[sample.id] = output, sample
        pairs.append((sample, output))
    _settle(rows, [sample for sample, _ in pairs])
    if not pairs:
        some = "\n  ".join(unmatched[:4])
        raise SetupError(f"no row can be scored by what it carries, and no data were given:\n  {some}\n", fix=_fix(rows, fix))
    samples = tuple(sample for sample, _ in pairs)
    convention = f"{CONVENTIONS[boxes]}{', damaged polygons mended' if _osworld(name) else ''} (the rows' own, as --boxes {boxes} says)"
    return Dataset(name, samples, convention, tuple(_notes(rows, samples, len(outputs)))), Joined(tuple(pairs), tuple(unmatched), (), ())


def _settle(rows: _Rows, samples: Sequence[Sample]) -> None:
    if rows.boxes == "xywh" and rows.unchecked:
        targets = (sample.target for sample in samples)
        sides = [(box.left, box.top, box.right - box.left, box.bottom - box.top) for box in targets if isinstance(box, BoxTarget)]
        if why := why_not_xywh(sides):
            rows.problems.add("the file", why)
    others = " or ".join(other for other in BOXES if other != rows.boxes)
    rows.problems.settle(
        f"the rows themselves (boxes read as {CONVENTIONS[rows.boxes]})", f"--boxes {others}, or --data with the benchmark"
    )


def _fix(rows: _Rows, fix: str) -> str:
    if rows.without_size:
        return f"give --images DIR with the images, whose headers tell, or rows with img_size [width, height], or the data: {fix}"
    return f"name the rows' box with --box-field, or give the data: {fix}"


def _notes(rows: _Rows, samples: Sequence[Sample], count: int) -> list[str]:
    notes = ["The boxes are the rows' own: that they are the benchmark's was not checked."]
    published = PUBLISHED_ROWS.get(rows.name)
    if published is not None and count != published:
        notes.append(f"The file has {count} rows, the benchmark {published}.")
    if rows.unchecked:
        notes.append(f"The size of the image of {rows.unchecked} rows is not known: that no box leaves it was not checked there.")
    note_duplicates(samples, notes)
    return notes


def _second(sample: Sample, first: Output, known: Sample) -> str:
    same = (sample.instruction, sample.image.name, sample.target) == (known.instruction, known.image.name, known.target)
    return f"{'a second output of' if same else 'another question under the id'} {sample.id}, after {first.source}"


def _sample(rows: _Rows, output: Output) -> Sample:
    image, instruction = output.first(IMAGE_FIELDS), output.first(INSTRUCTION_FIELDS)
    names = (rows.box_field,) if rows.box_field else BOX_FIELDS
    key = next((key for key in names if isinstance(output.values.get(key), list)), None)
    if key is None:
        raise _NoAnnotation(f"has no box under {' or '.join(names)}")
    given = numbers(output.values, key)
    size = output.size or _size_of_file(rows, image, output)
    if size is None:
        if rows.need_size or rows.boxes == "xyxy-normalised":
            rows.without_size.append(output.source)
            raise _NoAnnotation("has no img_size, which its numbers need")
        rows.unchecked += 1
    target = _target(rows, given, size)
    kinds = [value for key in ("ui_type", "data_type", "element_type") if (value := output.values.get(key)) in ("text", "icon")]
    kind: Kind | None = ("text" if kinds[0] == "text" else "icon") if kinds else None
    name = output.first(ID_FIELDS) or output.source
    path = FileImage(image, (rows.images or Path()) / (path_parts(image) or ("",))[-1])
    return Sample(name, path, instruction, size, target, _group(rows.name, output, image, target), kind, _cells(output), output.source)


def _target(rows: _Rows, given: Sequence[float], size: Size | None) -> Target:
    convention = CONVENTIONS[rows.boxes]
    if _osworld(rows.name) and tuple(given) == (0, 0, 0, 0):
        return RefusalTarget()
    if _osworld(rows.name) and len(given) > 4:
        if size is None:
            raise _NoAnnotation("has a polygon and no img_size, which tells whether it is damaged")
        return mended_polygon(given, size)
    if rows.boxes != "xyxy-normalised" and len(given) == 4 and max(given) <= 1:
        raise BadValue(f"bbox {list(given)} lies in 0..1: the file is in the wrong convention, normalised")
    if rows.name == "ui-vision" and rows.boxes == "xyxy":
        return overhanging(given, size)
    return read_box(given, convention, size, KNOWN.get(rows.name, ()))


KNOWN: Mapping[str, Sequence[Corners]] = {"screenspot-pro": tuple(KNOWN_PRO.values()), "screenspot-v2": V2.known}
"""Boxes that leave their image in the published data too."""


def _osworld(name: str) -> bool:
    return name.startswith("osworld-g")


def _group(name: str, output: Output, image: str, target: Target) -> str:
    if _osworld(name):
        return TARGET_NAMES[type(target)]
    said = [str(value) for key in _GROUP_FIELDS if isinstance(value := output.values.get(key), str)]
    if name == "ui-vision":
        return next((found.group(1) for value in said if (found := _SPLITS.search(value))), "")
    if name not in ("screenspot", "screenspot-v2"):
        return output.first(("group",))
    told = next((found.group(1) for value in said if (found := _GROUPS.search(value))), "")
    return told or PREFIXES.get((path_parts(image) or ("",))[-1].partition("_")[0], "")


def _cells(output: Output) -> dict[str, str]:
    values: Mapping[str, Any] = output.values
    cells = {key: value for key in ("platform", "application", "category") if isinstance(value := values.get(key), str)}
    language = values.get("lang", values.get("language"))
    tags = values.get("ui_type")
    if isinstance(language, str):
        cells["language"] = language
    if isinstance(tags, list):
        cells["types"] = ", ".join(tag for tag in tags if isinstance(tag, str))
    return cells


def _size_of_file(rows: _Rows, image: str, output: Output) -> Size | None:
    """From the image's header, found in `images` by the longest end of its path that is there."""
    parts = path_parts(image)
    if rows.images is None or ".." in parts:
        return None
    paths = (rows.images.joinpath(*parts[start:]) for start in range(len(parts)))
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return None
    if path not in rows.sizes:
        try:
            rows.sizes[path] = image_size(path)
        except ValueError as error:
            rows.problems.add(output.source, f"{path} {error}")
            rows.sizes[path] = None
    return rows.sizes[path]
