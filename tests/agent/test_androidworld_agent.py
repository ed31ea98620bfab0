"""handeye's agent under AndroidWorld's own loop: actions as AndroidWorld's, and episodes by its own code where there is a checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent import ScriptedModel, load_trajectory, open_dialect
from handeye.agent.androidworld import SHORT, Steps, handeye_agent, scaled, upright
from handeye.agent.androidworld_actions import ACTION_TYPES, ENTER_NOTE, MOST_SCROLLS, json_actions, told
from handeye.envs.actions import (
    LOOP_ACTIONS,
    Action,
    Answer,
    AskUser,
    Click,
    Drag,
    Finish,
    GoBack,
    Goto,
    LongPress,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
)
from handeye.envs.fingers import PHONE_ACTIONS
from handeye.tools.android import AndroidDriver, AndroidOptions
from handeye.tools.android.serials import connect
from handeye.tools.android.server import PrivateServer
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, SetupError
from handeye.tools.geometry import Point, Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions
from tests.strategies import actions as any_action

SCREEN = Size(540, 1200)
DIALECT = open_dialect("qwen2.5-vl/mobile_use", PHONE_ACTIONS | LOOP_ACTIONS)
ROOT = Path(__file__).parents[2]
CHECKOUT = os.environ.get("HANDEYE_ANDROID_WORLD", "")
PYTHON = os.environ.get("HANDEYE_ANDROID_WORLD_PYTHON", sys.executable)


def say(*actions: Action) -> str:
    return "\n".join(DIALECT.format(action, SCREEN) for action in actions)


# Actions as AndroidWorld's


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        (Click(point=Point(3, 4)), [{"action_type": "click", "x": 3, "y": 4}]),
        (Click(point=Point(3, 4), count=2), [{"action_type": "double_tap", "x": 3, "y": 4}]),
        (LongPress(point=Point(3, 4)), [{"action_type": "long_press", "x": 3, "y": 4}]),
        # A finger that goes up brings content from below, which `scroll` calls down.
        (Swipe(start=Point(270, 900), end=Point(270, 300)), [{"action_type": "scroll", "direction": "down"}]),
        (Swipe(start=Point(270, 300), end=Point(280, 900)), [{"action_type": "scroll", "direction": "up"}]),
        (Swipe(start=Point(400, 600), end=Point(100, 590)), [{"action_type": "scroll", "direction": "right"}]),
        (Swipe(start=Point(100, 600), end=Point(400, 600)), [{"action_type": "scroll", "direction": "left"}]),
        # From an edge: `swipe` names the finger's way up and down, and the edge where it begins at the sides.
        (Swipe(start=Point(270, 0), end=Point(270, 900)), [{"action_type": "swipe", "direction": "down"}]),
        (Swipe(start=Point(270, 1199), end=Point(270, 300)), [{"action_type": "swipe", "direction": "up"}]),
        (Swipe(start=Point(2, 600), end=Point(400, 600)), [{"action_type": "swipe", "direction": "left"}]),
        (Swipe(start=Point(538, 600), end=Point(100, 600)), [{"action_type": "swipe", "direction": "right"}]),
        (Swipe(start=Point(270, 1199), end=Point(270, 1198)), [{"action_type": "swipe", "direction": "up"}]),
        (Scroll(direction="left", amount=1), [{"action_type": "scroll", "direction": "left"}]),
        (Scroll(direction="down", amount=1200), [{"action_type": "scroll", "direction": "down"}] * 2),
        (Scroll(direction="up", amount=100_000), [{"action_type": "scroll", "direction": "up"}] * MOST_SCROLLS),
        (TypeText(text="a b"), [{"action_type": "input_text", "text": "a b"}]),
        (TypeText(text="a\nb\n"), [{"action_type": "input_text", "text": "a\nb"}]),
        (TypeText(text="\n"), [{"action_type": "keyboard_enter"}]),
        (TypeText(text=""), []),
        (PressKeys(keys=("enter",)), [{"action_type": "keyboard_enter"}]),
        (PressButton(button="enter"), [{"action_type": "keyboard_enter"}]),
        (PressButton(button="back"), [{"action_type": "navigate_back"}]),
        (PressButton(button="home"), [{"action_type": "navigate_home"}]),
        (GoBack(), [{"action_type": "navigate_back"}]),
        (OpenApp(name="Contacts"), [{"action_type": "open_app", "app_name": "Contacts"}]),
        (Wait(seconds=2), []),
    ],
)
def test_an_action_as_androidworlds(action: Action, wanted: list[dict[str, Any]]) -> None:
    assert json_actions(action, SCREEN) == wanted


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Click(point=Point(3, 4), count=3), "once or twice"),
        (LongPress(point=Point(3, 4), duration_s=0.2), "holds for 1 s"),
        (Swipe(start=Point(3, 4), end=Point(3, 4)), "does not move"),
        (TypeText(text="żółw"), "ASCII only"),
        (TypeText(text="ﬁne"), "ASCII only"),
        (TypeText(text="a\tb"), "ASCII only"),
        (TypeText(text="100%s"), "as a space"),
        (PressKeys(keys=("ctrl", "a")), r"the keys ctrl\+a"),
        (PressButton(button="recents"), "the recents button; it has back, home, enter"),
        (Drag(start=Point(3, 4), end=Point(5, 6)), "no action for drag"),
        (Goto(url="https://example.com"), "no action for goto"),
    ],
)
def test_what_androidworld_cannot_say_is_refused(action: Action, why: str) -> None:
    with pytest.raises(InvalidAction, match=why):
        json_actions(action, SCREEN)


def test_the_model_is_told_of_the_enter_that_it_did_not_ask_for() -> None:
    assert told(TypeText(text="milk")) == ENTER_NOTE
    assert [told(action) for action in (TypeText(text="milk\n"), TypeText(text=""), Click(point=Point(1, 2)))] == ["", "", ""]


@given(any_action(SCREEN, ACTION_TYPES))
def test_any_action_is_one_that_androidworld_takes(action: Action) -> None:
    """The types, directions and fields of its JSONAction; never an index, and text that arrives as it is."""
    try:
        made = json_actions(action, SCREEN)
    except InvalidAction:
        return
    for one in made:
        kind, more = one["action_type"], set(one) - {"action_type"}
        if kind in ("click", "double_tap", "long_press"):
            assert Point(one["x"], one["y"]).inside(SCREEN)
            assert more == {"x", "y"}
        elif kind in ("scroll", "swipe"):
            assert one["direction"] in ("up", "down", "left", "right")
        elif kind == "input_text":
            assert one["text"].isascii()
            assert one["text"]
        else:
            assert kind in ("keyboard_enter", "navigate_back", "navigate_home", "open_app")


@given(st.builds(Size, st.integers(50, 3000), st.integers(50, 3000)), any_action(SCREEN, PHONE_ACTIONS))
def test_points_of_a_smaller_picture_stay_on_the_screen(screen: Size, action: Action) -> None:
    moved = scaled(action, SCREEN, screen)
    assert moved.type == action.type
    assert all(Point(*value).inside(screen) for _, value in moved if isinstance(value, Point))
    if screen == SCREEN:
        assert moved is action


# The loop


@dataclass
class Screen:
    """What AndroidWorld's environment is to an agent."""

    shade: int = 0
    size: tuple[int, int] = SCREEN
    frame: tuple[int, int, int, int] = (0, 0, *SCREEN)
    orientation: int = 0
    interaction_cache: str = ""
    done: list[dict[str, Any]] = field(default_factory=list)
    resets: list[bool] = field(default_factory=list)

    @property
    def logical_screen_size(self) -> tuple[int, int]:
        return self.size

    @property
    def physical_frame_boundary(self) -> tuple[int, int, int, int]:
        return self.frame

    def reset(self, go_home: bool = False) -> None:
        self.resets.append(go_home)
        self.interaction_cache = ""

    def get_state(self, wait_to_stabilize: bool = False) -> Any:
        self.shade += 1
        state = Screen()
        state.pixels = np.full((SCREEN.height, SCREEN.width, 3), self.shade % 256, np.uint8)  # type: ignore[attr-defined]
        return state

    def execute_action(self, action: Any) -> None:
        taken = action if isinstance(action, dict) else vars(action)
        self.done.append(taken)
        if taken["action_type"] == "answer":
            self.interaction_cache = taken["text"]


