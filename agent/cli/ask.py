"""`handeye ask`: questions about pictures and videos."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape

from handeye.agent.ask import Answer, ask
from handeye.agent.ask_batch import BatchDefaults, answer_rows, kept_rows, read_batch
from handeye.agent.cli.media_options import MediaOptions, check_vision_model, open_all
from handeye.agent.events import Events, ask_events
from handeye.agent.media.source import Opened
from handeye.agent.models.base import Sampling
from handeye.agent.models.registry import open_model
from handeye.tools.errors import ParseError, SetupError


@dataclass(frozen=True)
class AskRequest:
    """What was asked for on the command line."""

    question: str
    files: Sequence[str]
    model: str
    media: MediaOptions
    sampling: Sampling
    timestamps: bool = False
    batch: Path | None = None
    out: Path | None = None
    as_json: bool = False


def ask_command(request: AskRequest) -> int:
    """Ask and print the answer; the exit code: 0 answered, 1 not (or not all)."""
    check_vision_model(request.model)
    if request.batch is not None:
        return _batch(request, request.batch)
    if not request.files:
        raise SetupError("there is nothing to ask about.", fix='name files, as in handeye ask "What is this?" page.png clip.mp4')
    if request.out is not None:
        raise SetupError("--out belongs to --batch.", fix="leave it out, or redirect the output")
    media = open_all(request.files, request.media)
    model = open_model(request.model)
    try:
        if request.timestamps:
            found = ask_events(model, request.question, media, request.sampling)
            return _show_events(request, model.name, media, found)
        return _show_answer(request, model.name, media, ask(model, request.question, media, request.sampling))
    except ParseError as error:
        sys.stderr.write(f"handeye: {error}\n")
        return 1
    finally:
        model.close()


def _show_answer(request: AskRequest, model: str, media: Sequence[Opened], answer: Answer) -> int:
    if request.as_json:
        _print_json(request, model, media, {"text": answer.text, "usage": asdict(answer.completion.usage)})
    else:
        _print_notes(media)
        sys.stdout.write(answer.text + "\n")
    return 0 if answer.text else 1


def _show_events(request: AskRequest, model: str, media: Sequence[Opened], found: Events) -> int:
    if request.as_json:
        events = [asdict(event) for event in found.events]
        _print_json(request, model, media, {"events": events, "repairs": found.repairs, "tries": len(found.completions)})
    else:
        _print_notes(media)
        console = Console(highlight=False)
        for event in found.events:
            console.print(f"[bold]{event.start_s:.2f} to {event.end_s:.2f} s[/]  {escape(event.description)}")
        if not found.events:
            console.print("[red]No such event was found.[/]")
    return 0 if found.events else 1


def _print_json(request: AskRequest, model: str, media: Sequence[Opened], outcome: dict[str, Any]) -> None:
    notes = [note for item in media for note in item.notes]
    row = {"question": request.question, "files": list(request.files), "model": model, **outcome, "notes": notes}
    sys.stdout.write(json.dumps(row) + "\n")


def _print_notes(media: Sequence[Opened]) -> None:
    for item in media:
        for note in item.notes:
            sys.stderr.write(f"handeye: {note}\n")


def _batch(request: AskRequest, path: Path) -> int:
    """Ask every row of the file at `path`, and write each answer as it comes."""
    if request.question or request.files or request.timestamps:
        raise SetupError("with --batch, the questions and their files come from the batch.", fix="leave out the others")
    questions = read_batch(path)
    defaults = BatchDefaults(path.parent, request.media.picture_limits(), request.media.video_limits(), request.sampling)
    model = open_model(request.model)
    failed = 0
    try:
        done = kept_rows(request.out, questions, model.name) if request.out else set()
        with _appending(request.out) as file:
            for row in answer_rows(model, questions, defaults, done):
                file.write(json.dumps(row) + "\n")
                file.flush()
                failed += row["error"] is not None
    finally:
        model.close()
    if request.out:
        asked = len(questions) - len(done)
        sys.stderr.write(f"handeye: {asked} asked, {failed} without an answer, {len(done)} answered before: {request.out}\n")
    return 1 if failed else 0


@contextmanager
def _appending(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        file = out.open("a", encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{out} cannot be written ({error.strerror}).", fix="name another file with --out") from error
    with file:
        yield file
