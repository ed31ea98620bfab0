"""Pages of buttons: what they look like, what the page says was clicked, and whole runs through the command line."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.trajectory import load_trajectory
from handeye.benchmarks.buttons.cli import app
from handeye.benchmarks.buttons.drawing import draw
from handeye.benchmarks.buttons.env import ButtonsPageEnv, launch, task_of
from handeye.benchmarks.buttons.results import Configuration, PageRow, summary
from handeye.benchmarks.buttons.screens import GAP, VIEWPORT, Button, make_task
from handeye.benchmarks.intervals import wilson
from handeye.benchmarks.results import read_rows
from handeye.envs.actions import Action, Click, Finish, Goto, Move, Scroll, TypeText, Wait
from handeye.envs.browser import ACTION_TYPES
from handeye.envs.check import check_env
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import HandeyeError, InvalidAction, SetupError
from handeye.tools.geometry import Box, Point

DIALECT = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES)


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserDriver]:
    """A browser of the pages' size; without a Chromium the test is skipped."""
    try:
        driver = launch()
    except SetupError as error:
        pytest.skip(str(error))
    yield driver
    driver.close()


@pytest.fixture
def env(browser: BrowserDriver) -> ButtonsPageEnv:
    return ButtonsPageEnv(series=7, driver=browser)


def target(page: int, series: int = 0) -> Button:
    task = task_of(series, page)
    return task.screen.buttons[task.target]


def beside(page: int, series: int = 0) -> Point:
    """A point of the page on which no button is."""
    boxes = [button.box for button in task_of(series, page).screen.buttons]
    points = (Point(x, y) for y in range(1, VIEWPORT.height, 5) for x in range(1, VIEWPORT.width, 5))
    return next(point for point in points if not any(box.grown(2).contains(point) for box in boxes))


def test_it_is_an_env(browser: BrowserDriver) -> None:
    corner = Point(1, 1)
    check_env(
        ButtonsPageEnv(0, browser), (Wait(seconds=0.0), Move(point=corner), Scroll(point=corner), TypeText(text="a"), Click(point=corner))
    )


def test_one_click_on_the_target_is_rewarded_and_ends_the_episode(env: ButtonsPageEnv) -> None:
    env.reset(1)
    moved = env.step(Move(point=target(1, 7).box.center))
    assert (moved.reward, moved.done) == (0.0, False)
    after = env.step(Click(point=target(1, 7).box.center))
    assert (after.reward, after.done, env.hits) == (1.0, True, (task_of(7, 1).target,))
    with pytest.raises(InvalidAction, match="over"):
        env.step(Wait(seconds=0.0))
    assert env.reset(1).size == VIEWPORT
    assert env.hits == ()


def other(page: int) -> Point:
    task = task_of(7, page)
    return task.screen.buttons[1 - task.target if task.target < 2 else 0].box.center


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(Click(point=beside(2, 7)), id="beside"),
        pytest.param(Click(point=other(2)), id="another"),
        pytest.param(Click(point=target(2, 7).box.center, count=2), id="twice"),
        pytest.param(Click(point=target(2, 7).box.center, button="right"), id="right button"),
        pytest.param(Goto(url="about:blank"), id="leaving"),
    ],
)
def test_anything_else_ends_the_episode_without_a_reward(env: ButtonsPageEnv, action: Action) -> None:
    env.reset(2)
    after = env.step(action)
    assert (after.reward, after.done) == (0.0, True)


@pytest.mark.parametrize("page", range(2))
def test_the_first_and_last_pixel_of_a_button_are_its_own(env: ButtonsPageEnv, page: int) -> None:
    """Boxes are those that the page shows: half-open, not moved by a pixel."""
    box = target(page, 7).box
    middle = box.center
    for point, reward in (
        (Point(box.left, middle.y), 1.0),
        (Point(box.right - 1, middle.y), 1.0),
        (Point(box.left - 1, middle.y), 0.0),
        (Point(box.right, middle.y), 0.0),
        (Point(middle.x, box.bottom - 1), 1.0),
        (Point(middle.x, box.bottom), 0.0),
    ):
        env.reset(page)
        assert env.step(Click(point=point)).reward == reward, point


def test_the_same_seed_is_the_same_page_and_another_is_another(env: ButtonsPageEnv, browser: BrowserDriver) -> None:
    first, goal = env.reset(3).screenshot, env.task.goal
    assert not np.array_equal(first, env.reset(4).screenshot)
    assert np.array_equal(first, env.reset(3).screenshot)
    assert env.task.goal == goal
    assert not np.array_equal(first, ButtonsPageEnv(8, browser).reset(3).screenshot)


