"""Which dialect a served model is spoken to in, as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.agent.openai.chat_server import ChatServer, says

OWN = """
from handeye.agent.dialects.plain_json import PlainJson


class MyDialect(PlainJson):
    pass
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(np.full((500, 1000, 3), 200, np.uint8)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def locate(photo: Path, server: ChatServer, model: str, *more: str) -> subprocess.CompletedProcess[str]:
    server.models = says("not a list of models")
    main = [sys.executable, "-c", "from handeye.agent.cli import main; main()"]
    command = [*main, "locate", str(photo), "the OK button", "--json", "--model", f"openai:{model}@{server.url}", *more]
    environment = {**os.environ, "PYTHONPATH": str(photo.parent)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.mark.parametrize(
    ("model", "more", "reply", "point", "warning"),
    [
        ("Qwen3-VL-8B", [], '{"point_2d": [500, 500]}', [500, 250], ""),
        ("Qwen3-VL-8B", ["--dialect", "qwen2.5-vl/point"], '{"point_2d": [500, 252]}', [496, 250], "WARNING: the model"),
        ("gpt-5", [], '{"action": {"type": "click", "point": [500, 500]}}', [500, 250], ""),
        ("house", ["--dialect", "users_dialect_module:MyDialect"], '{"type": "click", "point": [100, 200]}', [100, 100], ""),
        ("house", [], '{"point_2d": [500, 252]}', [496, 250], "no family of models is known"),
    ],
)
def test_the_models_family_or_the_user_decides(
    photo: Path, server: ChatServer, model: str, more: list[str], reply: str, point: list[int], warning: str
) -> None:
    (photo.parent / "users_dialect_module.py").write_text(OWN, encoding="utf-8")
    server.answers = [says(reply)]
    done = locate(photo, server, model, *more)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["found"][0]["point"] == point
    assert (warning in done.stderr) if warning else ("WARNING" not in done.stderr)


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(photo: Path, server: ChatServer) -> None:
    done = locate(photo, server, "Qwen3-VL-8B", "--dialect", "qwen3vl/point")
    assert done.returncode == 2
    assert "did you mean qwen3-vl/point" in done.stderr
