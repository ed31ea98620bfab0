"""What ScreenSpot v1 and v2 share: three files (or one data set of parquet files), one row an instruction, text or icon.

Each distribution of the data is a `Layout`: the fields of its rows tell which it is, and its convention is the one stated there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.benchmarks.grounding.loaders.boxes import SLACK, Convention, Corners, read_box, why_not_xywh
from handeye.benchmarks.grounding.loaders.folders import ImageFolder
from handeye.benchmarks.grounding.loaders.hub import StoredRow, dataset_rows, parquet_rows
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
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, Kind, Sample, SampleImage, Target
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

PREFIXES = {"pc": "desktop", "mobile": "mobile", "web": "web"}
"""How the names of the images begin; in both versions each row's group agrees with it (counted)."""
SOURCES = {"windows": "desktop", "macos": "desktop", "ios": "mobile", "android": "mobile", "tool": "web", "forum": "web", "gitlab": "web"}
"""Which group a row's `data_source` means, for a copy without names. `shop` is left out: in v2 28 desktop and 52 mobile rows say so."""


@dataclass(frozen=True)
class Layout:
    """One distribution of the data: what its rows are called and how its boxes are written."""

    name: str
    convention: Convention
    kind: str
    """The field that says text or icon."""
    platform: str
    image: str = ""
    """The field that names the image; empty where the row holds the image itself."""
    group: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """Fields that every row has."""
        return frozenset(filter(None, ("bbox", "instruction", self.image, self.kind, self.platform, self.group)))


@dataclass(frozen=True)
class Benchmark:
    """One version of ScreenSpot."""

    name: str
    files: Mapping[str, tuple[str, int]]
    """Group and published number of rows of each file."""
    layouts: tuple[Layout, ...]
    repository: str
    """Of the parquet files on the hub."""
    fetch: str
    image_folders: tuple[str, ...]
    known: tuple[Corners, ...] = ()
    known_note: str = ""
    suffix: str = ""
    """What a copy's files have at the end of their names, before `.json`."""


def load(benchmark: Benchmark, options: LoadOptions) -> Dataset:
    """Load a version of ScreenSpot from a folder, from parquet files in a folder, or through `datasets`.

    Raises `SetupError` with the fetching command when there is nothing, and with files and rows when the data cannot be trusted.
    """
    problems, notes = Problems(), list[str]()
    if options.data == "hub":
        samples, layouts = _from_store(benchmark, dataset_rows(benchmark.repository, problems), options, problems, notes)
    else:
        samples, layouts = _from_folder(benchmark, folder_of(options, benchmark.name, benchmark.fetch), options, problems, notes)
    refuse_same_ids(samples, problems)
    problems.settle(benchmark.name, f"{benchmark.fetch}, or --partial for a part of the data")
    note_duplicates(samples, notes)
    if any(_is_known(sample.target, benchmark.known) for sample in samples):
        notes.append(benchmark.known_note)
    convention = "; ".join(f"{layout.convention} ({layout.name})" for layout in layouts)
    return Dataset(benchmark.name, tuple(samples), convention, tuple(notes))


def _is_known(target: Target, known: Sequence[Corners]) -> bool:
    if not isinstance(target, BoxTarget):
        return False
    sides = (target.left, target.top, target.right, target.bottom)
    return any(all(abs(a - b) <= SLACK for a, b in zip(sides, box, strict=True)) for box in known)


def _from_folder(
    benchmark: Benchmark, data: Path, options: LoadOptions, problems: Problems, notes: list[str]
) -> tuple[list[Sample], list[Layout]]:
    found = find_files(data, benchmark.files)
    if not found and benchmark.suffix:
        copied = {f"{Path(name).stem}{benchmark.suffix}.json": name for name in benchmark.files}
        found = {copied[name]: path for name, path in find_files(data, copied).items()}
    if not found:
        stored = sorted(data.rglob("*.parquet"))
        if stored:
            return _from_store(benchmark, parquet_rows(stored, problems), options, problems, notes)
        names = ", ".join(benchmark.files)
        raise SetupError(f"{data} holds none of {names}, and no parquet file", fix=f"{benchmark.fetch}, then --data with that folder")
    samples, layouts, unchecked = list[Sample](), list[Layout](), list[str]()
    folders = [root / name for root in dict.fromkeys((data, *(path.parent for path in found.values()))) for name in benchmark.image_folders]
    images = ImageFolder(folders, options, problems)
    for name, (group, published) in benchmark.files.items():
        if name not in found:
            _missing_file(name, data, options, problems, notes)
            continue
        rows = read_json_rows(found[name], problems)
        count_rows(rows, found[name], published, options.partial, problems, notes)
        layout = _layout(rows, benchmark, problems)
        if layout is None:
            continue
        layouts += [layout] if layout not in layouts else []
        file_samples = list(filter(None, (_sample_of_file(row, layout, group, benchmark, images, problems) for row in rows)))
        samples += file_samples
        if layout.convention == "xywh in pixels":
            unchecked += [name] if not _checked_whole_file(found[name], rows, file_samples, problems) else []
    if unchecked:
        notes.append(f"No size is known of some images of {', '.join(unchecked)}: that no box leaves its image was not checked there.")
    notes += images.notes()
    return samples, layouts


