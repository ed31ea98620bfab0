"""The offline benchmarks asked of a model: through the runner, from the command line, and as published answers, with the same numbers."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.offline import run_cli
from handeye.benchmarks.offline.answers import oracle
from handeye.benchmarks.offline.cli import app as offline_app
from handeye.benchmarks.offline.questions import StepQuestion
from handeye.benchmarks.offline.registry import BENCHMARKS
from handeye.benchmarks.offline.suite import OfflineOptions, offline_suite
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.benchmarks.offline_data import png, recorded, tfrecord

DATA = Path(os.environ.get("HANDEYE_DATA", ""))
real = pytest.mark.skipif(not (DATA / "aitz").is_dir(), reason="HANDEYE_DATA names no folder of reference data")


def printed(app: Any, *arguments: Any) -> Any:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def answered(name: str, data: Path, out: Path, options: OfflineOptions, **run: Any) -> dict[str, Any]:
    """The numbers of a run whose model says the recorded actions."""
    suite = offline_suite(name, data, "scripted", options)
    says = oracle(suite.configuration.protocol["dialect"])
    replies = [says(question.step) for question in suite.questions if isinstance(question, StepQuestion)]
    return run_suite(suite, ScriptedModel(replies), RunOptions(out, **run), None)


SAME = (
    "correct",
    "total",
    "wrong_format",
    "accuracy",
    "type_match",
    "points",
    "macro",
    "hit_rate",
    "episode_success",
    "goal_progress",
    "parts",
)


@real
@pytest.mark.parametrize(("name", "protocol"), [("aitz", "handeye"), ("aitz", "qwen-thought"), ("agentnetbench", "opencua")])
def test_the_recorded_actions_score_the_same_through_the_runner_and_as_outputs(name: str, protocol: str, tmp_path: Path) -> None:
    ran = answered(name, DATA / name, tmp_path / "run", OfflineOptions(protocol=protocol))
    said = printed(offline_app, name, "--data", DATA / name, "--oracle", "--rule", "all", "--json")
    assert tuple(ran["by_rule"]) == tuple(said["rules"]) == BENCHMARKS[name].rules
    for rule, numbers in said["rules"].items():
        assert {key: ran["by_rule"][rule][key] for key in SAME} == {key: numbers[key] for key in SAME}, rule
        assert ran["by_rule"][rule]["cells"] == numbers["cells"]
    assert ran["configuration"]["data"]["sha256"] == said["data"]["sha256"]
    (chosen,) = ran["rules"]
    assert (ran["correct"], ran["accuracy"], ran["wrong_format"], ran["errors"]) == (said["rules"][chosen]["total"], 1.0, 0, 0)
    # The replies are kept, so that they can be scored as outputs too.
    rows = [json.loads(line) for line in (tmp_path / "run" / "results.jsonl").read_text().splitlines()]
    outputs = tmp_path / "outputs.jsonl"
    steps = [(row["id"].rpartition("/"), row["reply"]) for row in rows]
    outputs.write_text(
        "".join(json.dumps({"episode": place[0], "step": int(place[2]), "response": reply}) + "\n" for place, reply in steps)
    )
    again = printed(offline_app, name, "--data", DATA / name, "--outputs", outputs, "--rule", chosen, "--json")
    assert {key: again[key] for key in SAME} == {key: ran[key] for key in SAME}
    assert again["outputs"] == {
        "file": str(outputs),
        "sha256": hashlib.sha256(outputs.read_bytes()).hexdigest(),
        "rows": len(rows),
    }
    assert again["versions"]["handeye"]


def android(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """Two episodes, of three steps and of two."""
    (folder / "images").mkdir(parents=True)
    tap = {"action": "click", "coordinate": [55, 110]}
    kinds = {1: (tap, {"action": "wait", "time": 2}, {"action": "type", "text": "tea"}), 2: (tap, {"action": "wait", "time": 2})}
    lines = []
    for episode, actions in kinds.items():
        steps = []
        for number, action in enumerate(actions):
            name = f"{episode}_{number}.png"
            steps.append(
                {
                    "action_content": action,
                    "check_options": action | {"candidate_bbox": []},
                    "screenshot": name,
                    "step_instruction": "do it",
                }
            )
            if name not in without:
                (folder / "images" / name).write_bytes(png(Size(108, 240)))
        lines.append(json.dumps({"episode_id": episode, "goal": "make tea", "steps": steps}) + "\n")
    (folder / "ac.jsonl").write_text("".join(lines))
    return folder


def touch(**arguments: Any) -> str:
    return json.dumps({"name": "mobile_use", "arguments": arguments})


TAP, WAIT, TYPE = touch(action="click", coordinate=[57, 116]), touch(action="wait", time=1), touch(action="type", text="tea")


def test_the_numbers_of_a_run_by_hand(tmp_path: Path) -> None:
    suite = offline_suite("android_control", android(tmp_path / "data"), "scripted")
    # Episode 1: right, wrong action, no call. Episode 2: right, right.
    numbers = run_suite(suite, ScriptedModel([TAP, TAP, "tea", TAP, WAIT]), RunOptions(tmp_path / "run"), None)
    assert (numbers["title"], numbers["protocol"], numbers["rules"]) == ("AndroidControl", "handeye", ["qwen"])
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"], numbers["errors"]) == (3, 5, 1, 0)
    assert (numbers["type_match"], numbers["hit_rate"]) == (3 / 5, 4 / 5)
    # One of three steps before the first miss, and two of two.
    assert (numbers["episodes"], numbers["episode_success"], numbers["goal_progress"]) == (2, 1 / 2, pytest.approx((1 / 3 + 1) / 2))
    assert numbers["averages"] == {"micro": 0.6, "macro6": None, "macro_kinds": pytest.approx((1 + 0 + 1 / 2) / 3)}
    assert {word: count for word, count in numbers["verdicts"].items() if count} == {"right": 3, "wrong action": 1, "wrong format": 1}
    assert {(cell["group"], cell["kind"]): (cell["correct"], cell["total"]) for cell in numbers["cells"]} == {
        ("", "click"): (2, 2),
        ("", "wait"): (1, 2),
        ("", "type"): (0, 1),
    }
    assert numbers["by_rule"]["os-atlas"]["correct"] == 3


def test_errors_are_counted_apart_and_unfinished_episodes_left_out(tmp_path: Path) -> None:
    folder = android(tmp_path / "data", without=("1_1.png",))
    with pytest.raises(SetupError, match=r"1_1\.png is missing"):
        offline_suite("android_control", folder, "scripted")
    suite = offline_suite("android_control", folder, "scripted", OfflineOptions(size=Size(108, 240)))
    numbers = run_suite(suite, ScriptedModel([TAP, TYPE, TAP, WAIT]), RunOptions(tmp_path / "run"), None)
    assert (numbers["correct"], numbers["total"], numbers["wrong_format"], numbers["errors"]) == (4, 5, 0, 1)
    assert numbers["episode_success"] == 0.5
    rows = [json.loads(line) for line in (tmp_path / "run" / "results.jsonl").read_text().splitlines()]
    failed = next(row for row in rows if row.get("error"))
    assert (failed["id"], "its screenshot is not on this machine" in failed["error"]) == ("1/1", True)
    part = run_suite(suite, ScriptedModel([TAP]), RunOptions(tmp_path / "part", limit=1), None)
    assert (part["episodes"], part["incomplete_episodes"], part["episode_success"], part["goal_progress"]) == (0, 1, None, None)


def test_a_run_goes_on_where_it_stopped_and_refuses_another_rule(tmp_path: Path) -> None:
    folder, out = android(tmp_path / "data"), tmp_path / "run"
    replies = [TAP, WAIT, TYPE, TAP, WAIT]
    begun = run_suite(offline_suite("android_control", folder, "scripted"), ScriptedModel(replies[:2]), RunOptions(out, limit=2), None)
    assert begun["total"] == 2
    whole = run_suite(offline_suite("android_control", folder, "scripted"), ScriptedModel(replies[2:]), RunOptions(out), None)
    assert (whole["correct"], whole["total"], whole["episode_success"]) == (5, 5, 1.0)
    for other in (OfflineOptions(rule="uground"), OfflineOptions(level="low"), OfflineOptions(protocol="no-history")):
        with pytest.raises(SetupError, match="another configuration"):
            run_suite(offline_suite("android_control", folder, "scripted", other), ScriptedModel([]), RunOptions(out), None)


def test_pictures_in_tfrecords_go_through_the_runner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    tfrecord(data, *(recorded(episode_id=[number], goal=[b"go"]) for number in (1, 2)))
    numbers = answered("android_control", data, tmp_path / "run", OfflineOptions(rule="uground"), decoders=4)
    assert (numbers["correct"], numbers["total"], numbers["errors"], numbers["episode_success"]) == (16, 16, 0, 1.0)


def test_the_commands(tmp_path: Path) -> None:
    folder, script = android(tmp_path / "data"), tmp_path / "script.jsonl"
    script.write_text("".join(json.dumps(reply) + "\n" for reply in (TAP, WAIT, TYPE, TAP, WAIT)))
    words = ("--data", folder, "--model", f"scripted:{script}", "--out", tmp_path / "run", "--rule", "clawgui", "--level", "low")
    found = printed(run_cli.android_control, *words, "--protocol", "agentcpm-gui", "--json")
    assert (found["benchmark"], found["protocol"], found["rules"], found["correct"]) == ("android_control", "agentcpm-gui", ["clawgui"], 5)
    assert found["configuration"]["protocol"]["level"] == "low"
    assert (tmp_path / "run" / "report.html").is_file()
    with pytest.raises(SetupError, match="--data DIR is missing"):
        printed(run_cli.aitz)
    told = printed(run_cli.aitz, "--explain", "--protocol", "qwen-thought", "--rule", "coat")
    assert "QwenLM/Qwen3-VL#904" in told
    assert "coat/evaluate.py" in told
    for name, command in (("aitz", run_cli.aitz), ("agentnetbench", run_cli.agentnetbench)):
        help_text = " ".join(printed(command, "--help").split())
        assert BENCHMARKS[name].title in help_text
