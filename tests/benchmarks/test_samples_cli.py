"""The options that benchmarks of single replies share, and what a user reads at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from handeye.agent.models.registry import BACKENDS
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.command import AsJson
from handeye.benchmarks.samples.run import RunOptions
from handeye.benchmarks.samples.run_cli import (
    BatchOption,
    ConcurrencyOption,
    DecodersOption,
    LimitOption,
    ModelOption,
    OutOption,
    RepeatsOption,
    RetryErrorsOption,
    SeedOption,
    ShardOption,
    command_to_go_on,
    default_out,
    read_shard,
    run_and_print,
)
from handeye.tools.errors import InvalidAction, ModelError
from tests.benchmarks.samples_suite import number_suite

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def numbers(
    model: ModelOption = "ocr",
    out: OutOption = None,
    limit: LimitOption = 0,
    shard: ShardOption = "",
    repeats: RepeatsOption = 1,
    seed: SeedOption = 0,
    batch: BatchOption = 0,
    concurrency: ConcurrencyOption = 0,
    decoders: DecodersOption = 0,
    retry_errors: RetryErrorsOption = False,
    as_json: AsJson = False,
) -> None:
    options = RunOptions(
        out or default_out("numbers"), limit, read_shard(shard), repeats, batch, concurrency, decoders, retry_errors=retry_errors
    )
    run_and_print(number_suite(20, model, seed=seed), model, options, as_json)


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A model with replies for forty questions."""
    path = tmp_path / "replies.jsonl"
    path.write_text("".join(json.dumps(reply) + "\n" for reply in repeat("The number 3", 40)))
    return f"scripted:{path}"


def test_a_run_prints_its_table_and_leaves_its_folder(script: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = CliRunner().invoke(app, ["--model", script, "--out", str(out), "--repeats", "2"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "10.0%" in done.stdout
    assert "Interval: Student t over 2 repeats" in done.stdout
    assert "40/40" in done.stderr
    written = {path.name for path in out.iterdir()}
    assert written == {"config.json", "results.jsonl", "results.lock", "record.json", "summary.json", "report.html", "report.md"}


def test_json_is_all_there_is_on_standard_output(script: str, tmp_path: Path) -> None:
    words = ["--model", script, "--out", str(tmp_path / "run"), "--json"]
    first, again = (CliRunner().invoke(app, words, catch_exceptions=False) for _ in range(2))
    said = json.loads(first.stdout)
    assert (said["benchmark"], said["correct"], said["total"]) == ("numbers", 2, 20)
    assert json.loads(again.stdout) == said == json.loads((tmp_path / "run" / "summary.json").read_bytes())
    assert said["samples_per_s"] > 0
    assert "20 of 20 rows are there already." in again.stderr


def test_shards_and_limits_are_read(script: str, tmp_path: Path) -> None:
    words = ["--model", script, "--out", str(tmp_path / "run"), "--shard", "2/3", "--limit", "4", "--json"]
    assert json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)["total"] == 4
    ids = [json.loads(line)["id"] for line in (tmp_path / "run" / "results.jsonl").read_text().splitlines()]
    assert ids == ["q00001", "q00004", "q00007", "q00010"]


def test_a_run_that_is_lost_tells_the_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    monkeypatch.setattr(sys, "argv", ["/usr/bin/handeye", "bench", "numbers", "--data", "my screens"])
    with pytest.raises(ModelError):
        run_and_print(number_suite(20), f"scripted:{tmp_path / 'empty.jsonl'}", RunOptions(tmp_path / "run"), as_json=False)
    said = capsys.readouterr()
    assert said.out == ""
    assert f"To go on: handeye bench numbers --data 'my screens' --out {tmp_path / 'run'}" in said.err


def test_ctrl_c_tells_the_way_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> Iterator[str]:
        yield "The number 3"
        raise KeyboardInterrupt

    monkeypatch.setitem(BACKENDS, "interrupted", lambda argument: ScriptedModel(interrupted()))
    monkeypatch.setattr(sys, "argv", ["handeye", "bench", "numbers"])
    with pytest.raises(KeyboardInterrupt):
        run_and_print(number_suite(20), "interrupted", RunOptions(tmp_path), as_json=True)
    said = capsys.readouterr()
    assert (said.out, f"bench numbers --out {tmp_path}" in said.err) == ("", True)
    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("given", [["--out", "there"], ["--out=there"]])
def test_a_folder_that_was_given_is_not_given_twice(given: list[str]) -> None:
    assert command_to_go_on(["handeye", "bench", "x", *given], Path("there")) == " ".join(["handeye bench x", *given])


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "-1/2", "1/", "/", "1/2/3", "1.0/2", "²/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(InvalidAction, match="--shard"):
        read_shard(text)


def test_no_shard_is_all_questions() -> None:
    assert (read_shard(""), read_shard("1/1"), read_shard("8/8")) == ((1, 1), (1, 1), (8, 8))