def _missing_file(name: str, data: Path, options: LoadOptions, problems: Problems, notes: list[str]) -> None:
    if options.partial:
        notes.append(f"{name} is not in {data}.")
    else:
        problems.add(name, f"is not in {data}")


def _checked_whole_file(path: Path, rows: Sequence[Row], samples: Sequence[Sample], problems: Problems) -> bool:
    """Whether every box could be held against its image; if not, the file as a whole must look like [x, y, w, h]."""
    if all(sample.size is not None for sample in samples):
        return True
    boxes = [box for row in rows if isinstance(box := row.values.get("bbox"), list) and len(box) == 4]
    try:
        why = why_not_xywh(boxes)
    except TypeError:
        return True  # a box of something else than numbers, which its own row has told
    if why:
        problems.add(path.name, why)
    return False


def _layout(rows: Sequence[Row], benchmark: Benchmark, problems: Problems) -> Layout | None:
    if not rows:
        return None
    keys = rows[0].values.keys()
    for layout in benchmark.layouts:
        if layout.fields <= keys:
            return layout
    known = "; ".join(f"{layout.name}: {', '.join(sorted(layout.fields))}" for layout in benchmark.layouts)
    problems.add(rows[0].source, f"has the fields {', '.join(sorted(keys)):.200}, of no known copy ({known})")
    return None


def _sample_of_file(row: Row, layout: Layout, group: str, benchmark: Benchmark, images: ImageFolder, problems: Problems) -> Sample | None:
    try:
        if not layout.image:
            raise Unreadable("names no image")
        said = size_of(row.values, "img_size") if "img_size" in row.values else None
        image, size = images.look_up(text(row.values, layout.image), said, row.source)
        if layout.group and text(row.values, layout.group) != group:
            raise Unreadable(f"its {layout.group} is {row.values[layout.group]!r:.40}, its file is that of {group}")
        name = f"{row.path.stem.removesuffix(benchmark.suffix)}_{row.number}"
        return _sample(row, name, layout, group, benchmark, image, size)
    except Unreadable as error:
        problems.add(row.source, str(error))
        return None


def _from_store(
    benchmark: Benchmark, stored: Sequence[StoredRow], options: LoadOptions, problems: Problems, notes: list[str]
) -> tuple[list[Sample], list[Layout]]:
    rows = [one.row for one in stored]
    total = sum(count for _, count in benchmark.files.values())
    if rows:
        count_rows(rows, Path(benchmark.repository), total, options.partial, problems, notes)
    layout = _layout(rows, benchmark, problems)
    if layout is None:
        return [], []
    samples = list[Sample]()
    for one in stored:
        group = _group(one.image.name, one.row.values.get(layout.platform))
        try:
            name = f"{one.row.path.stem}_{one.row.number}"
            samples.append(_sample(one.row, name, layout, group, benchmark, one.image, one.size))
        except Unreadable as error:
            problems.add(one.row.source, str(error))
    unknown = sum(not sample.group for sample in samples)
    if unknown:
        notes.append(f"{unknown} rows do not tell whether they are mobile, desktop or web: they stand in a cell of their own.")
    return samples, [layout]


def _group(image: str, source: Any) -> str:
    prefix = Path(image).name.partition("_")[0]
    return PREFIXES.get(prefix) or (SOURCES.get(source, "") if isinstance(source, str) else "")


def _sample(row: Row, name: str, layout: Layout, group: str, benchmark: Benchmark, image: SampleImage, size: Size | None) -> Sample:
    instruction = text(row.values, "instruction")
    if not instruction.strip():
        raise Unreadable("its instruction is empty")
    kind = text(row.values, layout.kind)
    if kind not in ("text", "icon"):
        raise Unreadable(f"its {layout.kind} is {kind!r:.40}, not text or icon")
    box = read_box(numbers(row.values, "bbox"), layout.convention, size, benchmark.known)
    known: Kind = "text" if kind == "text" else "icon"
    return Sample(name, image, instruction, size, box, group, known, {"platform": text(row.values, layout.platform)}, row.source)
