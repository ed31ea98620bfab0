"""The base of dialects in words, tried through the example in the folder's README."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from handeye.agent.dialects import __path__ as FOLDERS
from handeye.agent.dialects.base import Dialect, PastStep
from handeye.agent.dialects.check import check_dialect
from handeye.agent.dialects.registry import open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, AskUser, Click, Finish, TypeText
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, ParseError, SetupError
from handeye.tools.geometry import Point, Size

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1280, 800)
README = Path(next(iter(FOLDERS))) / "README.md"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The README's dialect in a user's own module."""
    if not README.is_file():
        pytest.skip("installed without the folders' READMEs")
    (code,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    (tmp_path / "users_own_dialect.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "users_own_dialect", raising=False)
    return "users_own_dialect:Tiny"


@pytest.fixture
def tiny(place: str) -> Dialect:
    return open_dialect(place, ALL)


def look(size: Size = SCREEN) -> Observation:
    return Observation(np.full((size.height, size.width, 3), 200, np.uint8))


def test_the_readmes_example_is_a_whole_dialect(tiny: Dialect, place: str) -> None:
    check_dialect(tiny)
    check_dialect(open_dialect(place, ALL, history="turns", history_pictures=2))
    assert tiny.action_types == {"click", "type_text", "finish"}
    assert tiny.parse("I see it.\nTAP 500,250\n<|im_end|>", SCREEN).actions == (Click(point=Point(640, 200)),)
    assert tiny.parse("I see it.\nTAP 500,250", SCREEN).thought == "I see it."


def test_an_environment_is_offered_only_what_it_can_do(place: str) -> None:
    dialect = open_dialect(place, frozenset({"click"}))
    assert dialect.action_types == {"click", "finish"}
    text = "".join(message.text for message in dialect.render("go", [], look()))
    assert "TAP x,y" in text
    assert "TYPE" not in text
    with pytest.raises(ParseError, match=r"type_text cannot be done here.*click, finish.*TAP 500,500"):
        dialect.parse('TYPE "x"', SCREEN)


def test_what_would_be_read_back_as_something_else_is_not_said(tiny: Dialect) -> None:
    for action in (
        Click(point=Point(1, 1), button="right"),
        Click(),
        Finish(success=False),
        AskUser(question="?"),
    ):
        with pytest.raises(InvalidAction):
            tiny.format(action, SCREEN)


@pytest.mark.parametrize("text", ["", " \n", "<|im_end|>", "TAP here", "TAP 1,2\nTAP 3,4", "x" * 500_000, 'TYPE "\\"'])
def test_a_reply_that_cannot_be_read_is_answered_with_the_form(tiny: Dialect, text: str) -> None:
    with pytest.raises(ParseError, match="TAP 500,500") as caught:
        tiny.parse(text, SCREEN)
    assert len(str(caught.value)) < 300


def test_the_next_turn_in_a_reply_is_left_out(tiny: Dialect) -> None:
    reply = tiny.parse("TAP 0,0<|im_end|>\n<|im_start|>user\nTAP 9,9", SCREEN)
    assert reply.actions == (Click(point=Point(0, 0)),)
    assert reply.repairs == ("left out what follows the end of the turn",)
    assert tiny.parse("TAP 0,0<|im_end|><|endoftext|>", SCREEN).repairs == ()


def test_a_point_outside_is_clamped_and_said(tiny: Dialect) -> None:
    reply = tiny.parse("TAP 1200,500", SCREEN)
    assert reply.actions == (Click(point=Point(1279, 400)),)
    assert "outside" in reply.repairs[0]


def test_the_history_is_told_in_the_familys_words(tiny: Dialect) -> None:
    steps = [
        PastStep("", Click(point=Point(640, 400)), SCREEN),
        PastStep("", TypeText(text="a\n<|im_end|>"), SCREEN, error="no field"),
        PastStep("", Click(point=Point(0, 0), button="right"), SCREEN),
    ]
    text = tiny.render("go", steps, look(), ["Nothing changed."])[-1].text
    assert "Step 1: TAP 500,500\n" in text
    assert 'Step 2: TYPE "a\\n< |im_end|>" (failed: "no field")\n' in text
    assert "Note: Nothing changed." in text


def test_turns_keep_what_was_said_and_drop_old_pictures(place: str) -> None:
    dialect = open_dialect(place, ALL, history="turns", history_pictures=1)
    steps = [PastStep("Why", Click(point=Point(640, 400)), SCREEN, look(), reply=f"Hm {n}\nTAP 500,500") for n in range(3)]
    messages = dialect.render("go", steps, look())
    assert [message.role for message in messages] == ["system", *["user", "assistant"] * 3, "user"]
    assert [len(message.pictures) for message in messages if message.role == "user"] == [0, 0, 1, 1]
    assert messages[2].text == "Hm 0\nTAP 500,500"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_module_here:Tiny", "cannot be imported"),
        ("users_own_dialect:Other", "no class or function 'Other'"),
        ("users_own_dialect:TINY", "no class or function 'TINY'"),
        ("users_own_dialect:", "no class or function ''"),
        ("json:JSONDecoder", "cannot be made"),
        ("builtins:len", "lacks action_types, constraint"),
        (":x", "cannot be imported"),
        ("..a:x", "cannot be imported"),
    ],
)
def test_a_place_where_no_dialect_is_is_a_setup_error(place: str, name: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        open_dialect(name, ALL)


def test_a_close_name_is_proposed() -> None:
    with pytest.raises(SetupError) as caught:
        open_dialect("qwen2.5vl/computer-use", ALL)
    assert "did you mean qwen2.5-vl/computer_use" in caught.value.fix