def test_the_address_which_spells_out_the_page_is_not_shown(env: ButtonsPageEnv) -> None:
    seen = env.reset(0)
    after = env.step(Wait(seconds=0.0)).observation
    for one in (seen, after):
        assert (one.url, one.title, one.tabs, one.notes) == ("", "", (), ())


LIKE = 5.0
"""Mean difference of a channel. The training's noise makes up to 1.72 of it; with labels in other fonts and rounded corners it was 0.4
to 3.6 on 72 pairs. Neighbours in a series differed by 15.9 at least, on 300 pairs."""


@pytest.mark.parametrize("page", range(3))
def test_pages_look_like_what_the_training_draws(env: ButtonsPageEnv, page: int) -> None:
    seen = env.reset(page).screenshot.astype(int)
    screen = env.task.screen
    for draw_seed in range(4):
        assert np.abs(seen - draw(screen, random.Random(draw_seed))).mean() < LIKE
    assert np.abs(seen - draw(task_of(7, page + 1).screen, random.Random(0))).mean() > 3 * LIKE
    for button in screen.buttons:
        box = button.box
        inside = seen[box.top + 2 : box.bottom - 2, box.left : box.left + 2][screen.radius : -screen.radius or None]
        assert (inside == button.rgb).all()
        assert (seen[box.top : box.bottom, box.left - 2 : box.left] == screen.background).all()


@settings(max_examples=300)
@given(st.integers(), st.integers(0))
def test_buttons_lie_inside_and_apart_and_the_goal_names_one_of_them(series: int, page: int) -> None:
    task = task_of(series, page)
    boxes = [button.box for button in task.screen.buttons]
    assert all(box.clipped(VIEWPORT) == box and box.width >= 60 and box.height >= 28 for box in boxes)
    for one, two in combinations(boxes, 2):
        across, down = max(one.left, two.left) - min(one.right, two.right), max(one.top, two.top) - min(one.bottom, two.bottom)
        assert max(across, down) >= GAP
    named = [button for button in task.screen.buttons if button.colour in task.goal]
    assert named == [task.screen.buttons[task.target]]
    assert len({button.colour for button in task.screen.buttons}) == len(boxes)


def test_no_page_is_one_that_a_training_begins_with() -> None:
    """Generators that were seeded with whole numbers give other pages than those that were seeded with a page's text."""
    fresh = {task_of(0, page) for page in range(200)}
    assert len(fresh) == 200
    trained = {make_task(random.Random(seed)) for seed in range(2000)}
    assert fresh.isdisjoint(trained)


Reply = Callable[[int], str]


def at_the_centre(page: int) -> str:
    return DIALECT.format(Click(point=target(page).box.center), VIEWPORT)


def missing(page: int) -> str:
    return DIALECT.format(Click(point=beside(page)), VIEWPORT)


def script(path: Path, replies: Sequence[str]) -> str:
    path.write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    return f"scripted:{path}"


