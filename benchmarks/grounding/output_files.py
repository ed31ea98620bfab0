"""Files of outputs that somebody published: rows, and what is no row. What a row holds is looked for under the names that scripts use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from handeye.benchmarks.grounding.loaders.reading import Unreadable as BadValue
from handeye.benchmarks.grounding.loaders.reading import size_of
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

MAX_BYTES = 500_000_000
"""Of a file that is one JSON value; the largest known here has 8 MB. JSON Lines are read line by line, whatever their number."""
MAX_LINE = 50_000_000
"""Characters of a line of JSON Lines."""
MAX_TEXT = 200_000
"""Characters of a text that are kept: more than any format looks at, and less than a picture that somebody stored beside its answer."""
TEXT_FIELDS = (
    *("raw_response", "response", "raw_output", "model_output", "output", "prediction"),
    # LLaMA-Factory's generated_predictions.jsonl; lmms-eval's and lm-evaluation-harness's samples_*.jsonl.
    *("predict", "filtered_resps", "resps"),
)
"""Where the model's words are looked for, in this order, and then under the one name that ends in `INFER`."""
INFER = "_infer"
"""ZJU-REAL/ClawGUI:clawgui-eval keeps words under MODEL_infer."""
IMAGE_FIELDS = ("img_filename", "image_path", "img_path", "file_name", "image")
INSTRUCTION_FIELDS = ("instruction", "prompt_to_evaluate", "question")
ID_FIELDS = ("id", "sample_id", "task_id")
SIZE_FIELDS = ("img_size", "image_size")
VERDICT_FIELDS = ("correctness", "correct", "is_correct")
LISTS = ("details", "results", "outputs", "predictions", "samples")
"""Where the rows are in a file that is an object (`details`: ScreenSpot-Pro's and MAI-UI's scripts; `results`: SE-GUI's)."""
NESTED = "doc"
"""Where lmms-eval's rows keep the row of the data; what the row itself says goes before it."""


@dataclass(frozen=True)
class Output:
    """One row of outputs."""

    source: str
    """File and row, from 0."""
    values: Mapping[str, Any]

    def first(self, fields: Sequence[str]) -> str:
        """The first text under one of these names, or whole number as text; empty if there is none."""
        for name in fields:
            value = self.values.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
                return str(value)
            if isinstance(value, str) and value:
                return value
        return ""

    @property
    def size(self) -> Size | None:
        """The size of the image as the row has it."""
        for name in SIZE_FIELDS:
            try:
                if self.values.get(name) is not None:
                    return size_of(self.values, name)
            except BadValue:
                return None
        return None

    @property
    def published(self) -> bool | None:
        """The verdict that came with the row; None if there is none."""
        for name in VERDICT_FIELDS:
            value = self.values.get(name)
            if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
                return bool(value)
            if value in ("correct", "right", "wrong", "wrong_format", "incorrect"):
                return value in ("correct", "right")
        return None

    def text(self, field: str) -> str | None:
        """The model's words: a text, or a list of one text; None if there is none."""
        names = (field,) if field else (*TEXT_FIELDS, *(name for name in self.values if name.endswith(INFER)))
        value = next((self.values[name] for name in names if name in self.values), None)
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
        return value if isinstance(value, str) else None


def read_outputs(path: Path) -> tuple[list[Output], list[str]]:
    """The rows of a JSON list, of an object with such a list, or of a JSONL file; and what is no row, in words.

    Raises `SetupError` for a file that cannot be read, or that holds no rows.
    """
    rows, strange = list[Output](), list[str]()
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, value in enumerate(_values(file, path)):
                source = f"{path.name} row {number}"
                if isinstance(value, dict):
                    rows.append(Output(source, _kept(value)))
                else:
                    strange.append(f"{source}: {value.why if isinstance(value, _Strange) else 'is not an object'}")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the outputs {path} cannot be read ({error})", fix="give a JSON or JSONL file with --outputs") from error
    if not rows:
        raise SetupError(f"{path} holds no rows of outputs", fix="give a JSON list of objects, or one object a line")
    return rows, strange


@dataclass(frozen=True)
class _Strange:
    """Stands for a line that is no JSON, so that later rows keep their numbers."""

    why: str


def _values(file: IO[str], path: Path) -> Iterator[Any]:
    """The values of JSON Lines as they are read, where the first line is in braces and there is a second; else those of one JSON value."""
    first = _next_line(file)
    if first.lstrip().startswith("{") and first.rstrip().endswith("}") and (second := _next_line(file)):
        yield _value(first)
        yield _value(second)
        while line := _next_line(file):
            yield _value(line)
        return
    file.seek(0)
    if path.stat().st_size > MAX_BYTES:
        raise SetupError(f"{path} has more than {MAX_BYTES // 1_000_000} MB", fix="split it, or write one object a line")
    yield from _whole(file.read(), path)


def _next_line(file: IO[str]) -> str:
    """The next line that is not empty, whole; empty at the end."""
    while line := file.readline(MAX_LINE + 1):
        if line.strip():
            rest = line
            while len(rest) > MAX_LINE and not rest.endswith("\n"):
                rest = file.readline(MAX_LINE + 1)
            return line
    return ""


def _value(line: str) -> Any:
    if len(line) > MAX_LINE:
        return _Strange(f"has more than {MAX_LINE // 1_000_000} million characters")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return _Strange("is no JSON, perhaps it was cut off")


def _whole(text: str, path: Path) -> list[Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SetupError(
            f"the outputs {path} are no JSON, perhaps the file was cut off ({error})", fix="give the whole file with --outputs"
        ) from error
    if isinstance(data, dict):
        data = next((data[name] for name in LISTS if isinstance(data.get(name), list)), [data])
    if not isinstance(data, list):
        raise SetupError(f"{path} holds no rows of outputs", fix="give a JSON list of objects, or one object a line")
    return data


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its data's row in it, long texts cut."""
    inner = row.get(NESTED)
    whole = inner | row if isinstance(inner, dict) else row
    return {name: value[:MAX_TEXT] if isinstance(value, str) else value for name, value in whole.items() if name != NESTED}
