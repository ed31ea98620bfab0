"""`handeye bench rescore NAME --outputs FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
from rich.console import Console
from rich.markup import escape

from handeye.benchmarks.grounding.loaders.options import Language, LoadOptions
from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES
from handeye.benchmarks.grounding.rescore import Request, rescore
from handeye.benchmarks.samples.tables import markdown as as_markdown
from handeye.benchmarks.samples.tables import rendered
from handeye.tools.errors import InvalidAction, SetupError

app = typer.Typer(pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command(epilog="Exit codes: 0 scored, 2 usage or set-up error. Rows that belong to no sample are named and counted in `unmatched`.")
def rescore_outputs(
    name: Annotated[str, typer.Argument(help=f"The benchmark: {', '.join(BENCHMARK_NAMES)}.")],
    outputs: Annotated[Path, typer.Option(help="JSON or JSONL file: one row a sample, with the model's words.")],
    dialect: Annotated[
        str,
        typer.Option(
            help="How the words are read: mai-ui, brackets-1000, brackets-999, brackets-1, brackets-pixels, or a dialect of handeye's "
            "(qwen2.5-vl/point, ...).  [default: the rows' own `pred`, pixels]",
            show_default=False,
        ),
    ] = "",
    data: Annotated[
        str, typer.Option(help="Folder of the benchmark's data, or hub: through the library datasets.", show_default=False)
    ] = "",
    images: Annotated[Path | None, typer.Option(help="Folder of the images, where they lie elsewhere.", show_default=False)] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            help="inclusive, centre-of-box, polygon, first-four or refusal; may be repeated, one for each kind of target.  "
            "[default: centre-of-box, polygon, refusal]",
            show_default=False,
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="en or cn: the instructions of ScreenSpot-Pro.")] = "en",
    text_field: Annotated[str, typer.Option(help="The field with the model's words, if it is not a usual one.", show_default=False)] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Take data with fewer or more rows than published.")] = False,
    markdown: Annotated[Path | None, typer.Option(help="Write the report to this file too, as Markdown.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """Score the outputs that somebody published for a grounding benchmark, from their words and by named rules."""
    if language not in ("en", "cn"):
        raise InvalidAction(f"--language is en or cn, not {language!r}")
    folder: Path | Literal["hub"] | None = "hub" if data == "hub" else Path(data) if data else None
    load = LoadOptions(folder, images, cast(Language, language), partial=partial)
    numbers = rescore(Request(name, outputs, dialect, tuple(rule or ()), text_field, load))
    if markdown is not None:
        _write(markdown, as_markdown(numbers))
    if as_json:
        sys.stdout.write(json.dumps(numbers) + "\n")
        return
    console = Console(highlight=False)
    console.print(rendered(numbers))
    if markdown is not None:
        console.print(f"Markdown: {escape(str(markdown))}", soft_wrap=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SetupError(f"{path} cannot be written ({error})", fix="give another --markdown") from error
