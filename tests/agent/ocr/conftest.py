"""Pages drawn with Pillow's own font, so that the tests read the same pixels on every machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from handeye.agent.messages import Message, Picture
from handeye.agent.models.ocr import OcrModel
from handeye.agent.models.ocr.reading import Reader
from handeye.tools.geometry import Box

pytest.importorskip("rapidocr")


class Page:
    """A picture of a page; each method draws one thing and returns its box."""

    def __init__(self, width: int = 644, height: int = 504, size: int = 24) -> None:
        self.image = Image.new("RGB", (width, height), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.size = size

    @property
    def pixels(self) -> Any:
        return np.asarray(self.image)

    def text(self, x: int, y: int, text: str, fill: str = "black", size: int = 0) -> Box:
        font = ImageFont.load_default(size or self.size)
        self.draw.text((x, y), text, fill=fill, font=font)
        return Box(*(round(value) for value in self.draw.textbbox((x, y), text, font=font)))

    def button(self, x: int, y: int, text: str, width: int = 160, fill: str = "#e8e8e8") -> Box:
        box = Box(x, y, x + width, y + 2 * self.size)
        self.draw.rounded_rectangle(box, 6, fill=fill, outline="#767676", width=2)
        font = ImageFont.load_default(self.size)
        self.draw.text(box.center, text, fill="black", font=font, anchor="mm")
        return box

    def field(self, x: int, y: int, text: str = "", width: int = 260, height: int = 0) -> Box:
        box = Box(x, y, x + width, y + (height or 2 * self.size))
        self.draw.rectangle(box, fill="white", outline="#767676", width=2)
        if text:
            self.text(x + 8, y + self.size // 2, text)
        return box

    def dropdown(self, x: int, y: int, text: str, width: int = 260) -> Box:
        box = self.field(x, y, text, width)
        right, middle = box.right - 18, box.center.y
        self.draw.polygon([(right - 9, middle - 5), (right + 9, middle - 5), (right, middle + 7)], fill="black")
        return box

    def checkbox(self, x: int, y: int, text: str = "", checked: bool = False) -> Box:
        box = Box(x, y, x + self.size, y + self.size)
        self.draw.rectangle(box, fill="#0075ff" if checked else "white", outline="#0075ff" if checked else "#767676", width=2)
        if checked:
            self.draw.line([(x + 5, y + 12), (x + 10, y + 18), (x + 19, y + 6)], fill="white", width=3)
        self.text(x + self.size + 12, y - 2, text)
        return box

    def radio(self, x: int, y: int, text: str = "", checked: bool = False) -> Box:
        box = Box(x, y, x + self.size + 4, y + self.size + 4)
        self.draw.ellipse(box, fill="white", outline="#0075ff" if checked else "#767676", width=2)
        if checked:
            self.draw.ellipse(box.grown(-7), fill="#0075ff")
        self.text(x + self.size + 14, y, text)
        return box


def request(goal: str, pixels: Any, calls: Sequence[dict[str, Any]] = ()) -> tuple[Message, ...]:
    steps = "".join(f"Step {number}: {json.dumps({'name': 'computer_use', 'arguments': call})}; " for number, call in enumerate(calls, 1))
    text = f"The user query: {goal}\nTask progress (You have done the following operation on the current device): {steps}\n"
    return Message("system", ('Tools: {"name": "computer_use"}',)), Message("user", (Picture(pixels), text))


def call_of(reply: str) -> dict[str, Any]:
    """The call in a reply of the documented form, and nothing but it."""
    thought, start, rest = reply.partition("\n<tool_call>\n")
    body, end, nothing = rest.partition("\n</tool_call>")
    assert all((thought, start, end))
    assert not nothing
    value = json.loads(body)
    assert value["name"] == "computer_use"
    arguments: dict[str, Any] = value["arguments"]
    return arguments


class Player:
    """Asks the model again and again, and keeps its calls."""

    def __init__(self, model: OcrModel, goal: str) -> None:
        self.model, self.goal = model, goal
        self.calls: list[dict[str, Any]] = []
        self.replies: list[str] = []

    def ask(self, page: Page) -> dict[str, Any]:
        reply = self.model.generate(request(self.goal, page.pixels, self.calls)).text
        self.replies.append(reply)
        self.calls.append(call_of(reply))
        return self.calls[-1]


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def new_page() -> type[Page]:
    return Page


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def model() -> OcrModel:
    return OcrModel()


@pytest.fixture
def play(model: OcrModel) -> Any:
    return lambda goal: Player(model, goal)
