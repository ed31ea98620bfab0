"""`handeye extract`: data out of documents, in the form of a JSON schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from handeye.agent.cli.media_options import MediaOptions, check_vision_model
from handeye.agent.extract import extract, read_schema
from handeye.agent.media.picture import open_picture
from handeye.agent.models.base import Sampling
from handeye.agent.models.registry import open_model
from handeye.tools.errors import ParseError, SetupError


@dataclass(frozen=True)
class ExtractRequest:
    """What was asked for on the command line."""

    files: Sequence[str]
    schema: Path
    model: str
    media: MediaOptions
    sampling: Sampling
    retries: int
    out: Path | None = None
    as_json: bool = False


def extract_command(request: ExtractRequest) -> int:
    """Extract and print the data; the exit code: 0 extracted, 1 when no reply obeyed the schema."""
    check_vision_model(request.model)
    schema = read_schema(request.schema)
    limits = request.media.picture_limits()
    pages = [open_picture(file, limits) for file in request.files]
    model = open_model(request.model)
    try:
        found = extract(model, pages, schema, request.sampling, request.retries)
    except ParseError as error:
        sys.stderr.write(f"handeye: {error}\n")
        return 1
    finally:
        model.close()
    notes = [note for page in pages for note in page.notes]
    data = json.dumps(found.value, indent=2, ensure_ascii=False) + "\n"
    if request.out is not None:
        try:
            request.out.write_text(data, encoding="utf-8")
        except OSError as error:
            raise SetupError(f"{request.out} cannot be written ({error.strerror}).", fix="name another file with --out") from error
    if request.as_json:
        about = {"files": list(request.files), "model": model.name, "data": found.value}
        about |= {"repairs": found.repairs, "tries": len(found.completions), "notes": notes}
        sys.stdout.write(json.dumps(about) + "\n")
        return 0
    for note in (*notes, *found.repairs):
        sys.stderr.write(f"handeye: {note}\n")
    if request.out is None:
        sys.stdout.write(data)
    return 0
