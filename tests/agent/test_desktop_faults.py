"""What goes wrong on a desktop in the middle of a run: the loop ends or goes on in good order, and nothing stays pressed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from handeye.agent import load_trajectory
from handeye.envs.actions import Action, Click, Finish, PressKeys, TypeText, Wait
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Point
from tests.agent.desk import Desk
from tests.waiting import until


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk.start(tmp_path / "home", "640x480")) as desk:
        yield desk


def owner(display: str, resource: int = 0) -> int:
    """The process that made a window of a display; for 0 the X server itself."""
    from Xlib.display import Display

    with closing(Display(display)) as opened:
        told = opened.res_query_client_ids([{"client": resource, "mask": 2}]).ids
    return int(next(one.value[0] for one in told if resource or one.spec.client == 0))


def manager(display: str) -> int:
    """The process of the window manager."""
    from Xlib.display import Display

    with closing(Display(display)) as opened:
        shown = opened.screen().root.get_full_property(opened.intern_atom("_NET_SUPPORTING_WM_CHECK"), 0)
        window = int(shown.value[0])
    return owner(display, window)


def pressed(display: str) -> list[int]:
    """Keys and buttons that are down."""
    from Xlib.display import Display

    with closing(Display(display)) as opened:
        keys = [number for number, bits in enumerate(opened.query_keymap()) if bits]
        return keys + ([opened.screen().root.query_pointer().mask] if opened.screen().root.query_pointer().mask else [])


def test_the_display_dies(desk: Desk, tmp_path: Path) -> None:
    desk.run("xterm", "-e", "sh")

    # In words beforehand: to say an action asks the driver for the screen's size, and the driver may know already that it is gone.
    typing, waiting = desk.say(TypeText(text="echo one\n")), desk.say(Wait(seconds=0.1))

    def replies() -> Iterator[str]:
        yield typing
        os.kill(owner(desk.desktop.display), signal.SIGKILL)
        for _ in range(20):
            yield waiting

    played = desk.talk(tmp_path / "run", replies())
    assert played.result.outcome == "device_error"
    assert desk.desktop.display in played.result.message or "display" in played.result.message
    assert played.run.steps[-1].error == played.result.message
    assert load_trajectory(tmp_path / "run").result == played.result
    with pytest.raises(DeviceError):
        desk.env.reset()


def test_the_display_of_a_command_line_run_dies(tmp_path: Path) -> None:
    said, replies, out = tmp_path / "said", tmp_path / "replies.jsonl", tmp_path / "run"
    call = {"name": "computer_use", "arguments": {"action": "wait", "time": 0.2}}
    replies.write_text((json.dumps(f"<tool_call>\n{json.dumps(call)}\n</tool_call>") + "\n") * 200)
    shell = f"sh -c 'echo $DISPLAY > {said}; exec sh'"
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", "run", "Wait", "--env", "desktop", "--virtual"]
    command += ["--program", f"xterm -e {shell}", "--model", f"scripted:{replies}", "--out", str(out), "--json", "--steps", "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            until(lambda: (out / "steps.jsonl").exists() and (out / "steps.jsonl").read_text())
            os.kill(owner(said.read_text().strip()), signal.SIGKILL)
            told, _ = process.communicate(timeout=90)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
    assert process.returncode == 1
    assert json.loads(told)["outcome"] == "device_error"
    assert load_trajectory(out).steps[-1].error


def test_the_window_manager_is_killed(desk: Desk, tmp_path: Path) -> None:
    made = tmp_path / "made"
    desk.run("xterm", "-e", "sh")

    def actions() -> Iterator[Action]:
        yield TypeText(text=f"echo one >> {made}\n")
        os.kill(manager(desk.desktop.display), signal.SIGKILL)
        # What the model would do: it looks, and clicks where it wants to type.
        yield Wait(seconds=0.1)
        yield Click(point=desk.driver.windows()[-1].box.center)
        yield TypeText(text=f"echo two >> {made}\n")

    played = desk.play(tmp_path / "run", actions())
    assert played.result.success
    assert not played.refused
    assert until(lambda: made.exists() and len(made.read_text().split()) == 2)


def test_the_program_crashes(desk: Desk, tmp_path: Path) -> None:
    pid = desk.run("xterm", "-T", "Victim", "-e", "sh")

    def actions() -> Iterator[Action]:
        yield TypeText(text="echo one\n")
        os.kill(pid, signal.SIGSEGV)
        until(lambda: not desk.driver.windows())
        yield TypeText(text="this has nowhere to go")
        yield PressKeys(keys=("ctrl", "alt", "k"))

    played = desk.play(tmp_path / "run", actions())
    assert played.result.outcome == "reached"
    assert played.refused == ['The window "Victim" was closed since the last picture, so the action was not carried out. Look again.']
    assert 'The window "Victim" is closed.' in played.notes
    assert not pressed(desk.desktop.display)


def test_a_point_outside_of_the_screen(desk: Desk, tmp_path: Path) -> None:
    call = {"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [5000, 30]}}
    outside = f"<tool_call>\n{json.dumps(call)}\n</tool_call>"
    played = desk.talk(tmp_path / "run", iter([outside, desk.say(Click(point=Point(639, 479))), desk.say(Finish())]))
    assert played.result.success
    assert "moved to its edge" in played.run.steps[0].repairs[0]
    assert desk.driver.pointer == Point(639, 479)


def test_ten_thousand_characters(desk: Desk, tmp_path: Path) -> None:
    made = tmp_path / "made"
    desk.run("xterm", "-e", "sh", "-c", f"stty -echo -icanon; exec cat > {made}")
    text = "".join(f"{number:04} Zażółć gęślą <jaźń> & 你好 €~\n" for number in range(304))
    assert 9_900 < len(text) < 10_100
    played = desk.play(tmp_path / "run", [TypeText(text=text), PressKeys(keys=("ctrl", "shift", "alt", "F12"))])
    assert not played.refused
    until(lambda: made.stat().st_size >= len(text.encode()))
    assert made.read_text()[: len(text)] == text
    assert not pressed(desk.desktop.display)