def steps(replies: Iterable[str], **options: Any) -> Steps:
    return Steps(ScriptedModel(replies), dict, **options)


def run(agent: Steps, env: Screen, most: int, goal: str = "Do it") -> tuple[bool, list[dict[str, Any]]]:
    """The order of calls of AndroidWorld's episode_runner.run_episode."""
    agent.begin()
    agent.max_steps = most
    told, done = [], False
    for _ in range(most):
        done, data = agent.step(goal, env, env.get_state)
        told.append(data)
        if done:
            break
    return done, told


def test_an_episode_from_the_first_look_to_done(tmp_path: Path) -> None:
    model = ScriptedModel([say(Click(point=Point(270, 600))), say(TypeText(text="milk")), say(Finish(message="bought"))])
    env, agent = Screen(), Steps(model, dict, out=tmp_path)
    done, told = run(agent, env, 9, goal="Buy milk!")
    assert done
    assert env.done == [{"action_type": "click", "x": 270, "y": 600}, {"action_type": "input_text", "text": "milk"}]
    assert len({tuple(data) for data in told}) == 1
    assert "step_number" not in told[0]
    assert [data["row"] for data in told] == [0, 1, 2]
    assert (told[-1]["outcome"], told[-1]["message"]) == ("reached", "bought")
    written = load_trajectory(tmp_path / "buy-milk-1")
    assert told[0]["trajectory"] == str(written.path)
    assert [row.action for row in written.steps] == [Click(point=Point(270, 600)), TypeText(text="milk"), Finish(message="bought")]
    assert written.result == agent.result
    assert ENTER_NOTE in model.asked[2][-1].text
    run(steps([say(Finish())], out=tmp_path), env, 9, goal="Buy milk!")
    assert (tmp_path / "buy-milk-2" / "result.json").is_file()


