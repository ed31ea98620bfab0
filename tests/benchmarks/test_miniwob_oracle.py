"""The oracle solves tasks of every class through real mouse and keyboard: environment, actions and driver work."""

from __future__ import annotations

from pathlib import Path

import pytest

from handeye.agent.loop import Agent, Limits, run_episode
from handeye.benchmarks.episodes.policies import ActionDialect, OracleModel
from handeye.benchmarks.miniwob.env import MiniWobEnv
from handeye.benchmarks.miniwob.oracle import solver_of
from handeye.benchmarks.miniwob.seeds import page_seeds
from handeye.benchmarks.miniwob.tasks import TASKS
from handeye.tools.browser import BrowserDriver

SPREAD = (
    "click-test-2", "click-checkboxes", "click-menu", "click-tab-2", "click-dialog", "navigate-tree", "tic-tac-toe",
    "order-food", "scroll-text-2",
    "ascending-numbers", "click-shape", "count-sides", "grid-coordinate",
    "copy-paste", "enter-date", "login-user-popup", "text-transform", "use-autocomplete", "email-inbox-reply",
    "drag-box", "draw-circle", "highlight-text", "use-slider", "resize-textarea",
    "choose-list", "click-scroll-list",
)  # fmt: skip


def test_every_task_has_a_solver() -> None:
    assert [name for name in TASKS if solver_of(name) is None] == []


@pytest.mark.parametrize("task", SPREAD)
def test_solved_in_full(task: str, driver: BrowserDriver, tmp_path: Path) -> None:
    env, solver, seed = MiniWobEnv(task, driver), solver_of(task), page_seeds(task)[0]
    assert solver is not None
    goal = env.load(seed)
    agent = Agent(OracleModel(solver(env.page(goal))), ActionDialect(env.action_types))
    result = run_episode(goal, env, agent, tmp_path / "run", limits=Limits(steps=60, repeats=1000), seed=seed)
    score = env.score()
    assert (result.outcome, score.raw) == ("env_done", 1.0), f"{result.message} {score.reason}"
