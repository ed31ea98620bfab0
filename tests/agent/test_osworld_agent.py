"""handeye's agent under a runner that calls it as OSWorld's does, and what it gives the VM, run for real on a virtual desktop."""

from __future__ import annotations

import ast
import io
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handeye.agent import ScriptedModel, load_trajectory, open_dialect
from handeye.agent.osworld import BLIND_STEPS, HandeyeAgent
from handeye.agent.osworld_actions import osworld_actions
from handeye.benchmarks.typing_programs import PROGRAMS, TypingPad, opened
from handeye.envs.actions import (
    LOOP_ACTIONS,
    Action,
    Answer,
    AskUser,
    Click,
    Drag,
    Finish,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    TypeText,
    Wait,
)
from handeye.envs.pointer import POINTER_ACTIONS
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, SetupError
from handeye.tools.geometry import Point, Size
from tests.strategies import actions as any_action

SCREEN = Size(1920, 1080)
TYPES = POINTER_ACTIONS | {"wait"}
DIALECT = open_dialect("qwen2.5-vl/computer_use", TYPES | LOOP_ACTIONS)
PREFIX = "import pyautogui; import time; pyautogui.FAILSAFE = False; "
"""What OSWorld puts before a line (desktop_env/controllers/python.py)."""
CALLS = {f"pyautogui.{name}" for name in ("click", "moveTo", "mouseDown", "mouseUp", "scroll", "hscroll", "write", "press", "hotkey")}
CALLS |= {"pyautogui.keyDown", "pyautogui.keyUp", "time.sleep", "pyperclip.copy", "os.dup2"}


def say(*actions: Action) -> str:
    return "\n".join(DIALECT.format(action, SCREEN) for action in actions)


def png(shade: int = 128, size: Size = SCREEN) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(data, "PNG", compress_level=1)
    return data.getvalue()


class Vm:
    """OSWorld's environment as its runner sees it: `reset`, `step(action, pause)`, special words, a screenshot each time."""

    def __init__(self, screens: Iterable[bytes | None] = ()) -> None:
        self.actions: list[Any] = []
        self._screens = iter(screens)

    def reset(self, task_config: dict[str, Any]) -> dict[str, Any]:
        return self._observed()

    def step(self, action: Any, pause: float = 2) -> tuple[dict[str, Any], int, bool, dict[str, Any]]:
        self.actions.append(action)
        done = action in ("DONE", "FAIL") if isinstance(action, str) else False
        return self._observed(), 0, done, {}

    def _observed(self) -> dict[str, Any]:
        return {"screenshot": next(self._screens, png(len(self.actions) * 7 % 256)), "accessibility_tree": None, "instruction": "..."}


def run_single(agent: HandeyeAgent, vm: Vm, max_steps: int, task: str = "0a1b") -> list[str]:
    """The order of calls of OSWorld's lib_run_single.py."""
    agent.reset(logging.getLogger(f"desktopenv.example.{task}"), vm_ip="127.0.0.1")
    obs, done, step, responses = vm.reset(task_config={"id": task}), False, 0, []
    while not done and step < max_steps:
        response, actions = agent.predict("Save the file", obs)
        responses.append(response)
        for action in actions:
            obs, _, done, _ = vm.step(action, 0.0)
            if done:
                break
        step += 1
    return responses


def agent_of(replies: Iterable[str], **options: Any) -> HandeyeAgent:
    return HandeyeAgent(ScriptedModel(replies), **options)


def test_an_episode_from_the_first_look_to_done(tmp_path: Path) -> None:
    replies = [say(Click(point=Point(100, 200))), say(TypeText(text="hello")), say(Finish())]
    agent, vm = agent_of(replies, out=tmp_path), Vm()
    responses = run_single(agent, vm, 15)
    first, second, last = vm.actions
    assert first == "pyautogui.click(100, 200, clicks=1, button='left')"
    assert second.startswith("pyautogui.write('hello'")
    assert last == "DONE"
    assert responses == replies
    run = load_trajectory(tmp_path / "0a1b")
    assert run.result is not None
    assert run.result == agent.result
    assert [row.action for row in run.steps] == [Click(point=Point(100, 200)), TypeText(text="hello"), Finish()]
    assert run.episode.sampling["temperature"] == 0.5


@pytest.mark.parametrize(
    ("action", "word"), [(Finish(success=False, message="no such menu"), "FAIL"), (Answer(text="42"), "DONE"), (Finish(), "DONE")]
)
def test_how_an_episode_is_ended(action: Action, word: str) -> None:
    vm = Vm()
    run_single(agent_of([say(action)]), vm, 5)
    assert vm.actions == [word]


def test_a_question_finds_nobody_and_costs_no_step() -> None:
    vm = Vm()
    run_single(agent_of([say(AskUser(question="Which file?")), say(Finish(success=False))]), vm, 5)
    assert vm.actions == ["FAIL"]


