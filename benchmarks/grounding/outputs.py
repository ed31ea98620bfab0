"""Outputs that somebody published: read from their file, and joined with the data row by row. Nothing is skipped in silence."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from handeye.benchmarks.grounding.loaders.boxes import SLACK
from handeye.benchmarks.grounding.loaders.reading import Unreadable as BadValue
from handeye.benchmarks.grounding.loaders.reading import numbers, size_of
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, Sample
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

MAX_BYTES = 2_000_000_000
TEXT_FIELDS = ("raw_response", "response", "raw_output", "model_output", "output", "prediction")
"""Where the model's words are looked for, in this order."""
IMAGE_FIELDS = ("img_filename", "image_path", "img_path", "file_name", "image")
INSTRUCTION_FIELDS = ("instruction", "prompt_to_evaluate")
ID_FIELDS = ("id", "sample_id", "task_id")
LISTS = ("details", "results", "outputs")
"""Where the rows are in a file that is an object (`details`: ScreenSpot-Pro's and MAI-UI's scripts)."""


@dataclass(frozen=True)
class Output:
    """One row of outputs."""

    source: str
    """File and row, from 0."""
    values: Mapping[str, Any]

    def first(self, fields: Sequence[str]) -> str:
        """The first text under one of these names; empty if there is none."""
        return next((value for field in fields if isinstance(value := self.values.get(field), str) and value), "")

    @property
    def size(self) -> Size | None:
        """The size of the image as the row has it."""
        try:
            return size_of(self.values, "img_size") if self.values.get("img_size") is not None else None
        except BadValue:
            return None

    @property
    def published(self) -> bool | None:
        """The verdict that came with the row; None if there is none."""
        for field in ("correctness", "correct", "is_correct"):
            value = self.values.get(field)
            if isinstance(value, bool):
                return value
            if value in ("correct", "right", "wrong", "wrong_format"):
                return value in ("correct", "right")
        return None

    def text(self, field: str) -> str | None:
        """The model's words: a text, or a list of one text; None if there is none."""
        names = (field,) if field else TEXT_FIELDS
        value = next((self.values[name] for name in names if name in self.values), None)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return value if isinstance(value, str) else None


def read_outputs(path: Path) -> tuple[list[Output], list[str]]:
    """The rows of a JSON list, of an object with such a list, or of a JSONL file; and what is no row, in words.

    Raises `SetupError` for a file that cannot be read, or that holds no rows.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SetupError(f"{path} has more than {MAX_BYTES // 1_000_000} MB", fix="split it")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the outputs {path} cannot be read ({error})", fix="give a JSON or JSONL file with --outputs") from error
    values, strange = _rows_of(text, path)
    rows = []
    for number, value in enumerate(values):
        source = f"{path.name} row {number}"
        if isinstance(value, dict):
            rows.append(Output(source, value))
        elif not isinstance(value, _Strange):
            strange.append(f"{source}: is not an object")
    if not rows:
        raise SetupError(f"{path} holds no rows of outputs", fix="give a JSON list of objects, or one object a line")
    return rows, strange


class _Strange:
    """Stands for a line that is no JSON, so that later rows keep their numbers."""


def _rows_of(text: str, path: Path) -> tuple[list[Any], list[str]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith("{") or not lines[0].rstrip().endswith("}"):
            raise SetupError(
                f"the outputs {path} are no JSON, perhaps the file was cut off ({error})", fix="give the whole file with --outputs"
            ) from error
        return _lines(lines, path)
    if isinstance(data, dict):
        data = next((data[name] for name in LISTS if isinstance(data.get(name), list)), [data])
    if not isinstance(data, list):
        raise SetupError(f"{path} holds no rows of outputs", fix="give a JSON list of objects, or one object a line")
    return data, []


def _lines(lines: Sequence[str], path: Path) -> tuple[list[Any], list[str]]:
    values, strange = list[Any](), list[str]()
    for number, line in enumerate(lines):
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            values.append(_Strange())
            strange.append(f"{path.name} row {number}: is no JSON, perhaps it was cut off")
    return values, strange


@dataclass(frozen=True)
class Joined:
    """Outputs beside their samples."""

    pairs: tuple[tuple[Sample, Output], ...]
    unmatched: tuple[str, ...]
    """Rows of outputs that belong to no sample, or to one that has its output already, and why. They are not scored."""
    without_output: tuple[str, ...]
    """Ids of samples that no output belongs to."""
    other_box: tuple[str, ...]
    """Rows that carry another box than the data; they are scored by the data's."""


