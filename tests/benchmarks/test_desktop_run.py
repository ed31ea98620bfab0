"""The desktop tasks with their real programs: nothing scores by itself, every solution scores, and not before its last steps."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handeye.agent.loop import Agent, Limits, run_episode
from handeye.agent.trajectory import load_trajectory
from handeye.benchmarks.desktop.catalogue import find, ours
from handeye.benchmarks.desktop.env import HASTY, World
from handeye.benchmarks.desktop.solutions import SOLUTIONS
from handeye.benchmarks.episodes.policies import ActionDialect, OracleModel
from handeye.benchmarks.osworld.task import why_not
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.command_line import handeye_here


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One machine for all; without Xvfb the test is skipped."""
    try:
        opened = World(Size(1280, 800), HASTY)
    except SetupError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


@dataclass
class Scores:
    """What a task scored before its solution, and before the solution's last steps."""

    world: World
    name: str
    found: list[float]

    def take(self) -> None:
        self.found.append(self.world.score(find(self.name), "reached").score)


@pytest.mark.parametrize("name", ours())
def test_a_task_scores_when_its_solution_was_carried_out_and_not_before(world: World, name: str, tmp_path: Path) -> None:
    entry = find(name)
    if reason := why_not(entry.task):
        pytest.skip(reason)
    env = world.begin(entry, trusted=True)
    scores = Scores(world, name, [])
    if not entry.task.evaluator.postconfig:
        # A postconfig waits for what is on its way, for nothing here: once, before the last steps, is enough.
        scores.take()
    ui = world.ui(scores.take)
    agent = Agent(OracleModel(SOLUTIONS[name](ui)), ActionDialect(env.action_types))
    result = run_episode(entry.task.instruction, env, agent, tmp_path / "run", limits=Limits(steps=300, repeats=1_000))
    assert result.outcome == ("not_reached" if entry.task.evaluator.infeasible else "reached"), result.message
    assert set(scores.found) == {0.0}
    verdict = world.score(entry, result.outcome)
    assert verdict.score == 1.0, verdict.reason


def test_a_task_that_can_be_done_is_not_solved_by_giving_up(world: World) -> None:
    world.begin(find("terminal-count"), trusted=True)
    (world.ui().home / "logs/errors.txt").write_text("5\n")
    assert world.score(find("terminal-count"), "reached").score == 1.0
    assert world.score(find("terminal-count"), "not_reached").score == 0.0
    (world.ui().home / "logs/app.log").write_text("")
    assert world.score(find("terminal-count"), "reached").score == 0.0


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return handeye_here("bench", "desktop", *arguments)


def test_the_command_runs_goes_on_and_writes_a_report(world: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = bench("--oracle", "--json", "--tasks", "terminal-count", "--out", str(out))
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    assert (found["benchmark"], found["episodes"], found["success_rate"], found["errors"]) == ("desktop", 1, 1.0, 0)
    more = bench("--oracle", "--json", "--tasks", "terminal-count,editor-bold", "--out", str(out))
    assert more.returncode == 0, more.stderr
    found = json.loads(more.stdout)
    assert "1 of 2 episodes are there already" in more.stderr
    assert (found["episodes"], found["mean_score"], set(found["classes"])) == (2, 1.0, {"terminal", "editor"})
    for row in found["rows"]:
        run = load_trajectory(out / row["run"])
        assert (len(run.steps), run.episode.goal) == (row["steps"], row["goal"])
        assert (out / row["run"] / "index.html").is_file()
    assert "OSWorld" in (out / "index.html").read_text(encoding="utf-8")
    other = bench("--noop", "--tasks", "editor-bold", "--out", str(out))
    assert (other.returncode, "another configuration" in other.stderr) == (2, True)
    nothing = bench("--noop", "--json", "--tasks", "editor-bold", "--out", str(tmp_path / "noop"))
    assert json.loads(nothing.stdout)["success_rate"] == 0.0


def test_the_command_lists_tasks_and_refuses_nonsense(tmp_path: Path) -> None:
    listed = bench("--list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert {row["task"] for row in json.loads(listed.stdout)["tasks"]} == set(ours())
    for arguments, said in (
        (("--tasks", "calc-totl"), "did you mean calc-total"),
        (("--osworld", str(tmp_path), "--trust"), "holds no OSWorld tasks"),
        (("--osworld", str(tmp_path)), "--trust"),
    ):
        wrong = bench(*arguments, "--out", str(tmp_path / "out"))
        assert (wrong.returncode, wrong.stdout) == (2, "")
        assert said in wrong.stderr
        assert "Traceback" not in wrong.stderr