def test_broken_replies_are_told_what_is_wrong_and_never_become_a_fail() -> None:
    model = ScriptedModel(["click it!", say(Wait(seconds=2))] + ["???"] * 3)
    vm = Vm()
    run_single(HandeyeAgent(model, parse_retries=2), vm, 5)
    assert vm.actions == ["time.sleep(2)", "DONE"]
    assert "could not be read" in model.asked[1][-1].text


def test_past_screens_are_shown_as_often_as_asked() -> None:
    clicks = [say(Click(point=Point(10 * number, 20))) for number in range(1, 9)]
    model = ScriptedModel(clicks)
    run_single(HandeyeAgent(model, history_n=4), Vm(), 8)
    shown = [sum(len(message.pictures) for message in asked) for asked in model.asked]
    assert shown[:5] == [1, 2, 3, 4, 5]
    assert max(shown) == 5
    size = DIALECT.picture_size(SCREEN)
    assert model.asked[0][-1].pictures[0].pixels.shape == (size.height, size.width, 3)


def test_the_runner_may_stop_at_its_steps(tmp_path: Path) -> None:
    agent = agent_of([say(Click(point=Point(number, 9))) for number in range(1, 9)], out=tmp_path)
    run_single(agent, Vm(), 2)
    run_single(agent, Vm(), 2)
    agent.close()
    first, second = load_trajectory(tmp_path / "0a1b"), load_trajectory(tmp_path / "0a1b-2")
    assert first.result is not None
    assert first.result.outcome == "step_limit"
    assert [row.action for row in second.steps] == [Click(point=Point(3, 9)), Click(point=Point(4, 9))]


def test_later_actions_of_a_reply_are_dropped_where_the_screen_changed() -> None:
    same, other = png(1), png(99)
    reply = say(Click(point=Point(5, 5)), Click(point=Point(600, 600)))
    vm = Vm([same, same, same])
    run_single(agent_of([reply, say(Finish())]), vm, 5)
    assert len(vm.actions) == 3
    vm = Vm([same, other, other])
    run_single(agent_of([reply, say(Finish())]), vm, 5)
    assert len(vm.actions) == 2


def test_a_missing_screenshot_is_waited_for_and_then_an_error() -> None:
    vm = Vm([None, None, png()])
    run_single(agent_of([say(Finish())]), vm, 9)
    assert vm.actions == ["WAIT", "WAIT", "DONE"]
    agent = agent_of([])
    agent.reset()
    for _ in range(BLIND_STEPS):
        assert agent.predict("x", {"screenshot": None}) == ("", ["WAIT"])
    with pytest.raises(DeviceError, match="no screenshot"):
        agent.predict("x", {"screenshot": None})
    with pytest.raises(DeviceError, match="cannot be read"):
        agent.predict("x", {"screenshot": b"no picture"})


def test_a_failing_model_and_wrong_settings_are_errors() -> None:
    agent = agent_of([])
    agent.reset()
    with pytest.raises(ModelError):
        agent.predict("x", {"screenshot": png()})
    for options in ({"action_space": "claude"}, {"observation_type": "som"}, {"dialect": "none"}):
        with pytest.raises(SetupError):
            agent_of([], **options)


def test_what_cannot_be_said_goes_back_to_the_model() -> None:
    model = ScriptedModel([say(TypeText(text="żółw")), say(TypeText(text="tortoise"))])
    vm = Vm()
    run_single(HandeyeAgent(model, action_space="computer_13"), vm, 1)
    assert vm.actions == [{"action_type": "TYPING", "parameters": {"text": "tortoise"}}]
    assert "not carried out" in model.asked[1][-1].text


def step(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"action_type": kind, "parameters": parameters}


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        (
            Click(point=Point(1, 2), button="right", count=2, modifiers=("ctrl",)),
            [step("KEY_DOWN", key="ctrl"), step("CLICK", button="right", num_clicks=2, x=1, y=2), step("KEY_UP", key="ctrl")],
        ),
        (Move(point=Point(1, 2)), [step("MOVE_TO", x=1, y=2)]),
        (Drag(start=Point(1, 2), end=Point(3, 4)), [step("MOVE_TO", x=1, y=2), step("DRAG_TO", x=3, y=4)]),
        (Scroll(direction="down", amount=300), [step("SCROLL", dy=-5)]),
        (Scroll(direction="right", amount=1), [step("SCROLL", dx=1)]),
        (PressKeys(keys=("ctrl", "s")), [step("HOTKEY", keys=["ctrl", "s"])]),
        (PressKeys(keys=("enter",)), [step("PRESS", key="enter")]),
        (TypeText(text="<b\n"), [step("HOTKEY", keys=["shift", ","]), step("TYPING", text="b"), step("PRESS", key="enter")]),
        (Wait(seconds=3), ["WAIT"]),
    ],
)  # fmt: skip
def test_computer_13(action: Action, wanted: list[Any]) -> None:
    assert osworld_actions(action, "computer_13") == wanted