@pytest.mark.parametrize(
    ("action", "done", "cache"),
    [
        (Answer(text="42"), True, "42"),
        (Finish(success=True, message="it is 42"), True, ""),
        (Finish(success=False, message="no such app"), True, ""),
    ],
)
def test_how_an_episode_is_ended(action: Action, done: bool, cache: str) -> None:
    env = Screen()
    assert run(steps([say(action)]), env, 5)[0] == done
    assert env.interaction_cache == cache


def test_one_that_gives_up_is_not_done_and_asks_no_more() -> None:
    model, env = ScriptedModel(["what?"] * 2), Screen()
    done, told = run(Steps(model, dict, parse_retries=1), env, 4)
    assert (done, len(told), told[-1]["outcome"], len(model.asked)) == (False, 4, "unreadable", 2)


def test_a_budget_that_ends_is_not_done_and_the_recording_is_complete(tmp_path: Path) -> None:
    env, agent = Screen(), steps([say(GoBack()), say(PressButton(button="recents"))], out=tmp_path)
    done, told = run(agent, env, 2)
    assert (done, told[-1]["outcome"]) == (False, "")
    result = load_trajectory(tmp_path / "do-it-1").result
    assert result is not None
    assert (result.outcome, "recents" in result.message) == ("step_limit", True)


def test_what_cannot_be_done_costs_a_step_and_is_told_at_the_next() -> None:
    model, env = ScriptedModel([say(TypeText(text="żółw")), say(AskUser(question="Which?")), say(TypeText(text="tortoise\n"))]), Screen()
    done, told = run(Steps(model, dict), env, 2)
    assert not done
    assert "ASCII only" in told[0]["error"]
    assert "ASCII only" in model.asked[1][-1].text
    assert env.done == [{"action_type": "input_text", "text": "tortoise"}]


def test_the_runner_that_stops_midway_leaves_a_whole_recording(tmp_path: Path) -> None:
    env, agent = Screen(), steps([say(GoBack())] * 2, out=tmp_path)
    agent.begin()
    agent.step("First", env, env.get_state)
    agent.begin()
    agent.step("Second", env, env.get_state)
    agent.close()
    assert [load_trajectory(tmp_path / name).result is not None for name in ("first-1", "second-1")] == [True, True]


