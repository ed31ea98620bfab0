"""Outputs beside the data that they are of, row by row. Nothing is skipped in silence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from handeye.benchmarks.grounding.loaders.boxes import SLACK
from handeye.benchmarks.grounding.loaders.reading import Unreadable as BadValue
from handeye.benchmarks.grounding.loaders.reading import numbers
from handeye.benchmarks.grounding.output_files import ID_FIELDS, IMAGE_FIELDS, INSTRUCTION_FIELDS, Output
from handeye.benchmarks.grounding.sample import BoxTarget, Dataset, Sample


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
    parts, others = path_parts(one), path_parts(other)
    common = min(len(parts), len(others))
    return common > 0 and parts[-common:] == others[-common:]


def path_parts(path: str) -> tuple[str, ...]:
    """The parts of a path as any system writes it."""
    return tuple(part for part in PurePosixPath(path.replace("\\", "/")).parts if part != "/")


def _base(path: str) -> str:
    return (path_parts(path) or ("",))[-1]


def _plain(text: str) -> str:
    return " ".join(text.split())
