"""ScreenSpot-Pro (likaixin2000/ScreenSpot-Pro-GUI-Grounding): 1581 small targets on large screens of professional programs.

Base names of images are not unique (`screenshot_2024-12-02_13-27-03.png` is in two folders), so an image is its whole path.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from handeye.benchmarks.grounding.loaders.boxes import Corners, read_box
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
from handeye.benchmarks.grounding.sample import Dataset, Sample, SampleImage
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

NAME = "screenspot-pro"
FETCH = "hf download likaixin/ScreenSpot-Pro --repo-type dataset --local-dir data/screenspot-pro"
FILES = {
    "android_studio_macos": 80,
    "autocad_windows": 34,
    "blender_windows": 71,
    "davinci_macos": 44,
    "eviews_windows": 50,
    "excel_macos": 64,
    "fruitloops_windows": 57,
    "illustrator_windows": 31,
    "inventor_windows": 70,
    "linux_common_linux": 50,
    "macos_common_macos": 65,
    "matlab_macos": 93,
    "origin_windows": 62,
    "photoshop_windows": 51,
    "powerpoint_windows": 82,
    "premiere_windows": 52,
    "pycharm_macos": 78,
    "quartus_windows": 45,
    "solidworks_windows": 77,
    "stata_windows": 49,
    "unreal_engine_windows": 35,
    "vivado_windows": 80,
    "vmware_macos": 41,
    "vscode_macos": 55,
    "windows_common_windows": 81,
    "word_macos": 84,
}
"""Published rows of each file (Tongyi-MAI/MAI-UI:evaluation/grounding/data/ScreenSpot_Pro_data, counted)."""
KNOWN: dict[str, Corners] = {"inventor_windows_60": (135, -1, 151, 19)}
"""Rows whose box leaves the image in the published data too."""


REPOSITORY = "lmms-lab/ScreenSpot-Pro"
"""The same rows as parquet, in a split called train."""


def load(options: LoadOptions) -> Dataset:
    """ScreenSpot-Pro, corners in pixels: its folder of 26 files, or the hub's parquet files. `options.language` picks the instruction.

    Raises `SetupError`.
    """
    problems, notes = Problems(), list[str]()
    if options.data == "hub":
        samples = _stored_samples(dataset_rows(REPOSITORY, problems, split="train"), options, problems, notes)
        copy = REPOSITORY
    else:
        data = folder_of(options, NAME, FETCH)
        found = find_files(data, (f"{name}.json" for name in FILES))
        stored = [] if found else sorted(data.rglob("*.parquet"))
        if stored:
            samples, copy = _stored_samples(parquet_rows(stored, problems), options, problems, notes), REPOSITORY
        elif found:
            samples, copy = _file_samples(data, found, options, problems, notes), "likaixin/ScreenSpot-Pro"
        else:
            raise SetupError(
                f"{data} holds none of ScreenSpot-Pro's 26 files, and no parquet file", fix=f"{FETCH}, then --data with that folder"
            )
    refuse_same_ids(samples, problems)
    problems.settle(NAME, f"{FETCH}, or --partial for a part of the data")
    note_duplicates(samples, notes)
    notes += [f"Known exception: the box of {sample.id} leaves its image, and stays." for sample in samples if sample.id in KNOWN]
    return Dataset(NAME, tuple(samples), f"xyxy in pixels ({copy})", tuple(notes))


def _file_samples(data: Path, found: dict[str, Path], options: LoadOptions, problems: Problems, notes: list[str]) -> list[Sample]:
    samples = list[Sample]()
    roots = dict.fromkeys((data, *(path.parent.parent for path in found.values()), *(path.parent for path in found.values())))
    images = ImageFolder([folder for root in roots for folder in (root / "images", root)], options, problems)
    for name, published in FILES.items():
        path = found.get(f"{name}.json")
        if path is None:
            if options.partial:
                notes.append(f"{name}.json is not in {data}.")
            else:
                problems.add(f"{name}.json", f"is not in {data}")
            continue
        rows = read_json_rows(path, problems)
        count_rows(rows, path, published, options.partial, problems, notes)
        for row in rows:
            try:
                said = size_of(row.values, "img_size")
                image, size = images.look_up(text(row.values, "img_filename"), said, row.source)
                sample = _sample(row, options, image, size or said)
                if f"{sample.cells['application']}_{sample.cells['platform']}" != name:
                    raise Unreadable(f"it is of {sample.cells['application']} on {sample.cells['platform']}, its file is not")
                samples.append(sample)
            except Unreadable as error:
                problems.add(row.source, str(error))
    notes += images.notes()
    return samples


def _stored_samples(stored: Sequence[StoredRow], options: LoadOptions, problems: Problems, notes: list[str]) -> list[Sample]:
    rows, samples = [one.row for one in stored], list[Sample]()
    if rows:
        count_rows(rows, Path(REPOSITORY), sum(FILES.values()), options.partial, problems, notes)
    for one in stored:
        try:
            if "img_size" in one.row.values and (said := size_of(one.row.values, "img_size")) != one.size:
                raise Unreadable(f"its image is {one.size}, the annotation says {said}")
            samples.append(_sample(one.row, options, one.image, one.size))
        except Unreadable as error:
            problems.add(one.row.source, str(error))
    return samples


def _sample(row: Row, options: LoadOptions, image: SampleImage, size: Size) -> Sample:
    values = row.values
    name = text(values, "id")
    instruction = text(values, "instruction_cn" if options.language == "cn" else "instruction")
    if not instruction.strip():
        raise Unreadable("its instruction is empty")
    kind = text(values, "ui_type")
    if kind not in ("text", "icon"):
        raise Unreadable(f"its ui_type is {kind!r:.40}, not text or icon")
    box = read_box(numbers(values, "bbox"), "xyxy in pixels", size, [KNOWN[name]] if name in KNOWN else [])
    cells = {"platform": text(values, "platform"), "application": text(values, "application"), "language": options.language}
    return Sample(name, image, instruction, size, box, text(values, "group"), "text" if kind == "text" else "icon", cells, row.source)
