"""How much faster the embedded model's next step is than its first look: it reads again only what changed."""

from __future__ import annotations

import statistics
import time

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handeye.agent.messages import Message, Picture
from handeye.agent.models.ocr import OcrModel
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, compared
from handeye.tools.device import Pixels

_SIZE = (1288, 812)
"""A 1280x800 screen as Qwen2.5-VL's dialect shows it."""
_ROWS = 15


def measure(repeats: int = 5) -> SpeedReport:
    """Medians over `repeats` of a whole `generate` on a page full of text: the first one, and those after changes of three sizes.

    Raises `SetupError` where rapidocr is not installed.
    """
    before = _page()
    changes: tuple[tuple[str, Pixels], ...] = (
        ("nothing changed", before),
        ("a word typed into a field", _page(typed="Hello there")),
        ("a line of text replaced", _page(line="A message that was not there before")),
        ("a list opened over the page", _page(menu=True)),
    )
    model = OcrModel()
    model.generate(_request(before))
    full = []
    for _ in range(repeats):
        model.forget()
        full.append(_seconds(model, _request(before)))
    first = statistics.median(full)
    rows = [SpeedRow("first look at a full page", first, "s")]
    cells = []
    for name, after in changes:
        times = []
        for _ in range(repeats):
            model.forget()
            model.generate(_request(before))
            times.append(_seconds(model, _request(after, later=True)))
        model.forget()
        model.generate(_request(before))
        read = model.generate(_request(after, later=True)).details["pixels_read"] / (_SIZE[0] * _SIZE[1])
        value = statistics.median(times)
        rows.append(compared(f"look after {name}, to the first look", value, "s", first))
        cells.append((name, f"{read:.1%}", f"{first / value:.1f}x"))
    table = SpeedTable("what is read again", ("change", "share of the picture", "faster than the first look"), tuple(cells))
    return SpeedReport("speed ocr", tuple(rows), (table,))


def _seconds(model: OcrModel, messages: tuple[Message, ...]) -> float:
    start = time.perf_counter()
    model.generate(messages)
    return time.perf_counter() - start


def _request(pixels: Pixels, later: bool = False) -> tuple[Message, ...]:
    steps = 'Step 1: {"name": "computer_use", "arguments": {"action": "wait", "time": 1}}; ' if later else ""
    text = (
        f'The user query: Click the "Save" button.\nTask progress (You have done the following operation on the current device): {steps}\n'
    )
    return (Message("user", (Picture(pixels), text)),)


def _page(typed: str = "", line: str = "", menu: bool = False) -> Pixels:
    image = Image.new("RGB", _SIZE, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(17)
    for row in range(_ROWS):
        y = 20 + 48 * row
        draw.text((30, y), line if line and row == 6 else f"Entry {row + 1} of a list that fills the page", fill="black", font=font)
        draw.text((560, y), f"changed on day {3 * row + 1}", fill="#444444", font=font)
        draw.rectangle((900, y - 6, 1180, y + 30), outline="#767676", width=2)
    draw.text((910, 20), typed, fill="black", font=font)
    draw.rounded_rectangle((30, 750, 180, 795), 6, fill="#e8e8e8", outline="#767676", width=2)
    draw.text((80, 760), "Save", fill="black", font=font)
    if menu:
        draw.rectangle((900, 150, 1180, 340), fill="white", outline="#767676", width=2)
        for row, name in enumerate(("Norway", "Sweden", "Iceland", "Denmark")):
            draw.text((915, 165 + 42 * row), name, fill="black", font=font)
    return np.asarray(image)
