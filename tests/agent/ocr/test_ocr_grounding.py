"""The embedded model asked where something is: instructions that name what is written, answers in the form that was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.messages import Message, Picture
from handeye.agent.models.ocr import OcrModel
from handeye.agent.models.ocr.grounding import ground
from handeye.agent.models.ocr.reading import Reader
from handeye.agent.models.ocr.screen import understand
from handeye.envs.observation import Observation
from handeye.tools.geometry import Box, Point

BEGINNING = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": ['


@pytest.fixture(scope="module")
def settings() -> tuple[Any, dict[str, Box]]:
    from tests.agent.ocr.conftest import Page

    page = Page(868, 588, size=22)
    boxes = {
        "Documents": page.text(40, 40, "Documents"),
        "Sounds": page.text(240, 40, "Sounds"),
        "Privacy & security details": page.text(40, 120, "Privacy & security details"),
        "Reset password": page.button(40, 200, "Reset password", width=240),
        "Sign in": page.button(320, 200, "Sign in"),
        "Search Wikidata": page.field(520, 20, "Search Wikidata", width=300),
        "Advanced options": page.text(40, 420, "Advanced options"),
        "English": page.text(500, 420, "English"),
    }
    return page, boxes


@pytest.mark.parametrize(
    ("instruction", "name"),
    [
        ("switch to documents", "Documents"),
        ("open sounds", "Sounds"),
        ("view privacy & security details", "Privacy & security details"),
        ("reset the password", "Reset password"),
        ("sign in the website", "Sign in"),
        ("input word to search in wikidata", "Search Wikidata"),
        ("Expand the advanced options in the window that floats on top.", "Advanced options"),
        ('Click "English"', "English"),
    ],
)
def test_finds_what_an_instruction_names(settings: tuple[Any, dict[str, Box]], reader: Reader, instruction: str, name: str) -> None:
    page, boxes = settings
    found = ground(understand(page.pixels, reader.read(page.pixels), ""), instruction)
    assert found is not None
    assert boxes[name].grown(3).contains(found.box.center)


@pytest.mark.parametrize("instruction", ["add a calendar", "the blue whale", "shut the door", ""])
def test_says_that_it_finds_nothing(settings: tuple[Any, dict[str, Box]], reader: Reader, instruction: str) -> None:
    page, _ = settings
    assert ground(understand(page.pixels, reader.read(page.pixels), ""), instruction) is None


def test_answers_in_the_form_that_was_asked_for(settings: tuple[Any, dict[str, Box]], model: OcrModel) -> None:
    page, boxes = settings
    dialect = QwenPoint()
    observation = Observation(page.pixels)
    reply = model.generate(dialect.render("switch to documents", (), observation)).text
    (found,) = dialect.locate(reply, observation.size)
    assert boxes["Documents"].grown(3).contains(found.point)
    assert json.loads(model.generate(dialect.render("add a calendar", (), observation)).text[8:-4]) == []
    user = Message("user", (Picture(page.pixels), "switch to documents"))
    begun = model.generate([user, Message("assistant", (BEGINNING,))]).text
    call = json.loads((BEGINNING + begun).removeprefix("<tool_call>\n").removesuffix("\n</tool_call>"))
    assert boxes["Documents"].grown(3).contains(Point(*call["arguments"]["coordinate"]))
    lost = model.generate([Message("user", (Picture(page.pixels), "add a calendar")), Message("assistant", (BEGINNING,))]).text
    assert lost == "-1, -1]}}\n</tool_call>"


def test_an_answer_does_not_depend_on_what_was_asked_before(settings: tuple[Any, dict[str, Box]]) -> None:
    page, _ = settings
    part = page.pixels[:168, :448].copy()
    other = part.copy()
    other[110:160] = 255
    dialect, model = QwenPoint(), OcrModel()
    first, _, again = [model.generate(dialect.render("open sounds", (), Observation(pixels))).text for pixels in (part, other, part)]
    assert first == again
    assert "Sounds" in first
    model.close()


def test_other_beginnings_are_answered_with_a_whole_call(settings: tuple[Any, dict[str, Box]], model: OcrModel) -> None:
    page, _ = settings
    asked = [Message("user", (Picture(page.pixels), 'The user query: click "Sign in"\n')), Message("assistant", ("Well, ",))]
    assert model.generate(asked).text.endswith("</tool_call>")