def test_failures_of_the_world_are_raised_for_the_runner(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no further reply"):
        run(steps([]), Screen(), 1)
    broken = Screen()
    agent = steps([say(GoBack())], out=tmp_path)
    agent.begin()

    def no_picture() -> Any:
        found = broken.get_state()
        found.pixels = np.zeros((0, 0, 3), np.uint8)
        return found

    agent.step("Go", broken, no_picture)
    with pytest.raises(DeviceError, match="no picture"):
        agent.step("Go", broken, no_picture)


@given(st.integers(0, 3), st.sampled_from([(4, 6), (5, 9)]))
def test_a_picture_that_did_not_turn_with_the_phone_is_turned(orientation: int, size: tuple[int, int]) -> None:
    """As AndroidWorld itself maps a touch on the turned screen to the picture (agents/m3a_utils.py), at the middle of each pixel."""
    wide, high = size
    picture = np.arange((wide + 2) * (high + 3) * 3).astype(np.uint8).reshape(high + 3, wide + 2, 3)
    logical = (high, wide) if orientation % 2 else (wide, high)
    env = Screen(size=logical, frame=(1, 2, wide + 1, high + 2), orientation=orientation)
    if orientation % 2 == 0:
        assert np.array_equal(upright(picture, env), picture)
        return
    seen = upright(picture, env)
    assert seen.shape == (wide, high, 3)
    for x in range(high):
        for y in range(wide):
            at = (wide - 1 - y, x) if orientation == 1 else (y, high - 1 - x)
            assert np.array_equal(seen[y, x], picture[at[1] + 2, at[0] + 1])


def test_the_data_is_small() -> None:
    done, told = run(steps(["thinking " * 1_000 + say(Finish(message="long " * 1_000))]), Screen(), 1)
    assert done
    assert all(not isinstance(value, str) or len(value) <= SHORT for value in told[0].values())


# The class that AndroidWorld's runner takes

BASE_AGENT = """
import dataclasses
from typing import Any

@dataclasses.dataclass()
class AgentInteractionResult:
  done: bool
  data: dict[str, Any]

class EnvironmentInteractingAgent:
  def __init__(self, env, name='', transition_pause=1.0):
    self.env, self.name, self.transition_pause, self._max_steps = env, name, transition_pause, None
  def set_max_steps(self, max_steps):
    self._max_steps = max_steps
  def reset(self, go_home=False):
    self.env.reset(go_home=go_home)
  def get_post_transition_state(self):
    return self.env.get_state(wait_to_stabilize=self.transition_pause is None)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The part of android_world's interface that is subclassed, as its sources have it."""
    for name, text in {"agents/base_agent.py": BASE_AGENT, "env/json_action.py": "from types import SimpleNamespace as JSONAction"}.items():
        file = tmp_path / "android_world" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "android_world"]:
        del sys.modules[name]


def test_the_agent_has_the_methods_of_androidworlds(stand_in: None) -> None:
    env = Screen()
    agent = handeye_agent(env, ScriptedModel([say(GoBack()), say(Answer(text="42"))]))
    agent.reset(True)
    agent.set_max_steps(2)
    first, second = agent.step("How many?"), agent.step("How many?")
    assert (first.done, second.done, env.interaction_cache, env.resets) == (False, True, "42", [True])
    assert (agent.name, agent.transition_pause, first.data.keys()) == ("handeye", None, second.data.keys())
    agent.close()


def test_without_androidworld_it_says_what_to_do() -> None:
    with pytest.raises(SetupError, match="AndroidWorld cannot be imported"):
        handeye_agent(Screen(), ScriptedModel([]))


# On a simulated phone


@pytest.fixture(scope="module")
def phone() -> Iterator[tuple[PrivateServer, str]]:
    try:
        phones = SimPhones(1, PhoneOptions(size=SCREEN, density=240)).start()
    except SetupError as error:
        pytest.skip(str(error))
    with phones, PrivateServer() as server:
        yield server, connect(server.address, phones.serials[0])


def test_handeyes_own_driver_carries_actions_out(phone: tuple[PrivateServer, str]) -> None:
    """What AndroidWorld cannot say: a text that is not ASCII is told to the model as the phone has it, and nothing goes past the driver."""
    server, serial = phone
    driver = AndroidDriver.connect(serial, AndroidOptions(server=server.address))
    env = Screen()
    agent = steps([say(OpenApp(name="Contacts")), say(Drag(start=Point(100, 600), end=Point(100, 300))), say(Finish())], driver=driver)
    try:
        done, told = run(agent, env, 3)
        assert (done, env.done, told[0]["error"], told[1]["error"]) == (True, [], "", "")
        assert "contacts" in driver.current().package
    finally:
        agent.close()
        driver.close()


