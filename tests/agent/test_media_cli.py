"""`handeye ask`, `extract` and `locate` as a user runs them."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handeye.agent.cli import main
from tests.agent.recordings import record


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def handeye(*arguments: object) -> Done:
    """The command in this process, since a process for each would take most of the time."""
    out, error = io.StringIO(), io.StringIO()
    before, asked = signal.getsignal(signal.SIGTERM), sys.argv
    sys.argv = ["handeye", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            main()
    except SystemExit as end:
        return Done(end.code if isinstance(end.code, int) else 0, out.getvalue(), error.getvalue())
    finally:
        sys.argv = asked
        signal.signal(signal.SIGTERM, before)
    raise AssertionError("the command line did not exit")


def script(folder: Path, *replies: str) -> str:
    path = folder / "replies.jsonl"
    path.write_text("".join(json.dumps(reply) + "\n" for reply in replies), encoding="utf-8")
    return f"scripted:{path}"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture stored on its side: 700x1400 as a person sees it, its upper half red."""
    upright = np.zeros((1400, 700, 3), np.uint8)
    upright[:700] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo.jpg"
    Image.fromarray(upright).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    return path


BOXES = '```json\n[{"bbox_2d": [100, 200, 299, 399], "label": "button"}, {"bbox_2d": [0, 0, 49, 99], "label": "icon"},]\n```'


def test_locate_all_gives_stable_json_in_pixels_of_the_file(tmp_path: Path, photo: Path) -> None:
    model, out = script(tmp_path, BOXES), tmp_path / "drawn.png"
    sized = ("--resized-width", 700, "--resized-height", 1400)
    done = handeye("locate", photo, "buttons", "--all", "--json", "--model", model, *sized, "--out", out)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {
        "image": str(photo),
        "width": 700,
        "height": 1400,
        "model": model,
        "found": [
            {"label": "button", "point": [200, 300], "box": [100, 200, 300, 400]},
            {"label": "icon", "point": [25, 50], "box": [0, 0, 50, 100]},
        ],
        "repairs": ["removed a trailing comma"],
    }
    drawn = Image.open(out)
    assert drawn.size == (700, 1400)
    assert drawn.getpixel((200, 300)) == (220, 20, 60)
    assert drawn.getpixel((299, 300)) == (220, 20, 60)


def test_locate_scales_back_from_the_size_that_was_shown(tmp_path: Path, photo: Path) -> None:
    sized = ("--resized-width", 140, "--resized-height", 280)
    done = handeye("locate", photo, "it", "--json", "--model", script(tmp_path, '{"point_2d": [70, 56], "label": "it"}'), *sized)
    assert json.loads(done.stdout)["found"] == [{"label": "it", "point": [350, 280], "box": None}]


@pytest.mark.parametrize(("flags", "reply"), [(["--all"], "[]"), ([], "[]"), (["--all"], "I see none."), ([], "It is not there.")])
def test_locate_nothing_is_1(tmp_path: Path, photo: Path, flags: list[str], reply: str) -> None:
    done = handeye("locate", photo, "unicorns", "--json", "--model", script(tmp_path, reply), *flags)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["found"] == []
    assert (told["repairs"] == []) is (flags == ["--all"] and reply == "[]")
    assert "was not found" in handeye("locate", photo, "unicorns", "--model", script(tmp_path, reply), *flags).stdout


def test_ask_about_a_picture_and_a_video(tmp_path: Path, photo: Path) -> None:
    clip = record(tmp_path / "clip.mp4", 40)
    model = script(tmp_path, "Both are dark.")
    done = handeye("ask", "What is it?", photo, clip, "--model", model, "--fps", 1, "--max-pixels", 150_000)
    assert (done.returncode, done.stdout) == (0, "Both are dark.\n"), done.stderr
    told = json.loads(handeye("ask", "What is it?", photo, clip, "--model", model, "--json").stdout)
    assert told == {
        "question": "What is it?",
        "files": [str(photo), str(clip)],
        "model": model,
        "text": "Both are dark.",
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0},
        "notes": [],
    }


def test_ask_for_times(tmp_path: Path) -> None:
    clip = record(tmp_path / "clip.mp4", 40)
    model = script(tmp_path, "At the start.", '[{"start": "00:00.50", "end": "00:01.00", "description": "It grows [bold]."}]')
    options = ("--timestamps", "--start", 2, "--end", 4, "--model", model)
    told = json.loads(handeye("ask", "When?", clip, *options, "--json").stdout)
    assert told["events"] == [{"start_s": 2.5, "end_s": 3.0, "description": "It grows [bold]."}]
    assert told["tries"] == 2
    assert handeye("ask", "When?", clip, *options).stdout == "2.50 to 3.00 s  It grows [bold].\n"
    none = handeye("ask", "When?", clip, *options[:5], "--model", script(tmp_path, "[]"))
    assert none.returncode == 1
    failed = handeye("ask", "When?", clip, *options[:5], "--model", script(tmp_path, "no", "no", "no"))
    assert failed.returncode == 1
    assert "in 3 tries" in failed.stderr


