"""Pictures and videos as a user gives them, through the real vision preprocessing, into real weights."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from handeye.agent.ask import ask, ask_batch
from handeye.agent.cli import main
from handeye.agent.extract import extract
from handeye.agent.media.limits import PictureLimits, VideoLimits
from handeye.agent.media.picture import open_picture
from handeye.agent.media.source import open_media
from handeye.agent.messages import Picture
from handeye.agent.models.base import Sampling
from handeye.agent.models.local.model import TransformersModel
from tests.agent.recordings import record

SHORT = Sampling(max_new_tokens=6)
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "integer", "minimum": 0, "maximum": 999}, "paid": {"type": "boolean"}},
    "required": ["total", "paid"],
    "additionalProperties": False,
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    Image.linear_gradient("L").resize((333, 97)).convert("RGB").save(path)
    return path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return record(tmp_path / "film.mp4", 24)


def test_whatever_is_opened_is_taken_as_it_is(warm: TransformersModel, page: Path, film: Path) -> None:
    """Odd sizes, every limit, pictures and videos mixed: no size is changed on the way to the model."""
    opened = [
        open_media(page),
        open_picture(page, PictureLimits(max_pixels=10_000)),
        open_picture(page, PictureLimits(resized_width=140, resized_height=84)),
        open_media(film, videos=VideoLimits(fps=4, max_frames=6, min_pixels=3_136, max_pixels=40_000)),
        open_media([page] * 4),
    ]
    answer = ask(warm, "What is there?", opened, SHORT)
    assert answer.completion.usage.completion_tokens == 6
    alone = [ask(warm, "What is there?", [media], SHORT) for media in opened]
    together = ask_batch(warm, [("What is there?", [media]) for media in opened], SHORT)
    assert [one.text for one in together] == [one.text for one in alone]


def test_other_frames_and_another_pace_are_seen(warm: TransformersModel, film: Path) -> None:
    prompts = [open_media(film, videos=VideoLimits(fps=fps, start_s=start)) for fps, start in ((2, None), (4, None), (2, 1.0))]
    usages = [ask(warm, "What happens?", [video], SHORT).completion.usage for video in prompts]
    assert usages[1].prompt_tokens > usages[0].prompt_tokens
    assert usages[2].cached_tokens < usages[2].prompt_tokens - 10


def test_data_is_extracted_in_the_schemas_form_whatever_the_weights(warm: TransformersModel, page: Path) -> None:
    found = extract(warm, open_picture(page), SCHEMA, Sampling(temperature=2.0, seed=1, max_new_tokens=40))
    assert set(found.value) == {"total", "paid"}
    assert len(found.completions) == 1


def test_the_commands_take_a_folder_of_weights(
    folder: Path, page: Path, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps(SCHEMA))
    model = f"transformers:{folder}"
    for arguments in (
        ["ask", "What is this?", str(page), str(film), "--model", model, "--max-new-tokens", "6", "--json"],
        ["extract", str(page), "--schema", str(schema), "--model", model, "--json"],
    ):
        monkeypatch.setattr(sys, "argv", ["handeye", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed


def test_a_seen_picture_is_cached_between_questions(warm: TransformersModel, page: Path, picture: Callable[..., Picture]) -> None:
    first = open_picture(page)
    ask(warm, "What is there?", [first], SHORT)
    again = ask(warm, "What else?", [open_picture(page)], SHORT).completion.usage
    assert again.cached_tokens > again.prompt_tokens // 2