OFFICIAL = """
import json, sys, tempfile
from pathlib import Path
from handeye.agent.androidworld import handeye_agent
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.androidworld import guest
from handeye.tools.android import AndroidDriver, AndroidOptions
from handeye.tools.android.transport import ServerAddress

given = json.loads(sys.argv[1])
stream = guest.protocol_stream()
with tempfile.TemporaryDirectory() as folder:
    guest.compile_protos(Path(given["checkout"]), Path(folder))
    from android_world import checkpointer, registry, suite_utils
    env = guest.make_environment(guest.make_controller(given["adb"], given["port"], given["serial"]))
    options = AndroidOptions(server=ServerAddress("127.0.0.1", given["port"]))
    driver = AndroidDriver.connect(given["serial"], options) if given["driver"] else None
    agent = handeye_agent(env, ScriptedModel(given["replies"]), driver=driver, out=given["out"], transition_pause=0.3)
    tasks = registry.TaskRegistry().get_registry("android_world")
    suite = suite_utils.create_suite(tasks, n_task_combinations=1, seed=30, tasks=given["tasks"])
    kept = checkpointer.IncrementalCheckpointer(given["out"] + "/checkpoints")
    found = suite_utils.run(suite, agent, checkpointer=kept)
    agent.close()
    steps = kept.load()[0]["episode_data"]
    guest.answer(stream, {"rows": [[row["task_template"], row["is_successful"], row["episode_length"]] for row in found],
                          "cache": env.interaction_cache, "steps": steps})
"""


def house(folder: Path) -> Path:
    """This checkout's packages under their import name, for another Python."""
    for name in ("tools", "envs", "agent", "benchmarks"):
        (folder / "handeye").mkdir(exist_ok=True)
        (folder / "handeye" / name).symlink_to(ROOT / name)
    return folder


def official(phone: tuple[PrivateServer, str], tmp_path: Path, replies: list[str], task: str, driver: bool) -> dict[str, Any]:
    server, serial = phone
    given = {
        "checkout": CHECKOUT, "adb": str(server.adb.path), "port": server.address.port, "serial": serial, "driver": driver,
        "replies": replies, "tasks": [task], "out": str(tmp_path / "out"),
    }  # fmt: skip
    paths = os.pathsep.join([str(house(tmp_path)), CHECKOUT])
    environment = {**os.environ, "PYTHONPATH": paths, "ADB_LIBUSB": "0", "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553"}
    command = [PYTHON, "-c", OFFICIAL, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def can_import() -> bool:
    words = [PYTHON, "-c", "import adbutils, android_env, pydantic, httpx"]
    return bool(CHECKOUT) and subprocess.run(words, capture_output=True, check=False).returncode == 0


needs_both = pytest.mark.skipif(
    not can_import(), reason="HANDEYE_ANDROID_WORLD and HANDEYE_ANDROID_WORLD_PYTHON name no AndroidWorld with handeye's packages"
)


@needs_both
@pytest.mark.parametrize("driver", [True, False], ids=["handeye's driver", "execute_action"])
def test_androidworlds_own_loop_scores_an_episode(phone: tuple[PrivateServer, str], tmp_path: Path, driver: bool) -> None:
    replies = [say(Wait(seconds=0)), say(OpenApp(name="Contacts")), say(Finish(message="done"))]
    found = official(phone, tmp_path, replies, "OpenAppTaskEval", driver)
    assert found["rows"] == [["OpenAppTaskEval", 1.0, 3]]
    assert found["steps"]["outcome"] == ["", "", "reached"]
    assert found["steps"]["step_number"] == [0, 1, 2]
    trajectory = load_trajectory(Path(found["steps"]["trajectory"][0]))
    assert trajectory.result is not None
    assert (trajectory.result.outcome, len(trajectory.steps)) == ("reached", 3)
    assert all(Size(*row.size) == SCREEN for row in trajectory.steps)


@needs_both
def test_an_answer_comes_to_the_interaction_cache(phone: tuple[PrivateServer, str], tmp_path: Path) -> None:
    found = official(phone, tmp_path, [say(Answer(text="42"))], "OpenAppTaskEval", False)
    assert (found["rows"], found["cache"]) == ([["OpenAppTaskEval", 0.0, 1]], "42")
