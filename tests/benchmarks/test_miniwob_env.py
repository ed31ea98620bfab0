"""`MiniWobEnv` on the real pages in a real browser."""

from __future__ import annotations

import numpy as np
import pytest

from handeye.benchmarks.miniwob.env import MiniWobEnv
from handeye.envs.actions import Click, Goto, Move, PressKeys, Scroll, TypeText, Wait
from handeye.envs.check import check_env
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point, Size

MIDDLE = Point(320, 500)


@pytest.fixture
def env(driver: BrowserDriver) -> MiniWobEnv:
    return MiniWobEnv("click-button", driver)


def test_it_is_an_env(driver: BrowserDriver) -> None:
    corner = Point(620, 820)
    quiet = (Move(point=corner), Click(point=corner), TypeText(text="a"), PressKeys(keys=("tab",)), Scroll(point=MIDDLE), Wait(seconds=0.0))
    check_env(MiniWobEnv("enter-text", driver), quiet, seed=3)


def test_the_same_seed_is_the_same_task(env: MiniWobEnv) -> None:
    first, goal = env.reset(11).screenshot, env.goal
    other = env.reset(12).screenshot
    assert not np.array_equal(first, other)
    assert np.array_equal(first, env.reset(11).screenshot)
    assert env.goal == goal


def test_loading_first_gives_the_goal_and_does_not_change_the_task(env: MiniWobEnv) -> None:
    goal = env.load(11)
    loaded = env.reset(11)
    assert goal.startswith("Click on the")
    again = env.reset(11)
    assert again is not loaded
    assert np.array_equal(loaded.screenshot, again.screenshot)


def test_a_goal_that_the_page_gives_as_a_dict_is_its_sentence(driver: BrowserDriver) -> None:
    env = MiniWobEnv("email-inbox-forward-nl", driver)
    assert " " in env.load(5)
    assert not env.goal.startswith("{")


def test_the_policy_sees_pixels_alone(env: MiniWobEnv) -> None:
    seen = env.reset(1)
    assert seen.size == Size(640, 840)
    assert (seen.url, seen.title, seen.tabs, seen.notes, seen.app) == ("", "", (), (), "")
    after = env.step(Wait(seconds=0.0)).observation
    assert (after.url, after.title, after.tabs) == ("", "", ())


def test_scale_is_pixels_for_each_pixel_of_the_page(driver: BrowserDriver, env: MiniWobEnv) -> None:
    box = env.reset(1) and driver.evaluate(
        "() => { const b = document.querySelector('#query').getBoundingClientRect(); return [b.width, b.height]; }"
    )
    yellow = (env.reset(1).screenshot == (255, 255, 0)).all(axis=2)
    assert box == [160, 50]
    assert yellow[:200, 600:].mean() > 0.9
    assert yellow[204:].mean() < 0.01


def test_doing_nothing_scores_nothing(env: MiniWobEnv) -> None:
    env.reset(1)
    for _ in range(3):
        after = env.step(Wait(seconds=0.0))
        assert (after.reward, after.done) == (0.0, False)
    assert not env.score().done


def test_the_page_rewards_and_punishes_and_ends_the_episode(env: MiniWobEnv) -> None:
    page = env.page(env.load(11))
    buttons = page.all("#area button")
    wanted = page.quoted()[0]
    right = next(one for one in buttons if one.text == wanted)
    wrong = next(one for one in buttons if one.text != wanted)
    for button, reward in ((right, 1.0), (wrong, -1.0)):
        env.reset(11)
        assert button.open
        after = env.step(page.click_at(button.open))
        assert (after.reward, after.done) == (reward, True)
        assert env.score().raw == reward
        with pytest.raises(InvalidAction, match="over"):
            env.step(Click(point=MIDDLE))


@pytest.mark.parametrize("leave", ["location.href = 'about:blank'", "location.reload()", "window.open(location.href)"])
def test_leaving_the_page_ends_the_episode_with_nothing(driver: BrowserDriver, env: MiniWobEnv, leave: str) -> None:
    env.reset(1)
    driver.evaluate(f"() => {{ document.body.addEventListener('click', () => {{ {leave} }}); }}")
    after = env.step(Click(point=Point(600, 20)))
    assert (after.reward, after.done) == (0.0, True)


def test_a_policy_cannot_leave_by_address(env: MiniWobEnv) -> None:
    env.reset(1)
    with pytest.raises(InvalidAction, match="goto"):
        env.step(Goto(url="about:blank"))


def test_the_time_limit_is_raised(driver: BrowserDriver, env: MiniWobEnv) -> None:
    env.reset(1)
    assert driver.evaluate("() => core.EPISODE_MAX_TIME") == 1_000_000
    short = MiniWobEnv("click-button", driver, time_limit_s=0.05)
    short.reset(1)
    after = short.step(Wait(seconds=0.2))
    assert (after.reward, after.done, short.score().reason) == (-1.0, True, "timed out")


def test_dialogs_are_on_the_screen(driver: BrowserDriver) -> None:
    env = MiniWobEnv("click-dialog", driver)
    page = env.page(env.load(2))
    close = page.one(".ui-dialog-titlebar button")
    assert 0 < close.center[0] < 160


def test_closing_leaves_a_browser_that_it_was_given(driver: BrowserDriver) -> None:
    first = MiniWobEnv("click-test", driver)
    first.reset(1)
    first.close()
    assert MiniWobEnv("click-test", driver).reset(1).size == Size(640, 840)
