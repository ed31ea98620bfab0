"""Backends by name, and the two that say what they were told to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handeye.agent.messages import Message
from handeye.agent.models.base import Model
from handeye.agent.models.registry import open_model
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.trajectory import Attempt, Episode, StepRow, TrajectoryWriter
from handeye.tools.errors import ModelError, SetupError, TrajectoryError
from handeye.tools.geometry import Size

ASK = (Message("user", ("what now?",)),)


def test_scripted_gives_its_replies_and_then_an_error() -> None:
    model = ScriptedModel(["one", "two"])
    assert isinstance(model, Model)
    assert [model.generate(ASK).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ModelError, match="no further reply"):
        model.generate(ASK)
    assert [messages[0].text for messages in model.asked] == ["what now?"] * 3


def test_scripted_from_a_file(tmp_path: Path) -> None:
    script = tmp_path / "replies.jsonl"
    script.write_text(json.dumps("a\nb") + "\n\n" + json.dumps('{"x": 1}') + "\n", encoding="utf-8")
    model = open_model(f"scripted:{script}")
    assert [model.generate(ASK).text for _ in range(2)] == ["a\nb", '{"x": 1}']
    assert model.name == f"scripted:{script}"


@pytest.mark.parametrize(("text", "says"), [('"a"\n{', "line 2 is not JSON"), ("12", "line 1 is not a JSON string")])
def test_a_broken_script_names_its_line(tmp_path: Path, text: str, says: str) -> None:
    script = tmp_path / "replies.jsonl"
    script.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=says):
        open_model(f"scripted:{script}")


def test_a_missing_script_is_a_set_up_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        open_model(f"scripted:{tmp_path / 'none'}")


def test_replay_says_broken_replies_again_too(tmp_path: Path) -> None:
    run = tmp_path / "run"
    writer = TrajectoryWriter(run, Episode(goal="g"))
    screen = writer.screen(np.zeros((4, 4, 3), np.uint8))
    attempts = (Attempt(text="garbage", error="no"), Attempt(text="good"))
    writer.append(StepRow(index=0, turn=0, screen=screen, size=Size(4, 4), attempts=attempts))
    writer.append(StepRow(index=1, turn=0, screen=screen, size=Size(4, 4)))
    writer.append(StepRow(index=2, turn=1, screen=screen, size=Size(4, 4), attempts=(Attempt(text="last"),)))
    writer.close()
    model = open_model(f"replay:{run}")
    assert [model.generate(ASK).text for _ in range(3)] == ["garbage", "good", "last"]
    with pytest.raises(ModelError, match="ends here, after 3 replies"):
        model.generate(ASK)


def test_replay_of_no_run(tmp_path: Path) -> None:
    with pytest.raises(TrajectoryError, match="not a run"):
        open_model(f"replay:{tmp_path}")


def test_an_unknown_backend_names_those_that_exist() -> None:
    with pytest.raises(SetupError, match="ocr, transformers, openai, openai-computer, anthropic, scripted, replay"):
        open_model("gpt:4")
