"""Score outputs that somebody else published: their words, our reading and our rules, and what came with them beside that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.benchmarks.grounding.formats import STORED as STORED_SPACE
from handeye.benchmarks.grounding.formats import Format, open_format
from handeye.benchmarks.grounding.images import image_size
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES, load_benchmark
from handeye.benchmarks.grounding.output_files import TEXT_FIELDS, Output, read_outputs
from handeye.benchmarks.grounding.outputs import Joined, join
from handeye.benchmarks.grounding.own_rows import ROWS, Boxes, own_dataset
from handeye.benchmarks.grounding.rules import Answer, Boxed, Outside, Pointed, Refused, Unreadable, choose_rules
from handeye.benchmarks.grounding.sample import Dataset, RefusalTarget, Sample
from handeye.benchmarks.grounding.scores import Judged, judge, said, summary
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

STORED = "pred"
"""The dialect's name in reports when the rows' own points were scored, and the field that holds them: [x, y] in pixels of the image."""


ENOUGH = 20
"""Places from which on a file as a whole can be doubted."""


@dataclass(frozen=True)
class Request:
    """What is to be scored, how."""

    benchmark: str
    outputs: Path
    dialect: str = ""
    """A name of `formats.FORMAT_NAMES`; empty: the points that the rows themselves hold."""
    rules: tuple[str, ...] = ()
    text_field: str = ""
    load: LoadOptions = field(default_factory=LoadOptions)
    """Without `data`, the rows' own boxes and sizes count."""
    boxes: Boxes = "xyxy"
    """The convention of the rows' own boxes."""
    box_field: str = ""
    min_pixels: int = 0
    max_pixels: int = 0
    """The limits of the run, for dialects in pixels of a resized picture; 0: the dialect's."""


def rescore(request: Request) -> dict[str, Any]:
    """Every number of the report, JSON values only.

    `total` is the rows that could be joined with a sample; the others are in `unmatched`, named. Raises `SetupError` for data or
    outputs that cannot be used, `InvalidAction` for a rule that does not exist.
    """
    rules = choose_rules(request.rules)
    reader = open_format(request.dialect, min_pixels=request.min_pixels, max_pixels=request.max_pixels) if request.dialect else None
    if request.benchmark not in (*BENCHMARK_NAMES, ROWS):
        load_benchmark(request.benchmark, request.load)
    outputs, strange = read_outputs(request.outputs)
    _check_fields(request, outputs)
    dataset, joined = _beside(request, outputs, reader)
    if not joined.pairs:
        some = "\n  ".join(joined.unmatched[:4])
        raise SetupError(
            f"none of the {len(outputs)} rows of {request.outputs.name} belongs to {dataset.name}:\n  {some}\n",
            fix="give the benchmark and the --language that the outputs are of",
        )
    judged = [judge(sample, _answer(reader, request, sample, output, dataset), rules) for sample, output in joined.pairs]
    doubts = doubtful_space(judged, in_pixels=reader is None or not reader.space.extent)
    used = rules.used_for([sample.target for sample, _ in joined.pairs])
    unmatched = [*strange, *joined.unmatched]
    return {
        "benchmark": dataset.name,
        "outputs": str(request.outputs),
        "dialect": reader.name if reader else STORED,
        "space": reader.space.words if reader else STORED_SPACE.words,
        "annotations": "rows" if request.load.data is None else "data",
        "rules": list(used),
        "convention": dataset.convention,
        **summary(judged),
        "unmatched": unmatched,
        "output_rows": len(outputs) + len(strange),
        "data_rows": len(dataset.samples),
        "without_output": len(joined.without_output),
        "published": _against_published(joined, judged),
        "notes": [
            f"Numbers read as: {reader.space.words if reader else STORED_SPACE.words}.",
            *dataset.notes,
            *_notes(joined, unmatched),
            *doubts,
        ],
        "rows": [_row(one, output) for one, (_, output) in zip(judged, joined.pairs, strict=True)],
    }


def _beside(request: Request, outputs: Sequence[Output], reader: Format | None) -> tuple[Dataset, Joined]:
    if request.load.data is not None and request.benchmark != ROWS:
        dataset = load_benchmark(request.benchmark, request.load)
        return dataset, join(dataset, outputs)
    if request.load.data is not None:
        raise InvalidAction(f"{ROWS} stands for outputs with their own boxes and has no --data: name the benchmark, or leave --data out")
    return own_dataset(
        request.benchmark,
        outputs,
        boxes=request.boxes,
        box_field=request.box_field,
        images=request.load.images,
        need_size=reader is not None,
        fix="" if request.benchmark == ROWS else _fetch(request),
    )


def _fetch(request: Request) -> str:
    try:
        load_benchmark(request.benchmark, LoadOptions())
    except SetupError as error:
        return error.fix or ""
    raise AssertionError("data cannot be loaded from nowhere")


