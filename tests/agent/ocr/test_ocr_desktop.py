"""The embedded model on a desktop: what it understands there, and what real programs have written to their files when it is done."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Limits, run_episode
from handeye.agent.models.base import Sampling
from handeye.agent.models.ocr import OcrModel
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.grammar import read_goal
from handeye.agent.models.ocr.instructions import Click, Enter, Instruction, Press, Target
from handeye.agent.models.ocr.reading import Line, Word
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.desktop_open import open_desktop
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box


def menu(name: str) -> Click:
    return Click(Target(name, f"{name} menu", "menu"))


def click(name: str, **how: Any) -> Click:
    return Click(Target(name, name), **how)


def typed(text: str, field: str = "") -> Enter:
    return Enter(text, Target(field, f"{field} field" if field else "", "field"))


def press(*keys: str) -> Press:
    return Press(keys)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Press F2", [press("f2")]),
        ('press "F2"', [press("f2")]),
        ("Press Delete", [press("delete")]),
        ("hit the Page Down key", [press("page_down")]),
        ("press ctrl++", [press("ctrl", "+")]),
        ("press Ctrl + Shift + S", [press("ctrl", "shift", "s")]),
        ("press ctrl-s to save", [press("ctrl", "s")]),
        ("press Down 3 times", [press("down")] * 3),
        ("press ctrl+a, Delete and then Tab twice", [press("ctrl", "a"), press("delete"), press("tab"), press("tab")]),
        ("save the file with ctrl+s", [press("ctrl", "s")]),
        ("use ctrl+q to leave", [press("ctrl", "q")]),
        ("save the document", [press("ctrl", "s")]),
        ("press OK", [click("OK")]),
        ("press Next", [click("Next")]),
        ('Type "a, b" and press ctrl+s', [typed("a, b"), press("ctrl", "s")]),
        ('Open the "Edit" menu and click "Find and Replace..."', [menu("Edit"), click("Find and Replace...")]),
        ('Click "File" and click "Save As..."', [click("File"), click("Save As...")]),
        ("Click on File.", [click("File")]),
        ("Click File > Save As...", [menu("File"), click("Save As")]),
        ('Choose "Copy" from the "Edit" menu', [menu("Edit"), click("Copy")]),
        ('In the View menu, click "Line Numbers"', [menu("View"), click("Line Numbers")]),
        ('Double-click "notes.txt"', [click("notes.txt", count=2)]),
        ('Right-click "old.txt" and click "Rename..."', [click("old.txt", button="right"), click("Rename...")]),
        ('Enter "x" into the "Name" field and click "Rename"', [typed("x", "Name"), click("Rename")]),
        ("Close the window", [press("alt", "f4")]),
        ('Close the "Preferences" window.', [click("Preferences"), press("alt", "f4")]),
        ("close the tab", [press("ctrl", "w")]),
    ],
)
def test_understands_what_is_said_about_desktops(goal: str, expected: Sequence[Instruction]) -> None:
    assert [*read_goal(goal, desktop=True)] == [*expected]


def test_on_other_screens_words_of_buttons_stay_buttons() -> None:
    assert read_goal("Press Delete") == (click("Delete"),)
    assert read_goal("Press F2, then close the window")[0] == click("F2")


@pytest.mark.parametrize(("said", "seen"), [("OK", "QK"), ("File", "Eile"), ("Replace", "Reploce")])
def test_a_letter_with_a_line_under_it_may_look_like_another(said: str, seen: str) -> None:
    box = Box(100, 100, 160, 120)
    line = Line(seen, box, (Word(seen, box),), 1.0)
    screen = Screen(640, 480, 20, (line,), (), (Element("button", box, seen),), desktop=True)
    assert [found.box for found in find(screen, Target(said, said))] == [box]


def carried_out(model: OcrModel, tmp_path: Path, program: Sequence[str], goal: str) -> Path:
    """The home folder after `goal` was carried out in `program`, in whose command `~` is that folder."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    home = tmp_path / "home"
    home.mkdir()
    (home / "old.txt").write_text("Mix flour and milk.\n")
    line = " ".join(word.replace("~", str(home)) for word in program)
    try:
        env = open_desktop({"virtual": True, "program": [line], "home": str(home)})
    except SetupError as error:
        pytest.skip(str(error))
    try:
        agent = Agent(model, open_dialect("qwen2.5-vl/computer_use", env.action_types | LOOP_ACTIONS), Sampling())
        result = run_episode(goal, env, agent, tmp_path / "run", limits=Limits(steps=15))
    finally:
        env.close()
    assert result.outcome == "reached", result.message
    return home


def test_types_and_presses_a_chord_in_an_editor(model: OcrModel, tmp_path: Path) -> None:
    home = carried_out(model, tmp_path, ("mousepad", "~/old.txt"), 'Press ctrl+End, type "Bake it żółw." and save the file with ctrl+s')
    assert (home / "old.txt").read_text() == "Mix flour and milk.\nBake it żółw."


def test_goes_through_a_menu_and_a_dialog(model: OcrModel, tmp_path: Path) -> None:
    goal = 'Right-click "old.txt" and click "Rename...", enter "new.txt" into the "new name" field and click "OK"'
    home = carried_out(model, tmp_path, ("pcmanfm", "~"), goal)
    assert [path.name for path in home.glob("*.txt")] == ["new.txt"]


def test_gives_a_terminal_a_command(model: OcrModel, tmp_path: Path) -> None:
    home = carried_out(model, tmp_path, ("xterm",), 'Type "wc -l < ~/old.txt > ~/count" and press Enter, then close the window')
    assert (home / "count").read_text().strip() == "1"