def bench(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["--json", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_an_oracle_scores_1_and_leaves_trajectories(browser: BrowserDriver, tmp_path: Path) -> None:
    model = script(tmp_path / "oracle.jsonl", [at_the_centre(page) for page in range(4)])
    out = tmp_path / "out"
    found = bench("--model", model, "--pages", "4", "--out", str(out))
    assert {name: found[name] for name in ("benchmark", "model", "tasks", "episodes", "success_rate")} == {
        "benchmark": "buttons", "model": model, "tasks": 4, "episodes": 4, "success_rate": 1.0,
    }  # fmt: skip
    assert found["verdicts"] == {"inside": 4, "outside": 0, "no click": 0, "unreadable": 0, "error": 0}
    for page, row in enumerate(found["rows"]):
        run = load_trajectory(out / row["run"])
        assert run.result is not None
        assert (row["page"], row["hits"], row["distance"], run.result.reward) == (page, [task_of(0, page).target], 0.0, 1.0)
        assert (run.episode.goal, run.steps[0].url, len(row["env_s"])) == (task_of(0, page).goal, "", 1)
    assert not (out / "failures.png").exists()


def test_clicks_beside_score_0_and_are_shown(browser: BrowserDriver, tmp_path: Path) -> None:
    model = script(tmp_path / "beside.jsonl", [missing(0), missing(1)])
    out = tmp_path / "out"
    found = bench("--model", model, "--pages", "2", "--out", str(out))
    assert (found["success_rate"], found["verdicts"]["outside"]) == (0.0, 2)
    assert [row["hits"] for row in found["rows"]] == [[-1], [-1]]
    assert found["rows"][0]["distance"] == pytest.approx(beside(0).distance(target(0).box.center), abs=0.01)
    assert (out / "failures.png").is_file()


def test_each_way_to_fail_is_told_apart_and_only_failures_are_kept(browser: BrowserDriver, tmp_path: Path) -> None:
    replies = [at_the_centre(0), *["nonsense"] * 4, DIALECT.format(Finish(), VIEWPORT), missing(3)]
    out = tmp_path / "out"
    found = bench("--model", script(tmp_path / "mixed.jsonl", replies), "--pages", "5", "--keep", "failures", "--out", str(out))
    assert [row["verdict"] for row in found["rows"]] == ["inside", "unreadable", "no click", "outside", "error"]
    assert [row["attempts"] for row in found["rows"]] == [1, 4, 1, 1, 0]
    assert "no further reply" in found["rows"][4]["error"]
    assert [bool(row["run"]) for row in found["rows"]] == [False, True, True, True, True]
    assert not (out / "pages" / "0").exists()
    assert (out / "pages" / "1" / "steps.jsonl").is_file()


def test_resuming_neither_loses_nor_doubles(browser: BrowserDriver, tmp_path: Path) -> None:
    path, out = tmp_path / "script.jsonl", tmp_path / "out"
    model = script(path, [at_the_centre(page) for page in range(2)])
    bench("--model", model, "--pages", "3", "--out", str(out))
    before, _ = read_rows(out / "results.jsonl", PageRow)
    assert [row.verdict for row in before] == ["inside", "inside", "error"]
    # As after a kill: a row that was cut off, and a trajectory without a row.
    with (out / "results.jsonl").open("ab") as file:
        file.write(b'{"page": 3, "go')
    (out / "pages" / "3").mkdir()
    (out / "pages" / "3" / "left-over").touch()
    script(path, [at_the_centre(2), missing(3)])
    found = bench("--model", model, "--pages", "4", "--retry-errors", "--out", str(out))
    after, _ = read_rows(out / "results.jsonl", PageRow)
    assert after[:2] == before[:2]
    assert [row.page for row in after] == [0, 1, 2, 3]
    assert [row["verdict"] for row in found["rows"]] == ["inside", "inside", "inside", "outside"]
    assert not (out / "pages" / "3" / "left-over").exists()
    script(path, [])
    assert bench("--model", model, "--pages", "2", "--out", str(out))["success_rate"] == 1.0
    with pytest.raises(SetupError, match="another configuration"):
        bench("--model", model, "--pages", "4", "--seed", "1", "--out", str(out))


@pytest.mark.parametrize(
    ("arguments", "told"), [(("--keep", "some"), "all, failures or none"), (("--model", "nonesuch"), "no model backend")]
)
def test_bad_requests_are_refused(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    with pytest.raises(HandeyeError, match=told):
        CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)


def test_the_table_names_the_interval(browser: BrowserDriver, tmp_path: Path) -> None:
    model = script(tmp_path / "oracle.jsonl", [at_the_centre(0), missing(1)])
    done = CliRunner().invoke(app, ["--model", model, "--pages", "2", "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert "95% interval of the clicks inside: 9.5% to 90.5%" in done.stdout
    assert "   2/2  outside" in done.stdout


def test_the_summary_counts_errors_as_not_solved() -> None:
    configuration = Configuration(model="m", dialect="d", seed=0, constrain=False, steps=3, max_new_tokens=256)
    box = Box(0, 0, 10, 10)
    rows = [
        PageRow(page=1, goal="", target=box, error="gone", outcome="model_error"),
        PageRow(
            page=0, goal="", target=box, reward=1.0, hits=(2,), click=Point(1, 1), distance=2.0, attempts=1, model_s=0.5,
            timings={"prefill_s": 0.25}, env_s=(0.05,), prompt_tokens=100, cached_tokens=75,
        ),
    ]  # fmt: skip
    numbers = summary(configuration, rows)
    assert (numbers["success_rate"], numbers["verdicts"]["error"], [row["page"] for row in numbers["rows"]]) == (0.5, 1, [0, 1])
    assert (numbers["median_model_s"], numbers["median_phases"], numbers["median_step_env_s"]) == (0.5, {"prefill_s": 0.25}, 0.05)
    assert (numbers["cached_share"], numbers["median_distance"]) == (0.75, 2.0)
    assert json.loads(json.dumps(numbers))["interval"] == list(numbers["interval"])
    assert summary(configuration, [])["success_rate"] == 0.0


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    # By hand from the formula; the first two are also in Newcombe, Statistics in Medicine 17 (1998), table I.
    [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (200, 200, 0.9812, 1.0), (190, 200, 0.9104, 0.9726)],
)
def test_wilson(successes: int, count: int, low: float, high: float) -> None:
    assert wilson(successes, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_the_interval_holds_the_rate(given: tuple[int, int]) -> None:
    successes, count = given
    low, high = wilson(successes, count)
    assert 0 <= low <= successes / count + 1e-12
    assert successes / count - 1e-12 <= high <= 1
