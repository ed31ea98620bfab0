"""`handeye bench rescore NAME --outputs FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.grounding.formats import FORMATS
from handeye.benchmarks.grounding.loaders.options import Language, LoadOptions
from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES
from handeye.benchmarks.grounding.own_rows import BOXES, ROWS
from handeye.benchmarks.grounding.rescore import Request, rescore
from handeye.benchmarks.offline.registry import BENCHMARKS as OFFLINE
from handeye.benchmarks.samples.tables import markdown as as_markdown
from handeye.benchmarks.samples.tables import rendered
from handeye.tools.errors import InvalidAction, SetupError

NAMES = (*BENCHMARK_NAMES, ROWS, *OFFLINE)
app = command_app()


def _list_dialects(asked: bool) -> None:
    if not asked:
        return
    from handeye.benchmarks.offline.answers import FORMATS as OFFLINE_FORMATS

    lines = [f"{name}: {about}" for name, about in FORMATS.items()]
    lines.append(f"For {', '.join(OFFLINE)}: {', '.join(OFFLINE_FORMATS)}")
    sys.stdout.write("\n".join(lines) + "\n")
    raise typer.Exit


DialectName = Annotated[
    str,
    typer.Option(
        help="How the words are read: mai-ui, qwen2.5-vl/forced, any-1000, ...; see --list-dialects.  [default: the rows' own `pred`, "
        "pixels; for offline benchmarks theirs]",
        show_default=False,
    ),
]
DataFolder = Annotated[
    str,
    typer.Option(
        help="Folder of the benchmark's data, or hub: through the library datasets.  [default: the rows' own boxes]", show_default=False
    ),
]
RuleNames = Annotated[
    list[str] | None,
    typer.Option(
        help="inclusive, centre-of-box, polygon, first-four or refusal; may be repeated, one for each kind of target.  "
        "[default: centre-of-box, polygon, refusal; for offline benchmarks the published one]",
        show_default=False,
    ),
]
ListDialects = Annotated[bool, typer.Option("--list-dialects", is_eager=True, callback=_list_dialects, help="Name every dialect, and end.")]


@app.command(epilog="Exit codes: 0 scored, 2 usage or set-up error. Rows that belong to no sample are named and counted in `unmatched`.")
def rescore_outputs(
    name: Annotated[str, typer.Argument(help=f"The benchmark: {', '.join(NAMES)} ({ROWS}: any other, by the rows' own boxes).")],
    outputs: Annotated[Path, typer.Option(help="JSON or JSONL file: one row a sample, with the model's words.")],
    dialect: DialectName = "",
    data: DataFolder = "",
    images: Annotated[Path | None, typer.Option(help="Folder of the images, where they lie elsewhere.", show_default=False)] = None,
    boxes: Annotated[str, typer.Option(help=f"How the rows' own boxes are written, without --data: {', '.join(BOXES)}.")] = "xyxy",
    box_field: Annotated[str, typer.Option(help="The field with the rows' own box, if it is not a usual one.", show_default=False)] = "",
    min_pixels: Annotated[int, typer.Option(min=0, help="The run's, for a dialect in pixels of a resized image.", show_default=False)] = 0,
    max_pixels: Annotated[int, typer.Option(min=0, help="The same.", show_default=False)] = 0,
    rule: RuleNames = None,
    language: Annotated[str, typer.Option(help="en or cn: the instructions of ScreenSpot-Pro.")] = "en",
    text_field: Annotated[str, typer.Option(help="The field with the model's words, if it is not a usual one.", show_default=False)] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Take data with fewer or more rows than published.")] = False,
    size: Annotated[str, typer.Option(help="Offline: size of screens without a picture, as 1080x2400.", show_default=False)] = "",
    markdown: Annotated[Path | None, typer.Option(help="Write the report to this file too, as Markdown.", show_default=False)] = None,
    as_json: AsJson = False,
    list_dialects: ListDialects = False,
    debug: Debug = False,
) -> None:
    """Score the outputs that somebody published for a benchmark of single replies, from their words and by named rules."""
    if name in OFFLINE:
        given = {"images": images, "box-field": box_field, "text-field": text_field, "markdown": markdown, "min-pixels": min_pixels}
        unused = [f"--{key}" for key, value in given.items() if value]
        _offline(name, outputs, dialect, data, rule or [], max_pixels, size, partial, as_json, unused)
        return
    if name not in NAMES:
        raise SetupError(f"there is no benchmark {name!r} to score outputs of", fix=f"choose one of {', '.join(NAMES)}")
    if boxes not in BOXES:
        raise InvalidAction(f"--boxes is one of {', '.join(BOXES)}, not {boxes!r}")
    if size:
        raise InvalidAction(f"--size is for {', '.join(OFFLINE)}: the sizes of other images differ, give --images")
    if language not in ("en", "cn"):
        raise InvalidAction(f"--language is en or cn, not {language!r}")
    folder: Path | Literal["hub"] | None = "hub" if data == "hub" else Path(data) if data else None
    load = LoadOptions(folder, images, cast(Language, language), partial=partial)
    request = Request(name, outputs, dialect, tuple(rule or ()), text_field, load, boxes, box_field, min_pixels, max_pixels)
    numbers = rescore(request)
    if markdown is not None:
        _write(markdown, as_markdown(numbers))
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console = Console(highlight=False)
    console.print(rendered(numbers))
    if markdown is not None:
        console.print(f"Markdown: {escape(str(markdown))}", soft_wrap=True)


def _offline(
    name: str,
    outputs: Path,
    dialect: str,
    data: str,
    rules: list[str],
    max_pixels: int,
    size: str,
    partial: bool,
    as_json: bool,
    unused: list[str],
) -> None:
    """Hand over to `handeye bench offline`, whose scorer of recorded steps this is."""
    from handeye.benchmarks.offline.cli import offline

    if unused:
        raise InvalidAction(f"{name} has no use for {', '.join(unused)}")
    if len(rules) > 1:
        raise InvalidAction(f"{name} is scored by one --rule, or by all of them: --rule all")
    offline(
        name,
        Path(data) if data else None,
        outputs,
        rule="".join(rules),
        dialect=dialect,
        max_pixels=max_pixels,
        size=size,
        partial=partial,
        as_json=as_json,
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SetupError(f"{path} cannot be written ({error})", fix="give another --markdown") from error
