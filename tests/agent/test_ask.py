from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handeye.agent.ask import ask, ask_batch
from handeye.agent.ask_batch import BatchDefaults, answer_rows, kept_rows, read_batch
from handeye.agent.events import EVENTS_SCHEMA, TimedEvent, ask_events, read_events
from handeye.agent.media.limits import PictureLimits
from handeye.agent.media.picture import open_picture
from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.agent.models.scripted import ScriptedModel
from handeye.tools.errors import ModelError, ParseError, SetupError

PICTURE = Picture(np.zeros((56, 84, 3), np.uint8))
VIDEO = Video(np.zeros((8, 56, 56, 3), np.uint8), fps=2.0, start_s=100.0)
"""Four seconds, from 1:40 of a recording."""


class TogetherModel(ScriptedModel):
    """Says which prompts came together; a question with `spoil` in it fails, alone or among others."""

    def __init__(self) -> None:
        super().__init__([])
        self.batches: list[int] = []

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The question again."""
        if "spoil" in messages[-1].text:
            raise ModelError("it is spoiled")
        return Completion(f"about {messages[-1].text}")

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        """Each question again."""
        self.batches.append(len(prompts))
        return tuple(self.generate(prompt, sampling, constraint) for prompt in prompts)


def test_one_picture_stands_alone_before_the_question() -> None:
    model = ScriptedModel([" A cat. \n"])
    answer = ask(model, " What is this?\n", [open_picture(np.zeros((60, 90, 3), np.uint8))], Sampling(max_new_tokens=7))
    assert answer.text == "A cat."
    system, user = model.asked[0]
    assert (system.role, system.text) == ("system", "You are a helpful assistant.")
    assert [type(part).__name__ for part in user.parts] == ["Picture", "str"]
    assert user.parts[1] == "What is this?"


def test_several_are_numbered_in_the_order_given() -> None:
    model = ScriptedModel(["Yes."])
    ask(model, "Same <|image_pad|>?", [PICTURE, VIDEO, PICTURE])
    parts = model.asked[0][-1].parts
    assert parts == ("Picture 1: ", PICTURE, "Video 1: ", VIDEO, "Picture 2: ", PICTURE, "Same < |image_pad|>?")


def test_an_empty_question_is_refused() -> None:
    with pytest.raises(SetupError, match="question is empty"):
        ask(ScriptedModel(["x"]), "  ", [PICTURE])
    with pytest.raises(SetupError, match="question is empty"):
        ask_events(ScriptedModel(["x"]), "  ", [VIDEO])


def test_questions_are_asked_together_where_the_model_can() -> None:
    model = TogetherModel()
    assert [answer.text for answer in ask_batch(model, [("a", [PICTURE]), ("b", [VIDEO])])] == ["about a", "about b"]
    assert model.batches == [2]
    alone = ScriptedModel(["1", "2"])
    assert [answer.text for answer in ask_batch(alone, [("a", [PICTURE]), ("b", [VIDEO])])] == ["1", "2"]


REPLY = """```json
[
\t{"start": "00:00.50", "end": "00:02.25", "description": "A window opens."},
\t{"start": "00:02.25", "end": "00:04.00", "description": "It closes."}
]
```"""


def test_events_have_seconds_of_the_recording() -> None:
    model = ScriptedModel([REPLY])
    found = ask_events(model, "What happens?", [VIDEO])
    assert found.events == (TimedEvent(100.5, 102.25, "A window opens."), TimedEvent(102.25, 104.0, "It closes."))
    assert found.repairs == ()
    question = model.asked[0][-1].text
    assert question.startswith("What happens?\n")
    assert '"start": "mm:ss.ff"' in question
    assert EVENTS_SCHEMA.complaints([{"start": "00:00.50", "end": "00:02.25", "description": "x"}]) == ()
    assert EVENTS_SCHEMA.complaints([{"start": "0.5", "end": "00:02.25", "description": "x"}]) != ()


@pytest.mark.parametrize(
    ("said", "start_s", "end_s", "mended"),
    [
        ({"start": "00:01.00", "end": "00:03.00"}, 101.0, 103.0, False),
        ({"start": "0:01", "end": "00:00:03.5"}, 101.0, 103.5, False),
        ({"start": 1, "end": 2.5}, 101.0, 102.5, True),
        ({"start": "1.5 s", "end": "2"}, 101.5, 102.0, True),
        ({"start_time": "00:01.00", "end_time": "00:03.00"}, 101.0, 103.0, True),
        ({"start": "00:03.00", "end": "00:09.00"}, 103.0, 104.0, True),
    ],
)
def test_times_are_read_in_the_forms_that_occur(said: dict[str, Any], start_s: float, end_s: float, mended: bool) -> None:
    ((event,), repairs) = read_events([said | {"description": "x"}], VIDEO)
    assert (event.start_s, event.end_s) == (start_s, end_s)
    assert bool(repairs) is mended


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ('[{"start": "00:03.00", "end": "00:01.00", "description": "x"}]', "ends before it starts"),
        ('[{"start": "00:05.00", "end": "00:06.00", "description": "x"}]', "only 00:04.00 long"),
        ('[{"start": "00:75.00", "end": "02:00.00", "description": "x"}]', "mm:ss.ff"),
        ('[{"start": "soon", "end": "00:01.00", "description": "x"}]', "mm:ss.ff"),
        ('[{"start": true, "end": "00:01.00", "description": "x"}]', "mm:ss.ff"),
        ('[{"start": "-1", "end": "00:01.00", "description": "x"}]', "mm:ss.ff"),
        ('[{"start": "00:00.00", "description": "x"}]', 'no "end"'),
        ('[{"start": "00:00.00", "end": "00:01.00", "description": 3}]', "string"),
        ("[1]", "object"),
        ('"nothing"', "list"),
        ("A window opens at 00:01.", "no JSON"),
        ('[{"start": "00:00.00", "end": "00:0', "cut off"),
    ],
)
def test_events_that_cannot_be_go_back_to_the_model(reply: str, says: str) -> None:
    model = ScriptedModel([reply, REPLY])
    assert len(ask_events(model, "What happens?", [VIDEO]).completions) == 2
    assert [message.role for message in model.asked[1]] == ["system", "user", "assistant", "user"]
    assert model.asked[1][2].text == reply
    assert says in model.asked[1][3].text
    with pytest.raises(ParseError, match="in 3 tries"):
        ask_events(ScriptedModel([reply] * 3), "What happens?", [VIDEO])


def test_no_event_is_an_answer_and_wrapped_ones_are_taken_out() -> None:
    assert ask_events(ScriptedModel(["[]"]), "?", [VIDEO]).events == ()
    one = {"start": "00:00.00", "end": "00:01.00", "description": "x"}
    for wrapped in ({"events": [one]}, one):
        found = ask_events(ScriptedModel([json.dumps(wrapped)]), "?", [VIDEO])
        assert found.events == (TimedEvent(100.0, 101.0, "x"),)
        assert found.repairs


def test_times_need_one_video() -> None:
    for media in ([PICTURE], [VIDEO, VIDEO], []):
        with pytest.raises(SetupError, match="one video"):
            ask_events(ScriptedModel([REPLY]), "?", media)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12) | st.sampled_from(["00:01.00", "99:99.99", "1:2:3"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "description", "caption", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_events_inside_the_video_or_a_parse_error(value: Any) -> None:
    try:
        events, _ = read_events(value, VIDEO)
    except ParseError:
        return
    assert all(100.0 <= event.start_s <= event.end_s <= 104.0 for event in events)


@given(st.text(max_size=80))
def test_any_reply_is_events_or_a_parse_error(reply: str) -> None:
    try:
        ask_events(ScriptedModel([reply]), "?", [VIDEO], retries=0)
    except ParseError as error:
        assert "1 try" in str(error)  # noqa: PT017


def batch(folder: Path, *rows: object) -> Path:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (90, 60)).save(folder / name)
    path = folder / "batch.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_row_comes_out_for_each_row_in(tmp_path: Path) -> None:
    path = batch(
        tmp_path,
        {"question": "one", "files": ["a.png"], "id": "first"},
        "not json",
        {"question": "two", "files": ["missing.png"]},
        {"question": "spoil it", "files": ["a.png"]},
        {"question": "three", "files": [{"file": "a.png", "max_pixels": 5000}, "b.png"]},
        {"question": "four", "files": []},
        {"question": "five", "files": ["a.png"], "extra": 1},
        {"question": " ", "files": ["a.png"]},
    )
    model = TogetherModel()
    rows = list(answer_rows(model, read_batch(path), BatchDefaults(tmp_path)))
    assert [row["row"] for row in rows] == list(range(8))
    assert [row["answer"] for row in rows] == ["about one", None, None, None, "about Picture 1: Picture 2: three", None, None, None]
    errors = ["", "line 2 is no question", "no file", "spoiled", "", "no files", "extra", "question is empty"]
    assert all(error in (row["error"] or "") for error, row in zip(errors, rows, strict=True))
    assert rows[0]["id"] == "first"
    assert rows[4]["files"] == [{"file": "a.png", "max_pixels": 5000}, "b.png"]
    json.dumps(rows)


def test_limits_hold_for_each_file(tmp_path: Path) -> None:
    files = ["a.png", {"file": "a.png", "resized_width": 280, "resized_height": 140}, {"file": "a.png", "min_pixels": 50_000}]
    files.append({"file": ["a.png", "b.png"], "fps": 4, "max_pixels": 150_000})
    path = batch(tmp_path, {"question": "?", "files": files})
    model = ScriptedModel(["x"])
    (row,) = answer_rows(model, read_batch(path), BatchDefaults(tmp_path, PictureLimits(max_pixels=6000)))
    assert row["error"] is None
    asked = model.asked[0][-1]
    first, second, third = (picture.pixels for picture in asked.pictures)
    assert first.shape[0] * first.shape[1] <= 6000
    assert second.shape == (140, 280, 3)
    assert third.shape[0] * third.shape[1] >= 50_000
    assert asked.videos[0].fps == 4.0
    assert len(asked.videos[0].frames) == 2


def test_a_batch_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    path = batch(tmp_path, *({"question": question, "files": ["a.png"]} for question in ("one", "two", "three")))
    questions = read_batch(path)
    out = tmp_path / "out.jsonl"
    assert kept_rows(out, questions, "scripted") == set()
    rows = [json.dumps(row) for row in answer_rows(TogetherModel(), questions, BatchDefaults(tmp_path))]
    failed = json.dumps({"row": 1, "model": "scripted", "question": "two", "answer": None, "error": "x"})
    out.write_text(rows[0] + "\n" + failed + "\n" + rows[2][:30], encoding="utf-8")
    done = kept_rows(out, questions, "scripted")
    assert done == {0}
    assert out.read_text(encoding="utf-8") == rows[0] + "\n"
    assert [row["row"] for row in answer_rows(TogetherModel(), questions, BatchDefaults(tmp_path), done)] == [1, 2]


def test_the_answers_of_another_batch_are_not_touched(tmp_path: Path) -> None:
    questions = read_batch(batch(tmp_path, {"question": "one", "files": ["a.png"]}))
    out = tmp_path / "out.jsonl"
    for row in ({"row": 0, "model": "other", "question": "one"}, {"row": 0, "model": "scripted", "question": "two"}, {"row": 7}):
        text = json.dumps(row | {"answer": "x"}) + "\n"
        out.write_text(text, encoding="utf-8")
        with pytest.raises(SetupError, match="another batch"):
            kept_rows(out, questions, "scripted")
        assert out.read_text(encoding="utf-8") == text


def test_only_so_many_are_asked_together(tmp_path: Path) -> None:
    path = batch(tmp_path, *({"question": str(number), "files": ["a.png"]} for number in range(5)))
    model = TogetherModel()
    rows = list(answer_rows(model, read_batch(path), BatchDefaults(tmp_path), together=2))
    assert [row["answer"] for row in rows] == [f"about {number}" for number in range(5)]
    assert model.batches == [2, 2]


def test_a_batch_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        read_batch(tmp_path / "missing.jsonl")