def doubtful_space(judged: Sequence[Judged], in_pixels: bool) -> list[str]:
    """What makes it doubtful that the places are in the space in which they were read, in words; empty where nothing does.

    A note and no error: models do point beside the image, and a wrong space may look plausible.
    """
    places = [(one.sample.size, _point(one.answer)) for one in judged]
    known = [(size, point) for size, point in places if size is not None and point is not None]
    outside = sum(isinstance(one.answer, Outside) for one in judged)
    outside += sum(not (0 <= point.x <= size.width and 0 <= point.y <= size.height) for size, point in known)
    doubts = []
    wide = [(size, point) for size, point in known if size.width >= 1500]
    if outside > max(ENOUGH, len(known)) / 4:
        doubts.append(f"{outside} places lie outside of their image: perhaps the numbers are in another space than the dialect says.")
    elif len(known) >= ENOUGH and all(_tiny(point.x, size.width) and _tiny(point.y, size.height) for size, point in known):
        doubts.append("Every number is at most 1: perhaps they are in 0..1, which the dialect does not say.")
    elif in_pixels and len(wide) >= ENOUGH and all(point.x <= 1000 and point.y <= 1000 for _, point in wide):
        doubts.append("No place is beyond 1000 on images wider than 1500 pixels: perhaps the numbers are in 0..1000, not in pixels.")
    return doubts


def _tiny(place: float, side: int) -> bool:
    # 1 of 999 or 1000 parts, or a pixel: what a number from 0 to 1 becomes when it is read as one of those.
    return place <= max(1.0, side / 900)


def _point(answer: Answer) -> Pointed | None:
    return answer if isinstance(answer, Pointed) else answer.centre if isinstance(answer, Boxed) else None


def _check_fields(request: Request, outputs: Sequence[Output]) -> None:
    fields = ", ".join(sorted(outputs[0].values))
    if request.dialect:
        if all(output.text(request.text_field) is None for output in outputs):
            asked = request.text_field or " or ".join(TEXT_FIELDS)
            raise SetupError(
                f"no row of {request.outputs.name} has a text under {asked}; the first has {fields}", fix="name it with --text-field"
            )
        return
    points = [point for output in outputs if (point := _stored(output)) is not None]
    if not points:
        raise SetupError(f"no row of {request.outputs.name} has a point under {STORED}; the first has {fields}", fix="name a --dialect")
    if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
        raise SetupError(f"every {STORED} of {request.outputs.name} is in 0..1, not in pixels", fix="name the --dialect of its texts")


def _stored(output: Output) -> tuple[float, float] | None:
    point = output.values.get(STORED)
    if not isinstance(point, list) or len(point) != 2:
        return None
    if not all(isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e9 for number in point):
        return None
    return float(point[0]), float(point[1])


def _answer(reader: Format | None, request: Request, sample: Sample, output: Output, dataset: Dataset) -> Answer:
    if reader is None:
        point = _stored(output)
        if point is None:
            return Unreadable(f"there is no point under {STORED}")
        if point != (-1, -1):
            return Pointed(*point)
        # Scripts write it for a refusal and for what they could not read alike.
        refusals = any(isinstance(other.target, RefusalTarget) for other in dataset.samples)
        return Refused() if refusals else Unreadable(f"{STORED} is [-1, -1]")
    text = output.text(request.text_field)
    if text is None:
        return Unreadable("the row has no text")
    return reader.read(text, _size(sample, output))


def _size(sample: Sample, output: Output) -> Size:
    size = sample.size or output.size
    if size is None:
        try:
            return image_size(sample.image.read())
        except (SetupError, ValueError) as error:
            raise SetupError(
                f"the size of the image {sample.image.name} is neither in the data ({sample.source}) nor in the outputs ({output.source})",
                fix="give the folder of the images with --images",
            ) from error
    return size


def _against_published(joined: Joined, judged: Sequence[Judged]) -> dict[str, Any] | None:
    """Our verdicts beside those that came with the rows; None where none came."""
    known = [(one, output) for one, (_, output) in zip(judged, joined.pairs, strict=True) if output.published is not None]
    if not known:
        return None
    differ = [f"{output.source} ({one.sample.id}): {one.verdict} here" for one, output in known if one.correct != output.published]
    return {
        "rows": len(known),
        "correct": sum(output.published is True for _, output in known),
        "agree": len(known) - len(differ),
        "differ": differ,
    }


def _notes(joined: Joined, unmatched: Sequence[str]) -> list[str]:
    notes = []
    if unmatched:
        notes.append(f"{len(unmatched)} rows of the outputs belong to no sample and are not scored.")
    if joined.without_output:
        some = ", ".join(joined.without_output[:3])
        notes.append(f"{len(joined.without_output)} samples have no output and are not in the total: {some}, ...")
    if joined.other_box:
        notes.append(f"{len(joined.other_box)} rows carry another box than the data, whose box counts: {joined.other_box[0]}.")
    return notes


def _row(one: Judged, output: Output) -> dict[str, Any]:
    return {"id": one.sample.id, "verdict": one.verdict, "source": output.source, **said(one.answer)}
