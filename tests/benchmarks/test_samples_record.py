"""A run's record: what it holds, that each sitting shows, that a kill leaves it whole, and that no key gets into it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import DescribedModel, Sampling
from handeye.agent.models.openai.model import OpenAIModel
from handeye.agent.models.registry import open_model
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.provenance import prompt_hash
from handeye.benchmarks.samples.hiding import hidden, hidden_in_command, hidden_within
from handeye.benchmarks.samples.machine import checkout
from handeye.benchmarks.samples.question import Asked
from handeye.benchmarks.samples.record import prompt_text, read_record, write_record
from handeye.benchmarks.samples.rows import SampleConfiguration
from handeye.benchmarks.samples.suite import Suite
from handeye.benchmarks.settle_pages import Reply, served
from handeye.tools.errors import TrajectoryError
from handeye.tools.geometry import Size

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-proj-0123456789abcdefABCDEF"


def a_suite() -> Suite:
    configuration = SampleConfiguration(
        benchmark="b", model="scripted", protocol={"name": "p"}, rules=("inclusive",), sampling={"temperature": 0.0}, data={"sha256": "0"}
    )
    return Suite("A benchmark", (), configuration, Sampling(), lambda rows: {}, ("one row is odd",))


def asked(text: str = "Where is it?") -> Asked:
    picture = Picture(np.zeros((28, 56, 3), np.uint8))
    messages = (Message("system", ("You see.",)), Message("user", (picture, text)), Message("assistant", ("<tool_call>\n",)))
    return Asked(messages, Size(112, 56), Size(56, 28))


def rows(out: Path, count: int) -> None:
    (out / "results.jsonl").write_text("{}\n" * count + '{"cut off')


def test_a_record_says_what_ran_and_what_was_asked(tmp_path: Path) -> None:
    write_record(tmp_path, a_suite(), ScriptedModel([]), asked(), {"limit": 3}, command=["handeye", "bench", "b", "--limit", "3"])
    record = read_record(tmp_path)
    assert record is not None
    (sitting,) = record.sittings
    assert (record.title, record.notes, sitting.options, sitting.command) == (
        "A benchmark",
        ("one row is odd",),
        {"limit": 3},
        "handeye bench b --limit 3",
    )
    assert record.prompt.sha256 == prompt_hash(asked().messages)
    assert record.prompt.text == "[system]\nYou see.\n\n[user]\n[picture 56x28]Where is it?\n\n[assistant, begun for it]\n<tool_call>\n"
    assert (record.prompt.image, record.prompt.shown) == ((112, 56), (56, 28))
    assert {"python", "pillow", "numpy", "httpx"} <= sitting.versions.keys()
    assert sitting.machine["cores"] >= 1
    assert sitting.machine["processor"]
    assert sitting.machine["codecs"]["jpg"]


def test_each_sitting_shows_how_it_ended_and_what_it_wrote(tmp_path: Path) -> None:
    suite, model = a_suite(), ScriptedModel([])
    write_record(tmp_path, suite, model, asked(), {})
    rows(tmp_path, 5)
    write_record(tmp_path, suite, model, asked(), {}, how="interrupted")
    write_record(tmp_path, suite, model, asked(), {})
    rows(tmp_path, 7)
    write_record(tmp_path, suite, model, asked(), {"batch": 2})
    rows(tmp_path, 9)
    record = write_record(tmp_path, suite, model, asked(), {"batch": 2}, how="done")
    assert read_record(tmp_path) == record
    assert [(one.before, one.rows, one.how) for one in record.sittings] == [(0, 5, "interrupted"), (5, 2, ""), (7, 2, "done")]
    assert [bool(one.ended) for one in record.sittings] == [True, False, True]


def test_killed_at_any_instant_the_record_is_whole(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_samples_record import a_suite, asked, write_record
from handeye.agent.models.scripted import ScriptedModel
while True:
    write_record(Path(sys.argv[1]), a_suite(), ScriptedModel([]), asked(), {})
    print("written", flush=True)
    write_record(Path(sys.argv[1]), a_suite(), ScriptedModel([]), asked(), {}, how="done")
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == "written\n"
    process.kill()
    process.wait()
    process.stdout.close()
    record = read_record(tmp_path)
    assert record is not None
    assert len(record.sittings) >= 3


def test_the_commit_is_that_of_the_code_and_dirt_shows(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        named = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments]
        return subprocess.run(named, check=True, capture_output=True, text=True).stdout.strip()

    code = tmp_path / "code.py"
    code.write_text("x = 1\n")
    assert checkout(code) == {}
    git("init")
    assert checkout(code) == {}, "an installed copy inside another project's checkout is not of that project"
    git("add", "code.py")
    git("commit", "-m", "one")
    assert checkout(code) == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    code.write_text("x = 2\n")
    two = checkout(code)
    code.write_text("x = 3\n")
    three = checkout(code)
    assert two["dirty"]
    assert three["dirty"]
    assert two["changes_sha256"] != three["changes_sha256"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "cannot be read"),
        ("[]", "is damaged"),
        ('{"format": 99}', "newer handeye .format 99"),
        ('{"sittings": 3}', "damaged .sittings"),
    ],
)
def test_a_record_that_cannot_be_taken_up_is_named(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "record.json").write_text(content)
    with pytest.raises(TrajectoryError, match=told):
        write_record(tmp_path, a_suite(), ScriptedModel([]), asked(), {})
    assert (tmp_path / "record.json").read_text() == content


class TestSecrets:
    def test_none_of_them_gets_into_a_record(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_SERVICE_TOKEN", "quite-private-words")
        command = ["handeye", "bench", "b", "--api-key", "hunter2", "--model", "openai:m@http://user:geheim@host/v1?token=t0psecret", KEY]
        options = {"password": "pass-in-options", "note": "quite-private-words", "headers": ["Authorization: Bearer abc.def"]}
        write_record(tmp_path, a_suite(), ScriptedModel([]), asked(f"key {KEY}"), options, command=command)
        text = (tmp_path / "record.json").read_text()
        for secret in (KEY, "quite-private-words", "hunter2", "geheim", "t0psecret", "pass-in-options", "abc.def"):
            assert secret not in text
        record = read_record(tmp_path)
        assert record is not None
        assert record.sittings[0].command == "handeye bench b --api-key *** --model 'openai:m@http://***@host/v1?token=***' ***"
        assert record.prompt.sha256 == prompt_hash(asked(f"key {KEY}").messages)

    @pytest.mark.parametrize(
        "text",
        [
            "--max-new-tokens=2048",
            "press key enter",
            "cached_tokens: 5 monkey=3",
            "openai:M@http://localhost:8000/v1?key_env=MY_KEY",
            "a@b.example",
        ],
    )
    def test_what_is_none_stays(self, text: str) -> None:
        assert hidden(text) == text

    def test_a_prompt_that_explains_keys_stays_as_it_is(self, tmp_path: Path) -> None:
        text = "key: one of enter, tab; token=word"
        record = write_record(tmp_path, a_suite(), ScriptedModel([]), asked(text), {})
        assert text in record.prompt.text
        assert text in (tmp_path / "record.json").read_text()

    @given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
    def test_hiding_twice_is_hiding_once(self, value: Any) -> None:
        once = hidden_within(value, ("abcdefgh",))
        assert hidden_within(once, ("abcdefgh",)) == once

    @given(st.text(), st.text(), st.text("abcdefghXYZ0123456789", min_size=16))
    def test_a_key_is_found_in_any_text(self, before: str, after: str, key: str) -> None:
        assert f"sk-{key}" not in hidden(f"{before} sk-{key} {after}")

    @given(st.lists(st.text()))
    def test_a_command_keeps_its_length(self, words: list[str]) -> None:
        assert len(hidden_in_command(words)) == len(words)


class TestModelsOwnWord:
    def test_local_weights(self, tmp_path: Path) -> None:
        model = open_model(f"transformers:{ROOT / 'benchmarks/buttons/checkpoint'}?dtype=float32")
        assert isinstance(model, DescribedModel)
        said = model.describe()
        assert said["architecture"] == "Qwen2_5_VLForConditionalGeneration"
        assert (said["dtype"], said["device"], said["attention"]) == ("float32", "cpu", "sdpa")
        assert re.fullmatch("[0-9a-f]{64}", said["files"]["config.json"])
        (weights,) = said["weights"].values()
        assert weights["bytes"] > 1_000_000
        assert len(weights["sha256"]) == 64
        record = write_record(tmp_path, a_suite(), model, asked(), {})
        assert json.loads(json.dumps(record.sittings[0].model)) == said
        assert record.sittings[0].machine["gpus"] == [] or record.sittings[0].machine["cuda"]

    def test_a_server(self) -> None:
        own = {"id": "m", "owned_by": "vllm", "root": "/weights/abcdefgh-key", "max_model_len": 4096, "created": 1, "permission": [{}]}
        body = json.dumps({"object": "list", "data": [{"id": "other", "owned_by": "vllm"}, own]})
        with served({"/v1/models": Reply(body, "application/json")}) as base:
            model = OpenAIModel(f"m@{base}/v1", {"OPENAI_API_KEY": "abcdefgh-key"})
            said = model.describe()
            model.close()
        assert said == {
            "kind": "vllm",
            "url": f"{base}/v1",
            "model": "m",
            "listed": {"id": "m", "owned_by": "vllm", "root": "/weights/***", "max_model_len": 4096},
            "models": 2,
        }

    def test_a_server_that_is_not_there(self) -> None:
        model = OpenAIModel("m@http://127.0.0.1:9/v1?connect=1", {})
        assert model.describe() == {"kind": "unknown", "url": "http://127.0.0.1:9/v1", "model": "m", "listed": {}, "models": 0}


def test_a_prompt_in_words_marks_every_turn() -> None:
    assert prompt_text(()) == ""
    assert (
        prompt_text((Message("user", ("a",)), Message("assistant", ("b",)), Message("user", ("c",))))
        == "[user]\na\n\n[assistant]\nb\n\n[user]\nc"
    )
