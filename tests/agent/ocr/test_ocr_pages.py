"""Whole episodes of the embedded model on ordinary pages: real Chromium, 1280 x 800 at device scale 1, checked in the page itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from handeye.agent import Agent, Result, load_trajectory, open_dialect, run_episode
from handeye.agent.approval import Approver, Proposal, Verdict, allow_all
from handeye.agent.loop import Limits
from handeye.agent.models.ocr import OcrModel
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.browser import BrowserEnv
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import SetupError

PAGES = Path(__file__).parent / "pages"


class Run:
    """What an episode did: its result, its calls, and the page it left."""

    def __init__(self, result: Result, folder: Path, env: BrowserEnv) -> None:
        self.result, self.env = result, env
        rows = load_trajectory(folder).steps
        self.actions = [row.action.type for row in rows if row.action]
        self.thoughts = [row.thought for row in rows]

    def page(self, expression: str) -> Any:
        return self.env.driver.evaluate(expression)


Play: TypeAlias = Callable[..., Run]


@pytest.fixture(scope="module")
def driver() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch()
    except SetupError as error:
        pytest.skip(f"no Chromium to start: {error}")
    yield driver
    driver.close()


@pytest.fixture
def play(driver: BrowserDriver, model: OcrModel, tmp_path: Path) -> Play:
    def play(name: str, goal: str, approver: Approver = allow_all) -> Run:
        url = (PAGES / name).as_uri() if name.endswith(".html") else "data:text/html," + name
        env = BrowserEnv(driver, url)
        dialect = open_dialect("qwen2.5-vl/computer_use", env.action_types | LOOP_ACTIONS)
        agent = Agent(model, dialect, approver=approver)
        folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        result = run_episode(goal, env, agent, folder, limits=Limits(steps=24))
        return Run(result, folder, env)

    return play


def test_fills_in_a_contact_form(play: Play) -> None:
    run = play(
        "contact.html",
        'Enter "Ada King" into the Full name field, enter "ada@king.example" into the Email field, select Refund from the Topic list, '
        'choose Letter, type "Please call back." into the Message field and click Send message.',
    )
    assert run.page("sent.textContent") == "Ada King|ada@king.example|Refund|post|Please call back."
    assert run.result.success


def test_signs_in_and_stays_so(play: Play) -> None:
    run = play("login.html", 'Enter the username "ada" and the password "s3cret", check Remember me and click the Sign in button.')
    assert run.page("out.textContent") == "ada|s3cret|true"
    assert run.page("location.hash") == ""
    run = play("login.html", "Click the link Forgot password?")
    assert run.page("location.hash") == "#forgot"


def test_changes_settings_behind_tabs(play: Play) -> None:
    run = play(
        "settings.html",
        'Enter "Robyn" into the Display name field, select Finnish from the Language list, click the Notifications tab, '
        "check Weekly summary and Replies to my posts, uncheck Offers from partners and click Save changes.",
    )
    assert run.page("out.textContent") == "Robyn|Finnish|true|true|false"
    assert run.result.success


PRESS = "<h1>Files</h1><p>report.txt</p><button style='padding:8px 20px' onclick=\"{}\">{}</button><p id=out>-"
ASKING = PRESS.format("out.textContent=confirm('Really?')", "Delete")
TELLING = PRESS.format("alert('Saved.');out.textContent='after'", "Save")


@pytest.mark.parametrize(
    ("goal", "left", "success"),
    [
        ("Click Delete and accept the dialog", "true", True),
        ("Click Delete and dismiss the dialog", "false", True),
        ("Click Delete, then click Cancel", "false", True),
        ("Click Delete", None, False),
    ],
)
def test_answers_a_confirm_dialog_as_told_and_never_unasked(play: Play, goal: str, left: str | None, success: bool) -> None:
    run = play(ASKING, goal)
    assert run.result.success is success
    assert ("answer_dialog" in run.actions) is success
    if left is None:
        assert "Really?" in run.thoughts[-1]
    else:
        assert run.page("out.textContent") == left


def test_closes_an_alert_which_has_nothing_to_decide(play: Play) -> None:
    run = play(TELLING, "Click Save")
    assert run.result.success
    assert run.page("out.textContent") == "after"


def test_a_step_that_was_denied_is_not_done(play: Play) -> None:
    def no_clicks(proposal: Proposal) -> Verdict:
        return Verdict("deny", "not today") if proposal.action.type == "click" else Verdict("allow")

    run = play(TELLING, "Click Save", no_clicks)
    assert not run.result.success
    assert run.actions.count("click") == 1
    assert "not today" in run.thoughts[-1]
    assert run.page("out.textContent") == "-"