def check_line(line: str) -> None:
    """Only the known calls, constants for arguments, and nothing that OSWorld rewrites before it sends the line."""
    for statement in ast.parse(PREFIX + line).body[3:]:
        if isinstance(statement, ast.Import):
            assert [alias.name for alias in statement.names] in (["os"], ["pyperclip"])
            continue
        assert isinstance(statement, ast.Expr)
        call = statement.value
        assert isinstance(call, ast.Call)
        assert ast.unparse(call.func) in CALLS
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            assert isinstance(ast.literal_eval(value), str | int | float)
    assert "<" not in line
    assert "pyautogui.typewrite" not in line
    assert line.isascii()
    assert len(line) < 100_000


@given(any_action(SCREEN, TYPES))
def test_any_action_is_harmless_code(action: Action) -> None:
    try:
        lines = osworld_actions(action, "pyautogui")
    except InvalidAction:
        return
    for line in lines:
        assert isinstance(line, str)
        check_line(line)


@given(
    st.lists(st.sampled_from(["'", '"', "\\", "pyautogui.typewrite('<')", 'pyautogui.press("<")', "\n", "); import os", "\\u003c", "é"]))
)
def test_hostile_text_stays_text(parts: list[str]) -> None:
    typed = ""
    for line in osworld_actions(TypeText(text="".join(parts)), "pyautogui"):
        assert isinstance(line, str)
        check_line(line)
        for node in ast.walk(ast.parse(line)):
            if isinstance(node, ast.Call):
                typed += what_is_typed(ast.unparse(node.func), [ast.literal_eval(value) for value in node.args], bool(node.keywords))
    assert typed == "".join(parts)


def what_is_typed(name: str, arguments: list[Any], more: bool) -> str:
    match name, arguments:
        case "pyautogui.write", [text]:
            return str(text)
        case "pyautogui.hotkey", ["shift", ","]:
            return "<"
        case "pyautogui.press", ["enter"]:
            return "\n"
        case "pyperclip.copy", [text] if not more:
            return str(text)
        case _:
            return ""


@given(st.text())
def test_computer_13_never_breaks_its_quotes(text: str) -> None:
    try:
        steps = osworld_actions(TypeText(text=text), "computer_13")
    except InvalidAction:
        return
    for one in steps:
        assert isinstance(one, dict)
        key = one["parameters"].get("key", "")
        ast.parse(f"pyautogui.press('{key}')")


# For real


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    try:
        with VirtualDesktop.start() as started:
            yield started
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def driver(desktop: VirtualDesktop) -> Iterator[X11Driver]:
    opened_driver = X11Driver.open(desktop.display)
    yield opened_driver
    opened_driver.close()


@pytest.fixture(scope="module")
def perform(desktop: VirtualDesktop) -> Callable[[Action], float]:
    """Carries an action out as OSWorld's server does: a process for each line, whose output is waited for."""
    pytest.importorskip("pyperclip")
    environment = os.environ | {"DISPLAY": desktop.display}
    probe = subprocess.run([sys.executable, "-c", "import pyautogui"], env=environment, capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"pyautogui cannot be used here: {probe.stderr[-200:]}")

    def run(action: Action) -> float:
        begun = time.monotonic()
        for line in osworld_actions(action, "pyautogui"):
            command = [sys.executable, "-c", PREFIX + str(line)]
            with open(os.devnull) as nothing:
                done = subprocess.run(command, env=environment, stdin=nothing, capture_output=True, timeout=85)
            assert done.returncode == 0, done.stderr
        return time.monotonic() - begun

    return run


@pytest.fixture(scope="module")
def pad(desktop: VirtualDesktop, driver: X11Driver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TypingPad]:
    program = next(program for program in PROGRAMS if program.toolkit == "GTK")
    if program.missing:
        pytest.skip(f"{program.missing} is not installed")
    with opened(program, desktop, driver, tmp_path_factory.mktemp("pad")) as open_pad:
        yield open_pad


def test_plain_text_arrives_to_the_letter(pad: TypingPad, perform: Callable[[Action], float]) -> None:
    text = "".join(map(chr, range(0x21, 0x7F))) + '\n\tIt\'s "a\\b" <b>&amp;</b>; C:\\new'
    pad.clear()
    perform(TypeText(text=text))
    assert pad.text() == text


def test_any_other_text_is_pasted_and_nothing_hangs(pad: TypingPad, perform: Callable[[Action], float]) -> None:
    text = "Zażółć <gęślą> 'jaźń'\n你好 😀 \\u003c"
    pad.clear()
    assert perform(TypeText(text=text)) < 60
    assert pad.text() == text


def test_keys_and_clicks_do_what_they_say(pad: TypingPad, driver: X11Driver, perform: Callable[[Action], float]) -> None:
    pad.clear()
    perform(TypeText(text="one two"))
    perform(PressKeys(keys=("shift", "home")))
    perform(TypeText(text="three"))
    assert pad.text() == "three"
    perform(Move(point=Point(300, 310)))
    assert driver.pointer == Point(300, 310)
    perform(Drag(start=Point(300, 310), via=(Point(310, 330),), end=Point(320, 340)))
    assert driver.pointer == Point(320, 340)
    perform(Scroll(point=Point(330, 345), direction="down", amount=120))
    perform(LongPress(point=Point(335, 350), duration_s=0.1))
    assert driver.pointer == Point(335, 350)