def test_ask_a_batch_and_again(tmp_path: Path, photo: Path) -> None:
    rows = [
        {"question": "one", "files": [photo.name]},
        {"question": "two", "files": ["missing.png"]},
        {"question": "three", "files": [photo.name]},
    ]
    path, out = tmp_path / "batch.jsonl", tmp_path / "out.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    model = script(tmp_path, "1", "3")
    done = handeye("ask", "--batch", path, "--out", out, "--model", model)
    assert done.returncode == 1, done.stderr
    assert "3 asked, 1 without an answer" in done.stderr
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["answer"] for row in told] == ["1", None, "3"]
    photo.rename(tmp_path / "missing.png")
    again = handeye("ask", "--batch", path, "--out", out, "--model", model)
    assert again.returncode == 0, again.stderr
    assert [json.loads(line)["row"] for line in out.read_text(encoding="utf-8").splitlines()] == [0, 2, 1]
    streamed = handeye("ask", "--batch", path, "--model", script(tmp_path, "2"))
    assert [json.loads(line)["answer"] for line in streamed.stdout.splitlines()] == [None, "2", None]


SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}, "name": {"type": "string"}}, "required": ["total"]}


def test_extract(tmp_path: Path, photo: Path) -> None:
    schema, out = tmp_path / "s.json", tmp_path / "data.json"
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    model = script(tmp_path, '{"name": "Müller"}', '{"total": 12.5, "name": "Müller"}')
    data = {"total": 12.5, "name": "Müller"}
    done = handeye("extract", photo, photo, "--schema", schema, "--model", model)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == data
    told = json.loads(handeye("extract", photo, "--schema", schema, "--model", model, "--json", "--out", out).stdout)
    assert told == {"files": [str(photo)], "model": model, "data": data, "repairs": [], "tries": 2, "notes": []}
    assert json.loads(out.read_text(encoding="utf-8")) == data
    failed = handeye("extract", photo, "--schema", schema, "--model", model, "--retries", 0)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "'total' is a required property" in failed.stderr


def picture(*size: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, "PNG")  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "?", "good.png"], "transformers:"),
        (["ask", "?", "good.png", "--model", "ocr"], "transformers:"),
        (["extract", "good.png", "--schema", "s.json"], "openai:"),
        (["ask", "?", "--model", "scripted:r"], "nothing to ask about"),
        (["ask", " ", "good.png", "--model", "scripted:r"], "question is empty"),
        (["ask", "?", "good.png", "--model", "nonsense:x"], "no model backend"),
        (["ask", "?", "missing.png", "--model", "scripted:r"], "no file missing.png"),
        (["ask", "?", "text.png", "--model", "scripted:r"], "text.png is not a picture"),
        (["ask", "?", "long.png", "--model", "scripted:r"], "200 to 1"),
        (["ask", "?", "good.png", "--model", "scripted:r", "--resized-width", "28"], "together"),
        (["ask", "?", "good.png", "--model", "scripted:r", "--start", "3", "--end", "2"], "before the end"),
        (["ask", "?", "good.png", "--model", "scripted:r", "--timestamps"], "one video"),
        (["ask", "?", "good.png", "--model", "scripted:r", "--batch", "b"], "with --batch"),
        (["ask", "?", "good.png", "--model", "scripted:r", "--out", "b"], "--out belongs"),
        (["ask", "--model", "scripted:r", "--batch", "missing.jsonl"], "missing.jsonl cannot be read"),
        (["extract", "good.png", "--schema", "missing.json", "--model", "scripted:r"], "missing.json cannot be read"),
        (["extract", "good.png", "--schema", "text.png", "--model", "scripted:r"], "not JSON"),
        (["extract", "good.png", "--schema", "list.json", "--model", "scripted:r"], "is an object"),
        (["locate", "long.png", "x", "--model", "scripted:r"], "200 to 1"),
        (["locate", "good.png", "x", "--model", "scripted:r", "--max-pixels", "10"], "further apart"),
        (["locate", "good.png", " "], "What to look for is empty"),
    ],
)
def test_set_up_errors_are_2_and_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.png").write_bytes(picture(60, 60))
    Path("long.png").write_bytes(picture(20_000, 20))
    Path("text.png").write_text("no picture", encoding="utf-8")
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    Path("r").write_text('"x"\n', encoding="utf-8")
    done = handeye(*arguments)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
