"""Many questions from a file: one JSON row out for each row in, written as it ends, and taken up again where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError

from handeye.agent.ask import Answer, ask_batch
from handeye.agent.media.limits import PictureLimits, VideoLimits, changed
from handeye.agent.media.source import Opened, open_media
from handeye.agent.models.base import Model, Sampling
from handeye.tools.errors import HandeyeError, ModelError, SetupError

TOGETHER = 8
"""Questions that are asked at once where the model can do that; their media are in memory together."""


class BatchFile(BaseModel):
    """A picture or a video with limits of its own; what is left out is as for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str | tuple[str, ...]
    """A path or an address; a list of them is a video's frames. Paths start from the folder of the batch file."""
    min_pixels: int | None = None
    max_pixels: int | None = None
    resized_height: int | None = None
    resized_width: int | None = None
    total_pixels: int | None = None
    fps: float | None = None
    min_frames: int | None = None
    max_frames: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    decoder: str | None = None


class BatchRow(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    files: tuple[str | BatchFile, ...]
    id: str | int | None = None
    """Repeated in the answer."""


Row: TypeAlias = dict[str, Any]
Question: TypeAlias = BatchRow | SetupError
"""A row, or why it is none."""


@dataclass(frozen=True)
class BatchDefaults:
    """What holds for every row that does not say otherwise."""

    folder: Path = Path()
    pictures: PictureLimits = PictureLimits()
    videos: VideoLimits = VideoLimits()
    sampling: Sampling = Sampling()


def read_batch(path: Path) -> tuple[Question, ...]:
    """The rows of a JSONL file; empty lines are left out. Raises `SetupError` when it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the batch {path} cannot be read ({error}).", fix="give a file with one JSON object a line") from error
    return tuple(_question(line, number) for number, line in enumerate(lines, 1) if line.strip())


def _question(line: str, number: int) -> Question:
    try:
        return BatchRow.model_validate_json(line)
    except ValidationError as error:
        what = "; ".join(f"{'.'.join(map(str, part['loc'])) or 'the line'}: {part['msg']}" for part in error.errors()[:3])
        return SetupError(f"line {number} is no question ({what}).", fix='write {"question": "...", "files": ["..."]}')


def kept_rows(out: Path, questions: Sequence[Question], model: str) -> set[int]:
    """The numbers of the rows that are answered in `out` already. Failed and half-written rows are removed from it, to be asked again.

    Raises `SetupError` when the file answers other questions, or another model wrote it.
    """
    if not out.exists():
        return set()
    kept: dict[int, str] = {}
    try:
        for line in out.read_text(encoding="utf-8").split("\n"):
            row = _answered(line)
            if row is None:
                continue
            question = questions[row["row"]] if 0 <= row["row"] < len(questions) else None
            if row.get("model") != model or not isinstance(question, BatchRow) or row.get("question") != question.question:
                raise SetupError(f"{out} holds the answers of another batch or model.", fix="name another file with --out")
            kept[row["row"]] = line
        beside = out.with_name(out.name + ".tmp")
        beside.write_text("".join(line + "\n" for line in kept.values()), encoding="utf-8")
        os.replace(beside, out)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{out} cannot be taken up again ({error}).", fix="name another file with --out") from error
    return set(kept)


def _answered(line: str) -> Row | None:
    """The row on a line of answers; None where there is no whole one, or a failure."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(row, dict) and isinstance(row.get("row"), int) and isinstance(row.get("answer"), str)
    return row if whole else None


def answer_rows(
    model: Model, questions: Sequence[Question], defaults: BatchDefaults, done: set[int] | None = None, together: int = TOGETHER
) -> Iterator[Row]:
    """One row for each question that is not `done`, in order; a failure is a row with `error`. JSON values only."""
    left = [number for number in range(len(questions)) if number not in (done or set())]
    for first in range(0, len(left), together):
        yield from _answer_some(model, questions, left[first : first + together], defaults)


def _answer_some(model: Model, questions: Sequence[Question], numbers: Sequence[int], defaults: BatchDefaults) -> Iterator[Row]:
    opened: dict[int, tuple[str, list[Opened]] | HandeyeError] = {}
    for number in numbers:
        question = questions[number]
        try:
            opened[number] = question if isinstance(question, SetupError) else (question.question, _open(question, defaults))
        except HandeyeError as error:
            opened[number] = error
    ready = {number: asked for number, asked in opened.items() if isinstance(asked, tuple)}
    answers = _answers(model, ready, defaults.sampling)
    for number in numbers:
        asked = opened[number]
        outcome = answers[number] if isinstance(asked, tuple) else asked
        media = asked[1] if isinstance(asked, tuple) else []
        yield _row(number, questions[number], model.name, outcome, media)


def _answers(model: Model, ready: dict[int, tuple[str, list[Opened]]], sampling: Sampling) -> dict[int, Answer | HandeyeError]:
    try:
        return dict(zip(ready, ask_batch(model, list(ready.values()), sampling), strict=True))
    except (ModelError, SetupError) as error:
        if len(ready) == 1:
            return dict.fromkeys(ready, error)
    # One of them spoiled it for the others: each for itself.
    return {number: answer for number, asked in ready.items() for answer in _answers(model, {number: asked}, sampling).values()}


def _open(question: BatchRow, defaults: BatchDefaults) -> list[Opened]:
    if not question.files:
        raise SetupError("the question has no files.", fix='name them under "files"')
    opened = []
    for given in question.files:
        item = BatchFile(file=given) if isinstance(given, str) else given
        own = item.model_dump(exclude={"file"})
        pictures, videos = changed(defaults.pictures, own), changed(defaults.videos, own)
        source = (
            [_placed(one, defaults.folder) for one in item.file] if isinstance(item.file, tuple) else _placed(item.file, defaults.folder)
        )
        opened.append(open_media(source, pictures, videos))
    return opened


def _placed(file: str, folder: Path) -> str:
    return file if "://" in file or file.startswith("data:") else str(folder / file)


def _row(number: int, question: Question, model: str, outcome: Answer | HandeyeError, media: Sequence[Opened]) -> Row:
    row: Row = {"row": number}
    if isinstance(question, BatchRow):
        files = [given if isinstance(given, str) else given.model_dump(exclude_none=True) for given in question.files]
        row |= ({} if question.id is None else {"id": question.id}) | {"question": question.question, "files": files}
    row["model"] = model
    if isinstance(outcome, HandeyeError):
        return row | {"answer": None, "error": str(outcome)}
    notes = [note for item in media for note in item.notes]
    return row | {"answer": outcome.text, "error": None, "usage": asdict(outcome.completion.usage), "notes": notes}