def join(dataset: Dataset, outputs: Sequence[Output]) -> Joined:
    """Find the sample of each output: by its id if it is one of the data's, else by image and instruction together."""
    by_id = {sample.id: sample for sample in dataset.samples}
    by_words = defaultdict[tuple[str, str], list[Sample]](list)
    for sample in dataset.samples:
        by_words[_base(sample.image.name), _plain(sample.instruction)].append(sample)
    taken, pairs, unmatched, other_box = dict[str, str](), list[tuple[Sample, Output]](), list[str](), list[str]()
    for output in outputs:
        known = by_id.get(output.first(ID_FIELDS))
        candidates = [known] if known else by_words.get((_base(output.first(IMAGE_FIELDS)), _plain(output.first(INSTRUCTION_FIELDS))), [])
        fitting = [sample for sample in candidates if not _contradiction(sample, output)]
        free = [sample for sample in fitting if sample.id not in taken]
        if not free or len({repr(sample.target) for sample in free}) > 1:
            unmatched.append(f"{output.source}: {_why(candidates, fitting, free, output, taken)}")
            continue
        taken[free[0].id] = output.source
        pairs.append((free[0], output))
        if _has_other_box(free[0], output):
            other_box.append(f"{output.source} has {output.values['bbox']}, {free[0].source} {list(vars(free[0].target).values())}")
    without = tuple(sample.id for sample in dataset.samples if sample.id not in taken)
    return Joined(tuple(pairs), tuple(unmatched), without, tuple(other_box))


def _why(candidates: Sequence[Sample], fitting: Sequence[Sample], free: Sequence[Sample], output: Output, taken: Mapping[str, str]) -> str:
    if free:
        return f"fits {len(free)} samples ({', '.join(sample.id for sample in free[:4])})"
    if fitting:
        return f"a second output of {fitting[0].id}, after {taken[fitting[0].id]}"
    if candidates:
        return f"{_contradiction(candidates[0], output)} ({candidates[0].source})"
    said = ", ".join(f"{value!r:.80}" for fields in (ID_FIELDS, IMAGE_FIELDS, INSTRUCTION_FIELDS) if (value := output.first(fields)))
    return f"no sample has this id, or this image and instruction ({said or 'it names none'})"


def _contradiction(sample: Sample, output: Output) -> str:
    image, instruction = output.first(IMAGE_FIELDS), output.first(INSTRUCTION_FIELDS)
    if instruction and _plain(instruction) != _plain(sample.instruction):
        return f"its instruction is {instruction!r:.80}, in the data {sample.instruction!r:.80}"
    if image and not _same_path(image, sample.image.name):
        return f"its image is {image!r:.80}, in the data {sample.image.name!r:.80}"
    if output.size and sample.size and output.size != sample.size:
        return f"its image has {output.size}, in the data {sample.size}"
    return ""


def _has_other_box(sample: Sample, output: Output) -> bool:
    try:
        box = numbers(output.values, "bbox")
    except BadValue:
        return False
    target = sample.target
    if not isinstance(target, BoxTarget) or len(box) != 4:
        return False
    sides = (target.left, target.top, target.right, target.bottom)
    return any(math.fabs(a - b) > SLACK for a, b in zip(box, sides, strict=True))


def _same_path(one: str, other: str) -> bool:
    parts, others = _parts(one), _parts(other)
    common = min(len(parts), len(others))
    return common > 0 and parts[-common:] == others[-common:]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in PurePosixPath(path.replace("\\", "/")).parts if part != "/")


def _base(path: str) -> str:
    return (_parts(path) or ("",))[-1]


def _plain(text: str) -> str:
    return " ".join(text.split())
